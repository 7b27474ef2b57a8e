"""What must hold of every figure: prices are the catalog's, sums add up, offers hold now, and no amount is named that nobody stated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from assistant.evaluation.conditions import minor
from assistant.evaluation.promotion_terms import in_scope, missing, most_off, touched, unmet
from assistant.evaluation.results import Played, Shop
from assistant.schema import OffersBlock, PriceRange
from catalog_data.money import SYMBOLS
from catalog_data.schema import Promotion
from retrieval.promotions import unit_offer

Broken = tuple[str, str]
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")


def prices_match_catalog(played: Played, shop: Shop, now: datetime) -> Iterator[Broken]:
    """A card's price is the catalog's, less the offer that the card names; a struck price is the 30-day low; a look's pieces likewise."""
    for card in played.record.products:
        product = shop.catalog.by_id.get(card.product_id)
        if product is None:
            continue
        off = int(card.offer["amount_minor"]) if card.offer is not None else 0
        asked = None if product.price is None else product.price.amount_minor - off
        if asked != (card.price.amount_minor if card.price is not None else None):
            yield f"{card.product_id} at {asked}", str(card.price)
        if card.list_price != product.struck_price:
            yield f"{card.product_id} struck at {product.struck_price}", str(card.list_price)
    for piece in (piece for outfit in played.record.outfits for piece in outfit.pieces):
        product = shop.catalog.by_id.get(piece.product_id)
        unit = unit_offer(product, shop.catalog.promotions, now, shop.vocabulary) if product is not None else None
        if product is not None and piece.price != (unit.price if unit is not None else None):
            yield f"{piece.product_id} at {unit.price if unit is not None else None}", str(piece.price)


def offers_valid(played: Played, shop: Shop, now: datetime) -> Iterator[Broken]:
    """Every offer is the catalog's, holds at this moment, has its code where it needs one and its terms met, and takes off no more than
    these allow."""
    known = {promotion.promotion_id: promotion for promotion in shop.catalog.promotions}
    offers = played.record.offers
    on_cards = [(card.product_id, card.offer) for card in played.record.products if card.offer is not None]
    for applied in (*offers.applied, *(offer for _, offer in on_cards)):
        promotion = known.get(str(applied["promotion_id"]))
        if promotion is None:
            yield "a promotion of the catalog", str(applied["promotion_id"])
            continue
        if (promotion.starts_at and now < promotion.starts_at) or (promotion.ends_at and now >= promotion.ends_at):
            yield "an offer that holds now", promotion.promotion_id
        if applied["title"] != promotion.title or (applied["code"] or None) != promotion.code:
            yield f"{promotion.title} {promotion.code}", f"{applied['title']} {applied['code']}"
        if promotion.code is not None and not _code_given(promotion.code, played):
            yield f"the code {promotion.code} given before it counts", promotion.promotion_id
    for applied in (each for each in offers.applied if each["promotion_id"] in known):
        promotion = known[str(applied["promotion_id"])]
        goods, pieces = touched(promotion, offers.receipt, shop)
        yield from unmet(promotion, goods, pieces)
        yield from _too_much(promotion, int(applied["amount_minor"]), most_off(promotion, goods, pieces, shop))
    for product_id, offer in on_cards:
        single, product = known.get(str(offer["promotion_id"])), shop.catalog.by_id.get(product_id)
        if single is not None and product is not None and product.price is not None:
            goods, pieces = (product.price.amount_minor, 1) if in_scope(product, single, shop) else (0, 0)
            yield from _too_much(single, int(offer["amount_minor"]), most_off(single, goods, pieces, shop))


def _too_much(promotion: Promotion, off: int, most: int) -> Iterator[Broken]:
    if off > most:
        yield f"at most {most} off by {promotion.promotion_id}", str(off)


def _code_given(code: str, played: Played) -> bool:
    """The shopper said it, however it was written, or it lies in the basket."""
    said = "".join(record.message for record in (*played.earlier, played.record))
    held = played.cart.codes if played.cart is not None else ()
    return code in held or _bare(code) in _bare(said)


def _bare(text: str) -> str:
    return "".join(char for char in text.upper() if char.isalnum())


def sums_add_up(played: Played, shop: Shop, now: datetime) -> Iterator[Broken]:
    """Receipt: items make the subtotal at the catalog's prices, discounts are the offers, each once, and all of it makes the total. A
    look's item and pieces make its total."""
    yield from _receipt(played.record.offers, shop)
    for outfit in played.record.outfits:
        prices = [piece.price.amount_minor for piece in outfit.pieces if piece.price is not None]
        anchor = shop.catalog.by_id.get(outfit.anchor_product_id)
        unit = unit_offer(anchor, shop.catalog.promotions, now, shop.vocabulary) if anchor is not None else None
        if unit is None or len(prices) != len(outfit.pieces):
            continue
        whole = sum(prices) + unit.price.amount_minor
        if whole != outfit.total.amount_minor:
            yield f"a look for {whole}", str(outfit.total.amount_minor)


