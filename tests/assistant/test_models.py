"""A model behind an endpoint, over real HTTP: what it answers, and every way in which an endpoint can fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import httpx2
import langchain_openai.chat_models.base as langchain_base
import openai
import pytest
from pydantic import BaseModel, Field

from assistant.clock import SystemClock
from assistant.errors import ModelError, ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.models import Endpoint, EndpointModel, first_model, translated
from assistant.protocols import Chunk, Message
from assistant.schema import Usage
from assistant.scripted_endpoint import FAULTS, Script, ScriptedEndpoint, refusing_url

CLOCK = SystemClock()
CALL = (Message(role="system", content="Be brief."), Message(role="user", content="Say hello"))
SECONDS = 10.0
SHORT = 1.0
"""Seconds that a call is given; the short time where it is to run out."""
SLACK = 1.5
"""Seconds that a busy machine may add."""

FAILURES: dict[str, tuple[type[ModelError], int]] = {
    "hang": (ModelTimeout, 1),
    "wait_429": (ModelUnavailable, 1),
    "error_500": (ModelUnavailable, 2),
    "refused_key": (ModelUnavailable, 1),
    "unknown_model": (ModelUnavailable, 1),
    "garbage": (ModelGarbage, 1),
    "garbage_stream": (ModelGarbage, 1),
    "empty": (ModelGarbage, 1),
    "half_reset": (ModelUnavailable, 1),
    "half_closed": (ModelUnavailable, 1),
    "trickle": (ModelTimeout, 1),
}
"""By fault: what is raised, and how often the endpoint was asked."""


class Answer(BaseModel):
    """What a structured call asks for."""

    words: list[str] = Field(min_length=1)
    mood: str = "calm"


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Every thread that a call starts ends, at the latest when the call's own time is over."""
    yield
    for thread in threading.enumerate():
        if thread.name == "model-call":
            thread.join(SECONDS + SLACK)
            assert not thread.is_alive()


def model_at(url: str | None, *, direct: bool = True) -> EndpointModel:
    """The model under test."""
    return EndpointModel(Endpoint(model="scripted", base_url=url, key="a key", direct=direct), CLOCK)


def streamed(url: str | None, seconds: float = SECONDS, max_tokens: int = 100, *, direct: bool = True) -> list[Chunk]:
    """Everything that one call streams."""
    with closing(model_at(url, direct=direct)) as model:
        return list(model.stream(CALL, stop_at=CLOCK.monotonic() + seconds, max_tokens=max_tokens))


def text_of(chunks: Sequence[Chunk]) -> str:
    """The text of a stream."""
    return "".join(chunk.text for chunk in chunks)


def test_streams_text_and_usage() -> None:
    with ScriptedEndpoint([Script("Hello there, how are you?")]) as endpoint:
        chunks = streamed(endpoint.url)
    assert text_of(chunks) == "Hello there, how are you?"
    assert len([chunk for chunk in chunks if chunk.text]) > 1
    assert [chunk.usage for chunk in chunks if chunk.usage] == [Usage(model_calls=1, prompt_tokens=4, completion_tokens=5)]
    request = endpoint.requests[0]
    assert request["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello"}]
    assert request["max_completion_tokens"] == 100
    assert request["temperature"] == 0.2


def test_roles_are_kept() -> None:
    call = (*CALL, Message(role="assistant", content="Hello"), Message(role="user", content="Again"))
    with ScriptedEndpoint([Script("Hello")]) as endpoint, closing(model_at(endpoint.url)) as model:
        list(model.stream(call, stop_at=CLOCK.monotonic() + SECONDS, max_tokens=9))
    assert [message["role"] for message in endpoint.requests[0]["messages"]] == ["system", "user", "assistant", "user"]


def test_usage_may_be_missing() -> None:
    with ScriptedEndpoint([Script("Hello", usage=False)]) as endpoint:
        assert all(chunk.usage is None for chunk in streamed(endpoint.url))


