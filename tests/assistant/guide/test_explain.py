"""Reasons on cards, answers about items, comparisons, offers in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guide.describe import answer, compare
from assistant.guide.explain import size_there, why
from assistant.guide.facts import item_facts
from assistant.guide.offers_text import last_day, offer_note
from assistant.guide.phrases import Voice
from assistant.query import constraints
from assistant.schema import Preference, PriceRange, Profile, Source
from catalog_data.schema import Promotion, Scope, Slot
from catalog_data.vocabulary import Vocabulary
from retrieval.filters import check
from retrieval.promotions import unit_offer
from retrieval.schema import RankedItem, Scores
from tests.assistant.guide.golden_scenes import NO_LACE, RED, UNDER_80, WEDDING
from tests.assistant.guide.scenes import size, wish
from tests.assistant.guide.shop import BY_ID, CATALOG, NOW, PROMOTIONS, ranked
from tests.assistant.guide.strategies import products, wishes

CLOSED = CATALOG.manifest.closed_slots


def rated(product_id: str, wanted: tuple[Preference, ...], vocabulary: Vocabulary, collaborative: float = 0.0) -> RankedItem:
    """An item with its real checks."""
    product = BY_ID[product_id]
    checks = tuple(check(product, constraint, vocabulary, CLOSED) for constraint in constraints(wanted))
    return ranked(product_id, *checks, collaborative=collaborative)


def test_reasons_come_from_wishes_price_size_and_others(vocabulary: Vocabulary) -> None:
    wanted = (RED, WEDDING, NO_LACE, UNDER_80, size("M"))
    profile = Profile(preferences=wanted, liked_product_ids=("poppy",))
    assert why(rated("marigold", wanted, vocabulary, 0.7), profile, "me", vocabulary) == (
        "red and for a wedding, as you asked",
        "no lace, as you wished",
        "within your €80",
        "there in your size, M",
    )
    few = Profile(preferences=(RED,), liked_product_ids=("poppy",))
    assert why(rated("marigold", (RED,), vocabulary, 0.7), few, "me", vocabulary) == (
        "red, as you asked",
        "shoppers who liked what you liked chose it too",
        "reduced from €69.95",
        "4.6 of 5 stars from 23 reviews",
    )


@pytest.mark.parametrize(
    ("source", "words"), [("inferred", "going by what you bought before"), ("behaviour", "going by what you looked at")]
)
def test_what_nobody_said_is_told_as_a_guess(vocabulary: Vocabulary, source: Source, words: str) -> None:
    guessed = (
        wish("material", "linen", "bought linen four times", source=source),
        wish("price", PriceRange(max=8000), "most cost no more", source=source),
        wish("size", "M", "bought in M", source=source, size_system="alpha"),
        wish("pattern", "lace", "never bought", source=source, polarity="dislike"),
    )
    told = why(rated("poppy", guessed, vocabulary), Profile(preferences=guessed), "me", vocabulary)
    assert told[0] == f"in linen, {words}"
    assert not re.search(r"you (?:asked|wished)|within your|your size", " ".join(told))


def test_a_size_worked_out_from_an_age_is_not_called_given(vocabulary: Vocabulary) -> None:
    aged = wish("size", "M", "she is 8", scope="daughter", size_system="alpha")
    assert size_there(rated("marigold", (aged,), vocabulary), (aged,), "daughter") == "in size M"
    given = size("M", scope="daughter")
    assert size_there(rated("marigold", (given,), vocabulary), (given,), "daughter") == "in the size you gave, M"


def test_an_item_without_reasons_is_described(vocabulary: Vocabulary) -> None:
    assert why(ranked("birch"), Profile(), "me", vocabulary) == (
        "€29.00",
        "an off-white tote bag in canvas",
        "for work and every day",
    )
    assert why(ranked("lantern"), Profile(), "me", vocabulary) == ()


def test_wishes_of_others_do_not_count(vocabulary: Vocabulary) -> None:
    hers = RED.model_copy(update={"scope": "sister"})
    assert not any("as you" in text for text in why(ranked("poppy"), Profile(preferences=(hers,)), "me", vocabulary))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_reasons_are_few_and_hold(data: st.DataObject, vocabulary: Vocabulary) -> None:
    product = data.draw(products(vocabulary, 1))
    wanted = data.draw(wishes(vocabulary, "me", (product,)))
    checks = tuple(check(product, constraint, vocabulary, ()) for constraint in constraints(wanted))
    scores = Scores(similarity=0, collaborative=data.draw(st.sampled_from((0.0, 1.0))), preference=0, popularity=0, total=0)
    found = why(RankedItem(product=product, checks=checks, scores=scores), Profile(preferences=wanted), "me", vocabulary)
    assert len(found) <= 4
    assert len(set(found)) == len(found)
    limits = [w.value.max for w in wanted if isinstance(w.value, PriceRange) and w.value.max is not None]
    if any(text.startswith("within your €") for text in found):
        assert product.price is not None
        assert product.price.amount_minor <= min(limits)
    assert not any("shoppers who liked" in text for text in found), "nothing was liked"


@pytest.mark.parametrize(
    ("product_id", "slot", "value", "status"),
    [
        ("poppy", "feature", "pockets", "yes"),
        ("marigold", "feature", "machine washable", "yes"),  # its care line says so
        ("poppy", "feature", "waterproof", "unknown"),
        ("poppy", "material", "silk", "no"),  # closed in this shop
        ("gully", "feature", "lined", "no"),  # "Not lined."
        ("gully", "material", "leather", "no"),
        ("lantern", "material", "wool", "no"),
        ("skerry", "color", "blue", "yes"),  # navy is a blue
        ("alder", "material", "wool", "yes"),  # merino is a wool
        ("marigold", "brand", "Nordlys", "yes"),
        ("marigold", "brand", "Kelp", "no"),
        ("lantern", "brand", "Kelp", "unknown"),
        ("marigold", "size", "M", "yes"),
        ("marigold", "size", "L", "no"),  # sold out
        ("lantern", "size", "M", "unknown"),
    ],
)
def test_answers(vocabulary: Vocabulary, product_id: str, slot: Slot, value: str, status: str) -> None:
    found = answer(BY_ID[product_id], (slot,), (value,), "", vocabulary, CLOSED)
    assert [(each.slot, each.status) for each in found] == [(slot, status)]


def test_in_an_open_slot_silence_is_no_denial(vocabulary: Vocabulary) -> None:
    assert answer(BY_ID["poppy"], ("material",), ("silk",), "", vocabulary, ())[0].status == "unknown"


def test_a_coarse_word_is_no_answer(vocabulary: Vocabulary) -> None:
    plain_blue = BY_ID["skerry"].model_copy(update={"colors": ("blue",)})
    assert answer(plain_blue, ("color",), ("navy",), "", vocabulary, CLOSED)[0].status == "unknown"


def test_slots_asked_without_a_value_give_their_values(vocabulary: Vocabulary) -> None:
    found = answer(BY_ID["marigold"], ("price", "size", "rating", "color"), (), "", vocabulary)
    assert [each.values for each in found] == [("€59.95",), ("S", "M"), ("4.6 of 5 stars from 23 reviews",), ("red",)]
    assert answer(BY_ID["lantern"], ("price",), (), "", vocabulary)[0].status == "unknown"


def test_questions_are_read_where_nothing_was_understood(vocabulary: Vocabulary) -> None:
    assert answer(BY_ID["alder"], (), (), "how do I wash it?", vocabulary)[0].values == ("hand wash cold", "dry flat")
    assert answer(BY_ID["skerry"], (), (), "is it waterproof?", vocabulary)[0].status == "yes"
    assert {each.slot for each in answer(BY_ID["skerry"], (), (), "tell me about it", vocabulary)} >= {
        "color",
        "material",
        "price",
    }


def test_comparison_rows_say_only_what_the_shop_says(vocabulary: Vocabulary) -> None:
    compared = compare([BY_ID["marigold"], BY_ID["lantern"]], vocabulary)
    rows = {row.slot: row.cells for row in compared.rows}
    assert rows["title"] == ("Marigold Wrap Dress", "Lantern Scarf")
    assert rows["price"] == ("€59.95, reduced from €69.95", "")
    assert rows["material"] == ("viscose", "")
    assert "fit" not in rows, "neither says anything of its fit"
    assert all(len(cells) == 2 for cells in rows.values())


@pytest.mark.parametrize(
    ("promotion_id", "terms"),
    [
        ("welcome", "10% off your order, with code WELCOME10, on a first order, once for each customer"),
        ("linen", "20% off chosen items, until 30 November 2026"),
        ("ship", "free delivery, from €60.00 on"),
        ("socks", "buy 2, get 1 free on accessories"),
        ("spend", "€15.00 off your order, from €100.00 on"),
    ],
)
def test_offers_in_words(vocabulary: Vocabulary, promotion_id: str, terms: str) -> None:
    promotion = next(each for each in PROMOTIONS if each.promotion_id == promotion_id)
    assert offer_note(promotion, "EUR", vocabulary).terms == terms


def test_every_field_of_an_offer_is_told(vocabulary: Vocabulary) -> None:
    promotion = Promotion(
        promotion_id="x",
        title="Shoes <b>now</b>",
        kind="amount",
        amount_minor=500,
        cap_minor=2000,
        minimum_quantity=2,
        members_only=True,
        scope=Scope(
            categories=("sandals",), brands=("Kelp",), genders=("women",), excludes_reduced=True, excluded_categories=("slides",)
        ),
    )
    note = offer_note(promotion, "EUR", vocabulary)
    assert note.title == "Shoes now"
    assert note.terms == (
        "€5.00 off each piece of sandals from Kelp for women except slides and reduced items, from 2 pieces on, at most €20.00 in all, for members"
    )


def test_an_offer_ends_before_its_end() -> None:
    assert last_day(datetime(2026, 12, 1, tzinfo=UTC)) == "30 November 2026"
    assert last_day(datetime(2026, 12, 1, 18, tzinfo=UTC)) == "1 December 2026"


def test_facts_and_references_of_an_item(vocabulary: Vocabulary, voice: Voice) -> None:
    offer = unit_offer(BY_ID["poppy"], PROMOTIONS, NOW, vocabulary)
    poppy = item_facts("item1", ranked("poppy"), ("why",), vocabulary, "en", offer, voice.descriptive)
    assert poppy.references["item1.price"] == "€51.92"
    assert "item1.before" not in poppy.references, "the shop states no lowest price of 30 days"
    assert poppy.references["item1.offer"] == "Linen weeks"
    assert poppy.facts["feature"] == ("pockets", "buttons", "sleeveless", "unlined")
    assert "crisp" in poppy.facts["details"]
    marigold = item_facts("item2", ranked("marigold"), (), vocabulary, "en", None, voice.descriptive).references
    assert marigold["item2.list_price"] == "€69.95", "the 30-day low, not the list price"
    assert (marigold["item2.saving"], marigold["item2.sizes"]) == ("€10.00", "S and M")
    bare = item_facts("item3", ranked("lantern"), (), vocabulary, "en", None, voice.descriptive)
    assert bare.references == {"item3.title": "Lantern Scarf"}
    assert bare.facts == {"category": ("scarf",)}


def test_no_figure_is_among_the_words(vocabulary: Vocabulary, voice: Voice) -> None:
    for product_id in BY_ID:
        facts = item_facts("item1", ranked(product_id), (), vocabulary, "en", None, voice.descriptive).facts
        assert not any(char.isnumeric() for words in facts.values() for word in words for char in word)
