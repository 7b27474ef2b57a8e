"""Failures of retrieval, sorted by who must act.

RetrievalError               base
├── IndexUnusable            the vector index cannot be opened, is stale or torn (the caller falls back to exact search and rebuilds)
├── EmbedderUnavailable      the shop owner must install the package that ships the weights, or the weights have the wrong hash
├── UnknownProduct           a developer named an item that the catalog does not hold
├── TasteUnusable            the shop owner must train the sequence model again, or delete what was kept of it
└── UnpricedProduct          an item without a price, or priced in another currency, was put into a basket
"""


class RetrievalError(Exception):
    """Base of all failures of retrieval."""


class IndexUnusable(RetrievalError):
    """The folder of vectors cannot be opened, belongs to another catalog or model, or is incomplete."""


class EmbedderUnavailable(RetrievalError):
    """The sentence model cannot be loaded as recorded; the message says what to install."""


class UnknownProduct(RetrievalError):
    """An id that is not in the catalog was passed where one that is must be."""


class UnpricedProduct(RetrievalError):
    """A basket holds an item whose price is not known in the basket's currency; the message names it."""


class TasteUnusable(RetrievalError):
    """The sequence model cannot be read as it was kept, or there is too little to train one on; the message says what to do."""
