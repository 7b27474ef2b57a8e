"""A small shop for the tests of evaluation, and turns as they could have been played in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from assistant.evaluation.results import ConversationResult, Failure, Played, Shop, ShownItem, TurnResult
from assistant.schema import Cart, CheckedSection, OffersBlock, OutfitCard, ProductCard, Profile, TurnRecord
from catalog_data.schema import Catalog, Manifest, Money, PolicySection, Product, Promotion, Shipping, SizeStock
from catalog_data.schema import Scope as PromotionScope
from retrieval.schema import Scores
from tests.assistant.rule_shop import NOW, item, sizes, vocabulary

NO_SCORES = Scores(similarity=0, collaborative=0, preference=0, popularity=0, total=0)


def euro(minor: int) -> Money:
    """An amount of the shop's currency."""
    return Money(amount_minor=minor, currency="EUR")


@cache
def shop() -> Shop:
    """Eight items of which e1 states something in every slot and e2 something else, promotions of every kind and fate, free delivery
    from 75.00."""
    stated = {
        "brand": "Aster",
        "materials": ("linen",),
        "patterns": ("striped",),
        "fits": ("slim",),
        "lengths": ("midi",),
        "occasions": ("wedding",),
        "seasons": ("summer",),
        "styles": ("casual",),
        "features": ("breathable",),
        "gender": ("women",),
        "rating": 4.6,
        "list_price": euro(7_900),
        "lowest_price_30d": euro(6_500),
        "sizes": sizes("S", "M"),
    }
    other = {
        "brand": "Birch",
        "materials": ("wool",),
        "patterns": ("solid",),
        "fits": ("loose",),
        "lengths": ("mini",),
        "occasions": ("party",),
        "seasons": ("winter",),
        "styles": ("sporty",),
        "features": ("warm",),
        "gender": ("men",),
        "rating": 3.1,
        "sizes": sizes("M", stock=0),
    }
    shoe = (SizeStock(system="eu_shoe", label="38", stock=2), SizeStock(system="eu_shoe", label="39/40", stock=2))
    return Shop(
        Catalog(
            manifest=Manifest(
                catalog_id="small", name="Small", currency="EUR", shipping=Shipping(standard_minor=490, free_from_minor=7_500)
            ),
            products=(
                item(1, "dress", "red", 4_990, **stated),
                item(2, "shirt", "black", 9_900, **other),
                item(3, "dress", "navy", 3_900, sizes=sizes("M", "L")),
                item(4, "sandals", "red", 2_500, sizes=shoe),
                item(5, "handbag", "black", 3_000, sizes=(SizeStock(system="one", label="One size", stock=3),)),
                item(6, "hat", "beige", None),
                item(7, "dress", "green", 5_900),
                item(8, "dress", "pink", 2_000, gender=("girls",)),
            ),
            promotions=(
                promotion("welcome", code="WELCOME10", first_order=True),
                promotion("bags", promotion_class="item", percent=20, scope=PromotionScope(categories=("handbag",))),
                promotion("summer", code="SUMMER20", ends_at=NOW - timedelta(days=80)),
                promotion("later", starts_at=NOW + timedelta(days=3)),
                promotion("five", kind="threshold", percent=None, amount_minor=500, minimum_minor=5_000),
                promotion("third", kind="buy_x_get_y", percent=100, buy_quantity=2, get_quantity=1),
                promotion("carried", kind="free_shipping", percent=None, promotion_class="shipping", code="CARRY"),
            ),
            policy=(PolicySection(heading="Returns", anchor="returns", text="Within 30 days; after 14 days 15% is kept."),),
            digest="e" * 64,
        ),
        vocabulary(),
    )


def promotion(promotion_id: str, **fields: object) -> Promotion:
    """Ten percent off the order; `fields` overwrite."""
    given = {"promotion_id": promotion_id, "title": f"The {promotion_id} offer", "kind": "percent", "percent": 10}
    return Promotion.model_validate(given | {"promotion_class": "order"} | fields)


def product(product_id: str) -> Product:
    """An item of the shop."""
    return shop().catalog.by_id[product_id]


def card(product_id: str, /, **fields: Any) -> ProductCard:
    """An item as a page would show it; `fields` overwrite."""
    found = product(product_id)
    given = {
        "product_id": product_id,
        "title": found.title,
        "brand": found.brand,
        "price": found.price,
        "list_price": found.struck_price,
        "offer": None,
        "why": (),
        "checks": (),
        "scores": NO_SCORES,
        "image_url": None,
        "url": None,
        "rating": found.rating,
        "sizes": tuple(size.label for size in found.sizes if size.in_stock),
    }
    return ProductCard.model_validate(given | fields)


