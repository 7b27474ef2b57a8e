"""What the parts of retrieval ask of one another. The real ones and the fakes both keep these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from retrieval.schema import ItemQuery, RankedItem

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Called with (done, total) as a long job goes on; done runs up to total."""


class Embedder(Protocol):
    """Turns texts into vectors. Equal `model_id`, equal vectors: it is part of what makes an index stale."""

    @property
    def model_id(self) -> str:
        """Names the model and its weights."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """(len(texts), dimension) float32, each row of Euclidean length 1. Safe to call from several threads."""


@runtime_checkable
class Closable(Protocol):
    """What holds something open until it is closed."""

    def close(self) -> None:
        """Lets go of it. Closing twice is harmless."""


class Reranker(Protocol):
    """Orders candidates."""

    def rank(
        self, query: ItemQuery, rows: Rows, similarity: Floats, vectors: Floats, limit: int | None = None
    ) -> tuple[RankedItem, ...]:
        """The items at `rows` (n,), best first: a permutation of them, or the first `limit` of it. `similarity` (n,) is
        their cosine to the query (0 where it has no text), `vectors` (n, dimension) are theirs, of length 1."""
