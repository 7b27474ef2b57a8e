"""The facts of one item, or of what the shopper said, made ready to be asked "may this word be said?". Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from assistant.guide.units import Unit, phrase_tokens, scopes, units
from assistant.guide.words import sentences, singular, tokens
from assistant.schema import GuideBrief, ItemFacts
from catalog_data.schema import VALUE_SLOTS, ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, normalise

BRAND_WORDS = 3
"""A brand of more words than this is written by reference alone: it could be a sentence."""


@dataclass(frozen=True)
class ClosedFacts:
    """`terms`: what holds, with every family that it belongs to; `words`: plain words, singular; `brand`: the brand's words in order.
    `denied_terms`, `denied_words`: what is known not to hold, with all that it includes. `own`: every word, singular, by which the facts
    themselves are named."""

    terms: frozenset[Term] = frozenset()
    words: frozenset[str] = frozenset()
    brand: tuple[str, ...] = ()
    denied_terms: frozenset[Term] = frozenset()
    denied_words: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()

    def allows(self, unit: Unit) -> bool:
        """True when the unit says something that holds."""
        if unit.terms:
            return any(term in self.terms for term in unit.terms) or self._holds_parts(unit)
        return singular(unit.words[0]) in self.words

    def _holds_parts(self, unit: Unit) -> bool:
        """A phrase that names something else may be put together from facts of different slots: a "cropped top" is also a top that is cropped.
        Of one slot they may not: "white gold" is not white and gold."""
        held = [[term for term in terms if term in self.terms] for terms in unit.parts]
        slots = [{term.slot for term in terms} for terms in held]
        return bool(slots) and all(held) and not _overlap(slots)

    def denies(self, unit: Unit) -> bool:
        """True when the unit names something that is known not to hold."""
        if unit.terms:
            return not any(term in self.terms for term in unit.terms) and any(term in self.denied_terms for term in unit.terms)
        return singular(unit.words[0]) in self.denied_words


def _overlap(sets: list[set[ValueSlot]]) -> bool:
    return any(first & second for index, first in enumerate(sets) for second in sets[:index])


class Closer:
    """Makes `ClosedFacts`. Knows, for each value, the families that hold it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        families: dict[Term, set[Term]] = {}
        for slot in VALUE_SLOTS:
            for value in vocabulary.values(slot):
                for inner in vocabulary.expand(slot, value):
                    families.setdefault(Term(slot=slot, value=inner), set()).add(Term(slot=slot, value=value))
        self._families: Mapping[Term, frozenset[Term]] = {term: frozenset(found) for term, found in families.items()}

    def of_item(self, item: ItemFacts) -> ClosedFacts:
        """The facts of one item."""
        terms = {Term(slot=slot, value=value) for slot in VALUE_SLOTS for value in item.facts.get(slot, ())}
        for unit in self._units(item.facts.get("description", ())):
            terms.update(unit.terms)
        words = set(map(singular, item.facts.get("details", ())))
        for slot in ("feature", "length"):
            # "ankle strap": its words say something of the item one by one too, where none of them is a term of its own.
            parts = [word for value in item.facts.get(slot, ()) for word in normalise(value).split()]
            words.update(singular(word) for word in parts if word not in self._vocabulary.phrases)
        denied_terms, denied_words = self._denied(item.facts.get("not", ()))
        brand = tuple(token.word for token in tokens(" ".join(item.facts.get("brand", ()))) if token.kind == "word")
        return ClosedFacts(
            terms=self._with_families(terms),
            words=frozenset(words),
            brand=brand if len(brand) <= BRAND_WORDS else (),
            denied_terms=denied_terms,
            denied_words=denied_words,
            own=_own_words(item),
        )

    def of_shopper(self, brief: GuideBrief) -> ClosedFacts:
        """What the shopper said or is known to wish, and (denied) what she does not want."""
        terms: set[Term] = set()
        words: set[str] = set()
        refused: list[str] = [wish.removeprefix("not ") for wish in brief.wishes if wish.startswith("not ")]
        said = [wish for wish in brief.wishes if not wish.startswith("not ")]
        for sentence in (*sentences(brief.message), *said, brief.scope):
            parts = tokens(sentence)
            found = units(parts, self._vocabulary)
            reach = tuple(scopes(parts, phrase_tokens(found)))
            for unit in found:
                if any(scope.first <= unit.first < scope.end for scope in reach):
                    refused.append(unit.text)
                    continue
                terms.update(unit.terms)
                words.update(map(singular, unit.words))
        denied_terms, denied_words = self._denied(refused)
        return ClosedFacts(
            terms=frozenset(terms) - denied_terms,
            words=frozenset(words) - denied_words,
            denied_terms=denied_terms,
            denied_words=denied_words,
        )

    def _units(self, texts: Iterable[str]) -> Iterable[Unit]:
        for text in texts:
            yield from units(tokens(text), self._vocabulary)

    def _denied(self, texts: Collection[str]) -> tuple[frozenset[Term], frozenset[str]]:
        found = tuple(self._units(texts))
        terms = {
            Term(slot=term.slot, value=inner)
            for unit in found
            for term in unit.terms
            for inner in self._vocabulary.expand(term.slot, term.value)
        }
        return frozenset(terms), frozenset(singular(word) for unit in found if not unit.terms for word in unit.words)

    def _with_families(self, terms: Iterable[Term]) -> frozenset[Term]:
        held = set(terms)
        return frozenset(held.union(*(self._families.get(term, frozenset()) for term in held)))


def _own_words(item: ItemFacts) -> frozenset[str]:
    texts = [item.references.get(f"{item.label}.title", ""), *(value for values in item.facts.values() for value in values)]
    return frozenset(singular(token.word) for text in texts for token in tokens(text) if token.kind == "word")


@cache
def closer(vocabulary: Vocabulary) -> Closer:
    """The closer for a vocabulary, made once for each."""
    return Closer(vocabulary)


def shared(facts: Iterable[ClosedFacts]) -> ClosedFacts:
    """What holds of all of them, and what is known not to hold of any; nothing of none."""
    every = tuple(facts)
    if not every:
        return ClosedFacts()
    return ClosedFacts(
        terms=frozenset.intersection(*(each.terms for each in every)),
        words=frozenset.intersection(*(each.words for each in every)),
        denied_terms=frozenset.intersection(*(each.denied_terms for each in every)),
        denied_words=frozenset.intersection(*(each.denied_words for each in every)),
        own=frozenset.intersection(*(each.own for each in every)),
    )
