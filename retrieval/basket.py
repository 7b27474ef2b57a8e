"""From the chosen combination to what the shopper reads: what was applied to what, the receipt, and what was not applied and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from catalog_data.schema import Promotion
from retrieval.combination import Choice, apply, start
from retrieval.eligibility import Occasion, Standing, assumed, pieces_needed
from retrieval.rules import Amounts, Target, class_of, may_combine, off_sum, target_of
from retrieval.schema import AppliedOffer, ReceiptLine, RejectedOffer, RejectionReason

URGENCY: Mapping[RejectionReason, int] = MappingProxyType(
    {
        "does_not_combine": 0,
        "no_effect": 1,
        "minimum_not_met": 2,
        "not_in_scope": 3,
        "first_order_only": 4,
        "members_only": 5,
        "already_used": 6,
        "not_started": 7,
        "expired": 8,
        "unknown_code": 9,
    }
)
"""Where several promotions share a code and none of them helps, the one that came nearest is named."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """A basket, how every promotion in play stands to it (by priority, then id), what each that holds would take off by itself
    (by promotion id, minor units), and the best combination."""

    occasion: Occasion
    standings: tuple[Standing, ...]
    alone: Mapping[str, int]
    choice: Choice

    @property
    def delivery_left(self) -> int:
        """What delivery costs after promotions."""
        left = self.occasion.goods.delivery
        for rule in self.choice.rules:
            left -= off_sum(rule, left) if rule.target is Target.DELIVERY else 0
        return left


def applied_offers(ledger: Ledger) -> tuple[AppliedOffer, ...]:
    """What each promotion of the combination takes off, in the order in which they apply."""
    goods, state = ledger.occasion.goods, start(ledger.occasion.goods)
    delivery, offers = goods.delivery, []
    for rule in ledger.choice.rules:
        if rule.target is Target.DELIVERY:
            amount = off_sum(rule, delivery)
            delivery -= amount
            offers.append(_offer(rule.promotion, amount, None, ledger.occasion))
            continue
        state, off = apply(rule, goods, state)
        by_line = goods.by_line(off) if rule.target is Target.PIECES else off
        offers.append(_offer(rule.promotion, int(off.sum()), by_line, ledger.occasion))
    return tuple(offers)


def _offer(promotion: Promotion, amount: int, by_line: Amounts | None, occasion: Occasion) -> AppliedOffer:
    allocations = () if by_line is None else tuple((line, int(part)) for line, part in enumerate(by_line) if part)
    return AppliedOffer(
        promotion_id=promotion.promotion_id,
        title=promotion.title,
        code=promotion.code,
        promotion_class=class_of(promotion),
        automatic=promotion.code is None,
        amount_minor=amount,
        allocations=allocations,
        priority=promotion.priority,
        condition=assumed(promotion, occasion.shopper),
    )


def receipt(ledger: Ledger, applied: Sequence[AppliedOffer], priced_delivery: bool) -> tuple[ReceiptLine, ...]:
    """Items at today's prices, subtotal, what comes off the goods, delivery and what comes off that, total. The lines from the
    subtotal on add up to the total."""
    goods, lines = ledger.occasion.goods, ledger.occasion.lines
    printed = [
        ReceiptLine(
            kind="item",
            label=line.product.title if line.size is None else f"{line.product.title} ({line.size})",
            amount_minor=int(goods.unit[index]) * line.quantity,
            product_id=line.product.product_id,
            quantity=line.quantity,
        )
        for index, line in enumerate(lines)
    ]
    printed.append(ReceiptLine(kind="subtotal", label="Subtotal", amount_minor=goods.subtotal))
    printed += [_discount(offer) for offer in applied if offer.promotion_class != "shipping"]
    if priced_delivery and lines:
        printed.append(ReceiptLine(kind="shipping", label="Delivery", amount_minor=goods.delivery))
    printed += [_discount(offer) for offer in applied if offer.promotion_class == "shipping"]
    return (*printed, ReceiptLine(kind="total", label="Total", amount_minor=ledger.choice.total))


def _discount(offer: AppliedOffer) -> ReceiptLine:
    label = offer.title if offer.code is None else f"{offer.title} ({offer.code})"
    label = label if offer.condition is None else f"{label}, {offer.condition}"
    return ReceiptLine(kind="discount", label=label, amount_minor=-offer.amount_minor, promotion_id=offer.promotion_id)


def rejected_offers(ledger: Ledger, given: frozenset[str]) -> tuple[RejectedOffer, ...]:
    """Every code in `given` (normalised) that took nothing off, by code; then what would have come off by itself: promotions whose
    minimum is in reach, and those that lost to another with which they do not combine, by priority, then id."""
    applied = {rule.promotion.promotion_id for rule in ledger.choice.rules}
    verdicts = [_verdict(ledger, each) for each in ledger.standings if each.promotion.promotion_id not in applied]
    working = {rule.promotion.code for rule in ledger.choice.rules if rule.promotion.code is not None}
    rejected = []
    for code in sorted(given - working):
        mine = [verdict for verdict in verdicts if verdict.code == code]
        rejected.append(min(mine, key=lambda verdict: URGENCY[verdict.reason]) if mine else _unknown(code))
    in_reach = {each.promotion.promotion_id for each in ledger.standings if each.promotion.code is None and within_reach(each)}
    automatic = [verdict for verdict in verdicts if verdict.code is None]
    shown = [one for one in automatic if one.promotion_id in in_reach or one.reason == "does_not_combine"]
    return (*rejected, *shown)


def within_reach(standing: Standing) -> bool:
    """True when a minimum is all that is missing, and the basket is half way to it in money and one piece short at most."""
    promotion = standing.promotion
    enough = 2 * standing.spent >= (promotion.minimum_minor or 0)
    return standing.reason == "minimum_not_met" and enough and standing.count >= pieces_needed(promotion) - 1


def _unknown(code: str) -> RejectedOffer:
    shown = code if len(code) <= 40 else f"{code[:39]}…"
    return RejectedOffer(promotion_id=None, code=code, title=None, reason="unknown_code", message=f"{shown}: no such code")


def _verdict(ledger: Ledger, standing: Standing) -> RejectedOffer:
    promotion, reason, detail = standing.promotion, standing.reason, standing.detail
    if reason is None:
        reason, detail = _outdone(ledger, promotion)
    return RejectedOffer(
        promotion_id=promotion.promotion_id,
        code=promotion.code,
        title=promotion.title,
        reason=reason,
        message=f"{promotion.code or promotion.title}: {detail}",
    )


def _outdone(ledger: Ledger, promotion: Promotion) -> tuple[RejectionReason, str]:
    """Why a promotion of which all conditions hold is not in the best combination."""
    winners = [rule.promotion for rule in ledger.choice.rules]
    rival = next((winner for winner in winners if not may_combine(promotion, winner)), None)
    if rival is not None and ledger.alone[promotion.promotion_id] > 0:
        return "does_not_combine", f"does not combine with {rival.title}"
    if target_of(promotion) is Target.DELIVERY:
        return "no_effect", "nothing is left to pay for delivery"
    return "no_effect", "takes nothing more off this basket"
