"""The parser over the shop's own vocabulary, and the situations that messages are read in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assistant.schema import DialogueState, ParseContext, Preference, PriceRange, Profile
from assistant.understanding.parser import Parser
from catalog_data.schema import Money, Product, SizeStock
from catalog_data.vocabulary import Vocabulary, load_vocabulary

BRANDS = ("212 Local", "Aurelia", "H&M", "Mother", "Next", "Stella McCartney")


def _item(
    product_id: str, title: str, product_type: str, color: str, price: int, material: str, rating: float | None = None
) -> Product:
    return Product(
        product_id=product_id,
        title=title,
        product_type=product_type,
        colors=(color,),
        materials=(material,),
        price=Money(amount_minor=price, currency="EUR"),
        sizes=(SizeStock(system="alpha", label="S"), SizeStock(system="alpha", label="M")),
        rating=rating,
        rating_count=5 if rating else 0,
    )


SHOWN = (
    _item("d1", "Aurelia Rosalind Wrap Dress", "dress", "red", 7000, "viscose", 4.5),
    _item("d2", "Lumen Midsummer Dress", "dress", "blue", 4500, "cotton", 4.0),
    _item("d3", "Harbour Shirt Dress", "dress", "red", 5900, "linen"),
    _item("d4", "Nocturne Velvet Gown", "gown", "black", 7900, "velvet"),
)

SHOES = Product(
    product_id="s1",
    title="Karst Trail Socks",
    product_type="socks",
    colors=("grey",),
    materials=("cotton",),
    price=Money(amount_minor=1290, currency="EUR"),
    sizes=(SizeStock(system="eu_shoe", label="37/38"), SizeStock(system="eu_shoe", label="39/40")),
)


def _held(number: int, slot: str, value: str | PriceRange, scope: str = "me", polarity: str = "like") -> Preference:
    fields = {"preference_id": f"p{number}", "slot": slot, "value": value, "scope": scope, "polarity": polarity}
    return Preference.model_validate({**fields, "evidence": "said before", "turn": 1})


def _much() -> Profile:
    size = {"preference_id": "p3", "slot": "size", "value": "M", "size_system": "alpha", "evidence": "said before", "turn": 1}
    return Profile(
        preferences=(
            _held(1, "category", "dress"),
            _held(2, "feature", "pockets"),
            Preference.model_validate(size),
            _held(4, "occasion", "wedding"),
            _held(5, "gender", "women"),
            _held(6, "color", "red"),
            _held(7, "fit", "mom", polarity="dislike"),
            _held(8, "fit", "boyfriend", polarity="dislike"),
            _held(9, "feature", "studs", polarity="dislike"),
            _held(10, "material", "lace", polarity="dislike"),
        ),
        version=1,
    )


def _sized(category: str, size: str, system: str, scope: str = "me", **more: str) -> ParseContext:
    """A search for one kind of item in one size."""
    label = {
        "preference_id": "p9",
        "slot": "size",
        "value": size,
        "size_system": system,
        "scope": scope,
        "evidence": "said before",
        "turn": 1,
    }
    others = (_held(number, slot, value, scope) for number, (slot, value) in enumerate(more.items(), start=2))
    held = (_held(1, "category", category, scope), *others, Preference.model_validate(label))
    return ParseContext(state=DialogueState(turn=1, scope=scope, topic=category), profile=Profile(preferences=held, version=1))


def _contexts() -> Mapping[str, ParseContext]:
    dresses = Profile(
        preferences=(
            _held(1, "category", "dress"),
            _held(2, "color", "red"),
            _held(3, "price", PriceRange(max=8000)),
            _held(4, "material", "lace", polarity="dislike"),
            _held(5, "color", "black", polarity="dislike"),
        ),
        version=1,
    )
    shirts = Profile(
        preferences=(
            _held(1, "category", "dress"),
            _held(2, "gender", "men", "husband"),
            _held(3, "category", "shirt", "husband"),
            _held(4, "color", "blue", "husband"),
        ),
        version=1,
    )
    state = DialogueState(turn=1, topic="red dress", shown=tuple(product.product_id for product in SHOWN))
    return {
        "fresh": ParseContext(),
        "shown": ParseContext(state=state, profile=dresses, shown=SHOWN),
        "second": ParseContext(state=state.model_copy(update={"focus": "d2"}), profile=dresses, shown=SHOWN),
        "page": ParseContext(page=SHOWN[2]),
        "bought": ParseContext(
            state=state.model_copy(update={"focus": "d2", "last_actions": ("price",)}),
            profile=dresses,
            shown=SHOWN,
            held=SHOWN[1:2],
        ),
        "paid": ParseContext(
            state=DialogueState(turn=3, focus="d4", last_actions=("price",)), page=SHOWN[2], held=(SHOES, SHOWN[3], SHOWN[1])
        ),
        "sizing": ParseContext(
            state=DialogueState(turn=1, size_asked_for=("d3",), quantity_asked_for=2), page=SHOWN[2], sizing=SHOWN[2:3]
        ),
        "shoes": ParseContext(state=DialogueState(turn=1, size_asked_for=("s1",)), page=SHOES, sizing=(SHOES,)),
        "asked": ParseContext(state=state.model_copy(update={"last_actions": ("ask",)}), profile=dresses, shown=SHOWN),
        "husband": ParseContext(state=DialogueState(turn=2, scope="husband", topic="blue shirt"), profile=shirts),
        "boots": _sized("boots", "38", "eu_shoe", color="black"),
        "jeans": _sized("jeans", "32", "waist", gender="men"),
        "niece": _sized("raincoat", "116", "height", "niece", gender="girls"),
        "scarf": _sized("scarf", "One size", "one", "mother", material="cashmere", color="blue"),
        "wished": ParseContext(state=state, profile=_much(), shown=SHOWN),
    }


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The closed words of the shop."""
    return load_vocabulary()


@pytest.fixture(scope="session")
def parser(vocabulary: Vocabulary) -> Parser:
    """The parser of a shop that counts in euro."""
    return Parser(vocabulary, BRANDS, "EUR")


@pytest.fixture(scope="session")
def contexts() -> Mapping[str, ParseContext]:
    """`fresh`: nothing said yet. `shown`: four items on screen in a search for a red dress under 80, no lace, no black. `second`: the same,
    after talk of the second. `page`: on an item's own page. `husband`: in the middle of a search for a husband's blue shirt. `wished`: the four
    items in a search for a red dress in M with pockets, for a wedding and a woman; no lace, no studs, no mom or boyfriend cut.
    `bought`: as `second`, which was just put into the basket. `paid`: on the
    third's page, socks, the fourth and the second in the basket, right after talk of it. `sizing`, `shoes`: a size was asked for, of two of the
    third and of socks. `asked`: as `shown`, after the question which one is meant."""
    return _contexts()
