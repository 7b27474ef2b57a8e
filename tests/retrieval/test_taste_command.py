"""`shopguide index --sequence-model`: trained, kept where it pays, said in words, and served from the next start."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import app
from assistant.clock import SystemClock
from assistant.settings import Settings
from catalog_data.schema import Catalog
from retrieval import sequence_training
from retrieval.fake_embedding import HashingEmbedder
from retrieval.schema import ItemQuery
from retrieval.sequence import SequenceModel, SequenceTuning
from retrieval.taste import item_features, purchase_events
from retrieval.warming import WarmingEmbedder
from tests.retrieval.ranking_fixtures import seasons

QUICK = SequenceTuning(dimension=16, epochs=30, batch=64, negatives=64, rate=3e-2, dropout=0.1, input_dropout=0.1)


def hashing() -> WarmingEmbedder:
    fake = HashingEmbedder()
    return WarmingEmbedder(HashingEmbedder, fake.model_id, fake.dimension)


def write_shop(folder: Path, shoppers: int) -> Path:
    """A shop whose shoppers buy of one brand after another, as files."""
    shop: Catalog = seasons(shoppers)
    folder.mkdir()
    (folder / "catalog.yaml").write_text("catalog_id: small\nname: Small\ncurrency: EUR\n", encoding="utf-8")
    lines = [product.model_dump_json(include={"product_id", "title", "brand"}) for product in shop.products]
    (folder / "products.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / "interactions.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("user_id", "kind", "at", "product_id", "query", "size", "price_minor"))
        rows.writerows((each.user_id, each.kind, each.at.isoformat(), each.product_id, "", "", "") for each in shop.interactions)
    return folder


def train_quickly(shop: Catalog, progress: object = None) -> SequenceModel:
    ids = [product.product_id for product in shop.products]
    events = purchase_events(shop)
    return sequence_training.fit_sequence(ids, events, QUICK, item_features(shop))


def next_brand_among_the_best(settings: Settings) -> int:
    """Of the thirty items with the best collaborative score after one of b3 and one of b4: how many are of b5."""
    retrieval = app.make_retrieval(settings, SystemClock(), hashing())
    query = ItemQuery(text="thing", history=("b3-0", "b4-1"))
    rated = retrieval.engine.rate([product.product_id for product in retrieval.catalog.products], query)
    retrieval.engine.close()
    best = sorted(rated, key=lambda each: -each.scores.collaborative)[:30]
    return sum(each.product.brand == "b5" for each in best)


def test_it_is_trained_kept_and_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(catalog=write_shop(tmp_path / "shop", 450), data_dir=tmp_path / "data")
    monkeypatch.setattr(app, "read_settings", lambda: settings)
    monkeypatch.setattr(app, "sentence_embedder", hashing)
    monkeypatch.setattr(sequence_training, "fit_catalog", train_quickly)
    assert app.main(["index"]) == 0
    assert not (settings.data_dir / "taste").exists()
    plain = next_brand_among_the_best(settings)
    capsys.readouterr()
    assert app.main(["index", "--sequence-model"]) == 0
    assert "It is kept, and used from the next start." in capsys.readouterr().out
    assert next_brand_among_the_best(settings) >= 25 > plain


def test_too_few_purchases_are_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(catalog=write_shop(tmp_path / "shop", 20), data_dir=tmp_path / "data")
    monkeypatch.setattr(app, "read_settings", lambda: settings)
    assert app.main(["index", "--sequence-model"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("shopguide: 20 shoppers have two purchases of known items or more")
    assert said.count("\n") == 1
