"""The door to bm25s: which items share words with a text."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from catalog_data.vocabulary import normalise

_STOPWORDS = """
a an and any are as at be but by can do for from get give have i if in is it its like looking me my need of on one or please
show some something that the them these this to want wants was we with would you your
"""
STOPWORDS: frozenset[str] = frozenset(_STOPWORDS.split())
"""Words that say nothing of an item. A rare one would else weigh much: titles hold few of them."""


def singular(word: str) -> str:
    """Folds an English plural to its singular; the same wrong stem for both forms serves as well."""
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def tokens(text: str) -> list[str]:
    """The words of `text` by which it is matched: normalised, singular, without stopwords."""
    return [singular(word) for word in normalise(text).split() if word not in STOPWORDS]


class Lexical:
    """BM25 (Lucene's form, k1 = 1.5, b = 0.75) over texts; text i belongs to row i. Read-only, safe to share between threads."""

    def __init__(self, texts: Sequence[str]) -> None:
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG on import
        self._count = len(texts)
        self._model = bm25s.BM25(backend="numpy")
        documents = [tokens(text) for text in texts]
        self._empty = not any(documents)
        if not self._empty:
            self._model.index(documents, show_progress=False)

    def scores(self, text: str) -> NDArray[np.float32]:
        """(n,) float32 in [0, inf): how well each row matches; 0 where it shares no word with `text`."""
        known = [] if self._empty else self._model.get_tokens_ids(tokens(text))
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._model.get_scores_from_ids(known), dtype=np.float32)

    def top(self, text: str, k: int, mask: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """At most `k` rows that share a word with `text` and are True in `mask`, best first, equals by row."""
        scores = self.scores(text)
        if mask is not None:
            scores = np.where(mask, scores, 0)
        hits = np.flatnonzero(scores > 0)
        return top_rows(scores, hits, k)


def top_rows(scores: NDArray[np.floating[Any]], rows: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """The `k` of `rows` (ascending) with the highest `scores` (indexed by row), best first, equals by row number."""
    picked = scores[rows]
    if 0 < k < len(rows):
        floor = np.partition(picked, len(rows) - k)[len(rows) - k]
        rows = rows[picked >= floor]
        picked = scores[rows]
    return rows[np.argsort(-picked, kind="stable")[:k]]
