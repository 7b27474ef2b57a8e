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


class Bare(NamedTuple):
    """What the bare numbers of a message are."""

    sizes: tuple[SizeFound, ...] = ()
    budgets: tuple[Amount, ...] = ()


class BareNumbers:
    """Decides what a number means that says nothing of itself."""

    def __init__(self, words: Words) -> None:
        self._leads = re.compile(f"(?:(?:{'|'.join([*words.fillers, *words.change.correct])}) ?)*")
        self._ranges = words.sizes.ranges

    def find(self, utterance: Utterance, numbers: Sequence[Amount], wear: Wear, taken: Cover, context: ParseContext) -> Bare:
        """The bare numbers among `numbers` outside `taken`. The nearer of the size and the budget in force decides, else what is sought."""
        sizes: list[SizeFound] = []
        budgets: list[Amount] = []
        for number in numbers:
            if number.currency is not None or not taken.frees(number.span) or not self._is_alone(utterance, number.span):
                continue
            system = self._system(number.value, wear, context)
            if system is not None:
                sizes.append(SizeFound(number.span, f"{number.value.normalize():f}", system))
            elif _budget(context) is not None and number.value >= _LEAST_BUDGET and self._is_all(utterance, number.span):
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
            near = _NEAR * 3 if system == "height" else _NEAR
            nearer = budget is None or far <= abs(value - Decimal(budget) / 100)
            if system is not None and system in wear.systems and self._fits(system, value) and far <= near and nearer:
                return system
        if budget is not None and not (wear.audience in CHILDREN and "height" in wear.systems and value >= 74):
            return None
        usual = (system for system, (low, high) in _USUAL.items() if system in wear.systems and low <= value <= high)
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
