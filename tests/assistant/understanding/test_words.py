"""The word lists: complete, well formed, and of one mind with the shop's vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import ValidationError

from assistant.schema import ActKind
from assistant.understanding.lexicon import vocabulary_term
from assistant.understanding.words import ActCues, Words, any_of, load_acts, load_words
from catalog_data.schema import SLOTS
from catalog_data.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words()


@pytest.fixture(scope="module")
def acts() -> tuple[ActCues, ...]:
    return load_acts()


def _cues(words: Words) -> Iterator[str]:
    for group in (words.price, words.negation, words.strength, words.change, words.ratings, words.sizes, words.pointing):
        for value in group.model_dump().values():
            if isinstance(value, tuple):
                yield from value
    yield from (*words.aims, *words.to, *words.verbs, *words.not_before, *words.me, *words.nothing, *words.care, *words.seeking)
    for table in (words.situations, words.moods, words.about, words.reasons):
        yield from (cue for cues in table.values() for cue in cues)
    for guard in words.guards.values():
        yield from (*guard.before, *guard.after)


def test_every_cue_is_a_pattern_that_needs_words(words: Words, acts: tuple[ActCues, ...]) -> None:
    for cue in (*_cues(words), *(cue for rule in acts for cue in rule.cues)):
        pattern = re.compile(cue.replace("{ref}", "@it").replace("{slot}", "colour").replace("{value}", "@v"))
        assert cue == cue.strip()
        assert pattern.fullmatch("") is None, f"{cue!r} matches nothing at all"


def test_every_meaning_is_a_value_of_the_shop(words: Words, vocabulary: Vocabulary) -> None:
    written = [*words.situations, *(value.removeprefix("-") for values in words.idioms.values() for value in values)]
    assert not [each for each in written if vocabulary_term(vocabulary, each) is None]
    genders = {gender for entry in words.recipients.values() for gender in (entry.gender, entry.grown) if gender}
    assert genders | {gender for gender in words.pronouns.values() if gender} <= set(vocabulary.values("gender"))


def test_guards_guard_words_of_the_shop(words: Words, vocabulary: Vocabulary) -> None:
    assert not [
        word
        for word in words.guards
        if not (vocabulary.lookup(word) or vocabulary.lookup(word.removesuffix("s"))) and word not in words.idioms
    ]
    assert not [word for word, guard in words.guards.items() if not guard.before and not guard.after]


def test_every_slot_has_a_strength(words: Words) -> None:
    assert set(words.strengths) == set(SLOTS)


def test_every_act_that_words_alone_can_say_has_cues(acts: tuple[ActCues, ...]) -> None:
    from_wishes = {"search", "refine", "correct", "retract"}
    assert {rule.kind for rule in acts} == set(get_args(ActKind)) - from_wishes


def test_marks_are_single_words_or_signs(words: Words) -> None:
    pointing = words.pointing
    for mark in (*pointing.before, *pointing.after, *pointing.before_they, *pointing.maybe):
        assert mark.isalpha() or len(mark) == 1, f"{mark!r} is never met"


def test_misspellings_mend_and_do_not_mar(words: Words, vocabulary: Vocabulary) -> None:
    assert not [word for word in words.misspellings if word in words.idle or word in words.common or vocabulary.lookup(word)]


def test_a_list_that_nobody_reads_is_refused(words: Words) -> None:
    with pytest.raises(ValidationError):
        Words.model_validate({**words.model_dump(), "unread": "a; b"})


def test_cues_match_whole_words_and_the_longest_first() -> None:
    pattern = any_of(["not", "not only"])
    assert [match.group() for match in pattern.finditer("not only nothing not")] == ["not only", "not"]
