"""What goes over HTTP, both ways: request bodies, checked and bounded, and the views that answers are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from assistant.events import DoneEvent, ProfileEvent, SectionEvent, TurnEvent
from assistant.profile_checks import BY_HAND
from assistant.record import offers_block
from assistant.schema import ME, Cart, CartLine, Polarity, Preference, Strength, TurnContext, TurnRecord, Value
from assistant.store_records import FeedbackReason, FeedbackValue
from catalog_data.cleaning import clean_text
from catalog_data.schema import Frozen, Money, Product, SizeSystem, Slot
from retrieval.schema import PricedBasket, TopUp

Short = Annotated[str, AfterValidator(clean_text), StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Label = Annotated[str, AfterValidator(clean_text), StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
SizeLabel = Annotated[str, AfterValidator(clean_text), StringConstraints(strip_whitespace=True, max_length=40)]
MOST_EDITS = 50


class CreateIn(Frozen):
    """POST /api/conversations. The body may be left out."""

    shopper_id: Short | None = None


class Created(Frozen):
    """A new conversation: `token` opens it, as `Authorization: Bearer <token>`."""

    conversation_id: str
    token: str


class CartLineIn(Frozen):
    """One line of a cart. Its price is the catalog's."""

    product_id: Short
    quantity: int = Field(default=1, ge=1, le=99)
    size: Label | None = None

    def line(self) -> CartLine:
        """As the conversation holds it."""
        return CartLine(product_id=self.product_id, quantity=self.quantity, size=self.size)


class ContextIn(Frozen):
    """Where on the shop's pages the shopper is."""

    product_id: Short | None = None
    page_url: Annotated[str, AfterValidator(clean_text), StringConstraints(max_length=2_000)] | None = None
    cart: Annotated[tuple[CartLineIn, ...], Field(max_length=100)] | None = None

    def context(self) -> TurnContext:
        """As the turn reads it."""
        cart = tuple(line.line() for line in self.cart) if self.cart is not None else None
        return TurnContext(product_id=self.product_id, page_url=self.page_url, cart=cart)


class TurnIn(Frozen):
    """POST .../turns. The same `turn_id` again gives the same answer and no second effect."""

    message: str
    turn_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    context: ContextIn = ContextIn()


class PreferenceIn(Frozen):
    """One preference that the shopper sets by hand. Whether the shop has a word for its value is seen when it is kept."""

    slot: Slot
    value: Value
    polarity: Polarity = "like"
    strength: Strength = "hard"
    scope: Label = ME
    size_system: SizeSystem | None = None

    @model_validator(mode="after")
    def _bounded(self) -> PreferenceIn:
        if isinstance(self.value, str) and not 1 <= len(clean_text(self.value).strip()) <= 120:
            raise ValueError("a value in words has 1 to 120 characters")
        if isinstance(self.value, str) == (self.slot in ("price", "rating")):
            raise ValueError('price takes {"min", "max"} in minor units, rating {"stars"}, every other slot a word')
        if self.polarity == "dislike" and self.slot in ("price", "rating", "size"):
            raise ValueError(f"a {self.slot} can be liked alone; say what is wanted instead")
        return self

    def preference(self) -> Preference:
        """As the profile's rules take it; they number it and say when it was set."""
        return Preference(
            preference_id="new",
            slot=self.slot,
            value=clean_text(self.value).strip() if isinstance(self.value, str) else self.value,
            polarity=self.polarity,
            strength=self.strength,
            scope=self.scope,
            evidence=BY_HAND,
            turn=0,
            size_system=self.size_system,
        )


class ProfileIn(Frozen):
    """PATCH .../profile. `sizes` are by scope and category, "" takes one out. `undo` goes one change back, and stands alone."""

    add: Annotated[tuple[PreferenceIn, ...], Field(max_length=MOST_EDITS)] = ()
    remove: Annotated[tuple[Short, ...], Field(max_length=MOST_EDITS)] = ()
    sizes: Annotated[
        dict[Label, Annotated[dict[Label, SizeLabel], Field(max_length=MOST_EDITS)]], Field(max_length=MOST_EDITS)
    ] = {}
    undo: bool = False

    @model_validator(mode="after")
    def _alone(self) -> ProfileIn:
        if self.undo == bool(self.add or self.remove or self.sizes):
            raise ValueError("give undo alone, or any of add, remove and sizes")
        return self


