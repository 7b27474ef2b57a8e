"""Results on disk: the same bytes whatever the order, read back as they were, and what is no result is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.errors import RunUnreadable
from assistant.evaluation.results import ConversationResult
from assistant.evaluation.run_files import read_run, to_lines, write_run
from tests.assistant.evaluation.records import FAILED, result, turn_result

RUN = (
    result("two", turn_result("hi \u2028 你好", FAILED, milliseconds=3.5)),
    result("one", attempt=2),
    result("one"),
    result("three", skipped="made for the catalog hm; demo is served", turns=()),
)


def timeless(run: tuple[ConversationResult, ...]) -> list[ConversationResult]:
    """By id and attempt, and without times."""
    ordered = sorted(run, key=lambda each: (each.id, each.attempt))
    bare = [tuple(turn.model_copy(update={"milliseconds": 0.0}) for turn in each.turns) for each in ordered]
    return [each.model_copy(update={"turns": turns}) for each, turns in zip(ordered, bare, strict=True)]


@given(run=st.permutations(RUN), times=st.lists(st.floats(0, 1e6), min_size=4, max_size=4))
def test_the_bytes_tell_nothing_of_order_or_time(run: list[ConversationResult], times: list[float]) -> None:
    slowed = [
        each.model_copy(update={"turns": tuple(turn.model_copy(update={"milliseconds": took}) for turn in each.turns)})
        for each, took in zip(run, times, strict=True)
    ]
    assert to_lines(slowed) == to_lines(RUN)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "a.jsonl"
    write_run(path, RUN)
    assert list(read_run(path)) == timeless(RUN)
    assert path.read_text(encoding="utf-8").count("\n") == len(RUN)
    assert '"milliseconds"' not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "told"), [("{}", "Field required"), ("not json", "Invalid JSON"), ('{"id": "x", "a": 1}', "Extra")]
)
def test_a_line_that_is_no_result_is_named(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(to_lines(RUN[:1]) + line + "\n", encoding="utf-8")
    with pytest.raises(RunUnreadable, match=f"a.jsonl:2: no result of a conversation .*{told}"):
        read_run(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunUnreadable, match=r"a.jsonl: cannot be read .*shopguide eval --out"):
        read_run(path)


def test_an_empty_file_is_an_empty_run(tmp_path: Path) -> None:
    write_run(tmp_path / "a.jsonl", ())
    assert read_run(tmp_path / "a.jsonl") == ()
