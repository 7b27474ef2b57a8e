"""Exports: what carries over says the same as the script, what does not is named, and both programs' shapes are kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from pydantic import BaseModel, ConfigDict

from assistant.evaluation.expectations import failures_of
from assistant.evaluation.exports import promptfoo, tau2, verbatim
from assistant.evaluation.results import Played
from assistant.evaluation.script import Script
from tests.assistant.evaluation.expectation_cases import CASES, Case
from tests.assistant.evaluation.records import shop

TYPES = {"icontains", "not-icontains", "icontains-any", "word-count", "python", "latency", "is-json"}
NOT_OF_A_RECORD = {
    *(f"products.all.{slot}" for slot in ("category", "color", "material", "pattern", "fit", "length", "size", "occasion")),
    *(f"products.all.{slot}" for slot in ("season", "style", "feature", "gender", "in_stock")),
    *("products.all", "products.none", "cart.lines", "cart.quantity", "cart.codes", "cart.sizes"),
}
"""What a turn record does not tell: of the last two of products, the conditions here are on a colour."""


def script_of(*expects: dict[str, Any], **fields: Any) -> Script:
    """A conversation of these turns."""
    turns = [{"user": f"message {place}", "expect": expect} for place, expect in enumerate(expects, 1)]
    return Script.model_validate({"id": "one", "tags": ["budget", "gift"], "about": "What it shows.", "turns": turns} | fields)


def config_of(*scripts: Script) -> dict[str, Any]:
    """What promptfoo reads."""
    found: dict[str, Any] = json.loads(promptfoo(scripts, shop().vocabulary))
    return found


def verdict(asserted: list[dict[str, Any]], played: Played) -> bool:
    """What promptfoo would say: its own meaning of each type, and Python run as it runs it."""
    output = json.loads(played.record.model_dump_json(by_alias=True))
    before = json.loads(played.earlier[-1].model_dump_json(by_alias=True)) if played.earlier else None
    return all(_holds(each, output, before) for each in asserted)


def _holds(assertion: dict[str, Any], output: dict[str, Any], before: dict[str, Any] | None) -> bool:
    kind, value, reply = assertion["type"], assertion["value"], str(output["reply"])
    if kind == "python":
        lines = "\n".join(f"    {line}" for line in value.split("\n"))
        space: dict[str, Any] = {}
        exec(f"import json\n\ndef main(output, context):\n{lines}\n", space)
        answer = space["main"](output, {"vars": {"before": before}})
        assert set(answer) == {"pass", "score", "reason"}
        return bool(answer["pass"])
    assert assertion["transform"] == "output.reply"
    if kind == "word-count":
        return len(reply.split()) <= int(value["max"])
    if kind == "icontains-any":
        return any(each.lower() in reply.lower() for each in value)
    return (str(value).lower() in reply.lower()) is (kind == "icontains")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.field}={next(iter(case.expect.values()))}"[:60])
def test_promptfoo_judges_as_the_script_does(case: Case) -> None:
    # As the second turn, so that a turn before can be looked back at.
    turn = config_of(script_of({}, case.expect))["tests"][2]
    carried = case.field not in NOT_OF_A_RECORD
    unchecked = [path for path in turn["metadata"]["notChecked"] if path.startswith("expect.")]
    assert bool(unchecked) != carried
    assert verdict(turn["assert"], case.holds)
    if carried:
        assert failures_of(script_of(case.expect).turns[0].expect, case.breaks, shop())
        assert not verdict(turn["assert"], case.breaks)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.field}={next(iter(case.expect.values()))}"[:60])
def test_no_assertion_reads_as_a_template(case: Case) -> None:
    for assertion in config_of(script_of(case.expect))["tests"][1]["assert"]:
        if assertion["type"] == "python":
            assert not re.search(r"\{[{%#]|#\}", assertion["value"])


def test_a_conversation_is_opened_once_and_told_in_order() -> None:
    script = script_of(
        {"products": {"min": 1}},
        {"products": {"new": True}, "reply": {"mentions": ["bag"]}},
        shopper="u0001",
        budgets={"turn_ms": 300, "model_calls": 2},
    )
    config = config_of(script, script_of({}, id="two"))
    assert set(config) == {"description", "prompts", "providers", "evaluateOptions", "tests"}
    assert config["evaluateOptions"] == {"cache": False, "maxConcurrency": 1}
    opened, first, second, *other = config["tests"]
    assert opened["provider"]["config"]["body"] == {"shopper_id": "u0001"}
    assert opened["options"] == {"storeOutputAs": "conversation"}
    assert [test["vars"]["message"] for test in (first, second)] == ["message 1", "message 2"]
    assert (first["options"], second["options"]) == ({"storeOutputAs": "before"}, {})
    assert [test["metadata"]["conversationId"] for test in config["tests"]] == ["one"] * 3 + ["two"] * 2
    assert [test["metadata"]["turn"] for test in config["tests"]] == [0, 1, 2, 0, 1]
    assert first["metadata"]["notChecked"] == []
    assert second["metadata"]["notChecked"] == ["invariants", "budgets.model_calls: 2"]
    assert second["metadata"]["tags"] == ["budget", "gift"]
    assert {"type": "latency", "threshold": 300.0} in second["assert"]
    assert len(other) == 2


def test_the_page_is_sent_and_the_first_turn_looks_back_at_nothing() -> None:
    script = Script.model_validate(
        {
            "id": "one",
            "tags": ["page"],
            "turns": [
                {
                    "user": "this",
                    "context": {"product_id": "i1"},
                    "expect": {"products": {"new": True}, "reply": {"differs": True}},
                }
            ],
        }
    )
    turn = config_of(script)["tests"][1]
    assert turn["vars"]["page"] == {"product_id": "i1"}
    case = next(case for case in CASES if case.field == "products.min")
    assert 'context["vars"]' not in turn["assert"][0]["value"]
    assert verdict(turn["assert"], case.holds)


def test_only_types_and_fields_that_promptfoo_knows() -> None:
    tests = [test for case in CASES for test in config_of(script_of(case.expect))["tests"]]
    assert {assertion["type"] for test in tests for assertion in test["assert"]} <= TYPES
    assert {key for test in tests for key in test} <= {"description", "vars", "provider", "options", "metadata", "assert"}
    fields = {key for test in tests for assertion in test["assert"] for key in assertion}
    assert fields <= {"type", "value", "threshold", "metric", "transform"}


@given(text=st.text(alphabet=st.one_of(st.sampled_from("{}%#'\"\\ ae"), st.characters(exclude_categories=["Cs"]))))
def test_a_message_survives_the_template(text: str) -> None:
    """Jinja reads the same templates as Nunjucks; only a closing line break is its own affair."""
    assert Environment(keep_trailing_newline=True).from_string(verbatim(text)).render() == re.sub(r"\r\n?", "\n", text)


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% raw %}{% endraw %}", "{# no #}", "file:///etc/passwd", "{{{%", "#}"])
def test_a_hostile_message_is_data(text: str) -> None:
    shown = verbatim(text)
    assert not shown.startswith("file://")
    assert Environment().from_string(shown).render() == text


class Strict(BaseModel):
    """Base of tau2's models as far as they are written here."""

    model_config = ConfigDict(extra="forbid")


