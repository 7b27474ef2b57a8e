"""An embedder that loads in the background: known at once, waited for where it is needed, and honest when it fails."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import pytest

from retrieval.errors import EmbedderUnavailable
from retrieval.fake_embedding import HashingEmbedder
from retrieval.protocols import Embedder
from retrieval.warming import WarmingEmbedder

PATIENCE = 10.0
TEXTS = ("a red dress", "blue shoes")


class Gate:
    """A load that waits for the test, counts its calls, and then gives the fake embedder or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls = 0
        self.open = threading.Event()
        self._error = error

    def __call__(self) -> Embedder:
        self.calls += 1
        assert self.open.wait(PATIENCE)
        if self._error is not None:
            raise self._error
        return HashingEmbedder()


def warming(gate: Gate) -> WarmingEmbedder:
    fake = HashingEmbedder()
    return WarmingEmbedder(gate, fake.model_id, fake.dimension)


def test_what_it_is_is_known_before_it_is_there() -> None:
    embedder = warming(Gate())
    assert (embedder.model_id, embedder.dimension) == (HashingEmbedder().model_id, HashingEmbedder().dimension)
    assert not embedder.ready


def test_it_embeds_as_the_embedder_does_once_it_is_there() -> None:
    gate = Gate()
    embedder = warming(gate)
    embedder.start()
    before = embedder.ready
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(embedder.embed, TEXTS) for _ in range(4)]
        done, _ = wait(waiting, timeout=0.1)
        assert not done
        gate.open.set()
        vectors = [each.result(PATIENCE) for each in waiting]
    assert (before, embedder.ready) == (False, True)
    assert gate.calls == 1
    for each in vectors:
        np.testing.assert_array_equal(each, HashingEmbedder().embed(TEXTS))


def test_embedding_begins_the_loading() -> None:
    gate = Gate()
    gate.open.set()
    embedder = warming(gate)
    assert embedder.embed(TEXTS).shape == (2, HashingEmbedder().dimension)
    embedder.start()
    assert gate.calls == 1


def test_a_failure_is_told_to_every_caller() -> None:
    gate = Gate(EmbedderUnavailable("the weights have the wrong hash; install them again"))
    gate.open.set()
    embedder = warming(gate)
    seen = []
    for _ in range(2):
        with pytest.raises(EmbedderUnavailable, match="wrong hash") as caught:
            embedder.embed(TEXTS)
        seen.append(caught.value)
    assert seen[0] is not seen[1]
    assert not embedder.ready


def test_an_unforeseen_failure_ends_the_waiting_and_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[type[BaseException] | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda hooked: told.append(hooked.exc_type))
    gate = Gate(ZeroDivisionError())
    gate.open.set()
    with pytest.raises(EmbedderUnavailable, match="make setup"):
        warming(gate).embed(TEXTS)
    for thread in threading.enumerate():
        if thread.name == "embedder":
            thread.join(PATIENCE)
    assert told == [ZeroDivisionError]


def test_what_waits_for_the_end_is_told_once_even_of_a_failure() -> None:
    gate, told = Gate(EmbedderUnavailable("no weights")), []
    embedder = warming(gate)
    embedder.when_done(lambda: told.append("before"))
    embedder.start()
    assert told == []
    gate.open.set()
    with pytest.raises(EmbedderUnavailable):
        embedder.embed(TEXTS)
    embedder.when_done(lambda: told.append("after"))
    for _ in range(100):
        if len(told) == 2:
            break
        threading.Event().wait(0.02)
    assert sorted(told) == ["after", "before"]


def test_what_is_closed_while_it_loads_is_closed_when_it_is_loaded() -> None:
    closed = threading.Event()

    class Held(HashingEmbedder):
        def close(self) -> None:
            closed.set()

    loading = threading.Event()

    def load() -> Embedder:
        assert loading.wait(PATIENCE)
        return Held()

    embedder = WarmingEmbedder(load, "held", 384)
    embedder.start()
    embedder.close()
    assert not closed.is_set()
    loading.set()
    assert closed.wait(PATIENCE)