def cards(*product_ids: str) -> tuple[ProductCard, ...]:
    """Several."""
    return tuple(map(card, product_ids))


def offer(promotion_id: str, amount_minor: int, **fields: Any) -> dict[str, Any]:
    """A promotion as a record says that it was applied."""
    known = {each.promotion_id: each for each in shop().catalog.promotions}.get(promotion_id)
    title, code = (known.title, known.code) if known is not None else (promotion_id, None)
    return {"promotion_id": promotion_id, "title": title, "code": code, "amount_minor": amount_minor} | fields


def receipt(*lines: tuple[str, int] | tuple[str, int, str] | tuple[str, int, str, int]) -> tuple[dict[str, Any], ...]:
    """Lines of (kind, minor units, item, quantity)."""
    return tuple(
        {
            "kind": line[0],
            "label": line[0],
            "amount_minor": line[1],
            "product_id": line[2] if len(line) > 2 else None,
            "promotion_id": None,
            "quantity": line[3] if len(line) > 3 else None,
        }
        for line in lines
    )


def bag_offers(*applied: dict[str, Any], off: int = 0, shipping: int = 490, pieces: int = 1) -> OffersBlock:
    """A basket of so many handbags (e5, 30.00 each) with these offers, which take `off`."""
    goods = 3_000 * pieces
    lines = [("item", goods, "i5", pieces), ("subtotal", goods), ("shipping", shipping), ("total", goods - off + shipping)]
    discount = [("discount", -off)] if off else []
    return OffersBlock(applied=applied, receipt=receipt(*lines[:2], *discount, *lines[2:]))  # type: ignore[arg-type]


def record(shown: Sequence[ProductCard] = (), **fields: Any) -> TurnRecord:
    """A turn that found these; its reply names them. `fields` overwrite."""
    reply = " ".join(f"Look at {each.title}." for each in shown) or "Very well."
    given = {
        "turn_id": "t1",
        "conversation_id": "c1",
        "turn": 1,
        "message": "hello",
        "reply": reply,
        "products": tuple(shown),
        "profile": Profile(),
        "actions": ("search",) if shown else ("chat",),
    }
    return TurnRecord.model_validate(given | fields)


def played(now: TurnRecord, *earlier: TurnRecord, cart: Cart | None = None, page: str | None = None) -> Played:
    """A turn after these."""
    return Played(now, earlier, cart, page_product_id=page)


def section(text: str, verdict: str = "pass", writer: str = "model", shown_writer: str = "model") -> CheckedSection:
    """A part of a reply."""
    given = {"section_id": "item1", "kind": "item", "writer": writer, "shown_writer": shown_writer}
    return CheckedSection.model_validate(given | {"verdict": verdict, "text": text})


def look(anchor: str, *pieces: tuple[str, str], total: int | None = None) -> OutfitCard:
    """A look of (role, item) at the catalog's prices."""
    items = [(role, product(each)) for role, each in pieces]
    whole = [product(anchor).price, *(found.price for _, found in items)]
    return OutfitCard.model_validate(
        {
            "anchor_product_id": anchor,
            "pieces": [
                {"role": role, "product_id": found.product_id, "title": found.title, "price": found.price}
                for role, found in items
            ],
            "total": euro(total if total is not None else sum(price.amount_minor for price in whole if price is not None)),
            "why": "red goes with red",
        }
    )


def turn_result(user: str = "hello", *failures: Failure, **fields: Any) -> TurnResult:
    """A turn as a report knows it."""
    given = {"user": user, "reply": "Here is a dress.", "actions": ("search",), "milliseconds": 12.0}
    shown = (ShownItem(product_id="i1", title="Red dress number 1", price="€49.90"),)
    return TurnResult.model_validate(given | {"shown": shown, "failures": failures} | fields)


def result(name: str = "one", *turns: TurnResult, **fields: Any) -> ConversationResult:
    """A conversation as a report knows it."""
    given = {"id": name, "tags": ("budget",), "about": "what it shows", "turns": turns or (turn_result(),)}
    return ConversationResult.model_validate(given | fields)


FAILED = Failure(path="expect.products.min", expected="at least 3", found="1")
