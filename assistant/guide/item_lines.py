"""What a language model is told of an item: one phrase in plain English, made of the catalog's words alone. Pure.

Short on purpose, since a small model reads fifty tokens a second and what it reads it writes: at most two words before the noun, colour and
material, a feature, an occasion; and nothing that the item's title, which will stand beside it, says already. What was wished for comes before
what sets the item apart; an occasion that all are for is not said of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.guide.english import article, listed
from assistant.guide.references import plain
from assistant.guide.wording import Speaker
from assistant.guide.words import singular
from assistant.schema import ItemFacts
from catalog_data.schema import ValueSlot
from catalog_data.vocabulary import normalise

MOST_BEFORE = 2
MOST_WORDS = 13
"""Words of a line; where it has more, what it is for is left out, then the second colour."""
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
        *("high heel", "mid heel", "low heel", "wedge heel"),
        *("gold plated", "silver plated", "lined", "unlined", "recycled", "machine washable", "hand wash", "dry clean"),
    )
)
"""Values that tell a shopper little in one sentence, or whose plural names another kind of thing ("heels")."""

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
        self._title = f" {normalise(item.references.get(f'{item.label}.title', ''))} "

    def text(self) -> str:
        """The whole phrase, as full as it may be."""
        shapes = (self._text(colors, uses) for colors, uses in ((2, 1), (2, 0), (1, 1), (1, 0)))
        said = ""
        for said in shapes:
            if len(said.split()) <= MOST_WORDS:
                break
        return said

    def _text(self, colors: int, uses: int) -> str:
        many = several(self._item, self._speaker)
        described, made = self._described(), self._made_of(colors)
        noun = " ".join([*(self._speaker.adjective(*each) for each in described), plain(self._kind, WORD_LIMIT)])
        said = {*made.split(), *(value for _, value in described)}
        feature = [each for each in self._told("feature") if each[1] not in said][:1]
        use = [each for each in self._told("occasion") or self._told("season") if each[1] not in self._common][:uses]
        parts = [f"{noun if many else article(noun)}{f' in {made}' if made else ''}"]
        parts += [self._speaker.complements(values, many) for values in (feature, use) if values]
        return ", ".join(parts)

    def _told(self, slot: ValueSlot) -> Values:
        """What may be said of a slot: first what was wished for, then what fewest of the others have too."""
        known = {*self._kind.split(), *map(singular, self._kind.split())}
        values = [
            (slot, value)
            for value in self._item.facts.get(slot, ())
            if value not in UNTOLD and not known.intersection(value.split()) and f" {normalise(value)} " not in self._title
            if plain(value, WORD_LIMIT) == value and not any(char.isnumeric() for char in value)
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

    def _made_of(self, most: int) -> str:
        """Colours and the main material: "navy and white mesh". A material that the kind, the title or a colour names already is left out."""
        colors = [value for _, value in self._told("color")][:most]
        materials = self._item.facts.get("material", ())
        asked = [material for material in materials if material in self._wishes]
        main = [value for _, value in self._told("material") if value in (*asked, *materials)[:1]]
        return " ".join(part for part in (listed(colors), *(value for value in main if not _named(value, colors))) if part)


def _named(material: str, colors: Sequence[str]) -> bool:
    return any(set(material.split()) & set(color.split()) for color in colors)
