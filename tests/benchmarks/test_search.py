"""The search benchmark on a small catalog with real Chroma: its filters keep what they say, and every system is measured."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from benchmarks.errors import BenchmarkRefused
from benchmarks.search import NEAREST, QUERIES, SHARES, compare, filters, nearest
from catalog_data.schema import Catalog, Manifest, Money, Product
from catalog_data.vocabulary import load_vocabulary
from retrieval.assembly import build_search
from retrieval.columns import Columns
from retrieval.fake_embedding import HashingEmbedder
from retrieval.index_home import FolderHome

ITEMS = 1_000


def _catalog(count: int) -> Catalog:
    rng = Random(3)
    products = tuple(
        Product(
            product_id=f"p{number}",
            title=f"{rng.choice(('red', 'blue', 'white'))} {rng.choice(('dress', 'coat', 'shirt'))} {number}",
            price=Money(amount_minor=rng.choice((1900, 2900, 3900, 4900)) + rng.randrange(100), currency="EUR")
            if number % 10
            else None,
        )
        for number in range(count)
    )
    return Catalog(manifest=Manifest(catalog_id="bench", name="Bench", currency="EUR"), products=products, digest="1" * 64)


def test_each_filter_keeps_about_its_share_and_counts_it_rightly() -> None:
    products = _catalog(ITEMS).products
    columns = Columns(products, load_vocabulary())
    everything, *some = filters(columns)
    assert (everything.constraints, everything.kept) == ((), ITEMS)
    priced = [each.price.amount_minor for each in products if each.price is not None]
    for share, found in zip(SHARES, some, strict=True):
        (bounds,) = found.constraints
        assert bounds.minimum is not None
        assert bounds.maximum is not None
        kept = sum(bounds.minimum <= price <= bounds.maximum for price in priced)
        assert found.kept == kept
        assert kept == pytest.approx(share * len(priced), abs=10)
        assert kept > 0


def test_too_few_items_are_refused() -> None:
    with pytest.raises(BenchmarkRefused, match="99 priced items"):
        filters(Columns(_catalog(110).products, load_vocabulary()))


def test_the_peer_finds_the_nearest() -> None:
    vectors = np.random.default_rng(0).standard_normal((200, 8)).astype(np.float32)
    mask = np.arange(200) % 2 == 0
    found = nearest(vectors, mask, vectors[4])
    by_hand = sorted(np.flatnonzero(mask), key=lambda row: -float(vectors[row] @ vectors[4]))[:NEAREST]
    assert set(found) == set(by_hand)
    mask[40:] = False
    assert list(nearest(vectors, mask, vectors[4])) == list(np.flatnonzero(mask))


def test_every_system_is_measured_under_every_filter(tmp_path: Path) -> None:
    catalog, vocabulary, embedder, home = _catalog(ITEMS), load_vocabulary(), HashingEmbedder(), FolderHome(tmp_path / "index")
    with build_search(catalog, vocabulary, home, embedder) as engine:
        table = compare(catalog, vocabulary, engine, home, embedder)
    assert [row.system for row in table.rows[1:4]] == [
        "search and re-rank",
        "Chroma, filter in its query",
        "exact numpy over what passes",
    ]
    assert len(table.rows) == 1 + 3 * (1 + len(SHARES))
    for row in table.rows:
        assert row.figures["n"] == len(QUERIES)
        assert 0 < row.figures["p50_ms"] <= row.figures["p95_ms"]
    assert all(row.figures[f"recall@{NEAREST}"] > 0.8 for row in table.rows if row.system.startswith("Chroma"))
    assert {row.system for row in table.rows if row.ours} == {"sentence model, one new query", "search and re-rank"}
