"""How the values of an item, and of a wish, are said in English: words that the vocabulary knows, in the right order and form. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class SlotWords(Frozen):
    """The special words of one slot (phrases/wording.yaml)."""

    with_: Mapping[str, str] = {}
    several: Mapping[str, str] = {}
    is_: Mapping[str, str] = {}
    for_: Mapping[str, str] = {}
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
        return entry.plural == product_type and not entry.umbrella

    def complement(self, slot: ValueSlot, value: str, several: bool = False) -> str:
        """What follows "is" or "are": "red", "in linen", "with pockets", "for a wedding"."""
        words = self._wording.get(slot, SlotWords())
        match slot:
            case "category":
                return value if self.several(value) else article(value)
            case "material":
                return f"in {value}"
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
        values, during = in_season(values)
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
                merged.append(f"{lead}{listed(group)}{during if lead == 'for ' else ''}" if lead else listed(group))
        if len(merged) == 2 and merged[1].startswith("with ") and not merged[0].startswith(("in ", "for ")):
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
        """The word before a noun: "red", "floral", "midi", "slim"; empty where there is none to use."""
        words = self._wording.get(slot, SlotWords())
        if slot == "pattern":
            return "" if value in words.plain else value
        if slot == "feature":
            return "" if value in words.with_ or value in words.is_ else value
        return value if slot in ("color", "fit", "length", "style") else ""

    def kind(self, product_type: str | None, many: bool = False) -> str:
        """The noun for a type: "dress", "dresses", "jeans"; a piece where the type is not known."""
        if product_type is None:
            return "pieces" if many else "piece"
        return self._vocabulary.plural(product_type) if many else product_type

    def noun_phrase(self, product: Product, first: Sequence[tuple[ValueSlot, str]] = (), told: str = "") -> str:
        """What an item is: "a red floral midi dress in linen". Of length, pattern and fit two are said, those in `first` before others;
        what `first` holds of features, uses and seasons is added. What `told` (the title) says already is left out, as long as something
        else is there to say."""
        before, tail = self._described(product, first, told)
        if told and not before and not tail:
            before, tail = self._described(product, first, "")
        rest = [
            (slot, value)
            for slot, value in first
            if slot in ("feature", "occasion", "season") and not self.adjective(slot, value)
        ]
        noun = " ".join([*before, self.kind(product.product_type)])
        said = f"{noun if self.several(product.product_type) else article(noun)}{f' in {tail}' if tail else ''}"
        return f"{said} {self.complements(rest, self.several(product.product_type))}" if rest else said

    def _described(self, product: Product, first: Sequence[tuple[ValueSlot, str]], told: str) -> tuple[list[str], str]:
        """The words before the noun, and what it is in."""
        known = f" {normalise(told)} "
        wanted = {value for _, value in first}

        def unsaid(value: str) -> bool:
            return not _said_by(product, value) and (value in wanted or f" {normalise(value)} " not in known)

        extra = [(rank, word) for rank, word in self._extra_words(product, first) if unsaid(word)]
        colors = [color for color in self._first_two("color", product.colors, first) if unsaid(color)]
        words = [word for rank, word in extra if rank == 0]
        words += colors if len(colors) == 1 else []
        words += [word for rank, word in extra if rank > 0]
        for slot, value in first:
            word = self.adjective(slot, value) if slot in ("feature", "style") else ""
            words[:0] = [word] if word and word not in words else []
        stated = self._first_two("material", product.materials, first)
        materials = [m for m in stated if unsaid(m) and not any(m in color.split() for color in colors)]
        if len(colors) < 2:
            return words, listed(materials)
        return words, f"{listed(colors)} {materials[0]}" if len(materials) == 1 else listed(colors)

    def _first_two(self, slot: ValueSlot, values: Sequence[str], first: Sequence[tuple[ValueSlot, str]]) -> list[str]:
        """Two of the values: those that a wish is for before the others."""
        accepted = {inner for wanted, value in first if wanted == slot for inner in self._vocabulary.expand(slot, value)}
        return sorted(values, key=lambda value: value not in accepted)[:2]

    def _extra_words(self, product: Product, first: Sequence[tuple[ValueSlot, str]]) -> list[tuple[int, str]]:
        """At most two words beside the colour, each with its rank: 0 before the colour, 1 and 2 after it."""
        ranked: dict[str, int] = {}
        for slot, value in (*first, *((s, v) for s in DESCRIBING for v in product.values(s)[:1])):
            word = self.adjective(slot, value) if slot in DESCRIBING and value not in DULL else ""
            if word and not _said_by(product, word):
                ranked[word] = 1 if slot == "pattern" else 2 if value in ("mini", "midi", "maxi") else 0
        return sorted(((rank, word) for word, rank in list(ranked.items())[:2]), key=lambda pair: pair[0])


def in_season(values: Sequence[tuple[ValueSlot, str]]) -> tuple[list[tuple[ValueSlot, str]], str]:
    """The values without their one season, and " in summer", where an occasion stands beside it: "for a wedding in summer"."""
    seasons = [value for slot, value in values if slot == "season"]
    if len(seasons) != 1 or seasons[0] not in SEASONS or not any(slot == "occasion" for slot, _ in values):
        return list(values), ""
    return [(slot, value) for slot, value in values if slot != "season"], f" in {seasons[0]}"


def _lead(text: str) -> str:
    return next((lead for lead in ("in ", "with ", "for ") if text.startswith(lead)), "")


def _said_by(product: Product, value: str) -> bool:
    """True where the type's own name says the value: a denim jacket is denim."""
    return product.product_type is not None and value in product.product_type.split()
