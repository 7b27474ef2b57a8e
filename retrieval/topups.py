"""What a little more in the basket would bring: thresholds that are near, and what reaching each saves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog_data.schema import Shipping
from retrieval.basket import Ledger, within_reach
from retrieval.combination import best_combination
from retrieval.eligibility import Standing, assumed
from retrieval.rules import Goods, make_rule
from retrieval.schema import TopUp

DELIVERY_ID = "delivery"
"""What stands for a promotion's id where the threshold is the shop's own free delivery (`Shipping.free_from_minor`)."""

MOST = 3
"""So many of the nearest thresholds are worked out."""


def top_ups(ledger: Ledger, shipping: Shipping | None) -> tuple[TopUp, ...]:
    """The nearest thresholds that more goods would reach, nearest first: of automatic promotions in reach and of given codes, whose
    every other condition holds, and the shop's own free delivery.

    `saves_minor` is what the best combination would take off more with the threshold reached exactly, by goods on which no other
    promotion works: a saving that more or other goods can raise but that is not promised too high.
    """
    near = [each for each in ledger.standings if each.missing_minor and (each.promotion.code is not None or within_reach(each))]
    near.sort(key=lambda each: (each.missing_minor, each.promotion.priority, each.promotion.promotion_id))
    found = [
        TopUp(
            promotion_id=each.promotion.promotion_id,
            title=each.promotion.title,
            missing_minor=each.missing_minor,
            saves_minor=saved,
            condition=assumed(each.promotion, ledger.occasion.shopper),
        )
        for each in near[:MOST]
        if (saved := _saving(ledger, each)) > 0
    ]
    found += _delivery(ledger, shipping)
    return tuple(sorted(found, key=lambda one: (one.missing_minor, one.promotion_id))[:MOST])


def _saving(ledger: Ledger, near: Standing) -> int:
    """How much less the basket and the missing goods would cost together than the basket now and the goods at their price."""
    missing, now = near.missing_minor, ledger.occasion.goods
    goods = Goods(np.append(now.unit, missing), np.append(now.quantity, 1), now.delivery)
    rules = [
        make_rule(each.promotion, goods, np.append(each.lines, each is near))
        for each in ledger.standings
        if each.reason is None or each is near
    ]
    as_now = replace(ledger.choice, total=ledger.choice.total + missing)
    return as_now.total - best_combination(goods, rules, as_now).total


def _delivery(ledger: Ledger, shipping: Shipping | None) -> list[TopUp]:
    """The shop's own free delivery, where the basket is half way there and something is paid for delivery now."""
    goods = ledger.occasion.goods
    if shipping is None or shipping.free_from_minor is None or not goods.delivery:
        return []
    missing = shipping.free_from_minor - goods.subtotal
    paid = ledger.delivery_left
    if 2 * goods.subtotal < shipping.free_from_minor or not paid:
        return []
    return [TopUp(promotion_id=DELIVERY_ID, title="Free delivery", missing_minor=missing, saves_minor=paid)]
