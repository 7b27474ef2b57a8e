"""What a model is told of an item: true words in plain English, no figure, and short."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guide.explain import speaker
from assistant.guide.item_lines import item_lines
from assistant.guide.verification import Verifier
from assistant.schema import DraftSection, ItemFacts, SectionBrief
from catalog_data.vocabulary import Vocabulary
from tests.assistant.guide.strategies import briefs


def facts(label: str = "item1", /, **values: tuple[str, ...]) -> ItemFacts:
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
    assert said == "sneakers in white and teal canvas, with a block heel, for spring"


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


def test_what_the_title_says_is_left_out(vocabulary: Vocabulary) -> None:
    """The title stands beside it."""
    item = facts(
        category=("dress",), color=("red",), material=("linen",), pattern=("floral",), feature=("long sleeves", "pockets")
    )
    titled = item.model_copy(update={"references": {"item1.title": "Linen dress in red with long sleeves"}})
    assert item_lines([titled], (), speaker(vocabulary)) == {"item1": "a floral dress, with pockets"}


def test_a_long_line_leaves_out_what_it_is_for_then_the_second_color(vocabulary: Vocabulary) -> None:
    values = {
        "category": ("dress",),
        "pattern": ("polka dot",),
        "length": ("midi",),
        "material": ("viscose",),
        "occasion": ("wedding",),
    }
    assert line(vocabulary, color=("red",), **values) == "a polka dot midi dress in red viscose, for a wedding"
    assert line(vocabulary, color=("red", "white"), feature=("collar",), **values) == (
        "a polka dot midi dress in red and white viscose, with a collar"
    )
    assert line(vocabulary, color=("light red", "light yellow"), feature=("cowl neck",), **values) == (
        "a polka dot midi dress in light red viscose, with a cowl neck"
    )


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


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_was_found(data: st.DataObject, vocabulary: Vocabulary, verifier: Verifier) -> None:
    """A line has no figure and at most 30 words, and a model that copies it is shown: verification finds nothing against it."""
    brief = data.draw(briefs(vocabulary))
    lines = item_lines(brief.items, brief.wishes, speaker(vocabulary))
    assert list(lines) == [item.label for item in brief.items]
    for label, said in lines.items():
        assert not re.search(r"[\d\n{}<>]", said)
        assert len(said.split()) <= 30
        section = SectionBrief(section_id=label, kind="item", labels=(label,), composed=f"{{{label}.title}}.", modelled=True)
        draft = DraftSection(section_id=label, writer="a model", text=f"{{{label}.title}}: {said}.")
        checked = verifier.verify(brief.model_copy(update={"sections": (section,)}), section, draft)
        assert checked.verdict == "pass", checked.findings
