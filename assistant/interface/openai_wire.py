"""OpenAI's wire format, so that any client of it can talk to the shop. Stateless: the shopper's earlier messages come with each call, and
the profile is read from them again. System messages, tools and sampling settings have no say here and are passed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.errors import BadRequest, NotFound
from assistant.events import DoneEvent, ErrorEvent, SectionEvent, TurnEvent
from assistant.interface.limits import client_of
from assistant.interface.problems import FAILED, openai_error, problem_of, response_of
from assistant.interface.streaming import EventStream, primed
from assistant.interface.wire import sse
from assistant.protocols import Clock, Message
from assistant.record import reply_text
from assistant.schema import CheckedSection, TurnRecord
from assistant.session import Sessions

MODEL = "shopguide"
DONE = b"data: [DONE]\n\n"
Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class Loose(BaseModel):
    """Base of what other programs send: what is not known is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Part(Loose):
    """A part of a message; only text can be read."""

    type: str
    text: str = ""


class MessageIn(Loose):
    """One message."""

    role: Role
    content: str | tuple[Part, ...] | None = None

    def text(self) -> str:
        """Its words. Raises `BadRequest` for a part of the shopper's that is no text."""
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        if self.role == "user" and any(part.type != "text" for part in self.content):
            raise BadRequest("A content part that is no text cannot be read here; send text alone.")
        return "\n".join(part.text for part in self.content if part.type == "text")


class StreamOptions(Loose):
    """Whether the stream ends with the usage."""

    include_usage: bool = False


class ChatIn(Loose):
    """POST /v1/chat/completions."""

    messages: Annotated[tuple[MessageIn, ...], Field(min_length=1, max_length=2_000)]
    model: str = MODEL
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = None

    def readable(self) -> list[Message]:
        """The conversation's two sides; the rest is not read. Raises `BadRequest`."""
        if self.n not in (None, 1):
            raise BadRequest("n is more than 1; one answer is given; leave n out.")
        spoken = [message for message in self.messages if message.role in ("user", "assistant")]
        return [Message(role="user" if each.role == "user" else "assistant", content=each.text()) for each in spoken]


def openai_routes(sessions: Sessions, clock: Clock, unexpected: Callable[[BaseException], None]) -> APIRouter:
    """The two addresses that a client of OpenAI's chat uses."""
    router = APIRouter(prefix="/v1", tags=["openai"])
    model = {"id": MODEL, "object": "model", "created": int(clock.now().timestamp()), "owned_by": MODEL}

    @router.get("/models")
    def models() -> dict[str, Any]:
        return {"object": "list", "data": [model]}

    @router.get("/models/{name}")
    def one_model(name: str) -> dict[str, Any]:
        if name != MODEL:
            raise NotFound(f"There is no model of this name; the one model is {MODEL}.")
        return model

    @router.post("/chat/completions", response_model=None)
    def complete(body: ChatIn, request: Request) -> Response:
        events = primed(sessions.stateless(body.readable(), client_of(request)))
        created = int(clock.now().timestamp())
        if isinstance(events.first, ErrorEvent):
            return response_of(problem_of(events.first), request.url.path)
        if body.stream:
            usage = body.stream_options is not None and body.stream_options.include_usage
            broken = sse(json.dumps({"error": openai_error(FAILED)}))
            return EventStream(events, Chunks(created, usage).of, broken, unexpected)
        return _whole(events, created, request.url.path)

    return router


def _whole(events: Iterable[TurnEvent], created: int, path: str) -> Response:
    for event in events:
        if isinstance(event, ErrorEvent):
            return response_of(problem_of(event), path)
        if isinstance(event, DoneEvent):
            return JSONResponse(completion(event.record, created))
    return response_of(FAILED, path)


def completion(record: TurnRecord, created: int) -> dict[str, Any]:
    """The whole answer."""
    message = {"role": "assistant", "content": record.reply, "refusal": None}
    return {
        "id": f"chatcmpl-{record.turn_id}",
        "object": "chat.completion",
        "created": created,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage_of(record),
    }


def usage_of(record: TurnRecord) -> dict[str, int]:
    """Tokens of the models behind this answer; none where none was asked."""
    prompt, written = record.usage.prompt_tokens, record.usage.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


class Chunks:
    """The events of one turn as OpenAI's chunks. The pieces of text together are the reply, letter by letter."""

    def __init__(self, created: int, with_usage: bool) -> None:
        self._created, self._with_usage = created, with_usage
        self._sections: list[CheckedSection] = []
        self._said = ""
        self._begun = False

    def of(self, event: TurnEvent) -> Iterator[bytes]:
        """What this event adds to the stream."""
        if not self._begun:
            self._begun = True
            yield self._chunk({"role": "assistant", "content": ""})
        if isinstance(event, SectionEvent):
            self._sections.append(event.section)
            yield from self._up_to(reply_text(self._sections))
        elif isinstance(event, ErrorEvent):
            yield sse(json.dumps({"error": openai_error(problem_of(event))}))
        elif isinstance(event, DoneEvent):
            yield from self._up_to(event.record.reply)
            yield self._chunk({}, finish="stop")
            if self._with_usage:
                yield self._chunk(None, usage=usage_of(event.record))
            yield DONE

    def _up_to(self, text: str) -> Iterator[bytes]:
        more, self._said = text.removeprefix(self._said), text
        if more:
            yield self._chunk({"content": more})

    def _chunk(self, delta: dict[str, str] | None, finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}] if delta is not None else []
        chunk = {"id": f"chatcmpl-{self._created}", "object": "chat.completion.chunk", "created": self._created, "model": MODEL}
        return sse(json.dumps({**chunk, "choices": choices, **({"usage": usage} if self._with_usage else {})}))
