"""Colours in L*a*b*, and which go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_data.vocabulary import Entry, Vocabulary, load_vocabulary
from retrieval.colors import (
    CLASH_BELOW,
    NEUTRAL_SCORE,
    UNKNOWN_SCORE,
    Lab,
    Palette,
    difference,
    harmony,
    hue_angle,
    lab_of_hex,
)

hexes = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.fixture(scope="module")
def palette() -> Palette:
    return Palette(load_vocabulary())


@pytest.mark.parametrize(
    ("code", "lab"),
    [
        ("#ffffff", (100.0, 0.0, 0.0)),
        ("#000000", (0.0, 0.0, 0.0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#00ff00", (87.73, -86.18, 83.18)),
        ("#0000ff", (32.30, 79.19, -107.86)),
        ("#777777", (50.03, 0.0, 0.0)),
    ],
)
def test_the_published_values_of_the_primaries(code: str, lab: tuple[float, float, float]) -> None:
    assert lab_of_hex(code) == pytest.approx(lab, abs=0.02)


@pytest.mark.parametrize("code", ["", "ff0000", "#ff00", "#gg0000", "red"])
def test_what_is_no_colour_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="write #rrggbb"):
        lab_of_hex(code)


def test_hue_chroma_and_difference() -> None:
    assert Lab(50, 3, 4).chroma == 5
    assert Lab(50, 0, 4).hue == 90
    assert hue_angle(Lab(50, 10, -1), Lab(50, 10, 1)) == pytest.approx(11.42, abs=0.01)
    assert difference(Lab(50, 0, 0), Lab(53, 0, 4)) == 5


@given(hexes, hexes)
def test_harmony_is_symmetric_and_bounded(first: str, second: str) -> None:
    score, relation = harmony(lab_of_hex(first), lab_of_hex(second))
    assert (score, relation) == harmony(lab_of_hex(second), lab_of_hex(first))
    assert 0 <= score <= 1
    assert (relation == "clash") == (score < CLASH_BELOW)


@given(hexes, st.integers(0, 255).map(lambda grey: f"#{grey:02x}{grey:02x}{grey:02x}"))
def test_grey_goes_with_everything(colour: str, grey: str) -> None:
    score, relation = harmony(lab_of_hex(colour), lab_of_hex(grey))
    assert relation in ("neutral", "same")
    assert score >= NEUTRAL_SCORE - 0.1


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("navy", "camel", "neutral"),
        ("black", "hot pink", "neutral"),
        ("gold", "red", "neutral"),
        ("red", "burgundy", "tonal"),
        ("red", "orange", "analogous"),
        ("yellow", "purple", "contrast"),
        ("sage", "dusty pink", "contrast"),
        ("red", "purple", "clash"),
        ("lime", "red", "clash"),
        ("navy", "navy", "same"),
        ("multicolour", "red", "unknown"),
        ("no such colour", "red", "unknown"),
    ],
)
def test_relations_of_named_colours(palette: Palette, first: str, second: str, relation: str) -> None:
    assert palette.relation(first, second)[1] == relation


def test_the_order_of_taste(palette: Palette) -> None:
    def score(first: str, second: str) -> float:
        return palette.relation(first, second)[0]

    assert score("red", "burgundy") > score("red", "light red"), "light and dark of a hue look chosen, a near miss does not"
    assert score("navy", "camel") > score("navy", "black"), "two dark neutrals are hard to tell apart"
    assert score("yellow", "purple") > score("red", "purple"), "opposite hues please more than those a quarter apart"
    assert score("lilac", "light yellow") > score("red", "purple"), "pale colours disturb less than vivid ones"


def test_the_table_holds_every_pair_and_a_row_for_the_unknown(palette: Palette) -> None:
    assert (palette.scores == palette.scores.T).all()
    assert (palette.scores[-1] == palette.scores.dtype.type(UNKNOWN_SCORE)).all()
    place = palette.place("navy"), palette.place("camel")
    assert palette.scores[place] == pytest.approx(palette.relation("navy", "camel")[0])
    assert palette.place(None) == palette.place("multicolour") == len(palette.scores) - 1


def test_a_vocabulary_without_colours_knows_nothing() -> None:
    empty = Palette(Vocabulary({"color": {"red": Entry()}}))
    assert empty.scores.shape == (1, 1)
    assert empty.relation("red", "red") == (UNKNOWN_SCORE, "unknown")
