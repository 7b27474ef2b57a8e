"""Which items are worth ranking: out of all that pass the filter, those nearest in meaning and in words.

Two lists of candidates, dense (cosine) and lexical (BM25), are fused by reciprocal rank, `sum of 1 / (60 + rank)` (Cormack, Clarke and
Buettcher, 2009). The filter stands inside both searches, never after a cut: where no more items pass than may be ranked, all are.
"""

from __future__ import annotations

import logging
import threading
from math import ceil
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from catalog_data.schema import Frozen
from retrieval.columns import Mask, Where
from retrieval.errors import IndexUnusable
from retrieval.lexical import Lexical, top_rows
from retrieval.protocols import Floats, Rows

LOG = logging.getLogger(__name__)

RANK_CONSTANT = 60
BLOCK = 512
"""Rows multiplied at a time."""


class SearchTuning(Frozen):
    """How candidates are chosen. `pool`: how many are ranked, at least. `per_result`: and at least so many times the limit.

    `exact_filtered`, `exact_all`: up to so many passing rows are scored exactly in memory, more are asked of Chroma: with a filter, and
    without. On 20,185 rows exact scoring takes 0.1 ms for 360 of them, 2 ms for all; Chroma 4 ms without a filter, and 60 to 170 ms with
    one, whatever it keeps, for it gathers the ids that pass: so a filter goes there only where the vectors are too many to read.

    A filter that keeps a good part of the catalog need not go there: of the nearest of all, enough pass it. `graph_rows`,
    `rows_a_neighbour`: how many rows are scored exactly in the time that Chroma takes for a query without a filter, and for each
    neighbour asked of it (on 200,000 rows: 5 ms and 10 microseconds, against 24 ms for 100,000 rows). Where that is the less, so many
    neighbours are asked for as hold the wanted ones `spare` times over, if what passes lies among them as it does everywhere; where too
    few come back, all that pass are scored exactly.
    """

    pool: int = Field(default=200, ge=50)
    per_result: int = Field(default=5, ge=1)
    exact_filtered: int = Field(default=200_000, ge=0)
    exact_all: int = Field(default=30_000, ge=0)
    graph_rows: int = Field(default=20_000, ge=0)
    rows_a_neighbour: int = Field(default=40, ge=0)
    spare: float = Field(default=1.3, ge=1)

    def reach(self, wanted: int, passing: int, total: int) -> int | None:
        """How many of the nearest of all `total` rows to ask for, so that `wanted` of them are among the `passing`; None where scoring
        these exactly is faster."""
        neighbours = ceil(self.spare * wanted * total / passing) if passing else total
        return neighbours if passing > self.graph_rows + self.rows_a_neighbour * neighbours else None


class Vectors(Protocol):
    """What the search asks of a vector index."""

    vectors: Floats

    def query(self, vector: Floats, k: int, where: Where | None) -> tuple[Rows, Floats]:
        """The about `k` nearest rows that `where` keeps, with their cosines. Raises `IndexUnusable`."""

    def close(self) -> None:
        """Lets go of files and connections."""


class Wish(NamedTuple):
    """What candidates are sought for. `vector` (dimension,) of length 1, or None where nothing was said; `text` is matched by words;
    `where` keeps the rows of `mask` and perhaps the few that `mask` leaves out one by one (at most `left_out`)."""

    vector: Floats | None
    text: str
    mask: Mask
    where: Where | None
    left_out: int
    limit: int


class Candidates(NamedTuple):
    """`rows` (m,) int64, best first by fused rank, all in the mask; `similarity` (m,) float32 their cosine to the wish, 0 without one.
    `writer`: who answered the dense search."""

    rows: Rows
    similarity: Floats
    writer: Literal["chroma", "exact"]


