"""Who shops: made-up people with a taste, a size, a budget, and others to buy for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from catalog_data.demo.stock import size_run
from catalog_data.demo.tables import Tables
from catalog_data.schema import Frozen, SizeSystem

COUNT = 4_000
LOOKS = 20
"""Hidden tastes: every style has one look, every shopper leans to two. It is what collaborative filtering can find out."""

# Letter, continental number, inches: one body a row. Rows that the shop does not stock are left out.
_BODIES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "women": (
        ("XS", "34", "25"), ("XS", "34", "26"), ("S", "36", "27"), ("S", "38", "28"), ("S", "38", "29"), ("M", "40", "30"),
        ("M", "42", "31"), ("M", "42", "32"), ("L", "44", "33"), ("L", "46", "34"), ("L", "46", "35"), ("XL", "48", "35"),
    ),
    "men": (
        ("S", "46", "29"), ("S", "46", "30"), ("M", "48", "31"), ("M", "48", "32"), ("M", "50", "33"), ("M", "50", "34"),
        ("L", "52", "35"), ("L", "52", "36"), ("L", "54", "37"), ("XL", "56", "38"), ("XL", "58", "38"),
    ),
}  # fmt: skip


class Persona(Frozen):
    """A kind of shopper; the fields are those of `personas` in shoppers.yaml."""

    share: int
    gender: Literal["women", "men", "mixed"]
    styles: tuple[str, ...]
    colours: tuple[str, ...]
    level: float
    pace: float
    missions: Mapping[str, float]
    others: Mapping[str, float]


@dataclass(frozen=True)
class Shopper:
    """One shopper. `sizes` maps whom it is for and a size system to a label; `habits` are the missions that
    bring them most often; `keen` scales how often they come."""

    user_id: str
    persona: Persona
    gender: str
    styles: frozenset[str]
    colours: frozenset[str]
    brands: frozenset[str]
    looks: frozenset[int]
    habits: frozenset[str]
    level: float
    keen: float
    others: tuple[str, ...]
    sizes: Mapping[tuple[str, SizeSystem], str]


def make_shoppers(tables: Tables, rng: random.Random) -> list[Shopper]:
    """All shoppers, in the order of their ids."""
    personas = [Persona.model_validate(raw) for raw in tables.shoppers["personas"].values()]
    drawn = rng.choices(personas, [persona.share for persona in personas], k=COUNT)
    return [_shopper(f"u-{number:04d}", persona, tables, rng) for number, persona in enumerate(drawn, start=1)]


def _shopper(user_id: str, persona: Persona, tables: Tables, rng: random.Random) -> Shopper:
    gender = rng.choice(("women", "men")) if persona.gender == "mixed" else persona.gender
    others = tuple(other for other, chance in persona.others.items() if other != gender and rng.random() < chance)
    palette = {colour: weight for name in persona.colours for colour, weight in tables.palettes[name].items()}
    fitting = {
        name: 1 + 3 * len(set(brand.styles) & set(persona.styles)) / (1 + 4 * abs(brand.level - persona.level))
        for name, brand in tables.brands.items()
    }
    return Shopper(
        user_id=user_id,
        persona=persona,
        gender=gender,
        styles=frozenset(rng.sample(persona.styles, min(3, len(persona.styles)))),
        colours=frozenset(rng.choices(list(palette), list(palette.values()), k=7)),
        brands=frozenset(rng.choices(list(fitting), list(fitting.values()), k=4)),
        looks=_looks(persona, tables, rng),
        habits=frozenset(rng.choices(list(persona.missions), list(persona.missions.values()), k=2)),
        level=persona.level * (0.8 + 0.4 * rng.random()),
        keen=rng.choice((0.35, 0.6, 0.8, 1, 1, 1.2, 1.5, 2.4)),
        others=others,
        sizes=dict(_sizes(gender, others, rng)),
    )


def _looks(persona: Persona, tables: Tables, rng: random.Random) -> frozenset[int]:
    groups = look_groups(tables)
    return frozenset(2 * groups[style] + rng.randint(0, 1) for style in rng.sample(persona.styles, 2))


def look_groups(tables: Tables) -> dict[str, int]:
    """Which pair of looks each style word leads to, so that what can be read tells something of a look, not all."""
    return {name: place % (LOOKS // 2) for place, name in enumerate(sorted(tables.words["styles"]))}


def _sizes(gender: str, others: tuple[str, ...], rng: random.Random) -> dict[tuple[str, SizeSystem], str]:
    """The sizes of the shopper and of those they buy for. Feet follow bodies loosely; children keep one height and one shoe."""
    sizes: dict[tuple[str, SizeSystem], str] = {}
    for who in (gender, *(other for other in others if other in _BODIES)):
        rows = _BODIES[who]
        place = min(len(rows) - 1, round((rng.random() + rng.random()) / 2 * len(rows)))
        sizes[who, "alpha"], sizes[who, "eu"], sizes[who, "waist"] = rows[place]
        shoes = size_run("eu_shoe", who, "sneakers")
        sizes[who, "eu_shoe"] = shoes[min(len(shoes) - 1, round((rng.random() + rng.random()) / 2 * len(shoes)))]
    for who in (other for other in others if other not in _BODIES):
        sizes[who, "height"] = rng.choice(size_run("height", who, "t-shirt"))
        if who != "baby":
            sizes[who, "eu_shoe"] = rng.choice(size_run("eu_shoe", who, "sneakers"))
    return sizes
