"""A number that stands alone ("39 i mean", "25 then", "a dress for our daughter, 110"): a size or a budget, by what is known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from assistant.schema import ParseContext, Preference, PriceRange
from assistant.understanding.numbers import Amount
from assistant.understanding.sizes import CHILDREN, SizeFound, Wear
from assistant.understanding.tokens import SENTENCE_ENDS, Cover, Span, Utterance
from assistant.understanding.words import Words
from catalog_data.schema import SizeSystem

_NUMBERED: tuple[SizeSystem, ...] = ("eu_shoe", "waist", "eu", "height")
_NEAR = 8
"""How far a corrected size lies from the one before, in its own steps' unit; a child's height may lie thrice as far."""
_LEAST_BUDGET = 10
"""A smaller number may count anything ("make it two")."""
_USUAL: dict[SizeSystem, tuple[int, int]] = {"eu_shoe": (34, 50), "waist": (26, 44), "height": (62, 176)}
"""Numbers that are surely sizes where nothing else speaks for a price. A bare number for clothes in EU sizes may be either."""
_CHILDRENS: dict[SizeSystem, tuple[int, int]] = {"eu_shoe": (20, 33), "height": (62, 176)}
"""Numbers that are children's sizes where they are not round as budgets are, though nobody said that it is for a child."""
_ROUND = 5
_EU: SizeSystem = "eu"
_NO_NOUN = frozenset(
    (",", ".", "!", "?", "for", "it", "its", "and", "but", "with", "without", "in", "please", "pls", "not", "no")
)
"""Behind one of these a number counts nothing."""
_OF_A_SIZE = frozenset({"eu", "uk", "us", "it", "fr", "size", "waist", "w", "number", "item", "option"})
"""Before a number that says itself what it is."""


class Bare(NamedTuple):
    """What the bare numbers of a message are."""

    sizes: tuple[SizeFound, ...] = ()
    budgets: tuple[Amount, ...] = ()


