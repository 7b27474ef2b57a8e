"""Questions to the shop are read as such and find their section of the page; messages that only look so are not and do not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.policy import Topics, find, load_topics
from assistant.schema import ParseContext
from assistant.understanding.parser import Parser
from catalog_data.schema import ValueSlot
from catalog_data.vocabulary import Vocabulary
from tests.assistant.rule_shop import demo

ALL: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("policy_questions.yaml").read_text(encoding="utf-8"))
NOT_POLICY = [pytest.param(case, id=case["say"]) for case in ALL["not_policy"]]


@pytest.fixture(scope="module")
def topics() -> Topics:
    return load_topics()


def answered(parser: Parser, topics: Topics, question: str) -> str | None:
    """The heading of the section that answers `question` first; "" where the page says nothing; None where it is read as anything but a
    question to the shop."""
    read = parser.parse(question, ParseContext())
    if [act.kind for act in read.acts] != ["policy"] or read.slots:
        return None
    found = find(read.acts[0].detail or read.acts[0].evidence, demo().policy, topics)
    return found[0].heading if found else ""


def test_the_lists_are_as_large_as_they_say() -> None:
    sizes = {name: sum(map(len, ALL[name].values())) for name in ("given", "own", "later")}
    assert sizes == {"given": 19, "own": 60, "later": 127}
    assert len(ALL["not_policy"]) >= 40


@pytest.mark.parametrize(("group", "least"), [("given", 1.0), ("own", 0.9), ("later", 0.9)])
def test_questions_find_their_section(group: str, least: float, parser: Parser, topics: Topics) -> None:
    questions = [(question, heading) for heading, asked in ALL[group].items() for question in asked]
    wrong = {question: found for question, heading in questions if (found := answered(parser, topics, question)) != heading}
    assert 1 - len(wrong) / len(questions) >= least, wrong


def test_what_the_page_is_silent_on_is_still_a_question_to_the_shop(parser: Parser, topics: Topics) -> None:
    found = {question: answered(parser, topics, question) for question in ALL["unanswered"]}
    assert None not in found.values(), found
    assert sum(heading == "" for heading in found.values()) >= len(found) - 1, found


@pytest.mark.parametrize("case", NOT_POLICY)
def test_what_only_looks_so(case: Mapping[str, Any], parser: Parser, contexts: Mapping[str, ParseContext]) -> None:
    read = parser.parse(case["say"], contexts[case.get("in", "fresh")])
    assert [f"{act.kind}:{act.detail}" if act.detail else act.kind for act in read.acts] == case["acts"]


SOUGHT: tuple[tuple[ValueSlot, tuple[str, ...]], ...] = (
    (
        "category",
        ("do you have {}?", "can I see your {}?", "is there a {} in red?", "how much are your {}?", "can you send me {}?"),
    ),
    ("feature", ("do you have a dress with {}?", "is there a coat that is {}?")),
    ("material", ("do you have anything in {}?", "which dresses are made of {}?")),
    ("occasion", ("do you have something for {}?", "what should I wear for {}?", "an outfit for {}")),
)


@pytest.mark.parametrize("forms", SOUGHT, ids=lambda forms: str(forms[0]))
def test_no_question_for_what_the_shop_sells_is_one_to_the_shop(
    forms: tuple[ValueSlot, tuple[str, ...]], parser: Parser, vocabulary: Vocabulary
) -> None:
    slot, questions = forms
    messages = [form.format(value) for value in vocabulary.values(slot) for form in questions]
    wrong = [m for m in messages if parser.parse(m, ParseContext()).has("policy", "order", "human", "out_of_scope")]
    assert len(messages) >= 90
    assert not wrong
