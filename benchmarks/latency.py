"""How long a search takes as a shop grows: 2,000 to 1,000,000 drawn items, with constraints that keep half, a fiftieth and a thousandth.

Each size is measured in a process of its own, so that its memory is its own. The product builds its index as it does for any catalog;
beside it stand plain langchain-chroma with a filter, exact numpy as one would write it, and what the machine cannot be faster than:
reading the vectors that pass, once, at the speed at which its memory is read.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.latency_peers import LangchainShop, langchain_shop
from benchmarks.latency_plot import draw_latency
from benchmarks.latency_shop import DIMENSION, DrawnEmbedder, Wish, drawn_queries, drawn_shop, wishes
from benchmarks.search import NEAREST, SHOWN, nearest, timed
from benchmarks.table import Row, Table
from catalog_data.schema import Catalog, Frozen
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from retrieval.candidates import CandidateFinder
from retrieval.candidates import Wish as Sought
from retrieval.collaborative import fit_default
from retrieval.columns import Columns
from retrieval.index import Contents, VectorIndex, open_or_build
from retrieval.index_home import FolderHome
from retrieval.interactions import popularity
from retrieval.lexical import Lexical
from retrieval.pipeline import SearchEngine, SearchParts
from retrieval.protocols import Rows
from retrieval.reranker import Reranker
from retrieval.schema import ItemQuery

SIZES = (2_000, 20_000, 200_000)
"""Those of a run that names none: a million take most of an hour to index."""
LEAST, MOST = 1_000, 2_000_000
SHARES = (0.5, 0.02, 0.001)
PEER_MOST = 200_000
"""Above it langchain-chroma is left out: its second copy of everything does not fit beside the first."""
PROBE_BYTES = 512_000_000
MEGABYTE = 1_000_000


class Grown(Frozen):
    """What one size came to: rows of the table, and what building took."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def latency(settings: Settings, _: Path | None = None, sizes: Sequence[int] = SIZES) -> Table:
    """The benchmark of that name. Its shops lie in a temporary folder; the plot is left under `benchmarks` in the data folder. Raises
    `BenchmarkRefused` where a size is out of bounds."""
    wrong = [size for size in sizes if not LEAST <= size <= MOST]
    if wrong or not sizes:
        raise BenchmarkRefused(f"found the sizes {list(sizes)}; allowed: {LEAST:,} to {MOST:,} items each; mend --sizes")
    grown = [_in_a_process(size) for size in sorted(dict.fromkeys(sizes))]
    notes = (
        f"drawn items, types and colours by Zipf's law, vectors of {DIMENSION} dimensions; queries with known vectors, one at a time",
        f"search and re-rank: masks, dense and lexical candidates, fusion, re-ranking, the {SHOWN} best; each query has a bound of its own",
        f"recall@{NEAREST}: of the product's dense candidates and of the peer, against all exact cosines, the mean over the queries",
        "memory limit: the vectors that pass, read once, at the measured speed of memory; no search over vectors as they are is faster",
        *(note for each in grown for note in each.notes),
    )
    table = Table(bench="latency", rows=tuple(row for each in grown for row in each.rows), notes=notes)
    return draw_latency(table, settings.data_dir / "benchmarks" / "latency.svg")


def _in_a_process(size: int) -> Grown:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, size).result()


def measure(size: int) -> Grown:
    """Builds a shop of this size, and times every system on it."""
    vocabulary = load_vocabulary()
    catalog = drawn_shop(size, vocabulary)
    embedder = DrawnEmbedder()
    queries = drawn_queries(catalog)
    embedder.remember(queries)
    with TemporaryDirectory() as folder:
        before, start = resident(), time.perf_counter()
        shop = Shop(catalog, vocabulary, embedder, Path(folder) / "index")
        built, held = time.perf_counter() - start, resident() - before
        disk = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        peer = langchain_shop(catalog, shop.index.vectors, vocabulary, Path(folder) / "peer") if size <= PEER_MOST else None
        rows = [row for wish in wishes(shop.columns, SHARES) for row in measured(shop, wish, queries, peer)]
        shop.engine.close()
    made = {"items": size, "build_s": round(built, 1), "build_ms_per_item": round(1000 * built / size, 3)}
    kept = {"rss_mb": round(held / MEGABYTE), "disk_mb": round(disk / MEGABYTE)}
    row = Row(system=f"{size:,} items: index built and open", ours=True, figures={**made, **kept})
    note = (
        ()
        if peer is not None
        else (f"{size:,} items: langchain-chroma was left out{'' if size > PEER_MOST else ': it is not installed'}",)
    )
    return Grown(rows=(row, *rows), notes=note)


