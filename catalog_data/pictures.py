"""A drawn picture of an item: the silhouette of its type, in its colour and pattern.

The silhouettes are files, `media/<type>.svg` (and `media/<type>-<length>.svg` where a length looks different), drawn on a
200 x 240 canvas. Each shape carries a class that says what it is (body, trim, seam, metal, ...); this file turns classes into
paint. What comes out is one self-contained SVG: no script, no style sheet, no link, every text escaped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from catalog_data.picture_patterns import TILES
from catalog_data.schema import Product
from catalog_data.vocabulary import Vocabulary

MEDIA_FOLDER = Path(__file__).with_name("media")

DRAWN = "drawn"
"""The value of `Product.image` that asks for a picture from here; any other means that the shop has its own or none."""

_PAPER = "#f6f3ee"
_INK = "#1c1a19"
_WHITE = "#ffffff"
_GEOMETRY = ("d", "cx", "cy", "r", "rx", "ry", "x", "y", "width", "height")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHAPES = ("path", "circle", "ellipse", "rect")


def draw(product: Product, vocabulary: Vocabulary, media: Path = MEDIA_FOLDER) -> str | None:
    """An SVG document (200 x 240 units) of the item, or None where a picture would be invented.

    None when the item does not ask for one (`image` is not "drawn"), when its type has no silhouette, or when none of its colours
    has a hex value. The first colour fills the body; the second, where there is one, draws the pattern and the accents.
    """
    if product.image != DRAWN:
        return None
    hexes = [entry.hex for entry in (vocabulary.entry("color", color) for color in product.colors) if entry.hex]
    silhouette = _silhouette(product, media)
    if silhouette is None or not hexes:
        return None
    palette = _palette(hexes)
    tile_id = "p-" + hashlib.sha256(product.product_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    tile = _tile(product.patterns, palette, tile_id)
    shapes = "".join(_shapes(silhouette, palette, f"url(#{tile_id})" if tile else palette["first"]))
    title = escape(_NOT_XML.sub("", product.title))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 240" role="img">'
        f"<title>{title}</title>{tile}<rect width='200' height='240' fill='{_PAPER}'/>"
        f'<g stroke-linejoin="round" stroke-linecap="round">{shapes}</g></svg>'
    )


def _silhouette(product: Product, media: Path) -> str | None:
    """The drawing for the item's type, in its own length and cut where one was drawn. The catalog's words are untrusted file names."""
    kind = _slug(product.product_type)
    if kind is None:
        return None
    lengths = [f"-{slug}" for slug in map(_slug, product.lengths) if slug]
    cuts = [f"-{slug}" for slug in map(_slug, product.features) if slug]
    for name in [kind + length + cut for length in [*lengths, ""] for cut in [*cuts, ""]]:
        path = media / f"{name}.svg"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return None


def _slug(value: str | None) -> str | None:
    slug = (value or "").replace(" ", "-").lower()
    return slug if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug) else None


def _palette(hexes: list[str]) -> dict[str, str]:
    """Every colour that a picture needs, from the item's own: shades and outlines that stay visible on light and on dark."""
    first = hexes[0]
    dark = _luminance(first) < 0.09
    second = hexes[1] if len(hexes) > 1 else (_mix(first, _WHITE, 0.62) if _luminance(first) < 0.35 else _mix(first, _INK, 0.42))
    third = hexes[2] if len(hexes) > 2 else _mix(second, _WHITE if _luminance(second) < 0.3 else _INK, 0.35)
    return {
        "first": first,
        "second": second,
        "third": third,
        "accent": hexes[1] if len(hexes) > 1 else _mix(first, _WHITE if dark else _INK, 0.24),
        "trim": _mix(first, _WHITE, 0.13) if dark else _mix(first, _INK, 0.13),
        "inside": _mix(first, _WHITE, 0.28) if dark else _mix(first, _INK, 0.42),
        "edge": _mix(first, _WHITE, 0.42) if dark else _mix(first, _INK, 0.58 if _luminance(first) > 0.2 else 0.72),
    }


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _mix(color: str, other: str, share: float) -> str:
    """`color` with `share` (0 to 1) of `other`, channel by channel in sRGB."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_rgb(color), _rgb(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _luminance(color: str) -> float:
    """Relative luminance in [0, 1], by WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (channel / 255 for channel in _rgb(color))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _tile(patterns: tuple[str, ...], palette: Mapping[str, str], tile_id: str) -> str:
    """The `<defs>` with the fill of the first pattern that can be drawn; empty for plain."""
    drawable = next((pattern for pattern in patterns if pattern in TILES), None)
    if drawable is None:
        return ""
    width, height, marks = TILES[drawable]
    inner = marks.format(a=palette["first"], b=palette["second"], c=palette["third"], d=palette["edge"])
    return (
        f'<defs><pattern id="{tile_id}" width="{width}" height="{height}" patternUnits="userSpaceOnUse">'
        f'<rect width="{width}" height="{height}" fill="{palette["first"]}"/>{inner}</pattern></defs>'
    )


def _shapes(silhouette: str, palette: Mapping[str, str], fill: str) -> Iterator[str]:
    """The silhouette's shapes, geometry alone, painted by their class."""
    for element in ElementTree.fromstring(silhouette):
        tag = element.tag.rpartition("}")[2]
        if tag not in _SHAPES:
            continue
        geometry = " ".join(f'{name}="{escape(element.attrib[name])}"' for name in _GEOMETRY if name in element.attrib)
        yield f"<{tag} {geometry} {_paint(element.get('class', 'body'), palette, fill)}/>"


def _paint(kind: str, palette: Mapping[str, str], fill: str) -> str:
    """The presentation attributes of one class of shape."""
    edge = palette["edge"]
    filled = {
        "body": fill,
        "trim": palette["trim"],
        "accent": palette["accent"],
        "inside": palette["inside"],
        "light": "#f7f4ec",
        "metal": "#d8c48c",
        "glass": "#4b4a4d",
        "gem": "#dfeaf0",
        "fur": "#e4d8c4",
        "straw": "#d9bf8c",
        "bead": palette["second"],
        "button": palette["trim"],
    }
    if kind in filled:
        return f'fill="{filled[kind]}" fill-rule="evenodd" stroke="{edge}" stroke-width="{1.2 if kind == "button" else 2}"'
    stroke, width, dash = {
        "seam": (edge, 1.4, ""),
        "stitch": (edge, 1.2, "4 3"),
        "fine": (edge, 0.9, ""),
        "fringe": (palette["accent"], 2.6, ""),
        "shine": ("#ffffff", 2.4, ""),
        "zip": ("#a9a396", 2.4, "2.5 1.5"),
        "chain": ("#bfa763", 3, "1 3.4"),
        "strap": (palette["trim"], 3.4, ""),
        "handle": (palette["trim"], 7, ""),
    }[kind]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'fill="none" stroke="{stroke}" stroke-width="{width:g}"{dashes}'
