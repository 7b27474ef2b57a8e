"""The evaluator asks what it says it asks, and every system goes through it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import published as published_figures
from benchmarks.errors import BenchmarkRefused
from benchmarks.histories import Histories, cases_of, read_histories
from benchmarks.next_item import BEST, SYSTEMS, WITHOUT_CONTENT, compare, measure, read_both
from benchmarks.systems_taste import DIRECTED, SEQUENCE, Fitted, Material, System, Workshop, fit_item_to_item
from retrieval.neighbours import Popularity
from retrieval.scorer import Scorer

CIRCLES = ["1 2 3 4", "3 4 1 2", "2 3 4 1", "7 8 9 6", "9 6 7 8", "8 9 6 7"]
QUICK = tuple(system for system in SYSTEMS if system.fit is not None and SEQUENCE not in system.name)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two circles of items, each always bought in the same turn; sixty users."""
    path = tmp_path / "histories.txt"
    path.write_text("\n".join(f"u{number} {CIRCLES[number % 6]}" for number in range(60)) + "\n\n", encoding="utf-8")
    return path


def test_a_model_is_fitted_without_the_last_two_items(data: Path) -> None:
    seen: list[Material] = []

    def fit(material: Material) -> Scorer:
        seen.append(material)
        return Popularity(material.events)

    compare(read_histories(data), systems=[System(name="spy", fit=fit)])
    (material,) = seen
    assert (material.events.n_users, len(material.events.items)) == (60, 120)


def test_every_installed_system_is_measured_and_ours_is_right_where_order_is_all(data: Path) -> None:
    table = compare(read_histories(data), users=20, systems=QUICK)
    rows = {row.system: row.figures for row in table.rows}
    left_out = [note.split(" is left out: ")[0] for note in table.notes if " is left out: " in note]
    assert sorted({system.name for system in QUICK}) == sorted([*left_out, *(name for name in rows if ";" not in name)])
    assert all(row.source == "measured" for row in table.rows)
    for figures in rows.values():
        assert 0 <= figures["ndcg@10"] <= figures["hr@10"] <= 1
        assert figures["fit_s"] >= 0
        assert figures["score_200_us"] > 0
        assert figures["score_all_us"] > 0
        assert figures["n"] == 20
    assert rows[DIRECTED]["ndcg@5"] > rows["popularity"]["ndcg@5"]
    assert rows[DIRECTED]["hr@5"] == 1


def test_ascending_and_descending_steps_are_told_apart(data: Path) -> None:
    (row,) = compare(read_histories(data), systems=[SYSTEMS[0]]).rows
    steps = [int(case.split()[-1]) > int(case.split()[-2]) for case in CIRCLES * 10]
    up, down = row.figures["ndcg@10_asc"], row.figures["ndcg@10_desc"]
    assert 0 < sum(steps) < 60
    assert row.figures["ndcg@10"] == pytest.approx((up * sum(steps) + down * (60 - sum(steps))) / 60, abs=1e-4)


def test_without_its_order_a_history_says_less() -> None:
    """Walks on a ring of thirty items, one or seven places on at a time: what comes next hangs on the newest item."""
    steps = np.random.default_rng(0).choice((1, 7), size=(300, 6))
    walks = (np.cumsum(steps, axis=1) + np.arange(300)[:, None]) % 30
    histories = Histories(ids=tuple(map(str, range(30))), sequences=tuple(tuple(walk) for walk in walks.tolist()))
    system = System(name=DIRECTED, fit=fit_item_to_item, ours=True)
    rows = {row.system: row.figures["ndcg@5"] for row in compare(histories, systems=[system]).rows}
    assert list(rows) == [DIRECTED, f"{DIRECTED}; asked shuffled", f"{DIRECTED}; fitted and asked shuffled"]
    assert rows[DIRECTED] > 1.2 * rows[f"{DIRECTED}; asked shuffled"] > 0


def test_every_blend_is_reported_with_and_without_content() -> None:
    parts = [set(system.parts) for system in SYSTEMS if system.parts]
    by_name = {system.name: system for system in SYSTEMS}
    informed = [own for own in parts if any(by_name[part].needs for part in own)]
    plain = [own for own in parts if own not in informed]
    assert set(WITHOUT_CONTENT.parts) in plain
    assert all(any(own < other for other in informed) for own in plain)
    assert set(BEST.parts) in informed


