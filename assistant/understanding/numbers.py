"""Numbers and amounts of money as people write them: "1,200.50", "1.200,50", "eighty-five", "a hundred", "€80", "80 bucks"."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from assistant.understanding.tokens import Span, Token, Utterance
from assistant.understanding.words import Words

_LONGEST = 12
"""Digits and separators of a number that is read at all: no price in a shop is longer."""


class Amount(NamedTuple):
    """A number, the tokens that write it (its currency among them), and the currency said."""

    span: Span
    value: Decimal
    currency: str | None


def read_digits(written: str) -> Decimal | None:
    """The number that digits with points and commas write. A lone separator before exactly three digits groups thousands: "1.200" is 1200,
    for no price has three decimals; of two kinds of separator the last is the decimal one. None where it is too long to be meant."""
    if len(written) > _LONGEST:
        return None
    kinds = {char for char in written if char in ".,"}
    if not kinds:
        return Decimal(written)
    mark = max(kinds, key=written.rfind)
    head, _, tail = written.rpartition(mark)
    grouped = len(kinds) == 1 and (written.count(mark) > 1 or (len(tail) == 3 and not written.startswith("0")))
    whole = (written if grouped else head).replace(",", "").replace(".", "")
    return Decimal(whole) if grouped else Decimal(f"{whole}.{tail}")


def number_at(tokens: Sequence[Token], first: int, words: Words) -> tuple[Decimal, int] | None:
    """The number that begins at token `first`, and the token behind it; digits ("1.5 k") or words ("two hundred and fifty")."""
    if tokens[first].is_number:
        value = read_digits(tokens[first].norm)
        if value is None:
            return None
        scaled = first + 1 < len(tokens) and tokens[first + 1].norm in words.scales
        return (value * words.scales[tokens[first + 1].norm], first + 2) if scaled else (value, first + 1)
    return _spelt(tokens, first, words)


def _spelt(tokens: Sequence[Token], first: int, words: Words) -> tuple[Decimal, int] | None:
    """A number in words. "a" and "a couple of" count only before a scale word."""
    total = current = 0
    at = first
    if tokens[at].norm == "a" and _norm(tokens, at + 1) in words.scales:
        at += 1
    elif tokens[at].norm == "a" and _norm(tokens, at + 1) == "couple":
        scale = at + 3 if _norm(tokens, at + 2) == "of" else at + 2
        return (Decimal(2 * words.scales["hundred"]), scale + 1) if _norm(tokens, scale) in ("hundred", "hundreds") else None
    start = at
    while at < len(tokens) and at - start < 8:
        norm = tokens[at].norm
        if norm in words.numbers:
            current += words.numbers[norm]
        elif norm in words.scales and norm != "k":
            total, current = total + max(current, 1) * words.scales[norm], 0
        elif not (norm == "and" and total and _norm(tokens, at + 1) in words.numbers):
            break
        at += 1
    return (Decimal(total + current), at) if at > start else None


def _norm(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].norm if at < len(tokens) else ""


def amounts(utterance: Utterance, words: Words) -> tuple[Amount, ...]:
    """Every number of the message, with the currency that stands before or after it."""
    found: list[Amount] = []
    tokens, at = utterance.tokens, 0
    while at < len(tokens):
        prefix = words.currencies.get(tokens[at].norm)
        first = at + 1 if prefix and at + 1 < len(tokens) else at
        number = number_at(tokens, first, words)
        if number is None:
            at += 1
            continue
        value, last = number
        if _norm(tokens, last) == "ish" and _norm(tokens, last + 1) in words.currencies:
            last += 1  # "60ish euros"
        suffix = words.currencies.get(_norm(tokens, last)) if prefix is None or first == at else None
        found.append(Amount(Span(at, last + 1 if suffix else last), value, suffix or (prefix if first > at else None)))
        at = found[-1].span.last
    return tuple(found)
