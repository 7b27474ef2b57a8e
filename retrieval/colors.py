"""How well two colours go together, in a space where equal distances look equally far apart.

sRGB to linear light: IEC 61966-2-1. Linear light to CIE XYZ (D65) and on to CIE 1976 L*a*b*: CIE 15. The hue intervals at which two
colours please or clash (alike up to 25 degrees, similar to 43, ambiguous to 100, contrast to 180): P. Moon and D. E. Spencer,
"Geometric formulation of classical color harmony", J. Opt. Soc. Am. 34 (1944), there on Munsell's circle, here on the hue angle of
L*a*b*. How much each interval weighs, and that greys and the shop's neutrals go with everything, is set by hand.
"""

from __future__ import annotations

import math
import re
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog_data.vocabulary import Vocabulary

Relation = Literal["same", "neutral", "tonal", "analogous", "contrast", "clash", "unknown"]
"""same: one colour; neutral: one of the two is a neutral; tonal: one hue, light and dark; analogous: neighbouring hues; contrast:
hues far apart, or too pale to disturb; clash: bright hues neither near nor far, or two nearly equal colours."""

WHITE_D65 = (0.95047, 1.0, 1.08883)
"""The XYZ of the reference white, Y = 1."""

RGB_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))

GREY_CHROMA = 12.0
"""Below this chroma (L*a*b*) a colour is seen as a grey."""

VIVID_CHROMA = 50.0
"""From this chroma (geometric mean of the two) on, a clash counts in full."""

SAME_DIFFERENCE = 3.0
"""Up to this distance (CIE 1976 colour difference) two colours are one."""

TONAL_LIGHTNESS = 18.0
"""Two colours of one hue need this difference in L* to look chosen rather than missed."""

HUE_KNOTS = (0.0, 25.0, 43.0, 72.0, 100.0, 180.0)
HUE_SCORES = (0.90, 0.80, 0.72, 0.30, 0.52, 0.82)
"""The score of two vivid colours by the angle between their hues (degrees), linear in between."""

NEUTRAL_SCORE = 0.85
PALE_SCORE = 0.80
UNKNOWN_SCORE = 0.60
CLASH_BELOW = 0.50

METALLIC = "metallic colours"
"""The family of the vocabulary that goes with everything though it has a hue."""

HUELESS = ("multicolour", "transparent")
"""Values that name no one colour: nothing is said of how they go with others."""


class Lab(NamedTuple):
    """A colour in CIE 1976 L*a*b* (D65): `lightness` 0 to 100, `a` green to red, `b` blue to yellow."""

    lightness: float
    a: float
    b: float

    @property
    def chroma(self) -> float:
        """Distance from grey."""
        return math.hypot(self.a, self.b)

    @property
    def hue(self) -> float:
        """Hue angle in degrees, 0 to 360."""
        return math.degrees(math.atan2(self.b, self.a)) % 360


def lab_of_hex(code: str) -> Lab:
    """The L*a*b* of an sRGB colour "#rrggbb". Raises `ValueError` on anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", code):
        raise ValueError(f"{code!r} is no colour; write #rrggbb")
    linear = [_linear(int(code[place : place + 2], 16) / 255) for place in (1, 3, 5)]
    x, y, z = (
        _root(sum(part * light for part, light in zip(row, linear, strict=True)) / white)
        for row, white in zip(RGB_TO_XYZ, WHITE_D65, strict=True)
    )
    return Lab(116 * y - 16, 500 * (x - y), 200 * (y - z))


def _linear(value: float) -> float:
    """IEC 61966-2-1: the electro-optical transfer of one channel in [0, 1]."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _root(ratio: float) -> float:
    """CIE 15: the cube root, with its linear part near black."""
    return ratio ** (1 / 3) if ratio > (6 / 29) ** 3 else ratio / (3 * (6 / 29) ** 2) + 4 / 29


def difference(first: Lab, second: Lab) -> float:
    """CIE 1976 colour difference: 2 is just seen, 100 is black to white."""
    return math.dist(first, second)


def hue_angle(first: Lab, second: Lab) -> float:
    """The angle between two hues, 0 to 180 degrees."""
    apart = abs(first.hue - second.hue)
    return min(apart, 360 - apart)


def harmony(first: Lab, second: Lab, neutral: bool = False) -> tuple[float, Relation]:
    """How well two colours go together, in [0, 1], and by what relation. Symmetric. `neutral`: either is a neutral of the shop."""
    lightness = abs(first.lightness - second.lightness)
    if difference(first, second) <= SAME_DIFFERENCE:
        return NEUTRAL_SCORE, "same"
    if neutral or min(first.chroma, second.chroma) < GREY_CHROMA:
        # Two dark neutrals beside each other (black and navy) are told apart with effort: a little less.
        return NEUTRAL_SCORE - 0.1 * (lightness < TONAL_LIGHTNESS), "neutral"
    angle = hue_angle(first, second)
    if angle <= HUE_KNOTS[1]:
        return (HUE_SCORES[0], "tonal") if lightness >= TONAL_LIGHTNESS else (CLASH_BELOW + 0.1, "analogous")
    vivid = min(1.0, math.sqrt(first.chroma * second.chroma) / VIVID_CHROMA)
    score = (1 - vivid) * PALE_SCORE + vivid * float(np.interp(angle, HUE_KNOTS, HUE_SCORES))
    if score < CLASH_BELOW:
        return score, "clash"
    return score, "analogous" if angle <= HUE_KNOTS[2] else "contrast"


class Palette:
    """The harmony of every two colours of the vocabulary, worked out once.

    `scores`: float32 (k + 1, k + 1), symmetric; the last row and column stand for an unknown colour.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        entries = {value: vocabulary.entry("color", value) for value in vocabulary.values("color")}
        free = vocabulary.expand("color", METALLIC)
        self._labs = {value: lab_of_hex(entry.hex) for value, entry in entries.items() if entry.hex and value not in HUELESS}
        self._neutral = {value for value in self._labs if entries[value].neutral or value in free}
        self._place = {value: place for place, value in enumerate(self._labs)}
        self.scores = self._table()

    def _table(self) -> NDArray[np.float32]:
        table = np.full((len(self._labs) + 1,) * 2, UNKNOWN_SCORE, dtype=np.float32)
        for first, row in self._place.items():
            for second, column in self._place.items():
                table[row, column] = self.relation(first, second)[0]
        return table

    def place(self, value: str | None) -> int:
        """The row of `scores` for a colour of the vocabulary; the last one for none, or for one without a hue."""
        return self._place.get(value, len(self._labs)) if value is not None else len(self._labs)

    def relation(self, first: str, second: str) -> tuple[float, Relation]:
        """`harmony` of two colours by name; `UNKNOWN_SCORE` and "unknown" where one has no hue."""
        if first not in self._labs or second not in self._labs:
            return UNKNOWN_SCORE, "unknown"
        if first == second:
            return NEUTRAL_SCORE, "same"
        return harmony(self._labs[first], self._labs[second], first in self._neutral or second in self._neutral)
