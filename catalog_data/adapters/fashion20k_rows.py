"""One row of fashion20k to the fields of a `Product`, by the tables of fashion20k.yaml. Pure, but for reading that file.

category, department, pattern, colour   the tables
type            the category; a narrower one where the title (Net-a-Porter) or the first words of the description (H&M) name it
materials       title and description (H&M); title and factual part (Net-a-Porter), and its copy up to the first styling advice
                in each sentence: what an item has, even as a trim, must be known where a shopper rules it out
features, patterns      the same without the copy
occasions       titles, descriptions and copy, by the few words that say one plainly
fits            as features, and of the size notes those that describe the cut
lengths         the category, the title, the first words of an H&M description
colours         the colour column; for Net-a-Porter also those that begin the factual part, of which one that the column's colour
                includes takes its place (White, "Ivory silk"): two colours of an item are both known where one is ruled out
gender          the department; the row's own where that says nothing; absent where neither does
price           minor units of USD, rounded half up
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from catalog_data.adapters.mapping import Index, TextReader, TextRules, factual_part, index, mentions, tokens
from catalog_data.cleaning import clean_text
from catalog_data.errors import VocabularyInvalid
from catalog_data.schema import VALUE_SLOTS, Frozen, ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, normalise

RULES_FILE = Path(__file__).with_name("fashion20k.yaml")
CURRENCY = "USD"

_FIELDS: Mapping[ValueSlot, str] = {
    "material": "materials",
    "pattern": "patterns",
    "fit": "fits",
    "length": "lengths",
    "occasion": "occasions",
    "style": "styles",
    "feature": "features",
}
_OPENING = re.compile(r"\b(?:in|with|made|that|which|for|featuring|designed|from|decorated|at)\b|[.;:]")
_PARTS = re.compile(r"\b[\w-]+-(?:trimmed|panell?ed|lined|detailed|backed|embellished)\b", re.IGNORECASE)
_CARE = re.compile(r"(?:machine|hand|dry|spot|specialist)(?: wash| clean)[\w ]*", re.IGNORECASE)


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


_NOTHING = Stated()


class CategoryRule(Stated):
    """`type` of a source category (None: its items say it themselves); `hints`: words of a description -> type."""

    type: str | None = None
    kinds: tuple[str, ...] = ()
    hints: Mapping[str, str] = {}


class Rules(Frozen):
    """The tables of fashion20k.yaml, which explains each."""

    categories: Mapping[str, CategoryRule]
    types: Mapping[str, str]
    colours: Mapping[str, tuple[str, ...]]
    vague_colours: frozenset[str]
    patterns: Mapping[str, Stated]
    departments: Mapping[str, Stated]
    text: TextRules

    def terms(self) -> Iterable[tuple[ValueSlot, str]]:
        """Every (slot, value) that the tables name."""
        for stated in (*self.categories.values(), *self.patterns.values(), *self.departments.values()):
            for slot in VALUE_SLOTS:
                yield from ((slot, value) for value in getattr(stated, slot, ()))
        for rule in self.categories.values():
            yield from (("category", value) for value in (*([rule.type] if rule.type else []), *rule.kinds, *rule.hints.values()))
        yield from (("category", value) for value in self.types.values())
        yield from (("color", value) for values in self.colours.values() for value in values)
        yield from (("occasion", value) for value in self.text.occasion)
        yield from (("feature", value) for value in (*self.text.shoes_only, *self.text.bags_only, *self.text.apart))
        yield from (("material", value) for pair in self.text.imitations.items() for value in pair)
        yield from (("material", value) for value in self.text.hard | self.text.worn | self.text.from_copy)


def load_rules(vocabulary: Vocabulary, path: Path = RULES_FILE) -> Rules:
    """The tables. Raises `VocabularyInvalid` where they are no such tables or name a value that the vocabulary lacks."""
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        rules = Rules.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))
    except ValidationError as error:
        raise VocabularyInvalid(f"{path.name}: {error}") from error
    unknown = sorted({f"{slot} {value!r}" for slot, value in rules.terms() if value not in vocabulary.values(slot)})
    if unknown:
        raise VocabularyInvalid(
            f"{path.name} names {', '.join(unknown)}, which the vocabulary lacks; add them there or drop them here"
        )
    return rules


@dataclass(frozen=True)
class Texts:
    """The texts of a row by what may be read from them. `opening`: the title, for H&M the first words of the description."""

    title: str
    facts: str
    copy: str = ""
    opening: str = ""
    notes: str = ""


@dataclass(frozen=True)
class RowReader:
    """Turns rows into fields of `Product`. `unmapped` counts, by column, the words that neither table nor vocabulary knows."""

    vocabulary: Vocabulary
    rules: Rules
    unmapped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @cached_property
    def _reader(self) -> TextReader:
        return TextReader(self.vocabulary, self.rules.text)

    @cached_property
    def _types(self) -> Index:
        phrases: dict[str, tuple[Term, ...]] = {
            normalise(word): (Term(slot="category", value=value),) for word, value in self.rules.types.items()
        }
        for phrase, terms in self.vocabulary.phrases.items():
            named = tuple(term for term in terms if term.slot == "category")
            if named:
                phrases.setdefault(phrase, named)
        return index(phrases.items())

    @cached_property
    def _allowed(self) -> Mapping[str, frozenset[str]]:
        expand = self.vocabulary.expand
        return {
            name: frozenset().union(*(expand("category", kind) for kind in (*([rule.type] if rule.type else []), *rule.kinds)))
            for name, rule in self.rules.categories.items()
        }

    @cached_property
    def _clothing(self) -> frozenset[str]:
        return self.vocabulary.expand("category", "clothing")

    @cached_property
    def _silent(self) -> frozenset[str]:
        """Types of whose texts nothing is read: "a velvet finish" of a lipstick is no velvet."""
        expand = self.vocabulary.expand
        return expand("category", "beauty") - {"cosmetics case"} | {"book", "stationery", "garment care", "candle"}

    @cached_property
    def _wrapping(self) -> re.Pattern[str]:
        return re.compile(self.rules.text.wrapping, re.IGNORECASE)

    def fields(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of one row's `Product`, as its constructor takes them. What they hold is not checked yet."""
        texts = self._texts(row)
        product_type = self._type(row, texts)
        values = self._values(row, texts, product_type)
        description = clean_text(row["description"] or "")
        return {
            "product_id": row["item_id"],
            "title": texts.title,
            "description": description[:20_000],
            "product_type": product_type,
            "brand": clean_text(row["brand"] or "").strip() or None,
            "gender": self._gender(row),
            "colors": self._colors(row, texts),
            "color_name": clean_text(row["colour"] or "").strip() or None,
            "care": _care(texts.facts) if row["source"] == "netaporter" else (),
            "price": _price(row["price"]),
            **{_FIELDS[slot]: tuple(dict.fromkeys(words)) for slot, words in values.items()},
        }

    def _texts(self, row: Mapping[str, Any]) -> Texts:
        title = clean_text(row["title"] or "")
        description = clean_text(row["description"] or "")
        if row["source"] == "netaporter":
            copy, facts = factual_part(description)
            facts = ";".join(clause for clause in facts.split(";") if not self._wrapping.fullmatch(clause.strip()))
            notes = [
                note
                for note in clean_text(row.get("size_notes") or "").split(";")
                if re.search(r"(?: fit|-rise|loose)$", note.strip())
            ]
            return Texts(title, facts, copy, re.split(r" (?:in|with|by) ", title)[0], "; ".join(notes))
        return Texts(title, description, opening=self._opening(description))

    def _opening(self, description: str) -> str:
        """The words before the first "in" or "with" of the first sentence that names a type ("Short dress in airy chiffon")."""
        openings = [_OPENING.split(sentence, maxsplit=1)[0] for sentence in re.split(r"(?<=[.!?])\s+", description)[:3]]
        named = (opening for opening in openings if any(mentions(tokens(opening), self._types)))
        return next(named, openings[0])

    def _type(self, row: Mapping[str, Any], texts: Texts) -> str | None:
        category = row["category"] or ""
        rule = self.rules.categories.get(category)
        if rule is None:
            self.unmapped["category"][category] += 1
            return None
        product_type = self._named(texts, rule.type, self._allowed[category]) or self._hinted(texts, rule)
        if product_type is None:
            self.unmapped["category"][category] += 1
            return None
        return self._leather(product_type, texts)

    def _named(self, texts: Texts, base: str | None, allowed: frozenset[str]) -> str | None:
        """The allowed type that the opening or else the title names last, where it says more than `base`. What an opening calls by its
        category's own name, a title can only narrow: a "dress" stays one under the title "linen tunic"."""
        expand = self.vocabulary.expand
        for text in dict.fromkeys((texts.opening, texts.title)):
            named = [term.value for _, _, terms in mentions(tokens(text), self._types) for term in terms if term.value in allowed]
            if named and (base is None or base not in expand("category", named[-1])):
                return named[-1]
            if named and base is not None:
                allowed = allowed & expand("category", base)
        return None

    def _hinted(self, texts: Texts, rule: CategoryRule) -> str | None:
        spaced = f" {normalise(texts.facts)} " if rule.hints else ""
        return next((hint for words, hint in rule.hints.items() if f" {words} " in spaced), rule.type)

    def _leather(self, product_type: str, texts: Texts) -> str:
        """A jacket whose first material is leather is a leather jacket, wherever the word stands ("Biker jacket in supple leather")."""
        narrower = {"jacket": "leather jacket", "biker jacket": "leather biker jacket"}.get(product_type)
        if narrower is None:
            return product_type
        first = f"{texts.title}. {texts.facts.split('.')[0]}" if not texts.copy else texts.title
        materials = self._reader.read(_PARTS.sub("", first)).get("material", ())
        return narrower if materials and materials[0] in self.vocabulary.expand("material", "leather") else product_type

    def _values(self, row: Mapping[str, Any], texts: Texts, product_type: str | None) -> dict[ValueSlot, list[str]]:
        """What tables and texts state together, by slot: first the tables, then the texts in the order of mention."""
        found: dict[ValueSlot, list[str]] = defaultdict(list)
        category = self.rules.categories.get(row["category"] or "", _NOTHING)
        pattern = self._pattern(row["pattern"])
        for stated in (category, pattern, self.rules.departments.get(row["department"] or "", _NOTHING)):
            for slot in _FIELDS:
                found[slot] += getattr(stated, slot)
        if product_type in self._silent:
            return found
        read, fits = self._reader.read, self._fitting(product_type, solid="solid" in pattern.pattern)
        sources: tuple[tuple[str, tuple[ValueSlot, ...]], ...] = (
            (texts.title, ("material", "pattern", "fit", "feature", "length")),
            (texts.opening, ("length",)),
            (texts.facts, ("material", "pattern", "fit", "feature", "occasion")),
            (texts.notes, ("fit", "feature")),
        )
        for text, slots in sources:
            stated_here = read(text) if text else {}
            for slot in slots:
                found[slot] += (value for value in stated_here.get(slot, ()) if fits(slot, value))
        found["material"] = self._real(found["material"], read(texts.facts).get("material", ()))
        if texts.copy:
            itself, others = map(self._reader.read_words, self._reader.about_itself(texts.copy))
            found["material"] += filter(self.rules.text.from_copy.__contains__, itself.get("material", ()))
            found["occasion"] += (*itself.get("occasion", ()), *others.get("occasion", ()))
        return found

    @cached_property
    def _originals(self) -> Mapping[str, frozenset[str]]:
        """An imitation -> the materials that it imitates."""
        return {copy: self.vocabulary.expand("material", family) for family, copy in self.rules.text.imitations.items()}

    def _real(self, materials: list[str], described: Sequence[str]) -> list[str]:
        """Without the skins that only a title names ("Patti fur coat") where the description says that they are imitated."""
        imitated = [self._originals[material] for material in described if material in self._originals]
        return [material for material in materials if material in described or not any(material in family for family in imitated)]

    def _pattern(self, pattern: str | None) -> Stated:
        if pattern is not None and pattern not in self.rules.patterns:
            self.unmapped["pattern"][pattern] += 1
        return self.rules.patterns.get(pattern or "", _NOTHING)

    @cached_property
    def _printed(self) -> frozenset[str]:
        return self.vocabulary.expand("pattern", "patterned") - {"jacquard"}

    def _fitting(self, product_type: str | None, solid: bool) -> Callable[[ValueSlot, str], bool]:
        """Which values a text can state of an item of this type: no heel of a dress, no print of what the shop lists as solid."""
        role, clothing, text = self.vocabulary.role(product_type), product_type in self._clothing, self.rules.text
        none: frozenset[str] = frozenset()
        refused: dict[ValueSlot, tuple[frozenset[str], ...]] = {
            "material": (text.hard if clothing else text.worn,),
            "feature": (text.shoes_only if role != "shoes" else none, text.bags_only if role != "bag" else none),
            "pattern": (self._printed if solid else none,),
        }
        worn: tuple[ValueSlot, ...] = () if clothing else ("fit", "length")
        return lambda slot, value: slot not in worn and not any(value in values for values in refused.get(slot, ()))

    def _colors(self, row: Mapping[str, Any], texts: Texts) -> tuple[str, ...]:
        name = row["colour"]
        if not name:
            return ()
        known = self.rules.colours.get(name)
        column = known if known is not None else tuple(term.value for term in self.vocabulary.lookup(name, "color"))
        if known is None and not column:
            self.unmapped["colour"][name] += 1
        if row["source"] != "netaporter" or (row["category"] or "").startswith("Beauty"):
            return column
        leading = self._reader.leading_colors(texts.facts)
        if leading and name in self.rules.vague_colours:
            return leading
        covered = (color for color in column if not self.vocabulary.expand("color", color) & set(leading))
        return tuple(dict.fromkeys((*covered, *leading)))

    def _gender(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        said = self.rules.departments.get(row["department"] or "", _NOTHING).gender
        own = tuple(term.value for term in self.vocabulary.lookup(row["gender"] or "", "gender"))
        return said or own


def _price(price: float | None) -> dict[str, Any] | None:
    """A price in dollars to minor units, half up; the decimal text of the float is what the source wrote."""
    if price is None or price != price:
        return None
    try:
        minor = int((Decimal(str(price)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except (InvalidOperation, OverflowError):
        minor = -1  # infinite: `Money` refuses it, and the row is reported
    return {"amount_minor": minor, "currency": CURRENCY}


def _care(facts: str) -> tuple[str, ...]:
    clauses = (clause.strip(" .") for clause in facts.split(";"))
    return tuple(clause.lower() for clause in clauses if _CARE.fullmatch(clause))
