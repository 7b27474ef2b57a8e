"""The served model of taste: kept where the order of purchases pays, left out where it does not, and never in the way of a chat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_data.schema import Catalog
from retrieval.collaborative import fit_default
from retrieval.errors import TasteUnusable
from retrieval.interactions import sequence_events
from retrieval.scorer import Values, Visitor
from retrieval.sequence import SequenceModel, SequenceTuning
from retrieval.sequence_training import fit_catalog, fit_sequence
from retrieval.taste import (
    KeptTaste,
    OrderedTaste,
    Trial,
    item_features,
    kept_taste,
    purchase_events,
    train_taste,
    try_sequence,
)
from tests.retrieval.ranking_fixtures import act, catalog, item, seasons, two_tastes

TUNING = SequenceTuning(dimension=16, epochs=30, batch=64, negatives=64, rate=3e-2, dropout=0.1, input_dropout=0.1)
PAYS = Trial(cases=300, alone=0.1, both=0.2, gain=0.1, gain_se=0.01, counts=0.5, sequence=1.0)
IDS = "abcdef"
visitors = st.builds(
    Visitor,
    **{
        kind: st.lists(st.sampled_from((*IDS, "?")), max_size=3).map(tuple)
        for kind in ("history", "liked", "rejected")
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def ordered() -> Catalog:
    return seasons()


@pytest.fixture(scope="module")
def kept(ordered: Catalog, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trial]:
    """A folder in which a model was kept before another was trained, and what that one came to."""
    folder = tmp_path_factory.mktemp("taste")
    (folder / "small-0123456789ab.npz").write_bytes(b"")
    return folder, train_taste(ordered, folder, train)


def train(shop: Catalog) -> SequenceModel:
    ids = [product.product_id for product in shop.products]
    return fit_sequence(ids, purchase_events(shop), TUNING, item_features(shop))


def train_nothing(shop: Catalog) -> SequenceModel:
    return fit_sequence([product.product_id for product in shop.products], sequence_events([], len(shop.products)), TUNING)


class Fixed:
    """A scorer that knows one answer for whoever bought anything."""

    def __init__(self, scores: list[float]) -> None:
        self._scores = np.array(scores)

    def score(self, visitor: Visitor, rows: np.ndarray) -> Values:
        scores: Values = self._scores[rows] if visitor.history else np.zeros(len(rows))
        return scores


# --- what is served ---


def served() -> OrderedTaste:
    shop = catalog([item(letter) for letter in IDS], [act("u", letter, hour=hour) for hour, letter in enumerate("abcde")])
    return OrderedTaste(fit_default(shop), Fixed([0, 1, 0, 3, 0, 0]), PAYS, len(IDS))


@given(visitor=visitors, data=st.data())
def test_the_contract_of_scorers(visitor: Visitor, data: st.DataObject) -> None:
    taste, everyone = served(), np.arange(len(IDS))
    everything = taste.score(visitor, everyone)
    assert everything.dtype == np.float64
    assert np.isfinite(everything).all()
    rows = np.array(data.draw(st.lists(st.integers(0, len(IDS) - 1), max_size=5)), dtype=np.int64)
    assert taste.score(visitor, rows).tolist() == everything[rows].tolist()
    if not any(one in IDS for kind in (visitor.history, visitor.liked, visitor.rejected) for one in kind) and not visitor.history:
        assert not everything.any()


@given(visitors)
def test_a_chat_without_purchases_is_left_to_the_counts(visitor: Visitor) -> None:
    taste = served()
    chat = visitor.model_copy(update={"history": ()})
    rows = np.arange(len(IDS))
    shop = catalog([item(letter) for letter in IDS], [act("u", letter, hour=hour) for hour, letter in enumerate("abcde")])
    assert taste.score(chat, rows).tolist() == fit_default(shop).score(chat, rows).tolist()


def test_purchases_are_scored_by_both_and_a_rejected_one_is_no_purchase() -> None:
    rows = np.arange(len(IDS))
    taste = served()
    assert taste.score(Visitor(history=("a",)), rows).argmax() == 3
    only = taste.score(Visitor(history=("a",), rejected=("a",)), rows)
    assert only.tolist() == taste.score(Visitor(rejected=("a",)), rows).tolist()


# --- whether it pays ---


def test_it_pays_where_what_comes_next_hangs_on_the_order_and_is_kept(ordered: Catalog, kept: tuple[Path, Trial]) -> None:
    folder, trial = kept
    assert trial.pays
    assert trial.both > trial.alone
    assert trial.cases == 225
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".npz"]
    taste = kept_taste(ordered, folder)
    assert isinstance(taste, OrderedTaste)
    visitor, rows = Visitor(history=("b3-0", "b4-1")), np.arange(360)
    scores = taste.score(visitor, rows)
    assert scores.tolist() != fit_default(ordered).score(visitor, rows).tolist()
    best = [ordered.products[row].brand for row in np.argsort(-scores)[:10]]
    assert best.count("b5") >= 8


def test_what_does_not_pay_is_not_kept_and_what_was_kept_goes(tmp_path: Path) -> None:
    shop = two_tastes(250)

    (tmp_path / "small.json").write_text(KeptTaste(file="small-0123456789ab.npz", trial=PAYS).model_dump_json(), encoding="utf-8")
    (tmp_path / "small-0123456789ab.npz").write_bytes(b"")
    (tmp_path / "small-eu-0123456789ab.npz").write_bytes(b"")
    trial = train_taste(shop, tmp_path, train_nothing)
    assert not trial.pays
    assert [path.name for path in tmp_path.iterdir()] == ["small-eu-0123456789ab.npz"]
    assert kept_taste(shop, tmp_path) is None


def test_too_few_purchases_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    def never(_: Catalog) -> SequenceModel:
        raise AssertionError("nothing is trained")

    with pytest.raises(TasteUnusable, match="10 shoppers have two purchases"):
        train_taste(two_tastes(10), tmp_path, never)
    assert list(tmp_path.iterdir()) == []


def test_the_held_back_purchases_are_not_shown_to_what_is_tried(ordered: Catalog) -> None:
    shown: list[Catalog] = []

    def fit(shop: Catalog) -> SequenceModel:
        shown.append(shop)
        return train_nothing(shop)

    try_sequence(ordered, fit)
    (one,) = shown
    assert len(one.interactions) == len(ordered.interactions) - 450


# --- what is kept ---


def test_items_that_came_after_the_training_are_passed_over(ordered: Catalog, kept: tuple[Path, Trial]) -> None:
    grown = ordered.model_copy(update={"products": (item("new"), *ordered.products)})
    before, after = kept_taste(ordered, kept[0]), kept_taste(grown, kept[0])
    assert before is not None
    assert after is not None
    visitor = Visitor(history=("b3-0", "b4-1", "new"))
    old = before._sequence.score(visitor, np.arange(360))  # type: ignore[attr-defined]
    moved = after._sequence.score(visitor, np.arange(361))  # type: ignore[attr-defined]
    assert moved[1:].tolist() == pytest.approx(old.tolist())
    assert moved[0] == 0


def test_what_cannot_be_read_is_said_with_what_to_do(tmp_path: Path) -> None:
    shop = two_tastes(10)
    (tmp_path / "small.json").write_text("{", encoding="utf-8")
    with pytest.raises(TasteUnusable, match=r"small\.json .*index --sequence-model"):
        kept_taste(shop, tmp_path)
    kept = KeptTaste(file="small-gone.npz", trial=PAYS).model_dump_json()
    (tmp_path / "small.json").write_text(kept, encoding="utf-8")
    with pytest.raises(TasteUnusable, match="delete"):
        kept_taste(shop, tmp_path)
    (tmp_path / "small.json").write_text(kept.replace("small-gone", "../small-gone"), encoding="utf-8")
    with pytest.raises(TasteUnusable):
        kept_taste(shop, tmp_path)


@pytest.mark.parametrize(
    ("gain", "error", "pays"), [(0.01, 0.004, True), (0.01, 0.006, False), (0.0, 0.0, False), (-1, 0, False)]
)
def test_it_pays_where_the_lead_is_more_than_chance(gain: float, error: float, pays: bool) -> None:
    assert PAYS.model_copy(update={"gain": gain, "gain_se": error}).pays is pays


# --- what it is trained on ---


def test_only_purchases_are_a_sequence_and_returned_ones_are_not_wanted() -> None:
    shop = catalog(
        [item(letter) for letter in "abc"],
        [act("u", "a", hour=1), act("u", "b", "view", hour=2), act("u", "c", hour=3), act("u", "c", "return", hour=4)],
    )
    events = purchase_events(shop)
    assert list(zip(events.items.tolist(), events.weights.tolist(), strict=True)) == [(0, 1.0), (2, -0.5)]


def test_features_are_words_of_the_title_and_stated_values() -> None:
    shop = catalog(
        [item("a", title="Red shirt", colors=("red",)), item("b", title="Blue shirt"), item("c", title="Red", brand="X")]
    )
    features = item_features(shop).toarray()
    lengths = np.linalg.norm(features, axis=1)
    assert (lengths <= 2**0.5 + 1e-9).all()
    assert features[0] @ features[2] > 0
    assert features[1] @ features[2] == 0


def test_a_small_shop_is_trained_for_more_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.sequence_training.LEAST_STEPS", 7)
    told: list[tuple[int, int]] = []
    fit_catalog(two_tastes(150), lambda done, of: told.append((done, of)), TUNING.model_copy(update={"epochs": 2}))
    assert told == [(1, 3), (2, 3), (3, 3)]  # 150 sequences are three batches of 64
