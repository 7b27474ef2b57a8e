"""The nouns of the catalog: what a shop sells, what its shoppers did, what it promises and what it takes off the price.

All models are frozen. Money is an integer of minor units with an ISO 4217 currency. Times are aware. A value that the shop
does not state is absent (`None` or an empty tuple), never guessed. Closed words (types, colours, materials, ...) are the
canonical values of `catalog_data/vocabulary.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slot = Literal[
    "category",
    "color",
    "brand",
    "material",
    "pattern",
    "fit",
    "length",
    "size",
    "occasion",
    "season",
    "style",
    "feature",
    "rating",
    "gender",
    "price",
]
SLOTS: tuple[Slot, ...] = get_args(Slot)

ValueSlot = Literal[
    "category",
    "color",
    "brand",
    "material",
    "pattern",
    "fit",
    "length",
    "occasion",
    "season",
    "style",
    "feature",
    "gender",
]
VALUE_SLOTS: tuple[ValueSlot, ...] = get_args(ValueSlot)
"""The slots that hold words. `size`, `rating` and `price` are compared in their own ways."""

Role = Literal["top", "bottom", "dress", "outerwear", "shoes", "bag", "accessory", "other"]
"""The place of an item in an outfit; "other" (underwear, beauty, home) is in none."""

SizeSystem = Literal["alpha", "eu", "eu_shoe", "waist", "height", "one"]
"""alpha: XXS to 5XL; eu: 30 to 60; eu_shoe: 16 to 50; waist: inches; height: a child's, in cm; one: one size."""

InteractionKind = Literal["view", "like", "basket", "purchase", "return", "search"]

Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Frozen(BaseModel):
    """Base of every noun: immutable, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ignored_types=(cached_property,))


class Money(Frozen):
    """An amount of money. `amount_minor` is in the currency's smallest unit (cents), never negative here."""

    amount_minor: int = Field(ge=0, le=10**12)
    currency: Currency


class SizeStock(Frozen):
    """One size of one item, and how many pieces of it are left (`None`: the shop does not say)."""

    system: SizeSystem
    label: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    stock: int | None = Field(default=None, ge=0)

    @property
    def in_stock(self) -> bool:
        """True unless the shop says that none is left."""
        return self.stock is None or self.stock > 0


class Product(Frozen):
    """One item as the shop describes it. Text fields are untrusted: they are data, never instructions.

    `product_type` is a canonical value of the vocabulary's `category` slot; its umbrellas (shoes, clothing) are not repeated here.
    `color_name` is the shop's own word ("Greenish Khaki"), `colors` the canonical ones. `style_id` is shared by the colours of one
    style. `formality` runs from 1 (sport, home) to 5 (black tie). `rating` is a mean of stars, 1.0 to 5.0, over `rating_count` reviews.
    """

    product_id: Identifier
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    description: Annotated[str, StringConstraints(max_length=20_000)] = ""
    product_type: str | None = None
    brand: str | None = None
    gender: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    color_name: str | None = None
    materials: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    occasions: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    formality: int | None = Field(default=None, ge=1, le=5)
    price: Money | None = None
    list_price: Money | None = None
    lowest_price_30d: Money | None = None
    sizes: tuple[SizeStock, ...] = ()
    rating: float | None = Field(default=None, ge=1, le=5)
    rating_count: int = Field(default=0, ge=0)
    style_id: str | None = None
    collection: str | None = None
    url: str | None = None
    image: str | None = None
    added_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _prices_agree(self) -> Product:
        others = [money for money in (self.list_price, self.lowest_price_30d) if money is not None]
        if others and self.price is None:
            raise ValueError("list_price or lowest_price_30d without a price; give the price that is asked now")
        if self.price is not None and any(money.currency != self.price.currency for money in others):
            raise ValueError("price, list_price and lowest_price_30d must be in one currency")
        return self

    def values(self, slot: ValueSlot) -> tuple[str, ...]:
        """The canonical words that the shop states for `slot`; empty where it states none."""
        single = {"category": self.product_type, "brand": self.brand}
        if slot in single:
            value = single[slot]
            return (value,) if value is not None else ()
        return {
            "color": self.colors,
            "material": self.materials,
            "pattern": self.patterns,
            "fit": self.fits,
            "length": self.lengths,
            "occasion": self.occasions,
            "season": self.seasons,
            "style": self.styles,
            "feature": self.features,
            "gender": self.gender,
        }[slot]

    @property
    def in_stock(self) -> bool:
        """True when any size can be bought, or when the shop says nothing of stock."""
        return not self.sizes or any(size.in_stock for size in self.sizes)

    @property
    def struck_price(self) -> Money | None:
        """The price that may be shown struck through: the 30-day low, where it is above today's (Directive 98/6 Art. 6a)."""
        if self.price is None or self.list_price is None or self.lowest_price_30d is None:
            return None
        return self.lowest_price_30d if self.lowest_price_30d.amount_minor > self.price.amount_minor else None


class Interaction(Frozen):
    """One thing that one shopper did at one time. `product_id` is absent for a search, `query` for all else."""

    user_id: Identifier
    kind: InteractionKind
    at: AwareDatetime
    product_id: Identifier | None = None
    query: Annotated[str, StringConstraints(max_length=500)] | None = None
    size: str | None = None
    price_minor: int | None = Field(default=None, ge=0)


