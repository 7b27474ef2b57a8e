"""A drawn shop of any size for the latency benchmark: items with uneven values, their vectors, and wishes that keep a wanted share of them.

Values follow Zipf's law (few common types and colours, many rare ones), prices are log-normal. An item's vector is the sum of the
directions of its text's words, as texts of one type lie near one another in a sentence model's space; every title has a word of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Catalog, Manifest, Money, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary, normalise
from retrieval.columns import Columns
from retrieval.protocols import Floats
from retrieval.schema import Constraint, RangeConstraint, ValueConstraint

DIMENSION = 384
"""As the product's own sentence model has."""
SEED = 7
BRANDS = 400
SLOTS: tuple[ValueSlot, ...] = ("category", "color", "material")
GENDERS = (("women", 0.45), ("unisex", 0.05), ("men", 0.35), ("girls", 0.05), ("boys", 0.05), ("baby", 0.05))
QUERIES = 60


class DrawnEmbedder:
    """Keeps the `Embedder` protocol: words hashed to directions. Words with a digit name one item each and are not remembered."""

    def __init__(self) -> None:
        self._known: dict[str, Floats] = {}
        self._asked: dict[str, Floats] = {}

    @property
    def model_id(self) -> str:
        """Names the drawing."""
        return f"drawn-{DIMENSION}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return DIMENSION

    def remember(self, queries: Sequence[str]) -> None:
        """Works out the vectors of these texts now, so that a search for one is timed without it."""
        for text in queries:
            self._asked[text] = self._vector(text)

    def embed(self, texts: Sequence[str]) -> Floats:
        """(len(texts), 384) float32 of length 1."""
        known = self._asked
        return np.stack([known[text] if text in known else self._vector(text) for text in texts])

    def _vector(self, text: str) -> Floats:
        total = np.sum([self._direction(word) for word in normalise(text).split() or [""]], axis=0)
        unit: Floats = (total / np.linalg.norm(total)).astype(np.float32)
        return unit

    def _direction(self, word: str) -> Floats:
        if word in self._known:
            return self._known[word]
        seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
        drawn = np.random.Generator(np.random.SFC64(seed)).standard_normal(DIMENSION, dtype=np.float32)
        if not any(char.isdigit() for char in word):
            self._known[word] = drawn
        return drawn


def zipf(count: int) -> NDArray[np.float64]:
    """(count,) shares that sum to 1, the k-th proportional to 1 / k."""
    shares = 1.0 / np.arange(1, count + 1)
    uneven: NDArray[np.float64] = shares / shares.sum()
    return uneven


def drawn_shop(count: int, vocabulary: Vocabulary) -> Catalog:
    """`count` items; the same ones each time."""
    rng = np.random.default_rng(SEED)

    def values(words: Sequence[str]) -> NDArray[np.str_]:
        return np.array(words)[rng.choice(len(words), count, p=zipf(len(words)))]

    types, colors, materials = (values(_plain(vocabulary, slot)) for slot in SLOTS)
    brands = values([f"Maker{number}" for number in range(BRANDS)])
    genders = np.array([name for name, _ in GENDERS])[rng.choice(len(GENDERS), count, p=[share for _, share in GENDERS])]
    prices = np.round(np.exp(rng.normal(np.log(5000), 0.8, count))).astype(np.int64)
    products = tuple(
        Product(
            product_id=f"d{row}",
            title=f"{colors[row]} {materials[row]} {types[row]} n{row}",
            product_type=str(types[row]),
            brand=str(brands[row]),
            gender=(str(genders[row]),),
            colors=(str(colors[row]),),
            materials=(str(materials[row]),),
            price=Money(amount_minor=int(prices[row]), currency="EUR"),
        )
        for row in range(count)
    )
    manifest = Manifest(catalog_id=f"drawn-{count}", name=f"{count:,} drawn items", currency="EUR")
    return Catalog(manifest=manifest, products=products, digest=f"{count:064d}")


def _plain(vocabulary: Vocabulary, slot: ValueSlot) -> list[str]:
    """The values of a slot that an item may state."""
    return [value for value in vocabulary.values(slot) if not vocabulary.entry(slot, value).umbrella]


@dataclass(frozen=True)
class Wish:
    """Hard constraints that keep about `share` of a shop's items, `kept` of them. Where `bound` is given, a price of at most so many minor
    units is one of them."""

    share: float
    values: tuple[ValueConstraint, ...]
    bound: int | None
    kept: int

    def constraints(self, number: int) -> tuple[Constraint, ...]:
        """The constraints as the shopper `number` says them: each says another bound, a fraction of a cent above, which keeps the same
        items. So no mask of a price is one that an earlier search left behind."""
        if self.bound is None:
            return self.values
        return (*self.values, RangeConstraint(slot="price", maximum=self.bound + number / 1_000))


def wishes(columns: Columns, shares: Sequence[float]) -> tuple[Wish, ...]:
    """For each share the constraints that keep about so much: for women where it is half, then a type too, then a colour too; what they
    keep beyond the share is cut by a price."""
    women = ValueConstraint(slot="gender", values=("women",))
    found = []
    for share in shares:
        wanted = max(1, round(share * len(columns)))
        values: tuple[ValueConstraint, ...] = (women,)
        for slot in SLOTS[: 0 if share >= 0.5 else 1 if share >= 0.01 else 2]:
            values = (*values, _narrowest(columns, values, slot, wanted))
        prices = np.sort(columns.price[columns.mask(values, True)])
        bound = int(prices[wanted - 1]) if share < 0.5 and len(prices) > wanted else None
        kept = int(len(prices) if bound is None else np.count_nonzero(prices <= bound))
        found.append(Wish(share, values, bound, kept))
    return tuple(found)


def _narrowest(columns: Columns, values: tuple[ValueConstraint, ...], slot: ValueSlot, wanted: int) -> ValueConstraint:
    """The value of `slot` that with `values` keeps the least that is still `wanted` or more; else the one that keeps most."""
    tried = [ValueConstraint(slot=slot, values=(value,)) for value in sorted(columns.present(slot))]
    counts = [int(columns.mask((*values, one), True).sum()) for one in tried]
    enough = [place for place, count in enumerate(counts) if count >= wanted]
    place = min(enough, key=counts.__getitem__) if enough else max(range(len(tried)), key=counts.__getitem__)
    return tried[place]


def drawn_queries(catalog: Catalog) -> tuple[str, ...]:
    """What shoppers ask for: colour, material and type of items drawn evenly over the shop, and a word that no item has."""
    rows = np.random.default_rng(SEED).choice(len(catalog.products), QUERIES, replace=False)
    asked = (catalog.products[row] for row in rows)
    return tuple(f"{one.colors[0]} {one.materials[0]} {one.product_type} wish{number}" for number, one in enumerate(asked))
