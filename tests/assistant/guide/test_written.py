"""The guide as a model writes it: what it is asked and told, and how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import ModelTimeout, ModelUnavailable
from assistant.guide.explain import speaker
from assistant.guide.verification import Verifier
from assistant.guide.written import (
    MOST_ITEMS,
    TOKENS_A_SECTION,
    SectionReader,
    WritingPrompts,
    messages,
    numbered,
    wanted,
    without_figures,
    write,
    written_text,
)
from assistant.schema import DraftSection, GuideBrief, Usage
from assistant.scripted_model import ScriptedModel
from assistant.token_count import TokenCounter, shipped_ranks
from assistant.writers import writing_prompts
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from tests.assistant.guide.golden_scenes import scenes
from tests.assistant.guide.strategies import briefs

SPEAKER = speaker(load_vocabulary())
ANYTHING = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
ANSWER = (
    "0: You asked for a red dress for a summer wedding, without lace.\n"
    "1: I would start with {1}, a romantic midi dress in red viscose.\n"
    "2: Then {2} is a floral dress in red and white linen.\n"
    "3: And {3} is an elegant maxi gown in burgundy satin.\n"
)


@pytest.fixture(scope="module")
def prompts(vocabulary: Vocabulary) -> WritingPrompts:
    """The prompts as shipped."""
    return writing_prompts(vocabulary)


@pytest.fixture(scope="module")
def wedding(vocabulary: Vocabulary) -> GuideBrief:
    """Three dresses, an outfit, a closing."""
    return scenes(vocabulary)["wedding"].brief(vocabulary)


def read(brief: GuideBrief, text: str, piece: int = 5) -> dict[str, str]:
    """The sections that an answer holds, fed in pieces."""
    reader = SectionReader(brief, "a model", SPEAKER)
    found: list[DraftSection] = []
    for start in range(0, len(text), piece):
        found.extend(reader.feed(text[start : start + piece]))
    found.extend(reader.finish())
    assert len({each.section_id for each in found}) == len(found)
    return {each.section_id: each.text for each in found}


def test_asks_for_the_opening_and_the_items(wedding: GuideBrief) -> None:
    assert [section.section_id for section in wanted(wedding)] == ["opening", "item1", "item2", "item3"]
    assert {number: section.section_id for number, section in numbered(wedding).items()} == {
        "0": "opening",
        "1": "item1",
        "2": "item2",
        "3": "item3",
    }


def test_an_item_that_misses_a_wish_is_left_to_the_composer(wedding: GuideBrief) -> None:
    items = tuple(item.model_copy(update={"unmet": ("pockets",)}) if item.label == "item2" else item for item in wedding.items)
    brief = wedding.model_copy(update={"items": items})
    assert {number: section.section_id for number, section in numbered(brief).items()} == {
        "0": "opening",
        "1": "item1",
        "2": "item3",
    }
    assert read(brief, "2: {2} is an elegant gown.") == {"item3": "{item3.title} is an elegant gown."}


def test_a_turn_without_items_asks_for_nothing(vocabulary: Vocabulary) -> None:
    for name in ("nothing", "compare", "describe", "basket", "greeting", "which"):
        assert wanted(scenes(vocabulary)[name].brief(vocabulary)) == ()


def test_says_what_is_known_and_no_figure(wedding: GuideBrief, prompts: WritingPrompts) -> None:
    call = messages(wedding, prompts)
    assert call[:-1] == prompts.fixed
    assert call[-1].role == "user"
    told = call[-1].content.splitlines()
    assert told[0] == "wishes: dress, red, wedding, summer, not lace"
    assert told[1] == "shopper: A red dress for a summer wedding, not lace"
    assert told[2] == "1 a romantic midi dress in red viscose, with short sleeves, for a party"
    assert [line[0] for line in told[2:]] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("A red dress for a summer wedding, under 80 euro, not lace", "A red dress for a summer wedding, not lace"),
        ("running shoes for my husband under 120", "running shoes for my husband"),
        ("between €40 and €60, please", "please"),
        ("max. 80,50 EUR", "max."),
        ("no figure here.", "no figure here."),
        ("one\ntwo \t three", "one two three"),
        ("1234", ""),
        ("²½ dresses", "dresses"),
        ("", ""),
    ],
)
def test_figures_are_left_out_of_the_message(message: str, told: str) -> None:
    assert without_figures(message) == told


@given(message=st.text(max_size=200))
def test_no_figure_is_ever_told(message: str) -> None:
    told = without_figures(message)
    assert not re.search(r"\d", told)
    assert "\n" not in told


@ANYTHING
@given(data=st.data())
def test_whatever_is_asked(data: st.DataObject, vocabulary: Vocabulary, prompts: WritingPrompts) -> None:
    """The call fits its budget, holds no figure but the numbers of its lines, no line that the shop or the shopper could have made up, and
    its sections are the brief's."""
    brief = data.draw(briefs(vocabulary))
    asked = wanted(brief)
    assert len(asked) <= MOST_ITEMS + 1
    assert all(section.modelled for section in asked)
    new = messages(brief, prompts)[-1].content
    lines = new.splitlines()
    assert lines[0].startswith("wishes: ")
    assert lines[1].startswith("shopper: ")
    assert [line[:2] for line in lines[2:]] == [f"{number} " for number in numbered(brief) if number != "0"]
    assert not re.search(r"\d", "".join([*lines[:2], *(line[1:] for line in lines[2:])]))


