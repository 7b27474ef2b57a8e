"""What promotions take off: one piece alone (`unit_offer`), a whole basket (`price_basket`). Pure; integer minor units throughout.

What each promotion takes off is set out in `retrieval/rules.py`, which of them may be combined and which combination is best in
`retrieval/combination.py`, who may have which in `retrieval/eligibility.py`. Delivery is free from `Shipping.free_from_minor` of
goods at today's price tags on, before any promotion.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from catalog_data.schema import Money, Product, Promotion, Shipping
from catalog_data.vocabulary import Vocabulary
from retrieval.basket import Ledger, applied_offers, receipt, rejected_offers
from retrieval.combination import best_combination
from retrieval.eligibility import Occasion, holds_at, normalise_code, pieces_needed, standing
from retrieval.rules import Goods, ScopeTest, goods_of, make_rule, off_alone
from retrieval.schema import AppliedOffer, BasketLine, PricedBasket, Shopper, UnitOffer
from retrieval.topups import top_ups


def unit_offer(product: Product, promotions: Sequence[Promotion], now: datetime, vocabulary: Vocabulary) -> UnitOffer | None:
    """What one piece costs alone, whoever buys it: the price after the one promotion that takes most off.

    Only what needs nothing else counts: automatic, of class item, for everybody, without a minimum. Of equal ones the first by
    priority, then id. None for an item without a price.
    """
    if product.price is None:
        return None
    one = np.ones(1, dtype=np.int64)
    goods = Goods(one * product.price.amount_minor, one, delivery=0)
    rules = [
        make_rule(promotion, goods, one.astype(np.bool_))
        for promotion in promotions
        if _for_everybody(promotion) and holds_at(promotion, now) and ScopeTest(promotion.scope, vocabulary)(product)
    ]
    best = min(rules, key=lambda rule: (-off_alone(rule, goods), *rule.key), default=None)
    if best is None or not off_alone(best, goods):
        return UnitOffer(price=product.price)
    amount, promotion = off_alone(best, goods), best.promotion
    offer = AppliedOffer(
        promotion_id=promotion.promotion_id,
        title=promotion.title,
        code=None,
        promotion_class="item",
        automatic=True,
        amount_minor=amount,
        allocations=((0, amount),),
        priority=promotion.priority,
    )
    return UnitOffer(price=Money(amount_minor=product.price.amount_minor - amount, currency=product.price.currency), offer=offer)


def _for_everybody(promotion: Promotion) -> bool:
    """True for a promotion that takes something off one piece of whoever buys it."""
    conditional = promotion.code is not None or promotion.first_order or promotion.members_only or promotion.once_per_customer
    on_one_piece = promotion.kind in ("percent", "amount") and promotion.promotion_class == "item"
    return on_one_piece and not conditional and not promotion.minimum_minor and pieces_needed(promotion) == 1


def price_basket(
    lines: Sequence[BasketLine],
    promotions: Sequence[Promotion],
    codes: Sequence[str],
    now: datetime,
    shopper: Shopper,
    shipping: Shipping | None,
    currency: str,
    vocabulary: Vocabulary,
) -> PricedBasket:
    """A basket with the best combination of all that holds for it, and what does not and why.

    `codes` are taken without regard to case, order or blanks around them. `shipping` None: delivery is not priced, and no promotion
    on it applies. Raises `UnpricedProduct` for an item that has no price in `currency`.
    """
    goods = goods_of(lines, currency)
    goods = Goods(goods.unit, goods.quantity, _delivery_charge(goods, shipping))
    given = frozenset(normalise_code(code) for code in codes) - {""}
    occasion = Occasion(tuple(lines), goods, now, shopper, currency, vocabulary)
    in_play = sorted((p for p in promotions if p.code is None or p.code in given), key=lambda p: (p.priority, p.promotion_id))
    standings = tuple(standing(promotion, occasion) for promotion in in_play)
    rules = [make_rule(each.promotion, goods, each.lines) for each in standings if each.reason is None]
    alone = {rule.promotion.promotion_id: off_alone(rule, goods) for rule in rules}
    ledger = Ledger(occasion, standings, alone, best_combination(goods, [rule for rule in rules if off_alone(rule, goods)]))
    applied = applied_offers(ledger)
    return PricedBasket(
        lines=tuple(lines),
        currency=currency,
        at=now,
        subtotal_minor=goods.subtotal,
        discount_minor=sum(offer.amount_minor for offer in applied),
        shipping_minor=goods.delivery,
        total_minor=ledger.choice.total,
        applied=applied,
        rejected=rejected_offers(ledger, given),
        receipt=receipt(ledger, applied, priced_delivery=shipping is not None),
        top_ups=top_ups(ledger, shipping),
    )


def _delivery_charge(goods: Goods, shipping: Shipping | None) -> int:
    """What delivery costs before promotions; an empty basket is not delivered."""
    if shipping is None or not len(goods.unit):
        return 0
    free = shipping.free_from_minor is not None and goods.subtotal >= shipping.free_from_minor
    return 0 if free else shipping.standard_minor
