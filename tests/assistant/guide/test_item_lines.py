"""What a model is told of an item: true words in plain English, no figure, and short."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guide.explain import speaker
from assistant.guide.item_lines import item_lines
from assistant.guide.units import units
from assistant.guide.words import tokens
from assistant.schema import ItemFacts
from catalog_data.vocabulary import Vocabulary
from tests.assistant.guide.strategies import briefs


def facts(label: str = "item1", **values: tuple[str, ...]) -> ItemFacts:
    """The facts of an item, by slot."""
    return ItemFacts(label=label, product_id=label, facts=values, references={f"{label}.title": "A Title"})


def line(vocabulary: Vocabulary, wishes: tuple[str, ...] = (), **values: tuple[str, ...]) -> str:
    """The line of one item that is shown alone."""
    return item_lines([facts(**values)], wishes, speaker(vocabulary))["item1"]


def test_a_whole_item(vocabulary: Vocabulary) -> None:
    said = line(
        vocabulary,
        category=("dress",),
        color=("red",),
        material=("linen", "viscose"),
        pattern=("floral",),
        length=("midi",),
        style=("romantic",),
        feature=("pockets", "short sleeves"),
        occasion=("wedding", "party"),
        season=("summer",),
    )
    assert said == "a floral midi dress in red linen, with pockets, for a wedding"


def test_things_that_come_in_pairs(vocabulary: Vocabulary) -> None:
    said = line(
        vocabulary,
        category=("sneakers",),
        color=("white", "teal"),
        material=("canvas",),
        feature=("block heel",),
        season=("spring",),
    )
    assert said == "sneakers in white and teal canvas, with block heels, for spring"


def test_what_was_wished_for_comes_first(vocabulary: Vocabulary) -> None:
    values = {
        "category": ("shirt",),
        "style": ("casual", "preppy"),
        "feature": ("collar", "pockets"),
        "occasion": ("work", "party"),
    }
    assert line(vocabulary, **values) == "a casual shirt, with a collar, for work"
    assert line(vocabulary, ("party", "pockets", "preppy"), **values) == "a preppy shirt, with pockets, for a party"


def test_then_what_sets_an_item_apart(vocabulary: Vocabulary) -> None:
    first = facts("item1", category=("bag",), feature=("zip", "pockets"))
    second = facts("item2", category=("bag",), feature=("zip", "compartments"))
    assert item_lines([first, second], (), speaker(vocabulary)) == {
        "item1": "a bag, with pockets",
        "item2": "a bag, with compartments",
    }


def test_what_all_are_for_is_not_said_of_each(vocabulary: Vocabulary) -> None:
    first = facts("item1", category=("dress",), occasion=("wedding", "party"))
    second = facts("item2", category=("dress",), occasion=("wedding",))
    assert item_lines([first, second], ("wedding",), speaker(vocabulary)) == {"item1": "a dress, for a party", "item2": "a dress"}


def test_a_wished_feature_may_stand_before_the_noun_and_is_said_once(vocabulary: Vocabulary) -> None:
    values = {"category": ("raincoat",), "feature": ("waterproof", "hood")}
    assert line(vocabulary, ("waterproof",), **values) == "a waterproof raincoat, with a hood"


def test_what_the_kind_says_already_is_left_out(vocabulary: Vocabulary) -> None:
    said = line(vocabulary, category=("wool coat",), color=("black",), material=("wool", "polyester"))
    assert said == "a wool coat in black"


def test_the_first_color_and_material_are_the_main_ones(vocabulary: Vocabulary) -> None:
    one = facts("item1", category=("top",), color=("red", "white"), material=("cotton", "elastane"))
    two = facts("item2", category=("top",), color=("red",), material=("cotton",))
    assert item_lines([one, two], (), speaker(vocabulary))["item1"] == "a top in red and white cotton"


@pytest.mark.parametrize("value", ["uv 50", "<b>red</b>", "red {item1.price}", "x" * 60])
def test_a_value_that_is_no_plain_word_is_left_out(vocabulary: Vocabulary, value: str) -> None:
    assert line(vocabulary, category=("top",), color=(value,), style=(value,), feature=(value,)) == "a top"


def test_next_to_nothing_is_known(vocabulary: Vocabulary) -> None:
    assert line(vocabulary) == "a piece"
    assert line(vocabulary, category=("scarf",)) == "a scarf"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_was_found(data: st.DataObject, vocabulary: Vocabulary) -> None:
    """Every word of the vocabulary in a line is one of that item's facts; no figure, one line, at most 40 words."""
    brief = data.draw(briefs(vocabulary))
    lines = item_lines(brief.items, brief.wishes, speaker(vocabulary))
    assert list(lines) == [item.label for item in brief.items]
    for item in brief.items:
        said = lines[item.label]
        assert not re.search(r"[\d\n{}<>]", said)
        assert len(said.split()) <= 40
        stated = {value for values in item.facts.values() for value in values}
        own = {(slot, value) for slot, values in item.facts.items() for value in values}
        for unit in units(tokens(said), vocabulary):
            assert (
                not unit.terms or any((t.slot, t.value) in own for t in unit.terms) or any(unit.text in value for value in stated)
            )
