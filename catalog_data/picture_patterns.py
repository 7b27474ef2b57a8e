"""How the patterns of the vocabulary are drawn: one repeating tile each, as SVG marks.

`a` is the item's first colour, `b` and `c` the pattern's own two, `d` the outline. A tile of 200 x 240 covers the whole picture once.
A pattern without a tile here (solid, texture too fine to see) is drawn plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Tile(NamedTuple):
    """One tile: its size in picture units, and its marks with {a} {b} {c} {d} for the colours."""

    width: int
    height: int
    marks: str


_CHECK = '<rect width="9" height="22" fill="{b}" fill-opacity=".55"/><rect width="22" height="9" fill="{b}" fill-opacity=".55"/>'
_SPOTS = (
    '<g fill="none" stroke="{b}" stroke-width="3.2" stroke-linecap="round"><path d="M6 8C8 3 15 3 16 8M14 13C10 15 7 13 6 11'
    'M24 20C26 15 32 17 32 22M30 26C26 28 24 26 23 24M24 5C27 3 30 5 29 8M4 24C6 21 11 21 11 25"/></g>'
    '<circle cx="11" cy="9" r="1.8" fill="{c}"/><circle cx="28" cy="22" r="1.8" fill="{c}"/>'
)

TILES: Mapping[str, Tile] = MappingProxyType(
    {
        "striped": Tile(16, 16, '<rect width="16" height="6" fill="{b}"/>'),
        "breton stripes": Tile(16, 13, '<rect width="16" height="3.4" fill="{b}"/>'),
        "pinstripe": Tile(12, 12, '<path d="M6 0V12" stroke="{b}" stroke-width="1.1" fill="none"/>'),
        "checked": Tile(22, 22, _CHECK),
        "tartan": Tile(
            36,
            36,
            '<rect x="4" width="12" height="36" fill="{b}" fill-opacity=".5"/><rect y="4" width="36" height="12" fill="{b}" '
            'fill-opacity=".5"/><path d="M26 0V36M0 26H36" stroke="{c}" stroke-width="1.8"/>',
        ),
        "gingham": Tile(
            12,
            12,
            '<rect width="6" height="12" fill="{b}" fill-opacity=".5"/><rect width="12" height="6" fill="{b}" fill-opacity=".5"/>',
        ),
        "houndstooth": Tile(14, 14, '<path d="M0 0H7L3 4V7H0ZM7 7H14V10L10 14H7ZM7 0L10 3V7H7Z" fill="{b}"/>'),
        "prince of wales check": Tile(
            32,
            32,
            '<path d="M2 0V32M5 0V32M8 0V32M11 0V32M0 2H32M0 5H32M0 8H32M0 11H32" stroke="{b}" stroke-width=".9"/>'
            '<path d="M22 0V32M0 22H32" stroke="{c}" stroke-width="1.4"/>',
        ),
        "polka dot": Tile(20, 20, '<circle cx="5" cy="5" r="3.4" fill="{b}"/><circle cx="15" cy="15" r="3.4" fill="{b}"/>'),
        "floral": Tile(
            38,
            38,
            '<g fill="{b}"><circle cx="9" cy="5" r="4"/><circle cx="14" cy="9" r="4"/><circle cx="12" cy="15" r="4"/>'
            '<circle cx="6" cy="15" r="4"/><circle cx="4" cy="9" r="4"/></g><circle cx="9" cy="11" r="2.6" fill="{c}"/>'
            '<g fill="{b}"><circle cx="28" cy="24" r="3"/><circle cx="32" cy="28" r="3"/><circle cx="28" cy="32" r="3"/>'
            '<circle cx="24" cy="28" r="3"/></g><circle cx="28" cy="28" r="2" fill="{c}"/>'
            '<path d="M16 18C20 20 22 22 23 25M26 8C30 6 33 8 34 12C30 13 27 12 26 8Z" stroke="{b}" fill="{b}" fill-opacity=".6"/>',
        ),
        "tropical": Tile(
            52,
            52,
            '<path d="M4 40C8 22 24 12 44 10C40 28 26 40 4 40ZM4 40L40 13" fill="{b}" stroke="{a}" stroke-width="1.4"/>'
            '<path d="M36 50C32 42 36 32 46 30C50 38 46 46 36 50Z" fill="{c}"/>',
        ),
        "animal print": Tile(34, 30, _SPOTS),
        "leopard print": Tile(28, 26, _SPOTS),
        "zebra print": Tile(
            40,
            36,
            '<path d="M0 6C10 2 16 12 26 7C32 4 36 6 40 6V11C34 10 30 14 24 15C14 17 10 8 0 12ZM0 24C8 20 14 28 22 24C30 20 34 22 40 24V29'
            'C32 27 28 32 20 32C12 32 8 26 0 30Z" fill="{b}"/>',
        ),
        "snake print": Tile(
            18,
            20,
            '<path d="M9 1L16 10L9 19L2 10Z" fill="none" stroke="{b}" stroke-width="1.6"/><circle cx="9" cy="10" r="2.4" fill="{b}"/>',
        ),
        "camouflage": Tile(
            64,
            56,
            '<path d="M0 6C14 -4 30 6 26 18C20 28 8 20 0 22Z" fill="{b}"/><path d="M34 24C48 16 64 26 58 40C46 52 40 38 28 40Z" '
            'fill="{c}"/><path d="M4 38C12 32 22 40 18 50C10 56 2 48 4 38Z" fill="{b}"/>',
        ),
        "graphic print": Tile(
            200,
            240,
            '<circle cx="100" cy="124" r="25" fill="{b}"/><path d="M100 105L112 124L100 143L88 124Z" fill="{c}"/>'
            '<path d="M68 160H132M78 168H122" stroke="{b}" stroke-width="4"/>',
        ),
        "logo print": Tile(200, 240, '<path d="M84 116L92 108L100 116L92 124ZM100 116L108 108L116 116L108 124Z" fill="{b}"/>'),
        "slogan print": Tile(
            200,
            240,
            '<path d="M66 112H92M98 112H134M70 124H110M116 124H130M76 136H124" stroke="{b}" stroke-width="6" stroke-linecap="round"/>',
        ),
        "geometric": Tile(24, 24, '<path d="M12 1L23 12L12 23L1 12Z" fill="{b}"/><path d="M12 7L17 12L12 17L7 12Z" fill="{a}"/>'),
        "abstract": Tile(
            58,
            52,
            '<path d="M2 10C12 -4 28 6 24 18C20 30 2 24 2 10Z" fill="{b}"/><path d="M34 26C46 20 58 30 50 42C42 52 28 40 34 26Z" '
            'fill="{c}"/><path d="M36 4C42 12 50 12 56 6" stroke="{b}" stroke-width="3" fill="none"/>',
        ),
        "paisley": Tile(
            34,
            38,
            '<path d="M8 30C-2 20 8 2 24 8C16 10 18 18 20 22C22 30 14 36 8 30Z" fill="{b}"/><circle cx="12" cy="23" r="3" fill="{c}"/>'
            '<circle cx="28" cy="32" r="2" fill="{b}"/>',
        ),
        "ethnic print": Tile(
            32,
            40,
            '<path d="M0 6L8 0L16 6L24 0L32 6V11L24 5L16 11L8 5L0 11Z" fill="{b}"/><path d="M16 16L24 24L16 32L8 24Z" fill="{b}"/>'
            '<path d="M16 21L19 24L16 27L13 24Z" fill="{c}"/><path d="M0 37H32" stroke="{b}" stroke-width="2.4" stroke-dasharray="4 4"/>',
        ),
        "baroque print": Tile(
            44,
            44,
            '<path d="M22 4C34 4 40 14 34 20C30 24 24 20 28 16M22 4C10 4 4 14 10 20C14 24 20 20 16 16M22 40C34 40 38 30 32 26M22 40C10 40 6 '
            '30 12 26M22 12V34" fill="none" stroke="{b}" stroke-width="2.2"/><circle cx="22" cy="24" r="3" fill="{c}"/>',
        ),
        "tie-dye": Tile(
            90,
            90,
            '<g fill="none" stroke="{b}" stroke-opacity=".6" stroke-width="7"><circle cx="45" cy="45" r="8"/><circle cx="45" cy="45" '
            'r="24"/><circle cx="45" cy="45" r="41"/></g><path d="M45 0V90M0 45H90M12 12L78 78M78 12L12 78" stroke="{c}" '
            'stroke-opacity=".35" stroke-width="4"/>',
        ),
        "colour block": Tile(200, 240, '<rect y="122" width="200" height="118" fill="{b}"/>'),
        "melange": Tile(
            14,
            12,
            '<path d="M1 2H4M8 4H12M3 8H7M10 10H13" stroke="{b}" stroke-opacity=".7" stroke-width="1"/>'
            '<path d="M6 1H8M1 6H2M9 7H11" stroke="{d}" stroke-opacity=".5" stroke-width="1"/>',
        ),
        "jacquard": Tile(
            30,
            30,
            '<g fill="none" stroke="{b}" stroke-width="1.6"><path d="M15 2C22 6 22 12 15 15C8 12 8 6 15 2ZM15 15C22 18 22 24 15 28C8 24 8 18 '
            '15 15Z"/><path d="M0 15C4 11 8 11 11 15C8 19 4 19 0 15ZM19 15C22 11 26 11 30 15C26 19 22 19 19 15Z"/></g>',
        ),
        "embroidered": Tile(
            46,
            46,
            '<g fill="none" stroke="{b}" stroke-width="1.8" stroke-dasharray="3 1.6"><path d="M8 38C10 24 20 16 36 10M14 28C8 26 6 22 7 18'
            'M22 19C18 14 20 9 23 7M26 16C32 18 36 18 40 15"/></g><circle cx="37" cy="9" r="3" fill="{c}"/>',
        ),
        "sequinned": Tile(
            12,
            12,
            '<circle cx="3" cy="3" r="2.7" fill="{b}" fill-opacity=".75"/><circle cx="9" cy="9" r="2.7" fill="{c}" fill-opacity=".75"/>'
            '<circle cx="2.4" cy="2.4" r=".8" fill="#ffffff"/><circle cx="8.4" cy="8.4" r=".8" fill="#ffffff"/>',
        ),
        "beaded": Tile(
            22,
            22,
            '<circle cx="4" cy="4" r="1.9" fill="{b}"/>'
            '<circle cx="15" cy="8" r="1.5" fill="{c}"/><circle cx="9" cy="16" r="2.2" fill="{b}"/>',
        ),
        "metallic shine": Tile(
            26,
            26,
            '<path d="M6 2L7.4 5.6L11 7L7.4 8.4L6 12L4.6 8.4L1 7L4.6 5.6Z'
            'M19 14L20 16.8L22.8 18L20 19.2L19 22L18 19.2L15.2 18L18 16.8Z" fill="{b}"/>',
        ),
        "applique": Tile(
            60,
            60,
            '<path d="M16 4L20 13L30 14L22 20L25 30L16 24L7 30L10 20L2 14L12 13Z" fill="{b}" stroke="{d}" stroke-width="1"/>'
            '<circle cx="44" cy="44" r="9" fill="{c}" stroke="{d}" stroke-width="1"/>',
        ),
        "all-over print": Tile(
            30,
            30,
            '<path d="M4 8L10 2L16 8L10 14Z" fill="{b}"/>'
            '<circle cx="23" cy="22" r="4.4" fill="{c}"/><path d="M4 24L12 20" stroke="{b}" stroke-width="3"/>',
        ),
        "textured": Tile(
            10, 8, '<path d="M0 4Q2.5 1 5 4T10 4" stroke="{d}" stroke-opacity=".55" stroke-width="1.1" fill="none"/>'
        ),
        "quilted pattern": Tile(
            22, 22, '<path d="M0 0L22 22M22 0L0 22" stroke="{d}" stroke-opacity=".7" stroke-width="1.3" fill="none"/>'
        ),
        "patchwork": Tile(
            60,
            60,
            '<rect width="30" height="30" fill="{b}"/>'
            '<rect x="30" y="30" width="30" height="30" fill="{c}"/><path d="M0 30H60M30 0V60" stroke="{d}" stroke-width="1" stroke-dasharray="3 2"/>',
        ),
    }
)
