"""Which promotions may touch a basket, and in exact words why the others may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from catalog_data.money import plain_money
from catalog_data.schema import Promotion, Scope
from catalog_data.vocabulary import Vocabulary
from retrieval.rules import Goods, Mask, ScopeTest
from retrieval.schema import BasketLine, RejectionReason, Shopper

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True, eq=False)
class Occasion:
    """A basket, its numbers, who asks and when."""

    lines: tuple[BasketLine, ...]
    goods: Goods
    now: datetime
    shopper: Shopper
    currency: str
    vocabulary: Vocabulary


@dataclass(frozen=True, eq=False)
class Standing:
    """How one promotion stands to one basket. `lines`: bool (n), its scope; `spent`, `count`: what is in scope, minor units and
    pieces, before any promotion. `reason` is None where all its own conditions hold; `detail` says in figures what does not."""

    promotion: Promotion
    lines: Mask
    spent: int
    count: int
    reason: RejectionReason | None
    detail: str = ""

    @property
    def missing_minor(self) -> int:
        """What the pieces in scope lack to the minimum spend, where nothing else stands in the way; else 0."""
        if self.reason != "minimum_not_met" or self.count < pieces_needed(self.promotion):
            return 0
        return max(0, (self.promotion.minimum_minor or 0) - self.spent)


def normalise_code(code: str) -> str:
    """A code as promotions hold it: trimmed, upper case."""
    return code.strip().upper()


def pieces_needed(promotion: Promotion) -> int:
    """How many pieces in scope the promotion asks for: its minimum, and one whole group of a buy_x_get_y."""
    group = (promotion.buy_quantity or 0) + (promotion.get_quantity or 0) if promotion.kind == "buy_x_get_y" else 1
    return max(promotion.minimum_quantity or 1, group)


def written_date(moment: datetime) -> str:
    """A date as it stands in a sentence: "31 August 2026"."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def standing(promotion: Promotion, occasion: Occasion) -> Standing:
    """Holds the promotion's own conditions against the basket; the reason is the first that fails, what no basket can mend first."""
    test, goods = ScopeTest(promotion.scope, occasion.vocabulary), occasion.goods
    in_scope = np.array([test(line.product) for line in occasion.lines], dtype=np.bool_)
    spent, count = int((goods.unit * goods.quantity)[in_scope].sum()), int(goods.quantity[in_scope].sum())
    failed = _closed(promotion, occasion.now, occasion.shopper) or _short(promotion, spent, count, occasion)
    reason, detail = failed or (None, "")
    return Standing(promotion, in_scope, spent, count, reason, detail)


def holds_at(promotion: Promotion, now: datetime) -> bool:
    """True within the promotion's window: from `starts_at` on, before `ends_at`."""
    return (promotion.starts_at is None or promotion.starts_at <= now) and (promotion.ends_at is None or now < promotion.ends_at)


def _closed(promotion: Promotion, now: datetime, shopper: Shopper) -> tuple[RejectionReason, str] | None:
    """What about the time or the shopper keeps the promotion away."""
    if promotion.ends_at is not None and now >= promotion.ends_at:
        return "expired", f"ended {written_date(promotion.ends_at - timedelta(microseconds=1))}"
    if promotion.starts_at is not None and now < promotion.starts_at:
        return "not_started", f"starts {written_date(promotion.starts_at)}"
    if promotion.first_order and not shopper.first_order:
        return "first_order_only", "first orders only"
    if promotion.members_only and not shopper.member:
        return "members_only", "members only"
    if promotion.once_per_customer and promotion.promotion_id in shopper.used_promotion_ids:
        return "already_used", "once per customer, already used"
    return None


def _short(promotion: Promotion, spent: int, count: int, occasion: Occasion) -> tuple[RejectionReason, str] | None:
    """What the basket lacks."""
    currency, words = occasion.currency, scope_words(promotion.scope, occasion.vocabulary)
    if count == 0:
        return "not_in_scope", f"only for {words}; the basket holds none" if words else "the basket holds nothing that it is for"
    needed = pieces_needed(promotion)
    if count < needed:
        return "minimum_not_met", f"minimum {needed} pieces{f' of {words}' if words else ''}, you have {count}"
    if spent < (promotion.minimum_minor or 0):
        least = plain_money(promotion.minimum_minor or 0, currency)
        return "minimum_not_met", f"minimum {least}{f' of {words}' if words else ''}, you are at {plain_money(spent, currency)}"
    return None


def assumed(promotion: Promotion, shopper: Shopper) -> str | None:
    """What the promotion hangs on that nobody knows of this shopper, as a clause; None where all is known."""
    unknown = promotion.first_order and shopper.first_order and not shopper.first_order_known
    return "if it is your first order" if unknown else None


def scope_words(scope: Scope, vocabulary: Vocabulary) -> str:
    """What a scope holds, in the catalog's own words: "dresses and skirts by Aldena"; empty where it holds everything."""
    kinds = " and ".join(vocabulary.plural(category) for category in scope.categories)
    parts = [kinds or ("selected items" if scope.product_ids else "")]
    parts += [f"by {' or '.join(scope.brands)}"] if scope.brands else []
    parts += [f"from {' or '.join(scope.collections)}"] if scope.collections else []
    parts += [f"for {' or '.join(scope.genders)}"] if scope.genders else []
    parts += ["at full price"] if scope.excludes_reduced else []
    words = " ".join(part for part in parts if part)
    return words if parts[0] or not words else f"items {words}"
