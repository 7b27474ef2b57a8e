"""Completes a look around one item: complements by role, scored against the item and against one another.

The places that go with an item are fixed (`PLANS`); which items fill them is scored by `retrieval/outfit_scores.py`. For each place the best
few against the anchor are kept, and a beam search puts them together, so that shoes and bag go with each other too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from catalog_data.schema import Catalog, Money, Product, Role
from catalog_data.vocabulary import Vocabulary
from retrieval.columns import Columns
from retrieval.errors import UnknownProduct
from retrieval.outfit_columns import ROLES, Floats, Mask, OutfitColumns, Rows
from retrieval.outfit_reasons import reasons
from retrieval.outfit_scores import PairingWeights, PairScores
from retrieval.outfit_search import MOST_PIECES, Place, Plan, Shortlist, best_look, spread
from retrieval.schema import Constraint, Outfit, OutfitPiece

PriceOf = Callable[[Product], int]
"""What one piece costs the shopper, in minor units: the price after offers, if any. It is asked of priced items only."""

WITH_DRESS = Plan(("dress", "shoes"), ("bag", "outerwear", "accessory"))
WITH_TOP = Plan(("top", "bottom", "shoes"), ("outerwear", "bag", "accessory"))
WITH_SUIT = Plan(("suit", "shirt", "shoes"), ("accessory", "outerwear", "bag"))

PLANS: Mapping[Place, tuple[Plan, ...]] = MappingProxyType(
    {
        "dress": (WITH_DRESS,),
        "suit": (WITH_SUIT,),
        "top": (WITH_TOP,),
        "bottom": (WITH_TOP,),
        "outerwear": (WITH_DRESS, WITH_TOP, WITH_SUIT),
        "shoes": (WITH_DRESS, WITH_TOP, WITH_SUIT),
        "bag": (WITH_DRESS, WITH_TOP, WITH_SUIT),
        "accessory": (WITH_DRESS, WITH_TOP, WITH_SUIT),
        "other": (),
    }
)
"""The looks that an item of each place may be part of; the better one is taken. So a look has one piece of a role, a dress never a top or a
bottom beside it, and a suit, which is top and bottom, a shirt beneath it."""

SHORTLIST = 14
"""So many items a place are tried together; of one style, in its colours, `OF_ONE_STYLE` at most."""

OF_ONE_STYLE = 2
MOST_TRIED = 300
"""So many of the best of a place are looked at, and priced where there is a budget, to fill the shortlist."""

AT_ANCHOR, BETWEEN_PIECES = 1.0, 2.0
"""How far apart in formality a piece may be from the anchor, and pieces from one another."""


class Pairings:
    """Looks over one catalog. Read-only after construction, and safe to share between threads.

    `vectors`: float32 (n, d) unit rows in catalog order, or None. `columns`: the catalog's filter columns, where the caller has them.
    """

    def __init__(
        self,
        catalog: Catalog,
        vocabulary: Vocabulary,
        vectors: Floats | None = None,
        columns: Columns | None = None,
        weights: PairingWeights | None = None,
    ) -> None:
        self._products, self._currency = catalog.products, catalog.manifest.currency
        self._filter = columns if columns is not None else Columns(catalog.products, vocabulary)
        self._facts = OutfitColumns(catalog.products, vocabulary)
        self._scores = PairScores(catalog, self._facts, vectors, weights or PairingWeights())
        self._styles = tuple(product.style_id for product in catalog.products)
        self._row_of = {product.product_id: row for row, product in enumerate(catalog.products)}
        self._priced: Mask = np.array(
            [p.price is not None and p.price.currency == self._currency for p in catalog.products], dtype=bool
        )

    def complete(
        self,
        anchor_product_id: str,
        constraints: Sequence[Constraint] = (),
        budget_minor: int | None = None,
        count: int = 1,
        exclude: frozenset[str] = frozenset(),
        price_of: PriceOf | None = None,
    ) -> tuple[Outfit, ...]:
        """Up to `count` looks around an item, best first, no piece in two of them; empty where nothing goes with it (underwear, beauty), it has
        no price, or the budget leaves no room.

        Every constraint holds for every piece, soft ones too: the caller chooses those that make sense for other kinds of items. Pieces
        are in stock, priced in the catalog's currency, and not in `exclude`. `budget_minor` bounds the whole look, the anchor included.
        `price_of`: what a piece costs (default: the catalog's price); totals and budget are in it. Raises `UnknownProduct`.
        """
        row = self._row_of.get(anchor_product_id)
        if row is None:
            raise UnknownProduct(f"{anchor_product_id!r} is not in the catalog; complete a look around an item that is")
        if not self._priced[row]:
            return ()  # a look is shown with what all of it costs: a sum without the item itself would be taken for that
        room = None if budget_minor is None else budget_minor - int(self._cost([row], price_of)[0])
        free, near = self._open(row, constraints, exclude), self._scores.together_with(row)
        looks: list[Outfit] = []
        while len(looks) < count and (found := self._one(row, free, near, room, price_of)) is not None:
            pieces, score = found
            looks.append(self._outfit(row, pieces, score, price_of))
            free[[piece for _, piece in pieces]] = False
        return tuple(looks)

    def _open(self, row: int, constraints: Sequence[Constraint], exclude: frozenset[str]) -> Mask:
        """bool (n,): what may be a piece at all."""
        hard = [one.model_copy(update={"strength": "hard"}) for one in constraints]
        free = self._filter.mask(hard, in_stock_only=True) & self._priced
        free[[self._row_of[each] for each in exclude if each in self._row_of]] = False
        free[row] = False
        return free

    def _one(
        self, row: int, free: Mask, near: Floats, room: int | None, price_of: PriceOf | None
    ) -> tuple[list[tuple[Role, int]], float] | None:
        """The best look over all plans of the anchor's place: its pieces as rows, and its score. None where nothing goes with the item."""
        own: Place = "suit" if self._facts.whole_suit[row] else ROLES[self._facts.role[row]]
        plans = [plan.without(own) for plan in PLANS[own]]
        if not plans:
            return None
        shortlist = self._shortlist(
            row, dict.fromkeys(each for plan in plans for each in plan.places), free, near, room, price_of
        )
        best = max(
            (best_look(plan, shortlist, int(self._facts.wearers[row]), room) for plan in plans), key=lambda look: look.score
        )
        rows = [int(shortlist.rows[index]) for index in best.picked]
        pieces = [(ROLES[self._facts.role[piece]], piece) for piece in rows]
        return (pieces, best.score) if pieces else None

    def _fills(self, place: Place) -> Mask:
        """bool (n,): the items of a place."""
        facts = self._facts
        if place == "suit":
            return facts.whole_suit
        if place == "shirt":
            return facts.under_suit
        of_role: Mask = (facts.role == ROLES.index(place)) & ~facts.whole_suit
        return of_role

    def _shortlist(
        self, row: int, wanted: Iterable[Place], free: Mask, near: Floats, room: int | None, price_of: PriceOf | None
    ) -> Shortlist:
        """For each place the best few that may be worn with the anchor and that there is room for."""
        anchor = np.array([row], dtype=np.int64)
        taken: list[int] = []
        places: dict[Place, Rows] = {}
        own: list[Floats] = []
        for place in wanted:
            rows = np.flatnonzero(free & self._fills(place))
            rows = rows[self._scores.allowed(anchor, rows, AT_ANCHOR)[0]]
            score = self._scores.scores(anchor, rows, near[None, rows])[0]
            kept = self._affordable(rows[np.argsort(-score, kind="stable")], room, price_of)
            places[place] = np.arange(len(taken), len(taken) + len(kept))
            own.append(score[np.searchsorted(rows, kept)])
            taken += kept
        chosen = np.array(taken, dtype=np.int64)
        pair = self._scores.scores(chosen, chosen)
        return Shortlist(
            rows=chosen,
            places=places,
            own=np.concatenate(own),
            pair=np.float32(0.5) * (pair + pair.T),
            allowed=self._scores.allowed(chosen, chosen, BETWEEN_PIECES),
            wearers=self._facts.wearers[chosen],
            cost=self._cost(chosen, price_of) if room is not None else np.zeros_like(chosen),
        )

    def _affordable(self, order: Rows, room: int | None, price_of: PriceOf | None) -> list[int]:
        """The first few of `order`; with a budget those that there is room for, and as many again that leave room for the other pieces."""
        order = order[:MOST_TRIED]
        styles = [self._styles[each] for each in order]
        if room is None:
            return [int(order[place]) for place in spread(styles, SHORTLIST, OF_ONE_STYLE)]
        prices = self._cost(order, price_of)
        kept: list[int] = []
        for bound in (room, room // MOST_PIECES):
            within = np.flatnonzero(prices <= bound)
            kept += [int(order[within[place]]) for place in spread([styles[each] for each in within], SHORTLIST, OF_ONE_STYLE)]
        return list(dict.fromkeys(kept))

    def _cost(self, rows: Sequence[int] | Rows, price_of: PriceOf | None) -> Rows:
        """int64, minor units: what each of these priced items costs."""
        if price_of is None:
            return self._facts.price[rows].astype(np.int64)
        return np.array([price_of(self._products[row]) for row in rows], dtype=np.int64)

    def _outfit(self, row: int, pieces: list[tuple[Role, int]], score: float, price_of: PriceOf | None) -> Outfit:
        anchor, rows = self._products[row], [piece for _, piece in pieces]
        total = int(self._cost([row, *rows], price_of).sum())
        return Outfit(
            anchor=anchor,
            pieces=tuple(OutfitPiece(role=role, product=self._products[piece]) for role, piece in pieces),
            total=Money(amount_minor=total, currency=self._currency),
            reasons=reasons(row, rows, self._products, self._facts, self._scores),
            score=min(1.0, score),
        )
