"""What the store gives and takes: nouns without a database."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from assistant.schema import Conversation, TurnRecord
from catalog_data.schema import Frozen

EventKind = Literal["created", "turn", "profile", "cart", "feedback"]
FeedbackValue = Literal["up", "down"]
FeedbackReason = Literal["price", "fit", "style", "quality", "other"]


class Saved(Frozen):
    """A conversation as it lies in the store. `version` grows with every change: who writes names the one that was read. `turns`
    counts the answered messages."""

    conversation: Conversation
    version: int = Field(ge=1)
    turns: int = Field(ge=0)
    updated_at: AwareDatetime


class StoredTurn(Frozen):
    """One answered message. `number` counts from 1."""

    turn_id: str
    number: int = Field(ge=1)
    at: AwareDatetime
    record: TurnRecord


class Feedback(Frozen):
    """What a shopper said of an answer, or of one item in it (`product_id`); the last word on each counts."""

    turn_id: str
    product_id: str | None = None
    value: FeedbackValue
    reason: FeedbackReason | None = None
    at: AwareDatetime


class StoreEvent(Frozen):
    """Something that happened: what and when, with ids alone, never words."""

    kind: EventKind
    at: AwareDatetime
    ids: tuple[str, ...] = ()


class Export(Frozen):
    """All that is kept of a conversation. What is exported and read in again is the same."""

    conversation: Conversation
    updated_at: AwareDatetime
    turns: tuple[StoredTurn, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    events: tuple[StoreEvent, ...] = ()
