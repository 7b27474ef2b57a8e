"""Small hand-made catalogs and the strategies that draw random ones from the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from catalog_data.schema import VALUE_SLOTS, Catalog, Manifest, Money, Product, SizeStock, SizeSystem, ValueSlot
from catalog_data.vocabulary import Entry, Vocabulary
from retrieval.fake_embedding import HashingEmbedder
from retrieval.schema import Constraint, RangeConstraint, SizeConstraint, ValueConstraint

WORDS: Mapping[ValueSlot, Mapping[str, Entry]] = {
    "category": {
        "dress": Entry(role="dress", sizes="alpha", includes=("maxi dress",)),
        "maxi dress": Entry(role="dress", sizes="alpha"),
        "shirt": Entry(role="top", sizes="alpha"),
        "sneakers": Entry(role="shoes", sizes="eu_shoe"),
        "sandals": Entry(role="shoes", sizes="eu_shoe"),
        "shoes": Entry(umbrella=True, includes=("sneakers", "sandals")),
        "bag": Entry(role="bag", sizes="one"),
    },
    "color": {
        "black": Entry(hex="#000000", neutral=True, includes=("charcoal",)),
        "charcoal": Entry(hex="#36454f", neutral=True),
        "red": Entry(hex="#c0202a"),
        "pink": Entry(hex="#f4a6c0"),
        "navy": Entry(hex="#1f2a44", neutral=True),
        "sky blue": Entry(hex="#87ceeb"),
        "blue": Entry(hex="#2f5fb3", includes=("navy", "sky blue")),
    },
    "material": {"cotton": Entry(), "lace": Entry(), "leather": Entry(includes=("suede",)), "suede": Entry()},
    "pattern": {"plain": Entry(), "striped": Entry()},
    "fit": {"slim": Entry(), "loose": Entry()},
    "length": {"mini": Entry(), "midi": Entry()},
    "occasion": {"wedding": Entry(), "party": Entry(includes=("cocktail",)), "cocktail": Entry()},
    "season": {"summer": Entry(), "winter": Entry()},
    "style": {"classic": Entry(), "boho": Entry()},
    "feature": {"waterproof": Entry(), "pockets": Entry()},
    "gender": {"women": Entry(includes=("unisex",)), "men": Entry(includes=("unisex",)), "unisex": Entry(), "kids": Entry()},
}

BRANDS = ("Aster", "Borealis & Co", 'Quote "Q" {x}')
FIELDS: Mapping[ValueSlot, str] = {
    "color": "colors",
    "material": "materials",
    "pattern": "patterns",
    "fit": "fits",
    "length": "lengths",
    "occasion": "occasions",
    "season": "seasons",
    "style": "styles",
    "feature": "features",
    "gender": "gender",
}
LABELS: Mapping[SizeSystem, tuple[str, ...]] = {
    "alpha": ("S", "M", "L", "S/M", "XXL", "2XL"),
    "eu": ("38", "40", "42", "48", "38/40"),
    "waist": ("30", "32", "32/34", "W32 L30"),
    "eu_shoe": ("38", "42", "42.5", "42,5"),
    "height": ("104", "110"),
    "one": ("one size",),
}
PRICES = (0, 999, 1000, 4999, 5000, 8000, 10**12)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The words that the other fixtures draw from."""
    return Vocabulary(WORDS)


def _words(slot: ValueSlot) -> tuple[str, ...]:
    """Known words, and one that the vocabulary lacks."""
    return (*WORDS.get(slot, BRANDS), "unheard-of")


