"""The typed events of one turn, in the order in which they may come: status, profile, products, outfits, offers, section..., question, done; or error.

Over HTTP each is one server-sent event whose name is `event` and whose data is the JSON of the rest.
"""

from __future__ import annotations

from typing import Literal

from assistant.schema import CheckedSection, OffersBlock, OutfitCard, ProductCard, ProfileChange, TurnRecord
from catalog_data.schema import Frozen


class StatusEvent(Frozen):
    """What is being done, in a word for the screen."""

    event: Literal["status"] = "status"
    stage: Literal["understanding", "searching", "writing"]


class ProfileEvent(Frozen):
    """The profile after this message."""

    event: Literal["profile"] = "profile"
    change: ProfileChange


class ProductsEvent(Frozen):
    """The cards: facts, ready before any prose."""

    event: Literal["products"] = "products"
    products: tuple[ProductCard, ...]


class OutfitsEvent(Frozen):
    """The looks."""

    event: Literal["outfits"] = "outfits"
    outfits: tuple[OutfitCard, ...]


class OffersEvent(Frozen):
    """What comes off, and the receipt."""

    event: Literal["offers"] = "offers"
    offers: OffersBlock


class SectionEvent(Frozen):
    """One section of prose, checked: it is never taken back."""

    event: Literal["section"] = "section"
    section: CheckedSection


class QuestionEvent(Frozen):
    """The one question of this turn, if any, and suggested replies."""

    event: Literal["question"] = "question"
    question: str | None
    suggestions: tuple[str, ...] = ()


class DoneEvent(Frozen):
    """The whole record."""

    event: Literal["done"] = "done"
    record: TurnRecord


class ErrorEvent(Frozen):
    """The turn failed; `detail` says what to do. Nothing of it was kept."""

    event: Literal["error"] = "error"
    status: int
    title: str
    detail: str


TurnEvent = (
    StatusEvent
    | ProfileEvent
    | ProductsEvent
    | OutfitsEvent
    | OffersEvent
    | SectionEvent
    | QuestionEvent
    | DoneEvent
    | ErrorEvent
)
