"""Price wishes: bounds, ranges, "around", and "cheaper" or "dearer" than what was shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median_low
from typing import Literal, NamedTuple

from assistant.schema import ME, ParseContext, PriceRange, SlotMention
from assistant.understanding.numbers import Amount, amounts
from assistant.understanding.tokens import Cover, Span, Utterance
from assistant.understanding.words import PriceWords, Words, any_of
from catalog_data.money import to_minor

AROUND = Decimal("0.15")
"""How far "around 60" reaches to either side."""
_BEFORE, _AFTER = 80, 48
"""Characters that are looked at on either side of an amount: bounds the work of each pattern."""
_MOST_MINOR = 10**10
_BIG = 15
"""From here on a bare number after a loose cue ("over 100", "about 60") is a price; below it may be anything."""

Bound = Literal["most", "least", "about", "any"]


class PriceFound(NamedTuple):
    """A price wish and the words that say it. `relative`: to be filled from what was shown; `a_bit`: only a little cheaper or dearer."""

    span: Span
    value: PriceRange | str
    currency: str | None
    relative: Literal["cheaper", "dearer"] | None = None
    soft: bool = False
    a_bit: bool = False


@dataclass(frozen=True)
class _Cues:
    """The price cues as patterns: those before an amount are tied to the end of the text, those after it to the beginning."""

    before: tuple[tuple[Bound, re.Pattern[str]], ...]
    after: tuple[tuple[Bound, re.Pattern[str]], ...]
    refused: re.Pattern[str]
    money_word: re.Pattern[str]
    unit: re.Pattern[str]
    not_after: re.Pattern[str]
    needs_money: re.Pattern[str]
    not_money: re.Pattern[str]
    determined: re.Pattern[str]
    points: re.Pattern[str]
    pointed: re.Pattern[str]
    claimed: re.Pattern[str]
    said_again: re.Pattern[str]


class PriceReader:
    """Finds price wishes. `currency`: the catalog's, for names that several currencies share."""

    def __init__(self, words: Words, currency: str) -> None:
        self._words = words
        self._currency = currency
        self._cues = _compile(words.price)
        price = words.price
        a_bit = f"(?:(?P<bit>{'|'.join(price.a_bit)}) )?"
        self._relative = (
            ("cheaper", False, any_of(price.cheaper, before=a_bit)),
            ("dearer", False, any_of(price.dearer, before=a_bit)),
            ("cheaper", True, any_of(price.cheap)),
            ("dearer", True, any_of(price.expensive)),
        )

    def find(self, utterance: Utterance, context: ParseContext) -> tuple[PriceFound, ...]:
        """All price wishes of the message, in its order. After a question for the budget a bare number is one."""
        numbers = [number for number in amounts(utterance, self._words) if not self._is_told(utterance, number, context)]
        found: list[PriceFound] = []
        at = 0
        while at < len(numbers):
            joined = self._range(utterance, numbers, at, _has_budget(context))
            one = joined or self._single(utterance, numbers[at], _budget_was_asked(context))
            if one is not None:
                found.append(one)
            at += 2 if joined else 1
        found.extend(self._relatives(utterance, found))
        return tuple(sorted(found, key=lambda each: each.span))

    def bare(self, number: Amount, context: ParseContext) -> PriceFound | None:
        """A number without a cue as the budget in place of the one in force."""
        value = self._value("least" if _only_least(context) else "most", number, None)
        return PriceFound(number.span, value, None) if value is not None else None

    def _is_told(self, utterance: Utterance, amount: Amount, context: ParseContext) -> bool:
        """True for an amount that points at an item ("the €29 one") or is only claimed ("you said they were 20 euro")."""
        left, right = _sides(utterance, amount.span)
        if self._cues.points.search(left) or (self._cues.determined.search(left) and self._cues.pointed.match(right)):
            return True
        clause = re.split(r" (?:[,.;:!?]|but) ", f" {left} ")[-1]
        if self._cues.claimed.search(clause):
            return True
        bare = self._bound(left, right)[0] is None
        return bare and self._cues.said_again.search(clause) is not None and not _has_budget(context)

    def _single(self, utterance: Utterance, amount: Amount, asked: bool) -> PriceFound | None:
        left, right = _sides(utterance, amount.span)
        if self._no_price(amount, left, right):
            return None
        bound, start, end = self._bound(left, right)
        if "ish" in utterance.norms(amount.span):
            bound = "about"
        if bound is None:
            if amount.currency is None and not (asked and len(utterance.tokens) <= amount.span.last - amount.span.first + 3):
                return None
            bound = "most"
        elif amount.currency is None and self._is_loose(left, amount):
            return None
        elif bound == "least" and (refused := self._cues.refused.search(left[:start].rstrip() if start is not None else left)):
            bound, start = "most", refused.start()
        value = self._value(bound, amount, amount.currency)
        span = _widened(utterance, amount.span, left, start, end)
        return PriceFound(span, value, amount.currency) if value is not None else None

    def _no_price(self, amount: Amount, left: str, right: str) -> bool:
        if self._cues.not_money.match(right):
            return True
        return amount.currency is None and bool(self._cues.unit.match(right) or self._cues.not_after.search(left))

    def _is_loose(self, left: str, amount: Amount) -> bool:
        """True for a bare number after a cue that is also said of other things ("from 1990", "over 5")."""
        cue = self._cues.needs_money.search(left)
        return cue is not None and (amount.value < _BIG or cue.group().startswith("from"))

    def _bound(self, left: str, right: str) -> tuple[Bound | None, int | None, int | None]:
        """The bound that the words around an amount set, where its cue begins in `left` and ends in `right`."""
        for bound, pattern in self._cues.after:
            if match := pattern.match(right):
                before = next((m.start() for _, p in self._cues.before if (m := p.search(left))), None)
                return bound, before, match.end()
        best: tuple[Bound, int] | None = None
        for bound, pattern in self._cues.before:
            if (match := pattern.search(left)) and (best is None or match.start() < best[1]):
                best = (bound, match.start())
        return (best[0], best[1], None) if best else (None, None, None)

    def _range(self, utterance: Utterance, numbers: Sequence[Amount], at: int, known: bool) -> PriceFound | None:
        """ "between 50 and 80", "50-80", "50 to 80 euros"; "make it 60 to 100" where a budget is `known`."""
        if at + 1 >= len(numbers):
            return None
        low, high = numbers[at], numbers[at + 1]
        joint = " ".join(utterance.norms(Span(low.span.last, high.span.first))) or _dash_between(utterance, low.span, high.span)
        left, _ = _sides(utterance, low.span)
        _, right = _sides(utterance, high.span)
        cue = re.search(r"(?<!\S)(?:between|from|range(?: of)?|betwixt)$", left)
        money = low.currency is not None or high.currency is not None
        if (
            joint not in ("-", "to", "and", "up to", "until", "till")
            or (joint == "and" and cue is None)
            or high.value <= low.value
        ):
            return None
        if not money and (
            self._no_price(high, left, right) or not (cue or known or joint == "-" or self._cues.money_word.search(left))
        ):
            return None
        if not (money or cue) and (high.value - low.value <= 4 or low.value < 10):
            return None  # more like sizes ("36-38") than prices
        span = _widened(utterance, Span(low.span.first, high.span.last), left, cue.start() if cue else None, None)
        currency = low.currency or high.currency
        lowest, highest = self._minor(low.value, currency), self._minor(high.value, currency)
        return PriceFound(span, PriceRange(min=lowest, max=highest), self._named(currency)) if highest <= _MOST_MINOR else None

    def _value(self, bound: Bound, amount: Amount, currency: str | None) -> PriceRange | None:
        minor = self._minor(amount.value, currency)
        if not 0 < minor <= _MOST_MINOR:
            return None
        if bound == "about":
            return PriceRange(
                min=self._minor(amount.value * (1 - AROUND), currency), max=self._minor(amount.value * (1 + AROUND), currency)
            )
        return PriceRange(min=minor) if bound == "least" else PriceRange(max=minor)

    def _minor(self, value: Decimal, currency: str | None) -> int:
        return to_minor(value, self._named(currency) or self._currency)

    def _named(self, currency: str | None) -> str | None:
        """The currency meant: the catalog's own where the name said is shared with it."""
        if currency is not None and self._currency in self._words.shared_names.get(currency, ()):
            return self._currency
        return currency

    def _relatives(self, utterance: Utterance, taken: Sequence[PriceFound]) -> list[PriceFound]:
        found: list[PriceFound] = []
        closed = Cover(other.span for other in taken)
        for relative, soft, pattern in self._relative:
            for span, match in utterance.plain.find(pattern):
                if not closed.frees(span):
                    continue
                closed.add(span)
                bit = "bit" in pattern.groupindex and match.group("bit") is not None
                found.append(PriceFound(span, relative, None, "cheaper" if relative == "cheaper" else "dearer", soft, bit))
        return found


