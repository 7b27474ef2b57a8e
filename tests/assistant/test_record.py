"""What a turn's results look like on the wire: every figure is the catalog's or the offers', and nothing is added or lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.record import (
    offer_fields,
    offers_block,
    outfit_card,
    product_card,
    relaxation_cards,
    reply_text,
    verdicts,
)
from assistant.schema import CheckedSection, Finding, OffersBlock, Results
from catalog_data.schema import Money, Product, Promotion, SizeStock
from retrieval.promotions import price_basket, unit_offer
from retrieval.schema import (
    BasketLine,
    Check,
    Outfit,
    OutfitPiece,
    PricedBasket,
    RankedItem,
    Relaxation,
    Scores,
    SearchResult,
    Shopper,
)
from tests.assistant.rule_shop import NOW, by_id, item, small, vocabulary

SCORES = Scores(similarity=0.5, collaborative=1.5, preference=1, popularity=0.2, total=0.7)
CHECKS = (Check(slot="color", value="red", status="met"), Check(slot="price", value="..8000", status="unknown"))
DRESS = by_id()["i1"]
LOW = Money(amount_minor=9_900, currency="EUR")
QUARTER = Promotion(promotion_id="quarter", title="A quarter off", kind="percent", percent=25)


def picture(product: Product) -> str | None:
    return f"/media/{product.product_id}.svg" if product.price is not None else None


def card(product: Product, *promotions: Promotion) -> dict[str, object]:
    ranked = RankedItem(product=product, checks=CHECKS, scores=SCORES)
    return product_card(ranked, ["it is red"], promotions, NOW, picture, vocabulary()).model_dump()


def basket_of(*products: Product, codes: tuple[str, ...] = ()) -> PricedBasket:
    shop = small()
    lines = tuple(BasketLine(product=product, quantity=2) for product in products)
    terms = (shop.manifest.shipping, "EUR", vocabulary())
    return price_basket(lines, shop.promotions, codes, NOW, Shopper(), *terms)


# ---------------------------------------------------------------- cards


def test_a_card_is_what_the_catalog_says() -> None:
    assert card(DRESS) == {
        "product_id": "i1",
        "title": "Red dress number 1",
        "brand": None,
        "price": {"amount_minor": 7_900, "currency": "EUR"},
        "list_price": None,
        "offer": None,
        "why": ("it is red",),
        "checks": tuple(check.model_dump() for check in CHECKS),
        "scores": SCORES.model_dump(),
        "image_url": "/media/i1.svg",
        "url": None,
        "rating": None,
        "rating_count": 0,
        "sizes": ("S", "M", "L"),
    }


def test_the_price_is_after_the_offer_that_is_named() -> None:
    found = card(DRESS, QUARTER)
    assert found["price"] == {"amount_minor": 5_925, "currency": "EUR"}
    offer = found["offer"]
    assert isinstance(offer, dict)
    assert (offer["promotion_id"], offer["amount_minor"], offer["automatic"]) == ("quarter", 1_975, True)
    assert sum(part["amount_minor"] for part in offer["allocations"]) == 1_975


def test_an_offer_of_another_time_or_with_a_code_does_not_touch_the_card() -> None:
    coming = QUARTER.model_copy(update={"starts_at": NOW + timedelta(seconds=1)})
    coded = QUARTER.model_copy(update={"code": "QUARTER"})
    assert card(DRESS, coming, coded)["price"] == card(DRESS)["price"]


def test_a_price_is_struck_only_where_the_law_lets_it_be() -> None:
    """Directive 98/6 Art. 6a: the lowest price of the 30 days before, and above today's."""
    reduced = DRESS.model_copy(update={"list_price": Money(amount_minor=12_900, currency="EUR"), "lowest_price_30d": LOW})
    assert card(reduced)["list_price"] == LOW.model_dump()
    assert card(reduced.model_copy(update={"lowest_price_30d": None}))["list_price"] is None
    assert card(reduced.model_copy(update={"lowest_price_30d": DRESS.price}))["list_price"] is None


def test_what_the_shop_does_not_say_is_absent() -> None:
    found = card(by_id()["i11"], QUARTER)
    assert [found[name] for name in ("price", "list_price", "offer", "image_url", "rating")] == [None] * 5


def test_only_sizes_that_can_be_bought() -> None:
    stocked = item(
        70, "dress", "red", 1, sizes=(SizeStock(system="alpha", label="S", stock=0), SizeStock(system="alpha", label="M"))
    )
    assert card(stocked)["sizes"] == ("M",)


