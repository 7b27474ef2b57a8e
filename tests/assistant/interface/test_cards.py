"""Items, looks and receipts as HTML: what stands on them, what their buttons say, and that no text in them does anything."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.interface import cards
from assistant.interface.cards import (
    INTO_BASKET,
    REASONS,
    SAID,
    check_text,
    checks,
    comparison_table,
    offers_box,
    outfit_strip,
    picture,
    product_card,
)
from assistant.plan import plan
from assistant.schema import (
    Comparison,
    ComparisonRow,
    DialogueState,
    OffersBlock,
    OutfitAction,
    ParseContext,
    PriceAction,
    Profile,
    SearchAction,
    Understanding,
)
from assistant.understanding.parser import Parser
from catalog_data.schema import Money
from retrieval.schema import Check
from tests.assistant.interface.page_parts import (
    attack_texts,
    card_of,
    comparison_of,
    look_of,
    offers_of,
    read,
    skeleton,
)
from tests.assistant.rule_shop import demo, profile_of, vocabulary, wish

RENDERINGS: dict[str, Callable[[str], str]] = {
    "card": lambda said: product_card(card_of(said), said, said),
    "look": lambda said: outfit_strip(look_of(said), said, said),
    "offers": lambda said: offers_box(offers_of(said), said),
    "comparison": lambda said: comparison_table(comparison_of(said), {said: said}),
    "picture": lambda said: picture("/media/1.svg", said),
}


def words(markup: str) -> str:
    return " ".join(" ".join(read(markup).words).split())


def acts(markup: str) -> list[dict[str, str]]:
    found = [attributes["data-act"] for _, attributes in read(markup).elements if "data-act" in attributes]
    return [json.loads(payload or "") for payload in found]


# ---------------------------------------------------------------- nothing runs


@pytest.mark.parametrize("name", sorted(RENDERINGS))
def test_attacks_in_every_text_change_nothing(name: str) -> None:
    render = RENDERINGS[name]
    harmless = skeleton(render("x"))
    for said in attack_texts():
        markup = render(said)
        assert skeleton(markup) == harmless, said
        assert not {"$", "{", "}", "`"} & set(markup), said


@settings(deadline=None)
@given(st.text(min_size=1), st.sampled_from(sorted(RENDERINGS)))
def test_any_text_changes_nothing(said: str, name: str) -> None:
    render = RENDERINGS[name]
    assert skeleton(render(said)) == skeleton(render("x"))


def test_no_element_may_run_or_load_from_elsewhere() -> None:
    for render in RENDERINGS.values():
        for element, attributes in read(render("x")).elements:
            assert element not in {"script", "iframe", "object", "embed", "link", "style", "form", "base", "meta"}
            assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "href", "action")]
            assert (attributes.get("src") or "/").startswith("/")


# ---------------------------------------------------------------- a card


def test_a_card_shows_what_the_catalog_says() -> None:
    said = words(product_card(card_of("Red Dress"), "t1", "A fine dress."))
    for part in (
        "Red Dress",
        "€79.95",
        "★ 4.5 (7)",
        "A fine dress.",
        "✓ Red Dress",
        "? size Red Dress",
        "✗ up to €80.00",
        "Why this?",
    ):
        assert part in said


def test_a_struck_price_says_what_it_is() -> None:
    [struck] = [attributes for element, attributes in read(product_card(card_of("x"), "t1", None)).elements if element == "del"]
    assert struck["title"] == "Lowest price of the 30 days before"
    assert "€79.95" in (struck["aria-label"] or "")


def test_what_the_shop_does_not_say_is_absent() -> None:
    bare = card_of("Hat").model_copy(
        update={"brand": None, "price": None, "list_price": None, "offer": None, "why": (), "checks": (), "image_url": None, "rating": None}
    )  # fmt: skip
    markup = product_card(bare, "t1", " ")
    names = [element for element, _ in read(markup).elements]
    assert "del" not in names
    assert "img" not in names
    said = words(markup)
    assert "no price given" in said
    assert "no picture" in said
    assert "★" not in said
    assert "Why this?" not in said


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "//evil.example/x.png", "/\\evil.example/x.png"])
def test_a_picture_comes_from_an_address_or_not_at_all(url: str | None) -> None:
    assert [element for element, _ in read(picture(url, "x")).elements] == ["div", "span"]


def test_a_thumb_down_gives_its_reason() -> None:
    found = acts(product_card(card_of("d1"), "t1", None))
    assert [each for each in found if each["act"] == "up"] == [{"act": "up", "product_id": "d1", "turn_id": "t1"}]
    assert [each["reason"] for each in found if each["act"] == "down"] == list(REASONS)


@pytest.mark.parametrize(
    ("check", "currency", "said"),
    [
        (Check(slot="price", value="..8000", status="met"), "EUR", "up to €80.00"),
        (Check(slot="price", value="5000..8000", status="met"), "USD", "from $50.00 up to $80.00"),
        (Check(slot="price", value="..8000", status="unmet"), None, "your budget"),
        (Check(slot="rating", value="4..", status="met"), "EUR", "from 4 stars"),
        (Check(slot="size", value="eu_shoe 42", status="met"), "EUR", "size 42"),
        (Check(slot="color", value="not red", status="met"), None, "not red"),
    ],
)
def test_how_a_check_is_said(check: Check, currency: str | None, said: str) -> None:
    assert check_text(check, currency) == said
    assert said in words(checks((check,), currency))


def test_no_checks_no_list() -> None:
    assert checks((), "EUR") == ""


# ---------------------------------------------------------------- what its buttons say


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(vocabulary(), demo().brands, "EUR")


SHOWN = tuple(product for product in demo().products if product.product_type == "dress")[:4]
BEHIND = DialogueState(turn=2, topic="dress", shown=tuple(p.product_id for p in SHOWN), focus=SHOWN[0].product_id)
CONTEXTS = {
    "list": ParseContext(state=BEHIND, profile=profile_of(wish("category", "dress")), shown=SHOWN, page=SHOWN[2]),
    "unfocused": ParseContext(state=BEHIND.model_copy(update={"focus": None}), shown=SHOWN, page=SHOWN[2]),
    "earlier turn": ParseContext(state=BEHIND, shown=SHOWN, page=demo().products[-1]),
    "fresh": ParseContext(page=SHOWN[2]),
}
KINDS = {INTO_BASKET: "basket", "More like this": "more_like", "Not this one": "not_this", "What goes with this one?": "pair"}


def understood(parser: Parser, sentence: str, context: ParseContext) -> Understanding:
    message = parser.parse(sentence, context)
    assert [act.kind for act in message.acts] == [KINDS[sentence]], message
    return message


def test_every_sentence_is_known() -> None:
    assert {INTO_BASKET, *SAID.values()} == set(KINDS)


@pytest.mark.parametrize("name", sorted(CONTEXTS))
@pytest.mark.parametrize("sentence", sorted(KINDS))
def test_a_button_is_understood_of_its_own_card(parser: Parser, sentence: str, name: str) -> None:
    context = CONTEXTS[name]
    assert context.page is not None
    message = understood(parser, sentence, context)
    pointed = [each for reference in message.acts[0].references for each in reference.product_ids]
    assert pointed == [context.page.product_id]
    assert not message.slots
    action = plan(message, Profile(), context.state, context.page.product_id)[0]
    match action:
        case PriceAction():
            assert action.product_ids == (context.page.product_id,)
        case OutfitAction():
            assert action.product_id == context.page.product_id
        case SearchAction():
            assert action.like_product_id == (context.page.product_id if sentence == "More like this" else None)
        case _:
            raise AssertionError(action)


def test_a_card_sends_its_sentences_with_its_item() -> None:
    said = [each for each in acts(product_card(card_of("d1"), "t1", None)) if each["act"] == "about"]
    assert {each["text"] for each in said} == set(KINDS)
    assert {each["product_id"] for each in said} == {"d1"}


def test_what_has_no_price_has_no_way_into_the_basket() -> None:
    unpriced = card_of("d1").model_copy(update={"price": None, "list_price": None})
    assert INTO_BASKET not in {each.get("text") for each in acts(product_card(unpriced, "t1", None))}


# ---------------------------------------------------------------- looks, receipts, comparisons


def test_a_look() -> None:
    markup = outfit_strip(look_of("Bag"), "Red Dress", "It goes well.")
    said = words(markup)
    for part in ("The look with Red Dress", "It goes well.", "Together €79.95", "· Bag"):
        assert part in said
    assert said.count("€79.95") == 2, "one piece has no price, and none is invented"
    assert "The look It goes" in words(outfit_strip(look_of("Bag"), None, "It goes well."))


def test_a_receipt() -> None:
    said = words(offers_box(offers_of("Red Dress"), "In your basket."))
    for part in ("In your basket.", "2 × Red Dress", "€159.90", "-€5.00", "Total", "€154.90"):
        assert part in said
    kinds = [
        attributes.get("class") for element, attributes in read(offers_box(offers_of("x"), None)).elements if element == "tr"
    ]
    assert kinds == ["sg-row-item", "sg-row-discount", "sg-row-total"]


def test_a_receipt_of_the_first_found_is_not_called_the_baskets() -> None:
    alone = offers_of("Red Dress").model_copy(update={"of_basket": False})
    said = words(offers_box(alone, None))
    assert said.startswith("If you take the first one")
    assert "Offers and receipt" not in said
    assert words(offers_box(offers_of("Red Dress"), None)).startswith("Offers and receipt")


def test_nothing_in_the_basket_is_no_table() -> None:
    empty = OffersBlock(receipt=({"kind": "total", "label": "Total", "quantity": None, "text": "€0.00"},))
    assert offers_box(empty, "Your basket is empty.") == "<p>Your basket is empty.</p>"
    assert offers_box(OffersBlock(), None) == ""


def test_a_comparison_names_its_items_once() -> None:
    rows = (
        ComparisonRow(slot="title", label="Item", cells=("Red Dress", "Blue Dress")),
        ComparisonRow(slot="material", label="Material", cells=("linen", "")),
    )
    markup = comparison_table(Comparison(product_ids=("a", "b"), rows=rows), {"a": "Red Dress"})
    said = words(markup)
    assert said == "Red Dress Blue Dress Material linen –"
    heads = [attributes.get("scope") for element, attributes in read(markup).elements if element == "th"]
    assert heads == ["col", "col", "row"]


def test_money_is_written_in_its_currency() -> None:
    yen = card_of("x").model_copy(update={"price": Money(amount_minor=1_200, currency="JPY"), "list_price": None})
    assert "¥1,200" in words(cards.price_line(yen))
