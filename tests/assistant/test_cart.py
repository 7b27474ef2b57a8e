"""The basket's rules: what each change does, what is said of it, and what holds after any changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from assistant.cart import (
    MOST_CODES,
    MOST_LINES,
    MOST_PIECES,
    apply,
    code_of,
    left_out,
    lines_of,
    of_codes,
    own_sizes,
    size_names,
    sizes_to_choose,
    targets,
    without_dead_codes,
    without_refusals,
)
from assistant.schema import ME, BasketChange, Cart, CartLine, Preference, Profile
from catalog_data.schema import Product, SizeStock
from retrieval.promotions import price_basket
from retrieval.schema import PricedBasket, Shopper
from tests.assistant.rule_shop import NOW, by_id, item, profile_of, sizes, small, vocabulary, wish

EMPTY = Cart()
DRESS, SHIFT, SUIT, PLAIN, SHOES, BAG, HAT, SOLD = (by_id()[f"i{n}"] for n in (1, 2, 4, 5, 6, 8, 11, 12))


def change(verb: str, **fields: object) -> BasketChange:
    return BasketChange.model_validate({"verb": verb} | fields)


def done(cart: Cart, verb: str, product: Product | None, profile: Profile | None = None, **fields: object) -> tuple[Cart, str]:
    return apply(cart, change(verb, **fields), product, own(product, profile or Profile()))


def own(product: Product | None, profile: Profile) -> tuple[SizeStock, ...]:
    return own_sizes(product, profile, ME, vocabulary())


def cart_of(*lines: tuple[Product, int, str | None], codes: tuple[str, ...] = ()) -> Cart:
    return Cart(lines=tuple(CartLine(product_id=p.product_id, quantity=n, size=size) for p, n, size in lines), codes=codes)


def held(cart: Cart) -> list[tuple[str, int, str | None]]:
    return [(line.product_id, line.quantity, line.size) for line in cart.lines]


def priced(cart: Cart, shopper: Shopper | None = None) -> PricedBasket:
    catalog = small()
    lines = lines_of(cart, catalog.by_id)
    shop = (catalog.manifest.shipping, catalog.manifest.currency, vocabulary())
    return price_basket(lines, catalog.promotions, cart.codes, NOW, shopper or Shopper(), *shop)


# ---------------------------------------------------------------- putting in


def test_an_item_without_sizes_goes_in_as_it_is() -> None:
    cart, said = done(EMPTY, "add", PLAIN)
    assert held(cart) == [("i5", 1, None)]
    assert cart.lines[0].price_minor == 3_900
    assert said == "In your basket now: Navy dress number 5."
    assert done(EMPTY, "add", PLAIN, size="M")[1].endswith("the shop gives no sizes for it.")


def test_a_size_is_asked_for_where_it_is_not_known() -> None:
    cart, said = done(EMPTY, "add", DRESS)
    assert cart == EMPTY
    assert said == "Which size of Red dress number 1 shall it be: S, M, L?"


@pytest.mark.parametrize("asked", ["M", "m", "M/L"])
def test_the_size_asked_for_is_put_in(asked: str) -> None:
    assert held(done(EMPTY, "add", DRESS, size=asked)[0]) == [("i1", 1, "M")]


def test_a_span_covers_its_sizes() -> None:
    assert held(done(EMPTY, "add", SHOES, size="39")[0]) == [("i6", 1, "39/40")]
    assert held(done(EMPTY, "add", item(50, "dress", "red", 1, sizes=sizes("2XL", "XL")), size="XXL")[0]) == [("i50", 1, "2XL")]


def test_a_size_that_is_not_there_is_said_with_those_that_are() -> None:
    cart, said = done(EMPTY, "add", DRESS, size="XXL")
    assert cart == EMPTY
    assert said == "In XXL there is no Red dress number 1; there is S, M, L."
    assert done(EMPTY, "add", SOLD) == (EMPTY, "Sold out: Red beanie number 12.")
    assert done(EMPTY, "add", SOLD, size="M") == (EMPTY, "Sold out: Red beanie number 12.")


def test_one_size_needs_no_words() -> None:
    cart, said = done(EMPTY, "add", BAG)
    assert held(cart) == [("i8", 1, "One size")]
    assert said == "In your basket now: Red handbag number 8."


def test_the_shoppers_own_size_is_taken_where_the_item_has_it() -> None:
    own = profile_of(wish("size", "38", size_system="eu_shoe"), wish("size", "M", size_system="alpha"))
    assert held(done(EMPTY, "add", DRESS, own)[0]) == [("i1", 1, "M")]
    assert held(done(EMPTY, "add", SHOES, own)[0]) == [("i6", 1, "38")]


def test_a_shoe_size_is_no_dress_size() -> None:
    shoes_only = profile_of(wish("size", "38", size_system="eu_shoe"))
    cart, said = done(EMPTY, "add", SUIT, shoes_only)
    assert cart == EMPTY
    assert "38, 40" in said


@pytest.mark.parametrize("fields", [{"polarity": "dislike"}, {"scope": "sister"}])
def test_a_refused_size_and_another_persons_are_not_taken(fields: dict[str, str]) -> None:
    assert done(EMPTY, "add", DRESS, profile_of(wish("size", "M", **fields)))[0] == EMPTY


def test_an_item_without_a_price_cannot_go_in() -> None:
    assert done(EMPTY, "add", HAT) == (EMPTY, f"The shop gives no price for {HAT.title}, so it cannot be put in the basket.")


def test_more_of_the_same_joins_its_line() -> None:
    cart, said = done(cart_of((DRESS, 1, "M"), (PLAIN, 1, None)), "add", DRESS, size="M", quantity=2)
    assert held(cart) == [("i1", 3, "M"), ("i5", 1, None)]
    assert said == "In your basket now: 3 × Red dress number 1 in M."
    assert held(done(cart, "add", DRESS, size="S")[0])[-1] == ("i1", 1, "S")


def test_never_more_than_there_is_nor_than_a_basket_holds() -> None:
    two = cart_of((SHIFT, 2, "M"))
    assert done(two, "add", SHIFT, size="M") == (
        two, "Of Blue dress number 2 in M only 2 can be had; your basket stays as it was."
    )  # fmt: skip
    full = cart_of((PLAIN, MOST_PIECES, None))
    assert done(full, "add", PLAIN)[0] == full
    assert str(MOST_PIECES) in done(full, "add", PLAIN)[1]


def test_a_basket_has_a_bounded_number_of_lines() -> None:
    many = Cart(lines=tuple(CartLine(product_id=f"x{n}", quantity=1) for n in range(MOST_LINES - 1)))
    full, _ = done(many, "add", PLAIN)
    assert len(full.lines) == MOST_LINES
    refused, said = done(full, "add", BAG)
    assert refused == full
    assert str(MOST_LINES) in said
    assert done(full, "add", PLAIN)[0].lines[-1].quantity == 2, "a line that is there may grow"


# ---------------------------------------------------------------- taking out, altering


def test_taking_out() -> None:
    cart = cart_of((DRESS, 1, "M"), (PLAIN, 2, None), (DRESS, 1, "S"), codes=("BAG15",))
    assert held(done(cart, "remove", DRESS)[0]) == [("i5", 2, None)]
    assert done(cart, "remove", DRESS)[1] == "Taken out of your basket: Red dress number 1."
    assert held(done(cart, "remove", DRESS, size="S")[0]) == [("i1", 1, "M"), ("i5", 2, None)]
    assert done(cart, "remove", BAG) == (cart, "Your basket does not hold Red handbag number 8.")


def test_emptying_keeps_the_codes() -> None:
    cart = cart_of((DRESS, 1, "M"), codes=("BAG15",))
    assert done(cart, "clear", None) == (Cart(codes=("BAG15",)), "Your basket is empty now.")
    assert done(EMPTY, "clear", None)[1] == "Your basket was empty already."


def test_another_quantity_or_size() -> None:
    cart = cart_of((DRESS, 1, "M"), (PLAIN, 1, None))
    assert held(done(cart, "set_quantity", DRESS, quantity=3)[0]) == [("i5", 1, None), ("i1", 3, "M")]
    assert held(done(cart, "set_quantity", DRESS, quantity=0)[0]) == [("i5", 1, None)]
    assert held(done(cart, "set_size", DRESS, size="L")[0]) == [("i5", 1, None), ("i1", 1, "L")]
    assert done(cart, "set_size", DRESS, size="XXL") == (cart, "In XXL there is no Red dress number 1; there is S, M, L.")
    assert done(cart, "set_quantity", DRESS, quantity=6)[0] == cart, "five are left"
    assert done(cart, "set_size", BAG, size="L") == (cart, "Your basket does not hold Red handbag number 8.")


def test_of_two_sizes_the_one_put_in_last_is_altered() -> None:
    cart = cart_of((DRESS, 1, "M"), (DRESS, 2, "S"))
    assert held(done(cart, "set_quantity", DRESS, quantity=0)[0]) == [("i1", 1, "M")]
    assert held(done(cart, "set_size", DRESS, size="M")[0]) == [("i1", 3, "M")], "joined, and no piece lost"


@pytest.mark.parametrize("verb", ["add", "remove", "set_quantity", "set_size"])
def test_an_unknown_item_is_asked_for(verb: str) -> None:
    cart, said = done(cart_of((DRESS, 1, "M")), verb, None)
    assert held(cart) == [("i1", 1, "M")]
    assert "which item" in said


def test_looking_changes_nothing() -> None:
    assert done(cart_of((DRESS, 1, "M")), "show", None) == (cart_of((DRESS, 1, "M")), "")


# ---------------------------------------------------------------- codes


def test_a_code_is_kept_once_and_in_capitals() -> None:
    cart, said = done(EMPTY, "apply_code", None, code=" welcome10 ")
    assert (cart.codes, said) == (("WELCOME10",), "")
    assert done(cart, "apply_code", None, code="WELCOME10") == (cart, "")
    assert done(cart, "apply_code", None)[1].startswith("I did not see which code")
    assert code_of(change("apply_code", code=" x1 ")) == "X1"
    assert code_of(change("show")) == ""


def test_sizes_to_choose_from_where_one_must_be_named() -> None:
    medium = profile_of(wish("size", "M"))
    either = profile_of(wish("size", "L"), wish("size", "M"))
    assert sizes_to_choose(change("add"), DRESS, ()) == ("S", "M", "L")
    assert sizes_to_choose(change("add", size="XXL"), DRESS, ()) == ("S", "M", "L")
    assert sizes_to_choose(change("add"), DRESS, own(DRESS, either)) == ("M", "L"), "only between hers"
    assert done(EMPTY, "add", DRESS, either) == (EMPTY, "Which size of Red dress number 1 shall it be: M, L?")
    assert held(done(EMPTY, "add", SHIFT, either)[0]) == [("i2", 1, "M")], "of hers it has one"
    known = ((change("add", size="M"), DRESS, Profile()), (change("add"), DRESS, medium), (change("add"), BAG, Profile()))
    hopeless = ((change("add"), HAT, Profile()), (change("add"), SOLD, Profile()), (change("add"), PLAIN, Profile()))
    for asked, product, profile in (*known, *hopeless, (change("remove"), DRESS, Profile()), (change("add"), None, Profile())):
        assert sizes_to_choose(asked, product, own(product, profile)) == ()


@pytest.mark.parametrize(
    ("wishes", "product", "labels"),
    [
        ((wish("size", "M"),), SUIT, ["40"]),
        ((wish("size", "42", size_system="eu"),), DRESS, ["M"]),
        ((wish("size", "S"), wish("size", "L", category="dress")), DRESS, ["L"]),
        ((wish("size", "S"), wish("size", "L", category="clothing")), DRESS, ["L"]),
        ((wish("size", "S"), wish("size", "L", category="tops")), DRESS, ["S"]),
        ((wish("size", "L", category="tops"),), DRESS, []),
        ((wish("size", "S"), wish("size", "42", size_system="eu")), DRESS, ["S"]),
        ((wish("size", "M"),), BAG, []),
        ((wish("size", "39", size_system="eu_shoe"), wish("size", "M")), SHOES, ["39/40"]),
    ],
)
def test_her_own_sizes_are_those_of_the_kind_then_of_the_labels_system_then_of_the_table(
    wishes: tuple[Preference, ...], product: Product, labels: list[str]
) -> None:
    assert [size.label for size in own(product, profile_of(*wishes))] == labels


def test_a_code_given_with_another_change_is_kept_as_well() -> None:
    cart, said = done(EMPTY, "add", PLAIN, code="welcome10")
    assert (held(cart), cart.codes) == ([("i5", 1, None)], ("WELCOME10",))
    assert said == "In your basket now: Navy dress number 5."
    cart, said = done(EMPTY, "add", DRESS, code="welcome10")
    assert (cart.lines, cart.codes) == ((), ("WELCOME10",)), "the size is still to be named"
    assert done(cart, "remove", PLAIN, code="  ")[1].endswith(
        "I did not see which code you mean; write it as it was given to you."
    )


def test_codes_are_bounded() -> None:
    cart = Cart(codes=tuple(f"CODE{n}" for n in range(MOST_CODES)))
    refused, said = done(cart, "apply_code", None, code="ONEMORE")
    assert refused == cart
    assert "ONEMORE was not added" in said


def test_a_code_that_can_never_work_is_answered_and_not_kept() -> None:
    cart = Cart(codes=("WELCOME10", "BAG15", "SUMMER20", "NONSENSE"))
    answers = of_codes(cart.codes, priced(cart))
    assert answers[:2] == ("I keep the code WELCOME10 for your basket.", "I keep the code BAG15 for your basket.")
    assert answers[2].startswith("SUMMER20: ended 8 September 2026")
    assert answers[3] == "NONSENSE: no such code."
    assert without_dead_codes(cart, priced(cart)).codes == ("WELCOME10", "BAG15")
    assert {offer.code for offer in without_refusals(priced(cart)).rejected} <= {None}
    known = priced(cart, Shopper(first_order=False))
    assert without_dead_codes(cart, known).codes == ("BAG15",)


def test_a_code_for_other_things_waits() -> None:
    cart = cart_of((PLAIN, 1, None), codes=("BAG15",))
    assert [offer.reason for offer in priced(cart).rejected if offer.code] == ["not_in_scope"]
    assert without_dead_codes(cart, priced(cart)).codes == ("BAG15",)


# ---------------------------------------------------------------- what can be priced


def test_lines_without_a_price_or_an_item_are_left_out_and_said() -> None:
    gone = CartLine(product_id="gone", quantity=1)
    cart = Cart(lines=(*cart_of((HAT, 1, None), (PLAIN, 2, None)).lines, gone, gone))
    assert [(line.product.product_id, line.quantity) for line in lines_of(cart, by_id())] == [("i5", 2)]
    assert left_out(cart, by_id()) == (
        f"The shop gives no price for {HAT.title}; it is not in the sum.",
        "An item of your basket is no longer in the shop; it is not in the sum.",
    )
    assert left_out(cart_of((PLAIN, 1, None)), by_id()) == ()


def test_what_a_change_is_about() -> None:
    one, two = cart_of((DRESS, 1, "M"), (DRESS, 1, "S")), cart_of((DRESS, 1, "M"), (PLAIN, 1, None))
    remove = change("remove")
    assert targets(one, remove, ("i5", "i6")) == ("i5", "i6")
    assert targets(one, remove, ()) == ("i1",), "the one thing that is in it"
    assert targets(two, remove, ()) == targets(EMPTY, remove, ()) == (None,)
    assert targets(two, remove, ("i6", "i5", "i7")) == ("i5",), "of the four shoes on screen the one that is in the basket"
    assert targets(two, change("add"), ("i6", "i5")) == ("i6", "i5")
    for verb in ("show", "clear", "apply_code"):
        assert targets(one, change(verb), ("i5", "i6")) == (None,)


def test_sizes_in_stock() -> None:
    stocked = item(60, "dress", "red", 1, sizes=(*sizes("S", stock=0), *sizes("M"), SizeStock(system="alpha", label="L")))
    assert size_names(stocked) == ("M", "L")


# ---------------------------------------------------------------- any changes

CHANGES: SearchStrategy[tuple[str, BasketChange]] = st.tuples(
    st.sampled_from(sorted(by_id())),
    st.builds(
        BasketChange,
        verb=st.sampled_from(("add", "add", "add", "remove", "set_quantity", "set_size", "show", "clear", "apply_code")),
        quantity=st.none() | st.integers(0, 99),
        size=st.none() | st.sampled_from(("S", "M", "L", "38", "39", "39/40", "One size", "XXL", "")),
        code=st.none() | st.sampled_from(("WELCOME10", "x", "  ")),
    ),
)
PROFILES = st.sampled_from((Profile(), profile_of(wish("size", "M")), profile_of(wish("size", "38", size_system="eu_shoe"))))


def stock_of(line: CartLine) -> float:
    product = by_id()[line.product_id]
    return next((size.stock for size in product.sizes if size.label == line.size and size.stock is not None), float("inf"))


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=25), PROFILES)
def test_whatever_is_done_the_basket_is_one_that_can_be_bought(steps: list[tuple[str, BasketChange]], profile: Profile) -> None:
    cart = EMPTY
    for product_id, step in steps:
        product = by_id()[product_id]
        after, said = apply(cart, step, product, own(product, profile))
        for line in after.lines:
            sold = by_id()[line.product_id]
            assert 1 <= line.quantity <= min(MOST_PIECES, stock_of(line))
            assert line.size in size_names(sold) if sold.sizes else line.size is None
            assert sold.price is not None
            assert line.price_minor == sold.price.amount_minor
        assert len({(line.product_id, line.size) for line in after.lines}) == len(after.lines)
        if step.verb != "clear":
            others = [line for line in cart.lines if line.product_id != product_id]
            assert [line for line in after.lines if line.product_id != product_id] == others, "no other line is touched"
        if after.lines == cart.lines and step.verb in ("add", "remove"):
            assert said
        assert cart.codes == after.codes[: len(cart.codes)]
        cart = after


@settings(deadline=None)
@given(
    st.lists(CHANGES, max_size=8), st.sampled_from(sorted(by_id())), st.integers(1, 5), st.sampled_from(("S", "M", "38", None))
)
def test_removing_undoes_adding(steps: list[tuple[str, BasketChange]], product_id: str, quantity: int, size: str | None) -> None:
    before = EMPTY
    for other_id, step in steps:
        if other_id != product_id:
            before = apply(before, step, by_id()[other_id], ())[0]
    added = done(before, "add", by_id()[product_id], quantity=quantity, size=size)[0]
    assert done(added, "remove", by_id()[product_id])[0] == before


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=12))
def test_altering_loses_no_piece(steps: list[tuple[str, BasketChange]]) -> None:
    """Another size is the same number of pieces of the same item."""
    cart = EMPTY
    for product_id, step in steps:
        after = apply(cart, step, by_id()[product_id], ())[0]
        if step.verb == "set_size" and step.quantity is None:
            assert sum(line.quantity for line in after.lines) == sum(line.quantity for line in cart.lines)
        cart = after
