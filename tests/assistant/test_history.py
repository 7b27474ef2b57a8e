"""What purchases say of a shopper: tastes that stand out, usual sizes, price level, rhythm; inferred, soft, with their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.history import LEAST_PURCHASES, TASTE_LIFT, TASTE_SHARE, TASTE_SLOTS, infer, purchases, rhythm, shares
from assistant.known_shoppers import KnownShoppers
from assistant.query import constraints
from assistant.schema import Preference, PriceRange, Profile
from catalog_data.schema import Interaction, InteractionKind, Product, SizeStock
from retrieval.columns import Columns
from retrieval.schema import ValueConstraint
from tests.assistant.rule_shop import NOW, demo, item, sizes, vocabulary

BUSIEST = 5


def event(product_id: str | None, day: int, kind: InteractionKind = "purchase", user: str = "u", **fields: object) -> Interaction:
    given = {"user_id": user, "kind": kind, "at": NOW + timedelta(days=day), "product_id": product_id}
    return Interaction.model_validate(given | fields)


def inferred(products: Sequence[Product], shop: Sequence[Product] = (), **fields: Any) -> Profile:
    """What one purchase of each of these says in a shop of all of them and `shop`."""
    everything = {each.product_id: each for each in (*shop, *products)}
    bought = [event(each.product_id, day * 10, **fields) for day, each in enumerate(products)]
    return infer(bought, everything, shares(tuple(everything.values())))


def said(profile: Profile) -> dict[str, object]:
    return {preference.slot: preference.value for preference in profile.preferences}


GREYS = tuple(item(n, "dress", "grey", 3_000) for n in range(100, 140))
REDS = tuple(item(n, "dress", "red", 5_000) for n in range(3))


# ---------------------------------------------------------------- purchases


def test_only_what_she_bought_and_kept_oldest_first() -> None:
    log = [
        event("late", 9),
        event("early", 1),
        event("looked at", 2, "view"),
        event(None, 3, "search", query="dress"),
        event("another's", 3, user="v"),
        event("sent back", 4),
        event("sent back", 6, "return"),
    ]
    assert [each.product_id for each in purchases(log, "u")] == ["early", "late"]
    assert purchases(log, "nobody") == ()


def test_a_return_takes_back_one_purchase_and_a_later_one_stays() -> None:
    log = [event("a", 1, size="M"), event("a", 3, "return", size="M"), event("a", 5, size="L")]
    assert [each.size for each in purchases(log, "u")] == ["L"]
    twice = [event("a", 1, size="M"), event("a", 2, size="L"), event("a", 3, "return", size="M")]
    assert [each.size for each in purchases(twice, "u")] == ["L"]
    unsaid = [event("a", 1, size="M"), event("a", 2, size="L"), event("a", 3, "return")]
    assert [each.size for each in purchases(unsaid, "u")] == ["M"]
    assert [each.kind for each in purchases([event("a", 1, "return"), event("a", 2)], "u")] == ["purchase"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.sampled_from(("purchase", "return"))), max_size=12))
def test_no_more_is_kept_than_bought_and_each_return_takes_one_at_most(log: list[tuple[str, int, InteractionKind]]) -> None:
    events = [event(product_id, day, kind) for product_id, day, kind in log]
    kept = purchases(events, "u")
    assert list(kept) == sorted(kept, key=lambda each: each.at)
    for name in "ab":
        bought = sum(each.product_id == name and each.kind == "purchase" for each in events)
        back = sum(each.product_id == name and each.kind == "return" for each in events)
        assert max(0, bought - back) <= sum(each.product_id == name for each in kept) <= bought


# ---------------------------------------------------------------- rhythm


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((), None),
        ((0, 1), None),
        ((0, 0, 0, 0), None),
        ((0, 10, 20), "about every 10 days"),
        ((0, 1, 2), "about every day"),
        ((0, 5, 10, 100), "about every 5 days"),
    ],
)
def test_how_often_she_buys(days: Sequence[int], words: str | None) -> None:
    assert rhythm([event("a", day) for day in days]) == words


# ---------------------------------------------------------------- tastes


def test_few_purchases_say_nothing() -> None:
    assert inferred(REDS[: LEAST_PURCHASES - 1], GREYS) == Profile()


def test_a_taste_is_what_she_buys_oftener_than_the_shop_has_it() -> None:
    profile = inferred(REDS, GREYS)
    assert said(profile)["color"] == "red"
    taste = next(each for each in profile.preferences if each.slot == "color")
    assert taste.evidence == "3 of 3 purchases: Red dress number 0, Red dress number 1, Red dress number 2"
    assert "color" not in said(inferred(GREYS[:6], GREYS)), "everything here is grey"
    assert "material" not in said(profile), "everything here is cotton"


def test_what_one_purchase_in_five_has_is_no_taste() -> None:
    others = tuple(item(200 + n, "dress", color, 5_000) for n, color in enumerate(("blue", "pink", "teal", "white") * 3))
    assert "color" not in said(inferred((*REDS, *others), GREYS))


def test_for_women_or_for_men_where_nearly_all_is() -> None:
    men = tuple(item(300 + n, "shirt", "blue", 5_000, gender=("men",)) for n in range(4))
    unisex = tuple(item(310 + n, "cap", "blue", 5_000, gender=("unisex",)) for n in range(4))
    assert said(inferred((*men, *unisex), GREYS))["gender"] == "men"
    assert "gender" not in said(inferred(unisex, GREYS))
    assert "gender" not in said(inferred((*men, *REDS), GREYS))


def test_what_she_buys_for_children_says_nothing_of_her() -> None:
    child = (SizeStock(system="height", label="110"),)
    small = tuple(item(400 + n, "t-shirt", "red", 900, gender=("kids",), sizes=child) for n in range(6))
    assert inferred(small, GREYS, size="110") == Profile()
    assert said(inferred((*small, *REDS), GREYS)) == said(inferred(REDS, GREYS))


# ---------------------------------------------------------------- price and sizes


def test_the_price_level_is_a_price_she_paid() -> None:
    products = tuple(item(500 + n, "dress", "red", (n + 1) * 1_000) for n in range(20))
    level = next(each for each in inferred(products, GREYS).preferences if each.slot == "price")
    assert level.value == PriceRange(max=18_000)
    assert level.evidence == "18 of 20 purchases cost no more; one about every 10 days"
    paid = next(each for each in inferred(products, GREYS, price_minor=700).preferences if each.slot == "price")
    assert paid.value == PriceRange(max=700), "what was paid then, not what is asked now"


def test_no_price_level_where_no_price_is_known() -> None:
    assert "price" not in said(inferred(tuple(item(n, "hat", "red", None) for n in range(4)), GREYS))


def test_the_usual_size_in_each_system() -> None:
    dresses = tuple(item(600 + n, "dress", "red", 5_000, sizes=sizes("S", "M")) for n in range(3))
    waists = tuple(item(610 + n, "jeans", "red", 5_000, sizes=(SizeStock(system="waist", label="29"),)) for n in range(2))
    bought = [event(p.product_id, n, size="M") for n, p in enumerate(dresses)]
    bought += [event(p.product_id, 9, size="29") for p in waists]
    shop = {p.product_id: p for p in (*dresses, *waists)}
    profile = infer(bought, shop, shares(tuple(shop.values())))
    held = {(p.value, p.size_system, p.evidence) for p in profile.preferences if p.slot == "size"}
    assert held == {("M", "alpha", "bought in M 3 of 3 times"), ("29", "waist", "bought in 29 2 of 2 times")}
    assert profile.sizes == {"me": {"clothing": "M", "trousers": "29"}}


def test_socks_do_not_outvote_shoes() -> None:
    """Socks come in spans; a size bought in shoes is the exacter word."""
    spans = tuple(item(700 + n, "socks", "red", 900, sizes=(SizeStock(system="eu_shoe", label="39/40"),)) for n in range(4))
    shoes = tuple(item(710 + n, "boots", "red", 9_000, sizes=(SizeStock(system="eu_shoe", label="40"),)) for n in range(2))
    shop = {p.product_id: p for p in (*spans, *shoes)}
    bought = [event(p.product_id, n, size=p.sizes[0].label) for n, p in enumerate((*spans, *shoes))]
    assert infer(bought, shop, shares(tuple(shop.values()))).sizes == {"me": {"shoes": "40"}}
    assert infer(bought[:4], shop, shares(tuple(shop.values()))).sizes == {"me": {"shoes": "39/40"}}


def test_one_purchase_in_a_size_is_not_a_usual_size() -> None:
    dresses = tuple(item(800 + n, "dress", "red", 5_000, sizes=sizes("S", "M", "L")) for n in range(3))
    bought = [event(p.product_id, n, size=label) for n, (p, label) in enumerate(zip(dresses, "SML", strict=True))]
    shop = {p.product_id: p for p in dresses}
    assert infer(bought, shop, shares(dresses)).sizes == {}


# ---------------------------------------------------------------- the demo shop's busiest


@pytest.fixture(scope="module")
def known() -> KnownShoppers:
    return KnownShoppers(demo())


@pytest.fixture(scope="module")
def busiest(known: KnownShoppers) -> tuple[str, ...]:
    return tuple(key for key, _ in known.examples(BUSIEST))


def stating(products: Sequence[Product], preference: Preference) -> tuple[int, int]:
    """(how many have the value, how many state the slot)."""
    slot = preference.slot
    assert slot in TASTE_SLOTS
    stated = [product for product in products if product.values(slot)]
    return sum(preference.value in product.values(slot) for product in stated), len(stated)


def test_tastes_of_the_busiest_stand_in_their_purchases_and_out_of_the_shop(
    known: KnownShoppers, busiest: tuple[str, ...]
) -> None:
    catalog = demo()
    for key in busiest:
        products = [catalog.by_id[each] for each in known.history(key)]
        tastes = [each for each in known.profile(key).preferences if each.slot in TASTE_SLOTS]
        assert tastes, f"{key} bought {len(products)} things and shows no taste"
        for taste in tastes:
            count, total = stating(products, taste)
            usual, of = stating(catalog.products, taste)
            assert taste.evidence.startswith(f"{count} of {total} purchases: ")
            assert count >= LEAST_PURCHASES
            assert count / total >= max(TASTE_SHARE, TASTE_LIFT * usual / of)


def test_all_that_is_inferred_is_soft_and_has_purchases_as_evidence(known: KnownShoppers, busiest: tuple[str, ...]) -> None:
    for key in busiest:
        for preference in known.profile(key).preferences:
            assert (preference.source, preference.strength, preference.polarity, preference.scope) == (
                "inferred",
                "soft",
                "like",
                "me",
            )
            assert any(word in preference.evidence for word in ("purchases", "bought"))
            assert any(char.isdigit() for char in preference.evidence)
        ids = [preference.preference_id for preference in known.profile(key).preferences]
        assert len(set(ids)) == len(ids)


def test_sizes_and_prices_of_the_busiest_are_those_they_buy(known: KnownShoppers, busiest: tuple[str, ...]) -> None:
    for key in busiest:
        bought, profile = known.bought(key), known.profile(key)
        labels = [each.size for each in bought]
        for preference in profile.preferences:
            if preference.slot == "size":
                assert labels.count(str(preference.value)) >= 2
            if isinstance(preference.value, PriceRange):
                paid = [each.price_minor for each in bought if each.price_minor is not None]
                assert preference.value.max in paid
                assert sum(price <= preference.value.max for price in paid) >= 0.9 * len(paid)
        assert all(label in labels for label in profile.sizes.get("me", {}).values())


def test_an_inferred_preference_never_filters(known: KnownShoppers, busiest: tuple[str, ...]) -> None:
    columns = Columns(demo().products, vocabulary())
    for key in busiest:
        found = constraints(known.profile(key).preferences)
        assert any(isinstance(each, ValueConstraint) for each in found)
        assert {each.strength for each in found} == {"soft"}
        assert columns.mask(found, False).all()


def test_the_same_purchases_say_the_same(known: KnownShoppers, busiest: tuple[str, ...]) -> None:
    again = KnownShoppers(demo())
    assert [again.profile(key) for key in busiest] == [known.profile(key) for key in busiest]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_inferring_never_fails(data: st.DataObject) -> None:
    catalog = demo()
    ids = data.draw(st.lists(st.sampled_from([p.product_id for p in catalog.products[:300]] + ["unknown"]), max_size=15))
    days = st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1))
    bought = [
        event(each, 0, at=data.draw(days).replace(tzinfo=NOW.tzinfo), size=data.draw(st.sampled_from((None, "M", "38", "39/40"))))
        for each in ids
    ]
    profile = infer(bought, catalog.by_id, shares(catalog.products[:50]))
    assert all(each.strength == "soft" for each in profile.preferences)
