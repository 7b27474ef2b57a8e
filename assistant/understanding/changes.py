"""What a message does to what was wished before: puts something in its place, or adds to it. What it takes back: retractions.py."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assistant.schema import ParseContext, Preference, SlotMention
from assistant.understanding.tokens import SENTENCE_ENDS, Span, Utterance, View
from assistant.understanding.words import Words, any_of
from catalog_data.schema import Slot
from catalog_data.vocabulary import Vocabulary

SINGLE: frozenset[Slot] = frozenset({"category", "color", "size", "gender", "occasion"})
"""Slots in which a new wish stands in place of the one before, unless it is said to be one more. Prices and stars narrow instead."""

_PART_ENDS = frozenset({",", *SENTENCE_ENDS})
_LONGEST_PART = 40
"""Tokens to either side to which a correction reaches in a sentence without commas."""


class ChangeReader:
    """Finds what is put right and what is one more."""

    def __init__(self, words: Words) -> None:
        cues = words.change
        self._correct = any_of(cues.correct)
        self._correct_at_start = re.compile(rf"(?:{'|'.join(cues.correct_at_start)}) [,.:-](?= \S)")
        self._also = any_of(cues.also)
        self._instead = re.compile(r"or (?:no|rather|wait|actually|nope|nah|better|sorry)(?!\S)")

    def corrected(self, utterance: Utterance) -> tuple[Span, ...]:
        """The parts of the message that put something in the place of something else."""
        tokens = utterance.tokens
        found = []
        for span, _ in utterance.plain.find(self._correct):
            found.append(_part_around(utterance, span))
        if (match := self._correct_at_start.match(utterance.plain.flat)) and len(tokens) > 1:
            span = utterance.plain.span_of(match.start(), match.end())
            found.append(
                Span(0, _part_around(utterance, Span(span.last, span.last + 1)).last if span.last < len(tokens) else span.last)
            )
        return tuple(found)

    def is_also(self, utterance: Utterance, span: Span, names_type: bool) -> bool:
        """True when these words are one more beside what was there: "also blue", "or a skirt". "Also shoes" and "and shoes" are no wider
        search but the next one."""
        if names_type:
            return utterance.tokens[0].norm == "or"
        around = Span(max(0, span.first - 4), min(len(utterance.tokens), span.last + 3))
        norms = [utterance.tokens[at].norm for at in range(0, min(3, span.first))]
        near = View(utterance.tokens, within=around)
        if norms[:1] == ["or"] and self._instead.match(utterance.plain.flat):
            return False
        if norms[:1] == ["or"] or (norms[:1] == ["and"] and span.first <= 3):
            return True
        return any(match.group() != "or" for _, match in near.find(self._also))


def _part_around(utterance: Utterance, span: Span) -> Span:
    """The part of the sentence around `span`, between commas and sentence ends; one comma right behind it is its own."""
    tokens, first, last = utterance.tokens, span.first, span.last
    while first > max(0, span.first - _LONGEST_PART) and tokens[first - 1].norm not in _PART_ENDS:
        first -= 1
    if last < len(tokens) and tokens[last].norm in _PART_ENDS:
        last += 1
    while last < min(len(tokens), span.last + _LONGEST_PART) and tokens[last].norm not in _PART_ENDS:
        last += 1
    return Span(first, last)


class Decided(NamedTuple):
    """The mentions with their operations; `corrects`: something was put in the place of something else; `new_topic`: another kind of
    item is sought than before."""

    mentions: tuple[SlotMention, ...]
    corrects: bool
    new_topic: bool


def decide(
    mentions: Sequence[SlotMention],
    cued: Mapping[int, bool],
    also: Mapping[int, bool],
    context: ParseContext,
    vocabulary: Vocabulary,
) -> Decided:
    """The operation of each mention (by its index: said as a correction, said as one more).

    A wish of a single-valued slot replaces what the same person wished there before; a type within the type sought (a midi dress after
    a dress) narrows it and replaces it too; any other type opens a new topic: `add`, and the profile lets go of what belonged to the
    old one (`assistant.profile.merge`)."""
    decided: list[SlotMention] = []
    corrects = False
    topics = {scope for scope in {m.scope for m in mentions} if _opens_topic(mentions, cued, also, context, vocabulary, scope)}
    for index, mention in enumerate(mentions):
        others = _held(mention, mentions, context)
        replaces = mention.operation == "add" and mention.polarity == "like" and not also.get(index, False)
        if mention.slot == "category":
            narrows = bool(others) and mention.scope not in topics
            replaces = replaces and mention.scope not in topics and (cued.get(index, False) or narrows)
            corrects = corrects or (replaces and cued.get(index, False))
        elif cued.get(index, False) and mention.relative is None:
            corrects = corrects or replaces
        else:
            dropped = mention.scope in topics and mention.slot not in ("size", "gender")
            replaces = replaces and mention.slot in SINGLE and bool(others) and not dropped
            corrects = corrects or replaces
        decided.append(_replacing(mention, others) if replaces else mention)
    return Decided(tuple(decided), corrects, bool(topics))


def _replacing(mention: SlotMention, others: Sequence[Preference]) -> SlotMention:
    """`mention` in the place of these: an occasion that must be met is followed by one that must ("a wedding instead")."""
    binds = mention.slot == "occasion" and any(other.strength == "hard" for other in others)
    return mention.model_copy(update={"operation": "replace", "strength": "hard" if binds else mention.strength})


def _held(mention: SlotMention, mentions: Sequence[SlotMention], context: ParseContext) -> list[Preference]:
    """What the same person has wished for in this slot (and size system) and does not say again."""
    wished = [m for m in mentions if m.polarity == "like" and m.operation != "retract"]
    said = {m.value for m in wished if m.slot == mention.slot and m.scope == mention.scope}
    return [
        p
        for p in context.profile.in_scope(mention.scope)
        if p.slot == mention.slot
        and p.polarity == "like"
        and p.source == "stated"
        and p.value not in said
        and (p.slot != "size" or p.size_system == mention.size_system)
    ]


def _opens_topic(
    mentions: Sequence[SlotMention],
    cued: Mapping[int, bool],
    also: Mapping[int, bool],
    context: ParseContext,
    vocabulary: Vocabulary,
    scope: str,
) -> bool:
    """True when the types named for this person are all foreign to those sought for her before."""
    held = [
        p.value
        for p in context.profile.in_scope(scope)
        if p.slot == "category" and p.polarity == "like" and isinstance(p.value, str)
    ]
    named = [
        (index, m.value)
        for index, m in enumerate(mentions)
        if m.slot == "category"
        and m.polarity == "like"
        and m.scope == scope
        and m.operation == "add"
        and isinstance(m.value, str)
    ]
    if not held or not named or any(also.get(index, False) for index, _ in named):
        return False
    if any(cued.get(index, False) and _worn_alike(value, held, vocabulary) for index, value in named):
        return False
    return not any(
        value in vocabulary.expand("category", old) or old in vocabulary.expand("category", value)
        for _, value in named
        for old in held
    )


def _worn_alike(value: str, held: Sequence[str], vocabulary: Vocabulary) -> bool:
    """True unless a type is sized by other measures than all those sought before (heels after a dress): what was said of the cut and look of
    the one means nothing for the other."""
    systems = _systems(value, vocabulary)
    before = frozenset(system for each in held for system in _systems(each, vocabulary))
    return not systems or not before or bool(systems & before) or not ({"eu_shoe", "one"} & (systems | before))


def _systems(value: str, vocabulary: Vocabulary) -> frozenset[str]:
    inner = vocabulary.expand("category", value)
    entries = (vocabulary.entry("category", each) for each in inner)
    return frozenset(entry.sizes for entry in entries if entry.sizes is not None)


def in_force(
    slot: Slot, value: str, scope: str, context: ParseContext, polarity: str | None = None, system: str | None = None
) -> bool:
    """True when the profile holds this value (of a size: in this system) for this person, in this polarity or any."""
    return any(
        p.slot == slot and p.value == value and (polarity is None or p.polarity == polarity) and p.size_system == system
        for p in context.profile.in_scope(scope)
    )
