"""The words that name a value: the shop's vocabulary, its brands, and phrases with a meaning of their own, found longest first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from assistant.understanding.tokens import Span, Token, Utterance, tokenise
from assistant.understanding.words import Guard, Words, any_of
from catalog_data.schema import ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, regular_plural

_COLOUR_BEFORE_METAL = ("color", "material", "category", "feature", "pattern")
"""Of a word with two meanings the first of these slots wins; the phrases of english_phrases.yaml settle the rest."""
_COUNTABLE = ("pattern", "material", "occasion")
"""Slots whose words are also said in the plural ("florals", "velvets")."""
_SHORTEST_ALIAS = 5


_THING_BEFORE = frozenset({"", "a", "another", "this", "that", "my", "his", "her", "new", "warm", "good", "nice", "one"})
_MATERIAL_BEFORE = frozenset(
    {"in", "of", "from", "with", "made", "not", "no", "without", "only", "but", "and", "or", "like", "love", ","}
)
_THING_AFTER = frozenset(
    {
        ".",
        ",",
        "!",
        "?",
        ";",
        "for",
        "with",
        "in",
        "under",
        "to",
        "please",
        "that",
        "which",
        "and",
        "or",
        "size",
        "a",
        "as",
        "it",
        "its",
    }
)


class Meaning(NamedTuple):
    """A value that words name. `refused`: the words say that it is not wanted ("not tight"). `part`: said by a part of a longer phrase."""

    term: Term
    refused: bool = False
    part: bool = False


class Hit(NamedTuple):
    """Words that name one or more values; none where they are known to name nothing. `whole`: their parts say nothing beside."""

    span: Span
    meanings: tuple[Meaning, ...]
    whole: bool = False

    @property
    def slot(self) -> ValueSlot | None:
        """The slot of the first value."""
        return self.meanings[0].term.slot if self.meanings else None

    def names(self, slot: ValueSlot) -> bool:
        """True when one of the values is of `slot`."""
        return any(meaning.term.slot == slot for meaning in self.meanings)


class _Phrase(NamedTuple):
    words: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    whole: bool = False
    """Means what it means and nothing beside: its parts are not read."""


class Lexicon:
    """Finds every word or phrase that names a value."""

    def __init__(self, vocabulary: Vocabulary, brands: Sequence[str], words: Words) -> None:
        self._words = words
        self._vocabulary = vocabulary
        self._nothing = any_of(words.nothing)
        self._guards = {word: _compile_guard(guard) for word, guard in words.guards.items()}
        self._brand_cue = re.compile(f"(?<!\\S)(?:{'|'.join(words.brand_cues)})$")
        named, marked = self._from_brands(brands)
        phrases = {phrase.words: phrase for phrase in (*named, *self._from_vocabulary(), *self._from_idioms())}
        self._by_first = _by_first_word(phrases.values())
        self._marked = _by_first_word(marked)
        self.single_words = frozenset(word for words in (*phrases, *(phrase.words for phrase in marked)) for word in words)

    def find(self, utterance: Utterance) -> tuple[Hit, ...]:
        """The hits of the message, in order, none overlapping; of hits that begin together the longest."""
        found: list[Hit] = []
        void = {span.first: span for span, _ in utterance.plain.find(self._nothing)}
        at = 0
        while at < len(utterance.tokens):
            hit = self._longest(utterance, at, void.get(at))
            if hit is None:
                at += 1
                continue
            found.append(self._as_thing(utterance, hit))
            at = hit.span.last
        if any(hit.names("category") for hit in found):
            return tuple(found)
        return tuple(self._as_thing(utterance, hit, alone=True) for hit in found)

    def _as_thing(self, utterance: Utterance, hit: Hit, alone: bool = False) -> Hit:
        """The hit, as a thing made of the material that it names where that stands for the thing ("a fleece"). `alone`: no type of item is
        named, and behind other wishes it stands for one too ("a wine red ladies fleece")."""
        named = self._words.things.get(" ".join(utterance.norms(hit.span)))
        meaning = self._meaning(named) if named is not None else None
        before = utterance.tokens[hit.span.first - 1].norm if hit.span.first else ""
        after = utterance.tokens[hit.span.last].norm if hit.span.last < len(utterance.tokens) else "."
        led = before in _THING_BEFORE or (alone and before not in _MATERIAL_BEFORE)
        stands = led and after in _THING_AFTER
        return hit._replace(meanings=(meaning,)) if meaning is not None and stands else hit

    def parts(self, hit: Hit, utterance: Utterance) -> Iterator[Hit]:
        """What a phrase for a type of item says beside the type: "pencil skirt" is a skirt, and pencil."""
        if hit.slot != "category" or hit.whole or hit.span.last - hit.span.first < 2:
            return
        named = set(_words_of(hit.meanings[0].term.value))
        at = hit.span.first
        while at < hit.span.last - 1:
            fitting = (
                phrase
                for phrase in self._by_first.get(utterance.tokens[at].norm, ())
                if at + len(phrase.words) < hit.span.last and _stands_at(phrase.words, utterance.tokens, at)
            )
            part = next(fitting, None)
            if part is not None and self._adds(part, named):
                yield Hit(Span(at, at + len(part.words)), tuple(meaning._replace(part=True) for meaning in part.meanings))
            at += len(part.words) if part is not None else 1

    def _adds(self, part: _Phrase, named: set[str]) -> bool:
        """True when a part of a phrase says more than the type itself, whose own words are `named`."""
        slots = {meaning.term.slot for meaning in part.meanings}
        return "category" not in slots and not named & set(part.words) and "-".join(part.words) not in self._words.idle_parts

    def _longest(self, utterance: Utterance, at: int, void: Span | None) -> Hit | None:
        tokens = utterance.tokens
        for phrase in self._marked.get(tokens[at].norm, ()):
            span = Span(at, at + len(phrase.words))
            if _stands_at(phrase.words, tokens, at) and self._is_marked(utterance, span):
                return Hit(span, phrase.meanings)
        for phrase in self._by_first.get(tokens[at].norm, ()):
            span = Span(at, at + len(phrase.words))
            if void is not None and span.last <= void.last:
                return Hit(void, ())
            if _stands_at(phrase.words, tokens, at) and not self._is_ordinary(phrase.words, utterance, span):
                return Hit(span, phrase.meanings, phrase.whole)
        return Hit(void, ()) if void is not None else None

    def _is_ordinary(self, words: tuple[str, ...], utterance: Utterance, span: Span) -> bool:
        guard = self._guards.get(words[0]) if len(words) == 1 else None
        if guard is None:
            return False
        view = utterance.plain
        start = view.start_of(span.first)
        left = view.flat[max(0, start - 40) : start].rstrip()
        right = view.flat[start + len(words[0]) : start + 60].lstrip()
        before, after = guard
        return bool((before and before.search(left)) or (after and after.match(right)))

    def _is_marked(self, utterance: Utterance, span: Span) -> bool:
        """True when an ordinary word is said as a brand: after "by", "from", "brand", or capitalised inside a sentence."""
        view = utterance.plain
        start = view.start_of(span.first)
        if self._brand_cue.search(view.flat[max(0, start - 30) : start].rstrip()):
            return True
        after = utterance.tokens[span.last].norm if span.last < len(utterance.tokens) else ""
        if after in ("brand", "label"):
            return True
        written = utterance.words(span)
        inside = span.first > 0 and utterance.tokens[span.first - 1].norm not in (".", "!", "?", ":", ",")
        return inside and written[:1].isupper() and not utterance.text.isupper() and not written.isupper()

    def _from_vocabulary(self) -> Iterator[_Phrase]:
        for phrase, terms in self._vocabulary.phrases.items():
            words = _words_of(phrase)
            if not words:
                continue
            meanings = (Meaning(min(terms, key=lambda term: _rank(term.slot))),)
            yield _Phrase(words, meanings)
            plural = regular_plural(phrase)
            single = " " not in phrase or phrase.endswith(" print")
            if meanings[0].term.slot in _COUNTABLE and not self._is_known(plural) and single:
                yield _Phrase(_words_of(plural), meanings)

    def _from_idioms(self) -> Iterator[_Phrase]:
        for phrase, values in self._words.idioms.items():
            meanings = tuple(meaning for value in values if (meaning := self._meaning(value)) is not None)
            if meanings:
                yield _Phrase(_words_of(phrase), meanings, whole=True)

    def _meaning(self, written: str) -> Meaning | None:
        """The meaning that "slot:value" or "-slot:value" writes; None where this vocabulary has no such value."""
        term = vocabulary_term(self._vocabulary, written.removeprefix("-"))
        return Meaning(term, refused=written.startswith("-")) if term else None

    def _from_brands(self, brands: Sequence[str]) -> tuple[list[_Phrase], list[_Phrase]]:
        """Brands by their names, and by a long last word that is theirs alone; apart, those that are ordinary words and need a mark."""
        own = {_words_of(name): name for name in brands}
        known = {_words_of(name): name for name in self._words.known_brands}
        named: list[_Phrase] = []
        marked: list[_Phrase] = []
        lasts = Counter(words[-1] for words in (known | own) if len(words) > 1)
        for words, name in (known | own).items():
            if not words:
                continue
            meanings = (Meaning(Term(slot="brand", value=name)),)
            ordinary = "&" not in words and all(self._is_known(word) for word in words)
            (marked if ordinary else named).append(_Phrase(words, meanings))
            if "&" in words:
                named.append(_Phrase(tuple("and" if word == "&" else word for word in words), meanings))
            last = words[-1]
            if len(words) > 1 and lasts[last] == 1 and len(last) >= _SHORTEST_ALIAS and not self._is_known(last):
                named.insert(0, _Phrase((last,), meanings))
        return named, marked

    def _is_known(self, word: str) -> bool:
        return word in self._words.idle or word in self._words.common or bool(self._vocabulary.lookup(word))


def _by_first_word(phrases: Iterable[_Phrase]) -> dict[str, tuple[_Phrase, ...]]:
    """The phrases under their first words, the longest first."""
    table: dict[str, list[_Phrase]] = {}
    for phrase in sorted(phrases, key=lambda each: -len(each.words)):
        table.setdefault(phrase.words[0], []).append(phrase)
    return {word: tuple(found) for word, found in table.items()}


def vocabulary_term(vocabulary: Vocabulary, written: str) -> Term | None:
    """The term that "slot:value" writes; None where the vocabulary has no such value."""
    slot, _, value = written.partition(":")
    return next((term for term in vocabulary.lookup(value) if term.slot == slot and term.value == value), None)


def _rank(slot: ValueSlot) -> int:
    return _COLOUR_BEFORE_METAL.index(slot) if slot in _COLOUR_BEFORE_METAL else len(_COLOUR_BEFORE_METAL)


def _words_of(phrase: str) -> tuple[str, ...]:
    """The phrase as the tokens it would be in a message; the vocabulary writes a possessive apart ("women s")."""
    return tuple(token.norm for token in tokenise(re.sub(r"(?<=\w) s(?= |$)", "'s", phrase)))


def _stands_at(words: Sequence[str], tokens: Sequence[Token], at: int) -> bool:
    return tuple(token.norm for token in tokens[at : at + len(words)]) == tuple(words)


def _compile_guard(guard: Guard) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    before = re.compile(f"(?<!\\S)(?:{'|'.join(guard.before)})$") if guard.before else None
    after = re.compile(f"(?:{'|'.join(guard.after)})(?!\\S)") if guard.after else None
    return before, after
