"""Words and their places. Everything later works on token positions, so that the shopper's own words can always be quoted."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from assistant.understanding.language import ACCENTED

_TOKEN = re.compile(r"[^\W\d_]+(?:['’ʼ`´][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]|_+")
_APOSTROPHES = re.compile(r"['’ʼ`´]")
_QUOTES = frozenset("'’ʼ`´\"“”„«»‘")
_DASHES = frozenset("-‐‑–—")
SENTENCE_ENDS = frozenset(".!?;…")


class Span(NamedTuple):
    """Tokens `first` up to, not including, `last`."""

    first: int
    last: int

    def overlaps(self, other: Span) -> bool:
        """True when they share a token."""
        return self.first < other.last and other.first < self.last

    def within(self, other: Span) -> bool:
        """True when `other` holds all of this span."""
        return other.first <= self.first and self.last <= other.last


class Cover:
    """A set of tokens, for asking whether a span touches any of them in time that does not grow with how many there are."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._tokens: set[int] = set()
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """Covers the tokens of `span`."""
        self._tokens.update(range(*span))

    def frees(self, span: Span) -> bool:
        """True when none of these tokens is covered."""
        return self._tokens.isdisjoint(range(*span))

    def holds(self, span: Span) -> bool:
        """True when all of these tokens are covered."""
        return self._tokens.issuperset(range(*span))


class Token(NamedTuple):
    """One word, number or sign. `norm`: lower case, no accents, no apostrophes. `start`, `end`: characters of the message."""

    norm: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """True for letters alone."""
        return self.norm.isalpha()

    @property
    def is_number(self) -> bool:
        """True for digits that a number can be read from: not for "❶" or "²"."""
        return self.norm[:1].isdecimal()


def fold(word: str) -> str:
    """`word` for comparing: NFKC, lower case, accents and apostrophes off."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return _APOSTROPHES.sub("", "".join(char for char in decomposed if not unicodedata.combining(char)))


def tokenise(text: str) -> tuple[Token, ...]:
    """The tokens of `text`. A dash inside a word ("v-neck") and quotation marks are no tokens; one between numbers ("50-80") is. Of a word
    that only another language has the accents stay: "für" is not "fur"."""
    found = []
    for match in _TOKEN.finditer(text):
        sign = match.group()
        if sign in _QUOTES or (sign in _DASHES and _joins(text, match.start(), match.end())):
            continue
        norm = sign.casefold() if sign.casefold() in ACCENTED else fold(sign).strip() or sign
        found.append(Token("-" if sign in _DASHES else norm, match.start(), match.end()))
    return tuple(found)


def _joins(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return before.isalnum() and after.isalnum() and not (before.isdecimal() and after.isdecimal())


@dataclass(frozen=True)
class Chunk:
    """Tokens that were understood together, under a label for the patterns: "@color", "@price", "@it"."""

    span: Span
    label: str


def by_first(chunks: Iterable[Chunk]) -> dict[int, Chunk]:
    """The chunks under their first tokens."""
    return {chunk.span.first: chunk for chunk in chunks}


class View:
    """A message, or the part of it `within` a span, as one line for patterns: each token's norm, or the label of the chunk it is in, with
    single spaces between. `chunks` stand under their first tokens (`by_first`)."""

    def __init__(self, tokens: Sequence[Token], chunks: Mapping[int, Chunk] | None = None, within: Span | None = None) -> None:
        starting = chunks or {}
        words: list[str] = []
        spans: list[Span] = []
        position, end = within if within is not None else (0, len(tokens))
        while position < end:
            chunk = starting.get(position)
            span = Span(position, min(chunk.span.last, end)) if chunk else Span(position, position + 1)
            words.append(chunk.label if chunk else tokens[position].norm)
            spans.append(span)
            position = max(span.last, position + 1)
        self._spans = tuple(spans)
        self.flat = " ".join(words)
        starts, at = [], 0
        for word in words:
            starts.append(at)
            at += len(word) + 1
        self._starts = starts

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[Span, re.Match[str]]]:
        """Every non-empty match of `pattern`, and the tokens it touches."""
        for match in pattern.finditer(self.flat):
            if match.group().strip():
                yield self.span_of(match.start(), match.end()), match

    def span_of(self, start: int, end: int) -> Span:
        """The tokens behind characters `start` to `end` of `flat`."""
        first = self._spans[bisect_right(self._starts, start) - 1].first
        return Span(first, self._spans[bisect_right(self._starts, max(start, end - 1)) - 1].last)

    def start_of(self, token: int) -> int:
        """Where in `flat` the token, or the chunk that holds it, begins."""
        return self._starts[bisect_right(self._spans, token, key=lambda span: span.first) - 1]


@dataclass(frozen=True)
class Utterance:
    """A cleaned message and its tokens."""

    text: str
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, text: str) -> Utterance:
        """The utterance of a cleaned message."""
        return cls(text=text, tokens=tokenise(text))

    @cached_property
    def plain(self) -> View:
        """The message without any chunk."""
        return View(self.tokens)

    def words(self, span: Span) -> str:
        """The shopper's own words."""
        return self.text[self.tokens[span.first].start : self.tokens[span.last - 1].end]

    def norms(self, span: Span) -> tuple[str, ...]:
        """The normalised words of `span`."""
        return tuple(token.norm for token in self.tokens[span.first : span.last])

    def glued(self, token: int) -> bool:
        """True when nothing stands between this token and the one before."""
        return token > 0 and self.tokens[token - 1].end == self.tokens[token].start

    def breaks_before(self, token: int) -> bool:
        """True when a line ends between this token and the one before."""
        return token > 0 and "\n" in self.text[self.tokens[token - 1].end : self.tokens[token].start]

    def with_norms(self, norms: Sequence[str]) -> Utterance:
        """The same words in the same places, read as `norms` (spelling put right)."""
        tokens = tuple(token._replace(norm=norm) for token, norm in zip(self.tokens, norms, strict=True))
        return Utterance(text=self.text, tokens=tokens)