class Shop:
    """The product's search over a drawn catalog, as `build_search` puts it together, with its parts at hand."""

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary, embedder: DrawnEmbedder, folder: Path) -> None:
        self.columns = Columns(catalog.products, vocabulary)
        self.embedder = embedder
        contents = Contents(catalog, self.columns, embedder)
        self.index: VectorIndex = open_or_build(FolderHome(folder), contents, embedder)
        prior = popularity(catalog)
        reranker = Reranker(catalog, vocabulary, fit_default(catalog), prior=prior, vectors=self.index.vectors)
        parts = SearchParts(self.columns, embedder, self.index, Lexical(contents.texts), reranker, prior)
        self.engine = SearchEngine(catalog, vocabulary, parts)
        self.finder = CandidateFinder(self.index, parts.lexical, prior)

    def dense(self, wish: Wish, number: int, text: str) -> Rows:
        """The product's own dense candidates for one query, the nearest `NEAREST` of them."""
        mask, where = self.columns.mask(wish.constraints(number), True), self.columns.where(wish.constraints(number), True)
        vector = self.embedder.embed([text])[0]
        return self.finder.find(Sought(vector, "", mask, where, 0, SHOWN)).rows[:NEAREST]


def measured(shop: Shop, wish: Wish, queries: Sequence[str], peer: LangchainShop | None) -> list[Row]:
    """The rows of one wish: ours, the peers, the limit."""
    mask = shop.columns.mask(wish.constraints(0), True)
    vectors = [shop.embedder.embed([text])[0] for text in queries]
    exact = [nearest(shop.index.vectors, mask, vector) for vector in vectors]
    asked = [ItemQuery(text=text, constraints=wish.constraints(place + 1), limit=SHOWN) for place, text in enumerate(queries)]
    shop.engine.search(asked[-1])
    named = f"{len(mask):,} items, {wish.share:g} kept"
    base = {"items": len(mask), "kept": wish.kept}
    ours = [timed(partial(shop.engine.search, query)) for query in asked]
    found = [shop.dense(wish, place + 1, text) for place, text in enumerate(queries)]
    rows = [_row(f"{named}: search and re-rank", True, base, ours, recall(found, exact))]
    plain = [timed(partial(nearest, shop.index.vectors, mask, vector)) for vector in vectors]
    rows.append(_row(f"{named}: exact numpy", False, base, plain, 1.0))
    if peer is not None:
        peer.nearest(vectors[0], wish, NEAREST)
        times = [timed(partial(peer.nearest, vector, wish, NEAREST)) for vector in vectors]
        got = [peer.nearest(vector, wish, NEAREST) for vector in vectors]
        rows.append(_row(f"{named}: langchain-chroma, filter", False, base, times, recall(got, exact)))
    limit = wish.kept * DIMENSION * 4 / bandwidth()
    rows.append(Row(system=f"{named}: memory limit", figures={**base, "p50_ms": round(1000 * limit, 4)}))
    return rows


def _row(system: str, ours: bool, base: dict[str, int], seconds: Sequence[float], found: float) -> Row:
    p50, p95 = (round(float(each) * 1000, 3) for each in np.percentile(seconds, (50, 95)))
    return Row(system=system, ours=ours, figures={**base, "p50_ms": p50, "p95_ms": p95, f"recall@{NEAREST}": round(found, 4)})


def recall(found: Sequence[Rows], exact: Sequence[Rows]) -> float:
    """The share of the exact nearest that was found, the mean over queries."""
    return float(np.mean([len(np.intersect1d(some, best)) / max(1, len(best)) for some, best in zip(found, exact, strict=True)]))


def bandwidth(size: int = PROBE_BYTES) -> float:
    """Bytes a second at which this process reads memory: the best of five readings of more than any cache holds."""
    block = np.ones(size // 4, dtype=np.float32)
    return size / min(timed(block.max) for _ in range(5))


def resident(status: Path = Path("/proc/self/statm")) -> int:
    """Bytes of memory that this process holds; 0 where the system does not tell."""
    try:
        pages = int(status.read_text(encoding="utf-8").split()[1])
    except OSError:  # only Linux has it
        return 0
    return pages * 4096
