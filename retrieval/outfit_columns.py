"""The catalog as pairing sees it: for every item, in catalog order, the few numbers by which pieces are held against one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Product, Role, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.colors import Palette

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

ROLES: tuple[Role, ...] = get_args(Role)

WEARERS = {
    "women": 0b00001,
    "men": 0b00010,
    "unisex": 0b00011,
    "girls": 0b00100,
    "boys": 0b01000,
    "kids": 0b01100,
    "baby": 0b10000,
}
"""Who may wear an item, one bit each: a look needs one wearer whom all its pieces fit."""

ADULTS, CHILDREN = 0b00011, 0b11100

SEASONS = ("spring", "summer", "autumn", "winter")
ALL_SEASON = "all season"

QUIET_PATTERNS = frozenset(
    ("solid", "melange", "textured", "pinstripe", "jacquard", "embroidered", "applique", "quilted pattern", "colour block")
)
"""Patterns that leave room for another; all others are loud, and a look has one loud piece at most."""

IN_THE_BAG = frozenset(
    ("wallet", "card holder", "phone case", "tablet case", "headphones", "keyring", "passport holder", "pouch")
)
NOT_WORN = IN_THE_BAG | {"umbrella", "glasses", "collar", "suitcase", "weekend bag", "slippers"}
"""Types that have a role by their kind but make no look."""

TAILORED_WHOLE = ("suit",)
UNDER_A_SUIT = ("shirt", "blouse")
"""What is worn beneath it."""

TAILORED_PART = ("blazer", "suit jacket", "waistcoat")
"""Who wears the one has no place for the other, though their roles differ."""

RELATED = 0.6
"""What a value counts for where another of its family is asked."""

PRIOR_STARS, PRIOR_COUNT = 4.0, 10
"""A rating counts as if so many reviews of so many stars came first (shrinkage towards the usual)."""


class Values:
    """A slot of many values over n items and the k `names` of the vocabulary, float32 (n, k) of ones and zeros each.

    `stated`: the item says so. `holds`: it states the value or one that the value includes. `meets`: 1 where it states the value,
    `RELATED` where it states one that the value includes or one that includes it; so running shoes meet "sports" and sports socks meet
    "running", but ski trousers do not.
    """

    def __init__(self, slot: ValueSlot, stated: Sequence[Sequence[str]], vocabulary: Vocabulary) -> None:
        self.names = vocabulary.values(slot)
        place = {name: column for column, name in enumerate(self.names)}
        includes = np.zeros((len(place), len(place)), dtype=np.float32)
        for name, row in place.items():
            includes[row, [place[inner] for inner in vocabulary.expand(slot, name) if inner in place]] = 1.0
        self.stated: Floats = np.zeros((len(stated), len(place)), dtype=np.float32)
        for row, values in enumerate(stated):
            self.stated[row, [place[value] for value in values if value in place]] = 1.0
        self.holds: Floats = (self.stated @ includes.T > 0).astype(np.float32)
        related = self.stated @ np.maximum(includes, includes.T) > 0
        self.meets: Floats = np.maximum(self.stated, np.float32(RELATED) * related)


class OutfitColumns:
    """Row i of every array is `products[i]`; n items.

    `role` int8 (n,) index into `ROLES`; `kind` int64 (n,) index into `kinds`, the last for no type; `wearers` uint8 (n,) bits;
    `formality` float32 (n,) 1 to 5, the type's own where the item states none, NaN where neither does; `occasions`, `styles`:
    `Values` over the vocabulary's; `seasons` bool (n, 4); `main`, `second` int64 (n,) places in the palette; `loud`, `whole_suit`,
    `under_suit`, `suit_part` bool (n,); `price` float64 (n,) minor units, NaN where unpriced; `level` float32 (n,)
    standard deviations of the price's logarithm from its type's mean; `stars` float32 (n,) 0 to 1.
    """

    def __init__(self, products: Sequence[Product], vocabulary: Vocabulary) -> None:
        self.palette = Palette(vocabulary)
        self.kinds = tuple(sorted({p.product_type for p in products if p.product_type is not None}))
        places = {kind: place for place, kind in enumerate(self.kinds)}
        self.kind: Rows = np.array([places.get(p.product_type or "", len(places)) for p in products], dtype=np.int64)
        roles = [self._role(p, vocabulary) for p in products]
        self.role = np.array([ROLES.index(role) for role in roles], dtype=np.int8)
        self.wearers = np.array([_wearers(p, vocabulary) for p in products], dtype=np.uint8)
        self.formality = np.array([_formality(p, vocabulary) for p in products], dtype=np.float32)
        self.occasions = Values("occasion", [p.occasions for p in products], vocabulary)
        self.seasons: Mask = np.array([[_in_season(p, season) for season in SEASONS] for p in products], dtype=np.bool_)
        self.styles = Values("style", [p.styles for p in products], vocabulary)
        self.main: Rows = np.array([self.palette.place(next(iter(p.colors), None)) for p in products], dtype=np.int64)
        self.second: Rows = np.array(
            [self.palette.place(next(iter(p.colors[1:2] or p.colors), None)) for p in products], dtype=np.int64
        )
        self.loud: Mask = np.array([not QUIET_PATTERNS.issuperset(p.patterns) for p in products], dtype=np.bool_)
        self.under_suit: Mask = np.array([p.product_type in UNDER_A_SUIT for p in products], dtype=np.bool_)
        self.whole_suit: Mask = np.array([p.product_type in TAILORED_WHOLE for p in products], dtype=np.bool_)
        self.suit_part: Mask = np.array([p.product_type in TAILORED_PART for p in products], dtype=np.bool_)
        self.price = np.array([np.nan if p.price is None else p.price.amount_minor for p in products], dtype=np.float64)
        self.level = _levels(self.price, self.kind)
        self.stars = np.array([_stars(p) for p in products], dtype=np.float32)

    def __len__(self) -> int:
        return len(self.kind)

    @staticmethod
    def _role(product: Product, vocabulary: Vocabulary) -> Role:
        return "other" if product.product_type in NOT_WORN else vocabulary.role(product.product_type)


def _wearers(product: Product, vocabulary: Vocabulary) -> int:
    """An item that does not say for whom it is passes for an adult's, unless its type is sized by a child's height."""
    bits = 0
    for value in product.gender:
        bits |= WEARERS.get(value, 0)
    if bits:
        return bits
    sizes = vocabulary.entry("category", product.product_type).sizes if product.product_type else None
    return CHILDREN if sizes == "height" else ADULTS


def _formality(product: Product, vocabulary: Vocabulary) -> float:
    own = product.formality
    usual = vocabulary.entry("category", product.product_type).formality if product.product_type else None
    return float(own or usual or np.nan)


def _in_season(product: Product, season: str) -> bool:
    return season in product.seasons or ALL_SEASON in product.seasons


def _levels(price: NDArray[np.float64], kind: Rows) -> Floats:
    """How dear an item is for its type: (log price - mean) / deviation within the type; 0 where there is nothing to compare with."""
    level = np.zeros(len(price), dtype=np.float32)
    log = np.log(np.maximum(price, 1.0))
    for each in np.unique(kind):
        rows = np.flatnonzero((kind == each) & ~np.isnan(price))
        deviation = log[rows].std() if len(rows) else 0.0
        if deviation > 0:
            level[rows] = (log[rows] - log[rows].mean()) / deviation
    return level


def _stars(product: Product) -> float:
    count = product.rating_count if product.rating is not None else 0
    mean = ((product.rating or 0.0) * count + PRIOR_STARS * PRIOR_COUNT) / (count + PRIOR_COUNT)
    return (mean - 1) / 4
