"""Peers of the models of taste, behind the `Scorer` protocol. What they need the product neither needs nor installs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from retrieval.interactions import Events
from retrieval.protocols import Rows
from retrieval.scorer import Values, Visitor, resolve


class ImplicitFactors:
    """Alternating least squares of the `implicit` package; a visitor is folded in as a new user."""

    def __init__(self, ids: Sequence[str], events: Events) -> None:
        # A peer that the product neither needs nor installs.
        from implicit.cpu.als import AlternatingLeastSquares

        self._rows = {item: row for row, item in enumerate(ids)}
        self._threads = ThreadpoolController()  # the package's own threads and those of BLAS would fight
        with self._threads.limit(limits=1, user_api="blas"):
            self._model: Any = AlternatingLeastSquares(factors=128, regularization=0.05, alpha=20.0, random_state=0)
            self._model.fit(sparse.csr_matrix(events.matrix()), show_progress=False)

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the folded-in user's factors times those of the items; 0 for the unknown visitor."""
        wanted = _vector(visitor, self._rows)
        if not wanted.nnz:
            return np.zeros(len(rows))
        with self._threads.limit(limits=1, user_api="blas"):
            user = np.ravel(self._model.recalculate_user(0, wanted))
            scores: Values = (self._model.item_factors[rows] @ user).astype(np.float64)
        return scores


class ImplicitNeighbours:
    """Item-item by BM25 of the `implicit` package."""

    def __init__(self, ids: Sequence[str], events: Events) -> None:
        # A peer that the product neither needs nor installs.
        from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight

        self._rows = {item: row for row, item in enumerate(ids)}
        model = ItemItemRecommender(K=100)  # what its BM25Recommender is, without the warning that it gives itself
        model.fit(bm25_weight(sparse.csr_matrix(events.matrix()).T, 1.2, 0.75).T.tocsr(), show_progress=False)
        self._similarity: Any = model.similarity

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the summed similarities of what the visitor has."""
        scores: Values = (_vector(visitor, self._rows) @ self._similarity).toarray()[0, rows].astype(np.float64)
        return scores


class Ease:
    """B = I - P / diag(P), P = (X'X + l2 I)^-1, no item predicting itself (Steck, "Embarrassingly shallow autoencoders for sparse data",
    2019). n^2 numbers of memory and n^3 of work for n items."""

    def __init__(self, ids: Sequence[str], events: Events, l2: float = 100.0) -> None:
        self._rows = {item: row for row, item in enumerate(ids)}
        taken = (events.matrix() > 0).astype(np.float32)
        gram: NDArray[np.float32] = (taken.T @ taken).toarray()
        gram[np.diag_indices(len(ids))] += np.float32(l2)
        factor, _ = linalg.lapack.spotrf(gram.T, lower=0, overwrite_a=1, clean=0)
        inverse, _ = linalg.lapack.spotri(factor, lower=0, overwrite_c=1)
        _mirror(inverse)
        inverse /= -inverse.diagonal().copy()[np.newaxis, :]
        inverse[np.diag_indices(len(ids))] = 0.0
        self._weights: NDArray[np.float32] = inverse

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the summed weights of what the visitor has."""
        wanted = np.array(resolve(visitor, self._rows).wanted, dtype=np.int64)
        scores: Values = self._weights[np.ix_(wanted, rows)].sum(axis=0, dtype=np.float64)
        return scores


def _mirror(matrix: NDArray[np.float32], block: int = 1024) -> None:
    """Writes the upper triangle into the lower one, in place: a copy would double the memory."""
    for start in range(0, len(matrix), block):
        end = start + block
        own = np.triu(matrix[start:end, start:end])
        matrix[start:end, start:end] = own + np.triu(own, 1).T
        matrix[end:, start:end] = matrix[start:end, end:].T


def _vector(visitor: Visitor, rows_by_id: Mapping[str, int]) -> Any:
    """csr_matrix float32 (1, n): 1 for what the visitor has."""
    wanted = list(resolve(visitor, rows_by_id).wanted)
    return sparse.csr_matrix((np.ones(len(wanted), np.float32), ([0] * len(wanted), wanted)), shape=(1, len(rows_by_id)))
