"""What shoppers type: the words of the vocabulary for what they will look at, in the order in which people write."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from catalog_data.demo.products import Style
from catalog_data.schema import Product, Role, ValueSlot
from catalog_data.vocabulary import Vocabulary

_WHO = {"women": "women", "men": "men", "girls": "girl", "boys": "boy", "kids": "kids", "baby": "baby"}
_SLOT = re.compile(r"\{(\w+)\}")


class SearchWords:
    """Turns an item into a query, from a stream of its own. The same word is typed by most; synonyms are rarer."""

    def __init__(self, vocabulary: Vocabulary, patterns: Sequence[str], rng: random.Random) -> None:
        self._vocabulary, self._patterns, self._rng = vocabulary, patterns, rng

    def role(self, product_type: str | None) -> Role:
        """The place of a type in an outfit."""
        return self._vocabulary.role(product_type)

    def query(self, product: Product, style: Style, recipient: str) -> str:
        """A query that could lead to `product`: lower case, a pattern of the table with its words filled in."""
        rng = self._rng
        words = {
            "type": self._word("category", style.product_type, rng),
            "colour": self._word("color", product.colors[0], rng),
            "material": self._any("material", product.materials, rng),
            "pattern": self._any("pattern", [name for name in product.patterns if name != "solid"], rng),
            "occasion": self._any("occasion", product.occasions, rng),
            "season": self._any("season", [name for name in product.seasons if name != "all season"], rng),
            "feature": self._any("feature", product.features, rng),
            "brand": (product.brand or "").lower(),
            "who": _WHO[recipient],
            "size": next((size.label.lower() for size in product.sizes if size.in_stock and size.system != "one"), ""),
            "price": str(((product.price.amount_minor if product.price else 0) // 1000 + 1) * 10),
        }
        usable = [pattern for pattern in self._patterns if all(words[match[1]] for match in _SLOT.finditer(pattern))]
        weights = [1 / (1 + place) for place in range(len(usable))]
        return _SLOT.sub(lambda match: words[match[1]], rng.choices(usable, weights)[0])

    def _any(self, slot: ValueSlot, values: Sequence[str], rng: random.Random) -> str:
        return self._word(slot, rng.choice(values), rng) if values else ""

    def _word(self, slot: ValueSlot, value: str, rng: random.Random) -> str:
        synonyms = self._vocabulary.entry(slot, value).words[:4]
        return rng.choice(synonyms) if synonyms and rng.random() < 0.28 else value
