"""Each invariant passes a turn in which it holds, and names one in which it does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from assistant.evaluation.invariants import INVARIANTS, broken
from assistant.evaluation.results import Played
from assistant.evaluation.script import InvariantName
from assistant.schema import Cart, CartLine, Comparison, OffersBlock, Profile, TurnRecord
from tests.assistant.evaluation.records import bag_offers, card, cards, euro, look, offer, played, receipt, record, section, shop
from tests.assistant.rule_shop import NOW, profile_of, wish


class Case(NamedTuple):
    """What is shown, when, and what the invariant says was found; None: it holds."""

    name: InvariantName
    what: str
    turn: Played
    found: str | None
    now: datetime = NOW


BAG = card("i5", price=euro(2_400), offer=offer("bags", 600))
RED, NOT_RED = wish("color", "red"), wish("color", "black", polarity="dislike")
LARGE_SHOE = wish("size", "39", size_system="eu_shoe")
MEDIUM = wish("size", "M", size_system="alpha")
ASKED = record(question="For whom?")
BASKET = Cart(lines=(CartLine(product_id="i5", quantity=1),), codes=("WELCOME10",))


def search(*product_ids: str, profile: Profile | None = None, **fields: Any) -> TurnRecord:
    """A search that shows these for this profile."""
    return record(cards(*product_ids), profile=profile or Profile(), actions=("search",), **fields)


def priced(offers: OffersBlock, **fields: Any) -> TurnRecord:
    """An answer with a receipt."""
    return record(offers=offers, actions=("price",), **fields)


def said(reply: str, **fields: Any) -> TurnRecord:
    """An answer in these words, with the first dress on screen."""
    return record(cards("i1"), reply=f"Red dress number 1. {reply}", **fields)


def prices() -> tuple[Case, ...]:
    name: InvariantName = "prices_match_catalog"
    return (
        Case(name, "as the catalog says", played(search("i1", "i6")), None),
        Case(name, "less its offer", played(record((BAG,))), None),
        Case(name, "a look at its prices", played(record(outfits=(look("i1", ("shoes", "i4")),))), None),
        Case(name, "a stale price", played(record((card("i1", price=euro(5_990)),))), "5990"),
        Case(name, "a price where there is none", played(record((card("i6", price=euro(1)),))), "amount_minor=1"),
        Case(name, "an offer not taken off", played(record((card("i5", offer=offer("bags", 600)),))), "3000"),
        Case(name, "struck from a price that never was", played(record((card("i3", list_price=euro(9_000)),))), "9000"),
        Case(name, "a bag in a look without its offer", played(record(outfits=(look("i1", ("bag", "i5")),))), "3000"),
    )


def ids() -> tuple[Case, ...]:
    name: InvariantName = "ids_exist"
    strange = OffersBlock(receipt=receipt(("item", 100, "i404")))
    return (
        Case(name, "items of the shop", played(search("i1")), None),
        Case(name, "an item that is not there", played(record((card("i1", product_id="i404"),))), "i404"),
        Case(name, "under another's title", played(record((card("i1", title="Blue dress"),))), "Blue dress"),
        Case(name, "compared with nothing", played(record(comparison=Comparison(product_ids=("i1", "i404"), rows=()))), "i404"),
        Case(name, "paid for, but not sold", played(record(offers=strange)), "i404"),
    )


def offers() -> tuple[Case, ...]:
    name: InvariantName = "offers_valid"
    welcome = bag_offers(offer("welcome", 300), off=300)
    three, two = (bag_offers(offer("third", 3_000), off=3_000, pieces=n) for n in (3, 2))
    return (
        Case(name, "an offer that holds", played(priced(bag_offers(offer("bags", 600), off=600))), None),
        Case(name, "on a card", played(record((BAG,))), None),
        Case(name, "a code that was said", played(priced(welcome, message="I have welcome 10")), None),
        Case(name, "a code said before", played(priced(welcome), record(message="WELCOME10")), None),
        Case(name, "a code in the basket", played(priced(welcome), cart=BASKET), None),
        Case(name, "every third is free", played(priced(three)), None),
        Case(name, "delivery", played(priced(bag_offers(offer("carried", 490), off=490), message="carry")), None),
        Case(name, "nobody's offer", played(priced(bag_offers(offer("made-up", 100), off=100))), "made-up"),
        Case(name, "a code that nobody gave", played(priced(welcome)), "welcome"),
        Case(name, "over", played(priced(bag_offers(offer("summer", 300)), message="SUMMER20")), "summer"),
        Case(name, "not begun", played(priced(bag_offers(offer("later", 300)))), "later"),
        Case(name, "begun by then", played(priced(bag_offers(offer("later", 300)))), None, NOW + timedelta(days=4)),
        Case(name, "under another title", played(priced(bag_offers(offer("bags", 600, title="Half price")))), "Half price"),
        Case(name, "twice what its terms say", played(priced(bag_offers(offer("bags", 1_200), off=1_200))), "1200"),
        Case(name, "on goods out of its scope", played(priced(_dress_receipt(offer("bags", 998)))), "998"),
        Case(name, "below its minimum", played(priced(bag_offers(offer("five", 500), off=500))), "3000"),
        Case(name, "above its minimum", played(priced(bag_offers(offer("five", 500), off=500, pieces=2))), None),
        Case(name, "more than the sum it names", played(priced(bag_offers(offer("five", 900), pieces=2))), "900"),
        Case(name, "a third that is not there", played(priced(two)), "2"),
        Case(name, "two of three free", played(priced(bag_offers(offer("third", 6_000), pieces=3))), "6000"),
        Case(name, "more than delivery costs", played(priced(bag_offers(offer("carried", 900)), message="carry")), "900"),
        Case(name, "twice on a card", played(record((card("i5", price=euro(1_800), offer=offer("bags", 1_200)),))), "1200"),
        Case(name, "a card out of its scope", played(record((card("i3", price=euro(3_120), offer=offer("bags", 780)),))), "780"),
    )


def _dress_receipt(*applied: dict[str, Any]) -> OffersBlock:
    return OffersBlock(applied=applied, receipt=receipt(("item", 4_990, "i1"), ("item", 3_000, "i5")))


def names() -> tuple[Case, ...]:
    name: InvariantName = "cards_equal_reply"
    asked = record(reply="Which size of Red dress number 1?", actions=("price",))
    kept = profile_of(wish("color", "red", source="behaviour", evidence="2 of 3 purchases: Red dress number 1"))
    quoted = record(reply="You like red (2 of 3 purchases: Red dress number 1).", profile=kept)
    return (
        Case(name, "each is named", played(search("i1", "i2")), None),
        Case(name, "a card not named", played(search("i1", "i2", reply="Look at Red dress number 1.")), "Black shirt"),
        Case(name, "named, not shown", played(search("i1", reply="Red dress number 1, Black shirt number 2.")), "Black shirt"),
        Case(name, "worn in a look", played(said("With Red sandals number 4.", outfits=(look("i1", ("shoes", "i4")),))), None),
        Case(name, "in the basket", played(record(reply="It holds Black handbag number 5."), cart=BASKET), None),
        Case(name, "on screen before", played(asked, search("i1")), None),
        Case(name, "never on screen", played(asked), "Red dress"),
        Case(name, "a search names what is gone", played(said("Black shirt number 2."), search("i2")), "Black shirt"),
        Case(name, "the page's own", played(asked, page="i1"), None),
        Case(name, "quoted from the profile", played(quoted), None),
    )


def evidences() -> tuple[Case, ...]:
    name: InvariantName = "evidence"
    both = profile_of(wish("price", {"min": 100, "max": 200}, evidence="from 1; up to  2"))
    return (
        Case(name, "her words", played(record(message="Something RED", profile=profile_of(RED))), None),
        Case(name, "her words of before", played(record(profile=profile_of(RED)), record(message="red")), None),
        Case(name, "what she bought", played(record(profile=profile_of(wish("color", "red", source="behaviour")))), None),
        Case(name, "words of two turns", played(record(message="up to 2", profile=both), record(message="from 1")), None),
        Case(name, "nobody said it", played(record(message="a dress", profile=profile_of(RED))), "red"),
        Case(name, "half of it", played(record(message="from 1", profile=both)), "up to"),
        Case(name, "no words", played(record(profile=profile_of(wish("color", "red", evidence=" ", source="inferred")))), "red"),
    )


def constraints() -> tuple[Case, ...]:
    name: InvariantName = "constraints_hold"
    cheap, good = wish("price", {"max": 5_000}), wish("rating", {"stars": 4.0})
    sister = profile_of(wish("color", "black", scope="sister"))
    side_by_side = Comparison(product_ids=("i1", "i2"), rows=())
    return (
        Case(name, "what was wished", played(search("i1", profile=profile_of(RED, NOT_RED, cheap, good, MEDIUM))), None),
        Case(name, "either of two", played(search("i1", "i3", profile=profile_of(RED, wish("color", "navy")))), None),
        Case(name, "a kind of it", played(search("i4", profile=profile_of(wish("category", "shoes")))), None),
        Case(name, "a soft wish", played(search("i2", profile=profile_of(wish("color", "red", strength="soft")))), None),
        Case(name, "somebody else's wish", played(search("i1", profile=sister)), None),
        Case(name, "a size by half its label", played(search("i4", profile=profile_of(LARGE_SHOE))), None),
        Case(name, "a size of another system", played(search("i1", "i5", profile=profile_of(LARGE_SHOE))), None),
        Case(
            name, "compared, not found", played(record(cards("i1", "i2"), comparison=side_by_side, profile=profile_of(RED))), None
        ),
        Case(name, "another colour", played(search("i2", profile=profile_of(RED))), "i2"),
        Case(name, "what is disliked", played(search("i5", profile=profile_of(NOT_RED))), "i5"),
        Case(name, "too dear", played(search("i7", profile=profile_of(cheap))), "i7"),
        Case(name, "of unknown price", played(search("i6", profile=profile_of(cheap))), "i6"),
        Case(name, "too cheap", played(search("i4", profile=profile_of(wish("price", {"min": 3_000})))), "i4"),
        Case(name, "badly rated", played(search("i2", profile=profile_of(good))), "i2"),
        Case(name, "not rated", played(search("i3", profile=profile_of(good))), "i3"),
        Case(name, "sold out in her size", played(search("i2", profile=profile_of(MEDIUM))), "i2"),
        Case(name, "no such size", played(search("i4", profile=profile_of(wish("size", "41", size_system="eu_shoe")))), "i4"),
        Case(name, "a letter, without a system", played(search("i3", profile=profile_of(wish("size", "S")))), "i3"),
        Case(name, "for the sister", played(search("i1", profile=sister, scope="sister")), "i1"),
    )


def enough() -> tuple[Case, ...]:
    name: InvariantName = "enough_shown"
    dress = profile_of(wish("category", "dress"))
    rejected = profile_of(wish("category", "dress"), rejected_product_ids=("i7",))
    return (
        Case(name, "three of three", played(search("i1", "i3", "i7", profile=dress)), None),
        Case(name, "no three there are", played(search("i4", profile=profile_of(wish("category", "sandals")))), None),
        Case(name, "the rest was shown", played(search("i7", profile=dress), search("i1", "i3", profile=dress)), None),
        Case(name, "one was rejected", played(search("i1", "i3", profile=rejected)), None),
        Case(name, "no search", played(record(profile=dress)), None),
        Case(name, "a filter after the cut", played(search("i1", profile=dress)), "1"),
        Case(name, "nothing at all", played(record(actions=("search",), profile=dress)), "0"),
    )


def sums() -> tuple[Case, ...]:
    name: InvariantName = "sums_add_up"
    bag = offer("bags", 600)
    wrong_total = OffersBlock(receipt=receipt(("item", 3_000, "i5"), ("subtotal", 3_000), ("total", 2_000)))
    wrong_item = OffersBlock(receipt=receipt(("item", 2_000, "i5"), ("subtotal", 2_000), ("total", 2_000)))
    wrong_subtotal = OffersBlock(receipt=receipt(("item", 3_000, "i5"), ("subtotal", 4_000), ("total", 4_000)))
    return (
        Case(name, "a receipt", played(priced(bag_offers(bag, off=600))), None),
        Case(name, "no receipt", played(record()), None),
        Case(name, "a look", played(record(outfits=(look("i1", ("shoes", "i4")),))), None),
        Case(name, "an item too cheap", played(priced(wrong_item)), "2000"),
        Case(name, "a subtotal of nothing", played(priced(wrong_subtotal)), "4000"),
        Case(name, "a total of nothing", played(priced(wrong_total)), "2000"),
        Case(name, "a discount not shown", played(priced(bag_offers(bag))), "0"),
        Case(name, "a discount twice", played(priced(bag_offers(bag, bag, off=1_200))), "bags, bags"),
        Case(name, "a look too cheap", played(record(outfits=(look("i1", ("shoes", "i4"), total=1),))), "1"),
    )


def grounds() -> tuple[Case, ...]:
    name: InvariantName = "grounded"
    cheap = profile_of(wish("price", {"max": 6_000}))
    near = priced(bag_offers(), reply="€20.00 more, and The five offer applies too; €45.00 more and delivery is free.")
    return (
        Case(name, "its price, what it was, the gap", played(said("€49.90, was €65.00: €15.10 less.")), None),
        Case(name, "her limit", played(said("Under €60.00 by €10.10.", profile=cheap)), None),
        Case(name, "terms of the shop", played(said("Delivery €4.90, free from €75.00; 20% off bags; 15 % is kept.")), None),
        Case(name, "what is missing", played(near), None),
        Case(name, "a price made up", played(said("Only €1.00!")), "€1.00"),
        Case(name, "a share made up", played(said("Now 70% off.")), "70%"),
        Case(name, "a gap that is none", played(priced(bag_offers(), reply="€21.00 more for free delivery.")), "€21.00"),
        Case(name, "a checked section", played(record(sections=(section("A fine dress."),))), None),
        Case(name, "the composer's instead", played(record(sections=(section("x", "withheld", "model", "composer"),))), None),
        Case(name, "withheld and shown", played(record(sections=(section("x", "withheld"),))), "item1"),
    )


def questions() -> tuple[Case, ...]:
    name: InvariantName = "asked_once"
    return (
        Case(name, "asked once", played(ASKED, record()), None),
        Case(name, "another question", played(record(question="Which size?"), ASKED), None),
        Case(name, "asked again", played(ASKED, record(), ASKED, record()), "For whom?"),
    )


def rejections() -> tuple[Case, ...]:
    name: InvariantName = "rejected_stay_away"
    no = Profile(rejected_product_ids=("i1",))
    return (
        Case(name, "gone", played(search("i2", profile=no)), None),
        Case(name, "asked about", played(record(cards("i1"), profile=no, actions=("describe",))), None),
        Case(name, "back again", played(search("i2", "i1", profile=no)), "i1"),
    )


def memories() -> tuple[Case, ...]:
    name: InvariantName = "nothing_forgotten"
    one, two = profile_of(NOT_RED, version=1), profile_of(NOT_RED, wish("color", "red"), version=2)
    ended = Profile.model_validate({"superseded": [NOT_RED.model_dump() | {"superseded_by_turn": 2}], "version": 2})
    empty, fresh = Profile(version=2), profile_of(wish("size", "M"), version=2)
    anew = ("chat", "search")
    return (
        Case(name, "kept", played(record(profile=two), record(profile=one)), None),
        Case(name, "ended by what came later", played(record(profile=ended), record(profile=one)), None),
        Case(name, "taken back", played(record(profile=one), record(profile=two)), None),
        Case(name, "begun anew", played(record(profile=empty), record(profile=one)), None),
        Case(name, "begun anew with a wish", played(record(profile=fresh, actions=anew), record(profile=one)), None),
        Case(name, "nothing before", played(record(profile=empty)), None),
        Case(name, "a dislike forgotten", played(record(profile=empty, actions=("search",)), record(profile=one)), "gone"),
        Case(
            name, "forgotten beside a new wish", played(record(profile=fresh, actions=("search",)), record(profile=one)), "gone"
        ),
        Case(name, "one of two forgotten", played(record(profile=profile_of(NOT_RED, version=3)), record(profile=two)), "gone"),
        Case(name, "forgotten while chatting", played(record(profile=Profile(version=1)), record(profile=one)), "gone"),
    )


CASES = (
    *(*prices(), *ids(), *offers(), *names(), *evidences(), *constraints()),
    *(*enough(), *sums(), *grounds(), *questions(), *rejections(), *memories()),
)


def test_every_invariant_has_a_turn_that_holds_and_one_that_does_not() -> None:
    verdicts: Mapping[bool, set[str]] = {
        holds: {case.name for case in CASES if (case.found is None) == holds} for holds in (True, False)
    }
    assert verdicts[True] == verdicts[False] == set(INVARIANTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}: {case.what}")
def test_an_invariant_holds_or_says_what_it_found(case: Case) -> None:
    failures = broken([case.name], case.turn, shop(), case.now)
    if case.found is None:
        assert failures == ()
    else:
        assert failures
        assert failures[0].path == f"invariant.{case.name}"
        assert case.found in failures[0].found


def test_only_those_named_are_looked_at() -> None:
    assert broken([], played(record((card("i1", price=euro(1)),))), shop(), NOW) == ()


def test_a_good_turn_breaks_none() -> None:
    message = "a red dress, M, not black"
    turn = search("i1", profile=profile_of(RED, NOT_RED, MEDIUM, version=1), message=message, reply="Red dress number 1, €49.90.")
    assert broken(tuple(INVARIANTS), played(turn), shop(), NOW) == ()
