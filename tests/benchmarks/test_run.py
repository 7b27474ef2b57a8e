"""The runner: what runs by which name, what is refused before anything is measured, and what is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import app
from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.run import BENCHMARKS, Benchmark, listing, run_benchmark
from benchmarks.table import Row, Table


class Spy:
    """A benchmark that notes what it was given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.given: list[Path | None] = []

    def __call__(self, _: Settings, data: Path | None) -> Table:
        self.given.append(data)
        return Table(bench=self.name, rows=(Row(system=f"system of {self.name}", ours=True, figures={"p50_ms": 1.5}),))


class Bench:
    """Three benchmarks, one of which needs data, and would take it from `beside` in a run of all."""

    def __init__(self, beside: Path) -> None:
        self.plain, self.other, self.fed = Spy("plain"), Spy("other"), Spy("fed")
        self.samples = (beside / "one" / "things.txt", beside / "two" / "things.txt")
        self.registry = {
            "plain": Benchmark(self.plain, "measures this"),
            "fed": Benchmark(self.fed, "measures that", data="a file of things", samples=self.samples),
            "other": Benchmark(self.other, "measures something else"),
        }

    def run(self, name: str, data: Path | None = None, json_out: Path | None = None) -> int:
        return run_benchmark(name, Settings(), data, json_out, self.registry)

    @property
    def runs(self) -> int:
        return sum(len(spy.given) for spy in (self.plain, self.other, self.fed))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.txt"
    path.write_text("u1 a b c\n", encoding="utf-8")
    return path


def test_one_is_run_printed_and_written(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.run("plain", json_out=tmp_path / "plain.json") == 0
    assert bench.plain.given == [None]
    assert "* system of plain" in capsys.readouterr().out
    assert "system of plain" in (tmp_path / "plain.svg").read_text(encoding="utf-8")
    written = json.loads((tmp_path / "plain.json").read_text(encoding="utf-8"))
    assert set(written) == {"bench", "machine", "date", "rows", "notes"}
    assert written["rows"] == [{"system": "system of plain", "ours": True, "source": "measured", "p50_ms": 1.5}]


def test_what_needs_data_gets_it(bench: Bench, data: Path) -> None:
    assert bench.run("fed", data) == 0
    assert bench.fed.given == [data]


def test_all_is_every_one_on_the_data_that_is_there(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> list[str]:
        assert bench.run("all", json_out=tmp_path / "all.json") == 0
        return [each["bench"] for each in json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))]

    assert run() == ["plain", "other"]
    assert "fed is left out: none of its data is beside the checkout" in capsys.readouterr().out
    for path in bench.samples:
        path.parent.mkdir()
        path.write_text("x\n", encoding="utf-8")
    assert run() == ["plain", "fed", "fed", "other"]
    assert bench.fed.given == list(bench.samples)
    assert "- data: two/things.txt" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [
        "all-fed-one.svg",
        "all-fed-two.svg",
        "all-other.svg",
        "all-plain.svg",
    ]


def test_a_wrong_name_is_answered_with_all_right_ones(bench: Bench) -> None:
    with pytest.raises(BenchmarkRefused) as refused:
        bench.run("nxt-item")
    said = str(refused.value)
    assert "'nxt-item'" in said
    for name in ("plain (measures this)", "fed (measures that; needs --data)", "other", "all"):
        assert name in said


def test_data_that_is_missing_or_not_wanted_is_refused(bench: Bench, data: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchmarkRefused, match="fed needs data; give --data a file of things"):
        bench.run("fed")
    with pytest.raises(BenchmarkRefused, match="is not there"):
        bench.run("fed", tmp_path / "absent.txt")
    with pytest.raises(BenchmarkRefused, match="plain takes no data"):
        bench.run("plain", data)
    with pytest.raises(BenchmarkRefused, match="leave --data out"):
        bench.run("all", data)
    assert bench.runs == 0


def test_sizes_go_to_the_one_that_takes_them(bench: Bench) -> None:
    given: list[tuple[int, ...]] = []

    def sized(settings: Settings, data: Path | None, sizes: Sequence[int]) -> Table:
        given.append(tuple(sizes))
        return bench.plain(settings, data)

    registry = {**bench.registry, "grows": Benchmark(bench.plain, "measures growth", sized=sized)}
    assert run_benchmark("grows", Settings(), benchmarks=registry, sizes=(10, 20)) == 0
    assert run_benchmark("grows", Settings(), benchmarks=registry) == 0
    assert given == [(10, 20)]
    for name in ("plain", "all"):
        with pytest.raises(BenchmarkRefused, match="takes no sizes"):
            run_benchmark(name, Settings(), benchmarks=registry, sizes=(10,))


def test_a_place_that_cannot_be_written_is_refused_before_anything_runs(bench: Bench, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent" / "table.json"):
        with pytest.raises(BenchmarkRefused, match="give the path of a file"):
            bench.run("plain", json_out=place)
    assert bench.runs == 0


def test_the_command_line_says_it_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["bench", "nonsense"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("shopguide: there is no benchmark 'nonsense'; there are: ")
    assert said.count("\n") == 1
    assert app.main(["bench", "next-item"]) == 2
    assert "give --data" in capsys.readouterr().err


def test_next_item_runs_from_the_command_line(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every system, the sequence model and the blends with it too, on a file without content beside it."""
    data.write_text("".join(f"u{number} a b c d\nv{number} b c d a\n" for number in range(5)), encoding="utf-8")
    assert app.main(["bench", "next-item", "--data", str(data), "--json", str(tmp_path / "table.json")]) == 0
    said = capsys.readouterr().out
    assert "* item-to-item" in said
    assert "blend of item-to-item, SASRec, words, labels is left out: no file beside the histories gives words" in said
    written = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert written["bench"] == "next-item"
    ours = [row["system"] for row in written["rows"] if row["ours"] and row["source"] == "measured" and row["n"] == 10]
    assert {"SASRec", "blend of item-to-item, SASRec", "item-to-item; fitted and asked shuffled"} <= set(ours)
    assert (tmp_path / "table.svg").exists()
    data.write_text("u1\n", encoding="utf-8")
    assert app.main(["bench", "next-item", "--data", str(data)]) == 2
    assert "data.txt:1: found a user and no item" in capsys.readouterr().err


def test_every_registered_name_says_what_it_measures() -> None:
    assert list(BENCHMARKS) == ["cold-start", "guide", "latency", "next-item", "requests", "rerank", "search"]
    assert all(f"{name} ({each.meaning}" in listing() for name, each in BENCHMARKS.items())
