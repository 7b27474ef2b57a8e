"""How well one item goes with others: a weighted mean of what the catalog says of both, and rules that no weight overcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from catalog_data.schema import Catalog, Frozen
from retrieval.outfit_columns import Floats, Mask, OutfitColumns, Rows
from retrieval.togetherness import LINK_WEIGHTS, common_purchases, linked, type_affinity

UNKNOWN = np.float32(0.5)
"""What a part counts for where one of the two items does not say."""

NEIGHBOURS = 12
"""So many items like the one in hand lend it what they were bought with."""


AT_HOME, AT_HOME_WEIGHT = "home", 0.25
"""A look is for going out: that an item is good at home as well matters little."""

CLOSENESS = (1.0, 0.75, 0.1, 0.0, 0.0)
"""What a distance of 0, 1, 2, ... steps of formality counts for."""


class PairingWeights(Frozen):
    """What each part of a pair's score weighs, set by hand and tuned by eye on whole looks; only their proportions matter. Formality and
    occasion come first: a look that is wrong for the day is wrong whatever its colours."""

    formality: float = Field(default=0.20, ge=0)
    occasion: float = Field(default=0.22, ge=0)
    color: float = Field(default=0.16, ge=0)
    types: float = Field(default=0.12, ge=0)
    together: float = Field(default=0.10, ge=0)
    season: float = Field(default=0.08, ge=0)
    style: float = Field(default=0.05, ge=0)
    price: float = Field(default=0.06, ge=0)
    stars: float = Field(default=0.02, ge=0)


class PairScores:
    """Scores items of one catalog against one another. Read-only and safe to share between threads.

    `vectors`: float32 (n, d), unit rows, text embeddings in catalog order; with them an item that was seldom bought borrows from items of
    its type that read like it. They are never compared across types: what reads alike does not go together.
    """

    def __init__(self, catalog: Catalog, columns: OutfitColumns, vectors: Floats | None, weights: PairingWeights) -> None:
        if vectors is not None and len(vectors) != len(columns):
            raise ValueError(f"{len(vectors)} vectors for {len(columns)} items; pass one row an item, in the catalog's order")
        self._columns, self._vectors, self._weights = columns, vectors, weights
        self._closed = frozenset(catalog.manifest.closed_slots)
        self.bought = common_purchases(catalog)
        self.links: Mapping[str, Any] = {relation: linked(catalog, relation) for relation in LINK_WEIGHTS}
        self._together = sum((weight * self.links[name] for name, weight in LINK_WEIGHTS.items()), self.bought).tocsr()
        self._usual = float(self._together.data.mean()) if self._together.nnz else 1.0
        self._types = type_affinity(self._together, columns.kind, len(columns.kinds))
        # Rare occasions say more than "everyday": each weighs by its inverse frequency, as in information retrieval.
        rarity = -np.log((columns.occasions.stated.sum(axis=0) + 1) / (len(columns) + 1))
        rarity[[place for place, name in enumerate(columns.occasions.names) if name == AT_HOME]] *= AT_HOME_WEIGHT
        seasons = columns.seasons.astype(np.float32)
        self._occasions = _Trait(columns.occasions.stated * rarity.astype(np.float32), columns.occasions.meets)
        self._seasons = _Trait(seasons, seasons)
        self._styles = _Trait(columns.styles.stated, columns.styles.meets)

    def together_with(self, row: int) -> Floats:
        """float32 (n,) in [0, 1): how often each item was bought or shown with this one, and half as much with items like it."""
        found = self._together[[row]].toarray()[0]
        for other, likeness in self._like(row):
            found += 0.5 * likeness * self._together[[other]].toarray()[0] / NEIGHBOURS
        near: Floats = (found / (found + self._usual)).astype(np.float32)
        return near

    def _like(self, row: int) -> list[tuple[int, float]]:
        if self._vectors is None:
            return []
        same = np.flatnonzero(self._columns.kind == self._columns.kind[row])
        same = same[same != row]
        likeness = self._vectors[same] @ self._vectors[row]
        nearest = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
        return [(int(same[place]), float(likeness[place])) for place in nearest if likeness[place] > 0]

    def allowed(self, first: Rows, second: Rows, distance: float) -> Mask:
        """bool (a, b): what may be worn together at all. One wearer; formality at most `distance` apart; not two loud patterns; no blazer
        over a suit; and in slots that the catalog fills in full, a common season and a common occasion."""
        columns = self._columns
        fits: Mask = (columns.wearers[first, None] & columns.wearers[second]) != 0
        fits &= ~(columns.loud[first, None] & columns.loud[second])
        fits &= ~(columns.whole_suit[first, None] & columns.suit_part[second])
        fits &= ~(columns.suit_part[first, None] & columns.whole_suit[second])
        with np.errstate(invalid="ignore"):
            fits &= ~(np.abs(columns.formality[first, None] - columns.formality[second]) > distance)
        for slot, trait in (("season", self._seasons), ("occasion", self._occasions)):
            if slot in self._closed:
                fits &= trait.share(first, second) > 0
        return fits

    def scores(self, first: Rows, second: Rows, together: Floats | None = None) -> Floats:
        """float32 (a, b) in [0, 1]: how well each of `second` goes with each of `first`, whose occasions, seasons and styles are what is to
        be matched. `together`: float32 (a, b), where the caller knows more than the direct ties."""
        columns, weights = self._columns, self._weights
        distance = columns.formality[first, None] - columns.formality[second]
        parts = (
            (weights.formality, _closeness(distance, CLOSENESS)),
            (weights.occasion, self._occasions.share(first, second)),
            (weights.color, self._color(first, second)),
            (weights.types, self._types[columns.kind[first, None], columns.kind[second]]),
            (weights.together, self._direct(first, second) if together is None else together),
            (weights.season, self._seasons.share(first, second)),
            (weights.style, self._styles.share(first, second)),
            (weights.price, np.exp(-np.abs(columns.level[first, None] - columns.level[second]))),
            (weights.stars, np.broadcast_to(columns.stars[second], distance.shape)),
        )
        whole = sum(weight for weight, _ in parts) or 1.0
        score = np.zeros(distance.shape, dtype=np.float32)
        for weight, part in parts:
            score += np.float32(weight / whole) * part
        return score

    def _direct(self, first: Rows, second: Rows) -> Floats:
        counts = self._together[first][:, second].toarray()
        near: Floats = (counts / (counts + self._usual)).astype(np.float32)
        return near

    def _color(self, first: Rows, second: Rows) -> Floats:
        """Main colours with one another count half, all of the first two of each the other half."""
        table, columns = self._columns.palette.scores, self._columns
        mine = (columns.main[first, None], columns.second[first, None])
        main, *others = (table[one, other] for one in mine for other in (columns.main[second], columns.second[second]))
        colour: Floats = 0.625 * main + 0.125 * np.sum(others, axis=0, dtype=np.float32)
        return colour


class _Trait:
    """A slot of many values: what an item asks for, `wanted` float32 (n, k) by weight, and what it answers, `met` float32 (n, k) in
    [0, 1]."""

    def __init__(self, wanted: Floats, met: Floats) -> None:
        self._wanted, self._met = wanted, met
        self._whole = np.maximum(wanted.sum(axis=1), np.float32(1e-9))
        self._stated: Mask = met.sum(axis=1) > 0

    def share(self, first: Rows, second: Rows) -> Floats:
        """float32 (a, b): the weighted share of the first's values that the second has as well; `UNKNOWN` where either states none."""
        shared = self._wanted[first] @ self._met[second].T / self._whole[first, None]
        stated = self._stated[first, None] & self._stated[second]
        known: Floats = np.where(stated, shared, UNKNOWN).astype(np.float32)
        return known


def _closeness(distance: Floats, steps: tuple[float, ...]) -> Floats:
    """Looks a whole distance up in `steps` (0, 1, 2, ...); `UNKNOWN` where it is NaN."""
    known = ~np.isnan(distance)
    places = np.abs(np.where(known, distance, 0)).astype(np.int64)
    return np.where(known, np.array(steps, dtype=np.float32)[places], UNKNOWN).astype(np.float32)
