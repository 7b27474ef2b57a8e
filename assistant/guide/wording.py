"""How the values of an item, and of a wish, are said in English: words that the vocabulary knows, in the right order and form. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import yaml

from assistant.guide.english import article, listed
from catalog_data.schema import Frozen, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary, normalise

WORDING_FILE = Path(__file__).with_name("phrases") / "wording.yaml"
SEASONS = ("spring", "summer", "autumn", "winter")
DESCRIBING: tuple[ValueSlot, ...] = ("pattern", "length", "fit")
DULL = frozenset(("regular", "straight", "knee length", "ankle length", "full length", "all-over print", "textured"))
"""Words that say little before a noun."""
PIECES = "pieces of "
"""Begins the plural of what has none: pieces of jewellery."""


class SlotWords(Frozen):
    """The special words of one slot (phrases/wording.yaml)."""

    with_: Mapping[str, str] = {}
    several: Mapping[str, str] = {}
    is_: Mapping[str, str] = {}
    for_: Mapping[str, str] = {}
    before: Mapping[str, str] = {}
    adjectives: tuple[str, ...] = ()
    in_a_fit: tuple[str, ...] = ()
    in_length: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()


Wording = Mapping[str, SlotWords]


def load_wording(path: Path = WORDING_FILE) -> Wording:
    """Reads the wording file."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: dict[str, SlotWords] = {}
    for slot, fields in raw.items():
        stated = fields.pop("is", {})
        words = {"adjectives": tuple(stated)} if isinstance(stated, list) else {"is_": stated}
        names = {"with": "with_", "for": "for_"}
        words |= {names.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
        found[slot] = SlotWords.model_validate(words)
    return found


class Speaker:
    """Says values. `several`: of a thing that is spoken of in the plural (jeans, shoes)."""

    def __init__(self, vocabulary: Vocabulary, wording: Wording) -> None:
        self._vocabulary = vocabulary
        self._wording = wording

    def several(self, product_type: str | None) -> bool:
        """True for a type that is spoken of in the plural."""
        if product_type is None:
            return False
        entry = self._vocabulary.entry("category", product_type)
        return entry.plural == product_type and not entry.umbrella and product_type.endswith("s")

    def _is_mass(self, product_type: str) -> bool:
        """True for what is neither one nor several: jewellery, clothing, shapewear."""
        return product_type == "clothing" or (
            self._vocabulary.plural(product_type) == product_type and not product_type.endswith("s")
        )

    def complement(self, slot: ValueSlot, value: str, several: bool = False) -> str:
        """What follows "is" or "are": "red", "in linen", "with pockets", "for a wedding"."""
        words = self._wording.get(slot, SlotWords())
        match slot:
            case "category":
                noun = self.kind(value)
                return noun if self.several(value) or self._is_mass(value) else article(noun)
            case "material":
                return f"with {words.with_[value]}" if value in words.with_ else words.is_.get(value, f"in {value}")
            case "pattern":
                return value if value in words.adjectives else "plain" if value in words.plain else f"in {value}"
            case "fit":
                return self._fit(words, value)
            case "length":
                return f"in {value} length" if value in words.in_length else value
            case "occasion" | "season" | "gender":
                return f"for {words.for_.get(value, value)}"
            case "feature":
                if value in words.with_:
                    return f"with {words.several.get(value, words.with_[value]) if several else words.with_[value]}"
                return words.is_.get(value, value)
            case _:
                return value

    def _fit(self, words: SlotWords, value: str) -> str:
        if value in words.in_a_fit:
            return f"in {article(value)} fit"
        if value in words.with_:
            return f"with {words.with_[value]}"
        return f"in {article(value)} cut" if value in words.cut else value

    def complements(self, values: Sequence[tuple[ValueSlot, str]], several: bool = False) -> str:
        """Several of them in one: "red, in linen and with pockets"; what is alike in form stands together."""
        values, season = in_season(values)
        order = {
            "color": 0,
            "pattern": 1,
            "style": 2,
            "fit": 3,
            "length": 4,
            "material": 5,
            "feature": 6,
            "occasion": 7,
            "season": 8,
        }
        parts = [
            (slot, self.complement(slot, value, several)) for slot, value in sorted(values, key=lambda v: order.get(v[0], 9))
        ]
        merged: list[str] = []
        for lead in ("", "in ", "with ", "for "):
            group = [text.removeprefix(lead) for _, text in parts if _lead(text) == lead]
            if group:
                group = group if lead else without_echo(group)
                merged.append(f"{lead}{seasonal(group, season if lead == 'for ' else '')}" if lead else listed(group))
        bare = not _lead(merged[0]) if merged else False
        if len(merged) > 1 and bare and (" and " in merged[0] or (len(merged) == 2 and merged[1].startswith("with "))):
            return ", ".join(merged)
        return listed(merged)

    def verb_phrase(self, values: Sequence[tuple[ValueSlot, str]], several: bool = False) -> str:
        """The same with its verb: "is red, with pockets", "has pockets and a zip", "are for a holiday"."""
        text = self.complements(values, several)
        is_, has = ("are", "have") if several else ("is", "has")
        if not text:
            return ""
        if text.startswith("with ") and " for " not in text and " in " not in text:
            return f"{has} {text.removeprefix('with ')}"
        return f"{is_} {text}"

    def adjective(self, slot: ValueSlot, value: str) -> str:
        """The word before a noun: "red", "floral", "midi", "gold-plated"; empty where there is none to use."""
        words = self._wording.get(slot, SlotWords())
        if slot == "material":
            return words.before.get(value, "")
        if slot == "pattern" and value in words.plain:
            return ""
        if slot == "feature" and (value in words.with_ or value in words.is_):
            return ""
        return words.before.get(value, value) if slot in ("color", "fit", "length", "style", "pattern", "feature") else ""

    def kind(self, product_type: str | None, many: bool = False, counted: bool = False) -> str:
        """The noun for a type: "dress", "dresses", "jeans"; a piece where the type is not known. `counted`: a number may stand before it."""
        if product_type is None:
            return "pieces" if many else "piece"
        if many and counted and self._is_mass(product_type):
            return f"{PIECES}{product_type}"
        return (self._vocabulary.plural(product_type) if many else product_type).replace("t-shirt", "T-shirt")

    def noun_phrase(self, product: Product, first: Sequence[tuple[ValueSlot, str]] = (), told: str = "") -> str:
        """What an item is: "a red floral midi dress in linen". Of length, pattern and fit two are said, those in `first` before others;
        what `first` holds of features, uses and seasons is added. What `told` (the title) says already is left out, as long as something
        else is there to say."""
        return self.untold_phrase(product, first, told) or self.untold_phrase(product, first, "", bare=True)

    def untold_phrase(
        self, product: Product, first: Sequence[tuple[ValueSlot, str]] = (), told: str = "", bare: bool = False
    ) -> str:
        """The same, but empty where `told` leaves nothing to say but the noun (unless `bare`)."""
        before, tail = self._described(product, first, told)
        rest = [
            (slot, value)
            for slot, value in first
            if slot in ("feature", "occasion", "season") and not self.adjective(slot, value)
        ]
        if not (before or tail or rest or bare):
            return ""
        noun = " ".join([*before, self.kind(product.product_type)])
        alone = self.several(product.product_type) or (product.product_type is not None and self._is_mass(product.product_type))
        said = f"{noun if alone else article(noun)}{f' in {tail}' if tail else ''}"
        return f"{said} {self.complements(rest, self.several(product.product_type))}" if rest else said

    def _described(self, product: Product, first: Sequence[tuple[ValueSlot, str]], told: str) -> tuple[list[str], str]:
        """The words before the noun, and what it is in."""
        known = f" {normalise(told)} "
        wanted = {value for _, value in first}

        def unsaid(value: str) -> bool:
            return not _said_by(product, value) and (value in wanted or f" {normalise(value)} " not in known)

        extra = [(rank, word) for rank, word in self._extra_words(product, first) if unsaid(word)]
        colors = self._untold(self._first_two("color", product.colors, first), unsaid, wanted)
        words = [word for rank, word in extra if rank == 0]
        words += colors if len(colors) == 1 else []
        words += [word for rank, word in extra if rank > 0]
        for slot, value in first:
            word = self.adjective(slot, value) if slot in ("feature", "style") else ""
            words[:0] = [word] if word and word not in words else []
        stated = self._untold(self._first_two("material", product.materials, first), unsaid, wanted)
        materials = [material for material in stated if not any(material in color.split() for color in colors)]
        words = without_echo([*words, *filter(None, (self.adjective("material", material) for material in materials))])
        materials = [material for material in materials if not self.adjective("material", material)]
        if len(colors) < 2:
            return words, listed(materials)
        return words, f"{listed(colors)} {materials[0]}" if len(materials) == 1 else listed(colors)

    @staticmethod
    def _untold(values: Sequence[str], unsaid: Callable[[str], bool], wanted: Collection[str]) -> list[str]:
        """Those still to say. Who has read "cotton" in the title is not told "in elastane", which would be another thing: where the main
        value is said already, only one that was wished for is added."""
        told = bool(values) and not unsaid(values[0])
        return [value for value in values if unsaid(value) and (not told or value in wanted)]

    def _first_two(self, slot: ValueSlot, values: Sequence[str], first: Sequence[tuple[ValueSlot, str]]) -> list[str]:
        """Two of the values: those that a wish is for before the others."""
        accepted = {inner for wanted, value in first if wanted == slot for inner in self._vocabulary.expand(slot, value)}
        return sorted(values, key=lambda value: value not in accepted)[:2]

    def _extra_words(self, product: Product, first: Sequence[tuple[ValueSlot, str]]) -> list[tuple[int, str]]:
        """At most two words beside the colour, each with its rank: 0 before the colour, 1 and 2 after it."""
        ranked: dict[str, int] = {}
        for slot, value in (*first, *((s, v) for s in DESCRIBING for v in product.values(s)[:1])):
            asked = (slot, value) in first
            word = self.adjective(slot, value) if slot in DESCRIBING and (asked or value not in DULL) else ""
            if slot == "pattern" and asked and value in self._wording.get(slot, SlotWords()).plain:
                word = "plain"
            if word and not _said_by(product, value):
                ranked[word] = 1 if slot == "pattern" else 2 if value in ("mini", "midi", "maxi") else 0
        return sorted(((rank, word) for word, rank in list(ranked.items())[:2]), key=lambda pair: pair[0])


def in_season(values: Sequence[tuple[ValueSlot, str]]) -> tuple[list[tuple[ValueSlot, str]], str]:
    """The values without their one season, and that season, where an occasion stands beside it: it is said with the occasion."""
    seasons = [value for slot, value in values if slot == "season"]
    if len(seasons) != 1 or seasons[0] not in SEASONS or not any(slot == "occasion" for slot, _ in values):
        return list(values), ""
    return [(slot, value) for slot, value in values if slot != "season"], seasons[0]


def seasonal(uses: Sequence[str], season: str) -> str:
    """Uses in their season: "a summer wedding", "work in summer", "a wedding and a party in summer"; as they are without one."""
    if len(uses) == 1 and season and uses[0].startswith(("a ", "an ")):
        return article(f"{season} {uses[0].partition(' ')[2]}")
    return f"{listed(uses)} in {season}" if season else listed(uses)


def without_echo(words: Sequence[str]) -> list[str]:
    """The words without those that another begins with: who says "gold-plated" need not say "gold", nor "rose gold"."""
    ends = {word: word.rpartition(" ")[2] for word in words}
    return [word for word in words if not any(other.startswith((f"{ends[word]}-", f"{word} ")) for other in words)]


def _lead(text: str) -> str:
    return next((lead for lead in ("in ", "with ", "for ") if text.startswith(lead)), "")


def _said_by(product: Product, value: str) -> bool:
    """True where the type's own name says the value: a denim jacket is denim, shorts are short."""
    return product.product_type is not None and not {value, f"{value}s"}.isdisjoint(product.product_type.split())
