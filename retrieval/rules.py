"""Promotions made ready for one basket: which pieces each touches, and what it takes off in a given state.

What a promotion takes off, exactly:

- There are three targets, in this order: single pieces (percent, amount and buy_x_get_y without a cap), sums over the pieces in
  scope (every threshold; percent and amount of class order; whatever has a cap), the delivery charge (free_shipping, and what is
  of class shipping). Within a target the order is by priority (1 first), then by id. Each rule works on what those before it have
  left, so nothing comes off twice and no amount falls below zero.
- A percentage is rounded half up: piece by piece on pieces, once on a sum. An amount comes off each piece; of class order, once.
- buy_x_get_y looks at today's price tags: the pieces in scope, dearest first, are cut into groups of buy + get, and the `get`
  cheapest of each whole group are reduced; equal prices keep the basket's order. No other grouping is better for the shopper.
- What comes off a sum is at most `cap_minor`, and is shared over the lines by largest remainder in proportion to what is left to
  pay for the pieces in scope (of a capped amount or buy_x_get_y: to what would come off without the cap); equal remainders go to
  earlier lines.
- Minimum spend and quantity count the pieces in the promotion's scope at today's price tags, before any promotion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Product, Promotion, PromotionClass, Scope, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.errors import UnpricedProduct
from retrieval.schema import BasketLine

Amounts = NDArray[np.int64]
Mask = NDArray[np.bool_]

SAFE_PRODUCT = 2**62
"""Beyond this the product of two amounts leaves int64, and Python's own integers take over."""


class Target(IntEnum):
    """What a rule lowers; the number is its place in the order of application."""

    PIECES = 0
    SUM = 1
    DELIVERY = 2


@dataclass(frozen=True, eq=False)
class Goods:
    """A basket as numbers, all money in minor units. `unit`, `quantity`: int64 (n lines); `delivery`: the charge for it."""

    unit: Amounts
    quantity: Amounts
    delivery: int

    @cached_property
    def prices(self) -> Amounts:
        """The price tag of each piece, int64 (m), line after line."""
        return np.repeat(self.unit, self.quantity)

    @cached_property
    def starts(self) -> Amounts:
        """The place among the pieces at which each line begins, int64 (n)."""
        return np.cumsum(self.quantity) - self.quantity

    @property
    def subtotal(self) -> int:
        """All pieces at their price tags."""
        return int(self.prices.sum())

    def by_line(self, pieces: Amounts) -> Amounts:
        """Sums amounts a piece (m) into amounts a line (n), exactly."""
        return np.add.reduceat(pieces, self.starts) if len(self.starts) else pieces


def goods_of(lines: Sequence[BasketLine], currency: str, delivery: int = 0) -> Goods:
    """Reads the numbers off a basket. Raises `UnpricedProduct` for an item without a price, or with one in another currency."""
    unit = []
    for line in lines:
        price = line.product.price
        if price is None or price.currency != currency:
            found = "no price" if price is None else f"a price in {price.currency}"
            raise UnpricedProduct(
                f"{line.product.product_id} has {found}; a basket in {currency} holds items priced in it: take it out"
            )
        unit.append(price.amount_minor)
    quantity = [line.quantity for line in lines]
    return Goods(np.array(unit, dtype=np.int64), np.array(quantity, dtype=np.int64), delivery)


def is_reduced(product: Product) -> bool:
    """True when the shop asks less than its own list price."""
    return (
        product.list_price is not None
        and product.price is not None
        and product.list_price.amount_minor > product.price.amount_minor
    )


class ScopeTest:
    """Whether items are in a promotion's scope; its categories and genders taken with all that the vocabulary says they include."""

    def __init__(self, scope: Scope, vocabulary: Vocabulary) -> None:
        def expanded(slot: ValueSlot, values: Sequence[str]) -> frozenset[str]:
            return frozenset(inner for value in values for inner in vocabulary.expand(slot, value))

        self._scope = scope
        self._categories = expanded("category", scope.categories)
        self._genders = expanded("gender", scope.genders)
        self._excluded = expanded("category", scope.excluded_categories)

    def __call__(self, product: Product) -> bool:
        """Every field of the scope that is filled must hold, on an unknown value it does not; what is excluded never is in it."""
        scope = self._scope
        if product.product_id in scope.excluded_product_ids or product.product_type in self._excluded:
            return False
        if product.brand in scope.excluded_brands or (scope.excludes_reduced and is_reduced(product)):
            return False
        return (
            (not scope.product_ids or product.product_id in scope.product_ids)
            and (not scope.categories or product.product_type in self._categories)
            and (not scope.brands or product.brand in scope.brands)
            and (not scope.collections or product.collection in scope.collections)
            and (not scope.genders or not self._genders.isdisjoint(product.gender))
        )


def class_of(promotion: Promotion) -> PromotionClass:
    """The class that decides what may be combined. Free delivery is of class shipping whatever its file says."""
    return "shipping" if promotion.kind == "free_shipping" else promotion.promotion_class


def target_of(promotion: Promotion) -> Target:
    """What the promotion lowers; see the head of this file."""
    if class_of(promotion) == "shipping":
        return Target.DELIVERY
    if promotion.kind == "threshold" or promotion.cap_minor is not None:
        return Target.SUM
    return Target.SUM if promotion.promotion_class == "order" and promotion.kind != "buy_x_get_y" else Target.PIECES


