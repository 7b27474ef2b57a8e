"""One turn as the session sees it: the agent's events with its failures translated, and an earlier answer said again. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from assistant.errors import ShopperError
from assistant.events import (
    DoneEvent,
    ErrorEvent,
    OffersEvent,
    OutfitsEvent,
    ProductsEvent,
    ProfileEvent,
    QuestionEvent,
    TurnEvent,
)
from assistant.protocols import TurnFinished
from assistant.schema import ProfileChange, TurnRecord

FAILED = "Something went wrong on our side; nothing of this message was kept. Send it again, or say it in other words."


class AgentBroke(Exception):
    """The agent ended a turn without its end, or with another turn's."""


def guarded(
    events: Iterator[TurnEvent | TurnFinished], failed: Callable[[Exception], None]
) -> Generator[TurnEvent | TurnFinished, None, None]:
    """The agent's events up to `TurnFinished`; whatever it raises becomes an `ErrorEvent`, and is told to `failed` unless the shopper
    can mend it herself. Closing this closes the agent's turn."""
    try:
        while True:
            event = _next(events, failed)
            yield event
            if isinstance(event, TurnFinished | ErrorEvent):
                return
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()


def _next(events: Iterator[TurnEvent | TurnFinished], failed: Callable[[Exception], None]) -> TurnEvent | TurnFinished:
    try:
        return next(events)
    except StopIteration:
        failed(AgentBroke())
    except ShopperError as error:
        return told(error)
    except Exception as error:
        failed(error)
    return broken()


def broken() -> ErrorEvent:
    """The event that ends a turn which failed on our side."""
    return ErrorEvent(status=500, title="The turn failed", detail=FAILED)


def told(error: ShopperError) -> ErrorEvent:
    """The event that says what a `ShopperError` says."""
    return ErrorEvent(status=error.status, title=error.title, detail=error.detail)


def again(record: TurnRecord) -> Iterator[TurnEvent]:
    """The events of a turn that was answered before, from its record. What was prose then comes with `done`."""
    yield ProfileEvent(change=ProfileChange(profile=record.profile))
    yield ProductsEvent(products=record.products)
    yield OutfitsEvent(outfits=record.outfits)
    yield OffersEvent(offers=record.offers)
    yield QuestionEvent(question=record.question, suggestions=record.suggestions)
    yield DoneEvent(record=record)
