"""A sentence as the rules see it: what it is held against, its tokens and units, what of it is negated, whose facts it must keep to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.guide.closed_facts import ClosedFacts, shared
from assistant.guide.units import Scope, Unit, phrase_tokens, scopes, units
from assistant.guide.words import Token
from catalog_data.vocabulary import Vocabulary


@dataclass(frozen=True)
class Frame:
    """What a sentence is held against. `labels`: the items of the section; `common`: what holds of every item shown.

    `namespaces`: the references that may be used beside the items' own (None: all but those of `foreign` items). `free`: about the
    conversation, not one item; `service`: the composer's own; `modelled`: a language model's. `recipient`: whom the shopper asks for, as
    she named the person."""

    vocabulary: Vocabulary
    idle: frozenset[str]
    exempt: frozenset[str]
    references: Mapping[str, str]
    namespaces: frozenset[str] | None
    labels: Mapping[str, ClosedFacts]
    foreign: frozenset[str]
    common: ClosedFacts
    shopper: ClosedFacts
    recipient: str
    free: bool
    service: bool
    modelled: bool


@dataclass(frozen=True)
class Reading:
    """A sentence read: its tokens, its units, the reach of its negations, and the facts that it must keep to."""

    tokens: tuple[Token, ...]
    units: tuple[Unit, ...]
    scopes: tuple[Scope, ...]
    facts: ClosedFacts

    def negated(self, unit: Unit) -> bool:
        """True when a negation reaches the unit."""
        return any(scope.first <= unit.first < scope.end for scope in self.scopes)


def read(parts: tuple[Token, ...], frame: Frame) -> Reading:
    """The reading of a sentence's tokens."""
    found = _with_brand(units(parts, frame.vocabulary, frame.idle), parts, frame)
    return Reading(parts, found, tuple(scopes(parts, phrase_tokens(found))), _facts_for(parts, frame))


def name_of(part: Token) -> tuple[str, str]:
    """A reference's namespace and the last part of its name."""
    space, _, rest = part.text.strip("{}").partition(".")
    return space, rest


def _facts_for(parts: Sequence[Token], frame: Frame) -> ClosedFacts:
    """The facts of the one item that a sentence names, or what holds of all that it may mean."""
    named = [
        frame.labels[space]
        for space in dict.fromkeys(name_of(p)[0] for p in parts if p.kind == "reference")
        if space in frame.labels
    ]
    meant = named or list(frame.labels.values())
    if len(meant) == 1:
        return meant[0]
    if not meant:
        return frame.common
    return shared(meant)


def _with_brand(found: tuple[Unit, ...], parts: Sequence[Token], frame: Frame) -> tuple[Unit, ...]:
    """Units with each item's own brand, written out in full, taken as one unit without terms to check."""
    brands = [facts.brand for facts in frame.labels.values() if facts.brand]
    places: set[int] = set()
    words = [(place, part) for place, part in enumerate(parts) if part.kind == "word"]
    for brand in brands:
        for first in range(len(words) - len(brand) + 1):
            window = words[first : first + len(brand)]
            if tuple(part.word for _, part in window) == brand and all(part.text[0].isupper() for _, part in window):
                places.update(place for place, _ in window)
    return tuple(unit for unit in found if not set(range(unit.first, unit.end)) <= places)
