"""Properties of whole baskets, and the engine against a second, plain reading of the rules that tries every combinable set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import chain, combinations
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_data.schema import Money, Product, Promotion, PromotionClass, Scope, Shipping
from catalog_data.vocabulary import Vocabulary
from retrieval.promotions import price_basket, unit_offer
from retrieval.schema import BasketLine, PricedBasket, Shopper

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
WORDS = Vocabulary({})
Rank = tuple[int, int, tuple[tuple[int, str], ...]]
BRANDS = ("Aldena", "Brook", "Corda")
CLASSES: tuple[PromotionClass, ...] = ("item", "order", "shipping")
RECEIPT_KINDS = ("item", "subtotal", "discount", "shipping", "total")


def class_name(promotion: Promotion) -> str:
    return "shipping" if promotion.kind == "free_shipping" else promotion.promotion_class


def combinable(promotions: Sequence[Promotion]) -> bool:
    return all(class_name(a) in b.combines_with and class_name(b) in a.combines_with for a, b in combinations(promotions, 2))


def stage(promotion: Promotion) -> int:
    if class_name(promotion) == "shipping":
        return 2
    on_order = promotion.promotion_class == "order" and promotion.kind in ("percent", "amount")
    return 1 if promotion.kind == "threshold" or promotion.cap_minor or on_order else 0


def half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def lines_in_scope(lines: Sequence[BasketLine], promotion: Promotion) -> list[int]:
    """Only the parts of a scope that the tests draw: brands, and reduced items left out."""
    found = []
    for index, line in enumerate(lines):
        product, scope = line.product, promotion.scope
        assert product.price is not None
        reduced = product.list_price is not None and product.list_price.amount_minor > product.price.amount_minor
        wanted = not scope.brands or product.brand in scope.brands
        if wanted and product.brand not in scope.excluded_brands and not (scope.excludes_reduced and reduced):
            found.append(index)
    return found


def reduced_pieces(lines: Sequence[BasketLine], promotion: Promotion) -> list[int]:
    """For each line, how many of its pieces a buy_x_get_y reduces."""
    assert promotion.buy_quantity
    assert promotion.get_quantity
    tags = [(price(lines[line]), line) for line in lines_in_scope(lines, promotion) for _ in range(lines[line].quantity)]
    tags.sort(key=lambda tag: -tag[0])
    size, counts = promotion.buy_quantity + promotion.get_quantity, [0] * len(lines)
    while len(tags) >= size:
        group, tags = tags[:size], tags[size:]
        for _, line in group[promotion.buy_quantity :]:
            counts[line] += 1
    return counts


def price(line: BasketLine) -> int:
    assert line.product.price is not None
    return line.product.price.amount_minor


def share(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    if not total:
        return [0] * len(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [int(part) for part in exact]
    for place in sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))[: total - sum(parts)]:
        parts[place] += 1
    return parts


def off_pieces(promotion: Promotion, lines: Sequence[BasketLine], pieces: list[list[int]]) -> list[list[int]]:
    off = [[0] * len(line) for line in pieces]
    for index in lines_in_scope(lines, promotion):
        for place, left in enumerate(pieces[index]):
            if promotion.kind == "buy_x_get_y" and not reduced_here(lines, promotion, index, place):
                continue
            if promotion.kind == "amount":
                off[index][place] = min(left, promotion.amount_minor or 0)
            else:
                off[index][place] = half_up(Fraction(left * (promotion.percent or 0), 100))
    return off


def reduced_here(lines: Sequence[BasketLine], promotion: Promotion, index: int, place: int) -> bool:
    """True when the piece at `place` of line `index` is among the cheapest of its group."""
    tags = [(line, piece) for line in lines_in_scope(lines, promotion) for piece in range(lines[line].quantity)]
    tags.sort(key=lambda tag: -price(lines[tag[0]]))
    size = (promotion.buy_quantity or 0) + (promotion.get_quantity or 0)
    rank = tags.index((index, place))
    return rank < len(tags) - len(tags) % size and rank % size >= (promotion.buy_quantity or 0)


def off_sum(promotion: Promotion, lines: Sequence[BasketLine], left: list[int]) -> list[int]:
    scope = lines_in_scope(lines, promotion)
    weights = [left[i] if i in scope else 0 for i in range(len(lines))]
    if promotion.kind == "buy_x_get_y":
        counts = reduced_pieces(lines, promotion)
        weights = [
            half_up(Fraction(weights[i] * counts[i] * (promotion.percent or 0), 100 * lines[i].quantity))
            for i in range(len(lines))
        ]
        wanted = sum(weights)
    elif promotion.kind == "amount" and promotion.promotion_class == "item":
        weights = [min(weights[i], (promotion.amount_minor or 0) * lines[i].quantity) for i in range(len(lines))]
        wanted = sum(weights)
    elif promotion.kind == "amount" or promotion.percent is None:
        wanted = min(sum(weights), promotion.amount_minor or 0)
    else:
        wanted = half_up(Fraction(sum(weights) * promotion.percent, 100))
    return share(min(wanted, promotion.cap_minor or wanted), weights)


def off_delivery(promotion: Promotion, left: int) -> int:
    if promotion.kind == "free_shipping":
        return left
    fixed = promotion.kind == "amount" or promotion.percent is None
    off = min(left, promotion.amount_minor or 0) if fixed else half_up(Fraction(left * (promotion.percent or 0), 100))
    return min(off, promotion.cap_minor or off)


def total_of(lines: Sequence[BasketLine], chosen: Sequence[Promotion], delivery: int) -> int:
    """What a basket comes to when exactly `chosen` are applied."""
    pieces = [[price(line)] * line.quantity for line in lines]
    ordered = sorted(chosen, key=lambda p: (stage(p), p.priority, p.promotion_id))
    for promotion in (p for p in ordered if stage(p) == 0):
        off = off_pieces(promotion, lines, pieces)
        pieces = [[left - less for left, less in zip(*pair, strict=True)] for pair in zip(pieces, off, strict=True)]
    left = [sum(line) for line in pieces]
    for promotion in (p for p in ordered if stage(p) == 1):
        left = [amount - less for amount, less in zip(left, off_sum(promotion, lines, left), strict=True)]
    for promotion in (p for p in ordered if stage(p) == 2):
        delivery -= off_delivery(promotion, delivery)
    return sum(left) + delivery


def meets_minimum(lines: Sequence[BasketLine], promotion: Promotion) -> bool:
    scope = lines_in_scope(lines, promotion)
    pieces = sum(lines[i].quantity for i in scope)
    group = (promotion.buy_quantity or 0) + (promotion.get_quantity or 0) if promotion.kind == "buy_x_get_y" else 1
    spent = sum(price(lines[i]) * lines[i].quantity for i in scope)
    return pieces >= max(group, promotion.minimum_quantity or 1) and spent >= (promotion.minimum_minor or 0)


def exhaustive(lines: Sequence[BasketLine], promotions: Sequence[Promotion], delivery: int) -> Rank:
    """The best over every combinable set: total, how many promotions, which."""
    held = [promotion for promotion in promotions if meets_minimum(lines, promotion)]
    sets = chain.from_iterable(combinations(held, size) for size in range(len(held) + 1))
    return min(
        (total_of(lines, chosen, delivery), len(chosen), tuple(sorted((p.priority, p.promotion_id) for p in chosen)))
        for chosen in sets
        if combinable(chosen)
    )


@st.composite
def a_line(draw: st.DrawFn, index: int = 0) -> BasketLine:
    price = draw(st.one_of(st.integers(0, 30), st.integers(0, 12_000)))
    above = draw(st.sampled_from((None, None, 0, 500)))
    product = Product(
        product_id=f"item-{index}",
        title=f"Item {index}",
        brand=draw(st.sampled_from(BRANDS)),
        price=Money(amount_minor=price, currency="EUR"),
        list_price=None if above is None else Money(amount_minor=price + above, currency="EUR"),
    )
    return BasketLine(product=product, quantity=draw(st.integers(1, 4)))


@st.composite
def baskets(draw: st.DrawFn, least: int = 1, most: int = 5) -> tuple[BasketLine, ...]:
    return tuple(draw(a_line(index)) for index in range(draw(st.integers(least, most))))


@st.composite
def a_promotion(draw: st.DrawFn, index: int = 0, coded: bool = False) -> Promotion:
    kind = draw(st.sampled_from(("percent", "amount", "buy_x_get_y", "threshold", "free_shipping")))
    percent = draw(st.sampled_from((5, 7, 10, 15, 33, 50, 100)))
    amount = draw(st.one_of(st.integers(1, 40), st.integers(1, 3_000)))
    fields: dict[str, Any] = {
        "percent": {"percent": percent},
        "amount": {"amount_minor": amount},
        "buy_x_get_y": {"percent": percent, "buy_quantity": draw(st.integers(1, 3)), "get_quantity": draw(st.integers(1, 2))},
        "threshold": {
            "minimum_minor": draw(st.integers(1, 10_000)),
            **draw(st.sampled_from(({"percent": percent}, {"amount_minor": amount}))),
        },
        "free_shipping": {},
    }[kind]
    scope = Scope(
        brands=draw(st.sampled_from(((), (), ("Aldena",), ("Brook", "Corda")))),
        excluded_brands=draw(st.sampled_from(((), (), ("Corda",)))),
        excludes_reduced=draw(st.booleans()),
    )
    if draw(st.integers(0, 3)) == 0:
        fields["cap_minor"] = draw(st.integers(1, 2_000))
    if draw(st.integers(0, 3)) == 0:
        fields["minimum_quantity"] = draw(st.integers(1, 6))
    return Promotion.model_validate(
        {
            "promotion_id": f"promo-{index}",
            "title": f"Promotion {index}",
            "kind": kind,
            "promotion_class": draw(st.sampled_from(CLASSES)),
            "scope": scope,
            "combines_with": draw(st.one_of(st.just(CLASSES), st.lists(st.sampled_from(CLASSES), unique=True).map(tuple))),
            "priority": draw(st.integers(1, 4)),
            "code": f"CODE{index}" if coded and draw(st.booleans()) else None,
            **fields,
        }
    )


@st.composite
def promotion_lists(draw: st.DrawFn, most: int = 5, coded: bool = False) -> tuple[Promotion, ...]:
    return tuple(draw(a_promotion(index, coded)) for index in range(draw(st.integers(0, most))))


shipping_terms = st.one_of(
    st.none(),
    st.builds(Shipping, standard_minor=st.integers(0, 900), free_from_minor=st.one_of(st.none(), st.integers(0, 20_000))),
)


def item(product_id: str, price_minor: int, brand: str, list_minor: int | None = None) -> Product:
    return Product(
        product_id=product_id,
        title=product_id.title(),
        brand=brand,
        price=Money(amount_minor=price_minor, currency="EUR"),
        list_price=None if list_minor is None else Money(amount_minor=list_minor, currency="EUR"),
    )


def random_line(random: Random, index: int) -> BasketLine:
    """Prices of a few cents as often as real ones: that is where rounding bites."""
    cents = random.choice((random.randint(0, 30), random.randint(100, 12_000)))
    listed = cents + 500 if random.random() < 0.2 else None
    return BasketLine(product=item(f"item-{index}", cents, random.choice(BRANDS), listed), quantity=random.randint(1, 3))


def random_promotion(random: Random, index: int) -> Promotion:
    """Mostly combinable, so that the order of application and the sharing are put to work."""
    kind = random.choice(("percent", "amount", "buy_x_get_y", "threshold", "free_shipping"))
    percent, amount = random.choice((5, 7, 10, 15, 33, 50, 100)), random.choice((3, 17, 250, 1_000))
    fields: dict[str, Any] = {
        "percent": {"percent": percent},
        "amount": {"amount_minor": amount},
        "buy_x_get_y": {"percent": percent, "buy_quantity": random.randint(1, 2), "get_quantity": random.randint(1, 2)},
        "threshold": {"minimum_minor": 1, **random.choice(({"percent": percent}, {"amount_minor": amount}))},
        "free_shipping": {},
    }[kind]
    some = tuple(name for name in CLASSES if random.random() < 0.7)
    return Promotion.model_validate(
        {
            "promotion_id": f"promo-{index}",
            "title": f"Promotion {index}",
            "kind": kind,
            "promotion_class": random.choice(("item", "item", "order", "order", "shipping")),
            "scope": Scope(brands=random.choice(((), ("Aldena",), ("Brook", "Corda"))), excludes_reduced=random.random() < 0.2),
            "combines_with": random.choice((CLASSES, some)),
            "priority": random.randint(1, 3),
            "cap_minor": random.choice((None, None, 5, 300)),
            **fields,
        }
    )


def priced(
    lines: Sequence[BasketLine],
    promotions: Sequence[Promotion],
    shipping: Shipping | None = None,
    codes: Sequence[str] | None = None,
) -> PricedBasket:
    given_codes = [p.code for p in promotions if p.code is not None] if codes is None else codes
    return price_basket(lines, promotions, given_codes, NOW, Shopper(), shipping, "EUR", WORDS)


def rank_of(basket: PricedBasket) -> Rank:
    keys = tuple(sorted((offer.priority, offer.promotion_id) for offer in basket.applied))
    return basket.total_minor, len(basket.applied), keys


@settings(max_examples=150, deadline=None)
@given(baskets(), promotion_lists(), shipping_terms)
def test_the_combination_equals_exhaustive_search(
    lines: tuple[BasketLine, ...], promotions: tuple[Promotion, ...], shipping: Shipping | None
) -> None:
    basket = priced(lines, promotions, shipping)
    assert rank_of(basket) == exhaustive(lines, promotions, basket.shipping_minor)


def test_thousands_of_seeded_baskets_equal_exhaustive_search() -> None:
    random = Random(20261127)
    for _ in range(2_000):
        lines = [random_line(random, index) for index in range(random.randint(1, 4))]
        promotions = [random_promotion(random, index) for index in range(random.randint(2, 5))]
        shipping = Shipping(standard_minor=random.choice((0, 495)))
        basket = priced(lines, promotions, shipping)
        assert rank_of(basket) == exhaustive(lines, promotions, basket.shipping_minor), (lines, promotions)


@settings(max_examples=100, deadline=None)
@given(baskets(least=0), promotion_lists(most=6, coded=True), shipping_terms, st.booleans())
def test_the_books_balance(
    lines: tuple[BasketLine, ...], promotions: tuple[Promotion, ...], shipping: Shipping | None, with_codes: bool
) -> None:
    basket = priced(lines, promotions, shipping, codes=None if with_codes else [])
    assert 0 <= basket.total_minor <= basket.subtotal_minor + basket.shipping_minor
    assert basket.total_minor == basket.subtotal_minor - basket.discount_minor + basket.shipping_minor
    for offer in basket.applied:
        assert offer.amount_minor > 0
        if offer.promotion_class != "shipping":
            assert sum(part for _, part in offer.allocations) == offer.amount_minor
    for index, line in enumerate(lines):
        parts = [part for offer in basket.applied for place, part in offer.allocations if place == index]
        assert all(part > 0 for part in parts)
        assert sum(parts) <= price(line) * line.quantity
    amounts = {kind: sum(row.amount_minor for row in basket.receipt if row.kind == kind) for kind in RECEIPT_KINDS}
    assert amounts["item"] == amounts["subtotal"] == basket.subtotal_minor
    assert amounts["subtotal"] + amounts["discount"] + amounts["shipping"] == amounts["total"] == basket.total_minor


@settings(max_examples=80, deadline=None)
@given(baskets(), promotion_lists(most=6, coded=True), shipping_terms, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(
    lines: tuple[BasketLine, ...], promotions: tuple[Promotion, ...], shipping: Shipping | None, random: Random
) -> None:
    codes = [p.code for p in promotions if p.code is not None] + ["NO-SUCH"]
    basket = priced(lines, promotions, shipping, codes)
    shuffled = random.sample(promotions, len(promotions))
    again = [f" {code.lower()} " for code in random.sample(codes, len(codes))] + codes[:1]
    assert priced(lines, shuffled, shipping, again) == basket
    assert priced(basket.lines, promotions, shipping, codes) == basket


@settings(max_examples=100, deadline=None)
@given(baskets(), promotion_lists(most=6), a_promotion(99), shipping_terms)
def test_one_promotion_more_never_costs_the_shopper(
    lines: tuple[BasketLine, ...], promotions: tuple[Promotion, ...], another: Promotion, shipping: Shipping | None
) -> None:
    assert priced(lines, (*promotions, another), shipping).total_minor <= priced(lines, promotions, shipping).total_minor


@settings(max_examples=80, deadline=None)
@given(baskets(), promotion_lists(most=6, coded=True), shipping_terms)
def test_every_code_is_either_at_work_or_rejected(
    lines: tuple[BasketLine, ...], promotions: tuple[Promotion, ...], shipping: Shipping | None
) -> None:
    codes = {p.code for p in promotions if p.code is not None}
    basket = priced(lines, promotions, shipping)
    working = {offer.code for offer in basket.applied if offer.code is not None}
    rejected = {offer.code for offer in basket.rejected if offer.code is not None}
    assert working | rejected == codes
    assert not working & rejected


@settings(max_examples=150, deadline=None)
@given(baskets(most=4), promotion_lists(most=5, coded=True), shipping_terms)
def test_a_top_up_saves_at_least_what_it_says(
    lines: tuple[BasketLine, ...], promotions: tuple[Promotion, ...], shipping: Shipping | None
) -> None:
    basket = priced(lines, promotions, shipping)
    for top_up in basket.top_ups:
        brands = next((p.scope.brands for p in promotions if p.promotion_id == top_up.promotion_id), ())
        more = BasketLine(product=item("more", top_up.missing_minor, (brands or ("Brook",))[0]), quantity=1)
        topped = priced((*lines, more), promotions, shipping)
        assert topped.total_minor <= basket.total_minor + top_up.missing_minor - top_up.saves_minor


@settings(max_examples=150, deadline=None)
@given(a_line(), promotion_lists(most=6, coded=True))
def test_a_piece_never_costs_more_in_the_basket_than_on_its_card(line: BasketLine, promotions: tuple[Promotion, ...]) -> None:
    one = line.model_copy(update={"quantity": 1})
    offer = unit_offer(line.product, promotions, NOW, WORDS)
    assert offer is not None
    assert priced([one], promotions, codes=[]).total_minor <= offer.price.amount_minor
    if offer.offer is not None:
        assert offer.offer.amount_minor == price(one) - offer.price.amount_minor > 0