class Link(Frozen):
    """A weighted, directed tie between two items that the shop's own records hold (bought_with, shownWith, ...)."""

    src: Identifier
    dst: Identifier
    relation: str
    weight: float = Field(gt=0)


class Review(Frozen):
    """What one shopper wrote about one item. Untrusted text."""

    review_id: Identifier
    product_id: Identifier
    user_id: Identifier
    stars: int = Field(ge=1, le=5)
    text: Annotated[str, StringConstraints(max_length=5_000)] = ""
    at: AwareDatetime


class Scope(Frozen):
    """Which items a promotion touches. Empty fields do not restrict; `excluded_*` always win."""

    product_ids: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    excluded_product_ids: tuple[str, ...] = ()
    excluded_categories: tuple[str, ...] = ()
    excluded_brands: tuple[str, ...] = ()
    excludes_reduced: bool = False


PromotionKind = Literal["percent", "amount", "buy_x_get_y", "threshold", "free_shipping"]
PromotionClass = Literal["item", "order", "shipping"]


class Promotion(Frozen):
    """A rule that takes money off, as data. Every amount is in minor units of the catalog's currency.

    percent: `percent` (1 to 100) off each piece in scope, at most `cap_minor` in all. amount: `amount_minor` off each piece in scope.
    buy_x_get_y: of each `buy_quantity` + `get_quantity` pieces in scope the `get_quantity` cheapest are `percent` off (100: free).
    threshold: `amount_minor` or `percent` off the order once the pieces in scope reach `minimum_minor`. free_shipping: no delivery charge.
    `starts_at` is the first moment at which it holds, `ends_at` the first at which it no longer does.
    """

    promotion_id: Identifier
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    kind: PromotionKind
    promotion_class: PromotionClass = "item"
    scope: Scope = Scope()
    percent: int | None = Field(default=None, ge=1, le=100)
    amount_minor: int | None = Field(default=None, ge=1)
    cap_minor: int | None = Field(default=None, ge=1)
    buy_quantity: int | None = Field(default=None, ge=1)
    get_quantity: int | None = Field(default=None, ge=1)
    minimum_minor: int | None = Field(default=None, ge=1)
    minimum_quantity: int | None = Field(default=None, ge=1)
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9_-]{1,39}$")] | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    first_order: bool = False
    members_only: bool = False
    once_per_customer: bool = False
    combines_with: tuple[PromotionClass, ...] = ()
    priority: int = Field(default=100, ge=1)

    @model_validator(mode="after")
    def _whole(self) -> Promotion:
        missing = {
            "percent": self.percent is None,
            "amount": self.amount_minor is None,
            "buy_x_get_y": None in (self.percent, self.buy_quantity, self.get_quantity),
            "threshold": self.minimum_minor is None or (self.percent is None) == (self.amount_minor is None),
            "free_shipping": False,
        }[self.kind]
        if missing:
            raise ValueError(f"a {self.kind} promotion lacks a field that it needs; see Promotion's docstring")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        return self


class Shipping(Frozen):
    """What delivery costs: `standard_minor`, nothing from `free_from_minor` of goods on."""

    standard_minor: int = Field(ge=0)
    free_from_minor: int | None = Field(default=None, ge=0)


class PolicySection(Frozen):
    """One heading of the shop's policy page and the plain text beneath it. `anchor` names its place."""

    heading: str
    anchor: str
    text: str


class Manifest(Frozen):
    """What a catalog says of itself. `closed_slots` are those in which every item lists all that is true of it: there, a word
    that is absent is known not to hold; elsewhere its absence is unknown."""

    catalog_id: Identifier
    name: str
    currency: Currency
    language: str = "en"
    synthetic: bool = False
    closed_slots: tuple[Slot, ...] = ()
    shipping: Shipping | None = None


class Problem(Frozen):
    """One thing that is wrong with one place of one file. `severity` error: the row was left out; warning: it was mended or kept."""

    file: str
    line: int | None = None
    field: str | None = None
    found: str
    allowed: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.field) if part is not None)
        return f"{place}: found {self.found}; allowed: {self.allowed}"


class LoadReport(Frozen):
    """What reading a catalog came to: counts of good rows a file, every problem, what could not be mapped, notes for the owner."""

    counts: Mapping[str, int] = {}
    problems: tuple[Problem, ...] = ()
    unmapped: Mapping[str, Mapping[str, int]] = {}
    notes: tuple[str, ...] = ()


class Catalog(Frozen):
    """All that a shop's files say, checked. `digest` is the SHA-256 of what was read: equal digest, equal catalog."""

    manifest: Manifest
    products: tuple[Product, ...]
    interactions: tuple[Interaction, ...] = ()
    links: tuple[Link, ...] = ()
    reviews: tuple[Review, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    policy: tuple[PolicySection, ...] = ()
    digest: str
    report: LoadReport = LoadReport()

    @cached_property
    def by_id(self) -> Mapping[str, Product]:
        """Every item by its id."""
        return {product.product_id: product for product in self.products}

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """Every brand that an item carries, sorted."""
        return tuple(sorted({product.brand for product in self.products if product.brand is not None}))
