"""Misspelt words of the shop's vocabulary, put right. A word that English or the shop knows is never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from assistant.understanding.tokens import SENTENCE_ENDS, Utterance

SHORTEST_TARGET = 5
"""Shorter words have too many neighbours; the commonest slips of theirs are listed in english_phrases.yaml."""
SHORTEST_WORD = 4
LONG = 9
"""From this length on two slips are forgiven, below it one (a slip: one letter more, less or other, or two swapped)."""
MOST_WORDS = 40
"""Unknown words of one message that are looked at: bounds the time; a longer list of unknown words is no shopping sentence."""
_REPEATED = re.compile(r"(.)\1{2,}")
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "est", "y", "ish", "ness", "ful")
_DOUBLING = ("ed", "ing", "er", "est")
"""Endings before which a final consonant doubles ("trimmed")."""


class Speller:
    """`targets`: what a word may be meant to be; `known`: words that are right as they are; `listed`: slips by heart."""

    def __init__(self, targets: Iterable[str], known: frozenset[str], listed: Mapping[str, str]) -> None:
        self._targets = tuple(
            sorted({word for word in targets if len(word) >= SHORTEST_TARGET and word.isalpha() and word.isascii()})
        )
        self._known = known | frozenset(self._targets)
        self._listed = listed

    def correct(self, word: str) -> str:
        """The word meant: `word` itself unless exactly one target is within reach and shares its first letter."""
        if word in self._known or word.isdecimal():
            return word
        if word in self._listed:
            return self._listed[word]
        for squeezed in (_REPEATED.sub(r"\1\1", word), _REPEATED.sub(r"\1", word), *_undoubled(word)):
            if squeezed in self._known:
                return squeezed  # "dresss", "sooo", "dressiing"
        if not (word.isalpha() and word.isascii()) or len(word) < SHORTEST_WORD or self._is_inflected(word):
            return word
        reach = 2 if len(word) >= LONG else 1
        near = extract(word, self._targets, scorer=OSA.distance, score_cutoff=reach, limit=4)
        fitting = [(found, distance) for found, distance, _ in near if _alike(word, found)]
        best = [found for found, distance in fitting if distance == min(d for _, d in fitting)]
        return best[0] if len(best) == 1 or (best and len({_stem(found) for found in best}) == 1) else word

    def corrected(self, utterance: Utterance) -> Utterance:
        """The message with its misspelt words read as meant; the shopper's own words stay in its text."""
        unknown = dict.fromkeys(token.norm for token in utterance.tokens if token.is_word and token.norm not in self._known)
        meant = {word: self.correct(word) for word in list(unknown)[:MOST_WORDS]}
        shouting = utterance.text.isupper()
        return utterance.with_norms(
            [
                token.norm if not shouting and _is_name(utterance, at) else meant.get(token.norm, token.norm)
                for at, token in enumerate(utterance.tokens)
            ]
        )

    def _is_inflected(self, word: str) -> bool:
        """True for a known word with an English ending ("tailored", "boxes", "running", "happily")."""
        for ending in _ENDINGS:
            stem = word.removesuffix(ending)
            if (
                stem == word
                or len(stem) < 3
                or (ending == "s" and stem.endswith("s"))
                or (ending == "d" and not stem.endswith("e"))
            ):
                continue
            doubled = ending in _DOUBLING and stem[-1] == stem[-2] and stem[:-1] in self._known
            if stem in self._known or f"{stem}e" in self._known or doubled:
                return True
            if stem.endswith("i") and ending != "ing" and f"{stem[:-1]}y" in self._known:
                return True
        return False


def _undoubled(word: str) -> Iterator[str]:
    """`word` with one of two equal letters side by side left out, each pair in turn."""
    return (word[:at] + word[at + 1 :] for at in range(len(word) - 1) if word[at] == word[at + 1])


def _is_name(utterance: Utterance, at: int) -> bool:
    """True for a word with a capital letter inside a sentence: somebody's or some place's name, whatever it resembles."""
    if at == 0 or utterance.tokens[at - 1].norm in (*SENTENCE_ENDS, ":") or utterance.breaks_before(at):
        return False
    return utterance.text[utterance.tokens[at].start].isupper()


def _alike(word: str, target: str) -> bool:
    """A slip seldom hits the first letter, unless the first two are swapped."""
    return word[0] == target[0] or (word[:2] == target[1::-1] and word[2:3] == target[2:3])


def _stem(word: str) -> str:
    return word.removesuffix("es").removesuffix("s")
