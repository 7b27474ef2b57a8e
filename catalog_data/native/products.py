"""products.jsonl: one `Product` a line, its words brought to the vocabulary's values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from catalog_data.reading import Folder, Problems, json_object, shown, validated
from catalog_data.schema import Manifest, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary

PRODUCTS = "products.jsonl"

LONGEST = {"title": 300, "description": 20_000, "text": 5_000, "query": 500}
_FIELDS: Mapping[str, ValueSlot] = {
    "product_type": "category",
    "colors": "color",
    "materials": "material",
    "patterns": "pattern",
    "fits": "fit",
    "lengths": "length",
    "seasons": "season",
    "occasions": "occasion",
    "styles": "style",
    "features": "feature",
    "gender": "gender",
}
_FOUR_SEASONS = {"spring", "summer", "autumn", "winter"}
_FOREIGN_SCHEME = re.compile(r"^\s*(?!https?:)[a-z][a-z0-9+.-]*:|^\s*//", re.IGNORECASE)


def read_products(
    folder: Folder, manifest: Manifest, vocabulary: Vocabulary, unmapped: Mapping[str, Counter[str]]
) -> tuple[Product, ...]:
    problems = folder.problems
    kept: dict[str, Product] = {}
    for line, text in folder.rows(PRODUCTS, many=False):
        row, found = json_object(text)
        if row is None:
            problems.add(PRODUCTS, found, "one JSON object a line", line=line)
            continue
        mend(row, line, PRODUCTS, problems)
        _canonical(row, line, vocabulary, problems, unmapped)
        product = validated(Product, row, PRODUCTS, line, problems, many=False)
        if product is None:
            continue
        if product.product_id in kept:
            problems.add(
                PRODUCTS, f"{shown(product.product_id)} again", "an id once; the first stays", line=line, at="product_id"
            )
        elif product.price is not None and product.price.currency != manifest.currency:
            allowed = f"{manifest.currency}, the catalog's currency"
            problems.add(PRODUCTS, product.price.currency, allowed, line=line, at="price.currency")
        else:
            kept[product.product_id] = product
    return tuple(kept.values())


def mend(row: dict[str, Any], line: int, file: str, problems: Problems) -> None:
    """Cuts texts that are too long and drops addresses that a browser would run or fetch by another scheme than http."""
    for name, longest in LONGEST.items():
        text = row.get(name)
        if isinstance(text, str) and len(text) > longest:
            found = f"{len(text):,} characters"
            problems.add(file, found, f"at most {longest:,}; the rest is cut", line=line, at=name, severity="warning", many=True)
            row[name] = text[:longest]
    for name in ("url", "image"):
        if isinstance(row.get(name), str) and _FOREIGN_SCHEME.match(row[name]):
            allowed = "http://, https:// or a path; it is left out"
            problems.add(file, shown(row[name]), allowed, line=line, at=name, severity="warning", many=True)
            row[name] = None


def _canonical(
    row: dict[str, Any], line: int, vocabulary: Vocabulary, problems: Problems, unmapped: Mapping[str, Counter[str]]
) -> None:
    """Replaces words by the vocabulary's values, in place. What is not of the right type is left for the model to refuse."""
    for name, slot in _FIELDS.items():
        given = row.get(name)
        words = [given] if isinstance(given, str) else given
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            continue
        values: list[str] = []
        for word in words:
            terms = vocabulary.lookup(word, slot)
            values += [term.value for term in terms]
            if not terms:
                unmapped[slot][word] += 1
                allowed = f"a word of the vocabulary's {slot}; it is left out"
                problems.add(PRODUCTS, shown(word), allowed, line=line, at=name, severity="warning", many=True)
        if slot == "season" and set(values) >= _FOUR_SEASONS:
            values.append("all season")
        unique = list(dict.fromkeys(values))
        row[name] = unique if name != "product_type" else (unique[0] if unique else None)
