"""What a promotion's terms say of a receipt: which of its lines they touch, whether they are met, and how much can come off at most. Written
apart from `retrieval.rules`, so that a fault there is seen here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assistant.evaluation.conditions import states_any
from assistant.evaluation.results import Shop
from assistant.schema import OffersBlock
from catalog_data.schema import Product, Promotion

Touched = tuple[int, int]
"""Minor units of goods at the catalog's price, and pieces."""


def in_scope(product: Product, promotion: Promotion, shop: Shop) -> bool:
    """Whether the promotion may touch the item: all that its scope names holds, and nothing that it excludes does."""
    scope = promotion.scope
    excluded = (
        product.product_id in scope.excluded_product_ids,
        bool(scope.excluded_categories) and states_any(product, "category", scope.excluded_categories, shop),
        product.brand in scope.excluded_brands,
        scope.excludes_reduced and product.list_price is not None and product.price != product.list_price,
    )
    needed = (
        not scope.product_ids or product.product_id in scope.product_ids,
        not scope.categories or states_any(product, "category", scope.categories, shop),
        not scope.brands or product.brand in scope.brands,
        not scope.collections or product.collection in scope.collections,
        not scope.genders or states_any(product, "gender", scope.genders, shop),
    )
    return all(needed) and not any(excluded)


def touched(promotion: Promotion, receipt: Sequence[dict[str, Any]], shop: Shop) -> Touched:
    """The goods of a receipt that the promotion may touch; an item that the catalog does not hold is not touched."""
    goods = pieces = 0
    for line in receipt:
        product = shop.catalog.by_id.get(str(line["product_id"])) if line["kind"] == "item" else None
        if product is not None and in_scope(product, promotion, shop):
            goods, pieces = goods + int(line["amount_minor"]), pieces + int(line["quantity"] or 1)
    return goods, pieces


def most_off(promotion: Promotion, goods: int, pieces: int, shop: Shop) -> int:
    """An upper bound of what the terms take off so many goods, minor units. Percents are rounded up, since the terms do not say how."""
    if promotion.kind == "free_shipping":
        shipping = shop.catalog.manifest.shipping
        most = shipping.standard_minor if shipping is not None else 0
    elif promotion.kind == "buy_x_get_y":
        bought, given = promotion.buy_quantity or 0, promotion.get_quantity or 0
        # Of each group the cheapest are given: at most their share of it.
        most = -(-goods * given * (promotion.percent or 100) // (100 * (bought + given)))
    elif promotion.percent is not None:
        most = -(-goods * promotion.percent // 100)
    else:
        most = (promotion.amount_minor or 0) * (pieces if promotion.kind == "amount" else 1)
    # A percent of every piece may be rounded piece by piece.
    rounding = pieces if promotion.percent is not None and promotion.kind != "threshold" else 0
    return min(most + rounding, promotion.cap_minor) if promotion.cap_minor is not None else most + rounding


def unmet(promotion: Promotion, goods: int, pieces: int) -> Iterator[tuple[str, str]]:
    """What the terms ask of the basket and it does not have: what must hold, and what was found."""
    if promotion.minimum_minor is not None and goods < promotion.minimum_minor:
        yield f"{promotion.promotion_id} from {promotion.minimum_minor} of goods in its scope on", str(goods)
    group = (promotion.buy_quantity or 0) + (promotion.get_quantity or 0) if promotion.kind == "buy_x_get_y" else 1
    least = max(promotion.minimum_quantity or 1, group)
    if pieces < least and promotion.kind != "free_shipping":
        yield f"{promotion.promotion_id} from {least} pieces in its scope on", str(pieces)


def missing(offers: OffersBlock, shop: Shop) -> set[int]:
    """What the goods of the receipt lack to each threshold of a promotion, and to the shop's own free delivery."""
    found: set[int] = set()
    for promotion in shop.catalog.promotions:
        if promotion.minimum_minor is not None:
            found.add(promotion.minimum_minor - touched(promotion, offers.receipt, shop)[0])
    goods = sum(int(line["amount_minor"]) for line in offers.receipt if line["kind"] == "item")
    shipping = shop.catalog.manifest.shipping
    if shipping is not None and shipping.free_from_minor is not None:
        found.add(shipping.free_from_minor - goods)
    return {amount for amount in found if amount > 0}
