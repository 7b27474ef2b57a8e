"""What to change when next to nothing fits: exact counts, cheapest first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from catalog_data.schema import Catalog, Product
from catalog_data.vocabulary import Entry, Vocabulary
from retrieval.columns import Columns
from retrieval.filters import describe, satisfies
from retrieval.relaxations import COSTS, ENOUGH, MOST, changes, lab, relax
from retrieval.schema import Constraint, RangeConstraint, Relaxation, SizeConstraint, ValueConstraint


def want(slot: str, *values: str, negative: bool = False) -> ValueConstraint:
    return ValueConstraint.model_validate({"slot": slot, "values": values, "negative": negative})


def relaxed(shop: Catalog, vocabulary: Vocabulary, *constraints: Constraint) -> tuple[Relaxation, ...]:
    columns = Columns(shop.products, vocabulary)
    return relax(constraints, columns.mask((), True), columns, vocabulary)


def test_price_moves_to_the_nearest_that_gives_one_and_three(shop: Catalog, vocabulary: Vocabulary) -> None:
    found = relaxed(shop, vocabulary, want("category", "dress"), RangeConstraint(slot="price", maximum=5000))
    moves = [(one.source, one.target, one.count) for one in found if one.action == "move"]
    assert moves == [("..5000", "..5900", 1), ("..5000", "..7900", 3)]


def test_price_from_below(shop: Catalog, vocabulary: Vocabulary) -> None:
    found = relaxed(shop, vocabulary, want("category", "dress"), RangeConstraint(slot="price", minimum=20000, maximum=30000))
    moves = [(one.source, one.target, one.count) for one in found if one.action == "move"]
    assert moves == [("20000..30000", "12900..30000", 1), ("20000..30000", "7900..30000", 3)]


def test_colour_moves_to_family_then_to_the_nearest(shop: Catalog, vocabulary: Vocabulary) -> None:
    found = relaxed(
        shop,
        vocabulary,
        want("category", "sneakers", "shirt"),
        want("color", "navy"),
        RangeConstraint(slot="price", minimum=4000),
    )
    colours = [one for one in found if one.slot == "color"]
    assert [(one.action, one.target, one.count) for one in colours] == [
        ("move", "blue", 2),
        ("move", "sky blue", 2),
        ("drop", None, 2),
    ]


def test_category_moves_to_its_family(shop: Catalog, vocabulary: Vocabulary) -> None:
    found = relaxed(shop, vocabulary, want("category", "maxi dress"), want("color", "red"))
    assert found[0] == Relaxation(index=0, slot="category", action="move", source="maxi dress", target="dress", count=3)


def test_a_wider_family_is_named_only_for_more_items(shop: Catalog) -> None:
    entries = {name: Entry() for name in ("maxi dress", "bag")}
    families = {
        "everything": Entry(includes=("clothing", "bag")),
        "clothing": Entry(includes=("dresses",)),
        "dresses": Entry(includes=("maxi dress", "dress")),
        "dress": Entry(),
    }
    words = Vocabulary({"category": entries | families})
    found = relaxed(shop, words, want("category", "maxi dress"), want("color", "pink", "charcoal"))
    assert [(one.target, one.count) for one in found if one.action == "move" and one.slot == "category"] == [
        ("dresses", 1),
        ("everything", 2),
    ]


def test_size_moves_to_its_neighbours(shop: Catalog, vocabulary: Vocabulary) -> None:
    found = relaxed(shop, vocabulary, want("category", "sneakers"), SizeConstraint(system="eu_shoe", label="39"))
    assert [(one.source, one.target, one.count) for one in found if one.action == "move"] == [
        ("eu_shoe 39", "eu_shoe 38", 1),
        ("eu_shoe 39", "eu_shoe 40", 1),
    ]


def test_either_of_two_sizes_moves_beyond_both(shop: Catalog, vocabulary: Vocabulary) -> None:
    either = SizeConstraint(system="eu_shoe", label="37.5", alternatives=("39",))
    moved = [one for one in relaxed(shop, vocabulary, want("category", "sneakers"), either) if one.action == "move"]
    assert [(one.source, one.target) for one in moved] == [("eu_shoe 37.5/39", "eu_shoe 40")]


def test_what_does_not_help_is_not_named(shop: Catalog, vocabulary: Vocabulary) -> None:
    found = relaxed(shop, vocabulary, want("category", "bag"), want("color", "pink"), want("material", "lace", negative=True))
    assert {one.slot for one in found} == {"color", "category"}


def test_soft_constraints_are_not_relaxed(shop: Catalog, vocabulary: Vocabulary) -> None:
    soft = ValueConstraint(slot="color", values=("pink",), strength="soft")
    assert {one.index for one in relaxed(shop, vocabulary, soft, want("category", "bag"), want("material", "cotton"))} == {1, 2}


def test_no_item_at_all(vocabulary: Vocabulary) -> None:
    columns = Columns((), vocabulary)
    assert relax([want("color", "red")], np.zeros(0, dtype=np.bool_), columns, vocabulary) == ()


def test_dropping_what_the_thing_is_costs_most() -> None:
    assert max(COSTS, key=COSTS.__getitem__) == "category"
    assert min(COSTS.values()) > 1, "every move is cheaper than any drop"


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("#ffffff", (100.0, 0.0, 0.0)),
        ("#000000", (0.0, 0.0, 0.0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#0000ff", (32.30, 79.19, -107.86)),
    ],
)
def test_lab_against_published_values(color: str, expected: tuple[float, float, float]) -> None:
    assert lab(color) == pytest.approx(expected, abs=0.05)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_counts_are_exact(
    data: DataObject,
    vocabulary: Vocabulary,
    product_lists: SearchStrategy[tuple[Product, ...]],
    constraint_lists: SearchStrategy[tuple[Constraint, ...]],
) -> None:
    """Every relaxation is one of `changes`, and counting by the predicate gives its count."""
    products, constraints = data.draw(product_lists), data.draw(constraint_lists)
    columns = Columns(products, vocabulary)
    base = columns.mask((), True)
    now = sum(1 for p in products if p.in_stock and satisfies(p, constraints, vocabulary))
    found = relax(constraints, base, columns, vocabulary)
    assert len(found) <= MOST
    for one in found:
        others = [c for place, c in enumerate(constraints) if place != one.index]
        rest = base & columns.mask(others, False)
        options = list(changes(one.index, constraints[one.index], rest, columns, vocabulary))
        same = [c for c in options if (None if c.constraint is None else describe(c.constraint)) == one.target]
        assert same, "the relaxation names one of the changes"
        kept = [*others, *([] if same[0].constraint is None else [same[0].constraint])]
        count = sum(1 for p in products if p.in_stock and satisfies(p, kept, vocabulary))
        assert one.count == count > now
        assert one.source == describe(constraints[one.index])
        assert constraints[one.index].strength == "hard"


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_drop_that_helps_is_named(
    data: DataObject,
    vocabulary: Vocabulary,
    product_lists: SearchStrategy[tuple[Product, ...]],
    constraint_lists: SearchStrategy[tuple[Constraint, ...]],
) -> None:
    products, constraints = data.draw(product_lists), data.draw(constraint_lists)
    columns = Columns(products, vocabulary)
    base = columns.mask((), False)
    now = int(columns.mask(constraints, False).sum())
    helps = {
        place
        for place, one in enumerate(constraints)
        if one.strength == "hard" and int(columns.mask([c for c in constraints if c is not one], False).sum()) > now
    }
    found = relax(constraints, base, columns, vocabulary)
    assert len(found) == MOST or {one.index for one in found if one.action == "drop"} == helps
    assert ENOUGH == 3
