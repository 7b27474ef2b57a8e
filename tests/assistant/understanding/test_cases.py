"""Every sentence form, against the labels in cases.yaml."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import yaml

from assistant.schema import ParseContext, PriceRange, RatingRange, SlotMention, Understanding
from assistant.understanding.parser import Parser

CASES: Mapping[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).with_name("cases.yaml")).read_text(encoding="utf-8"))
ALL = [pytest.param(case, id=f"{group}: {case['say']}") for group, cases in CASES.items() for case in cases]
FIELDS = {
    "say",
    "in",
    "acts",
    "slots",
    "scope",
    "query",
    "unknown",
    "mood",
    "about",
    "values",
    "refs",
    "change",
    "evidence",
    "language",
}


def written(mention: SlotMention) -> str:
    """A mention in the notation of cases.yaml."""
    marks: list[str] = [mention.operation] if mention.operation != "add" else []
    marks += ["not"] if mention.polarity == "dislike" else []
    marks += ["soft"] if mention.strength == "soft" else []
    tail = [mention.currency or mention.size_system or "", f"@{mention.scope}" if mention.scope != "me" else ""]
    return " ".join(part for part in (*marks, mention.slot, _value(mention), *tail) if part)


def _value(mention: SlotMention) -> str:
    if isinstance(mention.value, PriceRange):
        return f"{_major(mention.value.min)}..{_major(mention.value.max)}"
    return f"{mention.value.stars:g}" if isinstance(mention.value, RatingRange) else mention.value


def _major(minor: int | None) -> str:
    if minor is None:
        return ""
    amount = Decimal(minor) / 100
    return str(int(amount)) if amount == int(amount) else f"{amount:.2f}"


def _plain(label: Any) -> str:
    return re.sub(r'"', "", str(label))


def test_the_table_is_large_and_well_formed() -> None:
    cases = [case for group in CASES.values() for case in group]
    assert len(cases) >= 150
    assert not [case["say"] for case in cases if not set(case) <= FIELDS]
    said = [(case["say"], case.get("in", "fresh")) for case in cases]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("case", ALL)
def test_message(case: dict[str, Any], parser: Parser, contexts: Mapping[str, ParseContext]) -> None:
    read = parser.parse(case["say"], contexts[case.get("in", "fresh")])
    assert [f"{act.kind}:{act.detail}" if act.detail else act.kind for act in read.acts] == case["acts"]
    assert sorted(map(written, read.slots)) == sorted(map(_plain, case["slots"]))
    earlier = {(p.value, p.evidence) for p in contexts[case.get("in", "fresh")].profile.preferences}
    assert all(m.evidence in read.text or (m.value, m.evidence) in earlier for m in read.slots)
    _check_the_rest(case, read)


def _check_the_rest(case: Mapping[str, Any], read: Understanding) -> None:
    pointing = [
        act for act in read.acts if act.kind not in ("greeting", "thanks", "deny", "correct", "search", "retract", "refine")
    ]
    found = {
        "scope": read.scope,
        "query": read.query_text,
        "unknown": list(read.unknown_words),
        "mood": read.mood,
        "language": read.language,
        "about": list(pointing[0].about) if pointing else [],
        "values": list(pointing[0].about_values) if pointing else [],
        "refs": _references(read, len(case.get("refs", ()))),
        "change": pointing[0].change.model_dump(exclude_none=True) if pointing and pointing[0].change else None,
        "evidence": {mention.slot: mention.evidence for mention in read.slots if mention.slot in case.get("evidence", ())},
    }
    assert {key: found[key] for key in case if key in found} == {key: case[key] for key in case if key in found}


def _references(read: Understanding, wanted: int) -> list[list[str]]:
    """The ids pointed at, reference by reference; act by act, empty where an act points at nothing, when as many acts as labels are there."""
    by_reference = [list(reference.product_ids) for act in read.acts for reference in act.references]
    by_act = [[each for reference in act.references for each in reference.product_ids] for act in read.acts]
    return by_reference if len(by_reference) == wanted else by_act


def test_a_message_takes_milliseconds(parser: Parser, contexts: Mapping[str, ParseContext]) -> None:
    """Of the processor's time, which other work on the machine does not lengthen."""
    spent = []
    for case in (case for group in CASES.values() for case in group):
        start = time.process_time()
        parser.parse(case["say"], contexts[case.get("in", "fresh")])
        spent.append(1000 * (time.process_time() - start))
    print(f"median {median(spent):.2f} ms, longest {max(spent):.2f} ms over {len(spent)} messages")
    assert median(spent) < 5
