"""Taste by what items are: who took items of these words and labels may want others of them.

A feature's row is TF-IDF, (1 + log tf) * log(n / df), brought to Euclidean length 1 (Salton and Buckley, "Term-weighting approaches in
automatic text retrieval", 1988). A visitor's taste is the sum of the rows of what she has, and an item's score is its dot product with
that. It reaches items that nobody has taken yet, which no count of interactions can.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from retrieval.protocols import Rows
from retrieval.scorer import Values, Visitor, resolve


def term_features(terms: Sequence[Sequence[Hashable]]) -> Any:
    """csr_array float64 (len(terms), distinct terms), each row of Euclidean length 1, or 0 where an item has no term or only such as
    every item has. `terms`: the words, or the labels, of each item."""
    columns: dict[Hashable, int] = {}
    cells = [columns.setdefault(term, len(columns)) for own in terms for term in own]
    rows = np.repeat(np.arange(len(terms)), [len(own) for own in terms])
    counts = sparse.csr_array((np.ones(len(cells)), (rows, cells)), shape=(len(terms), len(columns)), dtype=np.float64)
    counts.sum_duplicates()
    items_with = np.bincount(counts.indices, minlength=len(columns))
    weighed = counts.copy()
    weighed.data = (1 + np.log(counts.data)) * np.log(len(terms) / items_with[counts.indices])
    lengths = np.sqrt((weighed * weighed).sum(axis=1))
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return (sparse.diags_array(inverse) @ weighed).tocsr()


class ContentTaste:
    """Keeps the `Scorer` protocol. `features` (n, d), sparse or dense, rows of length 1, one an id. Purchases count by age, each `decay`
    times the one after it; each like counts 1, each rejected item -1. Raises ValueError where ids and features disagree."""

    def __init__(self, ids: Sequence[str], features: Any, decay: float = 0.6) -> None:
        if features.shape[0] != len(ids):
            raise ValueError(f"found {features.shape[0]} rows of features for {len(ids)} ids; allowed: one row an id")
        self._rows = {item: row for row, item in enumerate(ids)}
        self._features = features
        self._decay = decay

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the dot product of taste and item; 0 for the unknown visitor and for items without features."""
        known = resolve(visitor, self._rows)
        shares = {row: self._decay**age for age, row in enumerate(known.history)}
        for row in known.liked:
            shares[row] = shares.get(row, 0.0) + 1.0
        shares |= dict.fromkeys(known.rejected, -1.0)
        if not shares:
            return np.zeros(len(rows))
        taste = self._features[list(shares)].T @ np.fromiter(shares.values(), dtype=np.float64)
        scores: Values = np.asarray(self._features @ taste, dtype=np.float64)[rows]
        return scores
