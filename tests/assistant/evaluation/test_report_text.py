"""The report for a terminal."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.plain import one_line, visible
from assistant.evaluation.report_text import summary
from assistant.evaluation.results import Failure
from assistant.evaluation.sim_stats import wilson
from assistant.evaluation.sim_table import SimRow
from tests.assistant.evaluation.records import FAILED, result, turn_result

OTHER = Failure(path="invariant.evidence", expected="her words", found="'blue'")
SIM = (SimRow(habit="terse", dialogues=100, target=wilson(60, 100), right=wilson(90, 100), median_turns=3, items_seen=7.25),)


def test_a_row_a_tag_and_every_failure_with_its_turn() -> None:
    run = (
        result("one", tags=("budget", "a tag that is longer than most")),
        result("two", turn_result("a bag"), turn_result("cheaper", FAILED, OTHER), attempt=2),
        result("three", skipped="made for the catalog hm; demo is served", turns=()),
        result("four", failures=(Failure(path="budgets.model_calls", expected="at most 1", found="2"),), tags=("long",)),
    )
    told = summary(run)
    assert re.search(r"^budget +2 +1 +0\.50 +0\.09 to 0\.91 +3 +2$", told, re.MULTILINE)
    assert re.search(r"^all +3 +1 +0\.33 +0\.06 to 0\.79 +4 +3$", told, re.MULTILINE)
    assert 'two (attempt 2) [budget]\n  turn 2: "cheaper"\n    expect.products.min\n' in told
    assert "      expected at least 3\n      found    1\n    invariant.evidence\n" in told
    assert told.count("turn 2:") == 1
    assert "four [long]\n  over all turns\n    budgets.model_calls\n" in told
    assert "     1  invariant.evidence" in told
    assert "skipped three: made for the catalog hm; demo is served" in told
    assert told.endswith("1 of 3 conversations passed; a turn took 12 ms at the median, 12 in 19 of 20, 12 at most.")


def test_without_times_none_are_told_and_without_results_nothing_breaks() -> None:
    assert summary([result("one", turn_result(milliseconds=0))]).endswith("1 of 1 conversations passed.")
    assert summary([]).endswith("0 of 0 conversations passed.")


def test_simulated_shoppers_have_a_table() -> None:
    assert re.search(
        r"^terse +100 +0\.90 \(0\.83 to 0\.94\) +0\.60 \(0\.50 to 0\.69\) +3 +7\.2 +0 +0$", summary([], SIM), re.MULTILINE
    )


@given(text=st.text())
def test_no_text_steers_the_terminal(text: str) -> None:
    shown = visible(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert "\n" not in one_line(text)


def test_hostile_texts_are_shown_and_not_obeyed() -> None:
    bad = "\x1b[2J\u202eevil"
    failure = Failure(path=f"expect.{bad}", expected=bad, found=bad)
    told = summary([result("one", turn_result(bad, failure), tags=(bad,), skipped=None), result("two", skipped=bad)], None)
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert told.count("\\x1b[2J\\u202eevil") >= 6


def test_a_long_text_is_cut() -> None:
    long = Failure(path="expect.reply.mentions", expected="x", found="word " * 1000)
    assert max(map(len, summary([result("one", turn_result("a", long))]).splitlines())) < 400
