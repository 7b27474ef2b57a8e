"""The evaluator asks what it says it asks, and every system goes through it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import next_item as module
from benchmarks.errors import BenchmarkRefused
from benchmarks.next_item import SYSTEMS, Histories, System, cases_of, compare, measure, read_histories
from retrieval.interactions import Events
from retrieval.neighbours import Popularity
from retrieval.scorer import Scorer, Visitor

CIRCLES = ["1 2 3 4", "3 4 1 2", "2 3 4 1", "7 8 9 6", "9 6 7 8", "8 9 6 7"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two circles of items, each always bought in the same turn; sixty users."""
    path = tmp_path / "histories.txt"
    path.write_text("\n".join(f"u{number} {CIRCLES[number % 6]}" for number in range(60)) + "\n\n", encoding="utf-8")
    return path


def test_a_file_is_read_in_order_and_a_user_without_items_is_named(tmp_path: Path) -> None:
    path = tmp_path / "histories.txt"
    path.write_text("ann x y\n\nbob y z x\n", encoding="utf-8")
    assert read_histories(path) == Histories(ids=("x", "y", "z"), sequences=((0, 1), (1, 2, 0)))
    path.write_text("ann x\nbob\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"histories\.txt:2: found a user and no item"):
        read_histories(path)


def test_the_last_item_is_asked_with_all_before_it_and_the_one_before_for_tuning() -> None:
    histories = Histories(ids=("a", "b", "c", "d"), sequences=((0, 1, 2, 3), (0, 1), (1, 0, 1)))
    (test,) = cases_of(histories, ordered=True, held_back=1, users=None)  # two items are too few; the third's target is no news
    assert (test.visitor, test.target, test.excluded) == (Visitor(history=("a", "b", "c")), 3, (0, 1, 2))
    tuning = cases_of(histories, ordered=True, held_back=2, users=None)
    assert [(case.visitor.history, case.target) for case in tuning] == [(("a", "b"), 2), (("b",), 0)]
    (likes,) = cases_of(histories, ordered=False, held_back=1, users=None)
    assert likes.visitor == Visitor(liked=("a", "b", "c"))


def test_a_model_is_fitted_without_the_last_two_items(data: Path) -> None:
    seen: list[Events] = []

    def fit(ids: Sequence[str], events: Events) -> Scorer:
        seen.append(events)
        return Popularity(events)

    measure(System(name="spy", fit=fit), read_histories(data), users=None)
    (events,) = seen
    assert (events.n_users, len(events.items)) == (60, 120)


def test_every_installed_system_is_measured_and_ours_is_right_where_order_is_all(data: Path) -> None:
    table = compare(read_histories(data), users=20)
    rows = {row.system: row.figures for row in table.rows}
    left_out = [note.split(" is left out: ")[0] for note in table.notes if "install it to compare" in note]
    assert [system.name for system in SYSTEMS] == [
        name for name in (system.name for system in SYSTEMS) if name in rows or name in left_out
    ]
    assert not set(left_out) & set(rows)
    assert all(row.source == "measured" for row in table.rows)
    for figures in rows.values():
        assert 0 <= figures["ndcg@10"] <= figures["hr@10"] <= 1
        assert figures["fit_s"] >= 0
        assert figures["score_200_us"] > 0
        assert figures["n"] == 20
    assert rows["item-to-item"]["ndcg@5"] > rows["popularity"]["ndcg@5"]
    assert rows["item-to-item"]["hr@5"] == 1


def test_published_figures_stand_beside_the_data_that_they_are_of_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = [SYSTEMS[0]]
    histories = read_histories(data)
    assert not [row for row in compare(histories, systems=one).rows if row.source == "published"]
    monkeypatch.setattr(module, "BEAUTY", (60, 8))
    assert [row.system for row in compare(histories, systems=one).rows if row.source == "published"] == [
        "SASRec",
        "S3-Rec",
        "TIGER",
    ]
    assert not [row for row in compare(histories, users=20, systems=one).rows if row.source == "published"]


def test_histories_without_a_question_are_refused() -> None:
    with pytest.raises(BenchmarkRefused, match="no user of the file"):
        compare(Histories(ids=("a", "b"), sequences=((0, 1), (1, 0, 1))))


def test_the_same_draw_twice(data: Path) -> None:
    histories = read_histories(data)
    first = cases_of(histories, ordered=True, held_back=1, users=10)
    assert len(first) == 10
    assert first == cases_of(histories, ordered=True, held_back=1, users=10)
