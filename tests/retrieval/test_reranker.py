"""The blend by hand, the orders, the spread; whatever is asked, a permutation of what was given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog_data.schema import Catalog, Product
from retrieval.collaborative import fit_default
from retrieval.diversity import FIRST, spread
from retrieval.reranker import (
    DEFAULT_WEIGHTS,
    Reranker,
    Weights,
    join_parts,
    log_odds,
    preference_share,
    sort_by_key,
    standardise,
)
from retrieval.schema import Check, ItemQuery, RangeConstraint, RankedItem, ValueConstraint
from tests.retrieval.ranking_fixtures import act, catalog, item, purchases, vocabulary

RED = ValueConstraint(slot="color", values=("red",), strength="soft")
BLUE = ValueConstraint(slot="color", values=("blue",), strength="soft")
CHEAP = RangeConstraint(slot="price", maximum=5000)


def unit(*rows: tuple[float, ...]) -> NDArray[np.float32]:
    vectors = np.array(rows, dtype=np.float32)
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def apart(n: int) -> NDArray[np.float32]:
    """n vectors at right angles."""
    return np.eye(n, dtype=np.float32)


def ids(ranked: tuple[RankedItem, ...]) -> list[str]:
    return [one.product.product_id for one in ranked]


def rank(
    shop: Catalog, query: ItemQuery, similarity: list[float] | None = None, weights: Weights = DEFAULT_WEIGHTS
) -> tuple[RankedItem, ...]:
    n = len(shop.products)
    cosines = np.array(similarity if similarity is not None else [0.0] * n, dtype=np.float32)
    reranker = Reranker(shop, vocabulary(), fit_default(shop), weights)
    return reranker.rank(query, np.arange(n, dtype=np.int64), cosines, apart(n))


# --- the blend ---


def test_z_scores_by_hand() -> None:
    scaled = standardise(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]))
    assert scaled[:, 0] == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    assert scaled[:, 1].tolist() == [0, 0, 0]


def test_one_outlier_does_not_drown_the_rest() -> None:
    parts = np.zeros((101, 1))
    parts[0] = 1.0
    assert standardise(parts)[0, 0] == 3  # sqrt(100) without the cut


def test_no_candidates_and_one_candidate_have_no_spread() -> None:
    assert standardise(np.zeros((0, 4))).shape == (0, 4)
    assert standardise(np.array([[0.3, 2.0, 1.0, 7.0]])).tolist() == [[0, 0, 0, 0]]


def test_log_odds_weigh_and_add() -> None:
    parts = join_parts(np.array([1, 3], dtype=np.float32), np.array([5.0, 5.0]), np.array([1.0, 0.0]), np.array([0.0, 2.0]))
    weights = Weights(similarity=0.5, collaborative=9, preference=2, popularity=0.25)
    # z-scores: (-1, 0, 1, -1) and (1, 0, -1, 1)
    assert log_odds(parts, weights) == pytest.approx([-0.5 + 2 - 0.25, 0.5 - 2 + 0.25])


def test_the_total_is_the_logistic_of_the_blend_and_the_parts_are_kept() -> None:
    shop = catalog([item("a"), item("b")])
    weights = Weights(similarity=2, collaborative=1, preference=1, popularity=1)
    first, second = rank(shop, ItemQuery(text="a"), [0.75, 0.25], weights)
    assert (first.scores.similarity, second.scores.similarity) == (0.75, 0.25)
    assert first.scores.total == pytest.approx(1 / (1 + np.exp(-2)))
    assert second.scores.total == pytest.approx(1 / (1 + np.exp(2)))
    assert (first.scores.collaborative, first.scores.preference, first.scores.popularity) == (0, 0, 0)


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 4), max_size=8))
def test_log_odds_are_finite_whatever_the_parts(rows: list[tuple[float, float, float, float]]) -> None:
    odds = log_odds(np.array(rows, dtype=np.float64).reshape(-1, 4), DEFAULT_WEIGHTS)
    assert np.isfinite(odds).all()
    assert (np.abs(odds) <= 3 * DEFAULT_WEIGHTS.vector.sum() + 1e-9).all()


def test_preference_is_the_share_of_soft_constraints_met() -> None:
    met, unmet, unknown = (Check(slot="color", value="red", status=status) for status in ("met", "unmet", "unknown"))
    assert preference_share((RED, BLUE, CHEAP, RED), (met, unmet, met, unknown)) == 1 / 3
    assert preference_share((CHEAP,), (met,)) == 0


# --- what moves an item ---


def test_a_cold_visitor_gets_popularity_within_the_candidates() -> None:
    shop = catalog([item(letter) for letter in "abc"], purchases(["c", "c", "b", "c"]))
    assert ids(rank(shop, ItemQuery())) == ["c", "b", "a"]
    reranker = Reranker(shop, vocabulary(), fit_default(shop))
    two = reranker.rank(ItemQuery(), np.array([0, 1], dtype=np.int64), np.zeros(2, np.float32), apart(2))
    assert ids(two) == ["b", "a"]


def test_liked_items_lift_their_neighbours_and_rejected_ones_lower_them() -> None:
    shop = catalog([item(letter) for letter in "abcd"], purchases(["ab", "ba", "ab", "cd", "dc", "cd"]))
    others = np.array([1, 3], dtype=np.int64)  # b, who goes with a; d, who goes with c
    reranker = Reranker(shop, vocabulary(), fit_default(shop))

    def order(query: ItemQuery) -> list[str]:
        return ids(reranker.rank(query, others, np.array([0.5, 0.5], dtype=np.float32), apart(2)))

    assert order(ItemQuery(liked=("a",))) == order(ItemQuery(history=("a",))) == ["b", "d"]
    assert order(ItemQuery(rejected=("a",))) == ["d", "b"]
    assert order(ItemQuery(liked=("c",))) == ["d", "b"]
    assert order(ItemQuery(rejected=("c",))) == ["b", "d"]
    assert order(ItemQuery(liked=("a", "c"), rejected=("c",))) == ["b", "d"]


def test_a_soft_preference_lifts_what_meets_it_and_hides_nothing() -> None:
    shop = catalog([item("blue", colors=("blue",)), item("red", colors=("red",))])
    ranked = rank(shop, ItemQuery(constraints=(RED,)))
    assert ids(ranked) == ["red", "blue"]
    assert [one.scores.preference for one in ranked] == [1, 0]
    assert ids(rank(shop, ItemQuery(constraints=(BLUE,)))) == ["blue", "red"]


def test_checks_come_in_the_constraints_order() -> None:
    shop = catalog([item("a", colors=("red",), price=6000)])
    (only,) = rank(shop, ItemQuery(constraints=(CHEAP, RED, BLUE)))
    assert [(check.slot, check.status) for check in only.checks] == [("price", "unmet"), ("color", "met"), ("color", "unmet")]


def test_closer_text_comes_first_and_equals_go_by_row() -> None:
    shop = catalog([item(letter) for letter in "abcd"])
    assert ids(rank(shop, ItemQuery(text="x"), [0.1, 0.4, 0.4, 0.9])) == ["d", "b", "c", "a"]


def test_the_order_of_the_candidates_does_not_matter() -> None:
    shop = catalog([item(letter) for letter in "abcd"], purchases(["ab", "abc"]))
    reranker = Reranker(shop, vocabulary(), fit_default(shop))
    query, cosines, vectors = ItemQuery(liked=("a",)), np.array([0.2, 0.2, 0.5, 0.5], dtype=np.float32), apart(4)
    forward = reranker.rank(query, np.arange(4, dtype=np.int64), cosines, vectors)
    back = reranker.rank(query, np.arange(4, dtype=np.int64)[::-1], cosines[::-1], vectors[::-1])
    assert forward == back


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    shop = catalog([item("a"), item("b")])
    reranker = Reranker(shop, vocabulary(), fit_default(shop))
    with pytest.raises(ValueError, match="found 2 rows, 1 similarities, 2 vectors"):
        reranker.rank(ItemQuery(), np.arange(2, dtype=np.int64), np.zeros(1, np.float32), apart(2))


def test_no_candidates_give_no_items() -> None:
    shop = catalog([item("a")])
    none = Reranker(shop, vocabulary(), fit_default(shop)).rank(
        ItemQuery(), np.array([], dtype=np.int64), np.zeros(0, np.float32), np.zeros((0, 8), np.float32)
    )
    assert none == ()


# --- sorting ---

PRICED = [
    item("a", price=300, rating=4.0),
    item("b"),
    item("c", price=100, rating=5.0),
    item("d", price=300),
    item("e", price=200, rating=4.0),
]


def test_sorted_by_price_or_stars_with_missing_values_last() -> None:
    shop = catalog(PRICED)
    cosines = [0.1, 0.2, 0.3, 0.4, 0.5]  # best: e d c b a
    assert ids(rank(shop, ItemQuery(sort="price_ascending"), cosines)) == ["c", "e", "d", "a", "b"]
    assert ids(rank(shop, ItemQuery(sort="price_descending"), cosines)) == ["d", "a", "e", "c", "b"]
    assert ids(rank(shop, ItemQuery(sort="rating"), cosines)) == ["c", "e", "a", "d", "b"]


def test_a_sort_by_price_is_not_spread() -> None:
    shop = catalog(
        [item(letter, price=price, style_id="one") for letter, price in zip("abc", (100, 200, 300), strict=True)]
        + [item("d", price=900)]
    )
    assert ids(rank(shop, ItemQuery(sort="price_ascending"))) == ["a", "b", "c", "d"]


@given(st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from((1.0, 3.5, 5.0))), max_size=8))
def test_every_sort_is_stable_and_puts_the_unknown_last(values: list[tuple[int | None, float | None]]) -> None:
    products = [item(f"p{number}", price=price, rating=rating) for number, (price, rating) in enumerate(values)]
    best = list(reversed(range(len(products))))
    for sort, sign, column in (("price_ascending", 1, 0), ("price_descending", -1, 0), ("rating", -1, 1)):
        order = sort_by_key(best, products, sort)  # type: ignore[arg-type]
        known = [(values[place][column], place) for place in order if values[place][column] is not None]
        assert [place for _, place in known] == order[: len(known)]
        assert known == sorted(known, key=lambda pair: (sign * pair[0], -pair[1]))  # type: ignore[operator]


# --- the spread ---


def test_no_more_than_two_of_one_style_in_the_first_six() -> None:
    products = [item(f"s{number}", style_id="shirt") for number in range(5)] + [item(f"o{number}") for number in range(5)]
    order = spread(range(10), products, apart(10))
    assert order == [0, 1, 5, 6, 7, 8, 2, 3, 4, 9]


def test_near_duplicates_of_one_brand_and_type_do_not_crowd_the_first_six() -> None:
    vectors = unit((1, 0, 0), (1, 0.01, 0), (1, 0.02, 0), (0, 1, 0), (0, 0, 1))
    same = [item(f"p{number}", brand="Aster") for number in range(5)]
    assert spread(range(5), same, vectors) == [0, 3, 4, 1, 2]
    other_brand = [*same[:1], item("q", brand="Borealis"), *same[2:]]
    assert spread(range(5), other_brand, vectors) == [0, 1, 3, 4, 2]
    other_type = [*same[:1], item("q", brand="Aster", product_type="dress"), *same[2:]]
    assert spread(range(5), other_type, vectors) == [0, 1, 3, 4, 2]


def test_where_nothing_else_is_left_the_old_order_stands() -> None:
    products = [item(f"s{number}", style_id="shirt") for number in range(4)]
    assert spread(range(4), products, apart(4)) == [0, 1, 2, 3]


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[Product], NDArray[np.float32], list[int]]:
    n = draw(st.integers(0, 12))
    styles = draw(st.lists(st.sampled_from((None, "x", "y")), min_size=n, max_size=n))
    brands = draw(st.lists(st.sampled_from((None, "Aster")), min_size=n, max_size=n))
    products = [
        item(f"p{number}", style_id=style, brand=brand) for number, (style, brand) in enumerate(zip(styles, brands, strict=True))
    ]
    directions = draw(st.lists(st.sampled_from(((1.0, 0.0), (1.0, 0.1), (0.0, 1.0), (-1.0, 1.0))), min_size=n, max_size=n))
    vectors = unit(*directions) if n else np.zeros((0, 2), dtype=np.float32)
    return products, vectors, draw(st.permutations(range(n)))


@given(crowds())
def test_a_spread_is_a_permutation_that_keeps_the_best_and_never_crowds_while_it_can(
    drawn: tuple[list[Product], NDArray[np.float32], list[int]],
) -> None:
    products, vectors, order = drawn
    after = spread(order, products, vectors)
    assert sorted(after) == sorted(order)
    assert after[:1] == order[:1]
    passed_over = [place for place in after if place not in after[:FIRST]]
    assert passed_over == [place for place in order if place in passed_over]
    for number in range(min(FIRST, len(after))):
        if crowded(after[number], after[:number], products, vectors):
            assert all(crowded(place, after[:number], products, vectors) for place in after[number:])
            break


def crowded(place: int, before: list[int], products: list[Product], vectors: NDArray[np.float32]) -> bool:
    """The rule of `spread`, written a second time from its docstring."""
    mine = products[place]
    of_style = [other for other in before if mine.style_id is not None and products[other].style_id == mine.style_id]
    twins = [
        other
        for other in before
        if products[other].brand == mine.brand and products[other].product_type == mine.product_type
        if float(vectors[other] @ vectors[place]) > 0.97
    ]
    return len(of_style) >= 2 or bool(twins)


# --- whatever is asked ---

SHOP = catalog(
    [
        item(f"p{number}", colors=("red",) if number % 2 else ("blue",), price=None if number == 3 else number * 100)
        for number in range(8)
    ],
    [act(f"u{user}", f"p{(user + step) % 8}", hour=step) for user in range(6) for step in range(3)],
)
SOME_IDS = st.lists(st.sampled_from([*(f"p{number}" for number in range(8)), "gone"]), max_size=3).map(tuple)


@settings(max_examples=60)
@given(
    rows=st.lists(st.integers(0, 7), unique=True, max_size=8),
    query=st.builds(
        ItemQuery,
        liked=SOME_IDS,
        rejected=SOME_IDS,
        history=SOME_IDS,
        constraints=st.sampled_from(((), (RED,), (BLUE, CHEAP))),
        sort=st.sampled_from(("best", "price_ascending", "price_descending", "rating")),
    ),
    seed=st.integers(0, 9),
)
def test_reranking_is_a_permutation_with_totals_in_the_unit_interval(rows: list[int], query: ItemQuery, seed: int) -> None:
    random = np.random.default_rng(seed)
    cosines = random.uniform(-1, 1, len(rows)).astype(np.float32)
    vectors = unit(*random.standard_normal((len(rows), 3))) if rows else np.zeros((0, 3), np.float32)
    ranked = Reranker(SHOP, vocabulary(), fit_default(SHOP)).rank(query, np.array(rows, dtype=np.int64), cosines, vectors)
    assert sorted(ids(ranked)) == sorted(f"p{row}" for row in rows)
    assert all(0 <= one.scores.total <= 1 for one in ranked)
    assert all(len(one.checks) == len(query.constraints) for one in ranked)
    # equal input, equal order: nothing here is random
    again = Reranker(SHOP, vocabulary(), fit_default(SHOP)).rank(query, np.array(rows, dtype=np.int64), cosines, vectors)
    assert again == ranked
