"""What a language model is told of an item: one phrase in plain English, made of the catalog's words alone. Pure.

Short on purpose, since a small model reads fifty tokens a second and what it reads it writes: at most two words before the noun, colour and
material, a feature, an occasion. What was wished for comes before what sets the item apart; an occasion that all are for is not said of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.guide.english import article, listed
from assistant.guide.references import plain
from assistant.guide.wording import Speaker
from assistant.schema import ItemFacts
from catalog_data.schema import ValueSlot

MOST_BEFORE = 2
MOST_COLORS = 2
WORD_LIMIT = 40
"""Characters of one value."""
BEFORE: tuple[ValueSlot, ...] = ("feature", "style", "fit", "pattern", "length")
"""Slots whose words may stand before the noun, in this order."""
TELLING: tuple[ValueSlot, ...] = ("pattern", "length", "style", "fit", "feature")
"""The same by how much they tell."""
IN_ORDER: tuple[ValueSlot, ...] = ("color", "material")
"""Slots whose first value is the main one."""
UNTOLD = frozenset(
    (
        *("solid", "regular", "classic", "unisex", "all season", "everyday", "full length", "home"),
        *("lined", "unlined", "recycled", "machine washable", "hand wash", "dry clean"),
    )
)
"""Values that tell a shopper little in one sentence."""

Values = list[tuple[ValueSlot, str]]


def item_lines(items: Sequence[ItemFacts], wishes: Sequence[str], speaker: Speaker) -> dict[str, str]:
    """By label, what each item is: "a floral midi dress in red linen, with pockets, for a wedding". No figure is in it."""
    shared = Counter(value for item in items for values in item.facts.values() for value in set(values))
    common = frozenset(value for value, count in shared.items() if count == len(items) > 1)
    return {item.label: _Line(item, frozenset(wishes), shared, common, speaker).text() for item in items}


def several(item: ItemFacts, speaker: Speaker) -> bool:
    """True for an item that is spoken of in the plural."""
    return speaker.several(_kind(item))


def _kind(item: ItemFacts) -> str:
    return next(iter(item.facts.get("category", ())), "piece")


class _Line:
    def __init__(
        self, item: ItemFacts, wishes: frozenset[str], shared: Mapping[str, int], common: frozenset[str], speaker: Speaker
    ) -> None:
        self._item = item
        self._wishes = wishes
        self._shared = shared
        self._common = common
        self._speaker = speaker
        self._kind = _kind(item)

    def text(self) -> str:
        """The whole phrase."""
        many = several(self._item, self._speaker)
        described, made = self._described(), self._made_of()
        noun = " ".join([*(self._speaker.adjective(*each) for each in described), plain(self._kind, WORD_LIMIT)])
        said = {*made.split(), *(value for _, value in described)}
        feature = [each for each in self._told("feature") if each[1] not in said][:1]
        use = [each for each in self._told("occasion") or self._told("season") if each[1] not in self._common][:1]
        parts = [f"{noun if many else article(noun)}{f' in {made}' if made else ''}"]
        parts += [self._speaker.complements(values, many) for values in (feature, use) if values]
        return ", ".join(parts)

    def _told(self, slot: ValueSlot) -> Values:
        """What may be said of a slot: first what was wished for, then what fewest of the others have too."""
        known = set(self._kind.split())
        values = [
            (slot, value)
            for value in self._item.facts.get(slot, ())
            if value not in UNTOLD and not known.intersection(value.split()) and plain(value, WORD_LIMIT) == value
            if not any(char.isnumeric() for char in value)
        ]
        return sorted(values, key=lambda each: (each[1] not in self._wishes, slot not in IN_ORDER and self._shared[each[1]]))

    def _described(self) -> Values:
        """The values that stand before the noun, of each slot one: those wished for, then those that tell most. Features only as wished."""
        found = [
            values[0] for slot in TELLING if (values := [each for each in self._told(slot) if self._speaker.adjective(*each)])
        ]
        kept = [each for each in found if each[0] != "feature" or each[1] in self._wishes]
        chosen = sorted(kept, key=lambda each: each[1] not in self._wishes)[:MOST_BEFORE]
        return sorted(chosen, key=lambda each: BEFORE.index(each[0]))

    def _made_of(self) -> str:
        """Colours and the main material: "navy and white mesh". A material that the kind or a colour names already is left out."""
        colors = [value for _, value in self._told("color")][:MOST_COLORS]
        named = {word for text in (self._kind, *colors) for word in text.split()}
        materials = self._item.facts.get("material", ())
        asked = [material for material in materials if material in self._wishes]
        main = [plain(material, WORD_LIMIT) for material in (*asked, *materials)[:1] if not named.intersection(material.split())]
        return " ".join(part for part in (listed(colors), *main) if part)
