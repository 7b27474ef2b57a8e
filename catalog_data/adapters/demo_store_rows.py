"""One row of a Retail Demo Store's products.yaml to the fields of a `Product`, by the tables of demo_store.yaml. Pure, but for reading that file.

type            the name's last word for one; else the first that the description gives of the row's own kind; else the kind itself
colours         name and description up to the first words about the picture or about other things; the colour of a part ("white
                stitching") after the others
materials, patterns, features, fits, lengths     name and description, up to the same words
styles          the name
occasions       name and description, by the few words that say one plainly
gender          what the name says of children or men; else `gender_affinity`; absent where neither says
price           minor units of USD, rounded half up; the source names no currency
stock           one piece, of an item that comes in one size; the source gives no sizes, so of others none is stated
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog_data.adapters.mapping import Index, TextRules, index, mentions, tokens
from catalog_data.adapters.stating import FIELDS, Stated, Stating, load_tables, price_minor
from catalog_data.cleaning import clean_text
from catalog_data.schema import Frozen, ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, normalise

RULES_FILE = Path(__file__).with_name("demo_store.yaml")
CURRENCY = "USD"
AFFINITY: Mapping[str, str] = {"F": "women", "M": "men"}
CHILDREN = frozenset(("kids", "girls", "boys", "baby"))
ONE_SIZE = "One size"

_LOST = re.compile(r"(?<=[a-z])(?:x([C-F][0-9A-F])|u(20[0-9a-f]{2}))(?![0-9A-Fa-f]{2})")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ENDS = (".", ";")


class Kind(Stated):
    """What a row's category and style say. `type` None: its items say it themselves; `kinds`: what else a description may call them;
    `fixed`: nothing in the name says another."""

    type: str | None = None
    kinds: tuple[str, ...] = ()
    fixed: bool = False


class Rules(Frozen):
    """The tables of demo_store.yaml, which explains each."""

    kinds: Mapping[str, Kind]
    types: Mapping[str, str]
    other: tuple[str, ...]
    parts: frozenset[str]
    scene: tuple[str, ...]
    audience: Mapping[str, tuple[str, ...]]
    unread: frozenset[str]

    def terms(self) -> Iterable[tuple[ValueSlot, str]]:
        """Every (slot, value) that the tables name."""
        for kind in self.kinds.values():
            yield from kind.terms()
        for kind in self.kinds.values():
            yield from (("category", value) for value in (*([kind.type] if kind.type is not None else []), *kind.kinds))
        yield from (("category", value) for value in self.types.values())
        yield from (("gender", value) for value in self.audience)


def load_rules(vocabulary: Vocabulary, path: Path = RULES_FILE) -> Rules:
    """The tables. Raises `VocabularyInvalid` where they are no such tables or name a value that the vocabulary lacks."""
    return load_tables(Rules, vocabulary, path)


def mended(text: str) -> str:
    """`text` cleaned, with the characters that the source has lost from its escapes: "dxE9cor" is décor, "clocku2014it" clock—it."""
    return clean_text(_LOST.sub(lambda found: chr(int(found[1] or found[2], 16)), text))


@dataclass(frozen=True)
class RowReader:
    """Turns rows into fields of `Product`. `unmapped` counts, by field, the words that neither table nor vocabulary knows."""

    vocabulary: Vocabulary
    rules: Rules
    text: TextRules
    unmapped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @cached_property
    def _stating(self) -> Stating:
        return Stating(self.vocabulary, self.text, self.rules.types)

    @cached_property
    def _other(self) -> Index:
        return index((normalise(phrase), ()) for phrase in self.rules.other)

    @cached_property
    def _scene(self) -> Index:
        return index((normalise(phrase), ()) for phrase in self.rules.scene)

    @cached_property
    def _colors(self) -> Index:
        """Phrases of colours, and those of materials that hold a colour's word ("sterling silver")."""
        found: dict[str, tuple[Term, ...]] = {}
        for phrase, terms in self.vocabulary.phrases.items():
            named = tuple(term for term in terms if term.slot in ("color", "material"))
            if named:
                found[phrase] = tuple(term for term in named if self._is_color(term))
        return index(found.items())

    def _is_color(self, term: Term) -> bool:
        return term.slot == "color" and not self.vocabulary.entry("color", term.value).umbrella

    @cached_property
    def _audiences(self) -> Index:
        found = {
            phrase: tuple(term for term in terms if term.slot == "gender") for phrase, terms in self.vocabulary.phrases.items()
        }
        found.update(
            (normalise(word), (Term(slot="gender", value=value),))
            for value, words in self.rules.audience.items()
            for word in words
        )
        return index((phrase, terms) for phrase, terms in found.items() if terms)

    def fields(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of one row's `Product`, as its constructor takes them. What they hold is not checked yet."""
        name, description = mended(_text(row.get("name"))), mended(_text(row.get("description")))
        category, style = _text(row.get("category")).strip(), _text(row.get("style")).strip()
        kind = self.rules.kinds.get(f"{category} > {style}")
        product_type = self._type(kind, name, description)
        if product_type is None:
            self.unmapped["category"][f"{category} > {style}"] += 1
        itself = f"{name}. {self.about_itself(description)}"
        read = category not in self.rules.unread
        values = self._values(kind, product_type, name, itself) if read else {}
        return {
            "product_id": row.get("id"),
            "title": name[:300],
            "description": description[:20_000],
            "product_type": product_type,
            "gender": self._gender(row, name),
            "colors": self._color_values(name, itself) if read else (),
            "price": _price(row.get("price")),
            "sizes": self._sizes(product_type, row.get("current_stock")),
            **values,
        }

    def about_itself(self, description: str) -> str:
        """Each sentence up to the first words about the picture, or about what goes with the item."""
        kept = []
        for sentence in _SENTENCE.split(description):
            words = tokens(sentence)
            first = next((start for start, _, _ in mentions(words, self._scene)), len(words))
            kept.append(" ".join(words[:first]))
        return " . ".join(kept)

    def _type(self, kind: Kind | None, name: str, description: str) -> str | None:
        if any(mentions(tokens(name), self._other)):
            return None
        base = kind.type if kind is not None else None
        if kind is None or kind.fixed:
            return base
        named = self._named(name)
        if named:  # of "windbreaker jacket" the narrower
            narrower = self.vocabulary.expand("category", named[-1])
            return named[-2] if len(named) > 1 and named[-2] in narrower else named[-1]
        own = frozenset().union(*(self.vocabulary.expand("category", each) for each in (base, *kind.kinds) if each is not None))
        inside = [value for value in self._named(self.about_itself(description)) if base is None or value in own]
        return inside[0] if inside else base

    def _named(self, text: str) -> list[str]:
        """The types that `text` names, families left out: an item carries one only where its shop says no more."""
        found = (term.value for _, _, terms in mentions(tokens(text), self._stating.types) for term in terms)
        return [value for value in found if not self.vocabulary.entry("category", value).umbrella]

    def _values(self, kind: Kind | None, product_type: str | None, name: str, itself: str) -> dict[str, tuple[str, ...]]:
        fits, read = self._stating.fitting(product_type, solid=False), self._stating.reader.read
        found: dict[ValueSlot, list[str]] = defaultdict(list)
        for slot in FIELDS:
            found[slot] += getattr(kind, slot) if kind is not None else ()
        stated = read(itself)
        for slot in ("material", "pattern", "fit", "length", "feature", "occasion"):
            found[slot] += (value for value in stated.get(slot, ()) if fits(slot, value))
        found["style"] += (term.value for _, _, terms in mentions(tokens(name), self._styles) for term in terms)
        return {FIELDS[slot]: tuple(dict.fromkeys(values)) for slot, values in found.items()}

    @cached_property
    def _styles(self) -> Index:
        phrases = self.vocabulary.phrases.items()
        found = ((phrase, tuple(term for term in terms if term.slot == "style")) for phrase, terms in phrases)
        return index((phrase, terms) for phrase, terms in found if terms)

    def _color_values(self, name: str, itself: str) -> tuple[str, ...]:
        """Every colour that the item's own words name, those of parts last."""
        whole: dict[str, None] = {}
        parts: dict[str, None] = {}
        for text in (name, itself):
            words = tokens(text)
            for _, end, terms in mentions(words, self._colors):
                following = words[end : end + 2]
                of_a_part = bool(following) and following[0] not in _ENDS and not self.rules.parts.isdisjoint(following)
                for term in terms:
                    (parts if of_a_part else whole)[term.value] = None
        return tuple(dict.fromkeys((*whole, *parts)))

    def _gender(self, row: Mapping[str, Any], name: str) -> tuple[str, ...]:
        said = tuple(dict.fromkeys(term.value for _, _, terms in mentions(tokens(name), self._audiences) for term in terms))
        if not CHILDREN.isdisjoint(said):
            return said
        affinity = AFFINITY.get(_text(row.get("gender_affinity")).strip())
        return (affinity,) if affinity is not None else said

    def _sizes(self, product_type: str | None, stock: Any) -> tuple[dict[str, Any], ...]:
        if product_type is None or self.vocabulary.entry("category", product_type).sizes != "one" or stock is None:
            return ()
        return ({"system": "one", "label": ONE_SIZE, "stock": stock},)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _price(value: Any) -> Any:
    """Minor units of a number; what is no number as it stands, for `Product` to refuse; NaN as -1, which it refuses too."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return price_minor(float("inf") if value != value else float(value), CURRENCY)
