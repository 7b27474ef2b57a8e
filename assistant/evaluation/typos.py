"""Slips of the keyboard, seeded."""

from __future__ import annotations

import re
from collections.abc import Collection
from random import Random

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
RATE = 0.08
SHORTEST = 4


def misspell(text: str, rng: Random, known: Collection[str] = (), rate: float = RATE) -> str:
    """`text` with about `rate` of its words of four letters or more mistyped once: two letters swapped, one dropped, doubled, or hit
    beside its key. A slip that makes another of the `known` words is not made; first letters stay, as they mostly do."""

    def slipped(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < SHORTEST or rng.random() >= rate:
            return word
        wrong = _slip(word, rng)
        return word if wrong.lower() in known else wrong

    return re.sub(r"[A-Za-z]+", slipped, text)


def _slip(word: str, rng: Random) -> str:
    place = rng.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    match rng.choice(("swap", "drop", "double", "neighbour")):
        case "swap":
            return f"{before}{after[0]}{letter}{after[1:]}"
        case "drop":
            return before + after
        case "double":
            return f"{before}{letter}{letter}{after}"
        case _:
            return f"{before}{_beside(letter, rng)}{after}"


def _beside(letter: str, rng: Random) -> str:
    """A key next to the letter's in its row."""
    row = next(row for row in ROWS if letter.lower() in row)
    place = row.index(letter.lower())
    return rng.choice(row[max(0, place - 1) : place] + row[place + 1 : place + 2])
