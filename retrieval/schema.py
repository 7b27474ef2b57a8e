"""The nouns of retrieval: what is asked of the catalog, what comes back, and how each part of it was arrived at."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from catalog_data.schema import (
    SLOTS,
    Frozen,
    Money,
    Product,
    PromotionClass,
    Role,
    SizeSystem,
    Slot,
    ValueSlot,
)

Strength = Literal["hard", "soft"]
Status = Literal["met", "unmet", "unknown"]

__all__ = ["SLOTS", "Slot", "Status", "Strength"]


class ValueConstraint(Frozen):
    """`slot` must be (or, when `negative`, must not be) any of `values`, each taken with all that it includes."""

    kind: Literal["value"] = "value"
    slot: ValueSlot
    values: tuple[str, ...] = Field(min_length=1)
    negative: bool = False
    strength: Strength = "hard"


class RangeConstraint(Frozen):
    """`price` (minor units, the catalog's current price) or `rating` (stars) within inclusive bounds."""

    kind: Literal["range"] = "range"
    slot: Literal["price", "rating"]
    minimum: float | None = None
    maximum: float | None = None
    strength: Strength = "hard"

    @model_validator(mode="after")
    def _bounded(self) -> RangeConstraint:
        if self.minimum is None and self.maximum is None:
            raise ValueError("a range needs a minimum or a maximum")
        return self


class SizeConstraint(Frozen):
    """Some piece in this size must be in stock. Applies to items whose sizes are of a system comparable with `system`
    (alpha, eu and waist clothe the same bodies; eu_shoe and height stand alone); one-size items pass; other items are not asked.
    `categories` (with all they include) narrows it: "shoes in 42" says nothing of shirts. An item without sizes: unknown.

    `alternatives`: more labels of `system`, each as good ("M or L"). `beside`: systems in which the same person's size is known too: an
    item with a piece in stock in one of them is judged by that size, and not asked here. `except_categories` (with all they include): nor
    are these, for which she has another size."""

    kind: Literal["size"] = "size"
    slot: Literal["size"] = "size"
    system: SizeSystem
    label: str
    alternatives: tuple[str, ...] = ()
    beside: tuple[SizeSystem, ...] = ()
    categories: tuple[str, ...] = ()
    except_categories: tuple[str, ...] = ()
    strength: Strength = "hard"

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that will do."""
        return (self.label, *self.alternatives)


Constraint = ValueConstraint | RangeConstraint | SizeConstraint


Fault = Literal["price", "fit", "style", "quality", "other"]
"""What was wrong with an item that was rejected; other: none of these."""


class Rejection(Frozen):
    """An item that was rejected, and what was wrong with it (None: nobody said)."""

    product_id: str
    fault: Fault | None = None


class ItemQuery(Frozen):
    """What the conversation asks of the catalog. `text` is embedded and matched by words; may be empty (constraints alone).

    `liked`, `rejected`: ids from this chat, without order. `rejections` say why; an item named there is rejected. `history`: what a known
    shopper bought, oldest first.
    `like_product_id`: "more like this one". `excluded`: never to come back (rejected, seen). Ids not in the catalog are ignored.
    """

    text: str = ""
    constraints: tuple[Constraint, ...] = ()
    liked: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    history: tuple[str, ...] = ()
    like_product_id: str | None = None
    excluded: tuple[str, ...] = ()
    in_stock_only: bool = True
    limit: int = Field(default=6, ge=1, le=500)
    sort: Literal["best", "price_ascending", "price_descending", "rating"] = "best"

    @property
    def turned_down(self) -> tuple[Rejection, ...]:
        """Every rejected item once, with its fault where one was named."""
        bare = {product_id: Rejection(product_id=product_id) for product_id in self.rejected}
        return tuple((bare | {each.product_id: each for each in self.rejections}).values())


class Check(Frozen):
    """How one item stands to one constraint."""

    slot: Slot
    value: str
    status: Status


class Scores(Frozen):
    """The parts of an item's score. similarity: cosine in [-1, 1]; collaborative, popularity: z-scores or raw in [0, inf);
    preference: share of soft preferences met in [0, 1]; total: the blend by which results are ordered, in [0, 1]."""

    similarity: float
    collaborative: float
    preference: float
    popularity: float
    total: float


class RankedItem(Frozen):
    """One result: the item, its checks in the constraints' order, its score by part."""

    product: Product
    checks: tuple[Check, ...]
    scores: Scores


class Relaxation(Frozen):
    """A change to one hard constraint that would give `count` items. `source`, `target`: the constraint's value before and after
    (`target` None: dropped). `index` is the constraint's place in the query."""

    index: int
    slot: Slot
    action: Literal["drop", "move"]
    source: str
    target: str | None
    count: int = Field(ge=1)


class SearchResult(Frozen):
    """`items` meet every hard constraint. `matching` counts all that do, `items` the first of them by rank. `relaxations` is filled
    when fewer than three match, cheapest change first."""

    items: tuple[RankedItem, ...]
    matching: int = Field(ge=0)
    relaxations: tuple[Relaxation, ...] = ()
    writer: Literal["chroma", "exact"] = "exact"


class OutfitPiece(Frozen):
    """One item of an outfit in its role."""

    role: Role
    product: Product


class Outfit(Frozen):
    """`pieces` go with `anchor` (which is not among them), no role twice. `total` sums anchor and pieces. `reasons` are facts in words
    that the catalog holds ("navy goes with camel", "bought together"), not prose. `score` orders outfits, higher is better."""

    anchor: Product
    pieces: tuple[OutfitPiece, ...]
    total: Money
    reasons: tuple[str, ...]
    score: float


class BasketLine(Frozen):
    """A quantity of one item in one size."""

    product: Product
    quantity: int = Field(ge=1, le=99)
    size: str | None = None


class Shopper(Frozen):
    """What the promotions need to know of a shopper. `first_order_known` False: nothing is on record of her, so that `first_order` is
    assumed, and what hangs on it is given with that condition."""

    first_order: bool = True
    first_order_known: bool = True
    member: bool = False
    used_promotion_ids: tuple[str, ...] = ()


class AppliedOffer(Frozen):
    """A promotion that took `amount_minor` off, and how that is shared: (line index, minor units) summing to it; a shipping
    promotion allocates nothing to lines. `condition`: what it hangs on that is assumed, as a clause ("if it is your first order")."""

    promotion_id: str
    title: str
    code: str | None
    promotion_class: PromotionClass
    automatic: bool
    amount_minor: int = Field(ge=0)
    allocations: tuple[tuple[int, int], ...] = ()
    priority: int
    condition: str | None = None


RejectionReason = Literal[
    "unknown_code",
    "expired",
    "not_started",
    "minimum_not_met",
    "not_in_scope",
    "first_order_only",
    "members_only",
    "already_used",
    "does_not_combine",
    "no_effect",
]
"""Why a promotion took nothing off; no_effect: all its conditions hold, but nothing is left for it to take off."""


class RejectedOffer(Frozen):
    """A code that was given, or a promotion in reach, that took nothing off. `reason` is a stable word, `message` says it with figures."""

    promotion_id: str | None
    code: str | None
    title: str | None
    reason: RejectionReason
    message: str


class ReceiptLine(Frozen):
    """One line of the receipt, in the order printed. Discounts are negative amounts."""

    kind: Literal["item", "subtotal", "discount", "shipping", "total"]
    label: str
    amount_minor: int
    product_id: str | None = None
    promotion_id: str | None = None
    quantity: int | None = None


class TopUp(Frozen):
    """What is missing to the next threshold: spend `missing_minor` more in scope and `saves_minor` come off. `condition` as in
    `AppliedOffer`."""

    promotion_id: str
    title: str
    missing_minor: int = Field(ge=1)
    saves_minor: int = Field(ge=1)
    condition: str | None = None


class PricedBasket(Frozen):
    """A basket with everything that holds for it at `at`: total = subtotal - discounts + shipping, never below zero."""

    lines: tuple[BasketLine, ...]
    currency: str
    at: AwareDatetime
    subtotal_minor: int = Field(ge=0)
    discount_minor: int = Field(ge=0)
    shipping_minor: int = Field(ge=0)
    total_minor: int = Field(ge=0)
    applied: tuple[AppliedOffer, ...]
    rejected: tuple[RejectedOffer, ...]
    receipt: tuple[ReceiptLine, ...]
    top_ups: tuple[TopUp, ...] = ()


class UnitOffer(Frozen):
    """What one piece costs alone: `price` after the automatic item offer that helps it most, which is `offer` (None: none does)."""

    price: Money
    offer: AppliedOffer | None = None
