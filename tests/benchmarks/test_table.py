"""The table writer: what is printed, and the form that is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from benchmarks.table import Row, Table, machine, write_json

AT = datetime(2026, 11, 27, 10, 0, 0, 5, tzinfo=UTC)
TABLE = Table(
    bench="next-item",
    rows=(
        Row(system="ours", ours=True, figures={"hr@10": 0.0897, "hr@10_se": 0.002, "fit_s": 0.93, "n": 22363}),
        Row(system="a peer", figures={"hr@10": 0.05, "fit_s": 12.5, "n": 22363}),
        Row(system="another", source="published", figures={"hr@10": 0.0605}),
    ),
    notes=("leave-one-out",),
    hidden=frozenset(("hr@10_se",)),
)


def test_the_printed_table_marks_ours_names_what_is_published_and_shows_a_gap_as_a_gap() -> None:
    assert TABLE.text().splitlines() == [
        "  next-item             hr@10  fit_s       n",
        "* ours                 0.0897   0.93  22,363",
        "  a peer               0.0500   12.5  22,363",
        "  another (published)  0.0605      -       -",
        "* this project",
        "- leave-one-out",
    ]


def test_the_written_form_is_the_agreed_one_with_hidden_figures_and_whole_numbers() -> None:
    written = TABLE.json_object("a machine", AT)
    assert list(written) == ["bench", "machine", "date", "rows", "notes"]
    assert written["date"] == "2026-11-27T10:00:00+00:00"
    assert written["rows"][0] == {
        "system": "ours", "ours": True, "source": "measured", "hr@10": 0.0897, "hr@10_se": 0.002, "fit_s": 0.93, "n": 22363,
    }  # fmt: skip
    assert '"n": 22363,' in json.dumps({**written["rows"][0], "end": 1})
    assert written["rows"][2]["source"] == "published"


@pytest.mark.parametrize("name", ["NDCG@10", "hr @5", "", "@5", "p50-ms"])
def test_a_metric_is_written_in_lower_case(name: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        Row(system="ours", figures={name: 1.0})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_figure(value: float, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Row(system="ours", figures={"fit_s": value})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "table.json", {"fit_s": value})
    assert not (tmp_path / "table.json").exists()


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text("older", encoding="utf-8")
    write_json(path, TABLE.json_object("a machine", AT))
    assert json.loads(path.read_text(encoding="utf-8"))["bench"] == "next-item"
    assert [each.name for each in tmp_path.iterdir()] == ["table.json"]


def test_the_machine_is_told_without_a_name_of_its_own(tmp_path: Path) -> None:
    cpus = tmp_path / "cpuinfo"
    cpus.write_text("processor\t: 0\nmodel name\t: Some Processor 9000\n", encoding="utf-8")
    assert machine(cpus).startswith("Some Processor 9000, ")
    assert " cores, " in machine(tmp_path / "not there")


names = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")
rows = st.builds(
    Row,
    system=st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20),
    ours=st.booleans(),
    figures=st.dictionaries(names, st.floats(-1e12, 1e12), max_size=4),
)


@settings(max_examples=40)
@given(st.lists(rows, max_size=5))
def test_every_row_is_printed_and_written(drawn: list[Row]) -> None:
    table = Table(bench="any", rows=tuple(drawn))
    lines = table.text().splitlines()
    assert len(lines) == len(drawn) + 2
    assert len({len(line) for line in lines[:-1]}) <= 1 or all(not row.figures for row in drawn)
    written = json.loads(json.dumps(table.json_object("m", AT)))["rows"]
    assert [{**row.figures} for row in drawn] == [
        {name: value for name, value in one.items() if name not in ("system", "ours", "source")} for one in written
    ]
