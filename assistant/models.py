"""The door to langchain and openai: a language model behind any endpoint that speaks OpenAI's wire format.

Every failure of these libraries leaves here as one of ours. A deadline is kept even against a stream that trickles: the answer is read in
a thread of its own, and what comes after `stop_at` is dropped. One retry, with jitter, and none after the first chunk."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import openai
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.errors import ModelError, ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.protocols import Chunk, Clock, Message, Parsed
from assistant.schema import Usage

Out = TypeVar("Out")

RETRY_SECONDS = 0.4
"""Longest wait before the one retry, unless the endpoint names a time; drawn from half of it upwards."""

_ROLES: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}


@dataclass(frozen=True)
class Endpoint:
    """Where a model answers. `key` may be anything for a local server."""

    model: str
    base_url: str | None
    key: str
    temperature: float = 0.2


class EndpointModel:
    """Keeps the `ChatModel` protocol over HTTP."""

    def __init__(self, endpoint: Endpoint, clock: Clock, jitter: random.Random | None = None) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._jitter = jitter or random.Random()

    @property
    def name(self) -> str:
        """The model's name, as the record gives it."""
        return self._endpoint.model

    def stream(self, messages: Sequence[Message], *, stop_at: float, max_tokens: int) -> Iterator[Chunk]:
        """The answer as it comes. Raises `ModelUnavailable`, `ModelTimeout`, `ModelGarbage`."""
        prompt = [_ROLES[message.role](content=message.content) for message in messages]

        def start(put: Callable[[Chunk], bool]) -> None:
            client = self._client(stop_at, max_tokens, streaming=True)
            for chunk in client.stream(prompt):
                if not put(_chunk(chunk)):
                    return

        yield from self._retried(start, stop_at)

    def structured(self, messages: Sequence[Message], schema: type[Parsed], *, stop_at: float) -> tuple[Parsed, Usage]:
        """One answer in the form of `schema`. Raises `ModelUnavailable`, `ModelTimeout`, `ModelGarbage`."""
        prompt = [_ROLES[message.role](content=message.content) for message in messages]

        def start(put: Callable[[tuple[Parsed, Usage]], bool]) -> None:
            client = self._client(stop_at, max_tokens=500, streaming=False)
            answer: Any = client.with_structured_output(schema, method="json_schema", include_raw=True).invoke(prompt)
            if answer["parsed"] is None:
                raise ModelGarbage("the model's answer is not of the agreed form") from answer["parsing_error"]
            put((answer["parsed"], _usage(answer["raw"]) or Usage(model_calls=1, estimated=True)))

        for answer in self._retried(start, stop_at):
            return answer
        raise ModelGarbage("the model answered nothing")

    def _client(self, stop_at: float, max_tokens: int, *, streaming: bool) -> ChatOpenAI:
        left = max(0.05, stop_at - self._clock.monotonic())
        return ChatOpenAI(
            model=self._endpoint.model,
            base_url=self._endpoint.base_url,
            api_key=SecretStr(self._endpoint.key),
            temperature=self._endpoint.temperature,
            timeout=left,
            max_retries=0,
            streaming=streaming,
            stream_usage=True,
            max_completion_tokens=max_tokens,
        )

    def _retried(self, start: Callable[[Callable[[Out], bool]], None], stop_at: float) -> Iterator[Out]:
        for attempt in (1, 2):
            begun = False
            try:
                for out in self._pumped(start, stop_at):
                    begun = True
                    yield out
                return
            except ModelUnavailable as error:
                wait = error.retry_after if error.retry_after is not None else RETRY_SECONDS * self._jitter.uniform(0.5, 1.0)
                if begun or error.final or attempt == 2 or self._clock.monotonic() + wait >= stop_at:
                    raise
                threading.Event().wait(wait)

    def _pumped(self, start: Callable[[Callable[[Out], bool]], None], stop_at: float) -> Iterator[Out]:
        """What `start` puts, from a thread of its own, until it ends or `stop_at` comes; then the thread is told to stop."""
        box: queue.SimpleQueue[Out | Exception | None] = queue.SimpleQueue()
        stopped = threading.Event()

        def put(out: Out) -> bool:
            box.put(out)
            return not stopped.is_set()

        def run() -> None:
            try:
                start(put)
                box.put(None)
            except Exception as error:  # it crosses to the reader's thread, where it is translated and raised
                box.put(error)

        threading.Thread(target=run, name="model-stream", daemon=True).start()
        try:
            while (out := self._taken(box, stop_at)) is not None:
                if isinstance(out, Exception):
                    raise translated(out) from out
                yield out
        finally:
            stopped.set()

    def _taken(self, box: queue.SimpleQueue[Out], stop_at: float) -> Out:
        try:
            return box.get(timeout=max(0.0, stop_at - self._clock.monotonic()))
        except queue.Empty:
            raise ModelTimeout("the model did not finish in time") from None


def translated(error: Exception) -> ModelError:
    """Any failure of the libraries as one of ours. What is not known by name is garbage: the composer then writes."""
    if isinstance(error, ModelError):
        return error
    if isinstance(error, openai.APITimeoutError):
        return ModelTimeout("the model did not answer in time")
    if isinstance(error, openai.RateLimitError):
        return ModelUnavailable("the model's endpoint asks us to wait (429)", retry_after=_retry_after(error))
    if isinstance(
        error, openai.NotFoundError | openai.AuthenticationError | openai.PermissionDeniedError | openai.BadRequestError
    ):
        return ModelUnavailable(
            f"the model's endpoint refuses ({error.status_code}): check SHOPGUIDE_MODEL and OPENAI_API_KEY", final=True
        )
    if isinstance(error, openai.APIConnectionError | openai.APIStatusError):
        return ModelUnavailable(f"the model's endpoint cannot be used ({type(error).__name__})")
    return ModelGarbage(f"the model's answer cannot be read ({type(error).__name__})")


def _retry_after(error: openai.RateLimitError) -> float | None:
    given = error.response.headers.get("retry-after", "")
    return float(given) if given.replace(".", "", 1).isdigit() else None


def _chunk(chunk: AIMessageChunk) -> Chunk:
    return Chunk(text=chunk.text, usage=_usage(chunk))


def _usage(message: AIMessage) -> Usage | None:
    given = message.usage_metadata
    if given is None:
        return None
    return Usage(model_calls=1, prompt_tokens=given["input_tokens"], completion_tokens=given["output_tokens"])


def first_model(base_url: str, key: str, seconds: float = 2.0) -> str:
    """The first model that an endpoint lists. Raises `ModelError` where it lists none, or cannot be asked."""
    try:
        listed = openai.OpenAI(base_url=base_url, api_key=key, timeout=seconds, max_retries=0).models.list().data
    except openai.OpenAIError as error:
        raise translated(error) from error
    if not listed:
        raise ModelGarbage("the model's endpoint lists no model")
    return listed[0].id