def may_combine(first: Promotion, second: Promotion) -> bool:
    """Two promotions combine only when each allows the other's class; two of one class only when both list that class."""
    return class_of(first) in second.combines_with and class_of(second) in first.combines_with


@dataclass(frozen=True, eq=False)
class Rule:
    """A promotion on one basket. `lines`: bool (n), what is in scope; `pieces`: bool (m), what a rule on pieces reduces."""

    promotion: Promotion
    target: Target
    lines: Mask
    pieces: Mask

    @property
    def key(self) -> tuple[int, str]:
        """Its place among rules of one target."""
        return self.promotion.priority, self.promotion.promotion_id

    @property
    def by_piece(self) -> bool:
        """True for a rule on a sum that adds up what would come off single pieces: a capped amount or buy_x_get_y."""
        kind = self.promotion.kind
        return kind == "buy_x_get_y" or (kind == "amount" and self.promotion.promotion_class != "order")


def make_rule(promotion: Promotion, goods: Goods, lines: Mask) -> Rule:
    """Readies `promotion`, whose scope holds `lines` (bool, n), for `goods`."""
    pieces = np.repeat(lines, goods.quantity)
    if promotion.kind == "buy_x_get_y" and promotion.buy_quantity and promotion.get_quantity:
        group = promotion.buy_quantity + promotion.get_quantity
        dearest_first = np.flatnonzero(pieces)[np.argsort(-goods.prices[pieces], kind="stable")]
        place = np.arange(len(dearest_first))
        in_whole_group = place < len(place) // group * group
        pieces = np.zeros_like(pieces)
        pieces[dearest_first[in_whole_group & (place % group >= promotion.buy_quantity)]] = True
    return Rule(promotion, target_of(promotion), lines, pieces)


def allocate(total: int, weights: Amounts) -> Amounts:
    """Shares `total` over `weights` (int64, >= 0, summing to at least `total`) by largest remainder, ties to earlier places.

    Gives int64 of the same length that sums to `total` exactly and is nowhere above its weight.
    """
    whole = int(weights.sum())
    if total == 0 or whole == 0:
        return np.zeros_like(weights)
    exact = weights.astype(object) if total * int(weights.max()) >= SAFE_PRODUCT else weights
    shares = (exact * total // whole).astype(np.int64)
    left = total - int(shares.sum())
    if left:
        shares[np.argsort(-(exact * total % whole), kind="stable")[:left]] += 1
    return shares


def percent_of(promotion: Promotion) -> int | None:
    """The percentage by which it reduces; None where it takes a fixed amount."""
    return None if promotion.kind == "amount" else promotion.percent


def off_pieces(rule: Rule, left: Amounts) -> Amounts:
    """What a rule on pieces takes off each, int64 (m), when `left` (int64, m) is still to pay for each."""
    percent = percent_of(rule.promotion)
    off = (left * percent + 50) // 100 if percent is not None else np.minimum(left, rule.promotion.amount_minor or 0)
    return np.where(rule.pieces, off, 0)


def off_sum(rule: Rule, left: int) -> int:
    """What the rule takes off one amount (a sum in scope, the delivery charge) of which `left` is still to pay."""
    promotion, percent = rule.promotion, percent_of(rule.promotion)
    if promotion.kind == "free_shipping":
        return left
    off = (left * percent + 50) // 100 if percent is not None else min(left, promotion.amount_minor or 0)
    return min(off, promotion.cap_minor or off)


def off_lines(rule: Rule, goods: Goods, left: Amounts) -> Amounts:
    """What a rule on a sum takes off each line, int64 (n), when `left` (int64, n) is still to pay for each."""
    shares = _shares(rule, goods, left)
    whole = int(shares.sum())
    if rule.by_piece:
        return allocate(min(whole, rule.promotion.cap_minor or whole), shares)
    return allocate(off_sum(rule, whole), shares)


def _shares(rule: Rule, goods: Goods, left: Amounts) -> Amounts:
    """In what proportion the lines share, int64 (n): what is left to pay, or what an uncapped rule on pieces would take off."""
    promotion = rule.promotion
    in_scope = np.where(rule.lines, left, 0)
    if promotion.kind == "buy_x_get_y":
        reduced = np.bincount(np.repeat(np.arange(len(left)), goods.quantity)[rule.pieces], minlength=len(left))
        return (in_scope * reduced * (promotion.percent or 0) + 50 * goods.quantity) // (100 * goods.quantity)
    if promotion.kind == "amount" and promotion.promotion_class != "order":
        return np.minimum(in_scope, goods.quantity * (promotion.amount_minor or 0))
    return in_scope


def off_alone(rule: Rule, goods: Goods) -> int:
    """What the rule takes off by itself, at today's price tags: more than it ever does after other rules."""
    if rule.target is Target.DELIVERY:
        return off_sum(rule, goods.delivery)
    if rule.target is Target.PIECES:
        return int(off_pieces(rule, goods.prices).sum())
    return int(off_lines(rule, goods, goods.unit * goods.quantity).sum())
