"""The model in this process: what it refuses, and, where it is installed, that it writes, keeps its port to itself and prints nothing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.clock import SystemClock
from assistant.embedded import EmbeddedModel, engine_installed
from assistant.errors import ModelTimeout, ModelUnavailable
from assistant.protocols import Message
from assistant.weights import weights_file

CLOCK = SystemClock()
CALL = (Message(role="user", content="Say red."),)
MINUTE = 60.0

needs_engine = pytest.mark.skipif(not engine_installed(), reason="the package xllamacpp is not installed; it is an extra")
needs_weights = pytest.mark.skipif(
    not (engine_installed() and weights_file().is_file()), reason="the embedded model is not installed (`make run` fetches it)"
)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"make run.*SHOPGUIDE_MODEL"):
        EmbeddedModel(tmp_path / "none.gguf", CLOCK)


@needs_engine
def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF and then nothing of the kind")
    with pytest.raises(ModelUnavailable, match=r"broken\.gguf cannot be loaded"):
        EmbeddedModel(path, CLOCK)


@pytest.fixture(scope="module")
def model() -> Iterator[EmbeddedModel]:
    """The default model, loaded once."""
    loaded = EmbeddedModel(weights_file(), CLOCK, "the default model")
    yield loaded
    loaded.close()


def answer(model: EmbeddedModel, max_tokens: int = 4) -> str:
    """What the model says."""
    return "".join(chunk.text for chunk in model.stream(CALL, stop_at=CLOCK.monotonic() + MINUTE, max_tokens=max_tokens))


def status(url: str, headers: dict[str, str], body: dict[str, object] | None = None) -> tuple[int, str | None]:
    """The status of a request to the engine's port, and the origin that may read the answer."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers["access-control-allow-origin"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["access-control-allow-origin"]


@needs_weights
def test_writes_and_prints_nothing(model: EmbeddedModel, capfd: pytest.CaptureFixture[str]) -> None:
    model.warm_up(CALL, CLOCK.monotonic() + MINUTE)
    assert "red" in answer(model).lower()
    assert model.name == "the default model"
    assert capfd.readouterr() == ("", "")


@needs_weights
def test_its_port_is_for_this_process_alone(model: EmbeddedModel) -> None:
    asked: dict[str, object] = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
    for headers in ({}, {"authorization": "Bearer embedded"}, {"origin": "https://evil.example"}):
        code, origin = status(f"{model.address}/v1/chat/completions", headers, asked)
        assert code == 401
        assert origin != "https://evil.example"
    assert status(f"{model.address}/slots", {})[0] == 401
    assert status(f"{model.address}/", {})[0] == 404
    assert model.address.startswith("http://127.0.0.1:")


@needs_weights
def test_writes_for_one_at_a_time(model: EmbeddedModel) -> None:
    first = model.stream(CALL, stop_at=CLOCK.monotonic() + MINUTE, max_tokens=4)
    next(first)
    with pytest.raises(ModelUnavailable) as caught:
        answer(model)
    assert caught.value.busy
    list(first)
    assert answer(model)


@needs_weights
def test_keeps_its_time_and_can_be_asked_again(model: EmbeddedModel) -> None:
    long = (Message(role="user", content="Count slowly, in words, as far as you can."),)
    with pytest.raises(ModelTimeout):
        list(model.stream(long, stop_at=CLOCK.monotonic() + 0.5, max_tokens=400))
    assert answer(model)


@needs_weights
def test_a_warm_up_that_is_not_done_in_time_is_no_failure(model: EmbeddedModel) -> None:
    model.warm_up((Message(role="user", content="word " * 80),), CLOCK.monotonic() + 0.05)
    assert answer(model)
