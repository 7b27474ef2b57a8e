"""Each field of what a script may expect is held against the turn, and nothing else is."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from assistant.evaluation.expectations import failures_of
from assistant.evaluation.script import Expect, ItemCondition
from tests.assistant.evaluation.expectation_cases import CASES, Case, shown
from tests.assistant.evaluation.records import card, played, record, shop


def leaves(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every field that a script can write, by its path; conditions on an item are opened once."""
    for name, field in model.model_fields.items():
        inner = next((each for each in _models(field.annotation)), None)
        if inner is ItemCondition:
            yield f"{path}{name}"
            if path + name == "products.all":
                yield from leaves(inner, "products.all.")
        elif inner is not None and inner.__name__ not in ("Bounds", "MoneyRange"):
            yield from leaves(inner, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)


def test_every_field_has_a_case() -> None:
    assert {case.field for case in CASES} == set(leaves(Expect))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.field}={next(iter(case.expect.values()))}"[:60])
def test_a_field_holds_or_is_named(case: Case) -> None:
    expect = Expect.model_validate(case.expect)
    assert failures_of(expect, case.holds, shop()) == ()
    paths = {failure.path for failure in failures_of(expect, case.breaks, shop())}
    assert paths == {f"expect.{case.fails}"}


def test_nothing_expected_never_fails() -> None:
    assert all(failures_of(Expect(), each, shop()) == () for case in CASES for each in (case.holds, case.breaks))


def test_a_failure_says_what_was_found() -> None:
    expect = Expect.model_validate({"products": {"all": {"category": "shoes", "price": {"lte": 30}}}})
    assert failures_of(expect, shown("i4"), shop()) == ()
    failure = failures_of(expect, shown("i1"), shop())[0]
    assert failure.expected == "category shoes, price lte 30"
    assert failure.found == "i1 'Red dress number 1': category dress, price 49.9"


def test_a_size_may_be_a_part_of_a_label_and_one_size_fits_all() -> None:
    expect = Expect.model_validate({"products": {"all": {"size": "39"}}})
    assert failures_of(expect, shown("i4", "i5"), shop()) == ()
    assert failures_of(expect, shown("i3"), shop())


def test_an_item_that_the_catalog_lacks_meets_no_condition() -> None:
    expect = Expect.model_validate({"products": {"all": {"color": "red"}}})
    strange = played(record((card("i1"), card("i4", product_id="i404"))))
    assert [failure.path for failure in failures_of(expect, strange, shop())] == ["expect.products"]


def test_a_wish_of_another_person_is_none_of_mine() -> None:
    case = next(case for case in CASES if case.field == "profile.scope")
    mine = Expect.model_validate({"profile": {"color": "red"}})
    hers = Expect.model_validate({"profile": {"color": "red", "scope": "sister"}})
    assert failures_of(mine, case.holds, shop())
    assert failures_of(hers, case.holds, shop()) == ()
