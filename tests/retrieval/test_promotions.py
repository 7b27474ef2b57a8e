"""Each kind of promotion in figures worked out by hand, and each reason for which one takes nothing off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from catalog_data.schema import Money, Product, Promotion, Scope, Shipping
from catalog_data.vocabulary import Entry, Vocabulary
from retrieval.errors import UnpricedProduct
from retrieval.promotions import price_basket, unit_offer
from retrieval.schema import BasketLine, PricedBasket, Shopper

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
ALL = ("item", "order", "shipping")
DELIVERY = Shipping(standard_minor=495, free_from_minor=5000)

WORDS = Vocabulary(
    {
        "category": {
            "dress": Entry(role="dress", plural="dresses"),
            "sneakers": Entry(role="shoes", plural="sneakers"),
            "sandals": Entry(role="shoes", plural="sandals"),
            "shoes": Entry(umbrella=True, plural="shoes", includes=("sneakers", "sandals")),
        },
        "gender": {"women": Entry(includes=("unisex",)), "men": Entry(), "unisex": Entry()},
    }
)


def item(price: int | None, product_id: str = "p1", currency: str = "EUR", **fields: Any) -> Product:
    money = None if price is None else Money(amount_minor=price, currency=currency)
    return Product(product_id=product_id, title=product_id.upper(), price=money, **fields)


def line(price: int | None, quantity: int = 1, product_id: str = "p1", **fields: Any) -> BasketLine:
    return BasketLine(product=item(price, product_id, **fields), quantity=quantity)


def promotion(kind: str = "percent", promotion_id: str = "a", **fields: Any) -> Promotion:
    return Promotion(promotion_id=promotion_id, title=f"Offer {promotion_id}", kind=kind, **fields)


def priced(
    lines: list[BasketLine],
    *promotions: Promotion,
    codes: tuple[str, ...] = (),
    shopper: Shopper | None = None,
    shipping: Shipping | None = None,
    now: datetime = NOW,
) -> PricedBasket:
    return price_basket(lines, promotions, codes, now, shopper or Shopper(), shipping, "EUR", WORDS)


def taken(basket: PricedBasket) -> dict[str, int]:
    return {offer.promotion_id: offer.amount_minor for offer in basket.applied}


def shares(basket: PricedBasket) -> tuple[tuple[int, int], ...]:
    return basket.applied[0].allocations


def test_a_percentage_is_rounded_half_up_for_each_piece() -> None:
    basket = priced([line(1999, 3)], promotion(percent=15))
    assert taken(basket) == {"a": 3 * 300}
    assert basket.total_minor == 5997 - 900


def test_on_the_order_it_is_rounded_once_and_shared_by_largest_remainder() -> None:
    basket = priced([line(333), line(333), line(334)], promotion(percent=10, promotion_class="order"))
    assert shares(basket) == ((0, 33), (1, 33), (2, 34))


def test_of_equal_remainders_the_earlier_line_gets_the_cent() -> None:
    basket = priced([line(500), line(500), line(500)], promotion("amount", amount_minor=200, promotion_class="order"))
    assert shares(basket) == ((0, 67), (1, 67), (2, 66))


def test_an_amount_comes_off_each_piece_and_never_more_than_its_price() -> None:
    assert taken(priced([line(700, 2), line(300)], promotion("amount", amount_minor=500))) == {"a": 500 + 500 + 300}


def test_a_cap_bounds_what_comes_off_in_all() -> None:
    basket = priced([line(6000), line(3000)], promotion(percent=50, cap_minor=1000))
    assert shares(basket) == ((0, 667), (1, 333))


def test_of_three_the_cheapest_is_free_and_a_fourth_changes_nothing() -> None:
    free = promotion("buy_x_get_y", percent=100, buy_quantity=2, get_quantity=1)
    assert taken(priced([line(1000), line(3000), line(2000)], free)) == {"a": 1000}
    assert taken(priced([line(1000), line(3000), line(2000), line(500)], free)) == {"a": 1000}


def test_six_make_two_groups_of_which_each_has_its_cheapest_free() -> None:
    free = promotion("buy_x_get_y", percent=100, buy_quantity=2, get_quantity=1)
    lines = [line(price) for price in (10, 90, 20, 100, 30, 80)]
    assert taken(priced(lines, free)) == {"a": 80 + 10}


def test_a_threshold_counts_only_what_is_in_scope() -> None:
    voucher = promotion("threshold", minimum_minor=5000, amount_minor=1000, scope=Scope(brands=("Aldena",)))
    assert taken(priced([line(5000, brand="Aldena"), line(9000, brand="Brook")], voucher)) == {"a": 1000}
    assert not priced([line(4999, brand="Aldena"), line(9000, brand="Brook")], voucher).applied


def test_categories_take_in_what_they_include_and_exclusions_win() -> None:
    offer = promotion(percent=10, scope=Scope(categories=("shoes",), excluded_categories=("sandals",)))
    lines = [line(1000, product_type="sneakers"), line(1000, product_type="sandals"), line(1000, product_type="dress")]
    assert shares(priced(lines, offer)) == ((0, 100),)


@pytest.mark.parametrize(
    ("scope", "fields", "inside"),
    [
        (Scope(genders=("women",)), {"gender": ("unisex",)}, True),
        (Scope(genders=("women",)), {}, False),
        (Scope(product_ids=("p1",)), {}, True),
        (Scope(product_ids=("p1",), excluded_product_ids=("p1",)), {}, False),
        (Scope(collections=("Harbour",)), {"collection": "Harbour"}, True),
        (Scope(brands=("Aldena",), excluded_brands=("Aldena",)), {"brand": "Aldena"}, False),
        (Scope(brands=("Aldena",), categories=("shoes",)), {"brand": "Aldena"}, False),
        (Scope(excludes_reduced=True), {"list_price": Money(amount_minor=1200, currency="EUR")}, False),
        (Scope(excludes_reduced=True), {"list_price": Money(amount_minor=1000, currency="EUR")}, True),
    ],
)
def test_scope(scope: Scope, fields: dict[str, Any], inside: bool) -> None:
    assert bool(priced([line(1000, **fields)], promotion(percent=10, scope=scope)).applied) is inside


def test_pieces_come_before_the_order_and_the_order_before_delivery() -> None:
    piece = promotion(percent=50, promotion_id="piece", combines_with=ALL, priority=9)
    order = promotion(percent=10, promotion_id="order", promotion_class="order", combines_with=ALL, priority=1)
    free = promotion("free_shipping", promotion_id="free", promotion_class="shipping", combines_with=ALL)
    basket = priced([line(2000)], free, order, piece, shipping=DELIVERY)
    assert [offer.promotion_id for offer in basket.applied] == ["piece", "order", "free"]
    assert taken(basket) == {"piece": 1000, "order": 100, "free": 495}
    assert (basket.shipping_minor, basket.total_minor) == (495, 900)


def test_within_a_class_the_smaller_priority_goes_first() -> None:
    first = promotion("amount", amount_minor=1000, promotion_id="z", combines_with=ALL, priority=1)
    second = promotion(percent=50, promotion_id="a", combines_with=ALL, priority=2)
    assert taken(priced([line(3000)], second, first)) == {"z": 1000, "a": 1000}


def test_two_combine_only_when_each_allows_the_class_of_the_other() -> None:
    piece = promotion(percent=10, promotion_id="piece", combines_with=("order",))
    closed = promotion(percent=20, promotion_id="order", promotion_class="order")
    basket = priced([line(10_000)], piece, closed)
    assert taken(basket) == {"order": 2000}
    assert [(one.promotion_id, one.reason) for one in basket.rejected] == [("piece", "does_not_combine")]
    assert basket.rejected[0].message == "Offer piece: does not combine with Offer order"


def test_two_of_one_class_need_both_to_list_it() -> None:
    first, second = promotion(percent=10, combines_with=("item",)), promotion(percent=20, promotion_id="b")
    assert taken(priced([line(10_000)], first, second)) == {"b": 2000}


def test_what_is_worse_together_is_not_combined() -> None:
    big = promotion(percent=30, promotion_id="big")
    small = [promotion(percent=10, promotion_id=f"s{index}", combines_with=ALL) for index in range(2)]
    assert taken(priced([line(10_000)], big, *small)) == {"big": 3000}
    three = [*small, promotion(percent=20, promotion_id="s2", combines_with=ALL)]
    assert set(taken(priced([line(10_000)], big, *three))) == {"s0", "s1", "s2"}


def test_equal_totals_take_fewer_promotions_then_the_smaller_priority_then_the_id() -> None:
    halves = [
        promotion(percent=100, promotion_id=name, combines_with=ALL, priority=rank)
        for name, rank in (("c", 2), ("b", 1), ("a", 2))
    ]
    assert list(taken(priced([line(1000)], *halves))) == ["b"]
    assert list(taken(priced([line(1000)], halves[0], halves[2]))) == ["a"]


def test_free_delivery_is_of_class_shipping_whatever_its_file_says() -> None:
    free = promotion("free_shipping", combines_with=("order",))
    order = promotion(percent=10, promotion_id="b", promotion_class="order", combines_with=("shipping",))
    basket = priced([line(1000)], free, order, shipping=DELIVERY)
    assert {offer.promotion_class for offer in basket.applied} == {"order", "shipping"}
    assert basket.applied[-1].allocations == ()


def test_delivery_is_free_from_the_threshold_of_goods_before_promotions() -> None:
    assert priced([line(5000)], promotion(percent=50), shipping=DELIVERY).total_minor == 2500
    assert priced([line(4999)], shipping=DELIVERY).total_minor == 4999 + 495


def test_the_receipt_line_by_line() -> None:
    code = promotion(percent=10, promotion_class="order", code="WELCOME10", combines_with=ALL)
    free = promotion("free_shipping", promotion_id="free", promotion_class="shipping", combines_with=ALL)
    lines = [BasketLine(product=item(1000, "shirt"), quantity=2, size="M"), line(500, product_id="belt")]
    receipt = priced(lines, code, free, codes=("welcome10",), shipping=DELIVERY).receipt
    assert [(row.kind, row.label, row.amount_minor, row.quantity) for row in receipt] == [
        ("item", "SHIRT (M)", 2000, 2),
        ("item", "BELT", 500, 1),
        ("subtotal", "Subtotal", 2500, None),
        ("discount", "Offer a (WELCOME10)", -250, None),
        ("shipping", "Delivery", 495, None),
        ("discount", "Offer free", -495, None),
        ("total", "Total", 2250, None),
    ]


CET = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("fields", "shopper", "reason", "message"),
    [
        ({"first_order": True}, Shopper(first_order=False), "first_order_only", "CODE: first orders only"),
        ({"members_only": True}, Shopper(), "members_only", "CODE: members only"),
        (
            {"once_per_customer": True},
            Shopper(used_promotion_ids=("a",)),
            "already_used",
            "CODE: once per customer, already used",
        ),
        ({"ends_at": datetime(2026, 9, 1, tzinfo=CET)}, Shopper(), "expired", "CODE: ended 31 August 2026"),
        ({"starts_at": datetime(2026, 12, 1, tzinfo=CET)}, Shopper(), "not_started", "CODE: starts 1 December 2026"),
        ({"minimum_minor": 5000}, Shopper(), "minimum_not_met", "CODE: minimum 50.00 EUR, you are at 43.20 EUR"),
        ({"minimum_quantity": 3}, Shopper(), "minimum_not_met", "CODE: minimum 3 pieces, you have 2"),
        (
            {"scope": Scope(categories=("shoes",), brands=("Brook", "Corda"))},
            Shopper(),
            "not_in_scope",
            "CODE: only for shoes by Brook or Corda; the basket holds none",
        ),
        (
            {"scope": Scope(categories=("dress",)), "minimum_minor": 5000},
            Shopper(),
            "minimum_not_met",
            "CODE: minimum 50.00 EUR of dresses, you are at 43.20 EUR",
        ),
    ],
)
def test_a_code_that_does_nothing_says_why(fields: dict[str, Any], shopper: Shopper, reason: str, message: str) -> None:
    offer = promotion(percent=10, code="CODE", **fields)
    basket = priced([line(2160, 2, product_type="dress")], offer, codes=(" code ",), shopper=shopper)
    assert not basket.applied
    assert [(one.reason, one.message) for one in basket.rejected] == [(reason, message)]


def test_an_unknown_code_is_named_short() -> None:
    (rejected,) = priced([line(100)], codes=("x" * 500, "  ")).rejected
    assert (rejected.reason, rejected.promotion_id) == ("unknown_code", None)
    assert rejected.message == f"{'X' * 39}…: no such code"


def test_a_code_for_what_is_free_already_has_no_effect() -> None:
    basket = priced([line(9000)], promotion("free_shipping", code="FREESHIP"), codes=("FREESHIP",), shipping=DELIVERY)
    assert basket.rejected[0].reason == "no_effect"
    assert basket.rejected[0].message == "FREESHIP: nothing is left to pay for delivery"


def test_of_two_promotions_under_one_code_the_nearest_is_named_and_one_at_work_is_enough() -> None:
    past = promotion(percent=20, code="SALE", ends_at=NOW)
    now = promotion(percent=20, promotion_id="b", code="SALE", minimum_minor=5000)
    assert [one.reason for one in priced([line(1000)], past, now, codes=("SALE",)).rejected] == ["minimum_not_met"]
    assert not priced([line(5000)], past, now, codes=("SALE",)).rejected


def test_the_window_takes_in_its_first_moment_and_leaves_out_its_end() -> None:
    offer = promotion(percent=10, starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    assert priced([line(100)], offer, now=NOW).applied
    assert not priced([line(100)], offer, now=NOW - timedelta(microseconds=1)).applied
    assert not priced([line(100)], offer, now=NOW + timedelta(hours=1)).applied


def test_an_automatic_promotion_is_named_only_when_its_minimum_is_in_reach() -> None:
    offer = promotion("threshold", minimum_minor=5000, amount_minor=500)
    assert not priced([line(2499)], offer).rejected
    near = priced([line(4300)], offer)
    assert [one.message for one in near.rejected] == ["Offer a: minimum 50.00 EUR, you are at 43.00 EUR"]
    assert [(one.missing_minor, one.saves_minor) for one in near.top_ups] == [(700, 500)]


def test_free_delivery_of_the_shop_is_a_top_up_while_delivery_is_paid() -> None:
    basket = priced([line(4300)], shipping=DELIVERY)
    assert [(one.promotion_id, one.missing_minor, one.saves_minor) for one in basket.top_ups] == [("delivery", 700, 495)]
    assert not priced([line(4300)], promotion("free_shipping"), shipping=DELIVERY).top_ups


def test_a_top_up_that_would_only_replace_another_offer_says_what_it_saves_beyond_it() -> None:
    standing = promotion(percent=10, promotion_id="b", promotion_class="order")
    near = promotion("threshold", minimum_minor=5000, amount_minor=1000, promotion_class="order")
    assert [one.saves_minor for one in priced([line(4500)], standing, near).top_ups] == [1000 - 450]


def test_an_empty_basket_costs_nothing_and_is_not_delivered() -> None:
    basket = priced([], promotion(percent=10, code="CODE"), codes=("CODE",), shipping=DELIVERY)
    assert (basket.total_minor, basket.shipping_minor) == (0, 0)
    assert [one.reason for one in basket.rejected] == ["not_in_scope"]


@pytest.mark.parametrize(("price", "currency", "found"), [(None, "EUR", "no price"), (100, "USD", "a price in USD")])
def test_a_basket_refuses_what_it_cannot_price(price: int | None, currency: str, found: str) -> None:
    with pytest.raises(UnpricedProduct, match=f"p1 has {found}"):
        priced([line(price, currency=currency)])


def test_amounts_beyond_int64_products_are_still_exact() -> None:
    huge = 10**12
    basket = priced([line(huge, 99), line(huge - 1, 99)], promotion("threshold", minimum_minor=1, amount_minor=huge - 1))
    assert sum(part for _, part in shares(basket)) == basket.discount_minor == huge - 1


def test_one_piece_alone_takes_the_best_automatic_item_offer() -> None:
    offers = [
        promotion(percent=20, promotion_id="sale", scope=Scope(categories=("shoes",))),
        promotion("amount", amount_minor=700, promotion_id="less"),
        promotion(percent=90, promotion_id="code", code="CODE"),
        promotion(percent=90, promotion_id="first", first_order=True),
        promotion(percent=90, promotion_id="members", members_only=True),
        promotion(percent=90, promotion_id="minimum", minimum_minor=1),
        promotion(percent=90, promotion_id="two", minimum_quantity=2),
        promotion(percent=90, promotion_id="once", once_per_customer=True),
        promotion(percent=90, promotion_id="order", promotion_class="order"),
        promotion(percent=90, promotion_id="past", ends_at=NOW),
        promotion("buy_x_get_y", promotion_id="pair", percent=100, buy_quantity=1, get_quantity=1),
    ]
    unit = unit_offer(item(7995, product_type="sneakers"), offers, NOW, WORDS)
    assert unit is not None
    assert unit.offer is not None
    assert (unit.offer.promotion_id, unit.price.amount_minor) == ("sale", 6396)
    assert unit.offer.allocations == ((0, 1599),)


def test_a_capped_offer_keeps_its_cap_on_one_piece() -> None:
    unit = unit_offer(item(10_000), [promotion(percent=50, cap_minor=1000)], NOW, WORDS)
    assert unit is not None
    assert unit.price.amount_minor == 9000


def test_a_piece_without_offer_costs_its_price_and_one_without_price_has_none() -> None:
    unit = unit_offer(item(500), [], NOW, WORDS)
    assert unit is not None
    assert (unit.price.amount_minor, unit.offer) == (500, None)
    assert unit_offer(item(None), [promotion(percent=10)], NOW, WORDS) is None
