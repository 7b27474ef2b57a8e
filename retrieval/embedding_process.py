"""The sentence model in a process of its own, and both ends of the pipe to it.

Importing torch and sentence-transformers holds Python's lock for five seconds: in this process they would come after all else that a
start must do, in another they come beside it. A process that died is started again with the next text.
"""

from __future__ import annotations

import gc
import json
import os
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from retrieval.embedding import DIMENSION, MODEL_ID, SentenceEmbedder
from retrieval.errors import EmbedderUnavailable
from retrieval.protocols import Embedder, Floats

LENGTH = struct.Struct("!Q")
"""Before each message: its number of bytes."""
CODE_DIR = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-m", "retrieval.embedding_process")


def send(pipe: IO[bytes], message: bytes) -> None:
    """Writes one message. Raises `OSError` where nobody reads any more."""
    pipe.write(LENGTH.pack(len(message)) + message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Reads one message. Raises `EOFError` where the other end is gone before its last byte."""
    (length,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    found = pipe.read(count)
    if found is None or len(found) < count:
        raise EOFError("the other end of the pipe is gone")
    return found


class EmbedderProcess:
    """Keeps the `Embedder` protocol. Opening waits until the model is loaded, and raises `EmbedderUnavailable` with its reason where
    it cannot be; so does `embed` where the process dies twice over one request. A short text takes 10 ms, of which the pipe .1."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._one_at_a_time = threading.Lock()
        self._process = self._open()

    @property
    def model_id(self) -> str:
        """Names the model and the first digits of its weights' hash."""
        return MODEL_ID

    @property
    def dimension(self) -> int:
        """Length of a vector: 384."""
        return DIMENSION

    @property
    def pid(self) -> int:
        """The process that embeds now."""
        return self._process.pid

    def embed(self, texts: Sequence[str]) -> Floats:
        """(len(texts), 384) float32, each row of Euclidean length 1; texts are cut at 256 word pieces. Safe to call from several
        threads, which take turns."""
        request = json.dumps(list(texts)).encode("ascii")
        with self._one_at_a_time:
            try:
                answer = self._ask(request)
            except (OSError, EOFError):
                _end(self._process)
                self._process = self._open()
                answer = self._again(request)
        return np.frombuffer(answer, dtype="<f4").astype(np.float32).reshape(len(texts), DIMENSION)

    def close(self) -> None:
        """Ends the process. Closing twice is harmless."""
        with self._one_at_a_time:
            _end(self._process)

    def _ask(self, request: bytes) -> bytes:
        reading, writing = _pipes(self._process)
        send(writing, request)
        return receive(reading)

    def _again(self, request: bytes) -> bytes:
        try:
            return self._ask(request)
        except (OSError, EOFError) as error:
            raise EmbedderUnavailable(
                "the sentence model's process ended twice over one request; see its last words above"
            ) from error

    def _open(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=CODE_DIR,
            start_new_session=True,  # a Ctrl-C is for the server, which closes the pipe
        )
        weakref.finalize(self, _end, process)
        try:
            failure = receive(_pipes(process)[0]).decode("utf-8")
        except EOFError:
            failure = "the sentence model's process ended while it loaded; see its last words above"
        if failure:
            _end(process)
            raise EmbedderUnavailable(failure)
        return process


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None or process.stdin.closed:
        raise EOFError("the process is closed")
    return process.stdout, process.stdin


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing is lost by a kill: the process keeps nothing. A thread that still reads from it sees the end of the pipe."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not yet written has no reader any more
                pipe.close()


def answer_all(requests: BinaryIO, answers: BinaryIO, load: Callable[[], Embedder]) -> None:
    """The process's own work: loads, says so (no bytes) or why not, then answers each JSON list of texts with its vectors' bytes
    (little-endian float32, row after row) until the pipe is closed."""
    try:
        embedder = load()
    except EmbedderUnavailable as error:
        send(answers, str(error).encode("utf-8"))
        return
    send(answers, b"")
    while True:
        try:
            texts = json.loads(receive(requests))
        except EOFError:
            return
        send(answers, embedder.embed(texts).astype("<f4").tobytes())


def main() -> None:
    """Serves the sentence model over standard input and output; whatever else is printed goes to standard error."""
    gc.disable()  # importing makes objects that stay: looking for garbage among them costs two seconds of seven
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def load() -> Embedder:
        embedder = SentenceEmbedder()
        embedder.embed(["warm up"])
        gc.freeze()
        gc.enable()
        return embedder

    answer_all(sys.stdin.buffer, answers, load)


if __name__ == "__main__":
    main()
