"""Needs: what is drawn is wanted truly, what is impossible is so, and the second opinion agrees with the first."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.needs import IMPOSSIBLE_SHARE, Draw, breaks, draw_need, matching, meets
from assistant.evaluation.needs import round_up as rounded
from assistant.schema import ME
from catalog_data.schema import Catalog, Manifest, Money, SizeStock
from retrieval.filters import check, passes, satisfies
from retrieval.schema import Constraint, RangeConstraint, SizeConstraint, ValueConstraint
from tests.assistant.evaluation.simulated import BLACK, DRESS, demo_draw, need_of, under
from tests.assistant.rule_shop import demo, item, small, vocabulary

seeds = st.integers(min_value=0, max_value=10**6)


@settings(max_examples=60, deadline=None)
@given(seed=seeds)
def test_a_drawn_target_meets_its_need_and_an_impossible_need_is_met_by_nothing_in_stock(seed: int) -> None:
    draw = demo_draw()
    need = draw.need(Random(seed))
    closed = demo().manifest.closed_slots
    fitting = [one for one in draw.stock if satisfies(one, need.constraints, vocabulary(), closed)]
    if need.kind == "impossible":
        assert need.target_product_id is None
        assert not fitting
    else:
        target = draw.by_id[need.target_product_id or ""]
        assert meets(need, target, vocabulary())
        assert target in fitting
    assert need.constraints[0].slot == "category"
    assert len({one.slot for one in need.constraints}) == len(need.constraints)
    assert 1 <= len([one for one in need.constraints if one.slot != "gender"]) <= 4


@settings(max_examples=60, deadline=None)
@given(seed=seeds)
def test_the_second_opinion_agrees_with_the_filters(seed: int) -> None:
    draw, rng = demo_draw(), Random(seed)
    constraints: list[Constraint] = [one.model_copy(update={"strength": "hard"}) for one in draw.need(rng).constraints]
    for product in rng.sample(draw.stock, 40):
        for one in constraints:
            let_through = passes(check(product, one, vocabulary(), demo().manifest.closed_slots), one)
            assert breaks(product, one, vocabulary()) is not let_through


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_a_change_of_mind_leaves_something_to_find(seed: int) -> None:
    draw, rng = demo_draw(), Random(seed)
    need = draw.need(rng)
    found = draw.changed(need, need.constraints, rng)
    if found is None:
        return
    old, new, after = found
    target = draw.by_id[after.target_product_id or ""]
    assert old in need.constraints
    assert old not in after.constraints
    assert new is None or (new in after.constraints and new.slot == old.slot and new.strength == "hard")
    assert meets(after, target, vocabulary())
    assert breaks(target, old, vocabulary())


def test_the_same_seed_gives_the_same_need_and_others_differ() -> None:
    needs = [draw_need(demo(), vocabulary(), Random(f"{seed}")) for seed in range(12)]
    assert needs == [draw_need(demo(), vocabulary(), Random(f"{seed}")) for seed in range(12)]
    assert len({need.model_dump_json() for need in needs}) == 12


def test_needs_are_as_mixed_as_they_should_be() -> None:
    rng = Random(5)
    needs = [demo_draw().need(rng) for _ in range(800)]
    impossible = sum(need.kind == "impossible" for need in needs)
    gifts = sum(need.recipient != ME for need in needs)
    slots = {one.slot for need in needs for one in need.constraints}
    negatives = sum(isinstance(one, ValueConstraint) and one.negative for need in needs for one in need.constraints)
    assert 40 <= impossible <= 90
    assert 120 <= gifts <= 280
    assert {"color", "price", "size", "material", "pattern", "occasion", "season", "brand", "gender", "feature"} <= slots
    assert negatives > 80
    assert all(need.requests == () for need in needs if need.kind == "impossible")


@pytest.mark.parametrize(
    ("minor", "expected"),
    [
        (1, 500),
        (500, 500),
        (501, 1000),
        (2995, 3000),
        (3001, 4000),
        (8999, 9000),
        (10_001, 12_500),
        (29_900, 30_000),
        (30_001, 35_000),
    ],
)
def test_budgets_are_sums_that_people_say(minor: int, expected: int) -> None:
    assert rounded(minor, "EUR") == expected


def test_budgets_of_currencies_without_cents() -> None:
    assert rounded(9, "JPY") == 10


@pytest.mark.parametrize(
    ("constraint", "broken"),
    [
        (BLACK, False),
        (ValueConstraint(slot="color", values=("blue",)), True),
        (ValueConstraint(slot="color", values=("black",), negative=True), True),
        (ValueConstraint(slot="color", values=("blue",), negative=True), False),
        (ValueConstraint(slot="brand", values=("Aster",)), True),  # it states no brand: not known to be hers
        (ValueConstraint(slot="brand", values=("Aster",), negative=True), False),  # nor known to be unwanted
        (ValueConstraint(slot="material", values=("natural fibres",)), False),
        (under(5000), False),
        (under(4999), True),
        (RangeConstraint(slot="price", minimum=5001), True),
        (RangeConstraint(slot="rating", minimum=4.0), True),
        (SizeConstraint(system="alpha", label="M"), False),
        (SizeConstraint(system="alpha", label="S"), True),  # sold out
        (SizeConstraint(system="alpha", label="XXL", alternatives=("M",)), False),
        (SizeConstraint(system="eu_shoe", label="38"), False),  # not asked of a dress
    ],
)
def test_what_breaks_a_wish(constraint: Constraint, broken: bool) -> None:
    pieces = (SizeStock(system="alpha", label="M", stock=1), SizeStock(system="alpha", label="S", stock=0))
    dress = item(1, "dress", "black", 5000, sizes=pieces)
    assert breaks(dress, constraint, vocabulary()) is broken


def test_without_price_or_sizes_nothing_is_known() -> None:
    thing = item(1, "dress", "black", None)
    assert breaks(thing, under(10_000), vocabulary())
    assert breaks(thing, SizeConstraint(system="alpha", label="M"), vocabulary())


def test_soft_wishes_and_sold_out_items() -> None:
    red = item(1, "dress", "red", 5000)
    soft = need_of(DRESS, BLACK.model_copy(update={"strength": "soft"}), target="i1")
    gone = red.model_copy(update={"sizes": (SizeStock(system="alpha", label="M", stock=0),)})
    assert meets(soft, red, vocabulary())
    assert not meets(need_of(DRESS, BLACK, target="i1"), red, vocabulary())
    assert not meets(soft, gone, vocabulary())


def test_giving_way_leaves_a_target_or_none() -> None:
    draw = Draw(small(), vocabulary())
    need = need_of(DRESS, under(1), target=None)
    given_up = draw.without(need, under(1), None, Random(1))
    assert given_up.constraints == (DRESS,)
    assert given_up.target_product_id in {one.product_id for one in matching(draw.pool, (DRESS,), vocabulary())}
    assert draw.without(need, DRESS, None, Random(1)).kind == "impossible"


def test_a_shop_with_nothing_to_want() -> None:
    bare = Catalog(
        manifest=Manifest(catalog_id="bare", name="Bare", currency="EUR"), products=(item(1, "hat", "red", None),), digest="0"
    )
    with pytest.raises(ValueError, match="found no item in stock with a price"):
        Draw(bare, vocabulary())


def test_a_shop_that_holds_all_there_is_to_wish_for_is_told_of() -> None:
    """One item without sizes, for one cent: no budget lies below it, and no other value exists."""
    money = Money(amount_minor=1, currency="EUR")
    one = Catalog(
        manifest=Manifest(catalog_id="one", name="One", currency="EUR"),
        products=(item(1, "hat", "red", 1).model_copy(update={"price": money}),),
        digest="0",
    )
    impossible = next(seed for seed in range(100) if Random(seed).random() < IMPOSSIBLE_SHARE)
    with pytest.raises(ValueError, match="found no wish that the catalog cannot meet"):
        Draw(one, vocabulary()).need(Random(impossible))
