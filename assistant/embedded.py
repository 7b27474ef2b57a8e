"""The door to xllamacpp: a model from a GGUF file, in this process, on its own OpenAI-compatible port of the loopback interface.

Threads and context are bounded. The engine keeps the last prompt's state in its one slot, so that the part of a prompt that never changes
is read once; `warm_up` reads it before the first shopper does."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ModelUnavailable
from assistant.models import Endpoint, EndpointModel
from assistant.protocols import Chunk, Clock, Message, Parsed
from assistant.schema import Usage

CONTEXT_TOKENS = 2048
THREADS = 2


def engine_installed() -> bool:
    """True where the package of the inference engine is there; it is an extra."""
    return importlib.util.find_spec("xllamacpp") is not None


class EmbeddedModel:
    """Keeps the `ChatModel` protocol with a model in this process. One turn at a time: a second one gets `ModelUnavailable` at once, and
    its guide is composed. Raises `ModelUnavailable` where the engine or the file is missing or broken."""

    def __init__(self, weights: Path, clock: Clock, name: str | None = None, threads: int = THREADS) -> None:
        if not weights.is_file():
            raise ModelUnavailable(
                f"no model file {weights}; run `make run` to fetch the default one, or set SHOPGUIDE_MODEL to a GGUF file"
            )
        if not engine_installed():
            raise ModelUnavailable("the package xllamacpp is not installed; run `make run`, or pip install 'shopguide[embedded]'")
        self._server = _started(weights, threads)
        self._name = name or weights.stem
        endpoint = Endpoint(model=self._name, base_url=f"{self._server.listening_address}/v1", key="embedded", temperature=0.1)
        self._model = EndpointModel(endpoint, clock)
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """The file's name, or the one given."""
        return self._name

    def stream(self, messages: Sequence[Message], *, stop_at: float, max_tokens: int) -> Iterator[Chunk]:
        """The answer as it comes."""
        if not self._turn.acquire(blocking=False):
            raise ModelUnavailable("the embedded model is writing for somebody else", final=True, busy=True)
        try:
            yield from self._model.stream(messages, stop_at=stop_at, max_tokens=max_tokens)
        finally:
            self._turn.release()

    def structured(self, messages: Sequence[Message], schema: type[Parsed], *, stop_at: float) -> tuple[Parsed, Usage]:
        """One answer in the form of `schema`; it waits for nobody either."""
        if not self._turn.acquire(blocking=False):
            raise ModelUnavailable("the embedded model is writing for somebody else", final=True, busy=True)
        try:
            return self._model.structured(messages, schema, stop_at=stop_at)
        finally:
            self._turn.release()

    def warm_up(self, messages: Sequence[Message], stop_at: float) -> None:
        """Reads `messages` so that what later prompts begin with is in the cache."""
        for _ in self.stream(messages, stop_at=stop_at, max_tokens=1):
            pass


def _started(weights: Path, threads: int) -> Any:
    # Imported here: the engine is an extra, and its native libraries must load after `prepare_process`.
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = CONTEXT_TOKENS, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.verbosity = 0
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelUnavailable(f"{weights.name} cannot be loaded as a GGUF model: {error}") from error
