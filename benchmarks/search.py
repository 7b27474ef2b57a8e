"""How long a search takes under filters that keep less and less of the catalog, beside Chroma's own filter and plain numpy.

The catalog is the one that `SHOPGUIDE_CATALOG` names, its index the one that the server opens. A filter is a range of prices that keeps
about the wanted share of the items in stock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app import make_clock, make_retrieval, sentence_embedder
from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.table import Row, Table
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary
from retrieval.assembly import index_home
from retrieval.columns import Columns, Mask
from retrieval.index import Contents, VectorIndex, open_index
from retrieval.index_home import IndexHome
from retrieval.pipeline import SearchEngine
from retrieval.protocols import Embedder, Floats, Rows
from retrieval.schema import ItemQuery, RangeConstraint

SHARES = (0.5, 0.02, 0.001)
MOST_SELECTIVE = 100
"""Of fewer items no share of a thousandth can be kept."""
NEAREST = 50
SHOWN = 6
QUERIES = (
    *(
        "red dress for a summer wedding",
        "warm winter coat",
        "white leather sneakers",
        "striped cotton shirt",
        "black evening dress",
    ),
    *("blue jeans slim fit", "running shoes", "silk scarf", "wool jumper with a roll neck", "linen trousers"),
    *("small crossbody bag", "waterproof jacket", "floral midi skirt", "pyjamas", "gold earrings"),
    *("denim jacket", "ankle boots with a heel", "grey hoodie", "swimsuit", "pleated skirt"),
    *("polo shirt", "sunglasses", "leather belt", "sandals for the beach", "blazer for the office"),
    *("cashmere cardigan", "sports bra", "checked flannel shirt", "beanie hat", "party top with sequins"),
)


@dataclass(frozen=True, eq=False)
class Bench:
    """What is measured: the engine, and the same index and columns for the peers beside it. `vectors`: float32, one row a query."""

    engine: SearchEngine
    index: VectorIndex
    columns: Columns
    vectors: Floats


@dataclass(frozen=True)
class Filter:
    """A range of prices (None: none), and how many items in stock it keeps."""

    constraint: RangeConstraint | None
    kept: int

    @property
    def constraints(self) -> tuple[RangeConstraint, ...]:
        """As a query takes them."""
        return (self.constraint,) if self.constraint is not None else ()


def search(settings: Settings, _: Path | None = None) -> Table:
    """The benchmark of that name. Builds the catalog's index first where it must."""
    retrieval = make_retrieval(settings, make_clock(settings), sentence_embedder())
    home = index_home(settings.data_dir, settings.chroma_url)
    try:
        return compare(retrieval.catalog, retrieval.vocabulary, retrieval.engine, home, retrieval.embedder)
    finally:
        retrieval.engine.close()


def compare(catalog: Catalog, vocabulary: Vocabulary, engine: SearchEngine, home: IndexHome, embedder: Embedder) -> Table:
    """The table over one catalog, whose finished index lies in `home`. Raises `BenchmarkRefused` where it has too few priced items."""
    columns = Columns(catalog.products, vocabulary)
    chosen = filters(columns)
    embedder.embed(["warm up"])
    embedding = [timed(partial(embedder.embed, [text])) for text in QUERIES]
    index = open_index(home, Contents(catalog, columns, embedder), embedder)
    bench = Bench(engine, index, columns, np.concatenate([embedder.embed([text]) for text in QUERIES]))
    rows = [row("sentence model, one new query", True, embedding, {})]
    for kept in chosen:
        rows += measured(bench, kept)
    index.close()
    notes = (
        f"{len(catalog.products):,} items of {catalog.manifest.name}; {len(QUERIES)} queries, their vectors known but in the first row",
        f"search and re-rank: the {SHOWN} best of a ranked pool; the others: the {NEAREST} nearest by cosine, unranked",
        f"recall@{NEAREST}: the share of the exact {NEAREST} nearest that is found, the mean over the queries",
    )
    return Table(bench="search", rows=tuple(rows), notes=notes)


def filters(columns: Columns) -> tuple[Filter, ...]:
    """No filter, then for each of `SHARES` the range of prices that keeps nearest to it of the priced items in stock."""
    values, counts = np.unique(columns.price[columns.in_stock & ~np.isnan(columns.price)], return_counts=True)
    before = np.concatenate(([0], np.cumsum(counts)))
    if before[-1] < MOST_SELECTIVE:
        raise BenchmarkRefused(
            f"the catalog has {before[-1]} priced items in stock; a search is measured over {MOST_SELECTIVE} or more"
        )
    found = [Filter(None, int(columns.in_stock.sum()))]
    for share in SHARES:
        wanted = share * before[-1]
        low = np.arange(len(values))
        high = np.minimum(np.searchsorted(before, before[low] + wanted), len(values))
        best = int(np.argmin(np.abs(before[high] - before[low] - wanted)))
        bounds = RangeConstraint(slot="price", minimum=float(values[best]), maximum=float(values[high[best] - 1]))
        found.append(Filter(bounds, int(columns.mask([bounds], True).sum())))
    return tuple(found)


def measured(bench: Bench, kept: Filter) -> list[Row]:
    """The rows of one filter: ours, Chroma with the filter in its query, numpy over the rows that pass."""
    mask = bench.columns.mask(kept.constraints, True)
    where = None if mask.all() else bench.columns.where(kept.constraints, True)  # as the engine does
    exact = [nearest(bench.index.vectors, mask, vector) for vector in bench.vectors]
    asked = [ItemQuery(text=text, constraints=kept.constraints, limit=SHOWN) for text in QUERIES]
    bench.engine.search(asked[0])
    bench.index.query(bench.vectors[0], NEAREST, where)
    ours = [timed(partial(bench.engine.search, query)) for query in asked]
    chroma = [timed(partial(bench.index.query, vector, NEAREST, where)) for vector in bench.vectors]
    plain = [timed(partial(nearest, bench.index.vectors, mask, vector)) for vector in bench.vectors]
    found = [bench.index.query(vector, NEAREST, where)[0] for vector in bench.vectors]
    recall = float(np.mean([len(np.intersect1d(some, best)) / len(best) for some, best in zip(found, exact, strict=True)]))
    count = {"kept": float(kept.kept)}
    return [
        row("search and re-rank", True, ours, count),
        row("Chroma, filter in its query", False, chroma, {**count, f"recall@{NEAREST}": round(recall, 4)}),
        row("exact numpy over what passes", False, plain, {**count, f"recall@{NEAREST}": 1.0}),
    ]


def nearest(vectors: Floats, mask: Mask, vector: Floats) -> Rows:
    """int64 (k,): the `NEAREST` rows of `mask` with the highest cosine, in no order. All at once, as one would write it."""
    rows = np.flatnonzero(mask)
    cosines = vectors[rows] @ vector
    return rows[np.argpartition(-cosines, NEAREST - 1)[:NEAREST]] if len(rows) > NEAREST else rows


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def row(system: str, ours: bool, seconds: Sequence[float], more: Mapping[str, float]) -> Row:
    """Median and 95th percentile in milliseconds."""
    p50, p95 = (round(float(each) * 1000, 3) for each in np.percentile(seconds, (50, 95)))
    return Row(system=system, ours=ours, figures={**more, "p50_ms": p50, "p95_ms": p95, "n": len(seconds)})
