"""Carrying out a plan on a small shop in which all is real but the embedder: what each action finds, and what the basket comes to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.actions import Outcome, Shop, Situation, perform, running
from assistant.plan import plan
from assistant.schema import (
    ME,
    Act,
    Action,
    AskAction,
    BasketChange,
    Cart,
    CartLine,
    ChatAction,
    CompareAction,
    DescribeAction,
    DialogueState,
    ExplainAction,
    HandoverAction,
    OffersAction,
    OutfitAction,
    PolicyAction,
    PriceAction,
    Profile,
    Results,
    SearchAction,
    Understanding,
)
from catalog_data.schema import Product
from retrieval.schema import Shopper
from tests.assistant.rule_shop import NOW, by_id, item, profile_of, small, small_shop, wish

DRESSES = profile_of(wish("category", "dress"))
SHOWN = DialogueState(turn=1, shown=("i1", "i2", "i3"))
FIRST_ORDER = Shopper(first_order=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with small_shop(tmp_path_factory.mktemp("small")) as made:
        yield made


def situation(
    profile: Profile | None = None,
    cart: Cart | None = None,
    state: DialogueState = SHOWN,
    shopper: Shopper = FIRST_ORDER,
    words: str = "",
) -> Situation:
    said = Understanding(text=words, acts=(Act(kind="search"),), query_text=words)
    return Situation(profile or Profile(), said, state, cart or Cart(), shopper, NOW)


def done(
    shop: Shop, *actions: Action, profile: Profile | None = None, cart: Cart | None = None, shopper: Shopper = FIRST_ORDER
) -> Outcome:
    return perform(actions, shop, situation(profile, cart, shopper=shopper))


def change(verb: str, *product_ids: str, **fields: object) -> PriceAction:
    return PriceAction(changes=(BasketChange.model_validate({"verb": verb} | fields),), product_ids=product_ids)


def line(product_id: str, quantity: int = 1, size: str | None = None) -> CartLine:
    return CartLine(product_id=product_id, quantity=quantity, size=size)


def ids(results: Results) -> list[str]:
    return [found.product.product_id for found in results.items]


# ---------------------------------------------------------------- finding


def test_a_search_brings_items_a_look_for_the_first_and_its_price(shop: Shop) -> None:
    profile = profile_of(wish("category", "dress"), wish("color", "red"))
    results = done(shop, SearchAction(), OutfitAction(), PriceAction(), profile=profile).results
    assert ids(results) == ["i1"]
    assert results.outfits[0].anchor.product_id == "i1"
    assert results.basket is not None
    assert [(held.product.product_id, held.quantity) for held in results.basket.lines] == [("i1", 1)]
    assert not results.basket_is_cart


def test_children_have_their_own_dresses(shop: Shop) -> None:
    assert "i14" not in ids(done(shop, SearchAction(), profile=DRESSES).results)
    girls = profile_of(wish("category", "dress"), wish("gender", "girls"))
    results = done(shop, SearchAction(), profile=girls).results
    assert ids(results) == ["i14"]
    shirts = done(shop, SearchAction(), profile=profile_of(wish("category", "t-shirt"))).results
    assert ids(shirts) == ["i13"], "where there is nothing else, theirs are shown"
    assert all(len(found.checks) == 1 for found in shirts.items), "for whom it is was our guess, no wish"
    cheap = profile_of(wish("category", "dress"), wish("price", {"max": 3_000}))
    found = done(shop, SearchAction(), profile=cheap).results
    assert ids(found) == [], "a girl's dress is no cheap dress for her"
    assert found.search is not None
    assert {"price"} <= {each.slot for each in found.search.relaxations}


def test_nobody_is_told_of_a_wish_that_she_never_voiced(shop: Shop) -> None:
    """What is inferred orders, and is neither among the checks nor said to be missed."""
    taste = wish("material", "linen", source="inferred", strength="soft")
    profile = profile_of(wish("category", "dress"), taste, wish("color", "green", strength="soft"))
    found = done(shop, SearchAction(), ExplainAction(product_id="i1"), profile=profile).results
    for each in (*found.items, *found.subjects):
        assert [check.slot for check in each.checks] == ["category", "color"]
    shares = {each.product.product_id: each.scores.preference for each in found.items}
    assert shares["i3"] == 1, "the green linen one meets both"
    assert max(share for product_id, share in shares.items() if product_id != "i3") == 0
    assert ids(found)[0] == "i3"


def test_nobody_is_told_that_a_size_is_there_of_which_the_item_says_nothing(shop: Shop) -> None:
    own = (wish("size", "38", size_system="eu_shoe"), wish("size", "M"))
    dresses = done(shop, SearchAction(), profile=profile_of(wish("category", "dress"), *own)).results
    assert {check.value for each in dresses.items for check in each.checks if check.slot == "size"} == {"alpha M"}
    sandals = done(shop, SearchAction(), profile=profile_of(wish("category", "sandals"), *own)).results
    assert [[check.value for check in each.checks if check.slot == "size"] for each in sandals.items] == [["eu_shoe 38"]] * 2


def test_nothing_found_has_no_look_and_no_price(shop: Shop) -> None:
    results = done(shop, SearchAction(), OutfitAction(), PriceAction(), profile=profile_of(wish("category", "skirt"))).results
    assert (results.items, results.outfits, results.basket, results.basket_is_cart) == ((), (), None, False)
    assert results.search is not None


def test_a_look_asked_for_has_two_to_choose_from_and_keeps_to_what_is_refused(shop: Shop) -> None:
    free = done(shop, OutfitAction(product_id="i1")).results.outfits
    assert 1 <= len(free) <= 2
    no_black = profile_of(wish("color", "black", polarity="dislike"), rejected_product_ids=("i6",))
    for look in done(shop, OutfitAction(product_id="i1"), profile=no_black).results.outfits:
        assert not {"i6", "i7", "i9"} & {piece.product.product_id for piece in look.pieces}
    assert done(shop, OutfitAction(product_id="i11")).results.outfits == (), "the hat has no price"


# ---------------------------------------------------------------- about items


def test_a_question_is_answered_of_its_item(shop: Shop) -> None:
    asked = DescribeAction(product_id="i3", question="is it linen", about=("material",), about_values=("linen",))
    results = done(shop, asked).results
    assert results.described == by_id()["i3"]
    assert [(each.slot, each.status) for each in results.answers] == [("material", "yes")]
    assert [each.product.product_id for each in results.subjects] == ["i3"]


def test_two_questions_about_one_item_are_both_answered(shop: Shop) -> None:
    linen = DescribeAction(product_id="i3", about=("material",), about_values=("linen",))
    green = DescribeAction(product_id="i3", about=("color",), about_values=("green",))
    results = done(shop, linen, green).results
    assert [each.slot for each in results.answers] == ["material", "color"]
    assert len(results.subjects) == 1


def test_questions_about_two_items_are_each_answered_of_their_own(shop: Shop) -> None:
    linen = DescribeAction(product_id="i3", about=("material",), about_values=("linen",))
    cotton = DescribeAction(product_id="i1", about=("material",), about_values=("cotton",))
    medium = DescribeAction(product_id="i1", about=("size",), about_values=("M",))
    results = done(shop, linen, cotton, medium, cotton).results
    assert results.described == by_id()["i3"]
    assert [(each.product_id, each.asked, each.status) for each in results.answers] == [
        ("i3", "linen", "yes"),
        ("i1", "cotton", "yes"),
        ("i1", "M", "yes"),
    ]
    assert [each.product.product_id for each in results.subjects] == ["i3", "i1"]


def test_more_like_an_item_is_what_was_not_shown_yet_unless_there_is_nothing_else(shop: Shop) -> None:
    def like(seen: tuple[str, ...], more: bool = False) -> list[str]:
        state = DialogueState(turn=1, shown=seen, ever_shown=seen)
        action = SearchAction(like_product_id="i1", more=more)
        return ids(perform((action,), shop, situation(DRESSES, state=state)).results)

    assert sorted(like(("i1", "i2"))) == ["i3", "i4", "i5"]
    assert sorted(like(("i1", "i2", "i3", "i4", "i5"))) == ["i2", "i3", "i4", "i5"]
    assert like(("i1", "i2", "i3", "i4", "i5"), more=True) == []


def test_more_of_what_has_all_been_shown_is_nothing_and_no_childrens_things(shop: Shop) -> None:
    state = DialogueState(turn=1, ever_shown=("i1", "i2", "i3", "i4", "i5"))
    assert ids(perform((SearchAction(more=True),), shop, situation(DRESSES, state=state)).results) == []


def test_a_code_beside_an_item_does_both(shop: Shop) -> None:
    outcome = done(shop, change("add", "i1", size="M", code="WELCOME10"))
    assert [each.product_id for each in outcome.cart.lines] == ["i1"]
    assert outcome.cart.codes == ("WELCOME10",)
    assert outcome.results.basket is not None
    assert [offer.code for offer in outcome.results.basket.applied] == ["WELCOME10"]
    waiting = done(shop, change("add", "i1", code="WELCOME10"))
    assert waiting.results.sizes_asked == ("S", "M", "L")
    assert "I keep the code WELCOME10 for your basket." in waiting.results.cart_changes


def test_comparing_keeps_what_else_was_asked(shop: Shop) -> None:
    asked = DescribeAction(product_id="i3", about=("material",))
    results = done(shop, asked, CompareAction(product_ids=("i1", "i2"))).results
    assert results.comparison is not None
    assert results.comparison.product_ids == ("i1", "i2")
    assert [each.product.product_id for each in results.subjects] == ["i3", "i1", "i2"]


def test_explaining(shop: Shop) -> None:
    results = done(shop, ExplainAction(product_id="i2"), profile=DRESSES).results
    assert results.explained is not None
    assert results.explained.product.product_id == "i2"
    assert [check.status for check in results.explained.checks] == ["met"]
    first = done(shop, ExplainAction()).results.explained
    assert first is not None
    assert first.product.product_id == "i1"


@pytest.mark.parametrize(
    ("action", "question"),
    [
        (DescribeAction(product_id="gone"), "which_item"),
        (OutfitAction(product_id="gone"), "which_item"),
        (ExplainAction(product_id="gone"), "which_item"),
        (CompareAction(product_ids=("i1", "gone")), "what_to_compare"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_an_item_that_left_the_catalog_is_asked_for(shop: Shop, action: Action, question: str) -> None:
    results = done(shop, action).results
    assert results.ask == AskAction(question_id=question)
    assert results.subjects == ()


def test_of_three_compared_the_two_that_are_left(shop: Shop) -> None:
    compared = done(shop, CompareAction(product_ids=("i1", "gone", "i2"))).results.comparison
    assert compared is not None
    assert compared.product_ids == ("i1", "i2")


def test_explaining_with_nothing_on_screen_asks(shop: Shop) -> None:
    for state in (DialogueState(), DialogueState(shown=("gone",))):
        assert perform((ExplainAction(),), shop, situation(state=state)).results.ask == AskAction(question_id="which_item")


def test_searching_like_an_item_that_is_gone_finds_what_there_is(shop: Shop) -> None:
    assert done(shop, SearchAction(like_product_id="gone"), profile=DRESSES).results.items


# ---------------------------------------------------------------- the shop


def test_offers_are_those_that_hold_now_in_their_order(shop: Shop) -> None:
    found = running(small().promotions, NOW)
    assert [each.promotion_id for each in found] == ["early", "bags", "welcome"]
    assert [note.promotion_id for note in done(shop, OffersAction()).results.offers] == ["early", "bags", "welcome"]


def test_an_offer_holds_from_its_first_moment_to_before_its_last() -> None:
    bounded = next(each for each in small().promotions if each.promotion_id == "early")
    assert bounded.starts_at is not None
    assert bounded.ends_at is not None
    assert running((bounded,), bounded.starts_at) == (bounded,)
    assert running((bounded,), bounded.ends_at) == ()


def test_policy_a_person_and_courtesy(shop: Shop) -> None:
    asked = (PolicyAction(question="how do returns work"), PolicyAction(question="what does delivery cost"))
    results = done(shop, *asked, HandoverAction(reason="order"), ChatAction(about="thanks"), ChatAction(about="noted")).results
    assert [section.anchor for section in results.policy] == ["returns", "delivery"]
    assert results.policy_asked
    assert results.handover == "order"
    assert results.chat == ("thanks", "noted")
    unknown = done(shop, PolicyAction(question="who are you")).results
    assert (unknown.policy, unknown.policy_asked) == ((), True)


# ---------------------------------------------------------------- the basket


def test_adding_prices_the_cart(shop: Shop) -> None:
    outcome = done(shop, change("add", "i1", size="M"))
    assert outcome.cart.lines == (CartLine(product_id="i1", quantity=1, size="M", price_minor=7_900),)
    assert outcome.results.cart_changes == ("In your basket now: Red dress number 1 in M.",)
    assert outcome.results.basket is not None
    assert outcome.results.basket.total_minor == 7_900
    assert outcome.results.basket_is_cart


def test_several_changes_add_up(shop: Shop) -> None:
    outcome = done(shop, change("add", "i5"), change("add", "i9", quantity=2), PriceAction(), change("remove", "i5"))
    assert [(each.product_id, each.quantity) for each in outcome.cart.lines] == [("i9", 2)]
    assert len(outcome.results.cart_changes) == 3
    assert outcome.results.basket is not None
    assert outcome.results.basket.subtotal_minor == 5_800


def test_a_plain_price_keeps_changes_of_the_same_turn(shop: Shop) -> None:
    outcome = done(shop, change("add", "i5"), PriceAction())
    assert [each.product_id for each in outcome.cart.lines] == ["i5"]


def test_two_items_in_one_change(shop: Shop) -> None:
    outcome = done(shop, change("add", "i5", "i9"))
    assert [each.product_id for each in outcome.cart.lines] == ["i5", "i9"]


def test_what_is_altered_without_a_name_is_the_only_thing_there(shop: Shop) -> None:
    one = Cart(lines=(line("i5"),))
    assert done(shop, change("set_quantity", quantity=3), cart=one).cart.lines[0].quantity == 3
    assert done(shop, change("remove"), cart=one).cart.lines == ()
    two = Cart(lines=(line("i5"), line("i9", size="One size")))
    outcome = done(shop, change("remove"), cart=two)
    assert outcome.cart == two
    assert "which item" in outcome.results.cart_changes[0]


def test_an_item_that_is_gone_is_not_added(shop: Shop) -> None:
    outcome = done(shop, change("add", "gone"))
    assert outcome.cart == Cart()
    assert "which item" in outcome.results.cart_changes[0]


def test_a_missing_size_is_asked_for_and_nothing_is_priced(shop: Shop) -> None:
    outcome = done(shop, change("add", "i1"))
    assert outcome.results.cart_changes == ("Which size of Red dress number 1 shall it be: S, M, L?",)
    assert outcome.results.sizes_asked == ("S", "M", "L")
    assert outcome.results.basket is None, "an empty basket is not spoken of where none was asked for"


def test_looking_into_an_empty_basket_says_that_it_is_empty(shop: Shop) -> None:
    results = done(shop, change("show")).results
    assert results.basket is not None
    assert results.basket.lines == ()
    assert results.basket.total_minor == 0
    assert results.basket_is_cart
    assert results.cart_changes == ()


def test_looking_into_an_empty_basket_while_searching_does_not_fill_it(shop: Shop) -> None:
    results = done(shop, SearchAction(), change("show"), profile=DRESSES).results
    assert results.items
    assert results.basket is not None
    assert results.basket.lines == ()


def test_emptying_is_said_once(shop: Shop) -> None:
    outcome = done(shop, change("clear", "i1", "i2"), cart=Cart(lines=(line("i5"),)))
    assert outcome.cart == Cart()
    assert outcome.results.cart_changes == ("Your basket is empty now.",)
    assert outcome.results.basket is None


def test_a_search_beside_a_change_shows_both(shop: Shop) -> None:
    said = Understanding(
        text="",
        acts=(Act(kind="basket", change=BasketChange(verb="add", size="M")), Act(kind="search")),
    )
    focused = SHOWN.model_copy(update={"focus": "i1"})
    actions = plan(said, DRESSES, focused)
    outcome = perform(actions, shop, situation(DRESSES))
    assert outcome.results.items
    assert [each.product_id for each in outcome.cart.lines] == ["i1"]
    assert outcome.results.basket_is_cart
    assert outcome.results.basket is not None
    assert outcome.results.basket.subtotal_minor == 7_900


def test_a_search_with_a_full_basket_prices_the_basket(shop: Shop) -> None:
    results = done(shop, SearchAction(), PriceAction(), profile=DRESSES, cart=Cart(lines=(line("i5"),))).results
    assert results.basket_is_cart
    assert results.basket is not None
    assert [held.product.product_id for held in results.basket.lines] == ["i5"]


# ---------------------------------------------------------------- codes


def test_a_code_alone_is_kept_and_answered(shop: Shop) -> None:
    outcome = done(shop, change("apply_code", code="welcome10"))
    assert outcome.cart == Cart(codes=("WELCOME10",))
    assert outcome.results.cart_changes == ("I keep the code WELCOME10 for your basket.",)
    assert outcome.results.basket is None


def test_an_empty_basket_is_shown_with_the_codes_that_wait(shop: Shop) -> None:
    results = done(shop, change("show"), cart=Cart(codes=("WELCOME10",))).results
    assert results.cart_changes == ("I keep the code WELCOME10 for your basket.",)
    assert results.basket is not None
    assert results.basket.rejected == ()


def test_a_code_that_waits_is_not_spoken_of_with_every_search(shop: Shop) -> None:
    results = done(shop, SearchAction(), PriceAction(), profile=DRESSES, cart=Cart(codes=("BAG15",))).results
    assert results.cart_changes == ()
    assert results.basket is not None
    assert [offer for offer in results.basket.rejected if offer.code] == []


def test_a_kept_code_comes_off_what_is_put_in_later(shop: Shop) -> None:
    kept = done(shop, change("apply_code", code="WELCOME10")).cart
    basket = done(shop, change("add", "i1", size="M"), cart=kept).results.basket
    assert basket is not None
    assert [(offer.code, offer.amount_minor) for offer in basket.applied] == [("WELCOME10", 790)]


@pytest.mark.parametrize(("code", "words"), [("SUMMER20", "SUMMER20: ended"), ("NOPE", "NOPE: no such code.")])
def test_a_code_that_never_works_is_answered_and_forgotten(shop: Shop, code: str, words: str) -> None:
    outcome = done(shop, change("apply_code", code=code))
    assert outcome.cart == Cart()
    assert outcome.results.cart_changes[0].startswith(words)
    assert outcome.results.basket is None
    full = done(shop, change("apply_code", code=code), cart=Cart(lines=(line("i5"),)))
    assert full.cart == Cart(lines=(line("i5"),))
    assert full.results.basket is not None
    assert [offer.code for offer in full.results.basket.rejected if offer.code] == [code], "said once, with the basket"


def test_a_first_order_code_is_refused_to_who_has_ordered(shop: Shop) -> None:
    outcome = done(shop, change("apply_code", code="WELCOME10"), shopper=Shopper(first_order=False))
    assert outcome.cart.codes == ()
    assert outcome.results.cart_changes == ("WELCOME10: first orders only.",)


def test_a_code_beside_a_search_is_tried_on_the_first_result(shop: Shop) -> None:
    code = BasketChange(verb="apply_code", code="WELCOME10")
    said = Understanding(text="", acts=(Act(kind="basket", change=code), Act(kind="search")))
    outcome = perform(plan(said, DRESSES, DialogueState()), shop, situation(DRESSES))
    assert outcome.cart.codes == ("WELCOME10",)
    basket = outcome.results.basket
    assert basket is not None
    assert [offer.code for offer in basket.applied] == ["WELCOME10"]
    assert not outcome.results.basket_is_cart
    assert outcome.results.cart_changes == ("I keep the code WELCOME10 for your basket.",)


def test_a_dead_code_beside_a_search_is_said_once(shop: Shop) -> None:
    results = done(shop, SearchAction(), change("apply_code", code="NOPE"), profile=DRESSES).results
    assert results.cart_changes == ("NOPE: no such code.",)
    assert results.basket is not None
    assert [offer for offer in results.basket.rejected if offer.code] == []


# ---------------------------------------------------------------- what has no price


def test_a_line_without_a_price_is_said_to_be_left_out(shop: Shop) -> None:
    cart = Cart(lines=(line("i11"), line("i5"), line("gone")))
    results = done(shop, change("show"), cart=cart).results
    assert results.basket is not None
    assert results.basket.subtotal_minor == 3_900
    assert results.cart_changes == (
        "The shop gives no price for Beige hat number 11; it is not in the sum.",
        "An item of your basket is no longer in the shop; it is not in the sum.",
    )


def test_a_basket_of_nothing_but_such_lines_is_not_called_empty(shop: Shop) -> None:
    outcome = done(shop, change("show"), cart=Cart(lines=(line("i11"),)))
    assert outcome.results.basket is None
    assert outcome.results.cart_changes == ("The shop gives no price for Beige hat number 11; it is not in the sum.",)
    assert outcome.cart.lines == (line("i11"),), "and nothing of it is lost"


def test_an_unpriced_first_result_is_passed_over(shop: Shop) -> None:
    hats = profile_of(wish("category", "hat"))
    results = done(shop, SearchAction(), OutfitAction(), PriceAction(), profile=hats).results
    assert ids(results) == ["i11"]
    assert (results.basket, results.outfits) == (None, ())


def test_unit_price_is_after_the_automatic_offer(shop: Shop) -> None:
    money = shop.unit_price(by_id()["i1"], NOW)
    assert money is not None
    assert money.amount_minor == 7_900
    bare: Product = item(99, "hat", "red", None)
    assert shop.unit_price(bare, NOW) is None


def test_nothing_planned_changes_nothing(shop: Shop) -> None:
    cart = Cart(lines=(line("i5"),), codes=("X",))
    assert perform((), shop, situation(cart=cart)) == Outcome(results=Results(scope=ME), cart=cart)
