"""An embedder that loads while the rest of the server starts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from retrieval.errors import EmbedderUnavailable
from retrieval.protocols import Closable, Embedder, Floats


class WarmingEmbedder:
    """Keeps the `Embedder` protocol. `load` runs in a thread of its own from `start` on; `embed` waits for it. Raises
    `EmbedderUnavailable` from `embed` where loading failed."""

    def __init__(self, load: Callable[[], Embedder], model_id: str, dimension: int) -> None:
        self._load = load
        self._model_id = model_id
        self._dimension = dimension
        self._begun = threading.Lock()
        self._done = threading.Event()
        self._embedder: Embedder | None = None
        self._closed = threading.Event()
        self._acting = threading.Lock()
        self._acts: list[Callable[[], object]] = []
        self._failure = "the sentence model could not be loaded; run `make setup`"

    @property
    def model_id(self) -> str:
        """The model's, known before it is loaded."""
        return self._model_id

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    @property
    def ready(self) -> bool:
        """True once a text can be embedded without waiting."""
        return self._embedder is not None

    def start(self) -> None:
        """Begins to load; once is enough."""
        if self._begun.acquire(blocking=False):
            threading.Thread(target=self._run, name="embedder", daemon=True).start()

    def when_done(self, act: Callable[[], object]) -> None:
        """Calls `act` once loading has ended, well or not: at once where it has."""
        with self._acting:
            if not self._done.is_set():
                self._acts.append(act)
                return
        act()

    def embed(self, texts: Sequence[str]) -> Floats:
        """As the embedder does, once it is there."""
        self.start()
        self._done.wait()
        if self._embedder is None:
            raise EmbedderUnavailable(self._failure)
        return self._embedder.embed(texts)

    def close(self) -> None:
        """Lets go of what the embedder holds open, now or as soon as it is loaded."""
        self._closed.set()
        self._let_go()

    def _let_go(self) -> None:
        held: object = self._embedder
        if isinstance(held, Closable):
            held.close()

    def _run(self) -> None:
        try:
            self._embedder = self._load()
            if self._closed.is_set():
                self._let_go()
        except EmbedderUnavailable as error:
            self._failure = str(error)
        finally:
            with self._acting:
                self._done.set()
            for act in self._acts:
                act()