class CandidateFinder:
    """Searches one catalog. `prior` (n,) float orders items when nothing is said, higher first. Safe to share between threads."""

    def __init__(
        self, index: Vectors, lexical: Lexical, prior: NDArray[np.floating[Any]], tuning: SearchTuning | None = None
    ) -> None:
        self._index = index
        self._lexical = lexical
        self._prior = prior
        self._tuning = tuning or SearchTuning()
        self._chroma_failed = threading.Event()

    def find(self, wish: Wish) -> Candidates:
        """The candidates for `wish`: all passing rows where they are no more than max(pool, per_result * limit), else so many."""
        passing = np.flatnonzero(wish.mask)
        wanted = min(len(passing), max(self._tuning.pool, self._tuning.per_result * wish.limit))
        writer: Literal["chroma", "exact"] = "exact"
        lists: list[Rows] = []
        if wish.vector is not None:
            dense, writer = self._dense(wish.vector, passing, wanted, wish)
            lists.append(dense)
        if wish.text:
            lists.append(self._lexical.top(wish.text, wanted, wish.mask))
        if wish.vector is None:  # words alone, or nothing, need not reach every row: the best known fill up
            lists.append(top_rows(self._prior, passing, wanted))
        rows = fuse(lists)[:wanted]
        return Candidates(rows, self.similarity(rows, wish.vector), writer)

    def similarity(self, rows: Rows, vector: Floats | None) -> Floats:
        """(len(rows),) float32: the cosine of each of `rows` to `vector`; 0 without one."""
        if vector is None:
            return np.zeros(len(rows), dtype=np.float32)
        return cosines(self._index.vectors, rows, vector)

    def _dense(self, vector: Floats, passing: Rows, k: int, wish: Wish) -> tuple[Rows, Literal["chroma", "exact"]]:
        """The `k` rows of `passing` nearest to `vector`."""
        reach = self._tuning.reach(k, len(passing), len(wish.mask)) if wish.where is not None else None
        if reach is not None and not self._chroma_failed.is_set():
            rows = self._ask_chroma(vector, reach, wish, None)[:k]
            if len(rows) == k:
                return rows, "chroma"
        few = self._tuning.exact_all if wish.where is None else self._tuning.exact_filtered
        if reach is None and len(passing) > few and not self._chroma_failed.is_set():
            rows = self._ask_chroma(vector, k, wish, wish.where)[:k]
            if len(rows) == k:
                return rows, "chroma"
        return self._exact(vector, passing, k), "exact"

    def _ask_chroma(self, vector: Floats, count: int, wish: Wish, where: Where | None) -> Rows:
        """Those of the about `count` nearest that `where` keeps which the wish's mask keeps too, nearest first."""
        try:
            rows, _ = self._index.query(vector, count + wish.left_out, where)
        except IndexUnusable as error:
            self._chroma_failed.set()
            LOG.warning("searching exactly from here on: %s", error)
            return np.zeros(0, dtype=np.int64)
        return rows[wish.mask[rows]]

    def _exact(self, vector: Floats, passing: Rows, k: int) -> Rows:
        scores = cosines(self._index.vectors, passing, vector)
        return passing[top_rows(scores, np.arange(len(passing)), k)]


def cosines(vectors: Floats, rows: Rows, vector: Floats) -> Floats:
    """(len(rows),) float32: the products of `vectors[rows]` with `vector`, a few rows at a time: they then stay in the cache, and the
    linear algebra library works on one core (on two busy ones a product of 20,000 rows takes 16 ms, and so 2)."""
    found = np.empty(len(rows), dtype=np.float32)
    block = np.empty((BLOCK, vectors.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        np.take(vectors, some, axis=0, out=block[: len(some)], mode="clip")
        np.matmul(block[: len(some)], vector, out=found[start : start + len(some)])
    return found


def fuse(lists: list[Rows]) -> Rows:
    """The union of `lists` (each best first, no row twice within one), by reciprocal rank fusion; equal ones as the first lists have
    them."""
    if len(lists) == 1:
        return lists[0]
    joined = np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64)
    rows, first, inverse = np.unique(joined, return_index=True, return_inverse=True)
    gains = np.concatenate([1.0 / (RANK_CONSTANT + 1 + np.arange(len(one))) for one in lists]) if lists else np.zeros(0)
    total = np.bincount(inverse, weights=gains, minlength=len(rows))
    fused: Rows = rows[np.lexsort((first, -total))]
    return fused
