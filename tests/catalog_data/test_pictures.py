"""Drawn pictures: recognisable apart, safe whatever the catalog says, in the item's own colours, and absent where they would be invented."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_data.picture_patterns import TILES
from catalog_data.pictures import DRAWN, MEDIA_FOLDER, draw
from catalog_data.schema import Catalog, Product
from catalog_data.vocabulary import Vocabulary, load_vocabulary

SVG = "{http://www.w3.org/2000/svg}"
SILHOUETTES = sorted(MEDIA_FOLDER.glob("*.svg"))
VOCABULARY = load_vocabulary()
COLOURS = [color for color in VOCABULARY.values("color") if VOCABULARY.entry("color", color).hex]


def _item(**fields: object) -> Product:
    return Product.model_validate(
        {"product_id": "dr-0001", "title": "A dress", "product_type": "dress", "colors": ["red"], "image": DRAWN, **fields}
    )


def _drawn(**fields: object) -> str:
    picture = draw(_item(**fields), VOCABULARY)
    assert picture is not None
    return picture


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""

    def luminance(color: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in _rgb(color))]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# --- the silhouettes ----------------------------------------------------------------------------------------------------------


def test_no_two_silhouettes_are_alike() -> None:
    drawings = {path.name: tuple(shape.get("d") for shape in ElementTree.parse(path).getroot()) for path in SILHOUETTES}
    assert len(set(drawings.values())) == len(drawings) >= 55
    bodies = [
        next(shape.get("d") for shape in ElementTree.parse(path).getroot() if shape.get("class") == "body")
        for path in SILHOUETTES
    ]
    assert len(set(bodies)) >= len(bodies) - 2  # long sleeves on a sweatshirt or a T-shirt are cut alike


@pytest.mark.parametrize("path", SILHOUETTES, ids=lambda path: path.stem)
def test_a_silhouette_is_plain_geometry_on_the_canvas(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 200 240"
    assert any(shape.get("class") == "body" for shape in root)
    for shape in root:
        assert shape.tag in {f"{SVG}path", f"{SVG}circle", f"{SVG}ellipse"}
        assert set(shape.attrib) <= {"class", "d", "cx", "cy", "r", "rx", "ry"}
        assert re.fullmatch(r"[MLCQZqlA0-9 .,-]*", shape.get("d", ""))
    kind = re.sub(r"-(?:long-sleeves|short-sleeves|v-neck|turtleneck|maxi|mini|short)+$", "", path.stem)
    known = {value.replace(" ", "-") for value in VOCABULARY.values("category")}
    assert path.stem in known or any(path.stem.startswith(f"{name}-") for name in known), kind


def test_every_type_of_the_demo_shop_has_a_silhouette_of_its_own(demo_shop: Catalog) -> None:
    drawn = {path.stem for path in SILHOUETTES}
    assert {str(product.product_type).replace(" ", "-") for product in demo_shop.products} <= drawn


# --- the pictures -------------------------------------------------------------------------------------------------------------


def test_every_item_of_the_demo_shop_is_drawn_in_its_colours(demo_shop: Catalog, demo_vocabulary: Vocabulary) -> None:
    for product in demo_shop.products:
        picture = draw(product, demo_vocabulary)
        assert picture is not None, product.product_id
        root = ElementTree.fromstring(picture)
        assert root.findtext(f"{SVG}title") == product.title
        assert str(demo_vocabulary.entry("color", product.colors[0]).hex) in picture
        if product.patterns[0] in TILES and len(product.colors) > 1:
            assert str(demo_vocabulary.entry("color", product.colors[1]).hex) in picture
        assert not re.search(r"<script|<style|<image|<use|href|@import|\bon\w+=|javascript:|url\((?!#p-)", picture, re.I)
        assert len(picture) < 16_000


@pytest.mark.parametrize("pattern", sorted(TILES))
def test_every_pattern_is_drawn_and_is_a_word_of_the_vocabulary(pattern: str) -> None:
    assert pattern in VOCABULARY.values("pattern")
    root = ElementTree.fromstring(_drawn(patterns=[pattern], colors=["navy", "cream"]))
    tile = root.find(f"{SVG}defs/{SVG}pattern")
    assert tile is not None
    body = root.find(f"{SVG}g/{SVG}path[@fill='url(#{tile.get('id')})']")
    assert body is not None
    assert _drawn(patterns=["solid"]) != _drawn(patterns=[pattern])


def test_a_pattern_of_two_items_on_one_page_does_not_clash() -> None:
    one, other = _drawn(patterns=["striped"]), _drawn(patterns=["striped"], product_id="dr 0001")
    ids = [re.findall(r'pattern id="([^"]+)"', picture) for picture in (one, other)]
    assert ids[0] != ids[1]


@pytest.mark.parametrize("color", COLOURS)
def test_outlines_can_be_seen_on_every_colour_and_against_the_paper(color: str) -> None:
    picture = _drawn(colors=[color])
    edge = re.search(r'stroke="(#[0-9a-f]{6})" stroke-width="2"', picture)
    paper = re.search(r"<rect width='200' height='240' fill='(#[0-9a-f]{6})'", picture)
    assert edge
    assert paper
    assert _contrast(edge[1], str(VOCABULARY.entry("color", color).hex)) >= 1.9
    assert _contrast(edge[1], paper[1]) >= 2.4


def test_length_and_sleeves_choose_the_silhouette() -> None:
    shapes = {
        _drawn(lengths=[length], features=features)
        for length in ("mini", "midi", "maxi")
        for features in ([], ["long sleeves"], ["pockets"])
    }
    assert len(shapes) == 5  # a mini one has no drawing with long sleeves, pockets change nothing
    assert _drawn(product_type="sweater", features=["turtleneck"]) != _drawn(product_type="sweater")


@pytest.mark.parametrize(
    "fields",
    [
        {"image": None},
        {"image": "https://shop.example/dress.jpg"},
        {"product_type": None},
        {"product_type": "shampoo"},
        {"product_type": "../media/dress"},
        {"product_type": "dress/../dress"},
        {"product_type": "dress\x00"},
        {"colors": []},
        {"colors": ["a colour that nobody knows"]},
    ],
)
def test_nothing_is_drawn_where_it_would_be_invented(fields: dict[str, object]) -> None:
    assert draw(_item(**fields), VOCABULARY) is None


@given(st.text(max_size=80).filter(lambda text: text.strip()), st.text(min_size=1, max_size=40).filter(lambda text: text.strip()))
def test_whatever_the_catalog_says_the_picture_is_safe_xml(title: str, word: str) -> None:
    product = _item(title=title, product_id=word, patterns=["striped"], lengths=[word], features=[word], collection=word)
    picture = draw(product, VOCABULARY)
    assert picture is not None
    root = ElementTree.fromstring(picture)
    allowed = {"svg", "title", "defs", "pattern", "rect", "path", "circle", "ellipse", "g"}
    assert {str(element.tag).removeprefix(SVG) for element in root.iter()} <= allowed
    assert len(root.findall(f"{SVG}title")) == 1


@pytest.mark.parametrize(
    "title", ["</title><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "${alert(1)}", "Tom & Jerry's"]
)
def test_titles_are_escaped(title: str) -> None:
    picture = _drawn(title=title)
    assert "<script" not in picture
    assert "<img" not in picture
    assert ElementTree.fromstring(picture).findtext(f"{SVG}title") == title
