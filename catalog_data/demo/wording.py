"""Hand-written sentences filled with an item's own facts, and with nothing else.

A template may hold {slots}, which stand for facts, and [one|several], of which the grammatical number of the noun picks one. A
sentence is usable only where every slot can be filled; which facts it told is remembered, so that none is told twice.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog_data.demo.tables import Tables
from catalog_data.schema import Product

_SLOT = re.compile(r"\{(\w+?)(_cap)?\}")
_NUMBER = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])(?!(?:uni|one-|use|UV))")


def joined(words: Sequence[str]) -> str:
    """An English list: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def capital(text: str) -> str:
    """The first letter in capitals; the rest as it is."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Facts:
    """What may be said of one item: slot -> (text, the fact that it tells), and its features by the way they are said."""

    plural: bool
    noun: str
    fixed: Mapping[str, tuple[str, str]]
    with_phrases: Mapping[str, str]
    adjectives: Mapping[str, str]
    predicates: Mapping[str, str]
    asks: Mapping[str, str]


@dataclass
class Telling:
    """The facts that a text has told so far."""

    told: set[str] = field(default_factory=set)


def facts_of(product: Product, noun: str, plural: bool, tables: Tables, rng: random.Random) -> Facts:
    """Collects the facts of an item. Where several words are true of it (styles, seasons), `rng` picks which are said."""
    words = tables.words
    noun_words = {*re.findall(r"[a-z]+", noun.lower()), *words["implied"].get(product.product_type, ())}
    fixed: dict[str, tuple[str, str]] = dict(_pronouns(product, noun, plural, rng))
    colour_words = set((product.color_name or "").lower().split())
    fixed |= _materials(product, noun_words | colour_words, tables)
    fixed |= _looks(product, noun_words, tables)
    fixed |= _uses(product, tables, rng)
    if product.brand:
        fixed["brand"] = (product.brand, "brand")
    if product.collection:
        fixed["coll"] = (product.collection, "collection")
    said = noun_words | {word for name in product.materials for word in name.split()}
    spoken = {name: tables.features[name] for name in product.features if not said & set(re.split(r"[ -]", name))}
    return Facts(
        plural=plural,
        noun=noun,
        fixed=fixed,
        with_phrases={name: entry["with"] for name, entry in spoken.items() if "with" in entry},
        adjectives={name: entry["adj"] for name, entry in spoken.items() if "adj" in entry},
        predicates={name: entry["adj"] for name, entry in spoken.items() if "adj" in entry and not entry.get("attributive")},
        asks={name: words["occasions"][name]["ask"] for name in product.occasions if "ask" in words["occasions"][name]},
    )


def _pronouns(product: Product, noun: str, plural: bool, rng: random.Random) -> Iterable[tuple[str, tuple[str, str]]]:
    pair = "" if "multipack" in product.features else rng.choice(("a pair of ", "", ""))
    article = pair if plural else "a "
    yield from {
        "noun": (noun, ""),
        "a": (article, ""),
        "it": ("they" if plural else "it", ""),
        "its": ("their" if plural else "its", ""),
        "it_obj": ("them" if plural else "it", ""),
        "this_pl": ("these" if plural else "this", ""),
        "this": ("these" if plural else "this", ""),
        "this_one": ("this pair" if plural else "this one", ""),
    }.items()


def _materials(product: Product, noun_words: set[str], tables: Tables) -> dict[str, tuple[str, str]]:
    names, words = product.materials, tables.words
    if not names:
        return {}
    main = [name for name in names if name not in words["hidden"]] or list(names)
    weave = next((name for name in main if name in words["weaves"]), None)
    entry = words["materials"]
    rest = [entry.get(name, {}).get("adj", name) for name in main if name != weave]
    adjective = " ".join([joined(rest), weave] if weave and rest else [weave or joined(rest)])
    rest_noun = [entry.get(name, {}).get("noun", name) for name in names if name != weave]
    fibres = " ".join([joined(rest_noun[:1]), weave]) if weave and rest_noun else joined(rest_noun[:1]) or str(weave)
    noun = joined([fibres, *rest_noun[1:]])
    found = {"mats": (noun, "material")}
    if not noun_words & set(adjective.replace("-", " ").split()):
        found["mat"] = (adjective, "material")
    return found


def _looks(product: Product, noun_words: set[str], tables: Tables) -> dict[str, tuple[str, str]]:
    words = tables.words
    found: dict[str, tuple[str, str]] = {}
    if product.color_name:
        found["col"] = (product.color_name.lower().replace(" / ", " and "), "colour")
    for fit in product.fits[:1]:
        entry = words["fits"][fit]
        leg = entry.get("leg") if "zip" in product.features or "elastic waist" in product.features else None
        if not noun_words & set(re.split(r"[ -]", fit)):
            found |= {"fit": (leg or entry["adj"], "fit"), "fitn": (entry["cut"], "fit")}
    for length in product.lengths[:1]:
        entry = words["lengths"][length]
        found |= {"len": (entry["adj"], "length"), "lenn": (entry["cut"], "length")}
    pattern = next((name for name in product.patterns if name != "solid"), None)
    if pattern:
        found["pat"] = (words["patterns"][pattern]["adj"], "pattern")
        if pattern not in words["decorations"]:
            found["motif"] = found["pat"]
    elif product.patterns:
        found["plain"] = ("", "pattern")
    return found


def _uses(product: Product, tables: Tables, rng: random.Random) -> dict[str, tuple[str, str]]:
    words = tables.words
    found: dict[str, tuple[str, str]] = {}
    if "all season" in product.seasons:
        found |= {"year": ("all year round", "season"), "year_noun": ("every season", "season")}
    elif product.seasons:
        found |= {"sea": (joined(product.seasons), "season"), "sea1": (rng.choice(product.seasons), "season")}
    occasions = rng.sample(product.occasions, min(len(product.occasions), rng.choice((1, 2, 2))))
    if occasions:
        found["occ"] = (joined([words["occasions"][name]["for"] for name in occasions]), "occasion")
    going = [name for name in product.occasions if words["occasions"][name].get("to")]
    if going:
        found["occ_to"] = (words["occasions"][rng.choice(going)]["for"], "occasion")
    if product.styles:
        found["sty"] = (words["styles"][rng.choice(product.styles)], "style")
    if product.gender:
        found["who"] = (words["audience"][product.gender[0]], "audience")
    return found


def fill(template: str, facts: Facts, telling: Telling, rng: random.Random) -> str | None:
    """The sentence, or None where a slot cannot be filled or would tell a fact again. Marks what it told in `telling`."""
    told = set(telling.told)
    pieces: list[str] = []
    end = 0
    for match in _SLOT.finditer(template):
        value = _value(match[1], facts, told, rng)
        if value is None:
            return None
        text, tells = value
        told.update(tells)
        pieces += [template[end : match.start()], capital(text) if match[2] else text]
        end = match.end()
    telling.told |= told
    return tidy("".join([*pieces, template[end:]]), facts.plural)


def _value(slot: str, facts: Facts, told: set[str], rng: random.Random) -> tuple[str, set[str]] | None:
    if slot in ("with", "with1", "withs"):
        most = {"with": rng.choice((2, 2, 3, 3)), "with1": 1, "withs": rng.choice((2, 3))}[slot]
        return _features(facts.with_phrases, most, 2 if slot == "withs" else 1, told, rng, joined)
    if slot in ("adj", "adj_is"):
        source = facts.adjectives if slot == "adj" else facts.predicates
        return _features(source, rng.choice((1, 2)), 1, told, rng, ", ".join if slot == "adj" else joined)
    if slot == "ask":
        if "occasion" in told or not facts.asks:
            return None
        return facts.asks[rng.choice(sorted(facts.asks))], {"occasion"}
    if slot not in facts.fixed:
        return None
    text, tells = facts.fixed[slot]
    return None if tells in told else (text, {tells} - {""})


def _features(
    source: Mapping[str, str], most: int, least: int, told: set[str], rng: random.Random, join: Callable[[list[str]], str]
) -> tuple[str, set[str]] | None:
    free = [name for name in source if f"feature:{name}" not in told]
    if len(free) < least:
        return None
    chosen = rng.sample(free, min(most, len(free)))
    return join([source[name] for name in chosen]), {f"feature:{name}" for name in chosen}


def tidy(text: str, plural: bool) -> str:
    """Picks the grammatical number, mends articles and spaces, and starts every sentence with a capital letter."""
    text = _NUMBER.sub(lambda match: match[2] if plural else match[1], text)
    text = _ARTICLE.sub(r"\1n ", re.sub(r" {2,}", " ", text)).strip()
    return re.sub(r"(^|[.?!] )([a-z])", lambda match: match[1] + match[2].upper(), text)
