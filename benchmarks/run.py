"""What `shopguide bench` runs: benchmarks by name, each a table with this project and its peers side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from assistant.clock import SystemClock
from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.guide import guide
from benchmarks.latency import latency
from benchmarks.next_item import next_item
from benchmarks.requests import requests
from benchmarks.search import search
from benchmarks.table import Table, machine, write_json

ALL = "all"


@dataclass(frozen=True)
class Benchmark:
    """`run` measures. `data`: what --data must name, None where it takes none; `run` gets that path, or None. `sized`: `run` with the numbers
    of items of --sizes; None where it takes none."""

    run: Callable[[Settings, Path | None], Table]
    meaning: str
    data: str | None = None
    sized: Callable[[Settings, Path | None, Sequence[int]], Table] | None = None


BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType(
    {
        "guide": Benchmark(guide, "a turn over HTTP on the demo shop, without a language model"),
        "latency": Benchmark(
            latency, "retrieval and re-ranking on drawn shops as they grow, beside numpy and langchain-chroma", sized=latency
        ),
        "next-item": Benchmark(
            next_item, "models of taste on histories of purchases", data="a file with a user and its items, oldest first, a line"
        ),
        "requests": Benchmark(requests, "sixty labelled requests, by what is shown for each", data="the folder of fashion20k"),
        "search": Benchmark(
            search, "retrieval and re-ranking on the catalog of SHOPGUIDE_CATALOG, under filters that keep less and less"
        ),
    }
)


def run_benchmark(
    name: str,
    settings: Settings,
    data: Path | None = None,
    json_out: Path | None = None,
    benchmarks: Mapping[str, Benchmark] = BENCHMARKS,
    sizes: Sequence[int] = (),
) -> int:
    """Runs one benchmark, or with `all` every one that needs no data, and prints its table; 0 when all went well.

    `json_out`: where the table is written too; with `all` as a list of tables. `sizes`:
    numbers of items, for a benchmark that takes them. Raises `BenchmarkRefused` before anything is measured
    where the name, the data or the place to write is wrong, and what the benchmark raises."""
    chosen = _chosen(name, data, benchmarks)
    unsized = [each for each in chosen if each.sized is None]
    if sizes and (unsized or len(chosen) > 1):
        raise BenchmarkRefused(f"{name} takes no sizes; leave --sizes out")
    if json_out is not None:
        _check_writable(json_out)
    clock, written = SystemClock(), []
    for each in chosen:
        table = each.sized(settings, data, sizes) if sizes and each.sized is not None else each.run(settings, data)
        print(table.text(), end="\n\n", flush=True)
        written.append(table.json_object(machine(), clock.now()))
    if json_out is not None:
        write_json(json_out, written if name == ALL else written[0])
        print(f"Written to {json_out}")
    return 0


def _chosen(name: str, data: Path | None, benchmarks: Mapping[str, Benchmark]) -> list[Benchmark]:
    if name == ALL:
        if data is not None:
            raise BenchmarkRefused("all runs the benchmarks that need no data; leave --data out, or name one benchmark")
        return [each for each in benchmarks.values() if each.data is None]
    if name not in benchmarks:
        raise BenchmarkRefused(f"there is no benchmark {name!r}; there are: {listing(benchmarks)}")
    chosen = benchmarks[name]
    if chosen.data is None and data is not None:
        raise BenchmarkRefused(f"{name} takes no data; leave --data out")
    if chosen.data is not None and data is None:
        raise BenchmarkRefused(f"{name} needs data; give --data {chosen.data}")
    if data is not None and not data.exists():
        raise BenchmarkRefused(f"{data} is not there; give --data {chosen.data}")
    return [chosen]


def listing(benchmarks: Mapping[str, Benchmark] = BENCHMARKS) -> str:
    """Every name with what it measures, in one line."""
    said = (f"{name} ({each.meaning}{'; needs --data' if each.data is not None else ''})" for name, each in benchmarks.items())
    return "; ".join([*said, f"{ALL} (every one that needs no data)"])


def _check_writable(path: Path) -> None:
    """Before minutes are spent on figures that have nowhere to go."""
    if path.is_dir() or not path.parent.is_dir():
        found = "a folder" if path.is_dir() else "in a folder that is not there"
        raise BenchmarkRefused(f"--json {path} is {found}; give the path of a file in a folder that is")
