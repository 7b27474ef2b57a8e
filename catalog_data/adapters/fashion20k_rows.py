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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog_data.adapters.mapping import TextReader, TextRules, factual_part, mentions, tokens
from catalog_data.adapters.stating import FIELDS, NOTHING, Stated, Stating, load_tables, price_minor
from catalog_data.cleaning import clean_text
from catalog_data.schema import Frozen, ValueSlot
from catalog_data.vocabulary import Vocabulary, normalise

RULES_FILE = Path(__file__).with_name("fashion20k.yaml")
CURRENCY = "USD"

_OPENING = re.compile(r"\b(?:in|with|made|that|which|for|featuring|designed|from|decorated|at)\b|[.;:]")
_PARTS = re.compile(r"\b[\w-]+-(?:trimmed|panell?ed|lined|detailed|backed|embellished)\b", re.IGNORECASE)
_CARE = re.compile(r"(?:machine|hand|dry|spot|specialist)(?: wash| clean)[\w ]*", re.IGNORECASE)


class CategoryRule(Stated):
    """`type` of a source category (None: its items say it themselves); `hints`: words of a description -> type, which outweighs a type named
    in `unsure`."""

    type: str | None = None
    kinds: tuple[str, ...] = ()
    hints: Mapping[str, str] = {}
    unsure: tuple[str, ...] = ()


class Rules(Frozen):
    """The tables of fashion20k.yaml, which explains each."""

    categories: Mapping[str, CategoryRule]
    types: Mapping[str, str]
    colours: Mapping[str, tuple[str, ...]]
    vague_colours: frozenset[str]
    patterns: Mapping[str, Stated]
    departments: Mapping[str, Stated]

    def terms(self) -> Iterable[tuple[ValueSlot, str]]:
        """Every (slot, value) that the tables name."""
        for stated in (*self.categories.values(), *self.patterns.values(), *self.departments.values()):
            yield from stated.terms()
        for rule in self.categories.values():
            yield from (
                ("category", value)
                for value in (*([rule.type] if rule.type else []), *rule.kinds, *rule.unsure, *rule.hints.values())
            )
        yield from (("category", value) for value in self.types.values())
        yield from (("color", value) for values in self.colours.values() for value in values)


def load_rules(vocabulary: Vocabulary, path: Path = RULES_FILE) -> Rules:
    """The tables. Raises `VocabularyInvalid` where they are no such tables or name a value that the vocabulary lacks."""
    return load_tables(Rules, vocabulary, path)


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
    text: TextRules
    unmapped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @cached_property
    def _stating(self) -> Stating:
        return Stating(self.vocabulary, self.text, self.rules.types)

    @property
    def _reader(self) -> TextReader:
        return self._stating.reader

    @cached_property
    def _allowed(self) -> Mapping[str, frozenset[str]]:
        expand = self.vocabulary.expand
        return {
            name: frozenset().union(*(expand("category", kind) for kind in (*([rule.type] if rule.type else []), *rule.kinds)))
            for name, rule in self.rules.categories.items()
        }

    @cached_property
    def _wrapping(self) -> re.Pattern[str]:
        return re.compile(self.text.wrapping, re.IGNORECASE)

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
            "price": price_minor(row["price"], CURRENCY),
            **{FIELDS[slot]: tuple(dict.fromkeys(words)) for slot, words in values.items()},
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
        named = (opening for opening in openings if any(mentions(tokens(opening), self._stating.types)))
        return next(named, openings[0])

    def _type(self, row: Mapping[str, Any], texts: Texts) -> str | None:
        category = row["category"] or ""
        rule = self.rules.categories.get(category)
        if rule is None:
            self.unmapped["category"][category] += 1
            return None
        named, hint = self._named(texts, rule.type, self._allowed[category]), self._hint(texts, rule)
        product_type = hint or named if named is None or named in rule.unsure else named
        product_type = product_type or rule.type
        if product_type is None:
            self.unmapped["category"][category] += 1
            return None
        return self._leather(product_type, texts)

    def _named(self, texts: Texts, base: str | None, allowed: frozenset[str]) -> str | None:
        """The allowed type that the opening or else the title names last, where it says more than `base`. What an opening calls by its
        category's own name, a title can only narrow: a "dress" stays one under the title "linen tunic"."""
        expand = self.vocabulary.expand
        for text in dict.fromkeys((texts.opening, texts.title)):
            named = [
                term.value
                for _, _, terms in mentions(tokens(text), self._stating.types)
                for term in terms
                if term.value in allowed
            ]
            if named and (base is None or base not in expand("category", named[-1])):
                return named[-1]
            if named and base is not None:
                allowed = allowed & expand("category", base)
        return None

    def _hint(self, texts: Texts, rule: CategoryRule) -> str | None:
        spaced = f" {normalise(texts.facts)} " if rule.hints else ""
        return next((hint for words, hint in rule.hints.items() if f" {words} " in spaced), None)

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
        category = self.rules.categories.get(row["category"] or "", NOTHING)
        pattern = self._pattern(row["pattern"])
        for stated in (category, pattern, self.rules.departments.get(row["department"] or "", NOTHING)):
            for slot in FIELDS:
                found[slot] += getattr(stated, slot)
        if product_type in self._stating.silent:
            return found
        read, fits = self._reader.read, self._stating.fitting(product_type, solid="solid" in pattern.pattern)
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
        found["material"] = self._stating.real(found["material"], read(texts.facts).get("material", ()))
        if texts.copy:
            itself, others = map(self._reader.read_words, self._reader.about_itself(texts.copy))
            found["material"] += filter(self.text.from_copy.__contains__, itself.get("material", ()))
            found["occasion"] += (*itself.get("occasion", ()), *others.get("occasion", ()))
        return found

    def _pattern(self, pattern: str | None) -> Stated:
        if pattern is not None and pattern not in self.rules.patterns:
            self.unmapped["pattern"][pattern] += 1
        return self.rules.patterns.get(pattern or "", NOTHING)

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
        said = self.rules.departments.get(row["department"] or "", NOTHING).gender
        own = tuple(term.value for term in self.vocabulary.lookup(row["gender"] or "", "gender"))
        return said or own


def _care(facts: str) -> tuple[str, ...]:
    clauses = (clause.strip(" .") for clause in facts.split(";"))
    return tuple(clause.lower() for clause in clauses if _CARE.fullmatch(clause))
