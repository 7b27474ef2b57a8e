"""Figures against fractions worked out by hand."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.metrics import (
    Case,
    average_ranks,
    figure,
    hit_at,
    ndcg_at,
    next_item_figures,
    next_item_ranks,
    ranks_in,
    recall_at,
    target_rank,
)
from retrieval.protocols import Rows
from retrieval.scorer import Values, Visitor

NONE = np.array([], dtype=np.int64)
SCORES = st.lists(st.sampled_from((-1.0, 0.0, 0.5, 2.0)), min_size=1, max_size=12).map(np.array)


def test_average_ranks_share_what_a_tie_spans() -> None:
    # 5 is first; the 3s span ranks 2, 3, 4; the 1s ranks 5 and 6
    assert average_ranks(np.array([3.0, 1.0, 5.0, 3.0, 1.0, 3.0])).tolist() == [3, 5.5, 1, 3, 5.5, 3]


@given(SCORES, st.data())
def test_target_rank_is_its_average_rank_among_those_that_compete(scores: Values, data: st.DataObject) -> None:
    target = data.draw(st.integers(0, len(scores) - 1))
    excluded = data.draw(st.lists(st.integers(0, len(scores) - 1).filter(lambda row: row != target), unique=True))
    competing = [row for row in range(len(scores)) if row not in excluded]
    expected = average_ranks(scores[competing])[competing.index(target)]
    assert target_rank(scores, target, np.array(excluded, dtype=np.int64)) == expected


@given(SCORES)
def test_average_ranks_sum_to_the_sum_of_all_ranks(scores: Values) -> None:
    assert average_ranks(scores).sum() == len(scores) * (len(scores) + 1) / 2


def test_all_equal_scores_earn_no_more_than_chance() -> None:
    assert target_rank(np.zeros(101), 50, NONE) == 51


def test_recall_hit_and_ndcg_by_hand() -> None:
    ranks = ranks_in(["d", "a", "x", "b"], {"a", "b", "missing"})
    assert sorted(ranks) == [2, 4, float("inf")]
    assert recall_at(ranks, 2) == 1 / 3
    assert recall_at(ranks, 4) == 2 / 3
    assert (hit_at(ranks, 1), hit_at(ranks, 2)) == (0, 1)
    assert ndcg_at(ranks, 2) == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3)))
    assert ndcg_at(ranks, 4) == pytest.approx((1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3) + 1 / 2))


def test_perfect_order_is_one_and_nothing_relevant_is_zero() -> None:
    assert ndcg_at([1, 2, 3], 2) == ndcg_at([2, 1], 10) == 1
    assert recall_at([], 10) == hit_at([], 10) == ndcg_at([], 10) == 0


def test_a_tie_across_the_cut_counts_by_its_average_rank() -> None:
    # two items tie over the ranks 10 and 11: 10.5 is not within 10
    assert hit_at([10.5], 10) == recall_at([10.5], 10) == ndcg_at([10.5], 10) == 0
    # two items tie over the ranks 1 and 2
    assert ndcg_at([1.5], 10) == pytest.approx(1 / log2(2.5))


def test_a_mean_comes_with_its_standard_error() -> None:
    found = figure([0.0, 1.0, 1.0, 0.0])
    assert (found.mean, found.n) == (0.5, 4)
    assert found.error == pytest.approx((1 / 3) ** 0.5 / 2)
    assert figure([3.0]).error == 0
    with pytest.raises(ValueError, match="found no values"):
        figure([])


class _Fixed:
    """Scores every item by a fixed number, whoever asks."""

    def __init__(self, scores: list[float]) -> None:
        self._scores = np.array(scores)

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """The numbers at `rows`."""
        scores: Values = self._scores[rows]
        return scores


def test_next_item_ranks_leave_out_what_is_excluded() -> None:
    scorer = _Fixed([9.0, 5.0, 5.0, 1.0])
    cases = [
        Case(visitor=Visitor(), target=1, excluded=(0,)),  # ties with 2 over the ranks 1 and 2
        Case(visitor=Visitor(), target=3),  # last of four
        Case(visitor=Visitor(), target=0, excluded=(1, 2)),
    ]
    ranks = next_item_ranks(scorer, cases, 4)
    assert ranks.tolist() == [1.5, 4, 1]
    figures = next_item_figures(ranks, cuts=(1, 2))
    assert figures["hr@1"].mean == 1 / 3
    assert figures["hr@2"].mean == 2 / 3
    assert figures["ndcg@1"].mean == pytest.approx(1 / 3)
    assert figures["ndcg@2"].mean == pytest.approx((1 / log2(2.5) + 1) / 3)
