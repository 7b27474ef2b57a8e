"""JUnit XML: what a CI server counts, its shape, and that any text can be in it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.junit import junit_xml
from assistant.evaluation.results import ConversationResult, Failure
from tests.assistant.evaluation.records import FAILED, result, turn_result

UNANSWERED = Failure(path="turn", expected="an answer", found="503: come back later")
ATTRIBUTES = {
    "testsuites": set(),
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped", "system-out"}}

RUN = (
    result("one", turn_result(milliseconds=1_500)),
    result("two", turn_result("a bag", FAILED), turn_result("it", FAILED), attempt=2, tags=("size",)),
    result("three", turn_result("hello", UNANSWERED, reply="", shown=())),
    result("four", skipped="made for another catalog", turns=()),
)


def checked(run: tuple[ConversationResult, ...]) -> Element:
    """The document, held against the schema's shape."""
    root = fromstring(junit_xml(run))
    for element in root.iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    for case in root.iter("testcase"):
        assert sum(child.tag in ("failure", "error", "skipped") for child in case) <= 1
    return root


def test_every_conversation_is_a_case_and_counted() -> None:
    root = checked(RUN)
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.attrib == {
        "name": "shopguide eval",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "1.536",
    }
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == ["one", "two (attempt 2)", "three", "four"]
    assert len(cases["one"]) == 0
    assert cases["one"].get("time") == "1.500"
    assert cases["two (attempt 2)"].get("classname") == "evals.size"
    failure, said = cases["two (attempt 2)"]
    assert failure.get("message") == "expect.products.min and 1 more"
    assert failure.text is not None
    assert "turn 1: expect.products.min\n  expected at least 3\n  found    1\nturn 2:" in failure.text
    assert said.text is not None
    assert said.text.startswith("1. a bag\nHere is a dress.")
    assert cases["three"][0].tag == "error"
    assert (cases["four"][0].get("message"), cases["four"][0].text) == ("made for another catalog",) * 2


def test_no_results_are_a_suite_too() -> None:
    assert checked(()).find("testsuite") is not None


@given(words=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_told(words: str) -> None:
    failure = Failure(path="expect.reply", expected=words, found=words)
    root = checked(
        (
            result("one", turn_result(words, failure, reply=words), tags=(words,)),
            result("two", skipped=words, turns=()),
        )
    )
    assert root.find(".//failure") is not None


def test_what_xml_cannot_hold_is_written_out() -> None:
    root = checked((result("one", turn_result("\x00<b>&\x1b[2J\ufffe", FAILED)),))
    said = root.findtext(".//system-out")
    assert said is not None
    assert said.startswith("1. \\x00<b>&\\x1b[2J\ufffd")
