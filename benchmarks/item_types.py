"""What kind of thing an item is, read from the titles of a catalog that has no types.

A title's first words, up to a comma, a bracket, a dash or a word such as "for", name the thing; the last of them that ends so many titles
of the catalog is its head ("Avery Heavy-Duty Binder with 1.5-Inch Ring, Black": binder), and with the word before it, where as many
titles have both, its type ("HP 65 Black Ink Cartridges": ink cartridge). Words of the brand do not count, and what so few titles share as
to single an item out is no type. Nothing but the catalog is read, so a type knows nothing of who bought what.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from retrieval.lexical import singular

SHARED = 10
"""Titles that must share a head, and a type of two words."""
BREAK = re.compile(r"[,;:|/()\[\]–—]| - |\b(?:for|with|by|of|in|to|from|that|and)\b", re.IGNORECASE)
_NO_TYPES = """
all assorted black blue case clear color colour count each green inch large medium new one orange pack per piece pink purple red replacement
roll set silver small two white yellow
"""
NO_TYPES = frozenset(_NO_TYPES.split())
"""Words that end titles and name a quantity, a size or a colour."""


def item_types(titles: Sequence[str], brands: Sequence[str]) -> list[str | None]:
    """The type of each item, one word or two, in the singular; None where its title shows none."""
    named = [first_words(title, brand) for title, brand in zip(titles, brands, strict=True)]
    ends = Counter(words[-1] for words in named if words)
    heads = {word for word, count in ends.items() if count >= SHARED}
    pairs = Counter(pair for words in named for pair in set(pairwise(words)) if pair[1] in heads)
    return [type_of(words, heads, pairs) for words in named]


def first_words(title: str, brand: str) -> list[str]:
    """The words that name the thing, in the singular: letters only, three or more, no quantity, size, colour or brand; those of the first part
    of the title that has any."""
    passed = NO_TYPES | {singular(word) for word in re.findall(r"[a-z]+", brand.lower())}
    for part in BREAK.split(title):
        words = [word for word in (singular(each) for each in re.findall(r"[a-z]{3,}", part.lower())) if word not in passed]
        if words:
            return words
    return []


def type_of(words: Sequence[str], heads: frozenset[str] | set[str], pairs: Counter[tuple[str, str]]) -> str | None:
    """The last head among the words, with the word before it where enough titles have both."""
    place = next((place for place in reversed(range(len(words))) if words[place] in heads), None)
    if place is None:
        return None
    before = words[place - 1] if place else ""
    return f"{before} {words[place]}" if pairs[before, words[place]] >= SHARED else words[place]
