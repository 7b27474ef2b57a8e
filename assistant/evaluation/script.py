"""A scripted conversation as data: what a shopper says, and what must hold after each turn. Published as a JSON schema in `evals/`.

Amounts are in whole units of the catalog's currency, as a shop owner writes them (49.9), never in cents. A word of a closed slot
stands for all that it includes: `category: shoes` is met by a boot.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from catalog_data.schema import Frozen, Slot, ValueSlot

DEFAULT_NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)

Words = str | tuple[str, ...]
"""One word, or several of which any will do (for items), or which are all held (for the profile)."""

InvariantName = Literal[
    "prices_match_catalog",
    "ids_exist",
    "offers_valid",
    "cards_equal_reply",
    "grounded",
    "evidence",
    "constraints_hold",
    "enough_shown",
    "sums_add_up",
    "asked_once",
    "rejected_stay_away",
    "nothing_forgotten",
]


class Bounds(Frozen):
    """Limits of a number; all that are given must hold."""

    lt: float | None = None
    lte: float | None = None
    gt: float | None = None
    gte: float | None = None
    equals: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Bounds:
        if all(bound is None for bound in (self.lt, self.lte, self.gt, self.gte, self.equals)):
            raise ValueError("give at least one of lt, lte, gt, gte, equals")
        return self


class ItemCondition(Frozen):
    """What one item must be; every field that is given must hold by the catalog's own row. `size`: that size is in stock."""

    product_id: Words | None = None
    title: str | None = Field(default=None, description="a regular expression, searched without regard to case")
    category: Words | None = None
    color: Words | None = None
    brand: Words | None = None
    material: Words | None = None
    pattern: Words | None = None
    fit: Words | None = None
    length: Words | None = None
    occasion: Words | None = None
    season: Words | None = None
    style: Words | None = None
    feature: Words | None = None
    gender: Words | None = None
    size: str | None = None
    price: Bounds | None = None
    rating: Bounds | None = None
    in_stock: bool | None = None
    reduced: bool | None = None


class ProductsExpect(Frozen):
    """The items on screen. `all`: each is so, and there is one; `none`: none is; `any`: at least one is; `first`: the first is. `new`: none
    was shown in the turn before (false: some were); `same`: the same items as then, in any order."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    all: ItemCondition | None = None
    none: ItemCondition | None = None
    any: ItemCondition | None = None
    first: ItemCondition | None = None
    ids: tuple[str, ...] | None = None
    order: Literal["price_ascending", "price_descending", "rating"] | None = None
    new: bool | None = None
    same: bool | None = None


class MoneyRange(Frozen):
    """A price wish: exactly these bounds."""

    min: float | None = None
    max: float | None = None


class ProfileExpect(Frozen):
    """What is in force for `scope` ("me" or a recipient). A slot's words: exactly these are liked, no more and no fewer."""

    scope: str | None = None
    category: Words | None = None
    color: Words | None = None
    brand: Words | None = None
    material: Words | None = None
    pattern: Words | None = None
    fit: Words | None = None
    length: Words | None = None
    size: Words | None = None
    occasion: Words | None = None
    season: Words | None = None
    style: Words | None = None
    feature: Words | None = None
    gender: Words | None = None
    price: MoneyRange | None = None
    rating: float | None = None
    dislikes: dict[ValueSlot, Words] = {}
    absent: tuple[Slot, ...] = ()
    soft: tuple[Slot, ...] = ()
    hard: tuple[Slot, ...] = ()
    superseded: tuple[Slot, ...] = ()


class ReplyExpect(Frozen):
    """The words. `mentions`: each is there, without regard to case; `not_mentions`: none is; `mentions_any`: one is."""

    mentions: tuple[str, ...] = ()
    mentions_any: tuple[str, ...] = ()
    not_mentions: tuple[str, ...] = ()
    regex: str | None = None
    not_regex: str | None = None
    language: Literal["en", "zh"] | None = None
    max_words: int | None = Field(default=None, ge=1)
    differs: bool | None = Field(default=None, description="not the same words as in the turn before")


class OffersExpect(Frozen):
    """What came off. `applied`: these promotions among others; `not_applied`: none of these; `rejected`: these codes, refused."""

    applied: tuple[str, ...] = ()
    not_applied: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    saved: Bounds | None = None
    total: Bounds | None = None


class OutfitsExpect(Frozen):
    """The looks. `roles`: these are filled in the first one. `pieces`: what holds of each of its pieces."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    roles: tuple[str, ...] = ()
    pieces: ItemCondition | None = None


class RelaxationsExpect(Frozen):
    """What it would take. `slots`: each of these is offered to be dropped or moved."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    slots: tuple[Slot, ...] = ()


class CartExpect(Frozen):
    """The basket after the turn."""

    lines: int | None = Field(default=None, ge=0)
    quantity: int | None = Field(default=None, ge=0)
    codes: tuple[str, ...] | None = None
    sizes: tuple[str, ...] | None = None


class Expect(Frozen):
    """What must hold after a turn. `actions`: each of these was taken; `not_actions`: none of these was."""

    profile: ProfileExpect | None = None
    products: ProductsExpect | None = None
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    offers: OffersExpect | None = None
    outfits: OutfitsExpect | None = None
    relaxations: RelaxationsExpect | None = None
    comparison: bool | None = None
    question: bool | str | None = Field(default=None, description="one is asked, none is, or one that this expression finds")
    notices: ReplyExpect | None = None
    reply: ReplyExpect | None = None
    cart: CartExpect | None = None


class Budgets(Frozen):
    """Upper limits of the whole conversation; `turn_ms` of each turn."""

    model_calls: int | None = Field(default=None, ge=0)
    prompt_tokens: int | None = Field(default=None, ge=0)
    completion_tokens: int | None = Field(default=None, ge=0)
    turn_ms: float | None = Field(default=None, gt=0)


class PageContext(Frozen):
    """Where the shopper is when she says it."""

    product_id: str | None = None
    page_url: str | None = None


class ScriptTurn(Frozen):
    """One message and what must hold after it."""

    user: str
    context: PageContext | None = None
    expect: Expect = Expect()


class Final(Frozen):
    """What holds over all turns. `invariants`: those looked at in each turn; None: all. Say why if you leave one out."""

    invariants: tuple[InvariantName, ...] | None = None
    without: dict[InvariantName, str] = Field(default={}, description="invariants left out, each with the reason")


class Script(Frozen):
    """One file of `evals/`."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    about: str = Field(default="", description="what this conversation shows, in a sentence")
    tags: tuple[str, ...] = Field(min_length=1)
    catalog: str = "demo"
    now: AwareDatetime = DEFAULT_NOW
    shopper: str | None = Field(default=None, description="a known shopper of the demo shop")
    turns: tuple[ScriptTurn, ...] = Field(min_length=1)
    final: Final = Final()
    budgets: Budgets = Budgets()
