"""A language model that loads while the server already answers; until it is there, the composer writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from assistant.errors import ModelError, ModelUnavailable
from assistant.protocols import ChatModel, Chunk, Message, Parsed
from assistant.schema import Usage


class LoadingModel:
    """Keeps the `ChatModel` protocol. `load` runs in a thread of its own from `start` on; before it ends, calls raise `ModelUnavailable`
    (busy), and after it failed, `ModelUnavailable` (final) with its reason. Safe to share between threads."""

    def __init__(self, load: Callable[[], ChatModel], name: str) -> None:
        self._load = load
        self._name = name
        self._begun = threading.Lock()
        self._done = threading.Event()
        self._model: ChatModel | None = None
        self._failure = "an unexpected error; the server's output says which"

    @property
    def name(self) -> str:
        """What the record calls it."""
        return self._name

    def start(self) -> None:
        """Begins to load; once is enough."""
        if self._begun.acquire(blocking=False):
            threading.Thread(target=self._run, name="model", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Waits for the end of loading, at most so long; True when the model is there."""
        self._done.wait(seconds)
        return self._model is not None

    def stream(self, messages: Sequence[Message], *, stop_at: float, max_tokens: int) -> Iterator[Chunk]:
        """The model's answer as it comes."""
        yield from self._there().stream(messages, stop_at=stop_at, max_tokens=max_tokens)

    def structured(self, messages: Sequence[Message], schema: type[Parsed], *, stop_at: float) -> tuple[Parsed, Usage]:
        """The model's answer in the form of `schema`."""
        return self._there().structured(messages, schema, stop_at=stop_at)

    def _there(self) -> ChatModel:
        if not self._done.is_set():
            raise ModelUnavailable("the language model is still being loaded", final=True, busy=True)
        if self._model is None:
            raise ModelUnavailable(f"the language model could not be loaded: {self._failure}", final=True)
        return self._model

    def _run(self) -> None:
        try:
            self._model = self._load()
        except ModelError as error:
            self._failure = str(error)
        finally:
            self._done.set()
