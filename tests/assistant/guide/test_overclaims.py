"""Words by which a value is found and which say more than it: a model may not say them of an item whose facts do not."""

from __future__ import annotations

import pytest

from assistant.guide.verification import Verifier
from assistant.schema import DraftSection, GuideBrief, ItemFacts, SectionBrief

PUFFER = {"category": ("puffer jacket",), "material": ("polyester",), "feature": ("padded", "hood"), "color": ("black",)}
WARMER = {**PUFFER, "material": ("nylon", "down")}
RING = {"category": ("ring",), "color": ("gold",), "material": ("steel",), "feature": ("hypoallergenic",)}
GOLDEN = {**RING, "material": ("gold",)}
SHIRT = {"category": ("shirt",), "material": ("cotton", "elastane"), "feature": ("buttons", "cushioned")}
PARKA = {"category": ("parka",), "material": ("polyester", "nylon"), "feature": ("lined",)}
HAT = {"category": ("hat",), "material": ("straw",)}


def verdict(verifier: Verifier, facts: dict[str, tuple[str, ...]], said: str) -> str:
    item = ItemFacts(label="item1", product_id="p1", facts=facts, references={"item1.title": "Number One"})
    section = SectionBrief(section_id="item1", kind="item", labels=("item1",), composed="{item1.title}.", modelled=True)
    brief = GuideBrief(
        language="en", message="show me something", scope="me", items=(item,), sections=(section,), references=item.references
    )
    draft = DraftSection(section_id="item1", writer="a model", text=f"{{item1.title}} is {said}.")
    return verifier.verify(brief, section, draft).verdict


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (PUFFER, "a down jacket"),
        (PUFFER, "down filled"),
        (PUFFER, "a black jacket with a detachable hood"),
        (RING, "made of gold"),
        (RING, "nickel free"),
        (SHIRT, "made of pure cotton"),
        (SHIRT, "a shirt with mother-of-pearl buttons"),
        (SHIRT, "a shirt with memory foam"),
        (PARKA, "made of recycled nylon"),
        (PARKA, "made of recycled polyester"),
        (HAT, "a wool hat"),
    ],
)
def test_what_says_more_is_withheld(verifier: Verifier, facts: dict[str, tuple[str, ...]], said: str) -> None:
    assert verdict(verifier, facts, said) == "withheld"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (PUFFER, "a black puffer jacket with a hood"),
        (WARMER, "a down jacket"),
        (RING, "a ring in gold"),
        (GOLDEN, "made of gold"),
        (SHIRT, "a shirt in cotton"),
        (SHIRT, "a cotton shirt with buttons down the front"),
        (PARKA, "a lined parka"),
        (HAT, "a straw hat"),
    ],
)
def test_what_the_facts_say_is_shown(verifier: Verifier, facts: dict[str, tuple[str, ...]], said: str) -> None:
    assert verdict(verifier, facts, said) == "pass"
