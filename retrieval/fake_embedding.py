"""A sentence model's stand-in for tests: words hashed to directions. Texts that share words are near, and nothing is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog_data.vocabulary import normalise


class HashingEmbedder:
    """Keeps the `Embedder` protocol. Deterministic on every machine; `texts_embedded` counts what it was asked for."""

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension
        self.texts_embedded = 0

    @property
    def model_id(self) -> str:
        """Names the stand-in and its dimension."""
        return f"hashing-{self._dimension}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts), dimension) float32 of length 1: the sum of the directions of a text's words."""
        self.texts_embedded += len(texts)
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in normalise(text).split() or [""]:
                vectors[row] += self._direction(word)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _direction(self, word: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
        return np.random.default_rng(seed).standard_normal(self._dimension).astype(np.float32)
