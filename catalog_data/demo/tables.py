"""The hand-written tables of the demo shop, read and checked.

The tables of types use a short notation: "a*3|b|-" is one of a (three times as likely), b or nothing; "a+b" is both together;
"a!" is always taken.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field

from catalog_data.schema import Frozen, SizeSystem

TABLES = Path(__file__).with_name("tables")


class Option(Frozen):
    """One alternative of a choice: the values that it stands for (none for "-"), its weight, and whether it is always taken."""

    values: tuple[str, ...]
    weight: float = 1
    always: bool = False


Choice = tuple[Option, ...]


def parse_choice(text: Any) -> Any:
    """Reads the short notation; anything but a string passes as it is."""
    return tuple(_option(part.strip()) for part in text.split("|")) if isinstance(text, str) else text


def _option(part: str) -> Option:
    always = part.endswith("!")
    name, _, weight = part.rstrip("!").partition("*")
    values = () if name.strip() == "-" else tuple(value.strip() for value in name.split("+"))
    return Option(values=values, weight=float(weight or 1), always=always)


Choices = Annotated[Choice, BeforeValidator(parse_choice)]


def pick(rng: random.Random, choice: Choice) -> tuple[str, ...]:
    """The values of one option, by weight; empty where there is no option."""
    return rng.choices(choice, [option.weight for option in choice])[0].values if choice else ()


def pick_several(rng: random.Random, choice: Choice, most: int, taste: Sequence[str] = ()) -> tuple[str, ...]:
    """One to `most` values in the table's order: all marked ones, then by weight; a value in `taste` weighs four times as much."""
    chosen = [option for option in choice if option.always]
    left = [option for option in choice if not option.always]
    count = max(len(chosen), rng.randint(1, most))
    while left and len(chosen) < count:
        weights = [option.weight * (4 if set(option.values) & set(taste) else 1) for option in left]
        option = rng.choices(left, weights)[0]
        left.remove(option)
        chosen.append(option)
    return tuple(value for option in choice if option in chosen for value in option.values)


class Line(Frozen):
    """A kind of style within a type: what it is made of, for whom, how many styles, and what they may look like."""

    noun: str | None = None
    nouns: Mapping[str, str] = {}
    n: Mapping[str, int]
    price: tuple[int, int]
    mats: Choices
    pats: Choices
    cols: str
    fits: Choices = ()
    lens: Choices = ()
    one: tuple[Choices, ...] = ()
    may: Mapping[str, float] = {}
    sea: Choices
    occ: Choices
    sty: Choices
    form: int | None = Field(default=None, ge=1, le=5)
    family: str | None = None
    sizes: SizeSystem | None = None


class TypeTable(Frozen):
    """A product type: the prefix of its ids, the family whose sentences describe it, its lines by name."""

    prefix: str = ""
    family: str = ""
    sizes: SizeSystem | None = None
    lines: Mapping[str, Line]


class Brand(Frozen):
    """An invented brand: price level against the market, whom and what it makes, its taste, how its prices end in cents."""

    level: float = Field(gt=0, le=3)
    who: tuple[str, ...]
    families: tuple[str, ...]
    styles: tuple[str, ...]
    ends: int


class CopyTable(Frozen):
    """Hand-written sentences of one family."""

    openings: tuple[str, ...] = ()
    details: tuple[str, ...]


class Tables(Frozen):
    """All that the maker knows, as data."""

    types: Mapping[str, TypeTable]
    brands: Mapping[str, Brand]
    palettes: Mapping[str, Mapping[str, int]]
    colour_names: Mapping[str, tuple[str, ...]]
    second: Mapping[str, tuple[str, ...]]
    metals: Mapping[str, tuple[str, ...]]
    stones: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Any]
    features: Mapping[str, Mapping[str, Any]]
    copy_by_family: Mapping[str, CopyTable]
    shoppers: Mapping[str, Any]
    reviews: Mapping[str, Any]


def load_yaml(name: str) -> Any:
    """One table by its file name."""
    return yaml.load((TABLES / name).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def load_tables() -> Tables:
    """Reads every table. Raises `pydantic.ValidationError` that names the entry at fault."""
    merged: dict[str, dict[str, Any]] = {}
    for path in sorted((TABLES / "types").glob("*.yaml"), key=lambda path: (path.name == "kids.yaml", path.name)):
        for name, raw in load_yaml(f"types/{path.name}").items():
            entry = merged.setdefault(name, {"lines": {}})
            entry["lines"].update(raw["lines"])
            entry.update({key: value for key, value in raw.items() if key != "lines"})
    colours = load_yaml("colours.yaml")
    return Tables.model_validate(
        {
            "types": merged,
            "brands": load_yaml("brands.yaml"),
            "palettes": load_yaml("palettes.yaml"),
            "colour_names": colours["names"],
            "second": colours["second"],
            "metals": colours["metals"],
            "stones": colours["stones"],
            "words": load_yaml("words.yaml"),
            "features": load_yaml("features.yaml"),
            "copy_by_family": {path.stem: load_yaml(f"copy/{path.name}") for path in sorted((TABLES / "copy").glob("*.yaml"))},
            "shoppers": load_yaml("shoppers.yaml"),
            "reviews": load_yaml("reviews.yaml"),
        }
    )
