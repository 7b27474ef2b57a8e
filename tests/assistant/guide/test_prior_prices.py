"""What an item cost before is told only where the law lets it be (Directive 98/6 Art. 6a): never above the lowest price of 30 days."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guide.brief import make_brief
from assistant.guide.facts import item_facts
from assistant.guide.verification import COMPOSER, Verifier
from assistant.record import product_card
from assistant.schema import Act, DialogueState, DraftSection, GuideBrief, Profile, ProfileChange, Results, Understanding
from catalog_data.schema import Catalog, Product, Promotion, Scope
from catalog_data.vocabulary import Vocabulary
from retrieval.promotions import unit_offer
from retrieval.schema import RankedItem, Scores, SearchResult
from tests.assistant.guide.shop import BY_ID, CATALOG, NOW, euro

KNITWEAR = Promotion(promotion_id="knit", title="Knitwear week", kind="percent", percent=10, scope=Scope(categories=("sweater",)))


def sweater(price: int, low: int | None, listed: int | None = None) -> Product:
    """A sweater at this price, with the lowest of 30 days and the list price where they are stated."""
    prices = {
        "price": euro(price),
        "lowest_price_30d": euro(low) if low is not None else None,
        "list_price": euro(listed) if listed is not None else None,
    }
    return BY_ID["alder"].model_copy(update=prices)


def item(product: Product) -> RankedItem:
    return RankedItem(
        product=product, checks=(), scores=Scores(similarity=0, collaborative=0, preference=0, popularity=0, total=0)
    )


def brief_of(product: Product, vocabulary: Vocabulary, turn: int) -> GuideBrief:
    """What is said of it when it alone is found, with the promotion running."""
    found, message = (item(product),), f"something warm {turn}"
    return make_brief(
        message=message,
        understanding=Understanding(text=message, acts=(Act(kind="search"),)),
        change=ProfileChange(profile=Profile()),
        profile=Profile(),
        results=Results(search=SearchResult(items=found, matching=1), items=found),
        state=DialogueState(turn=turn),
        catalog=Catalog(manifest=CATALOG.manifest, products=(product,), promotions=(KNITWEAR,), digest="x"),
        vocabulary=vocabulary,
        now=NOW,
    )


def replies(product: Product, vocabulary: Vocabulary, verifier: Verifier) -> list[str]:
    """What is shown of it in many turns, so that every pattern has its turn; nothing is cut by verification."""
    said = []
    for turn in range(40):
        brief = brief_of(product, vocabulary, turn)
        sections = [
            verifier.verify(brief, each, DraftSection(section_id=each.section_id, writer=COMPOSER, text=each.composed))
            for each in brief.sections
        ]
        assert not [finding for section in sections for finding in section.findings]
        said.append(" ".join(section.text for section in sections))
    return said


@pytest.mark.parametrize(("low", "listed"), [(4000, None), (4000, 6000), (None, None), (None, 6000)])
def test_a_tag_above_the_low_is_not_told_as_the_price_before(
    low: int | None, listed: int | None, vocabulary: Vocabulary, verifier: Verifier
) -> None:
    """Also where no 30-day low is stated; the offer is named, and the card strikes nothing."""
    product = sweater(5000, low, listed)
    said = replies(product, vocabulary, verifier)
    assert not [text for text in said if "50.00" in text or "60.00" in text or "instead of" in text or "reduced" in text]
    told = [text for text in said if "Knitwear week" in text]
    assert told
    assert all("€45.00" in text for text in told)
    card = product_card(item(product), (), (KNITWEAR,), NOW, lambda _: None, vocabulary)
    assert (card.price, card.list_price) == (euro(4500), None)


def test_a_tag_that_is_the_low_is_told(vocabulary: Vocabulary, verifier: Verifier) -> None:
    said = [text for text in replies(sweater(5000, 5000), vocabulary, verifier) if "Knitwear week" in text]
    assert said
    assert all("€50.00" in text and "€45.00" in text for text in said)


@given(
    price=st.integers(1, 20_000),
    low=st.none() | st.integers(1, 20_000),
    listed=st.none() | st.integers(1, 20_000),
)
def test_no_reference_to_an_earlier_price_is_above_the_low(
    price: int, low: int | None, listed: int | None, vocabulary: Vocabulary
) -> None:
    """For composer and models alike, who have nothing but these references: none without a low, none above it."""
    product = sweater(price, low, listed)
    unit = unit_offer(product, (KNITWEAR,), NOW, vocabulary)
    found = item_facts("item1", item(product), (), vocabulary, "en", unit).references
    for name in ("item1.before", "item1.list_price"):
        told = found.get(name)
        assert told is None or (low is not None and round(float(told.removeprefix("€").replace(",", "")) * 100) <= low)
    reduced = unit is not None and unit.offer is not None
    assert ("item1.before" in found) == (reduced and low is not None and price <= low)
