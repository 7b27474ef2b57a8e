"""How good an order is. Ranks start at 1; items of equal score share their average rank, so no tie is broken in anyone's favour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Frozen
from retrieval.protocols import Rows
from retrieval.scorer import Scorer, Values, Visitor


def average_ranks(scores: Values) -> Values:
    """float64 (n,): each item's rank by descending score; a tie over the ranks a..b gives all of it (a + b) / 2."""
    _, places, counts = np.unique(-scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Values = ((last - counts + 1 + last) / 2)[places]
    return ranks


def target_rank(scores: Values, target: int, excluded: Rows) -> float:
    """The average rank of `target` among all rows that are not in `excluded` (which must not hold it): 1 + better + other equals / 2."""
    score = scores[target]
    others = scores[excluded]
    better = np.count_nonzero(scores > score) - np.count_nonzero(others > score)
    equal = np.count_nonzero(scores == score) - np.count_nonzero(others == score)
    return 1 + better + (equal - 1) / 2


def recall_at(ranks: Sequence[float] | Values, k: int) -> float:
    """The share of the relevant items (their ranks are given) that come within the first `k`; 0 where there are none."""
    return float(np.mean(np.asarray(ranks) <= k)) if len(ranks) else 0.0


def hit_at(ranks: Sequence[float] | Values, k: int) -> float:
    """1 when any relevant item comes within the first `k`, else 0."""
    return float(any(rank <= k for rank in ranks))


def ndcg_at(ranks: Sequence[float] | Values, k: int) -> float:
    """sum over the relevant items within `k` of 1 / log2(1 + rank), over the same sum for the ranks 1, 2, ... (Järvelin and Kekäläinen,
    "Cumulated gain-based evaluation of IR techniques", 2002, with binary relevance); 0 where there are none."""
    gains = [1 / np.log2(1 + rank) for rank in ranks if rank <= k]
    ideal = [1 / np.log2(1 + rank) for rank in range(1, min(len(ranks), k) + 1)]
    return float(sum(gains) / sum(ideal)) if ideal else 0.0


def ranks_in(ranked: Sequence[str], relevant: Collection[str]) -> tuple[float, ...]:
    """The ranks of the relevant ids in a list, best first; infinite for those that it lacks. For use with the figures above."""
    places = {item: float(place) for place, item in enumerate(ranked, start=1)}
    return tuple(places.get(item, float("inf")) for item in sorted(relevant))


class Figure(Frozen):
    """A mean over n cases and its standard error, sd / sqrt(n) (0 for fewer than two)."""

    mean: float
    error: float
    n: int


def figure(values: Sequence[float] | Values) -> Figure:
    """The mean of `values` with its standard error. Raises ValueError when there are none."""
    if not len(values):
        raise ValueError("found no values; a mean needs at least one")
    array = np.asarray(values, dtype=np.float64)
    error = array.std(ddof=1) / len(array) ** 0.5 if len(array) > 1 else 0.0
    return Figure(mean=float(array.mean()), error=float(error), n=len(array))


class Case(Frozen):
    """One question to a scorer: `visitor` is known, `target` (a row) is what she took next, `excluded` rows do not compete."""

    visitor: Visitor
    target: int
    excluded: tuple[int, ...] = ()


def next_item_ranks(scorer: Scorer, cases: Iterable[Case], n_items: int) -> NDArray[np.float64]:
    """float64 (cases,): the target's average rank among all `n_items` items but the excluded ones."""
    rows = np.arange(n_items, dtype=np.int64)
    ranks = (
        target_rank(scorer.score(case.visitor, rows), case.target, np.array(case.excluded, dtype=np.int64)) for case in cases
    )
    return np.fromiter(ranks, dtype=np.float64)


def next_item_figures(ranks: Values, cuts: Sequence[int] = (5, 10)) -> dict[str, Figure]:
    """`hr@k` and `ndcg@k` with one relevant item a case: the share of ranks within k, and the mean of 1 / log2(1 + rank) within k."""
    found: dict[str, Figure] = {}
    for k in cuts:
        within = ranks <= k
        found[f"hr@{k}"] = figure(within.astype(np.float64))
        found[f"ndcg@{k}"] = figure(np.where(within, 1 / np.log2(1 + ranks), 0.0))
    return found
