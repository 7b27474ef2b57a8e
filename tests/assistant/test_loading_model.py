"""A model that loads in the background: what callers see before, while and after, and when it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import BaseModel

from assistant.errors import ModelGarbage, ModelUnavailable
from assistant.loading_model import LoadingModel
from assistant.protocols import ChatModel, Message
from assistant.scripted_model import ScriptedModel

SAID = (Message(role="user", content="hello"),)
PATIENCE = 10.0


class Answer(BaseModel):
    """What a structured call asks for."""

    word: str


class Gate:
    """A load that waits for the test, counts its calls, and then gives a model or fails."""

    def __init__(self, model: ChatModel | None = None, error: Exception | None = None) -> None:
        self.calls = 0
        self.open = threading.Event()
        self._model, self._error = model, error

    def __call__(self) -> ChatModel:
        self.calls += 1
        assert self.open.wait(PATIENCE)
        if self._error is not None:
            raise self._error
        assert self._model is not None
        return self._model


Begin = Callable[[Gate], LoadingModel]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts loading through a gate, and lets every gate go at the end."""
    gates: list[Gate] = []

    def start(gate: Gate) -> LoadingModel:
        gates.append(gate)
        model = LoadingModel(gate, "little-model")
        model.start()
        return model

    yield start
    for gate in gates:
        gate.open.set()


def text_of(model: ChatModel) -> str:
    return "".join(chunk.text for chunk in model.stream(SAID, stop_at=time.monotonic() + PATIENCE, max_tokens=9))


def test_it_is_busy_while_it_loads_and_answers_then(begin: Begin) -> None:
    gate = Gate(ScriptedModel("a warm hello"))
    model = begin(gate)
    assert model.name == "little-model"
    assert not model.wait(0.01)
    with pytest.raises(ModelUnavailable, match="still being loaded") as caught:
        text_of(model)
    assert caught.value.busy
    gate.open.set()
    assert model.wait(PATIENCE)
    assert text_of(model) == "a warm hello"


def test_structured_answers_go_through(begin: Begin) -> None:
    gate = Gate(ScriptedModel('{"word": "yes"}'))
    model = begin(gate)
    with pytest.raises(ModelUnavailable):
        model.structured(SAID, Answer, stop_at=time.monotonic() + PATIENCE)
    gate.open.set()
    assert model.wait(PATIENCE)
    answer, _ = model.structured(SAID, Answer, stop_at=time.monotonic() + PATIENCE)
    assert answer == Answer(word="yes")


@pytest.mark.parametrize("error", [ModelUnavailable("no such weights"), ModelGarbage("torn weights")])
def test_a_failure_is_told_to_every_caller_and_is_no_waiting(begin: Begin, error: Exception) -> None:
    gate = Gate(error=error)
    model = begin(gate)
    gate.open.set()
    assert not model.wait(PATIENCE)
    seen = []
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match=str(error)) as caught:
            text_of(model)
        assert (caught.value.busy, caught.value.final) == (False, True)
        seen.append(caught.value)
    assert len({id(each) for each in seen}) == 3, "one error shared by callers would gather all their traces"


def test_an_unforeseen_failure_does_not_look_like_loading(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[type[BaseException] | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda hooked: told.append(hooked.exc_type))
    gate = Gate(error=ZeroDivisionError())
    model = begin(gate)
    gate.open.set()
    assert not model.wait(PATIENCE)
    with pytest.raises(ModelUnavailable, match="could not be loaded") as caught:
        text_of(model)
    assert not caught.value.busy
    for thread in threading.enumerate():
        if thread.name == "model":
            thread.join(PATIENCE)
    assert told == [ZeroDivisionError], "and it is not swallowed"


def test_it_loads_once(begin: Begin) -> None:
    gate = Gate(ScriptedModel("x"))
    model = begin(gate)
    model.start()
    model.start()
    gate.open.set()
    assert model.wait(PATIENCE)
    assert gate.calls == 1


def test_before_it_is_started_it_is_busy() -> None:
    gate = Gate(ScriptedModel("x"))
    with pytest.raises(ModelUnavailable) as caught:
        text_of(LoadingModel(gate, "little-model"))
    assert caught.value.busy
    assert gate.calls == 0
