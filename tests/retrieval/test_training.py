"""What is held back stays hidden, what shoppers did shows in the weights, and equal input gives equal weights."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from catalog_data.loader import load_catalog
from catalog_data.schema import Catalog
from catalog_data.vocabulary import load_vocabulary
from retrieval.collaborative import fit_default
from retrieval.fake_embedding import HashingEmbedder
from retrieval.interactions import catalog_events
from retrieval.metrics import Case, next_item_figures, next_item_ranks
from retrieval.neighbours import Popularity
from retrieval.reranker import DEFAULT_WEIGHTS, Weights
from retrieval.scorer import Visitor
from retrieval.training import LEAST, HeldBack, fit_weights, hold_back, tastes
from tests.retrieval.ranking_fixtures import START, act, catalog, item, purchases, two_tastes, vocabulary


def fitted(shop: Catalog, seed: int = 0) -> Weights:
    embedder = HashingEmbedder()
    vectors = embedder.embed([product.title for product in shop.products])
    return fit_weights(shop, vocabulary(), vectors, embedder, seed=seed)


def test_the_last_purchase_and_all_that_tells_of_it_is_held_back() -> None:
    shop = catalog(
        [item(letter) for letter in "abcd"],
        [
            act("u", "c", "view", hour=1),
            act("u", "a", hour=2),
            act("u", "c", "basket", hour=3),
            act("u", "b", hour=4),
            act("u", "c", hour=5),
            act("u", "d", "view", hour=6),
            act("v", "d", hour=1),
        ],
    )
    kept, cases = hold_back(shop)
    assert cases == (HeldBack(history=(0, 1), target=2),)
    assert [(one.user_id, one.product_id, (one.at - START) / timedelta(hours=1)) for one in kept.interactions] == [
        ("u", "a", 2),
        ("u", "b", 4),
        ("v", "d", 1),
    ]
    assert kept.products == shop.products


def test_shoppers_with_one_purchase_or_the_same_twice_keep_theirs() -> None:
    acts = [act("u", "a", hour=1), act("v", "b", hour=1), act("v", "b", hour=2), act("w", "gone", hour=1), act("w", "a", hour=2)]
    kept, cases = hold_back(catalog([item("a"), item("b")], acts))
    assert cases == ()
    assert sorted(kept.interactions, key=repr) == sorted(acts, key=repr)


def test_tastes_are_what_two_items_and_a_third_of_them_share() -> None:
    red, blue = (item(color, colors=(color,), brand="Aster") for color in ("red", "blue"))
    found = {(taste.slot, taste.values, taste.strength) for taste in tastes([red, red, blue])}
    assert found == {("color", ("red",), "soft"), ("brand", ("Aster",), "soft")}
    assert tastes([red]) == ()
    assert tastes([]) == ()


def test_where_taste_is_all_taste_weighs_most() -> None:
    """Every shopper keeps to her colour (a taste that her purchases show) and her circle (that only others' purchases show); fame tells
    nothing."""
    weights = fitted(two_tastes())
    assert weights.source == "fitted"
    assert weights.collaborative > 1
    assert weights.preference > 1
    assert weights.popularity < 0.5


def test_where_nothing_is_to_be_learnt_no_weight_falls_below_its_least() -> None:
    random = np.random.default_rng(3)
    letters = "abcdefghijklmnopqrst"
    chance = ["".join(random.choice(list(letters), 4, replace=False)) for _ in range(200)]
    weights = fitted(catalog([item(letter) for letter in letters], purchases(chance)))
    assert weights.source == "fitted"
    assert (weights.vector >= LEAST.vector).all()
    assert weights.collaborative < 0.5


def test_too_little_to_learn_from_gives_the_stated_default() -> None:
    assert fitted(catalog([item("a"), item("b")], purchases(["ab"] * 99))) == DEFAULT_WEIGHTS
    assert fitted(catalog([item("a"), item("b")])) == DEFAULT_WEIGHTS


def test_two_items_leave_nothing_to_tell_apart() -> None:
    assert fitted(catalog([item("a"), item("b")], purchases(["ab"] * 120))) == DEFAULT_WEIGHTS


@pytest.fixture(scope="module")
def shop() -> Catalog:
    return two_tastes(120)


def test_equal_arguments_give_equal_weights(shop: Catalog) -> None:
    assert fitted(shop, seed=1) == fitted(shop, seed=1)


def test_another_seed_draws_another_sample(shop: Catalog) -> None:
    assert fitted(shop, seed=1) != fitted(shop, seed=2)


def test_on_the_demo_shop_taste_beats_fame() -> None:
    """Each shopper's last purchase is asked for among all items, with the purchases before it."""
    demo = load_catalog(None, load_vocabulary())
    kept, held = hold_back(demo)
    ids = [product.product_id for product in demo.products]
    cases = [
        Case(visitor=Visitor(history=tuple(ids[row] for row in one.history)), target=one.target, excluded=tuple(set(one.history)))
        for one in held[::3]
    ]
    taste = next_item_figures(next_item_ranks(fit_default(kept), cases, len(ids)), cuts=(10,))["hr@10"]
    fame = next_item_figures(next_item_ranks(Popularity(catalog_events(kept)), cases, len(ids)), cuts=(10,))["hr@10"]
    assert taste.n > 500
    assert taste.mean > 2 * fame.mean
    assert taste.mean - fame.mean > 4 * (taste.error + fame.error)
