"""Intervals and probabilities against published figures, and their laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.intervals import Pairs, mcnemar_p, paired_difference, quantile

counts = st.integers(0, 60)
pairs = st.builds(Pairs, both=counts, first_only=counts, second_only=counts, neither=counts)


@pytest.mark.parametrize(
    ("both", "better", "worse", "neither", "low", "high"),
    [(36, 12, 2, 0, 0.0569, 0.3404), (20, 12, 2, 16, 0.0562, 0.3292)],
)
def test_paired_difference_is_newcombes(both: int, better: int, worse: int, neither: int, low: float, high: float) -> None:
    """Newcombe 1998, table II."""
    found = paired_difference(Pairs(both=both, second_only=better, first_only=worse, neither=neither))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(12, 2, 0.0129), (2, 12, 0.0129), (0, 0, 1.0), (1, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125)]
)
def test_mcnemar_is_the_sign_test(better: int, worse: int, p: float) -> None:
    """12 and 2: Armitage and Berry 1994, p. 127."""
    assert mcnemar_p(better, worse) == pytest.approx(p, abs=5e-5)


@given(found=pairs)
def test_a_difference_lies_in_its_interval_and_turns_with_it(found: Pairs) -> None:
    turned = found.model_copy(update={"first_only": found.second_only, "second_only": found.first_only})
    here, there = paired_difference(found), paired_difference(turned)
    assert -1 <= here.low <= found.difference + 1e-12
    assert found.difference - 1e-12 <= here.high <= 1
    assert (here.low, here.high) == pytest.approx((-there.high, -there.low))
    assert 0 < mcnemar_p(found.first_only, found.second_only) <= 1


@given(values=st.lists(st.floats(0, 1e6), min_size=1), share=st.floats(0.01, 1))
def test_a_quantile_is_one_of_the_values(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_nothing_is_known_of_nothing() -> None:
    assert (paired_difference(Pairs()).low, paired_difference(Pairs()).high) == (-1, 1)
    assert quantile([], 0.5) == 0
