"""The results as JUnit XML, which CI servers read: one suite, a test case for each conversation and attempt.

Elements and attributes as in the schema of Jenkins' xUnit plugin (junit-10.xsd): `testsuites` > `testsuite` (name, tests, failures,
errors, skipped, time) > `testcase` (name, classname, time) > at most one of `skipped`, `error` (a turn without an answer) and `failure`,
each with a message, then `system-out` with what was said where something failed. Times are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from assistant.evaluation.compare import named
from assistant.evaluation.plain import visible
from assistant.evaluation.results import ConversationResult, Failure

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (production 2, Char)."""


def junit_xml(results: Sequence[ConversationResult]) -> str:
    """The whole document."""
    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", {"name": "shopguide eval", **_counts(results)})
    for result in results:
        _case(suite, result)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _counts(results: Sequence[ConversationResult]) -> dict[str, str]:
    failed = [result for result in results if result.skipped is None and not result.passed]
    errors = sum(_unanswered(result) for result in failed)
    skipped = sum(result.skipped is not None for result in results)
    found = {"tests": len(results), "failures": len(failed) - errors, "errors": errors, "skipped": skipped}
    return {name: str(count) for name, count in found.items()} | {"time": _seconds(results)}


def _seconds(results: Sequence[ConversationResult]) -> str:
    return f"{sum(turn.milliseconds for result in results for turn in result.turns) / 1000:.3f}"


def _unanswered(result: ConversationResult) -> bool:
    return any(failure.path == "turn" for _, failure in result.all_failures)


def _case(suite: Element, result: ConversationResult) -> None:
    group = f"evals.{result.tags[0]}" if result.tags else "evals"
    attributes = {"name": named((result.id, result.attempt)), "classname": group, "time": _seconds([result])}
    case = SubElement(suite, "testcase", {name: _clean(value) for name, value in attributes.items()})
    if result.skipped is not None:
        SubElement(case, "skipped", message=_clean(result.skipped)).text = _clean(result.skipped)
    elif not result.passed:
        found = result.all_failures
        kind = "error" if _unanswered(result) else "failure"
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        element = SubElement(case, kind, message=_clean(f"{found[0][1].path}{more}"), type=_clean(found[0][1].path))
        element.text = _clean("\n".join(_told(place, failure) for place, failure in found))
        said = [f"{place}. {turn.user}\n{turn.reply}" for place, turn in enumerate(result.turns, 1)]
        SubElement(case, "system-out").text = _clean("\n\n".join(said))


def _told(place: int | None, failure: Failure) -> str:
    where = f"turn {place}" if place is not None else "over all turns"
    return f"{where}: {failure.path}\n  expected {failure.expected}\n  found    {failure.found}"


def _clean(text: str) -> str:
    """`visible`, and without the few characters left that XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", visible(text))
