"""The best combination of promotions for the shopper: exact, by branch and bound.

What may be combined: any two of the set allow each other's class (`rules.may_combine`). Whether two promotions combine depends on
their classes and `combines_with` alone, so every combinable set lies in one of few groups: for each choice of classes that take
part, and for each of those classes, either one promotion that tolerates no other of its class, or all that do. Within a group every
subset is allowed, and it is searched by including or leaving out one rule after another in their order of application.

Why the bound holds. Rules on single pieces are monotone (more left before, no less left after) and take no more off less; so are,
before rounding to cents, a cap shared in proportion and a discount on a sum. Hence applying all remaining rules of a group leaves
as little as applying some of them, up to rounding. `_Search._floor` follows two bounds on that: `places`, by how much what all leave
may exceed what some leave, added up over the lines where it does (a shared amount is at most half a cent a line off its exact share,
half of that upwards, a rounded percentage half a cent, once for each of the two sets compared), and `total`, by how much in all.
Sharing does not change a total, so the first enters the second only through a rule that sees some of the lines and not the others.

Order of preference: the lowest total, then fewer promotions, then the smaller (priority, id) one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import get_args

import numpy as np

from catalog_data.schema import PromotionClass
from retrieval.rules import Amounts, Goods, Rule, Target, class_of, off_alone, off_lines, off_pieces, off_sum, percent_of

CLASSES: tuple[PromotionClass, ...] = get_args(PromotionClass)

RuleKey = tuple[int, str]


@dataclass(frozen=True, eq=False)
class State:
    """What is left to pay for the goods: a piece (`pieced`, int64 (m)) while rules on pieces apply, then a line (int64 (n))."""

    left: Amounts
    pieced: bool
    total: int


@dataclass(frozen=True)
class Choice:
    """A set of rules and the total it leads to, comparable by the order of preference."""

    total: int
    count: int
    keys: tuple[RuleKey, ...]
    rules: tuple[Rule, ...]

    @property
    def rank(self) -> tuple[int, int, tuple[RuleKey, ...]]:
        """Smaller is better."""
        return self.total, self.count, self.keys


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Rules in the order in which they apply."""
    return sorted(rules, key=lambda rule: (rule.target, *rule.key))


def apply(rule: Rule, goods: Goods, state: State) -> tuple[State, Amounts]:
    """The state after a rule on goods, and what it took off: a piece (m) for rules on pieces, a line (n) for those on a sum."""
    if rule.target is Target.PIECES:
        off = off_pieces(rule, state.left)
        return State(state.left - off, True, state.total - int(off.sum())), off
    left = goods.by_line(state.left) if state.pieced else state.left
    off = off_lines(rule, goods, left)
    return State(left - off, False, state.total - int(off.sum())), off


def start(goods: Goods) -> State:
    """Everything at today's price tags."""
    return State(goods.prices, True, goods.subtotal)


def best_combination(goods: Goods, rules: Sequence[Rule], bar: Choice | None = None) -> Choice:
    """The best of all combinable sets of `rules`, in order of application; `total` is goods and delivery together.

    Equal to the exhaustive search over sets: a set's rules apply in order, each to what those before it left. `bar`: a choice that is
    open as well, and comes back where nothing is better.
    """
    alone = {rule: off_alone(rule, goods) for rule in rules}
    groups = [(sum(alone[rule] for rule in group), group) for group in _groups(rules)]
    nothing = Choice(goods.subtotal + goods.delivery, 0, (), ())
    search = _Search(goods, nothing if bar is None else min(nothing, bar, key=lambda choice: choice.rank))
    for most, group in sorted(groups, key=lambda each: -each[0]):
        if nothing.total - most <= search.best.total:
            delivery = _best_delivery(goods.delivery, [rule for rule in group if rule.target is Target.DELIVERY])
            search.run(in_order(rule for rule in group if rule.target is not Target.DELIVERY), delivery)
    return search.best


def _groups(rules: Sequence[Rule]) -> Iterator[tuple[Rule, ...]]:
    """Every maximal group within which all are mutually combinable, once for each choice of classes that take part."""
    of_class = {name: [rule for rule in rules if class_of(rule.promotion) == name] for name in CLASSES}
    present = [name for name in CLASSES if of_class[name]]
    for taking_part in chain.from_iterable(combinations(present, size) for size in range(len(present), 0, -1)):
        options = []
        for name in taking_part:
            others = set(taking_part) - {name}
            allowed = [rule for rule in of_class[name] if others <= set(rule.promotion.combines_with)]
            sociable = tuple(rule for rule in allowed if name in rule.promotion.combines_with)
            single = [(rule,) for rule in allowed if name not in rule.promotion.combines_with]
            options.append([sociable, *single] if sociable else single)
        yield from (tuple(chain.from_iterable(parts)) for parts in product(*options))


