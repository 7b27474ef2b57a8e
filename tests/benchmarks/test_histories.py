"""Files of histories in both forms, what lies beside them, and the questions that are asked of them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.errors import BenchmarkRefused
from benchmarks.histories import Histories, ascends, cases_of, drawn_order, read_content, read_histories, read_or_refuse
from retrieval.metrics import Case
from retrieval.scorer import Visitor

drawn_histories = st.lists(st.lists(st.integers(0, 8), min_size=1, max_size=7), min_size=1, max_size=6).map(
    lambda drawn: Histories(ids=tuple("abcdefghi"), sequences=tuple(tuple(own) for own in drawn))
)


def write_purchases(folder: Path) -> Path:
    path = folder / "next_purchases.parquet"
    columns = {
        "user_id": ["ann", "ann", "bob"],
        "history_item_ids": [["x"], ["x", "y"], ["z", "x"]],
        "next_item_id": ["y", "z", "y"],
    }
    pq.write_table(pa.table(columns), path)
    return path


def test_a_file_is_read_in_order_and_a_user_without_items_is_named(tmp_path: Path) -> None:
    path = tmp_path / "histories.txt"
    path.write_text("ann x y\n\nbob y z x\n", encoding="utf-8")
    assert read_histories(path) == Histories(ids=("x", "y", "z"), sequences=((0, 1), (1, 2, 0)))
    path.write_text("ann x\nbob\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"histories\.txt:2: found a user and no item"):
        read_histories(path)


def test_rows_of_next_purchases_are_one_history_a_user(tmp_path: Path) -> None:
    path = write_purchases(tmp_path)
    assert read_histories(path) == Histories(ids=("x", "y", "z"), sequences=((0, 1, 2), (2, 0, 1)))
    (tmp_path / "items.json").write_text(json.dumps({"new": {}, "y": {}}), encoding="utf-8")
    assert read_histories(path).ids == ("x", "y", "z", "new")


def test_what_cannot_be_read_is_refused_with_the_form(tmp_path: Path) -> None:
    torn, other = tmp_path / "torn.parquet", tmp_path / "other.parquet"
    torn.write_bytes(b"PAR1")
    pq.write_table(pa.table({"who": ["ann"]}), other)
    for path in (torn, other, tmp_path / "absent.txt"):
        with pytest.raises(BenchmarkRefused, match=r"cannot be read: .*; give --data a file with a user and its items"):
            read_or_refuse(read_histories, path, "next-item")
    with pytest.raises(BenchmarkRefused, match="next-item needs --data FILE"):
        read_or_refuse(read_histories, None, "next-item")


def test_content_is_what_the_folder_says_of_the_items(tmp_path: Path) -> None:
    assert read_content(tmp_path, ["1", "2"]) == {}
    pq.write_table(pa.table({"id": [1, 2], "asin": ["A", "B"], "text": ["Red, soap", None]}), tmp_path / "item_keywords.parquet")
    assert read_content(tmp_path, ["2", "1", "3"]) == {"words": [[], ["red", "soap"], []]}
    (tmp_path / "item_attributes.json").write_text(json.dumps({"3": [7, 8]}), encoding="utf-8")
    assert read_content(tmp_path, ["3", "1"])["labels"] == [["7", "8"], []]
    items = {"x": {"title": "Blue pen", "brand": "Acme"}, "y": {"title": "Pen", "brand": ""}}
    office = tmp_path / "office"
    office.mkdir()
    (office / "items.json").write_text(json.dumps(items), encoding="utf-8")
    assert read_content(office, ["y", "x"]) == {"words": [["pen"], ["blue", "pen"]], "labels": [[], ["Acme"]]}


def test_the_last_item_is_asked_with_all_before_it_and_the_one_before_for_tuning() -> None:
    histories = Histories(ids=("a", "b", "c", "d"), sequences=((0, 1, 2, 3), (0, 1), (1, 0, 1)))
    (test,) = cases_of(histories, ordered=True, held_back=1, users=None)  # two items are too few; the third's target is no news
    assert (test.visitor, test.target, test.excluded) == (Visitor(history=("a", "b", "c")), 3, (0, 1, 2))
    tuning = cases_of(histories, ordered=True, held_back=2, users=None)
    assert [(case.visitor.history, case.target) for case in tuning] == [(("a", "b"), 2), (("b",), 0)]
    (likes,) = cases_of(histories, ordered=False, held_back=1, users=None)
    assert likes.visitor == Visitor(liked=("a", "b", "c"))


@given(drawn_histories, st.integers(1, 2))
def test_no_question_shows_its_answer_and_training_never_does(histories: Histories, held_back: int) -> None:
    cases = cases_of(histories, ordered=True, held_back=held_back, users=None)
    for case in cases:
        assert histories.ids[case.target] not in case.visitor.history
        assert {histories.ids[row] for row in case.excluded} == set(case.visitor.history)
    long = [own for own in histories.sequences if len(own) >= 3]
    assert len(cases) <= len(long)
    training = histories.training()
    kept = [set(own[:-2]) if len(own) >= 3 else set(own) for own in histories.sequences]
    assert training.n_users == len([own for own in kept if own])
    assert len(training.items) == sum(map(len, kept))


@given(drawn_histories, st.integers(0, 3))
def test_a_drawn_order_keeps_the_items_and_the_last_two(histories: Histories, seed: int) -> None:
    drawn = drawn_order(histories, seed)
    assert drawn.ids == histories.ids
    for before, after in zip(histories.sequences, drawn.sequences, strict=True):
        assert sorted(before) == sorted(after)
        assert before[-2:] == after[-2:]
    assert drawn == drawn_order(histories, seed)


@given(drawn_histories)
def test_asked_shuffled_the_same_items_are_shown(histories: Histories) -> None:
    plain, shuffled = (cases_of(histories, True, 1, None, shuffled=drawn) for drawn in (False, True))
    for one, other in zip(plain, shuffled, strict=True):
        assert (one.target, one.excluded) == (other.target, other.excluded)
        assert sorted(one.visitor.history) == sorted(other.visitor.history)


def test_ids_ascend_as_numbers_where_they_are_numbers() -> None:
    case = Case(visitor=Visitor(history=("3", "9")), target=0)
    assert ascends([case], ["10", "9", "3"]) == [True]
    assert ascends([case], ["10", "9", "3", "x"]) == [False]


def test_the_same_draw_twice() -> None:
    histories = Histories(ids=tuple("abcd"), sequences=((0, 1, 2, 3),) * 30)
    first = cases_of(histories, ordered=True, held_back=1, users=10)
    assert len(first) == 10
    assert first == cases_of(histories, ordered=True, held_back=1, users=10)