def filled(found: PriceFound, context: ParseContext, pointed: Sequence[str], scope: str = ME) -> PriceRange | None:
    """What "cheaper" or "dearer" comes to in minor units: below (above) every item pointed at, else every item shown, or their middle
    for "a bit"; where nothing is shown, the item of the page, else four fifths (nine tenths for "a bit") of the budget in force. None: there
    is nothing to go by."""
    if found.relative is None or found.soft:
        return None
    page = [context.page] if context.page is not None else []
    known = {product.product_id: product for product in (*context.shown, *page)}
    items = [known[each] for each in pointed if each in known] or list(context.shown) or page
    prices = sorted(product.price.amount_minor for product in items if product.price is not None)
    if prices and found.relative == "cheaper":
        return PriceRange(max=max(0, (median_low(prices) if found.a_bit else prices[0]) - 1))
    if prices:
        return PriceRange(min=(median_low(prices) if found.a_bit else prices[-1]) + 1)
    held = [p.value for p in context.profile.in_scope(scope) if isinstance(p.value, PriceRange) and p.value.max is not None]
    if not held or held[0].max is None or found.relative == "dearer":
        return None
    return PriceRange(max=held[0].max * (9 if found.a_bit else 8) // 10)


def mention(found: PriceFound, words: str, scope: str, price_range: PriceRange | None) -> SlotMention:
    """The slot mention of a price wish. A relative one that nothing fills is soft and holds the word alone."""
    value = found.value if isinstance(found.value, PriceRange) else price_range
    return SlotMention(
        slot="price",
        value=value if value is not None else found.value,
        strength="soft" if found.soft or value is None else "hard",
        scope=scope,
        evidence=words,
        currency=found.currency,
        relative=found.relative,
    )


def _has_budget(context: ParseContext) -> bool:
    return bool(_budgets(context))


def _only_least(context: ParseContext) -> bool:
    """True where the budget in force is a lower bound alone."""
    held = _budgets(context)
    return bool(held) and all(value.max is None for value in held)


def _budgets(context: ParseContext) -> list[PriceRange]:
    wishes = context.profile.in_scope(context.state.scope)
    return [p.value for p in wishes if isinstance(p.value, PriceRange) and p.polarity == "like" and p.source == "stated"]


def _budget_was_asked(context: ParseContext) -> bool:
    return (
        bool(context.state.asked)
        and context.state.last_actions[-1:] == ("ask",)
        and context.state.asked[-1] in ("budget", "price")
    )


def _sides(utterance: Utterance, span: Span) -> tuple[str, str]:
    """The normalised text right before and right behind `span`."""
    view = utterance.plain
    start = view.start_of(span.first)
    end = view.start_of(span.last) if span.last < len(utterance.tokens) else len(view.flat)
    left, right = view.flat[max(0, start - _BEFORE) : start].rstrip(), view.flat[end : end + _AFTER].lstrip()
    return left, right


def _dash_between(utterance: Utterance, low: Span, high: Span) -> str:
    """The dash of "50 euros-70 eur", which as one inside a word is no token."""
    between = utterance.text[utterance.tokens[low.last - 1].end : utterance.tokens[high.first].start].strip()
    return "-" if between in ("-", "–", "—") else ""


def _widened(utterance: Utterance, span: Span, left: str, start: int | None, end: int | None) -> Span:
    """`span` with the cue words before and behind it."""
    first = span.first - len(left[start:].split()) if start is not None else span.first
    last = span.last
    if end is not None:
        _, right = _sides(utterance, span)
        last += len(right[:end].split())
    return Span(max(0, first), min(last, len(utterance.tokens)))


def _compile(price: PriceWords) -> _Cues:
    fill = f"(?: (?:{'|'.join(price.filler)})){{0,3}}$"
    before: tuple[tuple[Bound, tuple[str, ...]], ...] = (("most", price.most), ("least", price.least), ("about", price.about))
    after: tuple[tuple[Bound, tuple[str, ...]], ...] = (
        ("most", price.most_after),
        ("least", price.least_after),
        ("about", price.about_after),
    )
    return _Cues(
        before=tuple((bound, re.compile(f"(?<!\\S)(?:{_alternatives(cues)}){fill}")) for bound, cues in before),
        after=tuple((bound, re.compile(f"(?:{_alternatives(cues)})(?!\\S)")) for bound, cues in after),
        refused=re.compile(f"(?<!\\S)(?:{price.refused})$"),
        money_word=re.compile(r"(?<!\S)(?:budget|price|prices|priced|spend|pay|range|around|about)(?: \S+){0,2}$"),
        unit=re.compile(f"(?:{_alternatives(price.units)})(?!\\S)"),
        not_after=re.compile(
            f"(?<!\\S)(?:(?:{_alternatives(price.not_after)})(?: (?:of|is|:|a|an|than|under|over|about|around|at|least))*"
            f"|(?:{_alternatives(price.not_right_after)}))$"
        ),
        needs_money=re.compile(f"(?<!\\S)(?:{_alternatives(price.needs_money)}){fill}"),
        not_money=re.compile(f"(?:{_alternatives(price.not_money)})(?!\\S)"),
        determined=re.compile(r"(?<!\S)(?:the|that|this|those|these|your)$"),
        points=re.compile(f"(?<!\\S)(?:{_alternatives(price.pointed_before)})$"),
        pointed=re.compile(f"(?:{_alternatives(price.pointed_after)})(?!\\S)"),
        claimed=any_of(price.claimed),
        said_again=any_of(price.said_again),
    )


def _alternatives(cues: Sequence[str]) -> str:
    return "|".join(sorted(cues, key=len, reverse=True))
