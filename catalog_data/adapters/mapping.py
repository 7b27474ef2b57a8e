"""Reads the vocabulary's values out of titles and descriptions. Pure; which words do not mean what they say is data (`TextRules`).

What counts as a mention: whole words, the longest phrase first ("lace-up" is a fastening, so its "lace" is not the fabric), inside one
sentence or clause. A mention is dropped where the words around it deny it ("non-stretchy"), imitate it ("suede-effect", "faux suede",
which is read as faux suede) or are the name of a colour ("gold-tone").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from catalog_data.schema import Frozen, ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, fold, normalise

READ_SLOTS: tuple[ValueSlot, ...] = ("material", "pattern", "fit", "length", "feature")
_SENTENCE_END, _CLAUSE_END = ".", ";"
_ENDS = frozenset((_SENTENCE_END, _CLAUSE_END))
_TOKEN = re.compile(r"(?:[^\W_]|[%&])+|[.;:!?()]+(?=[\"'”’]?(?:\s|$))|\s[-–—]\s")

Index = Mapping[str, tuple[tuple[tuple[str, ...], tuple[Term, ...]], ...]]
"""First word -> (all words, what they mean), the longest phrase first."""


class Styling(Frozen):
    """The words by which copy turns from the item to what to wear with it."""

    verbs: frozenset[str]
    objects: frozenset[str]
    wearing: frozenset[str]
    looks: frozenset[str]
    joining: frozenset[str]
    openers: frozenset[str]

    def begins_at(self, words: list[str], at: int) -> bool:
        """Whether styling advice begins with the word at `at`."""
        word, following = words[at], words[at + 1 : at + 4]
        pair = " ".join(following[:2])
        if word in self.openers or (following and f"{word} {following[0]}" in self.openers):
            return True
        if word in self.verbs and following and (following[0] in self.objects or pair in self.objects):
            return True
        if word in self.wearing and len(following) > 1 and following[1] in self.joining:
            return True
        return (
            word in self.looks and not self.joining.isdisjoint(following) and _ENDS.isdisjoint(_before(following, self.joining))
        )


def _before(words: list[str], stops: frozenset[str]) -> list[str]:
    return words[: next(index for index, word in enumerate(words) if word in stops)]


class TextRules(Frozen):
    """Which words of running text do not mean what the vocabulary says; `catalog_data/adapters/text.yaml` explains each."""

    ignore: Mapping[ValueSlot, tuple[str, ...]]
    also: Mapping[ValueSlot, Mapping[str, tuple[str, ...]]]
    nothing: tuple[str, ...]
    no_material_in: tuple[str, ...]
    apart: Mapping[str, str]
    occasion: Mapping[str, tuple[str, ...]]
    not_if_before: frozenset[str]
    no_skin_if_before: frozenset[str]
    imitation: frozenset[str]
    imitations: Mapping[str, str]
    denial: frozenset[str]
    hard: frozenset[str]
    worn: frozenset[str]
    wrapping: str
    shoes_only: frozenset[str]
    bags_only: frozenset[str]
    from_copy: frozenset[str]
    no_fabric: frozenset[str]
    styling: Styling


def tokens(text: str) -> list[str]:
    """The normalised words of `text` in order, with "." where a sentence ends and ";" where a clause does."""
    return [word if word[0].isalnum() or word[0] in "%&" else _end(word) for word in _TOKEN.findall(fold(text))]


def _end(mark: str) -> str:
    return _CLAUSE_END if set(mark).isdisjoint(".!?") else _SENTENCE_END


def index(phrases: Iterable[tuple[str, tuple[Term, ...]]]) -> Index:
    """Phrases by their first word."""
    found: dict[str, list[tuple[tuple[str, ...], tuple[Term, ...]]]] = {}
    for phrase, terms in phrases:
        words = tuple(phrase.split())
        found.setdefault(words[0], []).append((words, terms))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in found.items()}


def mentions(words: list[str], phrases: Index) -> Iterator[tuple[int, int, tuple[Term, ...]]]:
    """(start, end, terms) of the phrases in `words`, left to right, the longest at each place, none overlapping."""
    free = 0
    for start, word in enumerate(words):
        if word not in phrases or start < free:
            continue
        for phrase, terms in phrases[word]:
            if len(phrase) == 1 or tuple(words[start : start + len(phrase)]) == phrase:
                free = start + len(phrase)
                yield start, free, terms
                break


@dataclass(frozen=True)
class TextReader:
    """Finds the values that a text states of its item."""

    vocabulary: Vocabulary
    rules: TextRules
    _known: dict[str, Mapping[ValueSlot, tuple[str, ...]]] = field(default_factory=dict)

    @cached_property
    def _phrases(self) -> Index:
        ignored = {(slot, normalise(word)) for slot, words in self.rules.ignore.items() for word in words}
        occasions = [
            (normalise(word), (Term(slot="occasion", value=value),))
            for value, words in self.rules.occasion.items()
            for word in words
        ]
        found: dict[str, tuple[Term, ...]] = {}
        for phrase, terms in self.vocabulary.phrases.items():
            read = tuple(term for term in terms if self._readable(term) and (term.slot, phrase) not in ignored)
            # A colour is no mention, but it keeps its words from being read as a metal or a wood.
            if read or any(term.slot == "color" for term in terms):
                found[phrase] = read
        self._add_inner_materials(found)
        found.update((normalise(phrase), ()) for phrase in self.rules.nothing)
        for phrase, terms in (*occasions, *self._also()):
            found[phrase] = tuple(dict.fromkeys((*found.get(phrase, ()), *terms)))
        return index(found.items())

    def _also(self) -> Iterator[tuple[str, tuple[Term, ...]]]:
        for slot, values in self.rules.also.items():
            for value, phrases in values.items():
                yield from ((normalise(phrase), (Term(slot=slot, value=value),)) for phrase in phrases)

    def _add_inner_materials(self, found: dict[str, tuple[Term, ...]]) -> None:
        """Gives "recycled cotton", a feature, its cotton; the longest phrase would hide it."""
        none = {normalise(phrase) for phrase in self.rules.no_material_in}
        materials = index((phrase, terms) for phrase, terms in found.items() if any(term.slot == "material" for term in terms))
        for phrase, terms in found.items():
            if terms and phrase not in none and not any(term.slot == "material" for term in terms):
                inner = (
                    term for _, _, inside in mentions(phrase.split(), materials) for term in inside if term.slot == "material"
                )
                found[phrase] = (*terms, *inner)

    def _readable(self, term: Term) -> bool:
        """Families are for asking; of a pattern alone a text often says no more than that there is one ("printed")."""
        return term.slot in READ_SLOTS and (term.slot == "pattern" or not self.vocabulary.entry(term.slot, term.value).umbrella)

    @cached_property
    def _skins(self) -> frozenset[str]:
        return self.vocabulary.expand("material", "leather") | self.vocabulary.expand("material", "fur")

    @cached_property
    def _apart(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple((value, re.compile(pattern, re.IGNORECASE)) for value, pattern in self.rules.apart.items())

    def read(self, text: str) -> Mapping[ValueSlot, tuple[str, ...]]:
        """Every value that `text` states, by slot, in the order of first mention."""
        if text not in self._known:  # the colours of a style share their text
            found = self.read_words(tokens(text))
            for value, pattern in self._apart:
                if value.split()[-1][:5] in text and pattern.search(text):  # most texts hold neither "waist" nor "sleev"
                    found["feature"] = tuple(dict.fromkeys((*found.get("feature", ()), value)))
            self._known[text] = found
        return self._known[text]

    def read_words(self, words: list[str]) -> dict[ValueSlot, tuple[str, ...]]:
        """Every value that the words of `tokens` state, but for those whose own words stand apart."""
        found: dict[ValueSlot, dict[str, None]] = {}
        for start, end, terms in mentions(words, self._phrases):
            near = words[start - 1 : start] if start < 2 or words[start - 1] in _ENDS else words[start - 2 : start]
            if not self.rules.denial.isdisjoint(near):
                continue
            after = words[end] if end < len(words) else _SENTENCE_END
            for term in terms:
                value = self._material(term.value, near, after) if term.slot == "material" else term.value
                if value is not None:
                    found.setdefault(term.slot, {})[value] = None
        return {slot: tuple(values) for slot, values in found.items()}

    def _material(self, value: str, near: list[str], after: str) -> str | None:
        if not self.rules.imitation.isdisjoint(near):
            families = self.rules.imitations.items()
            return next((copy for family, copy in families if value in self.vocabulary.expand("material", family)), None)
        if after in self.rules.not_if_before or (value in self._skins and after in self.rules.no_skin_if_before):
            return None
        return value

    def about_itself(self, copy: str) -> tuple[list[str], list[str]]:
        """The words of advertising copy in two: what it says of the item, and from the first styling advice of each sentence on, of
        other things."""
        words = tokens(copy)
        item: list[str] = []
        others: list[str] = []
        advice = False
        for at, word in enumerate(words):
            if word == _SENTENCE_END:
                item.append(word)
                others.append(word)
                advice = False
            else:
                advice = advice or self.rules.styling.begins_at(words, at)
                (others if advice else item).append(word)
        return item, others

    def leading_colors(self, facts: str) -> tuple[str, ...]:
        """The colours that begin the first clause about the fabric: "Black and off-white silk; Gold zip" gives black, off-white."""
        for clause in facts.split(";")[:4]:
            words = tokens(clause)
            if words and "measures" not in words and words[0] not in self.rules.no_fabric:
                return tuple(dict.fromkeys(self._colors_at_start(words)))
        return ()

    def _colors_at_start(self, words: list[str]) -> Iterator[str]:
        at = 0
        while at < len(words):
            reach = [(end, terms) for end in range(min(len(words), at + 4), at, -1) if (terms := self._named(words[at:end]))]
            if not reach or (color := next((term for term in reach[0][1] if term.slot == "color"), None)) is None:
                return
            if not self.vocabulary.entry("color", color.value).umbrella:
                yield color.value
            at = reach[0][0] + (reach[0][0] < len(words) and words[reach[0][0]] == "and")

    def _named(self, words: list[str]) -> tuple[Term, ...]:
        terms = self.vocabulary.phrases.get(" ".join(words), ())
        return tuple(term for term in terms if term.slot in ("color", "material"))


def factual_part(description: str) -> tuple[str, str]:
    """(copy, facts) of a Net-a-Porter description: sentences that advertise, then clauses parted by semicolons that describe."""
    first = description.find(";")
    if first < 0:
        return description, ""
    ends = [match.end() for match in re.finditer(r"[.!?][\"')”’]?\s", description[:first])]
    cut = ends[-1] if ends else 0
    return description[:cut], description[cut:]
