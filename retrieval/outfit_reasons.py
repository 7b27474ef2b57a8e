"""Why a look goes together, as facts: short phrases made of the catalog's own values, each checked against the data before it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from catalog_data.schema import Product
from retrieval.colors import Palette
from retrieval.outfit_columns import SEASONS, OutfitColumns
from retrieval.outfit_scores import PairScores

OFTEN = 3
"""So many baskets with both items, or a bought_with link of the shop's, make "often"."""

GOES_WITH = 0.7
"""Two colours are said to go together from this harmony on."""

MOST_REASONS = 4
COLOR_REASONS = 2

COUNTABLE = frozenset(
    (
        "wedding",
        "party",
        "graduation",
        "funeral",
        "christening",
        "business meeting",
        "date",
        "holiday",
        "festival",
        "garden party",
    )
)
PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "beach": "the beach",
        "gym": "the gym",
        "evening": "the evening",
        "interview": "an interview",
        "formal": "formal occasions",
        "black tie": "black tie",
        "cocktail": "cocktails",
        "everyday": "everyday wear",
        "outdoors": "the outdoors",
    }
)


def occasion_phrase(occasion: str) -> str:
    """An occasion as it stands after "for": "a wedding", "the beach", "work"."""
    return PHRASES.get(occasion, f"a {occasion}" if occasion in COUNTABLE else occasion)


def reasons(
    anchor: int, pieces: Sequence[int], products: Sequence[Product], facts: OutfitColumns, scores: PairScores
) -> tuple[str, ...]:
    """At most `MOST_REASONS` phrases, the telling ones first. `anchor`, `pieces`: rows of the catalog."""
    items = [products[row] for row in (anchor, *pieces)]
    found = [
        *_occasion(anchor, pieces, products, facts),
        *_colors([item for item in items if item.colors], facts.palette),
        *_bought(anchor, pieces, products, scores),
        *_season(anchor, pieces, facts),
    ]
    return tuple(found[:MOST_REASONS])


def _name(product: Product) -> str:
    return product.product_type or "item"


def _both(first: Product, second: Product) -> str:
    return f"{_name(first)} and {_name(second)}"


def _occasion(anchor: int, pieces: Sequence[int], products: Sequence[Product], facts: OutfitColumns) -> Iterator[str]:
    """The rarest occasion of the anchor that all pieces share; else the rarest that one of them shares."""
    table, often = facts.occasions.holds, facts.occasions.holds.sum(axis=0)
    mine = sorted(np.flatnonzero(table[anchor]), key=lambda place: (float(often[place]), int(place)))
    for place in mine:
        if all(table[piece, place] for piece in pieces):
            yield f"{'both' if len(pieces) == 1 else 'all'} for {occasion_phrase(facts.occasions.names[place])}"
            return
    for place in mine:
        for piece in pieces:
            if table[piece, place]:
                phrase = occasion_phrase(facts.occasions.names[place])
                yield f"{_both(products[anchor], products[piece])} both for {phrase}"
                return


def _colors(items: Sequence[Product], palette: Palette) -> Iterator[str]:
    """What the main colours have to do with one another: the anchor's with each piece's."""
    mains = [item.colors[0] for item in items]
    if len(mains) > 1 and len(set(mains)) == 1:
        yield f"{'both' if len(mains) == 2 else 'all'} in {mains[0]}"
        return
    others = [other for other in dict.fromkeys(mains[1:]) if other != mains[0]]
    pairs = [(palette.relation(mains[0], other)[0], other) for other in others]
    telling = [other for score, other in sorted(pairs, key=lambda pair: -pair[0]) if score >= GOES_WITH]
    yield from (f"{mains[0]} goes with {other}" for other in telling[:COLOR_REASONS])


def _bought(anchor: int, pieces: Sequence[int], products: Sequence[Product], scores: PairScores) -> Iterator[str]:
    """The strongest tie that the shop's records hold between the anchor and a piece."""
    rows = np.array(pieces, dtype=np.int64)
    shown = scores.links["shownWith"][[anchor]].toarray()[0][rows]
    linked = scores.links["bought_with"][[anchor]].toarray()[0][rows]
    bought = scores.bought[[anchor]].toarray()[0][rows]
    if shown.any():
        yield f"{_both(products[anchor], products[pieces[int(shown.argmax())]])} shown together by the shop"
    if linked.any() or (bought >= OFTEN).any():
        best = int(linked.argmax() if linked.any() else bought.argmax())
        yield f"{_both(products[anchor], products[pieces[best]])} often bought together"


def _season(anchor: int, pieces: Sequence[int], facts: OutfitColumns) -> Iterator[str]:
    """The seasons of an anchor that is not for all of them, where every piece suits one of these."""
    mine = facts.seasons[anchor]
    shared = mine & facts.seasons[list(pieces)].all(axis=0)
    if not mine.all() and shared.any():
        names = [name for name, holds in zip(SEASONS, shared, strict=True) if holds]
        yield f"{'both' if len(pieces) == 1 else 'all'} for {' and '.join(names)}"
