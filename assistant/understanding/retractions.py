"""Wishes taken back, refusals lifted, and what is said to matter to nobody: "never mind the pockets", "black is fine", "not in size M"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from assistant.understanding.lexicon import Hit
from assistant.understanding.prices import PriceFound
from assistant.understanding.sizes import SizeFound
from assistant.understanding.tokens import Chunk, Cover, Span, Utterance, View, by_first
from assistant.understanding.words import Words, any_of
from catalog_data.schema import Slot

_LIST = r"@v(?: (?:and|or) @v)*"
_ROW = r"@v(?:(?: (?:and|or|nor)(?: (?:a|an|the|any))?)? @v)*"
_AIMS: frozenset[Slot] = frozenset({"occasion", "season"})
_BEFORE = 60
"""Characters before a size in which a refusal of it is looked for."""


class Retraction(NamedTuple):
    """A wish taken back, and the words that say it. `value`: where the value stands that is meant, and `meant` what it is; both None where
    the whole slot is. `welcome`: "black is fine", which where black was never refused is a wish of its own."""

    slot: Slot
    span: Span
    value: Span | None = None
    meant: Hit | SizeFound | PriceFound | None = None
    welcome: bool = False


class RetractionReader:
    """Finds what is taken back."""

    def __init__(self, words: Words) -> None:
        cues = words.change
        self._slot_words = words.slot_words
        slots = f"(?:{'|'.join(sorted(words.slot_words, key=len, reverse=True))})"
        self._clear = any_of([cue.replace("{slot}", slots) for cue in cues.clear])
        self._slot_word = any_of(words.slot_words)
        self._welcome, self._release = any_of(_marked(cues.welcome)), any_of(_marked(cues.release))
        self._refused = re.compile(f"(?<!\\S)(?:{'|'.join(words.negation.before)})(?: (?:in|a|an|the|my|any|for|as|his|her))*$")
        self._harmless = any_of(words.negation.not_negating)

    def cleared(self, utterance: Utterance, hits: Sequence[Hit]) -> tuple[Retraction, ...]:
        """The slots that are taken back whole. A slot's name inside the cue is no wish; the beginning of a value's is no slot's name ("forget
        about cut-outs")."""
        found: list[Retraction] = []
        longer = {hit.span.first for hit in hits if hit.meanings and hit.span.last - hit.span.first > 1}
        for span, match in utterance.plain.find(self._clear):
            words = self._slot_word.findall(match.group())
            if words and span.last - 1 not in longer:
                found.append(Retraction(self._slot_words[words[-1]], span))
        return tuple(found)

    def of_values(
        self, utterance: Utterance, values: Sequence[Hit | PriceFound], cleared: Sequence[Retraction]
    ) -> tuple[Retraction, ...]:
        """The values that are taken back or welcome again, outside what is `cleared`."""
        starts = {value.span.first: value for value in values}
        view = View(utterance.tokens, by_first(Chunk(value.span, "@v") for value in values))
        closed = Cover(retraction.span for retraction in cleared)
        found: list[Retraction] = []
        for pattern, welcome in ((self._welcome, True), (self._release, False)):
            for span, match in view.find(pattern):
                if not closed.frees(span):
                    continue
                name = next(name for name, text in match.groupdict().items() if text)
                meant = _meant(view.span_of(match.start(name), match.end(name)), starts, welcome)
                if not name.startswith("aim") or all(_slot(value) in _AIMS for value in meant):
                    closed.add(span)
                    found.extend(Retraction(_slot(value), span, value.span, value, welcome) for value in meant)
        return tuple(found)

    def of_sizes(self, utterance: Utterance, sizes: Sequence[SizeFound]) -> Iterator[Retraction]:
        """The sizes that are taken back ("it need not be size M"), and those that are refused: one that does not fit is no other that does."""
        view = View(utterance.tokens, by_first(Chunk(size.span, "@v") for size in sizes))
        released = {at: span for span, _ in view.find(self._release) for at in range(*span)}
        plain = utterance.plain
        harmless = Cover(span for span, _ in plain.find(self._harmless))
        for size in sizes:
            around = released.get(size.span.first)
            start = plain.start_of(size.span.first)
            first = max(0, start - _BEFORE)
            refused = self._refused.search(plain.flat[first:start].rstrip())
            if around is None and refused is not None:
                cue = plain.span_of(first + refused.start(), start)
                around = Span(cue.first, size.span.last) if harmless.frees(Span(cue.first, cue.first + 1)) else None
            if around is not None:
                yield Retraction("size", around, size.span, size)


def _marked(cues: Sequence[str]) -> list[str]:
    """The cues with their values as groups, to tell the value that is meant from others in the same words ("cotton rather than wool")."""
    marked = []
    for number, cue in enumerate(cues):
        for name, values in (("one", "@v"), ("values", _ROW), ("value", _LIST), ("aim", _ROW)):
            cue = cue.replace(f"{{{name}}}", f"(?P<{name}{number}>{values})")
        marked.append(cue)
    return marked


def _slot(value: Hit | PriceFound) -> Slot:
    return value.meanings[0].term.slot if isinstance(value, Hit) else "price"


def _meant(named: Span, starts: Mapping[int, Hit | PriceFound], welcome: bool) -> list[Hit | PriceFound]:
    """The values in `named`. "I don't need a black dress" is about black: a type behind what narrows it is not taken back."""
    within = [starts[at] for at in range(*named) if at in starts]
    last = within[-1]
    narrowed = len(within) > 1 and within[-2].span.last == last.span.first and isinstance(last, Hit) and last.slot == "category"
    return within[:-1] if narrowed and not welcome else within
