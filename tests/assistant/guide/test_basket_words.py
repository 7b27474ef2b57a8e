"""What is said of a basket: each refused code with its own reason, and what hangs on something that nobody knows."""

from __future__ import annotations

import re

from assistant.guide.verification import COMPOSER, Verifier
from assistant.schema import DraftSection
from catalog_data.vocabulary import Vocabulary
from retrieval.promotions import price_basket
from retrieval.schema import BasketLine, PricedBasket, Shopper
from tests.assistant.guide.scenes import Scene
from tests.assistant.guide.shop import BY_ID, CATALOG, NOW

CONDITION = "if it is your first order"


def basket(vocabulary: Vocabulary, shopper: Shopper, *codes: str) -> PricedBasket:
    """A merino sweater with the shop's own promotions, delivery priced."""
    lines = (BasketLine(product=BY_ID["alder"], quantity=1, size="M"),)
    return price_basket(lines, CATALOG.promotions, codes, NOW, shopper, CATALOG.manifest.shipping, "EUR", vocabulary)


def said(priced: PricedBasket, vocabulary: Vocabulary, verifier: Verifier, **scene: object) -> str:
    """The reply's words about it."""
    fields: dict[str, object] = {"acts": ("basket",), "searched": False, "more": {"basket_is_cart": True}, **scene}
    brief = Scene("My basket", basket=priced, **fields).brief(vocabulary)  # type: ignore[arg-type]
    section = next(each for each in brief.sections if each.section_id == "basket")
    shown = verifier.verify(brief, section, DraftSection(section_id="basket", writer=COMPOSER, text=section.composed))
    assert shown.findings == ()
    return shown.text


def test_each_refused_code_has_its_own_reason_once(vocabulary: Vocabulary, verifier: Verifier) -> None:
    text = said(basket(vocabulary, Shopper(first_order=False), "NOPE", "WELCOME10", "GONE5"), vocabulary, verifier)
    for words in ("NOPE: no such code", "WELCOME10: first orders only", "GONE5: no such code"):
        assert text.count(words) == 1, text


def test_one_refused_code_is_one_code(vocabulary: Vocabulary, verifier: Verifier) -> None:
    text = said(basket(vocabulary, Shopper(), "NOPE"), vocabulary, verifier)
    assert text.count("NOPE: no such code") == 1
    assert "codes" not in text


def test_a_first_order_that_is_assumed_is_a_condition(vocabulary: Vocabulary, verifier: Verifier) -> None:
    """In the words and on the receipt, which keeps the amount."""
    priced = basket(vocabulary, Shopper(first_order_known=False), "WELCOME10")
    assert [(each.amount_minor, each.condition) for each in priced.applied if each.code] == [(720, CONDITION)]
    assert [line.label for line in priced.receipt if line.promotion_id == "welcome"] == [f"Welcome (WELCOME10), {CONDITION}"]
    assert re.search(rf"“Welcome” \({CONDITION}\)", said(priced, vocabulary, verifier))


def test_so_it_is_for_the_first_found_alone(vocabulary: Vocabulary, verifier: Verifier) -> None:
    found: dict[str, object] = {"acts": ("search",), "searched": True, "shown": ("alder",), "more": {}}
    for shopper, told in ((Shopper(first_order_known=False), True), (Shopper(), False)):
        text = said(basket(vocabulary, shopper, "WELCOME10"), vocabulary, verifier, **found)
        assert "“Welcome”" in text
        assert (CONDITION in text) is told


def test_a_first_order_on_record_is_a_fact(vocabulary: Vocabulary, verifier: Verifier) -> None:
    priced = basket(vocabulary, Shopper(), "WELCOME10")
    assert [line.label for line in priced.receipt if line.promotion_id == "welcome"] == ["Welcome (WELCOME10)"]
    assert CONDITION not in said(priced, vocabulary, verifier)