def _best_delivery(charge: int, rules: Sequence[Rule]) -> Choice:
    """The best set of rules on the delivery charge, found over the charges that can be reached one rule at a time."""
    reached: dict[int, Choice] = {charge: Choice(charge, 0, (), ())}
    for rule in in_order(rules):
        for choice in list(reached.values()):
            left = choice.total - off_sum(rule, choice.total)
            after = Choice(left, choice.count + 1, tuple(sorted((*choice.keys, rule.key))), (*choice.rules, rule))
            if left < choice.total and (left not in reached or after.rank < reached[left].rank):
                reached[left] = after
    return min(reached.values(), key=lambda choice: choice.rank)


def _most(rule: Rule) -> int | None:
    """The most that a rule on a sum can take off, whatever there is to pay; None where that has no bound."""
    amount = None if rule.by_piece or percent_of(rule.promotion) else rule.promotion.amount_minor
    return min((bound for bound in (rule.promotion.cap_minor, amount) if bound is not None), default=None)


def _rise(rule: Rule, off: int, total: float, places: float) -> float:
    """The bound on the total's rounding error after a rule that took `off` off the reference, from the bounds before it."""
    percent, on_sum = percent_of(rule.promotion), rule.target is Target.SUM and not rule.by_piece
    if (on_sum and rule.lines.all()) or (rule.target is Target.SUM and off == _most(rule)):
        return total
    if on_sum and percent is not None:
        return min(max(total, places), total + places * percent / 100 + 1)
    return max(total, places)


class _Search:
    """Depth-first search over the subsets of one group after another, with the best choice so far as the bar."""

    def __init__(self, goods: Goods, best: Choice) -> None:
        self._goods = goods
        self._root = start(goods)
        self.best = best

    def run(self, rules: list[Rule], delivery: Choice) -> None:
        """Searches the subsets of `rules` (on goods, in order), each joined by the choice for the delivery."""
        self._rules, self._delivery = rules, delivery
        self._descend(self._root, 0, (), self._floor(self._root, 0))

    def _floor(self, state: State, first: int) -> int:
        """A lower bound on what any subset of the rules from `first` on leaves to pay: what all leave, less what rounding may do."""
        total = places = 0.0
        for rule in self._rules[first:]:
            before = state.total
            state, _ = apply(rule, self._goods, state)
            total = _rise(rule, before - state.total, total, places)
            places += 1 + int(rule.lines.sum()) / 2 if rule.target is Target.SUM else 0
        return max(0, state.total - int(total))

    def _descend(self, state: State, first: int, chosen: tuple[Rule, ...], floor: int) -> None:
        if self._hopeless(state, first, chosen, floor + self._delivery.total):
            return
        if first == len(self._rules):
            self._consider(state, chosen)
            return
        rule = self._rules[first]
        after, _ = apply(rule, self._goods, state)
        if after.total < state.total:
            self._descend(after, first + 1, (*chosen, rule), floor)
            floor = self._floor(state, first + 1)
        self._descend(state, first + 1, chosen, floor)

    def _consider(self, state: State, chosen: tuple[Rule, ...]) -> None:
        choice = self._choice(state.total, chosen)
        if choice.rank < self.best.rank:
            self.best = choice
            self._polish(chosen)

    def _choice(self, total: int, chosen: tuple[Rule, ...]) -> Choice:
        rules = (*chosen, *self._delivery.rules)
        return Choice(total + self._delivery.total, len(rules), tuple(sorted(rule.key for rule in rules)), rules)

    def _polish(self, chosen: tuple[Rule, ...]) -> None:
        """Leaves out what is not missed, one rule after another: a better bar early, which saves most of the search."""
        for rule in chosen:
            fewer = tuple(other for other in chosen if other is not rule)
            state = self._root
            for other in fewer:
                state, _ = apply(other, self._goods, state)
            choice = self._choice(state.total, fewer)
            if choice.rank < self.best.rank:
                self.best, chosen = choice, fewer

    def _hopeless(self, state: State, first: int, chosen: tuple[Rule, ...], bound: int) -> bool:
        """True when nothing below this place can come before the best so far."""
        if bound != self.best.total:
            return bound > self.best.total
        more = self._fewest(state, first, state.total + self._delivery.total - bound)
        count = len(chosen) + self._delivery.count + more
        if count != self.best.count:
            return count > self.best.count
        nearest = sorted(rule.key for rule in self._rules[first:])[:more]
        keys = sorted([*nearest, *(rule.key for rule in chosen), *self._delivery.keys])
        return tuple(keys) >= self.best.keys

    def _fewest(self, state: State, first: int, needed: int) -> int:
        """How many of the remaining rules it takes at least to get `needed` off: none takes more off later than it would now."""
        if needed <= 0:
            return 0
        offs = sorted((state.total - apply(rule, self._goods, state)[0].total for rule in self._rules[first:]), reverse=True)
        return int(np.searchsorted(np.cumsum(offs), needed)) + 1
