"""The door to langchain and openai: a language model behind any endpoint that speaks OpenAI's wire format.

Every failure of these libraries leaves here as one of ours. A deadline is kept even against a stream that trickles: the answer is read in
a thread of its own, and what comes after `stop_at` is dropped. One retry, with jitter, and none after the first chunk.

The libraries take seconds to import, so this file imports them where they are first used: who runs without a model does without them."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.errors import ModelError, ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.protocols import Chunk, Clock, Message, Parsed
from assistant.schema import Usage

if TYPE_CHECKING:
    import openai
    from langchain_core.messages import AIMessage, AIMessageChunk
    from langchain_openai import ChatOpenAI

Out = TypeVar("Out")

RETRY_SECONDS = 0.4
"""Longest wait before the one retry, unless the endpoint names a time; drawn from half of it upwards."""
STRUCTURED_TOKENS = 400
"""Longest structured answer."""
SHORTEST_WAIT = 0.05
"""Seconds that a call is given however late it is: a timeout of zero would mean none at all."""


@dataclass(frozen=True)
class Endpoint:
    """Where a model answers. `base_url` None: OpenAI itself. `key` may be anything for a local server. `temperature` None: the model's
    own. `direct`: on this machine, so that no proxy of the environment's is used."""

    model: str
    base_url: str | None
    key: str
    temperature: float | None = 0.2
    direct: bool = False


class EndpointModel:
    """Keeps the `ChatModel` protocol over HTTP. Threads may share it. `close` frees its connections."""

    def __init__(self, endpoint: Endpoint, clock: Clock, jitter: random.Random | None = None) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._jitter = jitter or random.Random()
        self._client = _client(endpoint)

    @property
    def name(self) -> str:
        """The model's name, as the record gives it."""
        return self._endpoint.model

    def stream(self, messages: Sequence[Message], *, stop_at: float, max_tokens: int) -> Iterator[Chunk]:
        """The answer as it comes. Raises `ModelUnavailable` (also when it breaks off), `ModelTimeout`, `ModelGarbage` (also when it is
        empty)."""
        prompt = _prompt(messages)

        def start(put: Callable[[Chunk], bool]) -> None:
            pieces, ended = 0, False
            for chunk in self._client.stream(prompt, timeout=self._left(stop_at), max_tokens=max_tokens):
                pieces += bool(chunk.text)
                ended = ended or "finish_reason" in chunk.response_metadata
                # Some servers do not know `max_completion_tokens` (Ollama): their pieces are counted here.
                if not put(_chunk(chunk)) or pieces > max_tokens:
                    return
            if not ended:
                raise ModelUnavailable("the model's answer broke off")
            if not pieces:
                raise ModelGarbage("the model answered nothing")

        yield from self._retried(start, stop_at)

    def structured(self, messages: Sequence[Message], schema: type[Parsed], *, stop_at: float) -> tuple[Parsed, Usage]:
        """One answer in the form of `schema`. Raises `ModelUnavailable`, `ModelTimeout`, `ModelGarbage`.

        The schema goes as plain JSON schema, whose optional fields a model leaves out: a class would make every field required."""
        prompt = _prompt(messages)

        def start(put: Callable[[tuple[Parsed, Usage]], bool]) -> None:
            asked = self._client.with_structured_output(
                lean(schema.model_json_schema(), name=schema.__name__),
                method="json_schema",
                include_raw=True,
                timeout=self._left(stop_at),
                max_tokens=STRUCTURED_TOKENS,
            )
            answer: Any = asked.invoke(prompt)
            if answer["parsed"] is None:
                raise ModelGarbage("the model's answer is not of the agreed form") from answer["parsing_error"]
            put((schema.model_validate(answer["parsed"]), _usage(answer["raw"]) or Usage(model_calls=1, estimated=True)))

        for answer in self._retried(start, stop_at):
            return answer
        raise ModelGarbage("the model answered nothing")

    def close(self) -> None:
        """Frees the connections; the model cannot be asked again."""
        self._client.root_client.close()

    def _left(self, stop_at: float) -> float:
        return max(SHORTEST_WAIT, stop_at - self._clock.monotonic())

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
        """What `start` puts, from a thread of its own, until it ends or `stop_at` comes; then the thread is told to stop.

        A thread that waits for a silent endpoint ends at the latest when its own timeout, the time left at the start, is over."""
        box: queue.SimpleQueue[Out | Exception | None] = queue.SimpleQueue()
        stopped = threading.Event()

        def put(out: Out) -> bool:
            box.put(out)
            return not stopped.is_set()

        def run() -> None:
            try:
                with _untraced():
                    start(put)
                box.put(None)
            except Exception as error:  # it crosses to the reader's thread, where it is translated and raised
                box.put(error)

        threading.Thread(target=run, name="model-call", daemon=True).start()
        try:
            while (out := self._taken(box, stop_at)) is not None:
                if isinstance(out, ModelError):
                    raise out
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
    import openai

    if isinstance(error, ModelError):
        return error
    if isinstance(error, openai.APITimeoutError):
        return ModelTimeout("the model did not answer in time")
    if isinstance(error, openai.RateLimitError):
        return ModelUnavailable("the model's endpoint asks us to wait (429)", retry_after=_retry_after(error))
    if isinstance(error, openai.APIStatusError):
        final = error.status_code < 500 and error.status_code not in (408, 409)
        advice = ": check SHOPGUIDE_MODEL, OPENAI_BASE_URL and OPENAI_API_KEY" if final else ""
        return ModelUnavailable(f"the model's endpoint refuses ({error.status_code}){advice}", final=final)
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailable("the model's endpoint cannot be reached: check OPENAI_BASE_URL")
    return ModelGarbage(f"the model's answer cannot be read ({type(error).__name__})")


