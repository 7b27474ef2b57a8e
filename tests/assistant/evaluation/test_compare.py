"""Two runs side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.compare import ALL, Comparison, compare, comparison_text
from assistant.evaluation.results import ConversationResult
from tests.assistant.evaluation.records import FAILED, result, turn_result

OUTCOMES = ("passed", "failed", "skipped")


def ended(name: str, outcome: str, attempt: int = 1, tags: tuple[str, ...] = ("budget",)) -> ConversationResult:
    """A conversation that ended so."""
    if outcome == "skipped":
        return result(name, attempt=attempt, tags=tags, skipped="made for another catalog", turns=())
    return result(name, turn_result("a bag", *([FAILED] if outcome == "failed" else [])), attempt=attempt, tags=tags)


def run_of(outcomes: dict[tuple[str, int], str]) -> tuple[ConversationResult, ...]:
    """A run from outcomes by id and attempt; the tag is the id's first letter."""
    return tuple(ended(name, outcome, attempt, (name[0], "every")) for (name, attempt), outcome in outcomes.items())


runs = st.dictionaries(
    st.tuples(st.sampled_from(["a1", "a2", "b1", "b2", "c1"]), st.integers(1, 2)), st.sampled_from(OUTCOMES), max_size=10
).map(run_of)


def test_what_changed_is_named_with_what_failed() -> None:
    before = (ended("a", "passed"), ended("b", "failed"), ended("c", "passed"), ended("d", "failed"))
    after = (ended("a", "failed"), ended("b", "passed"), ended("c", "passed"), ended("d", "failed"))
    found = compare(before, after)
    assert [(each.id, each.failures) for each in found.newly_failing] == [("a", ((1, FAILED),))]
    assert [(each.id, each.failures) for each in found.newly_passing] == [("b", ((1, FAILED),))]
    assert (found.total.difference, found.total.p) == (0, 1)
    assert [row.tag for row in found.rows] == ["budget", ALL]


def test_what_only_one_run_played_is_said() -> None:
    found = compare((ended("a", "passed"), ended("b", "skipped")), (ended("b", "passed"), ended("c", "passed", 2)))
    assert (found.only_before, found.only_after, found.unplayed) == ((("a", 1),), (("c", 2),), (("b", 1),))
    told = comparison_text(found)
    for line in ("only in the first run: a", "only in the second run: c (attempt 2)", "not played in both runs: b"):
        assert line in told
    assert told.endswith("there is nothing to compare.")


@given(before=runs, after=runs)
def test_turned_round_it_says_the_opposite(before: tuple[ConversationResult, ...], after: tuple[ConversationResult, ...]) -> None:
    here, there = compare(before, after), compare(after, before)
    assert here.total.difference == -there.total.difference
    assert (here.total.interval.low, here.total.interval.high) == pytest.approx(
        (-there.total.interval.high, -there.total.interval.low)
    )
    assert here.total.p == there.total.p
    assert [each.id for each in here.newly_failing] == [each.id for each in there.newly_passing]
    assert (here.only_before, here.only_after, here.unplayed) == (there.only_after, there.only_before, there.unplayed)
    assert comparison_text(here)


@given(run=runs)
def test_a_run_against_itself_is_no_difference(run: tuple[ConversationResult, ...]) -> None:
    found = compare(run, run)
    assert all((row.difference, row.p) == (0, 1) for row in found.rows)
    assert [*found.newly_failing, *found.newly_passing, *found.only_before, *found.only_after] == []
    assert found.total.interval.low <= 0 <= found.total.interval.high


@given(before=runs, after=runs)
def test_every_conversation_is_counted_once(
    before: tuple[ConversationResult, ...], after: tuple[ConversationResult, ...]
) -> None:
    found: Comparison = compare(before, after)
    both = {(each.id, each.attempt) for each in before} & {(each.id, each.attempt) for each in after}
    assert found.total.pairs.count + len(found.unplayed) == len(both)
    by_letter = [row.pairs.count for row in found.rows if row.tag not in ("every", ALL)]
    assert sum(by_letter) == found.total.pairs.count


def test_the_text_says_whether_chance_explains_it() -> None:
    names = [f"c{place}" for place in range(8)]
    passed, failed = (tuple(ended(name, outcome) for name in names) for outcome in ("passed", "failed"))
    told = comparison_text(compare(passed, failed))
    assert "8 newly failing, 0 newly passing; the pass rate moved by -1.000, more than chance explains (p = 0.008)" in told
    assert "newly failing: c0\n  fails turn 1: expect.products.min: expected at least 3; found 1" in told
    told = comparison_text(compare(passed[:1] + failed[1:2], failed[:1] + failed[1:2]))
    assert "no more than chance explains" in told
    assert comparison_text(compare(passed, passed)).endswith("8 pairs, and each ended as before.")
