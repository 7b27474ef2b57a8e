"""The latency benchmark on a small drawn shop with real Chroma: it keeps what it says, finds what it should, and draws it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.settings import Settings
from benchmarks import latency as bench
from benchmarks.errors import BenchmarkRefused
from benchmarks.latency_plot import Axis, curves, draw_latency, svg
from benchmarks.latency_shop import DIMENSION, DrawnEmbedder, drawn_queries, drawn_shop, wishes, zipf
from benchmarks.table import Row, Table
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from retrieval.columns import Columns
from retrieval.filters import satisfies

ITEMS = 1_200


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


@pytest.fixture(scope="module")
def shop(vocabulary: Vocabulary) -> Catalog:
    return drawn_shop(ITEMS, vocabulary)


def test_the_shop_is_uneven_and_the_same_each_time(shop: Catalog, vocabulary: Vocabulary) -> None:
    assert shop == drawn_shop(ITEMS, vocabulary)
    types = [product.product_type for product in shop.products]
    counts = sorted((types.count(name) for name in set(types)), reverse=True)
    assert counts[0] > 10 * counts[len(counts) // 2]
    assert zipf(4).sum() == pytest.approx(1)
    assert zipf(4)[0] == pytest.approx(4 * zipf(4)[3])


def test_vectors_are_near_where_words_are_shared() -> None:
    embedder = DrawnEmbedder()
    one, near, far = embedder.embed(["red silk dress n1", "red silk dress n2", "tin robot n3"])
    assert one.shape == (DIMENSION,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ near > 0.5 > one @ far
    embedder.remember(["red silk dress n1"])
    assert np.array_equal(embedder.embed(["red silk dress n1"])[0], one)


def test_a_wish_keeps_its_share_and_every_shopper_says_it_anew(shop: Catalog, vocabulary: Vocabulary) -> None:
    columns = Columns(shop.products, vocabulary)
    for wish in wishes(columns, bench.SHARES):
        kept = sum(satisfies(product, wish.constraints(0), vocabulary) for product in shop.products)
        assert wish.kept == kept == int(columns.mask(wish.constraints(59), True).sum())
        assert kept == pytest.approx(wish.share * ITEMS, abs=0.05 * ITEMS if wish.share == 0.5 else 2)
        assert wish.bound is None or wish.constraints(1) != wish.constraints(2)


def test_every_system_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "PEER_MOST", 0)
    monkeypatch.setattr(bench, "PROBE_BYTES", 1_000_000)
    grown = bench.measure(ITEMS)
    assert len(grown.rows) == 1 + 3 * len(bench.SHARES)
    ours = [row for row in grown.rows if row.ours and "p50_ms" in row.figures]
    assert len(ours) == len(bench.SHARES)
    for row in ours:
        assert 0 < row.figures["p50_ms"] <= row.figures["p95_ms"]
        assert row.figures["recall@50"] >= 0.99
    assert grown.rows[0].figures["build_s"] > 0
    assert "left out" in grown.notes[0]


def test_the_peer_finds_what_passes(shop: Catalog, vocabulary: Vocabulary, tmp_path: Path) -> None:
    pytest.importorskip("langchain_chroma", reason="langchain-chroma is not installed: a peer that the product does not need")
    vectors = DrawnEmbedder().embed([product.title for product in shop.products])
    peer = bench.langchain_shop(shop, vectors, vocabulary, tmp_path)
    assert peer is not None
    columns = Columns(shop.products, vocabulary)
    for wish in wishes(columns, bench.SHARES):
        mask = columns.mask(wish.constraints(0), True)
        found = peer.nearest(vectors[3], wish, 10)
        assert len(found) == min(10, wish.kept)
        assert mask[found].all()


@pytest.mark.parametrize("sizes", [(), (10,), (5_000_000,)])
def test_sizes_out_of_bounds_are_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(BenchmarkRefused, match="mend --sizes"):
        bench.latency(Settings(), None, sizes)


def test_bandwidth_and_memory_are_plausible(tmp_path: Path) -> None:
    assert 1e8 < bench.bandwidth(8_000_000) < 1e13
    assert bench.resident() > 10_000_000
    assert bench.resident(tmp_path / "absent") == 0


def test_queries_differ(shop: Catalog) -> None:
    queries = drawn_queries(shop)
    assert len(set(queries)) == len(queries) == 60


def table(*rows: tuple[str, float, float]) -> Table:
    return Table(bench="latency", rows=tuple(Row(system=name, figures={"items": n, "p50_ms": ms}) for name, n, ms in rows))


def test_the_plot_has_a_line_for_each_system_and_share(tmp_path: Path) -> None:
    drawn = table(
        ("2,000 items, 0.5 kept: search and re-rank", 2_000, 4.0),
        ("20,000 items, 0.5 kept: search and re-rank", 20_000, 6.0),
        ("2,000 items, 0.02 kept: exact numpy", 2_000, 0.1),
        ("2,000 items: index built and open", 2_000, 9.0),
    )
    lines = dict(curves(drawn.rows))
    assert lines == {("search and re-rank", 0.5): [(2_000, 4.0), (20_000, 6.0)], ("exact numpy", 0.02): [(2_000, 0.1)]}
    noted = draw_latency(drawn, tmp_path / "deep" / "plot.svg")
    assert "plot: " in noted.notes[-1]
    assert (tmp_path / "deep" / "plot.svg").read_text(encoding="utf-8") == svg(lines)
    assert svg(lines).count("<polyline") == 2
    assert draw_latency(table(), tmp_path / "none.svg") == table()


def test_an_axis_is_logarithmic() -> None:
    axis = Axis(20, 2_000, 0.0, 300.0)
    assert [round(axis(value)) for value in axis.ticks()] == [0, 100, 200, 300]
