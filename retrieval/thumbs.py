"""What a word on one item says of others: a like lifts what is near it, a rejection lowers what is like the item in what was wrong with it.

No interaction of anybody is needed. The result is added to the log odds of `retrieval/reranker.py`, in which one standard deviation of
a part is worth about 1:

liked       + LIKED * nearness to the nearest liked item
rejected    - AT_FAULT * likeness, by what was wrong (the fault):
                price    costs as much or more: 1, else 0
                style    the share of type, pattern, style and colour, as far as the rejected item states them, that it has as well
                fit      the fit
                quality  the brand and the material, as for style
            - REJECTED * nearness, where nobody said what was wrong, or the item does not state it

Nearness is max(0, cosine)^4 of the items' vectors: .66 at .9, .13 at .6. Several rejections for one fault join as independent causes do,
1 - prod(1 - likeness), so that each weighs and none outweighs all else; a rejection never lifts anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from catalog_data.schema import Catalog, Product, ValueSlot
from retrieval.protocols import Floats, Rows
from retrieval.schema import Fault, ItemQuery, Rejection
from retrieval.scorer import Values

LIKED, REJECTED, AT_FAULT = 0.5, 0.75, 1.5
SHARPNESS = 4

SHARED: Mapping[Fault, tuple[ValueSlot, ...]] = MappingProxyType(
    {"style": ("category", "pattern", "style", "color"), "fit": ("fit",), "quality": ("brand", "material")}
)
"""By fault: the slots in which what is like the rejected item falls."""


class Thumbs:
    """Reads the likes and rejections of queries over one catalog. `vectors` float32 (n, d) of length 1 in the catalog's order, or None:
    then nothing is near anything. Read-only, and safe to share between threads."""

    def __init__(self, catalog: Catalog, vectors: Floats | None) -> None:
        self._products, self._vectors = catalog.products, vectors
        self._row_of = {product.product_id: row for row, product in enumerate(catalog.products)}

    def shift(self, query: ItemQuery, rows: Rows) -> Values:
        """float64 (len(rows),): what is added to the log odds of the items at `rows`, in [-REJECTED - 4 * AT_FAULT, LIKED]."""
        shift = np.zeros(len(rows))
        down = {each.product_id: each for each in query.turned_down if each.product_id in self._row_of}
        liked = [self._row_of[each] for each in query.liked if each in self._row_of and each not in down]
        if liked:
            shift += LIKED * np.max([self._nearness(row, rows) for row in liked], axis=0)
        others = Stated([self._products[row] for row in rows]) if down else Stated(())
        spared: dict[Fault | None, Values] = {}
        for rejection in down.values():
            fault, likeness = self._likeness(rejection, rows, others)
            spared[fault] = spared.get(fault, np.ones(len(rows))) * (1 - likeness)
        for fault, rest in spared.items():
            shift -= (REJECTED if fault is None else AT_FAULT) * (1 - rest)
        return shift

    def _likeness(self, rejection: Rejection, rows: Rows, others: Stated) -> tuple[Fault | None, Values]:
        """The fault that counts, and float64 (len(rows),) in [0, 1]: how much each item has of it."""
        row = self._row_of[rejection.product_id]
        likeness = like_in(self._products[row], rejection.fault, others) if rejection.fault is not None else None
        return (None, self._nearness(row, rows)) if likeness is None else (rejection.fault, likeness)

    def _nearness(self, row: int, rows: Rows) -> Values:
        """float64 (len(rows),) in [0, 1]."""
        if self._vectors is None:
            return np.zeros(len(rows))
        cosine = (self._vectors[rows] @ self._vectors[row]).astype(np.float64)
        near: Values = np.clip(cosine, 0.0, 1.0) ** SHARPNESS
        return near


class Stated:
    """What some items state, read once for each slot that is asked for."""

    def __init__(self, products: Sequence[Product]) -> None:
        self.products = products
        self._values: dict[ValueSlot, list[frozenset[str]]] = {}

    def values(self, slot: ValueSlot) -> list[frozenset[str]]:
        """Of each item."""
        if slot not in self._values:
            self._values[slot] = [frozenset(product.values(slot)) for product in self.products]
        return self._values[slot]


def like_in(rejected: Product, fault: Fault, others: Stated) -> Values | None:
    """float64 (n,) in [0, 1]: how much each of the n others has of what was wrong with `rejected`; None where the shop does not state of it
    what could be wrong."""
    if fault == "price":
        return _as_dear(rejected, others)
    stated = [(slot, values) for slot in SHARED.get(fault, ()) if (values := rejected.values(slot))]
    if not stated:
        return None
    shared = [[not mine.isdisjoint(values) for mine in others.values(slot)] for slot, values in stated]
    mean: Values = np.array(shared, dtype=np.float64).mean(axis=0)
    return mean


def _as_dear(rejected: Product, others: Stated) -> Values | None:
    if rejected.price is None:
        return None
    limit, currency = rejected.price.amount_minor, rejected.price.currency
    prices = [product.price for product in others.products]
    dear = [price is not None and price.currency == currency and price.amount_minor >= limit for price in prices]
    return np.array(dear, dtype=np.float64)
