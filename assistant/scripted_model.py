"""A language model that says what it is told to: keeps the `ChatModel` protocol for tests and evaluations, beside the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from assistant.errors import ModelError, ModelGarbage
from assistant.protocols import Chunk, Message, Parsed
from assistant.schema import Usage


@dataclass
class ScriptedModel:
    """Streams `answer` (a text, or a function of the messages) in pieces of `piece` characters; then raises `failure`, if any, after
    `fails_after` pieces. `calls` holds the messages of every call, `limits` the most tokens that each stream was given."""

    answer: str | Callable[[Sequence[Message]], str] = ""
    piece: int = 7
    failure: ModelError | None = None
    fails_after: int = 0
    usage: Usage | None = None
    name: str = "scripted"
    calls: list[tuple[Message, ...]] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)

    def stream(self, messages: Sequence[Message], *, stop_at: float, max_tokens: int) -> Iterator[Chunk]:
        """The answer in pieces."""
        self.limits.append(max_tokens)
        text = self._said(messages)
        pieces = [text[start : start + self.piece] for start in range(0, len(text), self.piece)]
        for number, piece in enumerate(pieces):
            if self.failure is not None and number >= self.fails_after:
                raise self.failure
            yield Chunk(text=piece)
        if self.failure is not None:
            raise self.failure
        yield Chunk(usage=self.usage)

    def structured(self, messages: Sequence[Message], schema: type[Parsed], *, stop_at: float) -> tuple[Parsed, Usage]:
        """The answer read as JSON of `schema`."""
        text = self._said(messages)
        if self.failure is not None:
            raise self.failure
        try:
            return schema.model_validate_json(text), self.usage or Usage(model_calls=1)
        except ValueError as error:
            raise ModelGarbage("the scripted answer is not of the agreed form") from error

    def _said(self, messages: Sequence[Message]) -> str:
        self.calls.append(tuple(messages))
        return self.answer if isinstance(self.answer, str) else self.answer(messages)
