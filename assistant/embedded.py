"""The door to xllamacpp: a model from a GGUF file, in this process, on its own OpenAI-compatible port of the loopback interface.

Threads, context and memory are bounded. The engine keeps the last prompt's state in its one slot, so that the part of a prompt that never
changes is read once; `warm_up` reads it before the first shopper does. The port asks for a key that only this process knows, so that no
other program, and no page in a browser, can use the model."""

from __future__ import annotations

import importlib.util
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from assistant.errors import ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.models import Endpoint, EndpointModel
from assistant.protocols import Chunk, Clock, Message, Parsed
from assistant.schema import Usage

CONTEXT_TOKENS = 2048
THREADS = 2
TEMPERATURE = 0.1
REPEATED_TOKENS = 3
"""A guide repeats the words of its examples and facts: after three tokens that stood in the prompt, the three that followed them there are
tried at once. Measured on two cores: the same text, a tenth to a quarter sooner."""
QUIET = -1
"""The engine's level of verbosity at which it prints nothing."""
NO_ORIGIN = "https://nowhere.invalid"
"""The only page that may read the port's answers: none, for no name ends so (RFC 2606)."""


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
        key = secrets.token_urlsafe(32)
        self._server = _started(weights, threads, key)
        self._name = name or weights.stem
        endpoint = Endpoint(self._name, f"{self.address}/v1", key, temperature=TEMPERATURE, direct=True)
        self._model = EndpointModel(endpoint, clock)
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """The file's name, or the one given."""
        return self._name

    @property
    def address(self) -> str:
        """Where the engine listens; for whoever has the key."""
        return str(self._server.listening_address)

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
        """Reads `messages`, so that what later prompts begin with is in the cache; until `stop_at` at the latest, after which the first
        call reads the rest."""
        with suppress(ModelTimeout, ModelGarbage):
            for _ in self.stream(messages, stop_at=stop_at, max_tokens=1):
                pass

    def close(self) -> None:
        """Frees the connections and the model; it cannot be asked again."""
        self._model.close()
        self._server = None


def _started(weights: Path, threads: int, key: str) -> Any:
    # Imported here: the engine is an extra, and its native libraries must load after `prepare_process`.
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.hostnames, params.port, params.n_threads_http = ["127.0.0.1"], 0, 2
    params.api_keys, params.cors_origins = [key], NO_ORIGIN
    params.ui = params.endpoint_slots = False
    params.n_ctx, params.n_parallel = CONTEXT_TOKENS, 1
    params.cache_ram_mib = 0  # states of other prompts are not kept: there is one prefix
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    # A thread that waits sleeps instead of spinning: on cores that others use too, a third more tokens a second, elsewhere as many.
    params.cpuparams.poll = params.cpuparams_batch.poll = 0
    params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    repeats = params.speculative.ngram_simple
    repeats.size_n, repeats.size_m, repeats.min_hits = REPEATED_TOKENS, REPEATED_TOKENS, 1
    params.verbosity = QUIET
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelUnavailable(f"{weights.name} cannot be loaded as a GGUF model: {error}") from error