def _some(rng: Random, values: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(rng.sample(values, rng.randint(0, most)))


def _sizes(rng: Random) -> tuple[SizeStock, ...]:
    systems = rng.sample(tuple(LABELS), rng.randint(0, 2))
    pieces = [
        (system, label) for system in systems for label in rng.sample(LABELS[system], rng.randint(1, min(3, len(LABELS[system]))))
    ]
    return tuple(SizeStock(system=system, label=label, stock=rng.choice((None, 0, 3))) for system, label in pieces)


def _random_product(rng: Random, product_id: str) -> Product:
    price = rng.choice((None, *PRICES))
    return Product.model_validate(
        {
            "product_id": product_id,
            "title": f"{rng.choice(_words('color'))} {rng.choice(_words('category'))}",
            "description": rng.choice(("", "Light and airy. Lined. Made to last.", "A plain thing")),
            "product_type": rng.choice((None, *_words("category"))),
            "brand": rng.choice((None, *_words("brand"))),
            "price": None if price is None else Money(amount_minor=price, currency="EUR"),
            "rating": rng.choice((None, 1.0, 3.3, 4.5, 5.0)),
            "sizes": _sizes(rng),
            **{name: _some(rng, _words(slot), 2) for slot, name in FIELDS.items()},
        }
    )


def _products(rng: Random, count: int) -> tuple[Product, ...]:
    return tuple(_random_product(rng, f"p{row}") for row in range(count))


@st.composite
def _value_constraint(draw: st.DrawFn) -> ValueConstraint:
    slot = draw(st.sampled_from(VALUE_SLOTS))
    values = tuple(draw(st.lists(st.sampled_from(_words(slot)), min_size=1, max_size=3)))
    strength = draw(st.sampled_from(("hard", "hard", "hard", "soft")))
    return ValueConstraint(slot=slot, values=values, negative=draw(st.booleans()), strength=strength)


@st.composite
def _range_constraint(draw: st.DrawFn) -> RangeConstraint:
    slot = draw(st.sampled_from(("price", "rating")))
    bounds = st.sampled_from(PRICES if slot == "price" else (1.0, 3.3, 4.0, 5.0)).map(float)
    low, high = draw(st.tuples(st.none() | bounds, st.none() | bounds).filter(lambda pair: pair != (None, None)))
    return RangeConstraint(slot=slot, minimum=low, maximum=high)


@st.composite
def _size_constraint(draw: st.DrawFn) -> SizeConstraint:
    system = draw(st.sampled_from(tuple(LABELS)))
    kinds = st.lists(st.sampled_from(_words("category")), max_size=2).map(tuple)
    return SizeConstraint(
        system=system,
        label=draw(st.sampled_from(LABELS[system])),
        alternatives=draw(st.lists(st.sampled_from(LABELS[system]), max_size=2).map(tuple)),
        beside=draw(st.lists(st.sampled_from(tuple(LABELS)), max_size=2).map(tuple)),
        categories=draw(kinds),
        except_categories=draw(kinds),
    )


@pytest.fixture(scope="session")
def product_lists() -> SearchStrategy[tuple[Product, ...]]:
    """Random catalogs of up to eight items, with every field sometimes absent."""
    return st.builds(_products, st.randoms(use_true_random=True), st.integers(0, 8))


@pytest.fixture(scope="session")
def many_products() -> tuple[Product, ...]:
    """300 of the same random items, always the same."""
    return _products(Random(7), 300)


@pytest.fixture(scope="session")
def constraint_lists() -> SearchStrategy[tuple[Constraint, ...]]:
    """Up to three random constraints of every kind, of words that the catalogs use and words that they do not."""
    one: SearchStrategy[Constraint] = st.one_of(_value_constraint(), _range_constraint(), _size_constraint())
    return st.lists(one, max_size=3).map(tuple)


@pytest.fixture(scope="session")
def embedder() -> HashingEmbedder:
    """The fake that ships beside the real embedder."""
    return HashingEmbedder()


def _item(number: int, kind: str, color: str, price: int | None, **more: object) -> Product:
    fields: dict[str, object] = {
        "product_id": f"item-{number:02}",
        "title": f"{color.title()} {kind}",
        "description": f"A {color} {kind} for every day. Made in our workshop.",
        "product_type": kind,
        "brand": BRANDS[number % 2],
        "gender": ("women",),
        "colors": (color,),
        "price": None if price is None else Money(amount_minor=price, currency="EUR"),
        "sizes": (SizeStock(system="alpha", label="M", stock=2), SizeStock(system="alpha", label="L", stock=0)),
    }
    return Product.model_validate(fields | more)


@pytest.fixture(scope="session")
def shop() -> Catalog:
    """Fourteen items whose answers are easily counted by hand."""
    one_size = (SizeStock(system="one", label="one size", stock=5),)
    shoes = (SizeStock(system="eu_shoe", label="38", stock=1), SizeStock(system="eu_shoe", label="40", stock=None))
    products = (
        _item(0, "dress", "red", 5900, materials=("lace",), occasions=("wedding",)),
        _item(1, "dress", "red", 7900, materials=("cotton",), occasions=("wedding",), rating=4.5),
        _item(2, "dress", "pink", 6900, materials=("cotton",), rating=3.5),
        _item(3, "maxi dress", "navy", 9900, occasions=("party",), rating=4.0),
        _item(4, "maxi dress", "black", 12900, occasions=("cocktail",)),
        _item(5, "dress", "red", None),
        _item(6, "dress", "red", 3900, sizes=(SizeStock(system="alpha", label="S", stock=0),)),
        _item(7, "sneakers", "sky blue", 8900, sizes=shoes, gender=("unisex",)),
        _item(8, "sandals", "red", 4900, sizes=shoes, materials=("leather",), features=("waterproof",)),
        _item(9, "sandals", "black", 5900, sizes=shoes, materials=("suede",)),
        _item(10, "bag", "black", 14900, sizes=one_size, gender=()),
        _item(11, "bag", "charcoal", 2900, sizes=one_size, gender=()),
        _item(12, "shirt", "navy", 3500, gender=("men",), sizes=(SizeStock(system="eu", label="48", stock=4),)),
        _item(13, "shirt", "sky blue", 4500, gender=("men",), patterns=("striped",)),
    )
    manifest = Manifest(catalog_id="hand-made", name="Hand-made", currency="EUR", closed_slots=("color", "category"))
    return Catalog(manifest=manifest, products=products, digest="0" * 64)
