"""The closed words of the shop: canonical values, what contains what, and how people say them.

One file, `vocabulary.yaml`, holds them. It maps a slot to its values, and a value to an entry:

    category:
      sneakers: {role: shoes, plural: sneakers, formality: 2, sizes: eu_shoe, words: [trainers, tennis shoes], zh: [运动鞋]}
      shoes:    {umbrella: true, includes: [sneakers, sandals, ...], zh: [鞋]}
    color:
      navy:     {hex: "#1f2a44", neutral: true, words: [navy blue], zh: [藏青色]}
      blue:     {hex: "#2f5fb3", includes: [navy, sky blue], zh: [蓝色]}

`includes` is the whole meaning of a family: who asks for the value is content with all that it includes, and theirs.
`accepts` names values that satisfy this one without being narrower: who asks for "girls" accepts "kids", but not its "boys".
A value's own name is one of its words, and no other value's in the slot. Product types have regular plurals of all their words.
The same word may stand in two slots ("gold": a colour and a metal).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import filterfalse
from pathlib import Path
from typing import Annotated, Any

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
    accepts: tuple[str, ...] = ()
    umbrella: bool = False
    plural: str | None = None
    role: Role | None = None
    formality: int | None = Field(default=None, ge=1, le=5)
    sizes: SizeSystem | None = None
    hex: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")] | None = None
    neutral: bool = False


def regular_plural(phrase: str) -> str:
    """The regular English plural of a phrase's last word: "box" -> "boxes", "body" -> "bodies"; one that ends in s stays."""
    if phrase.endswith("s"):
        return phrase
    if phrase.endswith(("x", "z", "ch", "sh")):
        return f"{phrase}es"
    return f"{phrase[:-1]}ies" if re.search(r"[^aeiou]y$", phrase) else f"{phrase}s"


def fold(text: str) -> str:
    """`text` in NFKC and lower case, accents off."""
    if text.isascii():
        return text.lower()
    return "".join(
        filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    )


def normalise(text: str) -> str:
    """Folds `text` for look-up: `fold`, and everything but letters, digits, % and & to single spaces."""
    return re.sub(r"[^\w%&]+|_+", " ", fold(text)).strip()


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
        for other in self._entries[slot][value].accepts:
            if other not in self._entries[slot]:
                raise VocabularyInvalid(f"{slot}: {value} accepts {other!r}, which has no entry; add one or drop it")
            yield other

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
        """Every normalised English word or phrase and the values it may mean, at most one a slot unless the file says otherwise."""
        return self._collect(self._english)

    @cached_property
    def phrases_zh(self) -> Mapping[str, tuple[Term, ...]]:
        """Every Chinese word and the values it may mean."""
        return self._collect(lambda slot, value: self._entries[slot][value].zh)

    def _english(self, slot: ValueSlot, value: str) -> Iterable[str]:
        entry = self._entries[slot][value]
        words = [value, *entry.words, *([entry.plural] if entry.plural else [])]
        return words + [regular_plural(word) for word in words] if slot == "category" and not entry.umbrella else words

    def _collect(self, words: Callable[[ValueSlot, str], Iterable[str]]) -> Mapping[str, tuple[Term, ...]]:
        found: dict[str, list[Term]] = {}
        for slot in VALUE_SLOTS:
            names = {normalise(value): value for value in self._entries[slot]}
            for value in self._entries[slot]:
                for word in dict.fromkeys(normalise(word) for word in words(slot, value)):
                    # "tops" is the family's own name, and only then a plural of "top".
                    if names.get(word, value) == value:
                        found.setdefault(word, []).append(Term(slot=slot, value=value))
        return {word: tuple(terms) for word, terms in found.items()}

    def lookup(self, phrase: str, slot: ValueSlot | None = None) -> tuple[Term, ...]:
        """The terms that `phrase` names exactly after `normalise`, in `slot` alone where one is given."""
        terms = self.phrases.get(normalise(phrase), ())
        return tuple(term for term in terms if slot is None or term.slot == slot)

    def plural(self, product_type: str) -> str:
        """How several items of this type are called."""
        return self.entry("category", product_type).plural or regular_plural(product_type)

    def role(self, product_type: str | None) -> Role:
        """The place of this type in an outfit; "other" where it has none or is unknown."""
        return (self.entry("category", product_type).role if product_type else None) or "other"

    def types_of(self, role: Role) -> tuple[str, ...]:
        """The product types (no umbrellas) that fill `role`."""
        return tuple(value for value, entry in self._entries["category"].items() if entry.role == role and not entry.umbrella)


class _Reader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML that refuses a key written twice, of which plain YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise VocabularyInvalid(f"line {node.start_mark.line + 1}: {', '.join(twice)} defined twice; keep one")
        return dict(super().construct_mapping(node, deep))


def load_vocabulary(path: Path = VOCABULARY_FILE) -> Vocabulary:
    """Reads a vocabulary file. Raises `VocabularyInvalid` that names the slot and value at fault."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Reader)
    except yaml.YAMLError as error:
        raise VocabularyInvalid(f"{path.name}: not YAML: {error}") from error
    if not isinstance(raw, dict) or not set(raw) <= set(VALUE_SLOTS):
        found = sorted(set(raw) - set(VALUE_SLOTS)) if isinstance(raw, dict) else type(raw).__name__
        raise VocabularyInvalid(f"{path.name}: found {found} for slots; allowed: {', '.join(VALUE_SLOTS)}")
    entries: dict[ValueSlot, dict[str, Entry]] = {}
    for slot, values in raw.items():
        if not isinstance(values, dict):
            raise VocabularyInvalid(f"{path.name}: {slot}: found {type(values).__name__}; allowed: a map from value to entry")
        for value, fields in values.items():
            try:
                entries.setdefault(slot, {})[str(value)] = Entry.model_validate(fields or {})
            except ValidationError as error:
                raise VocabularyInvalid(f"{path.name}: {slot}.{value}: {error}") from error
    return Vocabulary(entries)
