"""What every adapter needs to read an item's values out of words: tables checked against the vocabulary, and what a type can state at all.

The tables of a feed are a YAML file beside its adapter; which words of running text do not mean what they say is text.yaml, for all feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml
from pydantic import ValidationError

from catalog_data.adapters.mapping import Index, TextReader, TextRules, index
from catalog_data.errors import VocabularyInvalid
from catalog_data.schema import VALUE_SLOTS, Frozen, ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, normalise

TEXT_FILE = Path(__file__).with_name("text.yaml")

FIELDS: Mapping[ValueSlot, str] = {
    "material": "materials",
    "pattern": "patterns",
    "fit": "fits",
    "length": "lengths",
    "occasion": "occasions",
    "style": "styles",
    "feature": "features",
}
"""The lists of a `Product` that are read from words, by slot."""


class Stated(Frozen):
    """What a word of the source states, by slot."""

    gender: tuple[str, ...] = ()
    material: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    fit: tuple[str, ...] = ()
    length: tuple[str, ...] = ()
    occasion: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    feature: tuple[str, ...] = ()

    def terms(self) -> Iterable[tuple[ValueSlot, str]]:
        """Every (slot, value) of it."""
        for slot in VALUE_SLOTS:
            yield from ((slot, value) for value in getattr(self, slot, ()))


NOTHING = Stated()


class Tables(Protocol):
    """The tables of a feed: a frozen model that can name every value in it."""

    def terms(self) -> Iterable[tuple[ValueSlot, str]]:
        """Every (slot, value) that the tables name."""


class Text(TextRules):
    """text.yaml, which explains each of its rules."""

    def terms(self) -> Iterable[tuple[ValueSlot, str]]:
        """Every (slot, value) that the rules name."""
        yield from (("occasion", value) for value in self.occasion)
        for slot, values in self.also.items():
            yield from ((slot, value) for value in values)
        yield from (("feature", value) for value in (*self.shoes_only, *self.bags_only, *self.apart))
        yield from (("material", value) for pair in self.imitations.items() for value in pair)
        yield from (("material", value) for value in self.hard | self.worn | self.from_copy)


Model = TypeVar("Model", bound=Frozen)


def load_tables(model: type[Model], vocabulary: Vocabulary, path: Path) -> Model:
    """The tables of a file as `model`, which must keep the protocol `Tables`. Raises `VocabularyInvalid` where they are no such tables or
    name a value that the vocabulary lacks."""
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        tables = model.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))
    except ValidationError as error:
        raise VocabularyInvalid(f"{path.name}: {error}") from error
    named: Any = tables
    unknown = sorted({f"{slot} {value!r}" for slot, value in named.terms() if value not in vocabulary.values(slot)})
    if unknown:
        raise VocabularyInvalid(
            f"{path.name} names {', '.join(unknown)}, which the vocabulary lacks; add them there or drop them here"
        )
    return tables


def load_text(vocabulary: Vocabulary) -> Text:
    """The rules of text.yaml. Raises `VocabularyInvalid`."""
    return load_tables(Text, vocabulary, TEXT_FILE)


class Stating:
    """Reads what texts state of an item of some type. `words`: a feed's own words for types, beside the vocabulary's."""

    def __init__(self, vocabulary: Vocabulary, text: TextRules, words: Mapping[str, str]) -> None:
        self.vocabulary = vocabulary
        self.text = text
        self.reader = TextReader(vocabulary, text)
        self._words = words

    @cached_property
    def types(self) -> Index:
        """Every phrase that names a product type."""
        phrases: dict[str, tuple[Term, ...]] = {
            normalise(word): (Term(slot="category", value=value),) for word, value in self._words.items()
        }
        for phrase, terms in self.vocabulary.phrases.items():
            named = tuple(term for term in terms if term.slot == "category")
            if named:
                phrases.setdefault(phrase, named)
        return index(phrases.items())

    @cached_property
    def _clothing(self) -> frozenset[str]:
        return self.vocabulary.expand("category", "clothing")

    @cached_property
    def silent(self) -> frozenset[str]:
        """Types of whose texts nothing is read: "a velvet finish" of a lipstick is no velvet."""
        expand = self.vocabulary.expand
        return expand("category", "beauty") - {"cosmetics case"} | {"book", "stationery", "garment care", "candle"}

    @cached_property
    def _printed(self) -> frozenset[str]:
        return self.vocabulary.expand("pattern", "patterned") - {"jacquard"}

    def fitting(self, product_type: str | None, solid: bool) -> Callable[[ValueSlot, str], bool]:
        """Which values a text can state of an item of this type: no heel of a dress, no print of what the shop lists as solid."""
        role, clothing, text = self.vocabulary.role(product_type), product_type in self._clothing, self.text
        none: frozenset[str] = frozenset()
        refused: dict[ValueSlot, tuple[frozenset[str], ...]] = {
            "material": (text.hard if clothing else text.worn,),
            "feature": (text.shoes_only if role != "shoes" else none, text.bags_only if role != "bag" else none),
            "pattern": (self._printed if solid else none,),
        }
        worn: tuple[ValueSlot, ...] = () if clothing else ("fit", "length")
        return lambda slot, value: slot not in worn and not any(value in values for values in refused.get(slot, ()))

    @cached_property
    def _originals(self) -> Mapping[str, frozenset[str]]:
        """An imitation -> the materials that it imitates."""
        return {copy: self.vocabulary.expand("material", family) for family, copy in self.text.imitations.items()}

    def real(self, materials: list[str], described: Sequence[str]) -> list[str]:
        """Without the skins that only a title names ("Patti fur coat") where the description says that they are imitated."""
        imitated = [self._originals[material] for material in described if material in self._originals]
        return [material for material in materials if material in described or not any(material in family for family in imitated)]


def price_minor(price: float | None, currency: str) -> dict[str, Any] | None:
    """A price in whole units as `Money` takes it, half up; the decimal text of the float is what the source wrote. None where there is none;
    an infinite one is given as -1, which `Money` refuses, so that the row is reported."""
    if price is None or price != price:
        return None
    try:
        minor = int((Decimal(str(price)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except (InvalidOperation, OverflowError):
        minor = -1
    return {"amount_minor": minor, "currency": currency}
