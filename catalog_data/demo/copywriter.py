"""Writes each item's copy: an opening and one to three further sentences, no pattern twice in a row."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from catalog_data.demo.tables import Tables
from catalog_data.demo.wording import Facts, Telling, fill
from catalog_data.schema import Product


class Deck:
    """Sentence patterns in an order in which one that was used moves to the back, so that it comes again as late as possible."""

    def __init__(self, patterns: Sequence[str], rng: random.Random) -> None:
        self._patterns = list(patterns)
        rng.shuffle(self._patterns)

    def draw(self, facts: Facts, telling: Telling, rng: random.Random) -> str | None:
        """The first pattern that fits, filled in; None where none does."""
        for place, pattern in enumerate(self._patterns):
            sentence = fill(pattern, facts, telling, rng)
            if sentence is not None:
                del self._patterns[place]
                self._patterns.insert(len(self._patterns) - rng.randint(0, len(self._patterns) // 4), pattern)
                return sentence
        return None


class Copywriter:
    """Holds the decks, one for the openings and one for the details of each family, and those that all share."""

    def __init__(self, tables: Tables, rng: random.Random) -> None:
        self.rng = rng
        families = tables.copy_by_family
        self._openings = {family: Deck(table.openings, rng) for family, table in families.items() if table.openings}
        self._details = {family: Deck(table.details, rng) for family, table in families.items()}
        self._features = {name: Deck(entry["lines"], rng) for name, entry in tables.features.items()}
        self._patterns = {name: Deck(entry.get("lines", ()), rng) for name, entry in tables.words["patterns"].items()}
        self._care = {name: Deck(lines, rng) for name, lines in tables.words["care"].items()}

    def write(self, product: Product, facts: Facts, family: str) -> str:
        """Two to four sentences. Raises `LookupError` where the family has no opening that fits."""
        rng, telling = self.rng, Telling()
        opening = self._openings[family].draw(facts, telling, rng)
        if opening is None:
            raise LookupError(f"{family}: no opening fits {product.product_id}; write one that asks for fewer facts")
        sentences = [opening]
        wanted = rng.choices((2, 3, 4), (3, 5, 3))[0]
        for _ in range(12):
            if len(sentences) >= wanted:
                break
            sentence = self._detail(product, facts, telling, family)
            if sentence:
                sentences.append(sentence)
        return " ".join(sentences)

    def _detail(self, product: Product, facts: Facts, telling: Telling, family: str) -> str | None:
        kinds = {"family": 5, "feature": 5, "shared": 4, "pattern": 2 if "pat" in facts.fixed else 0, "care": 1.2}
        kind = self.rng.choices(list(kinds), list(kinds.values()))[0]
        if kind in ("family", "shared"):
            return self._details[family if kind == "family" else "shared"].draw(facts, telling, self.rng)
        values, decks = {
            "feature": (product.features, self._features),
            "pattern": (product.patterns, self._patterns),
            "care": (product.care, self._care),
        }[kind]
        return self._single(kind, values, decks, facts, telling)

    def _single(self, kind: str, values: Sequence[str], decks: Mapping[str, Deck], facts: Facts, telling: Telling) -> str | None:
        """A sentence about one value, marked as told."""
        marks = {value: f"feature:{value}" if kind == "feature" else kind for value in values if value in decks}
        free = [value for value, mark in marks.items() if mark not in telling.told]
        if not free:
            return None
        value = self.rng.choice(free)
        sentence = decks[value].draw(facts, telling, self.rng)
        if sentence:
            telling.told.add(marks[value])
        return sentence