def test_the_budget(vocabulary: Vocabulary, prompts: WritingPrompts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole call has at most 700 tokens, and what is new in a turn, which a small model reads while the shopper waits, at most 130."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(shipped_ranks()))
    counter = TokenCounter()
    assert counter.exact
    calls = [messages(scene.brief(vocabulary), prompts) for scene in scenes(vocabulary).values()]
    assert max(counter.count(written_text(call)) for call in calls) <= 700
    assert max(counter.count(call[-1].content) for call in calls) <= 130


@ANYTHING
@given(data=st.data())
def test_the_budget_holds_for_any_brief(data: st.DataObject, vocabulary: Vocabulary, prompts: WritingPrompts) -> None:
    brief = data.draw(briefs(vocabulary)).model_copy(update={"message": "a word and another " * 200})
    assert len(written_text(messages(brief, prompts))) < 2800


def test_reads_every_section(wedding: GuideBrief) -> None:
    assert read(wedding, ANSWER) == {
        "opening": "You asked for a red dress for a summer wedding, without lace.",
        "item1": "I would start with {item1.title}, a romantic midi dress in red viscose.",
        "item2": "Then {item2.title} is a floral dress in red and white linen.",
        "item3": "And {item3.title} is an elegant maxi gown in burgundy satin.",
    }


@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, len(ANSWER)), max_size=20))
def test_the_pieces_of_a_stream_make_no_difference(vocabulary: Vocabulary, cuts: list[int]) -> None:
    brief = scenes(vocabulary)["wedding"].brief(vocabulary)
    reader = SectionReader(brief, "a model", SPEAKER)
    places = [0, *sorted(cuts), len(ANSWER)]
    found = [each for first, last in pairwise(places) for each in reader.feed(ANSWER[first:last])]
    found.extend(reader.finish())
    assert {each.section_id: each.text for each in found} == read(brief, ANSWER)


def test_a_section_is_given_as_soon_as_the_next_begins(wedding: GuideBrief) -> None:
    reader = SectionReader(wedding, "a model", SPEAKER)
    assert list(reader.feed("0: You asked for a red dress.\n")) == []
    assert [each.section_id for each in reader.feed("1:")] == ["opening"]


@pytest.mark.parametrize("mark", ["1: ", "1. ", "1) ", "[1] ", "[item1]: ", "item1: ", "  1:"])
def test_other_ways_to_mark_a_line(wedding: GuideBrief, mark: str) -> None:
    assert read(wedding, f"{mark}{{1}} is a dress.") == {"item1": "{item1.title} is a dress."}


@pytest.mark.parametrize(
    ("answer", "sections"),
    [
        ("1: A romantic dress in red viscose.\n", {"item1": "{item1.title}: a romantic dress in red viscose."}),
        ("2: And a floral dress.\n", {"item2": "{item2.title}: a floral dress."}),
        ("1: {item1.title} is a dress.", {"item1": "{item1.title} is a dress."}),
        ("1: {1} is a dress\n2: {2} is a gown.", {"item1": "{item1.title} is a dress.", "item2": "{item2.title} is a gown."}),
        ("1: {1} is a dress. It is in red vis", {"item1": "{item1.title} is a dress."}),
        ("1: {1} is a dress in red vis", {}),
        ("1: {item1.title} is a dress in red vis", {}),
        ("1: {1} is a dress.\n1: {1} is a gown.\n", {"item1": "{item1.title} is a dress."}),
        ("1:\n2: {2} is a gown.\n", {"item2": "{item2.title} is a gown."}),
        ("7: {7} is a dress.\n", {}),
        ("4: {4} is a dress.\n", {}),
        ("1: {2} is nicer than {9}.", {"item1": "{item1.title}: {item2.title} is nicer than {9}."}),
        ("Here is a dress without any mark.", {}),
        ("", {}),
    ],
)
def test_answers_that_are_not_as_agreed(wedding: GuideBrief, answer: str, sections: dict[str, str]) -> None:
    assert read(wedding, answer) == sections


