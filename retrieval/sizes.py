"""Clothes sizes: which labels mean the same body, and which neighbour is next.

Three systems clothe the same bodies: letters (alpha), continental numbers (eu) and waist inches. `BODY_TABLE` relates them, apart for
women and men. Its letters are the bust and chest ranges of EN 13402-3; a woman's number stands for a bust of 76 cm (size 32) in
steps of 4, from size 48 on of 6; a man's for half his chest girth. A woman's inches belong to the number whose waist girth is
nearest (62 cm at size 32, the same steps), a man's to the number sixteen above, odd inches going up. Shoe sizes and children's
heights are compared with their own kind only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple

from catalog_data.schema import SizeStock, SizeSystem

SizeGroup = Literal["body", "eu_shoe", "height", "one"]
Audience = Literal["women", "men"]


class BodyRow(NamedTuple):
    """One number and what else its wearer takes."""

    alpha: str
    eu: str
    waist: tuple[str, ...]


BODY_TABLE: dict[Audience, tuple[BodyRow, ...]] = {
    "women": (
        BodyRow("XXS", "30", ("23",)),
        BodyRow("XS", "32", ("24",)),
        BodyRow("XS", "34", ("25", "26")),
        BodyRow("S", "36", ("27",)),
        BodyRow("S", "38", ("28", "29")),
        BodyRow("M", "40", ("30",)),
        BodyRow("M", "42", ("31", "32")),
        BodyRow("L", "44", ("33",)),
        BodyRow("L", "46", ("34", "35")),
        BodyRow("XL", "48", ("36", "37", "38")),
        BodyRow("XL", "50", ("39", "40")),
        BodyRow("2XL", "52", ("41", "42")),
        BodyRow("2XL", "54", ("43", "44")),
        BodyRow("3XL", "56", ("45", "46")),
        BodyRow("3XL", "58", ("47", "48")),
    ),
    "men": (
        BodyRow("XS", "40", ("24",)),
        BodyRow("XS", "42", ("25", "26")),
        BodyRow("S", "44", ("27", "28")),
        BodyRow("S", "46", ("29", "30")),
        BodyRow("M", "48", ("31", "32")),
        BodyRow("M", "50", ("33", "34")),
        BodyRow("L", "52", ("35", "36")),
        BodyRow("L", "54", ("37", "38")),
        BodyRow("XL", "56", ("39", "40")),
        BodyRow("XL", "58", ("41", "42")),
        BodyRow("2XL", "60", ("43", "44")),
    ),
}

ALPHA_ORDER: tuple[str, ...] = ("XXS", "XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL", "5XL")
_ALPHA_WORDS = {
    "2XS": "XXS",
    "XSMALL": "XS",
    "SMALL": "S",
    "MEDIUM": "M",
    "LARGE": "L",
    "XLARGE": "XL",
    "XXL": "2XL",
    "XXXL": "3XL",
    "XXXXL": "4XL",
    "XXXXXL": "5XL",
}


def size_group(system: SizeSystem) -> SizeGroup:
    """The systems that can be compared with `system` share its group."""
    return "body" if system == "alpha" or system == "eu" or system == "waist" else system


def audiences(gender: Iterable[str]) -> frozenset[Audience]:
    """Whose table converts an item's sizes. Unisex: both, and both must agree; children, or nothing stated: none."""
    stated = set(gender)
    named: set[Audience] = set()
    if stated & {"women", "unisex"}:
        named.add("women")
    if stated & {"men", "unisex"}:
        named.add("men")
    return frozenset(named)


def labels(system: SizeSystem, label: str) -> frozenset[str]:
    """The sizes that a label covers, spelt one way: "XXL" and "2XL" are one, "S/M" is two, "42,0" is 42, "W32 L34" is waist 32."""
    text = unicodedata.normalize("NFKC", label).upper().replace(",", ".").strip()
    if system == "waist":
        return frozenset(part for part in _waist(text)[:1] if part)
    parts = [part.replace(" ", "").replace("-", "") if system == "alpha" else part.strip() for part in text.split("/")]
    return frozenset(_ALPHA_WORDS.get(part, part) if system == "alpha" else _number(part) for part in parts if part)


def _number(text: str) -> str:
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", text) else text


def _waist(text: str) -> tuple[str, str | None]:
    found = re.findall(r"\d+(?:\.\d+)?", text)
    return (_number(found[0]) if found else text, _number(found[1]) if len(found) > 1 else None)


def fits(wanted_system: SizeSystem, wanted: str, piece: SizeStock, audience: frozenset[Audience]) -> bool:
    """True when a piece's label means the wanted size. One-size pieces fit everyone. Across systems the table of every audience
    must say so; where it holds no such row, or no audience is stated, the answer is no."""
    if piece.system == "one":
        return True
    if size_group(piece.system) != size_group(wanted_system):
        return False
    if piece.system == wanted_system == "waist":
        (waist, leg), (my_waist, my_leg) = _waist(wanted.upper()), _waist(piece.label.upper())
        return waist == my_waist and (leg is None or my_leg is None or leg == my_leg)
    asked, offered = labels(wanted_system, wanted), labels(piece.system, piece.label)
    if piece.system == wanted_system:
        return bool(asked & offered)
    return bool(audience) and all(
        _share_row(BODY_TABLE[who], (wanted_system, asked), (piece.system, offered)) for who in audience
    )


def _share_row(
    table: tuple[BodyRow, ...], one: tuple[SizeSystem, frozenset[str]], other: tuple[SizeSystem, frozenset[str]]
) -> bool:
    return any(_cell(row, one[0]) & one[1] and _cell(row, other[0]) & other[1] for row in table)


def _cell(row: BodyRow, system: SizeSystem) -> frozenset[str]:
    return frozenset(row.waist) if system == "waist" else frozenset((row.alpha if system == "alpha" else row.eu,))


def size_rank(system: SizeSystem, label: str) -> float | None:
    """Where a label stands from small to large within its system; None for one that cannot be placed."""
    spelt = sorted(labels(system, label))
    if not spelt:
        return None
    if system == "alpha":
        return float(ALPHA_ORDER.index(spelt[0])) if spelt[0] in ALPHA_ORDER else None
    return float(spelt[0]) if re.fullmatch(r"\d+(?:\.\d+)?", spelt[0]) else None