class CartIn(Frozen):
    """PATCH .../cart. What is given stands in place of what was; what is left out stays."""

    lines: Annotated[tuple[CartLineIn, ...], Field(max_length=100)] | None = None
    codes: Annotated[tuple[Label, ...], Field(max_length=20)] | None = None


class CartLineOut(Frozen):
    """One line of the cart with the catalog's price for one."""

    product_id: str
    title: str
    size: str | None
    quantity: int
    price: Money | None


class CartOut(Frozen):
    """The cart with its receipt, line by line; amounts in minor units of `currency`, discounts negative in the receipt."""

    lines: tuple[CartLineOut, ...]
    codes: tuple[str, ...]
    currency: str
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    total_minor: int
    applied: tuple[dict[str, Any], ...]
    rejected: tuple[dict[str, Any], ...]
    receipt: tuple[dict[str, Any], ...]
    top_ups: tuple[TopUp, ...]


class FeedbackIn(Frozen):
    """POST .../feedback: a thumb on an answer, or on an item in it."""

    turn_id: Short
    value: FeedbackValue
    product_id: Short | None = None
    reason: FeedbackReason | None = None


def cart_view(cart: Cart, basket: PricedBasket, by_id: Mapping[str, Product]) -> CartOut:
    """The cart as it is answered. A line whose item has left the catalog is not shown, as it is not priced."""
    block = offers_block(basket, "en")
    return CartOut(
        lines=tuple(
            CartLineOut(
                product_id=line.product_id,
                title=by_id[line.product_id].title,
                size=line.size,
                quantity=line.quantity,
                price=by_id[line.product_id].price,
            )
            for line in cart.lines
            if line.product_id in by_id
        ),
        codes=cart.codes,
        currency=basket.currency,
        subtotal_minor=basket.subtotal_minor,
        discount_minor=basket.discount_minor,
        shipping_minor=basket.shipping_minor,
        total_minor=basket.total_minor,
        applied=block.applied,
        rejected=block.rejected,
        receipt=block.receipt,
        top_ups=basket.top_ups,
    )


def product_view(product: Product, has_picture: bool) -> dict[str, Any]:
    """What the catalog states of an item; what it does not state is absent."""
    facts = product.model_dump(mode="json", exclude_none=True, exclude={"image"})
    picture = {"image_url": f"/media/{product.product_id}.svg"} if has_picture else {}
    return {**{key: value for key, value in facts.items() if value not in ([], "")}, "in_stock": product.in_stock, **picture}


def record_json(record: TurnRecord) -> str:
    """The turn object of the interface."""
    return record.model_dump_json(by_alias=True)


def server_sent(event: TurnEvent) -> bytes:
    """An event of a turn as a server-sent event. The data has the turn object's own keys: `done` is that object, `profile` is {profile,
    added, removed}, `section` the section itself, the others what they are called."""
    match event:
        case DoneEvent():
            data = record_json(event.record)
        case ProfileEvent():
            data = event.change.model_dump_json(by_alias=True)
        case SectionEvent():
            data = event.section.model_dump_json(by_alias=True)
        case _:
            data = event.model_dump_json(by_alias=True, exclude={"event"})
    return sse(data, event.event)


def sse(data: str, event: str | None = None) -> bytes:
    """One server-sent event. `data` is JSON, which has no line breaks."""
    name = f"event: {event}\n" if event is not None else ""
    return f"{name}data: {data}\n\n".encode()


def error_sse(status: int, title: str, detail: str) -> bytes:
    """The event that ends a stream which broke."""
    return sse(json.dumps({"status": status, "title": title, "detail": detail}), "error")
