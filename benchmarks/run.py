"""What `shopguide bench` runs: benchmarks by name, each a table with this project and its peers side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from assistant.clock import SystemClock
from assistant.settings import Settings
from benchmarks.cold_start import cold_start
from benchmarks.errors import BenchmarkRefused
from benchmarks.guide import guide
from benchmarks.histories import FORM
from benchmarks.latency import latency
from benchmarks.next_item import next_item
from benchmarks.plot import bar_chart
from benchmarks.requests import requests
from benchmarks.rerank import rerank
from benchmarks.search import search
from benchmarks.table import Table, machine, write_json

ALL = "all"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Real data beside the checkout, of which nothing is part of the project."""
FASHION, BEAUTY, OFFICE = (
    SHARED / "fashion20k",
    SHARED / "beauty" / "interactions.txt",
    SHARED / "office" / "next_purchases.parquet",
)


@dataclass(frozen=True)
class Benchmark:
    """`run` measures. `data`: what --data must name, None where it takes none; `run` gets that path, or None. `samples`: what `all` runs it
    on, each where it is there. `sized`: `run` with the numbers of items of --sizes; None where it takes none."""

    run: Callable[[Settings, Path | None], Table]
    meaning: str
    data: str | None = None
    samples: tuple[Path, ...] = ()
    sized: Callable[[Settings, Path | None, Sequence[int]], Table] | None = None


BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType(
    {
        "cold-start": Benchmark(cold_start, "shoppers whom the models do not know, by 0 to 3 likes", FORM, (BEAUTY, OFFICE)),
        "guide": Benchmark(guide, "a turn over HTTP on the demo shop, without a language model"),
        "latency": Benchmark(
            latency, "retrieval and re-ranking on drawn shops as they grow, beside numpy and langchain-chroma", sized=latency
        ),
        "next-item": Benchmark(next_item, "models of taste on histories of purchases", FORM, (BEAUTY,)),
        "requests": Benchmark(
            requests, "sixty labelled requests, by what is shown for each", "the folder of fashion20k", (FASHION,)
        ),
        "rerank": Benchmark(
            rerank,
            "what a shopper's history adds to her words",
            f"{FORM}; with items.json, which has titles, beside it",
            (OFFICE,),
        ),
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
    """Runs one benchmark, or with `all` every one on the data beside the checkout, and prints its table; 0 when all went well.

    `json_out`: where the table is written too, with a plot (.svg) beside it; with `all` as a list of tables, written anew after each one.
    `sizes`: numbers of items, for a benchmark that takes them. Raises `BenchmarkRefused` before anything is measured where the name, the
    data or the place to write is wrong, and what the benchmark raises."""
    chosen = list(_chosen(name, data, benchmarks))
    if sizes and (len(chosen) > 1 or chosen[0][0].sized is None):
        raise BenchmarkRefused(f"{name} takes no sizes; leave --sizes out")
    if json_out is not None:
        _check_writable(json_out)
    clock, written = SystemClock(), []
    for bench, path in chosen:
        table = bench.sized(settings, path, sizes) if sizes and bench.sized is not None else bench.run(settings, path)
        if path is not None:
            table = table.model_copy(update={"notes": (f"data: {path.parent.name}/{path.name}", *table.notes)})
        print(table.text(), end="\n\n", flush=True)
        written.append(table.json_object(machine(), clock.now()))
        if json_out is not None:
            write_json(json_out, written if name == ALL else written[0])
            plot = _plot_file(json_out, table, path if name == ALL else None, name == ALL)
            plot.write_text(bar_chart(table), encoding="utf-8")
            print(f"Written to {json_out} and {plot}", end="\n\n", flush=True)
    return 0


def _plot_file(json_out: Path, table: Table, path: Path | None, several: bool) -> Path:
    """Beside the JSON, by its name; of several tables with the benchmark's and the data's too."""
    parts = [json_out.stem, *([table.bench] if several else []), *([path.parent.name] if path is not None else [])]
    return json_out.with_name(f"{'-'.join(parts)}.svg")


def _chosen(name: str, data: Path | None, benchmarks: Mapping[str, Benchmark]) -> Iterator[tuple[Benchmark, Path | None]]:
    """Each benchmark to run, with what it runs on."""
    if name == ALL:
        if data is not None:
            raise BenchmarkRefused(
                "all runs the benchmarks on the data beside the checkout; leave --data out, or name one benchmark"
            )
        yield from _all(benchmarks)
        return
    if name not in benchmarks:
        raise BenchmarkRefused(f"there is no benchmark {name!r}; there are: {listing(benchmarks)}")
    chosen = benchmarks[name]
    if chosen.data is None and data is not None:
        raise BenchmarkRefused(f"{name} takes no data; leave --data out")
    if chosen.data is not None and data is None:
        raise BenchmarkRefused(f"{name} needs data; give --data {chosen.data}")
    if data is not None and not data.exists():
        raise BenchmarkRefused(f"{data} is not there; give --data {chosen.data}")
    yield chosen, data


def _all(benchmarks: Mapping[str, Benchmark]) -> Iterator[tuple[Benchmark, Path | None]]:
    """Every benchmark; what needs data that is not there is left out, and says so."""
    for name, bench in benchmarks.items():
        there = [path for path in bench.samples if path.exists()]
        if bench.data is None:
            yield bench, None
        elif not there:
            print(f"{name} is left out: none of its data is beside the checkout; run it with --data")
        yield from ((bench, path) for path in there)


def listing(benchmarks: Mapping[str, Benchmark] = BENCHMARKS) -> str:
    """Every name with what it measures, in one line."""
    said = (f"{name} ({each.meaning}{'; needs --data' if each.data is not None else ''})" for name, each in benchmarks.items())
    return "; ".join([*said, f"{ALL} (every one, on the data beside the checkout where it needs some)"])


def _check_writable(path: Path) -> None:
    """Before minutes are spent on figures that have nowhere to go."""
    if path.is_dir() or not path.parent.is_dir():
        found = "a folder" if path.is_dir() else "in a folder that is not there"
        raise BenchmarkRefused(f"--json {path} is {found}; give the path of a file in a folder that is")
