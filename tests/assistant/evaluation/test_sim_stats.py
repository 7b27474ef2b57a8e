"""Rates and their intervals, and the table of habits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.sim_stats import WITHIN, statistics, table, wilson
from assistant.evaluation.simulate import DialogueResult, DialogueTurn, Violation
from tests.assistant.evaluation.simulated import DRESS, need_of


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (1, 1, 0.2065, 1.0)],
)
def test_intervals_of_the_literature(hits: int, n: int, low: float, high: float) -> None:
    """81 of 263: Newcombe, Statistics in Medicine 17 (1998), table I."""
    rate = wilson(hits, n)
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)


@given(n=st.integers(1, 2000), data=st.data())
def test_the_share_lies_in_its_interval_and_more_dialogues_narrow_it(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    rate, tenfold = wilson(hits, n), wilson(hits * 10, n * 10)
    assert 0 <= rate.low <= rate.share <= rate.high <= 1
    assert tenfold.high - tenfold.low < rate.high - rate.low
    mirrored = wilson(n - hits, n)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((rate.low, rate.high), abs=1e-12)


def test_nothing_counted_and_impossible_counts() -> None:
    none = wilson(0, 0)
    assert (none.low, none.high, none.share) == (0.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="found 3 hits of 2"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="found no dialogues"):
        statistics([])


def result(number: int, habit: str, outcome: str, turns: int, **fields: object) -> DialogueResult:
    good = outcome in ("bought", "settled", "nothing_fits")
    need = need_of(DRESS, target=None if outcome == "nothing_fits" else "i1")
    given_fields: dict[str, object] = {
        "id": f"sim-{number}",
        "habit": habit,
        "patience": 5,
        "need": need,
        "final_need": need,
        "turns": tuple(DialogueTurn(user=f"hello {place}", intent="tell") for place in range(turns)),
        "outcome": outcome,
        "accepted_product_id": "i1" if outcome == "bought" else None,
        "target_success": None if need.target_product_id is None else outcome == "bought",
        "right_item_success": good,
        "turns_to_success": turns if good else None,
        "first_right_turn": 1 if outcome == "bought" else None,
        "items_seen": 4,
        "repeated_questions": 0,
        "violations": (),
        "basket": "right" if outcome == "bought" else None,
        "request_answered": None,
    }
    return DialogueResult.model_validate(given_fields | fields)


def results() -> list[DialogueResult]:
    broken = tuple(Violation(turn=1, product_id=one, slot="color", wanted="red") for one in ("a", "b"))
    return [
        result(1, "terse", "bought", 2),
        result(2, "terse", "bought", WITHIN + 1, basket="none", items_seen=10),
        result(3, "terse", "gave_up", 5, violations=broken, repeated_questions=2),
        result(4, "vague", "nothing_fits", WITHIN),
        result(5, "vague", "failed", 1, error="no answer"),
    ]


def test_every_figure_of_a_row() -> None:
    stats = statistics(results())
    terse, vague, overall = stats.rows
    assert [row.habit for row in stats.rows] == ["terse", "vague", "all"]
    assert stats.overall == overall
    assert (terse.right_within.hits, terse.right_within.n) == (1, 3)
    assert (terse.right.hits, terse.target.hits, terse.target.n) == (2, 2, 3)
    assert (terse.median_turns, terse.mean_items_seen) == ((2 + WITHIN + 1) / 2, 6)
    assert (terse.repeated_questions, terse.violations, terse.violating.hits) == (2, 2, 1)
    assert (terse.basket.hits, terse.basket.n) == (1, 2)
    assert (terse.right_shown.hits, terse.right_shown.n) == (2, 3)
    assert (vague.right_within.hits, vague.right_within.n) == (1, 2)
    assert (vague.right_nothing.hits, vague.right_nothing.n) == (1, 1)
    assert (overall.dialogues, overall.right_within.hits, overall.requests_answered.n) == (5, 2, 0)
    assert (stats.messages, stats.distinct_messages) == (2 + 7 + 5 + 6 + 1, 7)


def test_the_order_of_dialogues_does_not_matter() -> None:
    assert statistics(results()) == statistics(results()[::-1])


def test_the_table_has_a_row_a_habit_and_columns_that_line_up() -> None:
    lines = table(statistics(results())).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("habit")
    starts = {line.index(word) for line, word in zip(lines[1:4], ("0.333 [", "0.500 [", "0.400 ["), strict=True)}
    assert len(starts) == 1
    assert lines[-1] == "21 messages, 7 of them different"