class TauAction(Strict):
    """tau2's Action."""

    action_id: str
    requestor: str
    name: str
    arguments: dict[str, Any]
    info: str | None = None
    compare_args: list[str] | None = None


class TauCriteria(Strict):
    """tau2's EvaluationCriteria."""

    actions: list[TauAction] | None = None
    communicate_info: list[str] | None = None
    nl_assertions: list[str] | None = None
    reward_basis: list[str]


class TauInstructions(Strict):
    """tau2's StructuredUserInstructions."""

    domain: str
    reason_for_call: str
    known_info: str | None = None
    unknown_info: str | None = None
    task_instructions: str


class TauScenario(Strict):
    """tau2's UserScenario."""

    persona: str | None = None
    instructions: TauInstructions


class TauDescription(Strict):
    """tau2's Description."""

    purpose: str | None = None
    relevant_policies: str | None = None
    notes: str | None = None


class TauTask(Strict):
    """tau2's Task."""

    id: str
    description: TauDescription | None = None
    user_scenario: TauScenario
    evaluation_criteria: TauCriteria | None = None


def task_of(script: Script) -> TauTask:
    """What tau2 reads."""
    return TauTask.model_validate(json.loads(tau2([script]))[0])


def test_a_task_tells_the_messages_in_their_order_and_what_is_expected() -> None:
    script = script_of(
        {"actions": ["search", "outfit"], "reply": {"mentions": ["1,299.00", "bag"]}},
        {"actions": ["search"], "not_actions": ["handover"], "products": {"min": 3, "all": {"price": {"lte": 50}}}},
        shopper="u0001",
    )
    task = task_of(script)
    assert task.id == "one"
    assert task.user_scenario.instructions.reason_for_call == "message 1"
    assert task.user_scenario.instructions.task_instructions.endswith("\n1. message 1\n2. message 2")
    assert "u0001" in (task.user_scenario.instructions.known_info or "")
    criteria = task.evaluation_criteria
    assert criteria is not None
    assert [(each.name, each.info, each.compare_args) for each in criteria.actions or ()] == [
        ("search", "after message 1", []),
        ("outfit", "after message 1", []),
        ("search", "after message 2", []),
    ]
    assert criteria.communicate_info == ["1299.00", "bag"]
    assert criteria.nl_assertions == [
        "After message 2, at least 3 items are shown.",
        "After message 2, every item shown is so: price lte 50.",
        "After message 2, the assistant does not handover.",
    ]
    assert criteria.reward_basis == ["ACTION", "COMMUNICATE", "NL_ASSERTION"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.field}={next(iter(case.expect.values()))}"[:60])
def test_whatever_is_expected_reaches_tau2(case: Case) -> None:
    criteria = task_of(script_of(case.expect)).evaluation_criteria
    assert criteria is not None
    assert criteria.actions or criteria.communicate_info or criteria.nl_assertions


def test_a_task_that_expects_nothing_is_one_too() -> None:
    criteria = task_of(script_of({})).evaluation_criteria
    assert criteria is not None
    assert criteria.reward_basis == ["COMMUNICATE"]
