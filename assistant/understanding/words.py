"""The English word lists as typed, frozen data. Everything a shopkeeper may want to change of how English is read stands in english_*.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field

from assistant.schema import ActKind, Strength
from catalog_data.schema import Frozen, Slot

FILES = ("english_amounts", "english_sense", "english_people", "english_pointing", "english_phrases", "english_words")

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def _split_cues(text: Any) -> Any:
    return tuple(cue for part in text.split(";") if (cue := part.strip())) if isinstance(text, str) else text


def _split_words(text: Any) -> Any:
    return frozenset(text.replace(",", " ").split()) if isinstance(text, str) else text


Cues = Annotated[tuple[str, ...], BeforeValidator(_split_cues)]
"""Written as one text, cues apart by ";"."""
Marks = Annotated[frozenset[str], BeforeValidator(lambda text: frozenset(text.split()) if isinstance(text, str) else text)]
"""Words and signs, apart by spaces."""
WordSet = Annotated[frozenset[str], BeforeValidator(_split_words)]
"""Written as one text, words apart by spaces."""
Claims = Literal["clause", "span", "none", "lead"]


class PriceWords(Frozen):
    """How amounts are bounded, and what looks like a price and is none."""

    most: Cues
    least: Cues
    about: Cues
    most_after: Cues
    least_after: Cues
    about_after: Cues
    refused: str
    pointed_before: Cues
    pointed_after: Cues
    claimed: Cues
    said_again: Cues
    filler: Cues
    units: Cues
    not_after: Cues
    not_right_after: Cues
    needs_money: Cues
    not_money: Cues
    cheaper: Cues
    dearer: Cues
    cheap: Cues
    expensive: Cues
    a_bit: Cues


class RatingWords(Frozen):
    """How stars are asked for."""

    good: Cues
    good_stars: float = Field(ge=1, le=5)
    least: Cues


class SizeWords(Frozen):
    """How sizes are said, and how national sizes and ages become ours."""

    letters: Mapping[str, str]
    numbered: Mapping[str, str]
    words: Mapping[str, str]
    cues: Cues
    mine: Cues
    theirs: Cues
    national: Mapping[str, Mapping[str, int]]
    heights: Mapping[int, int]
    ranges: Mapping[str, tuple[int, int]]


class NegationWords(Frozen):
    """What refuses, what only looks so, and how far it reaches."""

    before: Cues
    not_negating: Cues
    after: Cues
    too_much: Cues
    complaint: Cues
    left_out: Cues
    left_out_again: Cues
    again: Cues
    stops: Cues
    reach: int = Field(ge=1)


class StrengthWords(Frozen):
    """What softens or hardens a wish."""

    soft_before: Cues
    soft_after: Cues
    soft_refusals: Cues
    hard_before: Cues
    request: Cues


class ChangeWords(Frozen):
    """What takes a wish back or puts another in its place."""

    correct: Cues
    correct_at_start: Cues
    also: Cues
    clear: Cues
    welcome: Cues
    release: Cues


class PointingWords(Frozen):
    """What points at items on screen."""

    ordinals: Mapping[str, int]
    counts: Mapping[str, int]
    nouns: Cues
    not_places: Cues
    numbered: Cues
    not_numbers: Cues
    priced: Cues
    compared: Mapping[Literal["cheap", "dear", "rated"], Cues]
    one: Cues
    many: Cues
    maybe: WordSet
    before: Marks
    after: Marks
    before_they: Marks


class RecipientWords(Frozen):
    """One kind of recipient: the words for it, the audience it implies, and whether it needs "my"."""

    words: Cues
    gender: str | None = None
    grown: str | None = None
    owned: bool = False


class Guard(Frozen):
    """What makes a vocabulary word an ordinary one: neighbours before or after it."""

    before: Cues = ()
    after: Cues = ()


class Words(Frozen):
    """All of english_*.yaml but the acts."""

    numbers: Mapping[str, int]
    fillers: Cues
    scales: Mapping[str, int]
    currencies: Mapping[str, str]
    shared_names: Mapping[str, tuple[str, ...]]
    price: PriceWords
    ratings: RatingWords
    sizes: SizeWords
    negation: NegationWords
    strength: StrengthWords
    strengths: Mapping[Slot, Strength]
    aims: Cues
    binding_parts: frozenset[Slot]
    idle_parts: WordSet
    change: ChangeWords
    slot_words: Mapping[str, Slot]
    moods: Mapping[Literal["annoyed", "hurried", "delighted", "unsure"], Cues]
    clause_starts: WordSet
    asking: Cues
    to_the_shop: Cues
    companions: Cues
    seeking: Cues
    about: Mapping[Slot, Cues]
    care: Cues
    asks_for: Mapping[Slot, Mapping[str, Cues]]
    please: Cues
    again: Cues
    back: Cues
    basket: str
    macros: Mapping[str, str]
    reasons: Mapping[str, Cues]
    pointing: PointingWords
    recipients: Mapping[str, RecipientWords]
    grown: WordSet
    pronouns: Mapping[str, str]
    subjects: Mapping[str, str]
    does: Cues
    to: Cues
    leads: Cues
    follows: Cues
    verbs: Cues
    idle_being: Cues
    told_of: Cues
    tells: Cues
    tastes: Cues
    i_seek: Cues
    of_shown: Cues
    not_for: Cues
    repeats: Cues
    perhaps_repeats: Cues
    moves: Cues
    anything: Cues
    same_price: Cues
    not_before: Cues
    me: Cues
    me_not: Cues
    pronoun_not: Cues
    gifts: Cues
    situations: Mapping[str, Cues]
    idioms: Mapping[str, tuple[str, ...]]
    things: Mapping[str, str]
    nothing: Cues
    guards: Mapping[str, Guard]
    brand_cues: Cues
    known_brands: Cues
    misspellings: Mapping[str, str]
    helpful: WordSet
    idle: WordSet
    common: WordSet


class ActCues(Frozen):
    """One way to do one thing with words. `detail`: a finer kind; `claims`: whose the values in these words are; `asked`: only in a
    question; `plain`: over the words themselves, where only what points is replaced; `when`: only while the basket holds something ("held"),
    or after a turn about the basket ("priced")."""

    kind: ActKind
    detail: str = ""
    claims: Claims
    asked: bool = False
    plain: bool = False
    when: Literal["", "held", "priced"] = ""
    cues: Cues


ITEM = r"(?:(?:an?|the|my|some|these|those|this|that|his|her|your) )?(?:(?!@)\S+ )?(?:@\w+ ){0,4}@category(?!\S)"
"""An item in words, over a line of chunks: "my black trousers", "a plain red dress"."""


def load_words(folder: Path = Path(__file__).parent) -> Words:
    """Reads the word lists. Raises pydantic's `ValidationError` where a file misses a list or holds one that nobody reads."""
    read: dict[str, Any] = {}
    for name in FILES:
        read |= yaml.load((folder / f"{name}.yaml").read_text(encoding="utf-8"), Loader=_LOADER)
    return Words.model_validate(read)


def load_acts(folder: Path = Path(__file__).parent) -> tuple[ActCues, ...]:
    """Reads the cues of the acts, in their order of precedence."""
    rows = yaml.load((folder / "english_acts.yaml").read_text(encoding="utf-8"), Loader=_LOADER)
    return tuple(ActCues.model_validate(row) for row in rows)


def any_of(cues: Iterable[str], before: str = "", after: str = "") -> re.Pattern[str]:
    """One pattern that finds any cue as whole words, longer ones first. `before`, `after`: patterns around it."""
    ordered = sorted(dict.fromkeys(cues), key=len, reverse=True)
    return re.compile(f"(?<!\\S){before}(?:{'|'.join(ordered)}){after}(?!\\S)")
