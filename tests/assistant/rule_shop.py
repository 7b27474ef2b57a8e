"""The demo shop, read once, and a small hand-made one with a real engine, for the tests of the conversation's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

from assistant.actions import Shop
from assistant.guide.describe import answer, compare
from assistant.guide.offers_text import offer_note
from assistant.policy import load_topics
from assistant.schema import Answer, DescribeAction, Preference, Profile
from catalog_data.loader import load_catalog
from catalog_data.schema import Catalog, Manifest, Money, PolicySection, Product, Promotion, Scope, Shipping, SizeStock
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from retrieval.assembly import build_search, index_home
from retrieval.fake_embedding import HashingEmbedder
from retrieval.pairings import Pairings

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
FILES = Path(__file__).resolve().parents[2] / "catalog_data" / "files"

vocabulary: Callable[[], Vocabulary] = cache(load_vocabulary)
"""The shop's own words."""


@cache
def demo() -> Catalog:
    """The demo shop as it is sold."""
    return load_catalog(FILES, vocabulary(), NOW)


def wish(slot: str, value: object, **fields: object) -> Preference:
    """One stated preference; `fields` overwrite."""
    said = {"preference_id": f"p-{slot}-{value}", "slot": slot, "value": value, "evidence": f"{value}", "turn": 1}
    return Preference.model_validate(said | fields)


def profile_of(*preferences: Preference, **fields: object) -> Profile:
    """A profile in which these hold."""
    return Profile.model_validate({"preferences": preferences, "version": 1} | fields)


def item(number: int, kind: str, color: str, price: int | None, **fields: object) -> Product:
    """One item of the small shop, "i<number>"."""
    given: dict[str, object] = {
        "product_id": f"i{number}",
        "title": f"{color.title()} {kind} number {number}",
        "product_type": kind,
        "gender": ("women",),
        "colors": (color,),
        "materials": ("cotton",),
        "formality": 3,
        "seasons": ("summer",),
        "price": None if price is None else Money(amount_minor=price, currency="EUR"),
    }
    return Product.model_validate(given | fields)


def sizes(*labels: str, stock: int | None = 5) -> tuple[SizeStock, ...]:
    """Letter sizes with this many left of each."""
    return tuple(SizeStock(system="alpha", label=label, stock=stock) for label in labels)


def _promotion(promotion_id: str, **fields: object) -> Promotion:
    given = {"promotion_id": promotion_id, "title": promotion_id, "kind": "percent", "percent": 10, "promotion_class": "order"}
    return Promotion.model_validate(given | fields)


@cache
def small() -> Catalog:
    """Fourteen items: dresses and what goes with them, one hat without a price, one beanie sold out; codes of every fate."""
    shoe = (SizeStock(system="eu_shoe", label="38", stock=2), SizeStock(system="eu_shoe", label="39/40", stock=2))
    one = (SizeStock(system="one", label="One size", stock=3),)
    return Catalog(
        manifest=Manifest(
            catalog_id="small", name="Small", currency="EUR", shipping=Shipping(standard_minor=490, free_from_minor=7_500)
        ),
        products=(
            item(1, "dress", "red", 7_900, sizes=sizes("S", "M", "L")),
            item(2, "dress", "blue", 4_500, sizes=sizes("S", "M", stock=2)),
            item(3, "dress", "green", 5_900, materials=("linen",), sizes=sizes("M")),
            item(4, "dress", "black", 9_900, sizes=(SizeStock(system="eu", label="38"), SizeStock(system="eu", label="40"))),
            item(5, "dress", "navy", 3_900),
            item(6, "sandals", "red", 4_900, sizes=shoe),
            item(7, "sandals", "black", 5_900, sizes=shoe),
            item(8, "handbag", "red", 8_900, sizes=one),
            item(9, "handbag", "black", 2_900, sizes=one),
            item(10, "cardigan", "navy", 5_500, sizes=sizes("S", "M")),
            item(11, "hat", "beige", None),
            item(12, "beanie", "red", 1_500, sizes=sizes("M", stock=0)),
            item(13, "t-shirt", "white", 1_900, gender=("kids",)),
            item(14, "dress", "pink", 2_500, gender=("girls",)),
        ),
        promotions=(
            _promotion("welcome", code="WELCOME10", first_order=True, combines_with=("item", "shipping")),
            _promotion("bags", code="BAG15", promotion_class="item", percent=15, scope=Scope(categories=("handbag",))),
            _promotion("summer", code="SUMMER20", ends_at=NOW - timedelta(days=80)),
            _promotion("later", starts_at=NOW + timedelta(days=3)),
            _promotion(
                "early", priority=5, starts_at=NOW - timedelta(days=3), ends_at=NOW + timedelta(days=3), members_only=True
            ),
        ),
        policy=(
            PolicySection(heading="Delivery", anchor="delivery", text="Delivery costs 4.90 EUR."),
            PolicySection(heading="Returns", anchor="returns", text="You may return anything within 30 days."),
        ),
        digest="s" * 64,
    )


@contextmanager
def small_shop(folder: Path) -> Iterator[Shop]:
    """The small shop with everything that actions ask, all of it real but the embedder."""
    catalog, words = small(), vocabulary()

    def describe(product: Product, action: DescribeAction) -> tuple[Answer, ...]:
        return answer(product, action.about, action.about_values, action.question, words, catalog.manifest.closed_slots)

    with build_search(catalog, words, index_home(folder), HashingEmbedder()) as engine:
        yield Shop(
            catalog=catalog,
            vocabulary=words,
            engine=engine,
            pairings=Pairings(catalog, words, engine.vectors),
            topics=load_topics(),
            describe=describe,
            compare=partial(compare, vocabulary=words),
            note=partial(offer_note, currency="EUR", vocabulary=words),
        )


def by_id() -> Mapping[str, Product]:
    """The items of the small shop."""
    return small().by_id