def test_a_look_costs_what_its_cards_say() -> None:
    anchor, pieces = DRESS, (OutfitPiece(role="shoes", product=by_id()["i6"]), OutfitPiece(role="bag", product=by_id()["i8"]))
    look = Outfit(
        anchor=anchor, pieces=pieces, total=Money(amount_minor=20_000, currency="EUR"), reasons=("red goes with red", "both new"), score=1
    )  # fmt: skip

    def price_of(product: Product) -> Money | None:
        unit = unit_offer(product, (QUARTER,), NOW, vocabulary())
        return unit.price if unit is not None else None

    found = outfit_card(look, picture, price_of)
    assert (found.anchor_product_id, found.total, found.why) == ("i1", look.total, "red goes with red; both new")
    assert [(piece.role, piece.product_id, piece.title, piece.image_url) for piece in found.pieces] == [
        (piece.role, piece.product.product_id, piece.product.title, picture(piece.product)) for piece in pieces
    ]
    assert [piece.price and piece.price.amount_minor for piece in found.pieces] == [3_675, 6_675]


# ---------------------------------------------------------------- offers


def test_no_basket_no_offers() -> None:
    assert offers_block(None, "en") == OffersBlock()


def test_whose_receipt_it_is_and_what_it_hangs_on() -> None:
    shopper = Shopper(first_order_known=False)
    priced = price_basket(
        (BasketLine(product=by_id()["i9"], quantity=1),),
        small().promotions,
        ("WELCOME10",),
        NOW,
        shopper,
        None,
        "EUR",
        vocabulary(),
    )
    block = offers_block(priced, "en", of_basket=False)
    assert not block.of_basket
    assert offers_block(priced, "en").of_basket
    assert [each["condition"] for each in block.applied if each["code"]] == ["if it is your first order"]
    assert [line["label"] for line in block.receipt if line["promotion_id"] == "welcome"] == [
        f"{block.applied[-1]['title']} (WELCOME10), if it is your first order"
    ]


def test_what_came_off_and_what_did_not() -> None:
    block = offers_block(basket_of(by_id()["i9"], codes=("BAG15", "NOPE")), "en")
    assert [(each["promotion_id"], each["code"], each["amount_minor"]) for each in block.applied] == [("bags", "BAG15", 870)]
    assert [(each["code"], each["reason"]) for each in block.rejected if each["code"]] == [("NOPE", "unknown_code")]
    assert [each["kind"] for each in block.receipt][-1] == "total"


@pytest.mark.parametrize(("allocations", "method"), [((), "across"), (((0, 5),), "each"), (((0, 3), (1, 2)), "across")])
def test_how_an_offer_is_shared(allocations: tuple[tuple[int, int], ...], method: str) -> None:
    [applied] = basket_of(by_id()["i9"], codes=("BAG15",)).applied
    fields = offer_fields(applied.model_copy(update={"allocations": allocations}))
    assert fields["method"] == method
    assert fields["allocations"] == [{"line": line, "amount_minor": amount} for line, amount in allocations]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([each for each in by_id().values() if each.price is not None]), min_size=1, max_size=4),
    st.sampled_from(((), ("BAG15",), ("WELCOME10", "BAG15"), ("NOPE",))),
)
def test_the_receipt_adds_up_in_figures_and_in_words(products: list[Product], codes: tuple[str, ...]) -> None:
    block = offers_block(basket_of(*products, codes=codes), "en")
    amounts = {
        kind: [each for each in block.receipt if each["kind"] == kind]
        for kind in ("item", "subtotal", "discount", "shipping", "total")
    }
    total = sum(each["amount_minor"] for kind in ("item", "discount", "shipping") for each in amounts[kind])
    assert [each["amount_minor"] for each in amounts["total"]] == [total]
    for each in block.receipt:
        sign = "-" if each["amount_minor"] < 0 else ""
        major, minor = divmod(abs(each["amount_minor"]), 100)
        assert each["text"] == f"{sign}€{major:,}.{minor:02}"
        assert each["currency"] == "EUR"


# ---------------------------------------------------------------- the rest


def test_relaxations_on_the_wire() -> None:
    change = Relaxation(index=0, slot="price", action="move", source="..8000", target="..9000", count=3)
    [found] = relaxation_cards(Results(search=SearchResult(items=(), matching=0, relaxations=(change,))))
    assert found.model_dump(by_alias=True) == {"slot": "price", "action": "move", "from": "..8000", "to": "..9000", "count": 3}
    assert relaxation_cards(Results()) == ()


def checked(section_id: str, text: str, **fields: object) -> CheckedSection:
    given = {
        "section_id": section_id,
        "kind": "item",
        "writer": "model",
        "shown_writer": "composer",
        "verdict": "withheld",
        "text": text,
    }
    return CheckedSection.model_validate(given | fields)


def test_the_reply_is_a_paragraph_a_section() -> None:
    assert reply_text((checked("a", "One."), checked("b", ""), checked("c", "Three."))) == "One.\n\nThree."
    assert reply_text(()) == ""


def test_who_wrote_what_is_shown_and_what_verification_said() -> None:
    finding = Finding(words="silk", rule="claim", reason="not in the facts")
    [found] = verdicts((checked("item1", "One.", findings=(finding,)),))
    assert found.model_dump() == {
        "section": "item1", "writer": "composer", "verdict": "withheld", "findings": (finding.model_dump(),)
    }  # fmt: skip
