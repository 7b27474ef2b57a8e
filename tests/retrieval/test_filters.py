"""One item against one constraint: the three answers, and who is let through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from catalog_data.schema import Catalog, Money, Product, SizeStock, SizeSystem, Slot
from catalog_data.vocabulary import Vocabulary
from retrieval.columns import Columns
from retrieval.filters import check, concerns, describe, passes, satisfies
from retrieval.schema import Check, Constraint, RangeConstraint, SizeConstraint, Status, ValueConstraint


def product(**fields: object) -> Product:
    return Product.model_validate({"product_id": "p", "title": "A thing"} | fields)


def want(slot: Slot, *values: str) -> ValueConstraint:
    return ValueConstraint.model_validate({"slot": slot, "values": values})


def avoid(slot: Slot, *values: str) -> ValueConstraint:
    return ValueConstraint.model_validate({"slot": slot, "values": values, "negative": True})


@pytest.mark.parametrize(
    ("fields", "constraint", "closed", "status"),
    [
        ({"colors": ("navy",)}, want("color", "blue"), (), "met"),
        ({"colors": ("blue",)}, want("color", "navy"), (), "unmet"),
        ({"colors": ("red", "navy")}, want("color", "blue"), (), "met"),
        ({"colors": ("red",)}, want("color", "blue", "red"), (), "met"),
        ({"colors": ("red",)}, want("color", "blue"), (), "unmet"),
        ({}, want("color", "blue"), (), "unknown"),
        ({}, want("color", "blue"), ("color",), "unmet"),
        ({"product_type": "sneakers"}, want("category", "shoes"), (), "met"),
        ({"occasions": ("party",)}, want("occasion", "wedding"), (), "unknown"),
        ({"occasions": ("party",)}, want("occasion", "wedding"), ("occasion",), "unmet"),
        ({"colors": ("black",)}, avoid("color", "black"), (), "unmet"),
        ({"colors": ("charcoal",)}, avoid("color", "black"), (), "unmet"),
        ({"colors": ("red", "black")}, avoid("color", "black"), ("color",), "unmet"),
        ({"colors": ("red",)}, avoid("color", "black"), ("color",), "met"),
        ({"colors": ("red",)}, avoid("color", "black"), (), "unknown"),
        ({"colors": ("blue",)}, avoid("color", "navy"), ("color",), "unknown"),
        ({"materials": ("suede",)}, avoid("material", "leather"), (), "unmet"),
        ({}, avoid("material", "lace"), (), "unknown"),
        ({}, avoid("material", "lace"), ("material",), "met"),
        ({"brand": "Aster"}, avoid("brand", "Borealis & Co"), (), "met"),
        ({}, avoid("brand", "Aster"), (), "unknown"),
    ],
)
def test_words(
    vocabulary: Vocabulary, fields: dict[str, object], constraint: Constraint, closed: tuple[Slot, ...], status: Status
) -> None:
    assert check(product(**fields), constraint, vocabulary, closed).status == status


@pytest.mark.parametrize(
    ("amount", "low", "high", "status"),
    [
        (8000, None, 8000, "met"),
        (8001, None, 8000, "unmet"),
        (5000, 5000, None, "met"),
        (4999, 5000, 8000, "unmet"),
        (None, None, 8000, "unknown"),
    ],
)
def test_prices(vocabulary: Vocabulary, amount: int | None, low: float | None, high: float | None, status: Status) -> None:
    item = product(price=None if amount is None else Money(amount_minor=amount, currency="EUR"))
    assert check(item, RangeConstraint(slot="price", minimum=low, maximum=high), vocabulary, ()).status == status


def test_rating_unknown_where_absent(vocabulary: Vocabulary) -> None:
    four = RangeConstraint(slot="rating", minimum=4)
    assert check(product(), four, vocabulary, ()).status == "unknown"
    assert check(product(rating=4.0), four, vocabulary, ()).status == "met"


@pytest.mark.parametrize(
    ("system", "label", "gender", "pieces", "status"),
    [
        ("alpha", "M", (), [("alpha", "M", 1)], "met"),
        ("alpha", "M", (), [("alpha", "M", 0), ("alpha", "L", 3)], "unmet"),
        ("alpha", "M", (), [("alpha", "M", None)], "met"),
        ("alpha", "M", (), [], "unknown"),
        ("alpha", "XXL", (), [("alpha", "2XL", 1)], "met"),
        ("alpha", "M", (), [("alpha", "S/M", 1)], "met"),
        ("alpha", "M", ("women",), [("eu", "40", 1)], "met"),
        ("alpha", "M", ("men",), [("eu", "40", 1)], "unmet"),
        ("alpha", "M", ("men",), [("eu", "48", 1)], "met"),
        ("eu", "48", ("men",), [("waist", "32", 1)], "met"),
        ("eu", "48", ("women",), [("waist", "32", 1)], "unmet"),
        ("alpha", "M", (), [("eu", "40", 1)], "unmet"),
        ("alpha", "M", ("kids",), [("eu", "40", 1)], "unmet"),
        ("alpha", "M", ("unisex",), [("eu", "40", 1)], "unmet"),
        ("waist", "32", (), [("waist", "32/34", 1)], "met"),
        ("waist", "32/30", (), [("waist", "32/34", 1)], "unmet"),
        ("alpha", "M", (), [("one", "one size", 1)], "met"),
        ("alpha", "M", (), [("one", "one size", 0)], "unmet"),
        ("alpha", "M", (), [("eu_shoe", "40", 1)], "met"),
        ("eu_shoe", "42", (), [("eu_shoe", "42.0", 1)], "met"),
        ("eu_shoe", "42,5", (), [("eu_shoe", "42.5", 1)], "met"),
        ("height", "104", (), [("eu_shoe", "30", 1)], "met"),
    ],
)
def test_sizes(
    vocabulary: Vocabulary,
    system: SizeSystem,
    label: str,
    gender: tuple[str, ...],
    pieces: list[tuple[SizeSystem, str, int | None]],
    status: Status,
) -> None:
    sizes = tuple(SizeStock(system=kind, label=name, stock=stock) for kind, name, stock in pieces)
    item = product(gender=gender, sizes=sizes)
    assert check(item, SizeConstraint(system=system, label=label), vocabulary, ()).status == status


def test_size_asks_only_the_named_categories(vocabulary: Vocabulary) -> None:
    shoes = SizeConstraint(system="eu_shoe", label="42", categories=("shoes",))
    in_40 = (SizeStock(system="eu_shoe", label="40"),)
    assert check(product(product_type="bag"), shoes, vocabulary, ()).status == "met"
    assert check(product(product_type="sneakers", sizes=in_40), shoes, vocabulary, ()).status == "unmet"
    assert check(product(sizes=in_40), shoes, vocabulary, ()).status == "unmet", "an unknown type may be a shoe"


@pytest.mark.parametrize(("label", "status"), [("M", "met"), ("L", "met"), ("S", "unmet")])
def test_one_of_two_sizes_is_enough(vocabulary: Vocabulary, label: str, status: Status) -> None:
    either = SizeConstraint(system="alpha", label="M", alternatives=("L",))
    piece = SizeStock(system="alpha", label=label)
    assert check(product(sizes=(piece,)), either, vocabulary, ()) == Check(slot="size", value="alpha M/L", status=status)


def test_an_item_is_judged_by_the_size_of_its_own_system(vocabulary: Vocabulary) -> None:
    """M is no waist of 33 in the table; who takes both takes jeans in 33."""
    medium = SizeConstraint(system="alpha", label="M", beside=("waist",))
    waist = SizeConstraint(system="waist", label="33", beside=("alpha",))

    def both(system: SizeSystem, label: str, stock: int = 1) -> bool:
        item = product(gender=("women",), sizes=(SizeStock(system=system, label=label, stock=stock),))
        return satisfies(item, (medium, waist), vocabulary)

    assert both("waist", "33")
    assert both("alpha", "M")
    assert not both("waist", "31")
    assert not both("alpha", "L")
    assert not both("waist", "33", stock=0)


def test_kinds_that_have_a_size_of_their_own_are_not_asked(vocabulary: Vocabulary) -> None:
    general = SizeConstraint(system="alpha", label="M", except_categories=("dress",))
    in_large = (SizeStock(system="alpha", label="L"),)
    assert check(product(product_type="maxi dress", sizes=in_large), general, vocabulary, ()).status == "met"
    assert check(product(product_type="shirt", sizes=in_large), general, vocabulary, ()).status == "unmet"
    assert check(product(sizes=in_large), general, vocabulary, ()).status == "unmet"


def test_whom_a_size_concerns(vocabulary: Vocabulary) -> None:
    shoes = SizeConstraint(system="eu_shoe", label="42")
    for_dresses = SizeConstraint(system="alpha", label="M", categories=("dress",), beside=("eu",))
    alpha, eu, shoe, one = (
        (SizeStock(system=system, label=label),)
        for system, label in (("alpha", "L"), ("eu", "40"), ("eu_shoe", "41"), ("one", "One size"))
    )
    for item, constraint, concerned in (
        (product(sizes=shoe), shoes, True),
        (product(sizes=alpha), shoes, False),
        (product(sizes=one), shoes, True),
        (product(), shoes, True),
        (product(product_type="dress", sizes=alpha), for_dresses, True),
        (product(product_type="dress", sizes=eu), for_dresses, False),
        (product(product_type="shirt", sizes=alpha), for_dresses, False),
        (product(sizes=alpha), want("color", "red"), True),
    ):
        assert concerns(item, constraint, vocabulary) is concerned
        assert concerned or check(item, constraint, vocabulary, ()).status == "met"


@pytest.mark.parametrize(
    ("status", "negative", "strength", "through"),
    [
        ("met", False, "hard", True),
        ("unknown", False, "hard", False),
        ("unmet", False, "hard", False),
        ("met", True, "hard", True),
        ("unknown", True, "hard", True),
        ("unmet", True, "hard", False),
        ("unmet", False, "soft", True),
    ],
)
def test_who_passes(status: Status, negative: bool, strength: str, through: bool) -> None:
    constraint = ValueConstraint.model_validate({"slot": "color", "values": ("red",), "negative": negative, "strength": strength})
    assert passes(Check(slot="color", value="red", status=status), constraint) is through


def test_describe() -> None:
    assert describe(want("color", "red", "blue")) == "red or blue"
    assert describe(avoid("material", "lace")) == "not lace"
    assert describe(RangeConstraint(slot="price", maximum=1_234_567_890)) == "..1234567890"
    assert describe(RangeConstraint(slot="rating", minimum=4.5)) == "4.5.."
    assert describe(SizeConstraint(system="eu", label="38")) == "eu 38"


@given(data=st.data())
@settings(max_examples=250, deadline=None)
def test_mask_equals_predicate(
    data: DataObject,
    vocabulary: Vocabulary,
    product_lists: SearchStrategy[tuple[Product, ...]],
    constraint_lists: SearchStrategy[tuple[Constraint, ...]],
) -> None:
    products, constraints, in_stock = data.draw(product_lists), data.draw(constraint_lists), data.draw(st.booleans())
    wanted = [satisfies(item, constraints, vocabulary) and (item.in_stock or not in_stock) for item in products]
    mask = Columns(products, vocabulary).mask(constraints, in_stock)
    assert mask.dtype == np.bool_
    assert mask.tolist() == wanted


def test_mask_is_the_callers_own(shop: Catalog, vocabulary: Vocabulary) -> None:
    columns = Columns(shop.products, vocabulary)
    first = columns.mask([want("color", "red")], False)
    first[:] = False
    assert columns.mask([want("color", "red")], False).sum() == 5