def _receipt(offers: OffersBlock, shop: Shop) -> Iterator[Broken]:
    if not offers.receipt:
        return
    sums = {kind: sum(_amounts(offers, kind)) for kind in ("item", "subtotal", "discount", "shipping", "total")}
    if sums["subtotal"] != sums["item"]:
        yield f"a subtotal of {sums['item']}", str(sums["subtotal"])
    if sums["total"] != sums["subtotal"] + sums["discount"] + sums["shipping"] or sums["total"] < 0:
        yield f"a total of {sums['subtotal'] + sums['discount'] + sums['shipping']}", str(sums["total"])
    names = [str(applied["promotion_id"]) for applied in offers.applied]
    if len(set(names)) != len(names):
        yield "each offer once", ", ".join(names)
    off = -sum(int(applied["amount_minor"]) for applied in offers.applied)
    if sums["discount"] != off:
        yield f"discounts of {off}", str(sums["discount"])
    for line in offers.receipt:
        product = shop.catalog.by_id.get(str(line["product_id"])) if line["kind"] == "item" else None
        if product is not None and product.price is not None:
            whole = product.price.amount_minor * int(line["quantity"] or 1)
            if whole != line["amount_minor"]:
                yield f"{product.product_id} for {whole}", str(line["amount_minor"])


def _amounts(offers: OffersBlock, kind: str) -> list[int]:
    return [int(line["amount_minor"]) for line in offers.receipt if line["kind"] == kind]


def grounded(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """Every section that is shown passed, and no amount of money is named that neither shop nor shopper stated."""
    for section in played.record.sections:
        if section.text and section.verdict == "withheld" and section.shown_writer == section.writer:
            yield "what was withheld is not shown", section.section_id
    currency = shop.catalog.manifest.currency
    symbol = SYMBOLS["en"].get(currency, currency)
    amount = re.compile(rf"{re.escape(symbol)}\s?(\d[\d,]*(?:\.\d+)?)")
    stated = _stated(played, shop)
    for match in amount.finditer(played.record.reply):
        if minor(float(match.group(1).replace(",", "")), currency) not in stated:
            yield "an amount that shop or shopper stated", match.group()
    shares = _shares(played, shop)
    for match in PERCENT.finditer(played.record.reply):
        if float(match.group(1)) not in shares:
            yield "a percentage that the shop states", match.group()


def _shares(played: Played, shop: Shop) -> set[float]:
    """Every percentage of a promotion, of the policy, and of the texts of items on screen or in the basket."""
    record, by_id = played.record, shop.catalog.by_id
    ids = {card.product_id for card in record.products} | {str(line["product_id"]) for line in record.offers.receipt}
    items = [by_id[each] for each in ids if each in by_id]
    texts = [section.text for section in shop.catalog.policy]
    texts += [part for item in items for part in (item.title, item.description, *item.materials, *item.care)]
    found = {float(match.group(1)) for text in texts for match in PERCENT.finditer(text)}
    return found | {float(promotion.percent) for promotion in shop.catalog.promotions if promotion.percent is not None}


def _stated(played: Played, shop: Shop) -> set[int]:
    record, catalog = played.record, shop.catalog
    found: set[int] = set()
    ids = {card.product_id for card in record.products} | {piece.product_id for each in record.outfits for piece in each.pieces}
    ids |= {str(line["product_id"]) for line in record.offers.receipt} | {each.anchor_product_id for each in record.outfits}
    for product in (catalog.by_id[each] for each in ids if each in catalog.by_id):
        asked, struck = product.price, product.struck_price
        found |= {money.amount_minor for money in (asked, struck) if money is not None}
        found |= {struck.amount_minor - asked.amount_minor} if asked is not None and struck is not None else set()
    found |= {card.price.amount_minor for card in record.products if card.price is not None}
    found |= {piece.price.amount_minor for each in record.outfits for piece in each.pieces if piece.price is not None}
    found |= {each.total.amount_minor for each in record.outfits}
    found |= {abs(int(line["amount_minor"])) for line in record.offers.receipt}
    found |= {int(applied["amount_minor"]) for applied in (*record.offers.applied, *_card_offers(record.products))}
    shown = {card.price.amount_minor for card in record.products if card.price is not None}
    # What lies between two stated prices is stated too: "29.10 under your limit", "11 less than the first".
    between = {abs(one - other) for one in shown for other in shown | _bounds(played)}
    return found | _bounds(played) | between | _terms(played, shop)


def _bounds(played: Played) -> set[int]:
    profile = played.record.profile
    wishes = [wish.value for wish in (*profile.preferences, *profile.superseded) if isinstance(wish.value, PriceRange)]
    return {bound for wish in wishes for bound in (wish.min, wish.max) if bound is not None}


def _card_offers(cards: Any) -> list[dict[str, Any]]:
    return [card.offer for card in cards if card.offer is not None]


def _terms(played: Played, shop: Shop) -> set[int]:
    """Amounts of the shop's terms, of what a wish could be moved to, and of what is missing to the next offer."""
    catalog, record = shop.catalog, played.record
    found: set[int] = set()
    for promotion in catalog.promotions:
        found |= {each for each in (promotion.amount_minor, promotion.minimum_minor, promotion.cap_minor) if each is not None}
    if (shipping := catalog.manifest.shipping) is not None:
        found |= {each for each in (shipping.standard_minor, shipping.free_from_minor) if each is not None}
    texts = [section.text for section in catalog.policy]
    texts += [each for card in record.relaxations if card.slot == "price" for each in (card.source, card.target or "")]
    numbers = {
        float(number.replace(",", ""))
        for text in texts
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)
        if number.strip(",")
    }
    found |= {minor(number, catalog.manifest.currency) for number in numbers} | {int(number) for number in numbers}
    return found | missing(record.offers, shop)
