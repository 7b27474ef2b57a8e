"""What is left of a message: the words to search for, those that nobody understood, and the mood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.understanding.acts import FoundAct
from assistant.understanding.findings import Findings
from assistant.understanding.tokens import Chunk, Cover, Span, View, by_first
from assistant.understanding.wishes import Wishes
from assistant.understanding.words import Words, any_of

Mood = Literal["neutral", "hurried", "unsure", "annoyed", "delighted"]
_MOODS: tuple[Literal["annoyed", "hurried", "delighted", "unsure"], ...] = ("annoyed", "hurried", "delighted", "unsure")
"""Where several fit, the first counts."""
_NOT_SEARCHED = ("gender",)
_SHORT = 6
"""Words in a message up to which a word of praise alone tells a mood."""
MOST_UNKNOWN = 20


class LeftoverReader:
    """Reads what the other readers left."""

    def __init__(self, words: Words) -> None:
        people = {word for entry in words.recipients.values() for cue in entry.words for word in cue.split()}
        self._idle = words.idle | people | {f"{person}s" for person in people}
        self._moods = tuple((mood, any_of(words.moods[mood])) for mood in _MOODS)

    def read(self, findings: Findings, acts: Sequence[FoundAct], wishes: Wishes) -> tuple[str, tuple[str, ...]]:
        """The words to search for, in the message's order (what is liked and what is unknown; nothing refused), and the unknown words."""
        utterance = findings.utterance
        spans = [hit.span for hit in wishes.liked if hit.slot not in _NOT_SEARCHED]
        starting = {span.first: span for span in spans}
        closed = _understood(findings, acts, wishes.spans)
        refused = Cover(findings.refusals.reaches)
        searched: list[str] = []
        unknown: list[str] = []
        for at, token in enumerate(utterance.tokens):
            if at in starting:
                searched.extend(utterance.norms(starting[at]))
            elif closed.frees(Span(at, at + 1)) and token.is_word and len(token.norm) > 1 and token.norm not in self._idle:
                unknown.append(token.norm)
                if refused.frees(Span(at, at + 1)):
                    searched.append(token.norm)
        return " ".join(dict.fromkeys(searched)), tuple(dict.fromkeys(unknown))[:MOST_UNKNOWN]

    def mood(self, findings: Findings, wishes: Wishes) -> Mood:
        """The mood in the words; "neutral" where nothing tells. Praise beside a wish ("a perfect dress") is of what is wished for."""
        chunks = by_first(Chunk(hit.span, f"@{hit.slot}") for hit in findings.hits if hit.meanings)
        view = View(findings.utterance.tokens, chunks)
        praises = len(findings.utterance.tokens) <= _SHORT and not wishes.liked
        for mood, pattern in self._moods:
            if any(mood != "delighted" or praises or " " in match.group() for _, match in view.find(pattern)):
                return mood
        return "neutral"


def _understood(findings: Findings, acts: Sequence[FoundAct], spans: Sequence[Span]) -> Cover:
    """The tokens of which some reader has made something; `spans`: where the wishes stand."""
    return Cover(
        [
            *(hit.span for hit in findings.hits),
            *(price.span for price in findings.prices),
            *(rating.span for rating in findings.ratings),
            *(size.span for size in findings.sizes),
            *(retraction.span for retraction in findings.retractions),
            *(refusal.evidence for refusal in findings.refusals.refused.values()),
            *spans,
            *(person.cue for person in findings.scopes.persons),
            *(pointer.span for pointer in findings.pointers),
            *(act.span for act in acts),
            *(act.claimed for act in acts if act.claimed is not None),
        ]
    )
