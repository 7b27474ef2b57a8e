"""A word on one item reaches what is like it: by the fault that was named, by nearness where none was, and never the wrong way."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog_data.schema import Catalog, Product
from retrieval.collaborative import fit_default
from retrieval.reranker import DEFAULT_WEIGHTS, Reranker
from retrieval.schema import Fault, ItemQuery, RankedItem, Rejection
from retrieval.thumbs import AT_FAULT, LIKED, REJECTED, Stated, Thumbs, like_in
from tests.retrieval.ranking_fixtures import catalog, item, vocabulary

FAULTS: tuple[Fault, ...] = get_args(Fault)


def unit(*rows: tuple[float, ...]) -> NDArray[np.float32]:
    vectors = np.array(rows, dtype=np.float32)
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def rejected(product_id: str, fault: Fault | None = None) -> Rejection:
    return Rejection(product_id=product_id, fault=fault)


def order(shop: Catalog, query: ItemQuery, vectors: NDArray[np.float32]) -> list[str]:
    """All items, best first; no one has ever bought any of them."""
    rows = np.arange(len(shop.products), dtype=np.int64)
    reranker = Reranker(shop, vocabulary(), fit_default(shop), DEFAULT_WEIGHTS, vectors=vectors)
    return [one.product.product_id for one in reranker.rank(query, rows, np.zeros(len(rows), np.float32), vectors)]


def apart(n: int) -> NDArray[np.float32]:
    return np.eye(n, dtype=np.float32)


# --- what was wrong ---


def test_too_dear_lowers_what_costs_as_much_or_more() -> None:
    shop = catalog(
        [item("bad", price=500), item("dearer", price=900), item("same", price=500), item("less", price=499), item("?")]
    )
    assert order(shop, ItemQuery(rejections=(rejected("bad", "price"),)), apart(5)) == ["less", "?", "bad", "dearer", "same"]


@pytest.mark.parametrize(
    ("fault", "shared", "free"),
    [
        ("style", {"patterns": ("floral",)}, {"patterns": ("striped",)}),
        ("style", {"styles": ("boho",)}, {"styles": ("classic",)}),
        ("style", {"colors": ("red",)}, {"colors": ("blue",)}),
        ("style", {"product_type": "dress"}, {"product_type": "shirt"}),
        ("fit", {"fits": ("slim",)}, {"fits": ("loose",)}),
        ("quality", {"brand": "Aster"}, {"brand": "Borealis"}),
        ("quality", {"materials": ("acrylic",)}, {"materials": ("wool",)}),
    ],
)
def test_what_shares_the_fault_falls_behind_what_does_not(
    fault: Fault, shared: dict[str, object], free: dict[str, object]
) -> None:
    shop = catalog([item("bad", **shared), item("alike", **shared), item("other", **free)])
    assert order(shop, ItemQuery(), apart(3)) == ["bad", "alike", "other"]
    ranked = order(shop, ItemQuery(rejections=(rejected("bad", fault),)), apart(3))
    assert ranked.index("other") < ranked.index("alike")


def test_each_fault_looks_at_its_own_slots_alone() -> None:
    bad = item("bad", brand="Aster", fits=("slim",), colors=("red",), patterns=("floral",))
    same_brand = item("b", brand="Aster", product_type="dress", fits=("loose",), colors=("blue",), patterns=("solid",))
    faults: tuple[Fault, ...] = ("style", "fit", "quality")
    found = [likeness.tolist() for fault in faults if (likeness := like_in(bad, fault, Stated([same_brand]))) is not None]
    assert found == [[0], [0], [1]]


def test_where_the_shop_does_not_say_what_could_be_wrong_nearness_decides() -> None:
    silent = item("bad", product_type=None)
    assert [like_in(silent, fault, Stated([silent])) for fault in FAULTS] == [None] * len(FAULTS)
    shop = catalog([item("bad"), item("near"), item("far")])
    vectors = unit((1, 0), (1, 0.4), (0, 1))
    for fault in ("fit", "price", "other", None):
        assert order(shop, ItemQuery(rejections=(rejected("bad", fault),)), vectors)[0] == "far"
    assert order(shop, ItemQuery(rejected=("bad",)), vectors)[0] == "far"
    assert order(shop, ItemQuery(liked=("bad",)), vectors) == ["bad", "near", "far"]
    assert order(shop, ItemQuery(liked=("far",)), vectors)[0] == "far"


def test_a_rejection_outweighs_a_like_of_the_same_item() -> None:
    shop = catalog([item("a"), item("near"), item("far")])
    query = ItemQuery(liked=("a",), rejected=("a",))
    assert Thumbs(shop, unit((1, 0), (1, 0.1), (0, 1))).shift(query, np.arange(3, dtype=np.int64))[1] < 0


def test_amounts_by_hand() -> None:
    shop = catalog([item("a", price=300), item("b", price=300), item("c", price=100)])
    vectors = unit((1, 0), (0.8, 0.6), (0, 1))
    thumbs, rows = Thumbs(shop, vectors), np.arange(3, dtype=np.int64)
    assert thumbs.shift(ItemQuery(liked=("a",)), rows) == pytest.approx([LIKED, LIKED * 0.8**4, 0], abs=1e-6)
    assert thumbs.shift(ItemQuery(rejected=("a",)), rows) == pytest.approx([-REJECTED, -REJECTED * 0.8**4, 0], abs=1e-6)
    dear = ItemQuery(rejections=(rejected("a", "price"), rejected("b", "price")))
    assert thumbs.shift(dear, rows).tolist() == [-AT_FAULT, -AT_FAULT, 0], "twice the same fault is no more than the fault"
    assert Thumbs(shop, None).shift(ItemQuery(liked=("a",), rejected=("b",)), rows).tolist() == [0, 0, 0]
    assert thumbs.shift(ItemQuery(liked=("gone",), rejected=("gone",)), rows).tolist() == [0, 0, 0]


def test_a_query_names_every_rejected_item_once() -> None:
    query = ItemQuery(rejected=("a", "b"), rejections=(rejected("b", "fit"), rejected("c", "price")))
    assert query.turned_down == (rejected("a"), rejected("b", "fit"), rejected("c", "price"))


# --- whatever is said ---

WORDS = {
    "product_type": st.sampled_from(("shirt", "dress", None)),
    "brand": st.sampled_from(("Aster", "Borealis", None)),
    "colors": st.sampled_from(((), ("red",), ("blue", "red"))),
    "patterns": st.sampled_from(((), ("floral",))),
    "fits": st.sampled_from(((), ("slim",), ("loose",))),
    "materials": st.sampled_from(((), ("wool",))),
    "price": st.none() | st.integers(1, 4),
}


@st.composite
def shops(draw: st.DrawFn) -> tuple[Catalog, NDArray[np.float32]]:
    fields = draw(st.lists(st.fixed_dictionaries(WORDS), min_size=1, max_size=6))
    products: list[Product] = [item(f"p{number}", **one) for number, one in enumerate(fields)]
    directions = st.sampled_from(((1.0, 0.0), (1.0, 0.3), (0.0, 1.0), (-1.0, 0.2)))
    return catalog(products), unit(*draw(st.lists(directions, min_size=len(products), max_size=len(products))))


IDS = st.sampled_from([*(f"p{number}" for number in range(6)), "gone"])
QUERIES = st.builds(
    ItemQuery,
    liked=st.lists(IDS, max_size=3).map(tuple),
    rejected=st.lists(IDS, max_size=2).map(tuple),
    rejections=st.lists(st.builds(Rejection, product_id=IDS, fault=st.none() | st.sampled_from(FAULTS)), max_size=3).map(tuple),
)
OFTEN = settings(max_examples=150, deadline=None)


@OFTEN
@given(shops(), QUERIES, st.builds(Rejection, product_id=IDS, fault=st.none() | st.sampled_from(FAULTS)))
def test_one_more_rejection_lifts_nothing_by_itself(
    shop: tuple[Catalog, NDArray[np.float32]], query: ItemQuery, more: Rejection
) -> None:
    """But for an item whose fault is changed thereby, and for what a like of it had lifted."""
    known = {each.product_id for each in query.turned_down}
    if more.product_id in known or more.product_id in query.liked:
        return
    rows = np.arange(len(shop[0].products), dtype=np.int64)
    thumbs = Thumbs(*shop)
    before = thumbs.shift(query, rows)
    after = thumbs.shift(query.model_copy(update={"rejections": (*query.rejections, more)}), rows)
    assert (after <= before + 1e-12).all()
    assert (after >= -REJECTED - 4 * AT_FAULT - 1e-12).all()


@OFTEN
@given(shops(), QUERIES, IDS)
def test_a_like_lifts_its_neighbours_and_lowers_nothing(
    shop: tuple[Catalog, NDArray[np.float32]], query: ItemQuery, more: str
) -> None:
    catalog_, vectors = shop
    rows = np.arange(len(catalog_.products), dtype=np.int64)
    thumbs = Thumbs(catalog_, vectors)
    before = thumbs.shift(query, rows)
    after = thumbs.shift(query.model_copy(update={"liked": (*query.liked, more)}), rows)
    assert (after >= before - 1e-12).all()
    assert (after <= LIKED + 1e-12).all()
    if not query.liked and more in catalog_.by_id and more not in {each.product_id for each in query.turned_down}:
        place = [product.product_id for product in catalog_.products].index(more)
        near = vectors @ vectors[place] > 0.5
        assert (after[near] > before[near]).all()


@OFTEN
@given(shops(), QUERIES)
def test_the_order_stays_a_permutation_with_totals_in_the_unit_interval(
    shop: tuple[Catalog, NDArray[np.float32]], query: ItemQuery
) -> None:
    catalog_, vectors = shop
    rows = np.arange(len(catalog_.products), dtype=np.int64)
    reranker = Reranker(catalog_, vocabulary(), fit_default(catalog_), vectors=vectors)
    ranked: tuple[RankedItem, ...] = reranker.rank(query, rows, np.zeros(len(rows), np.float32), vectors)
    assert sorted(one.product.product_id for one in ranked) == sorted(catalog_.by_id)
    assert all(0 <= one.scores.total <= 1 for one in ranked)