def test_openai_itself_keeps_its_own_temperature(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedEndpoint([Script("Hello")]) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        assert text_of(streamed(None)) == "Hello"
    assert "temperature" not in endpoint.requests[0]


def test_an_answer_that_never_ends_is_cut() -> None:
    with ScriptedEndpoint([Script("word " * 500)]) as endpoint:
        assert len([chunk for chunk in streamed(endpoint.url, max_tokens=10) if chunk.text]) <= 11


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_is_one_of_ours_in_time(fault: str) -> None:
    expected, asked = FAILURES[fault]
    with ScriptedEndpoint([FAULTS[fault]]) as endpoint, closing(model_at(endpoint.url)) as model:
        began, seconds = time.monotonic(), SHORT if expected is ModelTimeout else SECONDS
        with pytest.raises(ModelError) as caught:
            list(model.stream(CALL, stop_at=CLOCK.monotonic() + seconds, max_tokens=100))
        assert time.monotonic() - began < seconds + SLACK
    assert type(caught.value) is expected
    assert len(endpoint.requests) == asked


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_of_a_structured_call_is_one_of_ours(fault: str) -> None:
    with ScriptedEndpoint([FAULTS[fault]]) as endpoint, closing(model_at(endpoint.url)) as model:
        began, seconds = time.monotonic(), SHORT if fault == "hang" else SECONDS
        with pytest.raises(ModelError):
            model.structured(CALL, Answer, stop_at=CLOCK.monotonic() + seconds)
        assert time.monotonic() - began < seconds + SLACK


def test_a_refused_connection() -> None:
    with refusing_url() as url, pytest.raises(ModelUnavailable, match="OPENAI_BASE_URL"):
        streamed(url)


@pytest.mark.parametrize("url", ["localhost:1/v1", "not a url", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ModelUnavailable):
        streamed(url)


def test_a_name_that_is_not_known_is_not_asked_for_again() -> None:
    with (
        ScriptedEndpoint([FAULTS["unknown_model"]]) as endpoint,
        pytest.raises(ModelUnavailable, match="SHOPGUIDE_MODEL") as caught,
    ):
        streamed(endpoint.url)
    assert caught.value.final


def test_the_time_to_wait_is_passed_on() -> None:
    with ScriptedEndpoint([FAULTS["wait_429"]]) as endpoint, pytest.raises(ModelUnavailable) as caught:
        streamed(endpoint.url)
    assert caught.value.retry_after == 30


@pytest.mark.parametrize("header", ["soon", "", "Fri, 27 Nov 2026 10:00:00 GMT"])
def test_a_time_to_wait_that_is_no_number_is_none(header: str) -> None:
    with (
        ScriptedEndpoint([Script(status=429, headers=(("retry-after", header),))]) as endpoint,
        pytest.raises(ModelUnavailable) as caught,
    ):
        streamed(endpoint.url)
    assert caught.value.retry_after is None
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("first", [FAULTS["error_500"], Script(status=429, headers=(("retry-after", "0.1"),))])
def test_one_retry_before_the_first_chunk(first: Script) -> None:
    with ScriptedEndpoint([first, Script("Hello")]) as endpoint:
        assert text_of(streamed(endpoint.url)) == "Hello"
    assert len(endpoint.requests) == 2


def test_no_retry_after_the_first_chunk() -> None:
    with ScriptedEndpoint([FAULTS["half_reset"], Script("Hello")]) as endpoint, closing(model_at(endpoint.url)) as model:
        seen: list[Chunk] = []
        with pytest.raises(ModelUnavailable):
            seen.extend(_kept(model.stream(CALL, stop_at=CLOCK.monotonic() + SECONDS, max_tokens=100), seen))
    assert text_of(seen).startswith("0: You asked")
    assert len(endpoint.requests) == 1


def _kept(chunks: Iterator[Chunk], seen: list[Chunk]) -> list[Chunk]:
    for chunk in chunks:
        seen.append(chunk)
    return []


def test_no_retry_when_the_time_is_too_short() -> None:
    with ScriptedEndpoint([FAULTS["error_500"]]) as endpoint, pytest.raises(ModelUnavailable):
        streamed(endpoint.url, seconds=0.15)
    assert len(endpoint.requests) == 1


def test_a_reader_that_leaves_ends_the_call() -> None:
    with ScriptedEndpoint([Script("word " * 200, pause_s=0.02)]) as endpoint, closing(model_at(endpoint.url)) as model:
        stream = model.stream(CALL, stop_at=CLOCK.monotonic() + 30, max_tokens=1000)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        calls = [thread for thread in threading.enumerate() if thread.name == "model-call"]
        for thread in calls:
            thread.join(SLACK)
        assert not any(thread.is_alive() for thread in calls)


def test_a_structured_answer() -> None:
    with ScriptedEndpoint([Script('{"words": ["red", "blue"]}')]) as endpoint, closing(model_at(endpoint.url)) as model:
        answer, usage = model.structured(CALL, Answer, stop_at=CLOCK.monotonic() + SECONDS)
    assert answer == Answer(words=["red", "blue"])
    assert usage == Usage(model_calls=1, prompt_tokens=4, completion_tokens=3)
    asked = endpoint.requests[0]["response_format"]
    assert asked["type"] == "json_schema"
    assert asked["json_schema"]["schema"]["required"] == ["words"]


def test_structured_usage_may_be_missing() -> None:
    with ScriptedEndpoint([Script('{"words": ["red"]}', usage=False)]) as endpoint, closing(model_at(endpoint.url)) as model:
        assert model.structured(CALL, Answer, stop_at=CLOCK.monotonic() + SECONDS)[1] == Usage(model_calls=1, estimated=True)


@pytest.mark.parametrize("said", ["no JSON at all", '{"words": []}', '{"mood": "merry"}', "[]", "null", '{"words": "red"'])
def test_a_structured_answer_of_another_form_is_garbage(said: str) -> None:
    with ScriptedEndpoint([Script(said)]) as endpoint, closing(model_at(endpoint.url)) as model, pytest.raises(ModelGarbage):
        model.structured(CALL, Answer, stop_at=CLOCK.monotonic() + SECONDS)


def test_a_proxy_of_the_environment_is_not_used_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedEndpoint([Script("Hello")]) as endpoint, refusing_url() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert text_of(streamed(endpoint.url)) == "Hello"
        with pytest.raises(ModelUnavailable):
            streamed(endpoint.url, direct=False)


def test_nothing_is_sent_to_a_tracing_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment asks for: prompts hold the shopper's words."""
    with ScriptedEndpoint([Script("Hello")]) as endpoint, ScriptedEndpoint([Script("Thanks")]) as canary:
        for name, value in {"TRACING": "true", "TRACING_V2": "true", "API_KEY": "k", "ENDPOINT": canary.url}.items():
            monkeypatch.setenv(f"LANGSMITH_{name}", value)
            monkeypatch.setenv(f"LANGCHAIN_{name}", value)
        with closing(model_at(endpoint.url)) as model:
            assert _traced_while_calling(model) == [False]


def _traced_while_calling(model: EndpointModel) -> list[bool]:
    """Whether langchain would trace, asked from within the call's own thread."""
    from langsmith import utils

    utils.get_env_var.cache_clear()  # type: ignore[attr-defined]
    assert utils.tracing_is_enabled()
    seen: list[bool] = []

    def start(put: object) -> None:
        seen.append(bool(utils.tracing_is_enabled()))

    list(model._pumped(start, CLOCK.monotonic() + SECONDS))
    utils.get_env_var.cache_clear()  # type: ignore[attr-defined]
    return seen


def test_the_first_model_that_is_listed() -> None:
    with ScriptedEndpoint([Script(model="tiny-1")]) as endpoint:
        assert first_model(endpoint.url, "a key") == "tiny-1"


def test_no_model_can_be_listed() -> None:
    with refusing_url() as url, pytest.raises(ModelUnavailable):
        first_model(url, "a key")
    with ScriptedEndpoint([Script()]) as endpoint, pytest.raises(ModelUnavailable):
        first_model(endpoint.url.removesuffix("v1"), "a key")
    for body in (b"<html>", b"[]", b'{"data": []}', b'{"data": [{"name": "tiny"}]}', b'{"data": "tiny"}'):
        with ScriptedEndpoint([Script(raw=body)]) as endpoint, pytest.raises(ModelGarbage):
            first_model(endpoint.url, "a key")


MEANINGS: dict[type[ModelError], frozenset[str]] = {
    ModelUnavailable: frozenset(
        {
            *(
                "APIConnectionError",
                "APIStatusError",
                "AuthenticationError",
                "BadRequestError",
                "ConflictError",
                "InternalServerError",
            ),
            *("NotFoundError", "OAuthError", "PermissionDeniedError", "RateLimitError", "UnprocessableEntityError"),
            *("OpenAIAPIError", "OpenAIAuthenticationError", "OpenAIConnectionError", "OpenAIContextOverflowError"),
            *("OpenAIInvalidRequestError", "OpenAIModelNotFoundError", "OpenAIPermissionDeniedError", "OpenAIRateLimitError"),
        }
    ),
    ModelTimeout: frozenset({"APITimeoutError", "OpenAITimeoutError"}),
    ModelGarbage: frozenset({"APIError", "APIResponseValidationError", "OpenAIAPIContextOverflowError"}),
}
"""What every exception of a request means."""


def derived(kind: type[Exception]) -> set[type[Exception]]:
    """`kind` and every class derived from it that is loaded."""
    return {kind}.union(*(derived(each) for each in kind.__subclasses__()))


def test_every_exception_of_a_request_is_translated() -> None:
    """Fails for a class that a new version of the libraries adds, until somebody has decided what it means and named it above."""
    expected = {name: kind for kind, names in MEANINGS.items() for name in names}
    assert {each.__name__: type(translated(bare(each))) for each in derived(openai.APIError)} == expected


def test_every_other_exception_is_garbage() -> None:
    exported = [value for module in (openai, langchain_base) for value in list(vars(module).values()) if isinstance(value, type)]
    theirs = ("openai", "langchain_openai")
    others = {each for each in exported if issubclass(each, Exception) and each.__module__.startswith(theirs)}
    others = (others | derived(openai.OpenAIError)) - derived(openai.APIError)
    assert len(others) >= 5
    assert {type(translated(bare(each))) for each in others} == {ModelGarbage}
    assert {type(translated(error)) for error in (ValueError(), OSError(), RuntimeError(), httpx2.ReadError(""))} == {
        ModelGarbage
    }


def bare(kind: type[Exception]) -> Exception:
    """An exception of this class with what every answer of an endpoint has."""
    error = kind.__new__(kind)
    status = getattr(kind, "status_code", None)
    request = httpx2.Request("POST", "http://127.0.0.1/v1")
    error.__dict__.update(status_code=status if isinstance(status, int) else 400, response=httpx2.Response(400, request=request))
    return error


@pytest.mark.parametrize(
    ("status", "final"),
    [(400, True), (401, True), (403, True), (404, True), (408, False), (409, False), (422, True), (500, False), (503, False)],
)
def test_what_asking_again_cannot_mend_is_final(status: int, final: bool) -> None:
    request = httpx2.Request("POST", "http://127.0.0.1/v1")
    error = translated(openai.APIStatusError("told to", response=httpx2.Response(status, request=request), body=None))
    assert isinstance(error, ModelUnavailable)
    assert error.final is final
    assert str(status) in str(error)


def test_one_model_serves_many_threads() -> None:
    with (
        ScriptedEndpoint([Script(lambda request: str(request["messages"][-1]["content"]))]) as endpoint,
        closing(model_at(endpoint.url)) as model,
    ):
        said: dict[int, str] = {}

        def ask(number: int) -> None:
            call = (Message(role="user", content=f"shopper {number}"),)
            said[number] = text_of(list(model.stream(call, stop_at=CLOCK.monotonic() + 10, max_tokens=50)))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert said == {number: f"shopper {number}" for number in range(8)}
