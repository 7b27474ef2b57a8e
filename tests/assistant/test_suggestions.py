"""Suggested replies: each is understood as what it means, and does what it promises, on the demo shop's own items and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from assistant.cart import apply, size_names
from assistant.guide.describe import answer
from assistant.plan import plan
from assistant.profile import merge
from assistant.query import constraints
from assistant.schema import (
    Act,
    ActKind,
    AskAction,
    Cart,
    CartLine,
    Comparison,
    DialogueState,
    OfferNote,
    ParseContext,
    Preference,
    PriceRange,
    Profile,
    Results,
    Understanding,
)
from assistant.suggestions import MOST, suggestions
from assistant.understanding.parser import Parser
from catalog_data.schema import VALUE_SLOTS, Catalog, Product, ValueSlot
from retrieval.columns import Columns
from retrieval.pairings import Pairings
from retrieval.relaxations import ENOUGH, relax
from retrieval.schema import PricedBasket, RankedItem, Relaxation, Scores, SearchResult
from tests.assistant.rule_shop import NOW, demo, profile_of, vocabulary, wish

SCORES = Scores(similarity=0, collaborative=0, preference=0, popularity=0, total=0)
FILLED = Cart(lines=(CartLine(product_id="x", quantity=1),))


@dataclass(frozen=True)
class House:
    """The demo shop without vectors: what obeys wishes, and what would with one change, does not need them."""

    catalog: Catalog
    columns: Columns
    pairings: Pairings
    parser: Parser

    def search(self, profile: Profile) -> Results:
        """What a search for this profile comes to."""
        mask = self.columns.mask(constraints(profile.in_scope("me")), True)
        products = [product for product, passes in zip(self.catalog.products, mask, strict=True) if passes]
        items = tuple(RankedItem(product=product, checks=(), scores=SCORES) for product in products[:4])
        base = self.columns.mask((), True)
        found = relax(constraints(profile.in_scope("me")), base, self.columns, vocabulary()) if len(products) < ENOUGH else ()
        looks = self.pairings.complete(items[0].product.product_id) if items else ()
        search = SearchResult(items=items, matching=len(products), relaxations=found)
        return Results(search=search, items=items, outfits=looks)

    def matching(self, profile: Profile) -> int:
        """How many items this person may see."""
        return int(self.columns.mask(constraints(profile.in_scope("me")), True).sum())

    def read(self, sentence: str, profile: Profile, shown: Sequence[Product] = (), focus: str | None = None) -> Understanding:
        """What the parser takes the sentence for."""
        ids = tuple(product.product_id for product in shown)
        state = DialogueState(turn=1, topic="dress", shown=ids, focus=focus)
        return self.parser.parse(sentence, ParseContext(state=state, profile=profile, shown=tuple(shown)))


@pytest.fixture(scope="module")
def house() -> House:
    catalog = demo()
    columns = Columns(catalog.products, vocabulary())
    parser = Parser(vocabulary(), catalog.brands, catalog.manifest.currency)
    return House(catalog, columns, Pairings(catalog, vocabulary(), columns=columns), parser)


def shown_of(results: Results) -> tuple[Product, ...]:
    return tuple(found.product for found in results.items)


def only_act(message: Understanding) -> Act:
    assert len(message.acts) == 1, message
    return message.acts[0]


# ---------------------------------------------------------------- after a search

PLENTY = (wish("category", "dress"), wish("color", "black"))

MEANT: dict[str, tuple[ActKind, tuple[int, ...]]] = {
    "Show me more": ("show_more", ()),
    "Something cheaper": ("refine", ()),
    "Compare the first two": ("compare", (0, 1)),
    "What goes with the second one?": ("pair", (1,)),
    "Why the first one?": ("explain", (0,)),
    "What is in my basket?": ("basket", ()),
}
"""What each reply after a search does, and with which of the items shown."""


def test_after_a_search_each_reply_is_understood_of_the_right_items(house: House) -> None:
    profile = profile_of(*PLENTY)
    results = house.search(profile)
    shown = shown_of(results)
    offered = {*suggestions(results, profile, Cart(), house.catalog), *suggestions(results, profile, FILLED, house.catalog)}
    assert offered <= set(MEANT)
    assert len(suggestions(results, profile, Cart(), house.catalog)) == MOST
    for sentence, (kind, places) in MEANT.items():
        act = only_act(house.read(sentence, profile, shown))
        assert act.kind == kind, sentence
        pointed = [each for reference in act.references for each in reference.product_ids]
        assert pointed == [shown[place].product_id for place in places], sentence


def test_something_cheaper_is_below_everything_shown(house: House) -> None:
    profile = profile_of(*PLENTY)
    shown = shown_of(house.search(profile))
    mention = house.read("Something cheaper", profile, shown).slots[0]
    assert mention.relative == "cheaper"
    assert isinstance(mention.value, PriceRange)
    assert mention.value.max == min(product.price.amount_minor for product in shown if product.price is not None) - 1


def test_every_reply_has_a_plan_that_asks_nothing_back(house: House) -> None:
    profile = profile_of(*PLENTY)
    shown = shown_of(house.search(profile))
    state = DialogueState(turn=1, topic="dress", shown=tuple(product.product_id for product in shown))
    for sentence in MEANT:
        actions = plan(house.read(sentence, profile, shown), profile, state)
        assert not any(isinstance(action, AskAction) for action in actions), sentence


def test_more_and_cheaper_only_where_there_is_more(house: House) -> None:
    results = house.search(profile_of(*PLENTY))
    assert results.search is not None
    all_there_is = results.search.model_copy(update={"matching": len(results.items)})
    offered = suggestions(results.model_copy(update={"search": all_there_is}), Profile(), Cart(), house.catalog)
    assert not {"Show me more", "Something cheaper"} & set(offered)
    one = results.model_copy(update={"items": results.items[:1]})
    assert "Compare the first two" not in suggestions(one, Profile(), Cart(), house.catalog)


def test_a_look_is_offered_only_where_one_can_be_made(house: House) -> None:
    results = house.search(profile_of(*PLENTY))
    second = "What goes with the second one?"
    assert results.search is not None
    few = results.model_copy(update={"search": results.search.model_copy(update={"matching": len(results.items)})})
    assert second in suggestions(few, Profile(), Cart(), house.catalog)
    assert house.pairings.complete(results.items[1].product.product_id), "and it can be done"
    assert second not in suggestions(few.model_copy(update={"outfits": ()}), Profile(), Cart(), house.catalog)


# ---------------------------------------------------------------- changes to wishes

NARROW = {
    "budget": (wish("category", "gown"), wish("price", {"max": 3_000})),
    "floor": (wish("category", "socks"), wish("price", {"min": 500_000})),
    "range": (wish("category", "coat"), wish("price", {"min": 1_000, "max": 2_000})),
    "dislike": (wish("category", "wool coat"), wish("material", "wool", polarity="dislike")),
    "colours": (wish("category", "swimsuit"), wish("color", "grey"), wish("color", "brown")),
    "stars": (wish("category", "tie"), wish("color", "red"), wish("rating", {"stars": 4.5})),
    "letters": (wish("category", "dress"), wish("color", "gold"), wish("size", "XXS", size_system="alpha")),
    "shoes": (wish("category", "boots"), wish("color", "pink"), wish("size", "41", size_system="eu_shoe")),
    "waist": (wish("category", "jeans"), wish("color", "red"), wish("size", "34", size_system="waist")),
    "children": (wish("category", "raincoat"), wish("gender", "boys"), wish("size", "176", size_system="height")),
    "features": (wish("category", "t-shirt"), wish("feature", "waterproof"), wish("feature", "pockets")),
}
"""Wishes that next to nothing meets, and one change to which would help."""
STUCK = (
    *(wish(s, v) for s, v in (("category", "skirt"), ("color", "gold"), ("material", "leather"), ("pattern", "floral"))),
    wish("gender", "men"),
)
"""Wishes that no one change helps."""


def change_of(sentence: str, found: Sequence[Relaxation], profile: Profile, house: House) -> Relaxation | None:
    """The relaxation that alone gives this sentence."""
    for each in found:
        results = Results(search=SearchResult(items=(), matching=0, relaxations=(each,)))
        if sentence in suggestions(results, profile, Cart(), house.catalog):
            return each
    return None


@pytest.mark.parametrize("name", sorted(NARROW))
def test_a_reply_that_relaxes_gives_what_it_promises(house: House, name: str) -> None:
    """Said, understood and taken into the profile, it leaves as many items as the relaxation counted."""
    profile = profile_of(*NARROW[name])
    results = house.search(profile)
    assert results.search is not None
    assert results.search.matching < ENOUGH
    kept = [each for each in results.search.relaxations if (each.slot, each.action) != ("category", "drop")]
    assert kept, "one change helps"
    for each in kept:
        sentence = suggestions(only(each), profile, Cart(), house.catalog)[0]
        understood = house.read(sentence, profile, shown_of(results))
        after = merge(profile, understood, turn=2).profile
        assert house.matching(after) == each.count, (sentence, understood.slots)


def test_two_changes_are_named_of_two_wishes_and_the_cheapest_first(house: House) -> None:
    profile = profile_of(*NARROW["range"])
    results = house.search(profile)
    assert results.search is not None
    offered = suggestions(results, profile, Cart(), house.catalog)
    assert offered[:2] == ("Up to €20.99", "Coats and jackets instead")
    assert offered[2] == "Why the first one?"


def test_where_no_change_helps_a_new_beginning_is_offered(house: House) -> None:
    profile = profile_of(*STUCK)
    offered = suggestions(house.search(profile), profile, Cart(), house.catalog)
    assert offered == ("Start over",)
    assert only_act(house.read("Start over", profile)).kind == "start_over"


def test_another_kind_of_thing_is_no_small_change(house: House) -> None:
    assert suggestions(only(relaxation("category", "drop", "gown")), Profile(), Cart(), house.catalog) == ("Start over",)


def only(change: Relaxation) -> Results:
    """A search that found nothing and would with this change alone."""
    return Results(search=SearchResult(items=(), matching=0, relaxations=(change,)))


def relaxation(slot: str, action: str, source: str, target: str | None = None) -> Relaxation:
    return Relaxation.model_validate({"index": 0, "slot": slot, "action": action, "source": source, "target": target, "count": 3})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (relaxation("color", "drop", "red"), "The colour doesn't matter"),
        (relaxation("price", "drop", "..8000"), "The budget doesn't matter"),
        (relaxation("material", "drop", "not lace"), "Lace is fine"),
        (relaxation("feature", "drop", "pockets"), "Forget about pockets"),
        (relaxation("price", "move", "..8000", "..9495"), "Up to €94.95"),
        (relaxation("price", "move", "5000..8000", "4000..8000"), "From €40.00"),
        (relaxation("rating", "move", "4.5..", "3.5.."), "3.5 stars or more"),
        (relaxation("size", "move", "alpha M", "alpha L"), "Size L instead"),
        (relaxation("color", "move", "navy or teal", "blue"), "Blue instead"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_how_a_change_is_said(house: House, change: Relaxation, sentence: str) -> None:
    assert suggestions(only(change), Profile(), Cart(), house.catalog)[0] == sentence


def test_a_budget_is_said_only_in_a_known_currency(house: House) -> None:
    change = relaxation("price", "move", "..8000", "..9495")
    assert suggestions(only(change), Profile(), Cart()) == ("Start over",)


SWEPT: tuple[ValueSlot, ...] = tuple(slot for slot in VALUE_SLOTS if slot not in ("brand",))


@pytest.mark.parametrize("slot", SWEPT)
def test_a_refused_value_is_allowed_again_in_words_that_are_understood(house: House, slot: ValueSlot) -> None:
    assert_understood(house, slot, "dislike", lambda value: relaxation(slot, "drop", f"not {value}"))


@pytest.mark.parametrize("slot", ["feature", "occasion"])
def test_a_wish_that_is_in_the_way_is_dropped_in_words_that_are_understood(house: House, slot: ValueSlot) -> None:
    assert_understood(house, slot, "like", lambda value: relaxation(slot, "drop", value))


def assert_understood(house: House, slot: ValueSlot, polarity: str, change: Callable[[str], Relaxation]) -> None:
    """All but one in thirty of the shop's words: one that is also something else ("mom", "studs") may be read as that."""
    misread = []
    values = vocabulary().values(slot)
    for value in values:
        held = wish(slot, value, polarity=polarity)
        sentence = suggestions(only(change(value)), Profile(), Cart(), house.catalog)[0]
        understood = house.read(sentence, profile_of(wish("category", "dress"), held))
        if merge(profile_of(held), understood, turn=2).profile.preferences:
            misread.append(sentence)
    assert len(misread) <= max(2, len(values) // 30), misread


# ---------------------------------------------------------------- after other turns


def ranked(products: Sequence[Product]) -> tuple[RankedItem, ...]:
    return tuple(RankedItem(product=product, checks=(), scores=SCORES) for product in products)


def test_after_talk_of_one_item_the_replies_are_about_it(house: House) -> None:
    shown = shown_of(house.search(profile_of(*PLENTY)))
    results = Results(subjects=ranked(shown[2:3]), described=shown[2])
    offered = suggestions(results, Profile(), Cart(), house.catalog)
    assert offered == ("Add it to my basket", "More like it", "What sizes does it come in?", "How do I wash it?")
    for sentence, kind in zip(offered, ("basket", "more_like", "describe", "describe"), strict=True):
        act = only_act(house.read(sentence, profile_of(*PLENTY), shown, focus=shown[2].product_id))
        assert act.kind == kind
        assert act.references[0].product_ids == (shown[2].product_id,)


def test_a_question_about_an_item_is_answered_and_not_suggested_again(house: House) -> None:
    product = shown_of(house.search(profile_of(*PLENTY)))[2]
    for sentence, slot in (("What sizes does it come in?", "size"), ("How do I wash it?", "care")):
        act = only_act(house.read(sentence, profile_of(*PLENTY), (product,), focus=product.product_id))
        answers = answer(product, act.about, act.about_values, act.detail or act.evidence, vocabulary())
        assert [(each.slot, each.status) for each in answers] == [(slot, "value")]
        results = Results(subjects=ranked([product]), described=product, answers=answers)
        offered = suggestions(results, Profile(), Cart(), house.catalog, seen(product))
        assert sentence not in offered
        assert "Show me the list again" in offered


def test_after_a_comparison_they_are_about_the_first(house: House) -> None:
    shown = shown_of(house.search(profile_of(*PLENTY)))[:2]
    compared = Comparison(product_ids=tuple(product.product_id for product in shown), rows=())
    offered = suggestions(Results(subjects=ranked(shown), comparison=compared), Profile(), Cart(), house.catalog, seen(*shown))
    assert offered == ("Add the first one to my basket", "More like the first one", "Show me the list again")
    for sentence in offered[:2]:
        act = only_act(house.read(sentence, profile_of(*PLENTY), shown))
        assert act.references[0].product_ids == (shown[0].product_id,)


def test_what_cannot_be_bought_is_not_offered_for_the_basket(house: House) -> None:
    product = house.catalog.products[0]
    unpriced = product.model_copy(update={"price": None, "list_price": None, "lowest_price_30d": None})
    gone = product.model_copy(update={"sizes": tuple(each.model_copy(update={"stock": 0}) for each in product.sizes)})
    for each in (unpriced, gone):
        offered = suggestions(Results(subjects=ranked([each])), Profile(), Cart(), house.catalog)
        assert offered[0] == "More like it"
        assert not any("basket" in sentence for sentence in offered)
        assert ("What sizes does it come in?" in offered) is (each is unpriced)


def test_after_a_look_alone_the_replies_are_about_its_item(house: House) -> None:
    results = house.search(profile_of(*PLENTY))
    offered = suggestions(Results(outfits=results.outfits), Profile(), Cart(), house.catalog, seen(*shown_of(results)))
    assert offered == ("Add it to my basket", "More like it", "Show me the list again")


# ---------------------------------------------------------------- going on


def seen(*products: Product) -> DialogueState:
    """The state in which these are on screen."""
    return DialogueState(turn=3, topic="black dress", shown=tuple(product.product_id for product in products))


ELSEWHERE = {
    "basket": Results(cart_changes=("It is in your basket.",), basket_is_cart=True),
    "policy": Results(policy_asked=True),
    "offers": Results(offers=(OfferNote(promotion_id="x", title="x", terms="x"),)),
    "thanks": Results(chat=("thanks",)),
    "person": Results(handover="asked"),
    "profile": Results(chat=("profile",)),
}


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_a_turn_without_items_goes_on_from_those_before(house: House, name: str) -> None:
    """Nobody who has looked at dresses is asked whether she wants a gift for her sister."""
    shown = shown_of(house.search(profile_of(*PLENTY)))
    offered = suggestions(ELSEWHERE[name], profile_of(*PLENTY), FILLED, house.catalog, seen(*shown))
    assert offered[:2] == ("Show me the list again", "Compare the first two")
    assert not {"A gift for my sister under 50", "A dress for a summer wedding", "Show me what suits me"} & set(offered)
    assert ("What is in my basket?" in offered) is (name != "basket")
    assert len(offered) >= 3


def test_the_list_again_is_the_same_search(house: House) -> None:
    profile = profile_of(*PLENTY)
    shown = shown_of(house.search(profile))
    understood = house.read("Show me the list again", profile, shown)
    assert merge(profile, understood, turn=4).profile == profile, "no wish changes"
    kinds = [action.kind for action in plan(understood, profile, seen(*shown))]
    assert kinds[0] == "search"
    assert not {"ask", "chat"} & set(kinds)


def test_the_first_turn_begins_though_it_was_about_no_item(house: House) -> None:
    offered = suggestions(Results(policy_asked=True), Profile(), Cart(), house.catalog, DialogueState())
    assert offered == ("A dress for a summer wedding", "A gift for my sister under 50", "What is on offer?")


# ---------------------------------------------------------------- to begin with


def test_openers_are_what_the_shop_has_and_were_not_just_answered(house: House) -> None:
    shop = house.catalog
    assert suggestions(Results(), Profile(), Cart(), shop) == (
        "A dress for a summer wedding", "A gift for my sister under 50", "What is on offer?", "How do returns work?"
    )  # fmt: skip
    note = OfferNote(promotion_id="x", title="x", terms="x")
    assert "What is on offer?" not in suggestions(Results(offers=(note,)), Profile(), Cart(), shop)
    assert "How do returns work?" not in suggestions(Results(policy_asked=True), Profile(), Cart(), shop)
    bare = shop.model_copy(update={"promotions": (), "policy": ()})
    assert len(suggestions(Results(), Profile(), Cart(), bare)) == 2
    assert suggestions(Results(), profile_of(*PLENTY), Cart(), shop)[0] == "Show me what suits me"


def test_openers_are_understood(house: House) -> None:
    kinds = {
        sentence: only_act(house.read(sentence, Profile())).kind
        for sentence in suggestions(Results(), Profile(), Cart(), house.catalog)
    }
    assert list(kinds.values()) == ["search", "search", "offers", "policy"]
    gift = house.read("A gift for my sister under 50", Profile())
    assert gift.scope == "sister"
    assert [mention.value for mention in gift.slots if mention.slot == "price"] == [PriceRange(max=5_000)]
    assert only_act(house.read("Show me what suits me", profile_of(*PLENTY))).kind in ("search", "refine")


def test_the_basket_is_named_where_something_is_in_it_and_it_is_not_on_screen() -> None:
    assert suggestions(Results(), Profile(), FILLED)[0] == "What is in my basket?"
    basket = PricedBasket(
        lines=(), currency="EUR", at=NOW, subtotal_minor=0, discount_minor=0, shipping_minor=0, total_minor=0, applied=(), rejected=(), receipt=()
    )  # fmt: skip
    shown = Results(basket=basket, basket_is_cart=True)
    assert "What is in my basket?" not in suggestions(shown, Profile(), FILLED)


def test_where_a_size_is_asked_for_the_sizes_are_the_replies(house: House) -> None:
    assert suggestions(Results(sizes_asked=("S", "39/40")), Profile(), FILLED, house.catalog) == (
        "Add it in S",
        "Add it in 39/40",
    )


def test_every_size_of_the_shop_is_understood_and_put_in(house: House) -> None:
    """Each label of each system, on an item that has it: the reply puts that very size into the basket."""
    seen: set[tuple[str, str]] = set()
    for product in house.catalog.products:
        labels = size_names(product)
        fresh = {(size.system, size.label) for size in product.sizes if size.in_stock} - seen
        if len(product.sizes) < 2 or not fresh or product.price is None:
            continue
        seen |= fresh
        for label, sentence in zip(labels, suggestions(Results(sizes_asked=labels), Profile(), Cart()), strict=False):
            act = only_act(house.read(sentence, Profile(), [product], focus=product.product_id))
            assert act.change is not None
            cart, _ = apply(Cart(), act.change, product, ())
            assert [line.size for line in cart.lines] == [label], (sentence, act.change)
    assert {system for system, _ in seen} >= {"alpha", "eu", "eu_shoe", "waist", "height"}


def test_a_question_brings_its_choices_first() -> None:
    asked = Results(ask=AskAction(question_id="which_item", choices=("The red one", "The blue one")))
    assert suggestions(asked, Profile(), Cart()) == ("The red one", "The blue one")


@pytest.mark.parametrize("preferences", [(), PLENTY, STUCK, NARROW["budget"]])
def test_never_more_than_four_and_none_twice(house: House, preferences: tuple[Preference, ...]) -> None:
    profile = profile_of(*preferences)
    for cart in (Cart(), FILLED):
        for catalog in (None, house.catalog):
            offered = suggestions(house.search(profile), profile, cart, catalog)
            assert 1 <= len(offered) <= MOST
            assert len(set(offered)) == len(offered)
