"""Tokens as units of meaning: the longest phrases that the vocabulary knows, then single words; and what of them is denied. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from assistant.guide.claim_rules import CLAUSE_WORDS, NEGATOR_PAIRS, NEGATORS
from assistant.guide.words import Token, singular
from catalog_data.vocabulary import Term, Vocabulary

LONGEST = 5
"""Words; no phrase of the vocabulary is longer."""


class Unit(NamedTuple):
    """`words` of a sentence, its tokens `first` up to `end`, and the terms that they may name together (none: an ordinary word). `parts`: of a
    phrase, what each of its words may name alone."""

    words: tuple[str, ...]
    terms: tuple[Term, ...]
    first: int
    end: int
    parts: tuple[tuple[Term, ...], ...] = ()

    @property
    def text(self) -> str:
        """The words as one string."""
        return " ".join(self.words)


def units(tokens: Sequence[Token], vocabulary: Vocabulary, idle: Collection[str] = (), folded: bool = True) -> tuple[Unit, ...]:
    """The units of a sentence, left to right, longest phrase first. A single word of `idle` names no term, whatever the vocabulary holds;
    `folded`: another single word names what its singular names."""
    found: list[Unit] = []
    place = 0
    while place < len(tokens):
        if tokens[place].kind != "word":
            place += 1
            continue
        unit = _longest(tokens, place, vocabulary, idle, folded)
        found.append(unit)
        place = unit.end
    return tuple(found)


def _longest(tokens: Sequence[Token], first: int, vocabulary: Vocabulary, idle: Collection[str], folded: bool) -> Unit:
    end = first
    while end < len(tokens) and end - first < LONGEST and tokens[end].kind == "word":
        end += 1
    words = tuple(token.word for token in tokens[first:end])
    for count in range(len(words), 1, -1):
        terms = vocabulary.phrases.get(" ".join(words[:count]))
        if terms:
            parts = tuple(vocabulary.phrases.get(word, ()) for word in words[:count])
            return Unit(words[:count], terms, first, first + count, parts)
    word = words[0]
    if word in idle:
        return Unit((word,), (), first, first + 1)
    terms = vocabulary.phrases.get(word) or (vocabulary.phrases.get(singular(word)) if folded else None) or ()
    return Unit((word,), terms, first, first + 1)


class Scope(NamedTuple):
    """What a negation reaches: tokens `first` up to `end`; `negator` is the token that begins it."""

    negator: int
    first: int
    end: int


def scopes(tokens: Sequence[Token], taken: Collection[int] = ()) -> Iterator[Scope]:
    """The reach of each negation: from after the negator to the end of its clause. Tokens in `taken` are parts of phrases ("no sleeves" is
    a word for sleeveless) and negate nothing."""
    for place, token in enumerate(tokens):
        if token.kind != "word" or place in taken:
            continue
        following = tokens[place + 1].word if place + 1 < len(tokens) else ""
        if token.word in NEGATORS or (token.word, following) in NEGATOR_PAIRS:
            start = place + (1 if token.word in NEGATORS else 2)
            if token.word == "instead" and following == "of":
                start += 1
            yield Scope(place, start, clause_end(tokens, start))


def clause_end(tokens: Sequence[Token], first: int) -> int:
    """Where the clause that holds token `first` ends: at a mark, or before but, though and the like."""
    place = first
    while place < len(tokens) and tokens[place].kind != "stop" and tokens[place].word not in CLAUSE_WORDS:
        place += 1
    return place


def phrase_tokens(found: Sequence[Unit]) -> frozenset[int]:
    """The places of all tokens that are part of a phrase of two words or more."""
    return frozenset(place for unit in found if len(unit.words) > 1 for place in range(unit.first, unit.end))
