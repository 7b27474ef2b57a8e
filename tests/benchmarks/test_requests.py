"""The labelled requests: tests on source rows, what counts as right, the figures, and where the data is there, that the labels hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.requests import COLUMNS, ITEMS, REQUESTS, Played, figures, found_wrong, requests, rows
from benchmarks.requests_plot import svg
from benchmarks.requests_tests import (
    BLACK_ALONE,
    MEN,
    Request,
    category,
    colour,
    costs,
    facts,
    heel_cm,
    item,
    real,
    share,
    source_row,
    text,
    title,
)

DATA = Path(__file__).resolve().parents[2] / "../shared/data/fashion20k"


def row(**fields: Any) -> dict[str, Any]:
    base = dict.fromkeys(COLUMNS)
    return base | {"item_id": "nap:1", "source": "netaporter", "title": "Wool Coat", "category": "Clothing > Coats"} | fields


STYLED = "Soft. Wear it with leather boots. Black wool, silk trim; Lining: 100% silk; 80% wool, 20% nylon"


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        (item("wool"), True),
        (item("leather"), False),
        (text("leather"), True),
        (facts("^black wool"), True),
        (title("^wool coat$"), True),
        (category("Coats") & ~colour("Black"), True),
        (colour("Black") | MEN, False),
        (share("wool", 80), True),
        (share("silk", 1), False),
        (costs(high=100), False),
        (BLACK_ALONE, True),
        (real("pocket", "fake pockets?"), False),
        (heel_cm(2), True),
    ],
)
def test_questions_to_a_row(test: Any, holds: bool) -> None:
    assert test.holds(source_row(row(description=STYLED, price=float("nan")))) is holds


def test_a_stated_heel_and_a_real_pocket() -> None:
    boots = source_row(row(source="hm", description="Boots with fake pockets and a pocket. Heel 5.5 cm.", price=20.0))
    assert not heel_cm(5).holds(boots)
    assert heel_cm(6).holds(boots)
    assert real("pocket", "fake pockets?").holds(boots)
    assert costs(20, 20).holds(boots)


def request(arguable: Any = None) -> Request:
    tests = {"type": category("Coats"), "price": costs(high=50)}
    return Request("fk-000", "a coat under 50", {"type": "coat"}, 2, tests, *([arguable] if arguable else []))


def test_the_verdict_on_a_row() -> None:
    fine = source_row(row(price=10.0))
    assert request().verdict(fine) == "right"
    assert request(title("wool")).verdict(fine) == "arguable"
    dear = source_row(row(price=60.0))
    assert request(title("wool")).verdict(dear) == "wrong"
    assert request().failed(dear) == ("price",)


def test_figures_by_hand() -> None:
    one = Played(request(), 4, ("right", "arguable", "wrong", "right", "right"), ("price",), 7)
    none = Played(request(), 0, (), (), 0)
    few = Played(request(), 2, ("right", "right"), (), 5)
    found = figures([one, none, few])
    assert found == {
        "n": 3,
        "violations": 1,
        "precision@5": 0.875,  # 3 of 4, 2 of 2; who is shown nothing is not precise
        "shown": 2.0,
        "exist": 4.0,
        "three_shown": 0.5,
        "three_right": 0.5,
    }
    assert figures([]) == {"n": 0, "violations": 0}
    told = list(found_wrong([one, none, few]))
    assert len(told) == 2
    assert "price 1" in told[0]
    assert "2 shown of 5" in told[1]
    assert next(each.system for each in rows([one])) == "all requests"
    assert svg([one, none, few]).count("<rect") == 7


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkRefused, match=r"items\.parquet"):
        requests(Settings(), tmp_path)


def test_there_are_sixty_of_every_kind() -> None:
    assert [one.request_id for one in REQUESTS] == [f"fk-{number:03d}" for number in range(1, 61)]
    assert Counter(min(one.count, 3) for one in REQUESTS) == {1: 10, 2: 20, 3: 30}
    assert sum(any(name.endswith("_not") for name in one.asks) for one in REQUESTS) == 15


def test_so_many_rows_of_the_source_are_right() -> None:
    if not (DATA / ITEMS).is_file():
        pytest.skip(f"{DATA} is not there: the real catalog is not shipped")
    source = [source_row(each) for each in pq.read_table(DATA / ITEMS, columns=list(COLUMNS)).to_pylist()]
    counts = {one.request_id: Counter(one.verdict(each) for each in source) for one in REQUESTS if one.count != 2}
    right = {name: count["right"] for name, count in counts.items()}
    few = {name: count for name, count in right.items() if count < 3}
    assert few == {"fk-035": 0, "fk-050": 0, "fk-059": 0, "fk-060": 0}
    assert (right["fk-003"], right["fk-036"], right["fk-057"]) == (94, 33, 50)
    assert counts["fk-003"]["arguable"] == 58
