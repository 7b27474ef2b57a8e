"""What may be asked of a row of fashion20k's source, as tests that combine: `category("Boots") & ~black`.

The labels of `benchmarks/requests_labels.py` are made of these. They read the source's own columns and words, never what the product made of
them: that is what makes them a check of it.

facts   for H&M the whole description; for Net-a-Porter the part that describes (the last sentence before the first semicolon, and all after
        it), so that "wear with leather leggings" is no property of the item
item    title and facts      text   title and whole description      both in lower case
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal


@dataclass(frozen=True)
class SourceRow:
    """One row as the source has it. Columns that are empty are ""; `price` in whole units, None where there is none."""

    item_id: str
    hm: bool
    category: str
    colour: str
    pattern: str
    department: str
    brand: str
    title: str
    description: str
    price: float | None

    @cached_property
    def facts(self) -> str:
        """What describes the item."""
        before, _, after = self.description.partition(";")
        return self.description if self.hm or not after else f"{before.split('. ')[-1]};{after}"

    @cached_property
    def item(self) -> str:
        """Title and facts."""
        return f"{self.title} | {self.facts}"

    @cached_property
    def text(self) -> str:
        """Title and description."""
        return f"{self.title} | {self.description}"


def source_row(row: Mapping[str, Any]) -> SourceRow:
    """A row of items.parquet."""
    words = {name: row[name] or "" for name in ("category", "colour", "pattern", "department", "brand")}
    price = row["price"]
    return SourceRow(
        item_id=row["item_id"],
        hm=row["source"] == "hm",
        title=(row["title"] or "").lower(),
        description=(row["description"] or "").lower(),
        price=None if price is None or price != price else float(price),
        **words,
    )


@dataclass(frozen=True)
class Test:
    """A question to a row that is answered with yes or no."""

    holds: Callable[[SourceRow], bool]

    def __and__(self, other: Test) -> Test:
        return Test(lambda row: self.holds(row) and other.holds(row))

    def __or__(self, other: Test) -> Test:
        return Test(lambda row: self.holds(row) or other.holds(row))

    def __invert__(self) -> Test:
        return Test(lambda row: not self.holds(row))


def _search(read: Callable[[SourceRow], str], pattern: str) -> Test:
    found = re.compile(pattern).search
    return Test(lambda row: found(read(row)) is not None)


def category(pattern: str) -> Test:
    """The category holds this regular expression."""
    return _search(lambda row: row.category, pattern)


def pattern(words: str) -> Test:
    """So does the pattern column."""
    return _search(lambda row: row.pattern, words)


def department(words: str) -> Test:
    """So does the department."""
    return _search(lambda row: row.department, words)


def colour_like(words: str) -> Test:
    """So does the colour column."""
    return _search(lambda row: row.colour, words)


def colour(*names: str) -> Test:
    """The colour column is one of these."""
    return Test(lambda row: row.colour in names)


def brand(words: str) -> Test:
    """The brand holds this regular expression."""
    return _search(lambda row: row.brand, words)


def title(words: str) -> Test:
    """So does the title."""
    return _search(lambda row: row.title, words)


def facts(words: str) -> Test:
    """So do the facts."""
    return _search(lambda row: row.facts, words)


def item(words: str) -> Test:
    """So do title or facts."""
    return _search(lambda row: row.item, words)


def text(words: str) -> Test:
    """So do title or description."""
    return _search(lambda row: row.text, words)


def real(words: str, unreal: str) -> Test:
    """Title or facts hold `words` once every `unreal` is taken out of them."""
    found, gone = re.compile(words).search, re.compile(unreal)
    return Test(lambda row: found(gone.sub("", row.item)) is not None)


def costs(low: float = 0.0, high: float = float("inf")) -> Test:
    """The price is stated, and within these bounds."""
    return Test(lambda row: row.price is not None and low <= row.price <= high)


def _largest(found: list[str]) -> float:
    return max(map(float, found), default=-1.0)


def heel_cm(most: float) -> Test:
    """H&M's stated heel is at most so high, or none is stated."""
    height = re.compile(r"heels? (?:approx\.? )?(?:height )?(?:of )?(\d+(?:\.\d+)?) ?cm")
    return Test(lambda row: _largest(height.findall(row.facts)) <= most)


def heel_mm(most: float) -> Test:
    """So is Net-a-Porter's."""
    height = re.compile(r"heel measures approximately (\d+)mm")
    return Test(lambda row: _largest(height.findall(row.description)) <= most)


NOT_MAIN = re.compile(r"\s*(lining|trim|lace|fabric[2-9]|waistband|panels?|sleeves?|filling|collar|base)")
SHARE = re.compile(r"(\d+)% ?([a-z -]+)")


def share(fibre: str, least: float) -> Test:
    """The main fabric is at least `least` percent of this fibre."""

    def percent(row: SourceRow) -> int:
        main = (part for part in row.facts.split(";") if not NOT_MAIN.match(part.strip()))
        return max((int(number) for part in main for number, name in SHARE.findall(part) if fibre in name), default=0)

    return Test(lambda row: percent(row) >= least)


BEFORE_FABRIC = re.compile(r"^((see size & fit tab )?(hand[a-z-]+; ?|[^;]*heel measures[^;]*; ?|[^;]*sole measures[^;]*; ?))+")
OTHER_COLOURS = re.compile(
    r"\b(white|ecru|ivory|cream|gold|silver|red|brown|charcoal|multicolored|gray|grey|navy|blue|pink|green|beige|orange|yellow|purple"
    r"|burgundy|tan|camel|nude)\b"
)


def _black_alone(row: SourceRow) -> bool:
    first = BEFORE_FABRIC.sub("", row.facts).split(";")[0]
    return re.search(r"\bblack\b", first) is not None and OTHER_COLOURS.search(first) is None


HM = Test(lambda row: row.hm)
NET_A_PORTER = ~HM
MEN = department("^Menswear|> Men H&M")
KIDS = department("^Baby/Children|Kids Sports")
ADULT = ~KIDS
WOMEN = ~MEN & ~KIDS
BLACK = colour("Black")
BLACK_ALONE = Test(_black_alone)
NEVER = Test(lambda row: False)


@dataclass(frozen=True)
class Request:
    """A shopper's first message, what it asks for in words (`asks`) and as tests on the source (`conditions`, all of which must hold), and the
    rows that nobody should be judged by. `count`: how many constraints it stacks, the type or brand among them."""

    request_id: str
    message: str
    asks: Mapping[str, Any]
    count: int
    conditions: Mapping[str, Test]
    arguable: Test = NEVER

    def failed(self, row: SourceRow) -> tuple[str, ...]:
        """The conditions that do not hold of this row."""
        return tuple(name for name, test in self.conditions.items() if not test.holds(row))

    def verdict(self, row: SourceRow) -> Literal["right", "arguable", "wrong"]:
        """What a shopper would say of this row."""
        if any(not test.holds(row) for test in self.conditions.values()):
            return "wrong"
        return "arguable" if self.arguable.holds(row) else "right"