def first_model(base_url: str, key: str, seconds: float = 2.0) -> str:
    """The first model that an endpoint lists. Raises `ModelError` where it lists none, or cannot be asked."""
    import openai

    try:
        with openai.OpenAI(base_url=base_url, api_key=key, timeout=seconds, max_retries=0) as client:
            names = [getattr(each, "id", None) for each in client.models.list().data]
    except Exception as error:  # an answer of another form fails inside the library, in ways that it does not name
        raise translated(error) from error
    for name in names:
        if isinstance(name, str) and name:
            return name
    raise ModelGarbage("the model's endpoint lists no model")


def lean(schema: Any, name: str = "") -> Any:
    """A JSON schema without what costs tokens and says nothing to a model: titles, descriptions, defaults, and null for what may be left
    out. The whole has a title, for its name."""
    if isinstance(schema, list):
        return [lean(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1:
        return lean(choices[0])
    named = {"title": name} if name else {}
    return named | {
        key: {field: lean(value) for field, value in held.items()} if key in ("properties", "$defs") else lean(held)
        for key, held in schema.items()
        if key not in ("title", "description", "default")
    }


def _client(endpoint: Endpoint) -> ChatOpenAI:
    """One client for all calls. A timeout goes with each call: a client for each would never be freed, for langchain keeps them."""
    import openai
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=endpoint.model,
        base_url=endpoint.base_url,
        api_key=SecretStr(endpoint.key),
        # Some of OpenAI's own models refuse any other temperature than theirs.
        temperature=endpoint.temperature if endpoint.base_url is not None else None,
        max_retries=0,
        stream_usage=True,
        use_responses_api=False,
        http_client=openai.DefaultHttpxClient(trust_env=not endpoint.direct),
    )


def _untraced() -> Any:
    """No trace of a call goes to a tracing service, whatever the environment says: prompts hold the shopper's words."""
    from langsmith import tracing_context

    return tracing_context(enabled=False)


def _prompt(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [("ai" if message.role == "assistant" else message.role, message.content) for message in messages]


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