class BareNumbers:
    """Decides what a number means that says nothing of itself."""

    def __init__(self, words: Words) -> None:
        self._leads = re.compile(f"(?:(?:{'|'.join([*words.fillers, *words.change.correct])}) ?)*")
        self._ranges = words.sizes.ranges

    def find(
        self,
        utterance: Utterance,
        numbers: Sequence[Amount],
        wear: Wear,
        taken: Cover,
        context: ParseContext,
        priced: bool = False,
    ) -> Bare:
        """The bare numbers among `numbers` outside `taken`. The nearer of the size and the budget in force decides, else what is sought.
        `priced`: the message says what it may cost."""
        sizes: list[SizeFound] = []
        budgets: list[Amount] = []
        for number in numbers:
            if number.currency is not None or not taken.frees(number.span):
                continue
            if not self._is_alone(utterance, number.span) and not self._is_beside(utterance, number, wear, priced):
                continue
            system = self._system(number.value, wear, context) or (_EU if priced and self._is_eu(number.value, wear) else None)
            asked = context.state.invited
            answer = asked == "size" and self._is_all(utterance, number.span)
            systems = (system,) if system is not None else self._in_answer(number.value, wear) if answer else ()
            if systems:
                sizes.extend(SizeFound(number.span, f"{number.value.normalize():f}", each) for each in systems)
            elif (
                (_budget(context) is not None or asked) and number.value >= _LEAST_BUDGET and self._is_all(utterance, number.span)
            ):
                budgets.append(number)
        return Bare(tuple(sizes), tuple(budgets))

    def _is_alone(self, utterance: Utterance, span: Span) -> bool:
        """True when its part of the message, between commas and sentence ends, holds nothing else."""
        first, last = span
        while first > 0 and utterance.tokens[first - 1].norm not in (",", *SENTENCE_ENDS):
            first -= 1
        while last < len(utterance.tokens) and utterance.tokens[last].norm not in (",", *SENTENCE_ENDS):
            last += 1
        return self._are_fillers(utterance, Span(first, span.first)) and self._are_fillers(utterance, Span(span.last, last))

    def _in_answer(self, value: Decimal, wear: Wear) -> tuple[SizeSystem, ...]:
        """The systems of a number that answers the question for a size: more than one where nobody knows which is meant."""
        fitting: list[SizeSystem] = [each for each in _NUMBERED if each in wear.systems and self._fits(each, value)]
        clothes: list[SizeSystem] = [each for each in fitting if each in ("eu", "waist")]
        if len(clothes) > 1 and (value > _USUAL["waist"][1] or wear.audience == "women"):
            fitting.remove("waist")
        elif len(clothes) > 1 and (value % 2 or wear.audience == "men"):
            fitting.remove("eu")
        if fitting:
            return tuple(fitting) if clothes else tuple(fitting[:1])
        childs = wear.systems & {"alpha", "eu", "waist"} and value >= _USUAL["height"][0] and value % _ROUND
        return ("height",) if childs and self._fits("height", value) else ()

    def _is_beside(self, utterance: Utterance, number: Amount, wear: Wear, priced: bool) -> bool:
        """True for a number that a terse shopper puts beside a price and a kind of clothing ("dress not over 100 38 for my mother")."""
        after = utterance.tokens[number.span.last].norm if number.span.last < len(utterance.tokens) else "."
        before = utterance.tokens[number.span.first - 1].norm if number.span.first else ""
        return priced and self._is_eu(number.value, wear) and after in _NO_NOUN and before not in _OF_A_SIZE

    def _is_eu(self, value: Decimal, wear: Wear) -> bool:
        return "eu" in wear.systems and value % 2 == 0 and self._fits(_EU, value)

    def _is_all(self, utterance: Utterance, span: Span) -> bool:
        """True when nothing stands before it that says what it is a number of."""
        before = " ".join(norm for norm in utterance.norms(Span(0, span.first)) if norm not in (",", *SENTENCE_ENDS))
        return self._leads.fullmatch(before) is not None

    def _are_fillers(self, utterance: Utterance, span: Span) -> bool:
        return self._leads.fullmatch(" ".join(utterance.norms(span))) is not None

    def _system(self, value: Decimal, wear: Wear, context: ParseContext) -> SizeSystem | None:
        """The size system that the number is of; None where it is no size."""
        held = [p for p in context.profile.in_scope(context.state.scope) if p.slot == "size" and p.size_system in _NUMBERED]
        budget = _budget(context)
        for size in reversed(held):
            system = size.size_system
            far = abs(value - Decimal(str(size.value)))
            near = _NEAR * 3 if system == "height" or budget is None else _NEAR
            nearer = budget is None or far <= abs(value - Decimal(budget) / 100)
            if system is not None and system in wear.systems and self._fits(system, value) and far <= near and nearer:
                return system
        if budget is not None and not (wear.audience in CHILDREN and "height" in wear.systems and value >= 74):
            return None
        usual = [system for system, (low, high) in _USUAL.items() if system in wear.systems and low <= value <= high]
        if budget is None and value % _ROUND and value % 2 == 0:
            grown = wear.systems | ({"height"} if wear.systems & {"alpha", "eu", "waist"} else set())
            usual += [system for system, (low, high) in _CHILDRENS.items() if system in grown and low <= value <= high]
        return next((system for system in usual if self._fits(system, value)), None)

    def _fits(self, system: SizeSystem, value: Decimal) -> bool:
        low, high = self._ranges[system]
        whole = value == int(value) or (system == "eu_shoe" and (value * 2) % 1 == 0)
        return low <= value <= high and whole


def _held(context: ParseContext) -> Preference | None:
    wishes = reversed(context.profile.in_scope(context.state.scope))
    return next((p for p in wishes if isinstance(p.value, PriceRange) and p.polarity == "like" and p.source == "stated"), None)


def _budget(context: ParseContext) -> int | None:
    """The stated bound in force, in minor units; None without one."""
    held = _held(context)
    value = held.value if held is not None else None
    return (value.max if value.max is not None else value.min) if isinstance(value, PriceRange) else None
