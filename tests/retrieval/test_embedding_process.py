"""The sentence model behind a pipe: it survives its process, says why it cannot load, and leaves nothing running."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedding import DIMENSION, MODEL_ID
from retrieval.embedding_process import CODE_DIR, LENGTH, EmbedderProcess, answer_all, receive, send
from retrieval.errors import EmbedderUnavailable
from retrieval.fake_embedding import HashingEmbedder

FAKE = """
import sys
from retrieval.embedding_process import answer_all
from retrieval.fake_embedding import HashingEmbedder
def load():
    return HashingEmbedder(384)
{body}
answer_all(sys.stdin.buffer, sys.stdout.buffer, load)
"""


def command(body: str = "") -> tuple[str, ...]:
    """A process of the same kind with the fake embedder, so that a test need not wait for torch."""
    return (sys.executable, "-c", FAKE.format(body=body))


@pytest.fixture
def embedder() -> Iterator[EmbedderProcess]:
    opened = EmbedderProcess(command())
    yield opened
    opened.close()


def gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_vectors_are_those_of_the_embedder(embedder: EmbedderProcess) -> None:
    texts = ["a red dress", "", "ein Kleid für Übermorgen 👗", "\ud800 alone", "x" * 200_000]
    found = embedder.embed(texts)
    assert found.shape == (5, DIMENSION)
    assert found.dtype == np.float32
    assert np.array_equal(found, HashingEmbedder(DIMENSION).embed(texts))
    assert embedder.embed([]).shape == (0, DIMENSION)
    assert (embedder.model_id, embedder.dimension) == (MODEL_ID, DIMENSION)


def test_the_callers_may_change_what_they_got(embedder: EmbedderProcess) -> None:
    found = embedder.embed(["a red dress"])
    found[:] = 0
    assert np.linalg.norm(embedder.embed(["a red dress"])) == pytest.approx(1)


def test_threads_get_their_own_answers(embedder: EmbedderProcess) -> None:
    texts = [f"coat number {number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: embedder.embed([text])[0], texts))
    assert np.array_equal(np.stack(found), HashingEmbedder(DIMENSION).embed(texts))


def test_a_process_that_died_is_started_again(embedder: EmbedderProcess) -> None:
    first = embedder.pid
    os.kill(first, signal.SIGKILL)
    assert np.array_equal(embedder.embed(["a coat"]), HashingEmbedder(DIMENSION).embed(["a coat"]))
    assert embedder.pid != first


def test_a_request_that_kills_it_twice_is_given_up() -> None:
    dying = "\n".join(
        (
            "import os",
            "class Dying(HashingEmbedder):",
            "    def embed(self, texts):",
            "        return os._exit(1) if 'bad' in texts else super().embed(texts)",
            "def load():",
            "    return Dying(384)",
        )
    )
    embedder = EmbedderProcess(command(dying))
    with pytest.raises(EmbedderUnavailable, match="twice"):
        embedder.embed(["bad"])
    assert embedder.embed(["good"]).shape == (1, DIMENSION), "the next text has a process again"
    embedder.close()
    assert gone(embedder.pid)


def test_a_failure_to_load_is_said_in_its_own_words() -> None:
    failing = "def load():\n    from retrieval.errors import EmbedderUnavailable\n    raise EmbedderUnavailable('no weights')"
    with pytest.raises(EmbedderUnavailable, match=r"^no weights$"):
        EmbedderProcess(command(failing))


def test_a_process_that_ends_while_it_loads(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EmbedderUnavailable, match="ended while it loaded"):
        EmbedderProcess(command("raise SystemExit('torch is broken')"))
    assert "torch is broken" in capfd.readouterr().err


def test_after_closing_nothing_runs(embedder: EmbedderProcess) -> None:
    pid = embedder.pid
    embedder.close()
    embedder.close()
    assert gone(pid)


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """The parent is killed and can close nothing."""
    script = f"""
import os, signal
from retrieval.embedding_process import EmbedderProcess
embedder = EmbedderProcess({command()!r})
print(embedder.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    parent = subprocess.run([sys.executable, "-c", script], cwd=CODE_DIR, capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL
    assert gone(int(parent.stdout))


def test_messages_keep_their_bounds() -> None:
    pipe = io.BytesIO()
    for message in (b"", b"abc", bytes(300)):
        send(pipe, message)
    pipe.seek(0)
    assert [receive(pipe) for _ in range(3)] == [b"", b"abc", bytes(300)]
    with pytest.raises(EOFError):
        receive(pipe)
    with pytest.raises(EOFError):
        receive(io.BytesIO(LENGTH.pack(5) + b"abc"))


def test_what_the_process_answers() -> None:
    requests, answers = io.BytesIO(), io.BytesIO()
    send(requests, b'["a coat"]')
    requests.seek(0)
    answer_all(requests, answers, lambda: HashingEmbedder(DIMENSION))
    answers.seek(0)
    assert receive(answers) == b""
    assert np.array_equal(np.frombuffer(receive(answers), "<f4"), HashingEmbedder(DIMENSION).embed(["a coat"])[0])


def test_the_real_model_is_the_same_behind_the_pipe() -> None:
    from retrieval.embedding import SentenceEmbedder

    texts = ["trainers for running", "an electric kettle"]
    embedder = EmbedderProcess()
    try:
        assert np.allclose(embedder.embed(texts), SentenceEmbedder().embed(texts), atol=1e-5)
    finally:
        embedder.close()
