"""Several models of taste as one: the weighted sum of their z-scores, the weights fitted on held-back items.

Each part's scores become z-scores over all items of the shop, (s - mean) / deviation, so that a score does not hang on which other items
are asked for. They are not cut: most items have no count with what a visitor has, and the few that do are what is looked for.
The weights are found by coordinate search for what is wanted, the target near the top: of each held-back case the items that any part
ranks high stand for all. The gain that is searched for reaches down to rank 50, though ten are shown: the gain of the first ten alone
changes in jumps, and weights that were found by it carried over worse. (A logistic regression, tried too, spends its weights on cases
that no weight brings near the top.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.metrics import Case
from retrieval.protocols import Floats, Rows
from retrieval.scorer import Scorer, Values, Visitor

POOLED = 60
"""Items of each part that stand for all in the search for weights."""
CUT = 50
STEPS = (0.0, 0.5, 0.8, 0.9, 1.1, 1.25, 2.0)
ROUNDS = 6
ABSENT = -1e6
"""The z-score of a place that no item fills."""
EQUAL = 1e-12
"""Scores that differ by no more say nothing."""


def z_scores(scores: Values) -> Values:
    """float64 (n,): (s - mean) / population deviation; 0 where all are equal."""
    if not len(scores) or np.ptp(scores) <= EQUAL:
        return np.zeros(len(scores))
    centred = scores - scores.mean()
    standard: Values = centred / np.sqrt(np.mean(centred * centred))
    return standard


class Blend:
    """Keeps the `Scorer` protocol. `parts` by name, with `weights` of the same names, none negative; a part of weight 0 is not asked.
    `n_items`: rows that the parts know. Raises ValueError where names differ or a weight is negative."""

    def __init__(self, parts: Mapping[str, Scorer], weights: Mapping[str, float], n_items: int) -> None:
        if set(parts) != set(weights) or any(weight < 0 for weight in weights.values()):
            raise ValueError(f"found weights {dict(weights)} for parts {sorted(parts)}; allowed: one of each name, none negative")
        self._parts = [(scorer, weights[name]) for name, scorer in parts.items() if weights[name] > 0]
        self._all = np.arange(n_items, dtype=np.int64)

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the weighted sum of the parts' z-scores over all items."""
        total = np.zeros(len(self._all))
        for scorer, weight in self._parts:
            total += weight * z_scores(scorer.score(visitor, self._all))
        scores: Values = total[rows]
        return scores


def fit_blend(parts: Mapping[str, Scorer], cases: Iterable[Case], n_items: int) -> dict[str, float]:
    """The weights by which the target of held-back cases comes first most; the largest is 1. The parts must not have learnt from the
    cases' targets. Equal weights where there is no case."""
    rows = np.arange(n_items, dtype=np.int64)
    pools = [
        pool(np.stack([z_scores(part.score(case.visitor, rows)) for part in parts.values()], axis=1), case.target, case.excluded)
        for case in cases
    ]
    return dict(zip(parts, search_weights(pools, len(parts)).tolist(), strict=True))


def pool(scores: Values, target: int, excluded: Sequence[int]) -> Floats:
    """float32 (m, parts): the target's z-scores in the first row, then those of the items that any part ranks among its first. `scores`
    float64 (n, parts) of all items; the `excluded` do not compete."""
    competing = np.ones(len(scores), dtype=bool)
    competing[list(excluded)] = False
    others = np.flatnonzero(competing)
    if len(others) > POOLED:
        high = np.argpartition(-scores[others], POOLED - 1, axis=0)[:POOLED]
        others = np.unique(others[high])
    return np.concatenate((scores[[target]], scores[others[others != target]])).astype(np.float32)


def search_weights(pools: Sequence[Floats], n_parts: int) -> Values:
    """float64 (n_parts,), the largest 1: from equal weights, one at a time is changed to `STEPS` times itself (or, from 0, to a tenth of
    the largest) as long as the mean gain grows, at most `ROUNDS` times round."""
    weights = np.ones(n_parts)
    if not pools:
        return weights
    scores = _padded(pools, n_parts)
    best = _gain(scores @ weights.astype(np.float32))
    for _ in range(ROUNDS):
        before = weights.copy()
        for part in range(n_parts):
            current = weights[part]
            for tried in [current * step for step in STEPS] if current else [weights.max() / 10]:
                changed = weights.copy()
                changed[part] = tried
                gain = _gain(scores @ changed.astype(np.float32)) if changed.any() else 0.0
                if gain > best + 1e-6:
                    best, weights = gain, changed
        if np.array_equal(before, weights):
            break
    relative: Values = weights / weights.max()
    return relative


def _padded(pools: Sequence[Floats], n_parts: int) -> NDArray[np.float32]:
    """float32 (cases, longest pool, parts); places without an item lie below every other, whatever the weights."""
    padded = np.full((len(pools), max(map(len, pools)), n_parts), ABSENT, dtype=np.float32)
    for place, own in enumerate(pools):
        padded[place, : len(own)] = own
    return padded


def _gain(totals: NDArray[np.float32]) -> float:
    """The mean over cases (rows; the target first) of 1 / log2(1 + rank), by average rank, 0 beyond `CUT`: nDCG@50."""
    target, others = totals[:, :1], totals[:, 1:]
    ranks = 1 + np.count_nonzero(others > target, axis=1) + np.count_nonzero(others == target, axis=1) / 2
    return float(np.mean(np.where(ranks <= CUT, 1 / np.log2(1 + ranks), 0.0)))
