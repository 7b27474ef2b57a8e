"""What a shop's own words say of an item, as terms and single words. Pure.

Titles, descriptions and care lines are untrusted: nothing of them is kept but words of the vocabulary and of a kept list of descriptive
words, so an instruction, an address or an offer hidden in them has no words left to be made of. What they deny is kept apart, and what
they say of other things ("wear it with gold sandals") is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from assistant.guide.claim_rules import CLAIMS, MONEY_WORDS, NUMBER_WORDS
from assistant.guide.units import Scope, Unit, phrase_tokens, scopes, units
from assistant.guide.words import Token, sentences, singular, tokens, word_set
from catalog_data.schema import Product, ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, normalise

ELSEWHERE = word_set(
    "wear pair pairs paired team teams teamed match matches style combine combines complement complements goes complete completes finish "
    "add ours our yours outfit together top throw"
)
"""A sentence with one of these may speak of other items: of its words none is kept."""

IMITATION_BEFORE = word_set("like faux fake mock imitation vegan artificial synthetic than non un anti as")
IMITATION_AFTER = word_set("look effect like inspired free print style")
"""Next to these, tied by a hyphen, a material or colour is not the item's own."""

STATED_ONCE: tuple[ValueSlot, ...] = ("category", "color", "brand", "material", "pattern", "fit", "length", "gender")
"""Where the item's fields state such a slot, its texts add nothing to it: "black" in a red dress's description is of something else."""

BY_NAME_ONLY: tuple[ValueSlot, ...] = ("occasion", "season")
"""In prose these are taken from their own names alone: who writes "runs" or "fall" may not mean running or autumn."""

AMBIGUOUS = word_set(
    "work home date spring fall short long flat straight loose regular down plain solid clear wrap slip run light bright dark warm cool"
)
"""Single words that prose uses for more than the vocabulary means by them."""

NEVER = (
    CLAIMS["health"] | CLAIMS["delivery or returns"] | CLAIMS["price or offer"] | CLAIMS["promise"] | MONEY_WORDS | NUMBER_WORDS
)


class TextFacts(NamedTuple):
    """Folded, in the order of the text, none twice: phrases that name terms, plain words, and whatever is denied."""

    terms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


def text_facts(text: str, product: Product, vocabulary: Vocabulary, descriptive: Collection[str]) -> TextFacts:
    """What `text` says of `product` itself."""
    terms: dict[str, None] = {}
    words: dict[str, None] = {}
    denied: dict[str, None] = {}
    for sentence in sentences(text):
        parts = tokens(sentence)
        if any(part.kind in ("link", "markup") or part.word in ELSEWHERE for part in parts):
            continue
        found = units(parts, vocabulary, folded=False)
        reach = tuple(scopes(parts, phrase_tokens(found)))
        for unit in found:
            names_term = any(_holds(term, unit, parts, product) for term in unit.terms)
            kept = (unit.text,) if names_term else tuple(_plain(unit, vocabulary, descriptive))
            target = denied if _within(unit, reach) else terms if names_term else words
            target.update(dict.fromkeys(kept))
    return TextFacts(tuple(terms), tuple(word for word in words if word not in denied), tuple(denied))


def _within(unit: Unit, reach: Sequence[Scope]) -> bool:
    return any(scope.first <= unit.first < scope.end for scope in reach)


def _holds(term: Term, unit: Unit, parts: Sequence[Token], product: Product) -> bool:
    """True when prose that names `term` says it of the item."""
    if term.slot in STATED_ONCE and product.values(term.slot):
        return False
    if term.slot in BY_NAME_ONLY and unit.text != normalise(term.value):
        return False
    return unit.text not in AMBIGUOUS and term.value != "hypoallergenic" and not _imitation(unit, parts)


def _plain(unit: Unit, vocabulary: Vocabulary, descriptive: Collection[str]) -> Iterable[str]:
    """The descriptive words of a unit that names no term of the item; of a phrase only those that name nothing alone, and none of a colour's
    ("light red" makes nothing light)."""
    if any(term.slot == "color" for term in unit.terms):
        return
    for word in unit.words:
        homonym = len(unit.words) > 1 and word in vocabulary.phrases
        if not homonym and word not in NEVER and (word in descriptive or singular(word) in descriptive):
            yield word


def _imitation(unit: Unit, parts: Sequence[Token]) -> bool:
    before = parts[unit.first - 1] if unit.first else None
    after = parts[unit.end] if unit.end < len(parts) else None
    tied = after is not None and after.joint == "-" and after.word in IMITATION_AFTER
    return tied or (before is not None and before.word in IMITATION_BEFORE)