def test_content_beside_the_file_is_used_and_its_absence_is_said(data: Path) -> None:
    histories, content = read_both(data)
    table = compare(histories, content, systems=[system for system in QUICK if system.needs])
    assert table.rows == ()
    assert sum("no file beside the histories gives" in note for note in table.notes) == 2
    labels = {str(item): ["low" if item < 5 else "high"] for item in range(1, 10)}
    (data.parent / "item_attributes.json").write_text(json.dumps(labels), encoding="utf-8")
    histories, content = read_both(data)
    (row,) = compare(histories, content, systems=[system for system in QUICK if system.needs]).rows
    assert row.system == "labels"
    assert row.figures["hr@5"] == 1  # the target is the one item of the same label that is left


def test_a_blend_is_measured_with_its_parts_weights_and_costs(data: Path) -> None:
    histories = read_histories(data)
    parts = [system for system in QUICK if system.name in (DIRECTED, "popularity")]
    blend = System(name="both", parts=(DIRECTED, "popularity"), ours=True)
    material = Material(histories.ids, histories.training(), {})
    workshop = Workshop(material, [*parts, blend], cases_of(histories, True, 2, None))
    fitted = workshop.fitted(blend)
    assert fitted.weights is not None
    assert set(fitted.weights) == {DIRECTED, "popularity"}
    assert fitted.seconds > workshop.fitted(parts[0]).seconds + workshop.fitted(parts[1]).seconds
    assert workshop.fitted(blend) is fitted
    (note,) = workshop.notes()
    assert note.startswith("both: weights item-to-item ")
    row = measure(blend, fitted, cases_of(histories, True, 1, None), histories.ids)
    assert row.figures["hr@5"] == 1


def test_a_peer_that_is_not_installed_is_left_out_and_named(data: Path) -> None:
    def absent(_: Material) -> Scorer:
        raise ModuleNotFoundError("No module named 'nothing'", name="nothing")

    table = compare(read_histories(data), systems=[SYSTEMS[0], System(name="a peer", fit=absent)])
    assert [row.system for row in table.rows] == ["popularity"]
    assert "a peer is left out: package nothing is not installed; install it to compare" in table.notes


def test_published_figures_stand_beside_the_data_that_they_are_of_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = [SYSTEMS[0]]
    histories = read_histories(data)
    assert not [row for row in compare(histories, systems=one).rows if row.source == "published"]
    monkeypatch.setattr(published_figures, "BEAUTY", (60, 8))
    table = compare(histories, systems=one)
    figures = {row.system: row.figures["ndcg@10"] for row in table.rows if row.source == "published"}
    assert figures["SASRec (a)"] == 0.0318
    assert figures["TIGER (a)"] == 0.0384
    assert figures["ActionPiece (b)"] == 0.0424
    assert figures["SASRec with sampled softmax (c)"] == 0.0531
    assert any("(a) Rajput" in note and "(b) Hou" in note and "(c) Tikhonovich" in note for note in table.notes)
    assert not [row for row in compare(histories, users=20, systems=one).rows if row.source == "published"]


def test_histories_without_a_question_are_refused() -> None:
    with pytest.raises(BenchmarkRefused, match="no user of the file"):
        compare(Histories(ids=("a", "b"), sequences=((0, 1), (1, 0, 1))))


def test_figures_have_standard_errors_and_are_json(data: Path) -> None:
    (row,) = compare(read_histories(data), systems=[SYSTEMS[0]]).rows
    assert {"hr@5", "hr@10", "ndcg@5", "ndcg@10", "hr@5_se", "hr@10_se", "ndcg@5_se", "ndcg@10_se"} <= set(row.figures)
    json.dumps(row.flat(), allow_nan=False)


def test_memory_is_a_figure_where_the_system_tells(data: Path) -> None:
    histories = read_histories(data)
    known = Fitted(Popularity(histories.training()), 1.0, 12.34)
    unknown = known._replace(peak_mb=None)
    cases = cases_of(histories, True, 1, 5)
    assert measure(SYSTEMS[0], known, cases, histories.ids).figures["fit_mb"] == 12.3
    assert "fit_mb" not in measure(SYSTEMS[0], unknown, cases, histories.ids).figures
