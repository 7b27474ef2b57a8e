"""Failures of the catalog, sorted by who must act.

CatalogError                 a shop owner must act
├── CatalogNotFound          no catalog where SHOPGUIDE_CATALOG points
├── CatalogEmpty             files were read and not one good item came out
├── CatalogUnreadable        a file cannot be opened, decoded or recognised at all
└── VocabularyInvalid        the vocabulary file contradicts itself
"""


class CatalogError(Exception):
    """Something a shop owner can mend; the message says what was found, what is allowed and what to do."""


class CatalogNotFound(CatalogError):
    """The folder or file that was named is not there."""


class CatalogEmpty(CatalogError):
    """Nothing usable was left after the bad rows were put aside."""


class CatalogUnreadable(CatalogError):
    """A file could not be opened, decoded, or recognised as a form that we read."""


class VocabularyInvalid(CatalogError):
    """The vocabulary file names a value that it does not define, or defines one twice."""
