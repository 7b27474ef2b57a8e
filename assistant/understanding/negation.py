"""Which values are refused: from "not lace" to "anything but red", and how far a refusal reaches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assistant.understanding.lexicon import Hit
from assistant.understanding.tokens import SENTENCE_ENDS, Cover, Span, Utterance
from assistant.understanding.words import Words, any_of

_FAR = 5
"""Tokens between a refusal and its value up to which the evidence quotes both."""
_JUDGED = frozenset({"brand", "material", "color", "pattern"})
"""Slots whose values are refused by a judgement behind them ("polyester is too hard to look after"); "the boots are too small" is of one item."""
_LONGEST_LIST = 24
"""Tokens of a list in which a closing "or" is looked for."""
_NEXT_WISH = frozenset({"with", "in", "for", "from", "by", "of"})
"""Behind a refused value one of these begins what is wished ("without polyester in a cobalt tone")."""
_JOINS = frozenset({"or", "nor", "and", "and/or"})
_ARTICLES = frozenset({"a", "an", "the", "some", "any"})
_INNER = frozenset({"with", "in", "of", "made", "from", "thats", "that", "which", "featuring", "having"})


class Refusal(NamedTuple):
    """A value that is refused, and the tokens that say so."""

    hit: Hit
    evidence: Span


class Refusals(NamedTuple):
    """What is refused; the heads of refused phrases (in "no lace dresses" lace is refused, and dresses are what is spoken of); and the
    refusing words with all that they reach."""

    refused: Mapping[Span, Refusal]
    heads: frozenset[Span]
    reaches: tuple[Span, ...]


class NegationReader:
    """Finds refusals."""

    def __init__(self, words: Words) -> None:
        self._before = any_of(words.negation.before)
        self._harmless = any_of(words.negation.not_negating)
        self._after = re.compile(f"(?:{'|'.join(words.negation.after)})(?!\\S)")
        self._too_much = re.compile(f"(?:{'|'.join(words.negation.too_much)})(?!\\S)")
        self._stops = frozenset(words.negation.stops)
        self._reach = words.negation.reach

    def read(self, utterance: Utterance, hits: Sequence[Hit], blocked: Sequence[Span]) -> Refusals:
        """The refusals of the message. `blocked`: spans that are no wishes (prices, pointers); a refusal does not cross them."""
        by_first = {hit.span.first: hit for hit in hits}
        cues = self._cues(utterance, by_first)
        refused: dict[Span, Refusal] = {}
        heads: set[Span] = set()
        reaches: list[Span] = []
        judging = {cue.first for cue in cues if utterance.tokens[cue.first].norm == "too"}
        every = {span.first for span in blocked} | {cue.first for cue in cues}
        beyond = every - judging
        for cue in cues:
            # "not too short": "not" reaches across "too".
            closed = every if cue.first in judging else beyond
            governed, end = self._governed(utterance, cue, by_first, closed)
            reaches.append(Span(cue.first, end))
            taken, spared = _innermost(utterance, governed)
            heads.update(hit.span for hit in spared)
            for hit in taken:
                near = hit.span.first - cue.last <= _FAR
                refused.setdefault(hit.span, Refusal(hit, Span(cue.first, hit.span.last) if near else hit.span))
        for index, hit in enumerate(hits):
            behind = self._said_after(utterance, hit) if hit.meanings and hit.span not in refused else None
            if behind is not None:
                for each in _coordinated(utterance, index, hits):
                    refused.setdefault(each.span, Refusal(each, Span(each.span.first, behind) if each == hit else each.span))
        return Refusals(refused, frozenset(heads - set(refused)), tuple(reaches))

    def _cues(self, utterance: Utterance, by_first: Mapping[int, Hit]) -> list[Span]:
        """Refusing words, without those that only look so, those inside a value ("no sleeves") and a "no" that answers ("no, blue")."""
        harmless = Cover(span for span, _ in utterance.plain.find(self._harmless))
        inside = {at for hit in by_first.values() if hit.meanings for at in range(*hit.span)}
        found = []
        for span, match in utterance.plain.find(self._before):
            after = utterance.tokens[span.last].norm if span.last < len(utterance.tokens) else "."
            answers = match.group() in ("no", "not", "never", "nothing") and (after in SENTENCE_ENDS or after in (",", ":"))
            judges = match.group() == "too"
            following = by_first.get(span.last)
            if judges and (following is None or not following.meanings):
                continue  # "too short" judges, "me too" does not
            if not answers and span.first not in inside and harmless.frees(Span(span.first, span.first + 1)):
                found.append(span)
        return found

    def _governed(self, utterance: Utterance, cue: Span, by_first: Mapping[int, Hit], closed: set[int]) -> tuple[list[Hit], int]:
        """The values behind a refusal, and the first token that it does not reach; it does not reach those in `closed`."""
        governed: list[Hit] = []
        at, gap = cue.last, 0
        while at < len(utterance.tokens) and gap <= self._reach:
            norm = utterance.tokens[at].norm
            hit = by_first.get(at)
            if at in closed or norm in SENTENCE_ENDS:
                break
            if hit is not None and hit.meanings:
                governed.append(hit)
                at, gap = hit.span.last, 0
                continue
            if norm in self._stops or norm in (":", "(", ")"):
                break
            if norm in (",", "/", "&", *_JOINS):
                if not self._goes_on(utterance, at, governed, by_first):
                    break
            elif norm in _NEXT_WISH and governed and governed[-1].slot != "category":
                break
            at, gap = at + 1, gap + 1
        return governed, at

    def _goes_on(self, utterance: Utterance, at: int, governed: Sequence[Hit], by_first: Mapping[int, Hit]) -> bool:
        """True when a list of refused values goes on behind a comma or "and": "no lace, leather or wool", not "not lace, red please"."""
        norm = utterance.tokens[at].norm
        following = at + 1
        while following < len(utterance.tokens) and utterance.tokens[following].norm in (*_JOINS, ","):
            norm = utterance.tokens[following].norm if utterance.tokens[following].norm != "," else norm
            following += 1
        if norm in ("or", "nor", "/"):
            return True
        hit = by_first.get(following)
        if not governed or hit is None or hit.slot not in {each.slot for each in governed}:
            return False
        return norm in ("and", "&") or self._list_ends_with_or(utterance, following, by_first)

    def _list_ends_with_or(self, utterance: Utterance, at: int, by_first: Mapping[int, Hit]) -> bool:
        """True when the values from `at` on are a list closed by "or" or "nor"."""
        start = at
        while at < min(len(utterance.tokens), start + _LONGEST_LIST):
            hit = by_first.get(at)
            if hit is None or not hit.meanings:
                return False
            at = hit.span.last
            norm = utterance.tokens[at].norm if at < len(utterance.tokens) else ""
            if norm in ("or", "nor"):
                return True
            if norm != ",":
                return False
            at += 2 if at + 1 < len(utterance.tokens) and utterance.tokens[at + 1].norm in ("or", "nor") else 1
            if utterance.tokens[at - 1].norm in ("or", "nor"):
                return True
        return False

    def _said_after(self, utterance: Utterance, hit: Hit) -> int | None:
        """The token behind a refusal that follows its value ("lace is out"); None where there is none."""
        if hit.span.last >= len(utterance.tokens):
            return None
        view = utterance.plain
        start = view.start_of(hit.span.last)
        match = self._after.match(view.flat, start, start + 60)
        if match is None and hit.slot in _JUDGED:
            match = self._too_much.match(view.flat, start, start + 60)
        return view.span_of(match.start(), match.end()).last if match else None


def _innermost(utterance: Utterance, governed: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """What a refusal is about. "no lace dresses", "no dresses with lace": the lace; "no dresses": the dresses."""
    spared = []
    for index, hit in enumerate(governed):
        if hit.slot != "category":
            continue
        modified = index > 0 and governed[index - 1].span.last == hit.span.first and governed[index - 1].slot != "category"
        specified = index + 1 < len(governed) and any(
            utterance.tokens[at].norm in _INNER for at in range(hit.span.last, governed[index + 1].span.first)
        )
        if modified or specified:
            spared.append(hit)
    kept = {hit.span for hit in spared}
    return [hit for hit in governed if hit.span not in kept], spared


def _coordinated(utterance: Utterance, index: int, hits: Sequence[Hit]) -> list[Hit]:
    """The hit at `index` and the values joined to it before: "lace and ruffles are not for me" refuses both."""
    found = [hits[index]]
    while index > 0 and len(found) < _LONGEST_LIST:
        earlier = hits[index - 1]
        between = [utterance.tokens[at].norm for at in range(earlier.span.last, hits[index].span.first)]
        if not earlier.meanings or not between or not set(between) <= {"and", "or", ","} or earlier.slot == "category":
            break
        found.append(earlier)
        index -= 1
    return found