@settings(deadline=None)
@given(answer=st.text(alphabet="0123 :.{}[]\nab", max_size=120))
def test_any_answer_can_be_read(vocabulary: Vocabulary, answer: str) -> None:
    brief = scenes(vocabulary)["wedding"].brief(vocabulary)
    found = read(brief, answer)
    assert set(found) <= {section.section_id for section in wanted(brief)}
    assert all(text and "\n" not in text and text[-1] in ".!?…" for text in found.values())


@pytest.mark.parametrize(("kind", "verb"), [("sneakers", "are"), ("dress", "is")])
def test_a_verb_is_put_into_the_number_of_its_item(wedding: GuideBrief, kind: str, verb: str) -> None:
    items = tuple(item.model_copy(update={"facts": {**item.facts, "category": (kind,)}}) for item in wedding.items)
    brief = wedding.model_copy(update={"items": items})
    for said in ("is", "are"):
        assert read(brief, f"1: Then {{1}} {said} red.") == {"item1": f"Then {{item1.title}} {verb} red."}


def test_drafts_then_usage(wedding: GuideBrief, prompts: WritingPrompts) -> None:
    usage = Usage(model_calls=1, prompt_tokens=400, completion_tokens=60)
    model = ScriptedModel(ANSWER, usage=usage)
    parts = list(write(wedding, model, prompts, stop_at=5.0))
    assert [part.section_id for part in parts if isinstance(part, DraftSection)] == ["opening", "item1", "item2", "item3"]
    assert [part for part in parts if isinstance(part, Usage)] == [usage]
    assert all(part.writer == "scripted" for part in parts if isinstance(part, DraftSection))
    assert model.limits == [4 * TOKENS_A_SECTION]


@pytest.mark.parametrize("failure", [ModelTimeout("slow"), ModelUnavailable("broke off")])
def test_what_was_whole_before_a_failure_stands(wedding: GuideBrief, prompts: WritingPrompts, failure: ModelUnavailable) -> None:
    model = ScriptedModel(ANSWER, failure=failure, fails_after=(ANSWER.index("3: And") + 20) // 7)
    found: list[DraftSection | Usage] = []
    with pytest.raises(type(failure)):
        found.extend(kept(write(wedding, model, prompts, stop_at=5.0), found))
    assert [part.section_id for part in found if isinstance(part, DraftSection)] == ["opening", "item1", "item2"]


def kept(parts: Iterator[DraftSection | Usage], found: list[DraftSection | Usage]) -> list[DraftSection | Usage]:
    """Puts the parts into `found` one by one, so that a failure keeps those before it."""
    for part in parts:
        found.append(part)
    return []


def test_the_examples_have_the_form_of_a_call_and_pass_verification(
    prompts: WritingPrompts, vocabulary: Vocabulary, verifier: Verifier, wedding: GuideBrief
) -> None:
    """A model imitates its examples: they must be such as would be shown. The wedding's answer above is one in their manner."""
    roles = [message.role for message in prompts.fixed]
    assert roles == ["system", *["user", "assistant"] * (len(roles) // 2)]
    form = re.compile(r"wishes: [^\n\d]+\nshopper: [^\n\d]+(\n[1-4] [^\n\d]+)+")
    for asked, answered in zip(prompts.fixed[1::2], prompts.fixed[2::2], strict=True):
        assert form.fullmatch(asked.content)
        numbers = [line[0] for line in asked.content.splitlines()[2:]]
        said = answered.content.splitlines()
        assert [line[:3] for line in said] == ["0: ", *(f"{number}: " for number in numbers)]
        assert all(f"{{{number}}}" in line for number, line in zip(numbers, said[1:], strict=True))
        assert all(len(line.split()) <= 22 for line in said)
    for section_id, text in read(wedding, ANSWER).items():
        section = next(each for each in wedding.sections if each.section_id == section_id)
        checked = verifier.verify(wedding, section, DraftSection(section_id=section_id, writer="a model", text=text))
        assert checked.verdict == "pass", checked.findings
