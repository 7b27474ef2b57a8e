"""What the catalog's records say of its shoppers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.known_shoppers import KnownShoppers
from assistant.schema import Profile
from catalog_data.schema import Catalog, Interaction, InteractionKind
from tests.assistant.rule_shop import NOW, demo, small


def event(user: str, product_id: str, day: int, kind: InteractionKind = "purchase") -> Interaction:
    return Interaction(user_id=user, kind=kind, at=NOW + timedelta(days=day), product_id=product_id, size="M")


@pytest.fixture
def catalog() -> Catalog:
    log = (
        event("ann", "i3", 3),
        event("ann", "i1", 1),
        event("ann", "i2", 2),
        event("ann", "i2", 4, "return"),
        event("ann", "i10", 5),
        event("bob", "i1", 1, "view"),
        event("mum", "i13", 1),
        event("mum", "i13", 2),
        event("mum", "i14", 3),
        event("mum", "i14", 4),
        event("mum", "i14", 5),
        event("mum", "i13", 6),
    )
    return small().model_copy(update={"interactions": log})


def test_orders_oldest_first_without_what_came_back(catalog: Catalog) -> None:
    known = KnownShoppers(catalog)
    assert known.history("ann") == ("i1", "i3", "i10")
    assert [each.product_id for each in known.bought("ann")] == ["i1", "i3", "i10"]


@pytest.mark.parametrize("shopper_id", [None, "nobody", "bob"])
def test_a_visitor_and_a_stranger_have_nothing(catalog: Catalog, shopper_id: str | None) -> None:
    known = KnownShoppers(catalog)
    assert known.bought(shopper_id) == ()
    assert known.history(shopper_id) == ()
    assert known.shopper(shopper_id).first_order
    assert known.profile(shopper_id or "") == Profile()


def test_who_has_ordered_has_no_first_order(catalog: Catalog) -> None:
    assert not KnownShoppers(catalog).shopper("ann").first_order


@pytest.mark.parametrize(("shopper_id", "is_known"), [(None, False), ("nobody", False), ("bob", True), ("ann", True)])
def test_a_first_order_is_assumed_where_nothing_is_on_record(catalog: Catalog, shopper_id: str | None, is_known: bool) -> None:
    """bob has only looked: that he has never ordered is known."""
    assert KnownShoppers(catalog).shopper(shopper_id).first_order_known is is_known


def test_her_profile_is_of_what_she_kept(catalog: Catalog) -> None:
    profile = KnownShoppers(catalog).profile("ann")
    assert profile.sizes == {"me": {"clothing": "M"}}
    assert all(each.source == "inferred" for each in profile.preferences)


def test_examples_are_the_busiest_of_whom_something_is_known(catalog: Catalog) -> None:
    """mum has more purchases, all for children, so her profile would be empty."""
    assert KnownShoppers(catalog).examples() == [("ann", "ann: 3 purchases")]


def test_a_catalog_without_shoppers() -> None:
    known = KnownShoppers(small())
    assert known.examples() == []
    assert known.profile("anyone") == Profile()


def test_the_demo_shop_has_five_to_try() -> None:
    known = KnownShoppers(demo())
    examples = known.examples()
    assert len(examples) == 5
    for key, label in examples:
        assert label == f"{key}: {len(known.history(key))} purchases"
        assert len(known.profile(key).preferences) >= 4
