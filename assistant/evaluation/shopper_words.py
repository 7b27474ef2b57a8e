"""The words of simulated shoppers: the file that holds them, read and checked, and how many there are.

Every phrase is a template whose names in braces are filled in by `speech`; a name that its group does not know is refused on loading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from types import MappingProxyType

import yaml
from pydantic import ValidationError, model_validator

from catalog_data.schema import Frozen

WORDS_FILE = Path(__file__).with_name("shopper_words.yaml")

NAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "open": frozenset(("thing", "a_thing", "things", "recipient", "purpose")),
        "small_talk": frozenset(),
        "clause": frozenset(("v", "n", "low", "x", "recipient")),
        "say": frozenset(("v", "n", "low", "x", "recipient", "a_thing", "things")),
        "lead": frozenset(),
        "answer": frozenset(("v", "n", "low", "recipient")),
        "dont_mind": frozenset(),
        "repeat": frozenset(("x",)),
        "rephrase": frozenset(("thing", "a_thing", "things")),
        "correct": frozenset(("new", "old", "n", "slot", "v")),
        "complain": frozenset(("v", "n", "low", "which", "a_thing", "things")),
        "reject": frozenset(("which", "v")),
        "browse": frozenset(),
        "ask": frozenset(("which", "v")),
        "accept": frozenset(("which",)),
        "point": frozenset(("nth", "k", "v", "n", "title")),
        "settle": frozenset(("slot", "n")),
        "close": frozenset(),
    }
)
"""The names that a phrase may use, by the group that its key starts with."""


class Words(Frozen):
    """All that shoppers can say and hear. `phrases` by key ("say.color"); `values` slot -> canonical value -> how people call it; `nouns`
    the same for what is not wanted ("no stripes"); `possessives` gender before the noun; `hears` slot -> words of a question about it."""

    phrases: Mapping[str, tuple[str, ...]]
    ordinals: tuple[str, ...]
    numbers: Mapping[int, str]
    money: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, tuple[str, ...]]
    alpha: Mapping[str, tuple[str, ...]]
    recipients: Mapping[str, tuple[str, ...]]
    hears: Mapping[str, tuple[str, ...]]
    nothing: tuple[str, ...]
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    possessives: Mapping[str, tuple[str, ...]]
    plurals: Mapping[str, str]
    nouns: Mapping[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _templates_can_be_filled(self) -> Words:
        for key, phrases in self.phrases.items():
            allowed = NAMES.get(key.split(".")[0])
            if allowed is None:
                raise ValueError(f"phrases: found the group of {key!r}; allowed: {', '.join(NAMES)}")
            for phrase in phrases:
                strange = {name for _, name, _, _ in Formatter().parse(phrase) if name is not None} - allowed
                if strange:
                    raise ValueError(f"{key}: {phrase!r} uses {sorted(strange)}; allowed: {sorted(allowed) or 'no names'}")
            if not phrases:
                raise ValueError(f"{key} is empty; give one phrase at least")
        return self

    @property
    def distinct_templates(self) -> int:
        """How many different phrases there are, before anything is filled in."""
        return len({phrase for phrases in self.phrases.values() for phrase in phrases})

    @property
    def distinct_sayings(self) -> int:
        """How many names of values and recipients differ from the shop's own."""
        return len(set(self._sayings()))

    def _sayings(self) -> Iterator[tuple[str, str]]:
        tables = {**self.values, "recipient": self.recipients, "noun": self.nouns, "possessive": self.possessives}
        for slot, table in tables.items():
            for value, sayings in table.items():
                yield from ((slot, saying) for saying in sayings if saying != value)


def load_words(path: Path = WORDS_FILE) -> Words:
    """Reads a file of words. Raises `ValueError` that names the place at fault."""
    try:
        return Words.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{path.name}: {error}") from error
