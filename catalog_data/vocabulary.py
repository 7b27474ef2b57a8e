"""The closed words of the shop: canonical values, what contains what, and how people say them.

One file, `vocabulary.yaml`, holds them. It maps a slot to its values, and a value to an entry:

    category:
      sneakers: {role: shoes, plural: sneakers, formality: 2, sizes: eu_shoe, words: [trainers, tennis shoes], zh: [运动鞋]}
      shoes:    {umbrella: true, includes: [sneakers, sandals, ...], zh: [鞋]}
    color:
      navy:     {hex: "#1f2a44", neutral: true, words: [navy blue], zh: [藏青色]}
      blue:     {hex: "#2f5fb3", includes: [navy, sky blue], zh: [蓝色]}

`includes` is the whole meaning of a family: who asks for the value is content with all that it includes, and theirs.
A value's own name is one of its words. The same word may stand in two slots ("denim": a material and a colour).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args

import yaml
from pydantic import Field, StringConstraints, ValidationError

from catalog_data.errors import VocabularyInvalid
from catalog_data.schema import VALUE_SLOTS, Frozen, Role, SizeSystem, ValueSlot

VOCABULARY_FILE = Path(__file__).with_name("vocabulary.yaml")


class Term(Frozen):
    """A canonical value in its slot."""

    slot: ValueSlot
    value: str


class Entry(Frozen):
    """What the vocabulary knows of one value. `hex` is an sRGB colour; `formality` runs from 1 (sport) to 5 (black tie)."""

    words: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    umbrella: bool = False
    plural: str | None = None
    role: Role | None = None
    formality: int | None = Field(default=None, ge=1, le=5)
    sizes: SizeSystem | None = None
    hex: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")] | None = None
    neutral: bool = False


def normalise(text: str) -> str:
    """Folds `text` for look-up: NFKC, lower case, accents off, everything but letters, digits, % and & to single spaces."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[^\w%&]+|_+", " ", bare).strip()


class Vocabulary:
    """Read-only view over the entries: `slot -> value -> Entry`. Raises `VocabularyInvalid` where an include is undefined or circular."""

    def __init__(self, entries: Mapping[ValueSlot, Mapping[str, Entry]]) -> None:
        self._entries = {slot: dict(entries.get(slot, {})) for slot in VALUE_SLOTS}
        self._expanded = {
            (slot, value): frozenset(self._closure(slot, value, ())) for slot in VALUE_SLOTS for value in self._entries[slot]
        }

    def _closure(self, slot: ValueSlot, value: str, above: tuple[str, ...]) -> Iterable[str]:
        if value in above:
            raise VocabularyInvalid(f"{slot}: {' includes '.join([*above, value])}; a value must not include itself")
        if value not in self._entries[slot]:
            raise VocabularyInvalid(
                f"{slot}: {above[-1] if above else '?'} includes {value!r}, which has no entry; add one or drop it"
            )
        yield value
        for inner in self._entries[slot][value].includes:
            yield from self._closure(slot, inner, (*above, value))

    def values(self, slot: ValueSlot) -> tuple[str, ...]:
        """The canonical values of `slot`, umbrellas among them, in the file's order."""
        return tuple(self._entries[slot])

    def entry(self, slot: ValueSlot, value: str) -> Entry:
        """What is known of `value`; an empty entry for a word that only this catalog uses (a brand)."""
        return self._entries[slot].get(value, Entry())

    def expand(self, slot: ValueSlot, value: str) -> frozenset[str]:
        """`value` and all that it includes: whoever asks for it accepts any of these. An unknown value is just itself."""
        return self._expanded.get((slot, value), frozenset((value,)))

    @cached_property
    def phrases(self) -> Mapping[str, tuple[Term, ...]]:
        """Every normalised English word or phrase and the values it may mean."""
        return self._collect(lambda value, entry: [value, *entry.words, *([entry.plural] if entry.plural else [])])

    @cached_property
    def phrases_zh(self) -> Mapping[str, tuple[Term, ...]]:
        """Every Chinese word and the values it may mean."""
        return self._collect(lambda value, entry: list(entry.zh))

    def _collect(self, words: Any) -> Mapping[str, tuple[Term, ...]]:
        found: dict[str, list[Term]] = {}
        for slot in VALUE_SLOTS:
            for value, entry in self._entries[slot].items():
                for word in dict.fromkeys(normalise(word) for word in words(value, entry)):
                    found.setdefault(word, []).append(Term(slot=slot, value=value))
        return {word: tuple(terms) for word, terms in found.items()}

    def lookup(self, phrase: str, slot: ValueSlot | None = None) -> tuple[Term, ...]:
        """The terms that `phrase` names exactly after `normalise`, in `slot` alone where one is given."""
        terms = self.phrases.get(normalise(phrase), ())
        return tuple(term for term in terms if slot is None or term.slot == slot)

    def plural(self, product_type: str) -> str:
        """How several items of this type are called."""
        return self.entry("category", product_type).plural or f"{product_type}s"

    def role(self, product_type: str | None) -> Role:
        """The place of this type in an outfit; "other" where it has none or is unknown."""
        return (self.entry("category", product_type).role if product_type else None) or "other"

    def types_of(self, role: Role) -> tuple[str, ...]:
        """The product types (no umbrellas) that fill `role`."""
        return tuple(value for value, entry in self._entries["category"].items() if entry.role == role and not entry.umbrella)


def load_vocabulary(path: Path = VOCABULARY_FILE) -> Vocabulary:
    """Reads a vocabulary file. Raises `VocabularyInvalid` that names the slot and value at fault."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(raw) - set(get_args(ValueSlot))
    if unknown:
        raise VocabularyInvalid(f"{path.name}: unknown slots {sorted(unknown)}; allowed: {', '.join(VALUE_SLOTS)}")
    entries: dict[ValueSlot, dict[str, Entry]] = {}
    for slot, values in raw.items():
        for value, fields in values.items():
            try:
                entries.setdefault(slot, {})[str(value)] = Entry.model_validate(fields or {})
            except ValidationError as error:
                raise VocabularyInvalid(f"{path.name}: {slot}.{value}: {error}") from error
    return Vocabulary(entries)
