"""How strongly a wish binds: a table by slot, and the words that soften or harden it."""

from __future__ import annotations

import re

from assistant.schema import Strength
from assistant.understanding.lexicon import Hit
from assistant.understanding.tokens import SENTENCE_ENDS, Cover, Span, Utterance
from assistant.understanding.words import Words, any_of
from catalog_data.schema import Slot

_PHRASE_CUTS = frozenset({",", "and", "but", "or", "in", "with", "for", ";", ":", "under", "made", "(", "if"})
_POLITE = (
    r"(?:(?:and|maybe|ok|something|one|in|a) )*(?:\S+ ){1,2}would be (?:nice|lovely|great|perfect|good)"
    r"(?: please| pls| thanks| [.!])*"
)
_LONGEST_PHRASE = 12
"""Words back to which "would be nice" softens."""


class StrengthReader:
    """Says how strongly each value of a message is wished."""

    def __init__(self, words: Words) -> None:
        cues = words.strength
        self._table = words.strengths
        self._soft_before = any_of(cues.soft_before)
        self._soft_after = any_of(cues.soft_after)
        self._hard_before = any_of(cues.hard_before)
        self._request = any_of(cues.request)
        self._soft_refusal = any_of(cues.soft_refusals)
        self._polite = re.compile(_POLITE)
        self._aim = re.compile(f"(?<!\\S)(?:{'|'.join(words.aims)})$")

    def soft_spans(self, utterance: Utterance) -> Cover:
        """The tokens at which wishes are only welcome."""
        requests = Cover(span for span, _ in utterance.plain.find(self._request))
        soft, end = Cover(), 0
        leading = Cover()
        for span, _ in utterance.plain.find(self._soft_before):
            if requests.frees(span) and span.last > end:
                end = _part_end(utterance, span.last)
                soft.add(Span(span.last, end))
                leading.add(span if end > span.last else Span(span.last, span.last))
        for span, _ in utterance.plain.find(self._soft_after):
            if soft.frees(span) and leading.frees(span):
                soft.add(Span(_phrase_start(utterance, span.first), span.first))
        return soft

    def hard_spans(self, utterance: Utterance) -> Cover:
        """The tokens at which wishes must be met."""
        hard, end = Cover(), 0
        for span, _ in utterance.plain.find(self._hard_before):
            if span.last > end:
                end = _part_end(utterance, span.last)
                hard.add(Span(span.last, end))
        return hard

    def of(self, utterance: Utterance, hit: Hit, slot: Slot, soft: Cover, hard: Cover) -> Strength:
        """The strength of one value. What is sought (a type, an audience) is never softened."""
        if slot in ("category", "gender"):
            return "hard"
        if slot == "color" and self._polite.fullmatch(utterance.plain.flat):
            return "hard"  # all that is said, and so what is asked for
        value = Span(hit.span.last - 1, hit.span.last)  # without the "with" of "with pockets"
        if soft.holds(value):
            return "soft"
        if hard.holds(value):
            return "hard"
        if slot == "occasion" and self._is_aim(utterance, hit.span):
            return "hard"
        return self._table[slot]

    def is_soft_refusal(self, utterance: Utterance, evidence: Span) -> bool:
        """True where a refusal is only a wish ("ideally not lace", "I'd rather not wear black")."""
        first = evidence.first
        while first > 0 and evidence.first - first < 4 and utterance.tokens[first - 1].norm not in (",", *SENTENCE_ENDS):
            first -= 1
        return self._soft_refusal.search(" ".join(utterance.norms(Span(first, evidence.last)))) is not None

    def _is_aim(self, utterance: Utterance, span: Span) -> bool:
        if utterance.tokens[span.first].norm == "for":
            return True  # "for work" is a phrase of the vocabulary
        view = utterance.plain
        start = view.start_of(span.first)
        return self._aim.search(view.flat[max(0, start - 60) : start].rstrip()) is not None


def _part_end(utterance: Utterance, start: int) -> int:
    """Where the part of a sentence that begins at `start` ends: at its first comma, "but", or end; one comma right at its start is its own."""
    for at in range(start, len(utterance.tokens)):
        norm = utterance.tokens[at].norm
        if norm in SENTENCE_ENDS or norm == "but" or (norm == "," and at > start):
            return at
    return len(utterance.tokens)


def _phrase_start(utterance: Utterance, end: int) -> int:
    """Where the last phrase before `end` starts: behind the nearest comma, preposition or joining word that has something behind it."""
    at = end - 1
    if at >= 0 and utterance.tokens[at].norm == ",":
        at -= 1
    while (
        at >= max(0, end - _LONGEST_PHRASE)
        and utterance.tokens[at].norm not in _PHRASE_CUTS
        and utterance.tokens[at].norm not in SENTENCE_ENDS
    ):
        at -= 1
    return at + 1
