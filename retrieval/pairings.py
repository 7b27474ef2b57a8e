"""Completes a look around one item: complements by role, scored against the item and against one another.

The roles that go with an item are fixed (`PLANS`); which items fill them is scored by `retrieval/outfit_scores.py`. For each role the best
few against the anchor are kept, and a beam search puts them together, so that shoes and bag go with each other too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from catalog_data.schema import Catalog, Money, Product, Role
from catalog_data.vocabulary import Vocabulary
from retrieval.columns import Columns
from retrieval.errors import UnknownProduct
from retrieval.outfit_columns import ROLES, Floats, Mask, OutfitColumns, Rows
from retrieval.outfit_reasons import reasons
from retrieval.outfit_scores import PairingWeights, PairScores
from retrieval.outfit_search import Limits, Plan, Shortlist, best_look
from retrieval.schema import Constraint, Outfit, OutfitPiece

PriceOf = Callable[[Product], int]
"""What one piece costs the shopper, in minor units: the price after offers. It is asked for priced items only."""

WITH_DRESS = Plan(("dress", "shoes"), ("bag", "outerwear", "accessory"))
WITH_TOP = Plan(("top", "bottom", "shoes"), ("outerwear", "bag", "accessory"))

PLANS: Mapping[Role, tuple[Plan, ...]] = MappingProxyType(
    {
        "dress": (WITH_DRESS,),
        "top": (WITH_TOP,),
        "bottom": (WITH_TOP,),
        "outerwear": (WITH_DRESS, WITH_TOP),
        "shoes": (WITH_DRESS, WITH_TOP),
        "bag": (WITH_DRESS, WITH_TOP),
        "accessory": (WITH_DRESS, WITH_TOP),
        "other": (),
    }
)
"""The looks that an item of each role may be part of; the better one is taken. So a look has one piece of a role, and a dress never a top
or a bottom beside it."""

SHORTLIST = 14
"""So many items a role are tried together; of one style, in its colours, `OF_ONE_STYLE` at most."""

OF_ONE_STYLE = 2
AT_ANCHOR = 1.0
"""How far apart in formality a piece may be from the anchor; pieces from one another, one more."""


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
        self._catalog = catalog
        self._filter = columns if columns is not None else Columns(catalog.products, vocabulary)
        self._facts = OutfitColumns(catalog.products, vocabulary)
        self._scores = PairScores(catalog, self._facts, vectors, weights or PairingWeights())
        self._row_of = {product.product_id: row for row, product in enumerate(catalog.products)}

    def complete(
        self,
        anchor_product_id: str,
        constraints: Sequence[Constraint] = (),
        budget_minor: int | None = None,
        count: int = 1,
        exclude: frozenset[str] = frozenset(),
        price_of: PriceOf | None = None,
    ) -> tuple[Outfit, ...]:
        """Up to `count` looks around an item, best first, no piece in two of them; empty where nothing goes with it (underwear, beauty, an
        item without a price).

        Every constraint holds for every piece, soft ones too: the caller chooses those that make sense for other kinds of items. Pieces
        are in stock, priced in the catalog's currency, and not in `exclude`. `budget_minor` bounds the whole look, the anchor included.
        `price_of`: what a piece costs (default: the catalog's price); totals and budget are in it. Raises `UnknownProduct`.
        """
        row = self._row_of.get(anchor_product_id)
        if row is None:
            raise UnknownProduct(f"{anchor_product_id!r} is not in the catalog; complete a look around an item that is")
        free = self._open(row, constraints, exclude)
        cost = price_of or _catalog_price
        plans = PLANS[ROLES[self._facts.role[row]]] if self._sellable(row) else ()
        looks: list[Outfit] = []
        near = self._scores.together_with(row)
        while plans and len(looks) < count:
            look = self._one(row, plans, free, near, Limits(budget_minor, self._cost_of(cost)))
            if look is None:
                break
            looks.append(look)
            free[[self._row_of[piece.product.product_id] for piece in look.pieces]] = False
        return tuple(looks)

    def _sellable(self, row: int) -> bool:
        price = self._catalog.products[row].price
        return price is not None and price.currency == self._catalog.manifest.currency

    def _open(self, row: int, constraints: Sequence[Constraint], exclude: frozenset[str]) -> Mask:
        """bool (n,): what may be a piece at all."""
        hard = [one if one.strength == "hard" else one.model_copy(update={"strength": "hard"}) for one in constraints]
        free = self._filter.mask(hard, in_stock_only=True) & self._priced
        free[[self._row_of[each] for each in exclude if each in self._row_of] + [row]] = False
        return free

    def _one(self, row: int, free: Mask, near: Floats, room: int | None, cost: PriceOf) -> tuple[Look, Shortlist] | None:
        """The best look over all plans of the anchor's role, of items in `free`; None where nothing goes with it."""
        role = ROLES[self._facts.role[row]]
        plans = [plan.without(role) for plan in PLANS[role]]
        if not plans:
            return None
        shortlist = self._shortlist(row, dict.fromkeys(each for plan in plans for each in plan.roles), free, near, room, cost)
        looks = [best_look(plan, shortlist, int(self._facts.wearers[row]), room) for plan in plans]
        best = max(looks, key=lambda look: look.score)
        return (best, shortlist) if best.picked else None
