"""Wishes for stars: "at least 4 stars", "rated 4.5 or higher", "well rated"."""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.schema import RatingRange
from assistant.understanding.numbers import read_digits
from assistant.understanding.tokens import Cover, Span, Utterance
from assistant.understanding.words import Words, any_of

_MORE = r"(?: \+)?(?: (?:and|or) (?:up|above|more|better|higher|over))?"


class RatingFound(NamedTuple):
    """A wish for stars and the words that say it; soft where no number was said."""

    span: Span
    value: RatingRange
    soft: bool


class RatingReader:
    """Finds wishes for stars."""

    def __init__(self, words: Words) -> None:
        self._words = words
        spelt = "|".join(word for word, value in words.numbers.items() if 1 <= value <= 5)
        number = rf"(?P<n>[1-5](?:[.,]\d)?|{spelt})"
        least = f"(?:{'|'.join(words.ratings.least)})"
        self._stars = re.compile(
            rf"(?<!\S)(?:{least} )?{number}(?: \+)?(?: and a half)? stars?{_MORE}(?: (?:rating|reviews?))?(?!\S)"
        )
        self._rated = re.compile(
            rf"(?<!\S)(?:rated|ratings?|scored?|review scores?)(?: (?:of|is|a|an|{least}))*(?: at least| above| over)? {number}"
            rf"{_MORE}(?: (?:out of|/) (?:5|five))?(?! ?\d)(?!\S)"
        )
        self._good = any_of(words.ratings.good)

    def find(self, utterance: Utterance) -> tuple[RatingFound, ...]:
        """All wishes for stars, in the message's order."""
        found: list[RatingFound] = []
        closed = Cover()
        for pattern in (self._stars, self._rated):
            for span, match in utterance.plain.find(pattern):
                if closed.frees(span):
                    found.append(RatingFound(span, RatingRange(stars=self._number(match.group("n"))), soft=False))
                    closed.add(span)
        for span, _ in utterance.plain.find(self._good):
            if closed.frees(span):
                found.append(RatingFound(span, RatingRange(stars=self._words.ratings.good_stars), soft=True))
        return tuple(sorted(found, key=lambda each: each.span))

    def _number(self, written: str) -> float:
        return float(self._words.numbers[written] if written in self._words.numbers else read_digits(written) or 1)
