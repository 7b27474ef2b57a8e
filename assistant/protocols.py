"""The seams between the parts of the conversation, as protocols: who implements them is the composition root's choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel

from assistant.events import TurnEvent
from assistant.schema import (
    CheckedSection,
    Conversation,
    GuideBrief,
    GuideReport,
    ParseContext,
    TurnContext,
    TurnRecord,
    Understanding,
    Usage,
)
from catalog_data.schema import Frozen

Parsed = TypeVar("Parsed", bound=BaseModel)


class Clock(Protocol):
    """The time, injected so that tests and evals can hold it still."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from some fixed start, for deadlines and timings; never goes back."""
        ...


class Message(Frozen):
    """One message to a language model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Chunk(Frozen):
    """A piece of a model's answer; the last one carries the usage."""

    text: str = ""
    usage: Usage | None = None


class ChatModel(Protocol):
    """A language model. Both calls raise `ModelUnavailable`, `ModelTimeout` or `ModelGarbage`, never anything else of the library's."""

    @property
    def name(self) -> str:
        """What the record calls it."""
        ...

    def stream(self, messages: Sequence[Message], *, stop_at: float, max_tokens: int) -> Iterator[Chunk]:
        """The answer as it comes. Nothing is awaited past `stop_at` (on `Clock.monotonic`): then `ModelTimeout` is raised."""
        ...

    def structured(self, messages: Sequence[Message], schema: type[Parsed], *, stop_at: float) -> tuple[Parsed, Usage]:
        """One answer in the form of `schema`, checked."""
        ...


class Understander(Protocol):
    """From words to acts and slots."""

    def understand(self, message: str, context: ParseContext, *, stop_at: float) -> tuple[Understanding, Usage]:
        """What `message` says. Never raises for what a shopper may write."""
        ...


class Guide(Protocol):
    """From a brief to checked prose."""

    def write(self, brief: GuideBrief, *, stop_at: float) -> Iterator[CheckedSection | GuideReport]:
        """Every section of the brief, in its order, each checked, by `stop_at` (on `Clock.monotonic`) at the latest; then one report."""
        ...


class TurnRequest(Frozen):
    """One message in its conversation."""

    turn_id: str
    conversation: Conversation
    message: str
    context: TurnContext = TurnContext()


class TurnFinished(Frozen):
    """The end of a turn that went well: what to store."""

    conversation: Conversation
    record: TurnRecord


class Agent(Protocol):
    """Runs turns. Holds no conversation of its own: the same request gives the same result."""

    def run_turn(self, request: TurnRequest) -> Iterator[TurnEvent | TurnFinished]:
        """The events of a turn but the last, then one `TurnFinished`. The session stores it and then says `DoneEvent`."""
        ...

    def replay(self, conversation: Conversation, message: str) -> Conversation:
        """The conversation after `message`, without a guide or a model: how a stateless client's past is read."""
        ...
