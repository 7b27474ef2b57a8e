"""The composer: whatever was found, what it says passes the verification that holds for models, names every item, and does not repeat itself."""

from __future__ import annotations

import re
from collections import Counter
from itertools import cycle, islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guide.english import number
from assistant.guide.explain import speaker
from assistant.guide.facts import item_facts
from assistant.guide.phrases import WINDOW, Pattern, Voice, worded
from assistant.guide.references import names
from assistant.guide.verification import COMPOSER, Verifier
from assistant.guide.words import sentences
from assistant.schema import CheckedSection, DialogueState, DraftSection, GuideBrief, SectionBrief, SectionKind
from catalog_data.schema import VALUE_SLOTS
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import RankedItem
from tests.assistant.guide.golden_scenes import DRESS, RED, UNDER_80, scenes
from tests.assistant.guide.scenes import Scene, wish
from tests.assistant.guide.shop import BY_ID, PRODUCTS, ranked
from tests.assistant.guide.strategies import briefs

ANYTHING = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def checked(verifier: Verifier, brief: GuideBrief) -> list[CheckedSection]:
    """Every section of the brief as it would be shown without a model."""
    return [
        verifier.verify(brief, section, DraftSection(section_id=section.section_id, writer=COMPOSER, text=section.composed))
        for section in brief.sections
    ]


def reply(verifier: Verifier, brief: GuideBrief) -> str:
    """The whole guide."""
    return "\n".join(section.text for section in checked(verifier, brief))


@ANYTHING
@given(data=st.data())
def test_whatever_was_found(data: st.DataObject, vocabulary: Vocabulary, verifier: Verifier) -> None:
    """Every section passes the verification that holds for models, names its item, and has no figure outside a reference."""
    brief = data.draw(briefs(vocabulary))
    for section, seen in zip(brief.sections, checked(verifier, brief), strict=True):
        assert seen.verdict == "pass", (section.composed, seen.findings)
        assert seen.text
        assert section.kind != "item" or f"{section.labels[0]}.title" in names(section.composed)
        bare = re.sub(r"\{[a-z0-9_.]+\}", "", section.composed)
        assert not any(char.isnumeric() or char in "<>{}[]€$%" for char in bare), section.composed
    assert len({section.section_id for section in brief.sections}) == len(brief.sections)


def test_sections_stand_in_reading_order(vocabulary: Vocabulary) -> None:
    kinds = [section.kind for section in scenes(vocabulary)["wedding"].brief(vocabulary).sections]
    assert kinds == ["opening", "item", "item", "item", "outfit", "closing"]
    kinds = [section.kind for section in scenes(vocabulary)["dollars"].brief(vocabulary).sections]
    assert kinds == ["opening", "item", "relaxation", "closing"]


def test_models_may_write_only_prose_about_items(vocabulary: Vocabulary) -> None:
    for scene in scenes(vocabulary).values():
        for section in scene.brief(vocabulary).sections:
            assert section.modelled is (section.kind in ("opening", "item", "outfit", "closing") and section.section_id != "ask")


def test_sections_are_short(vocabulary: Vocabulary) -> None:
    most = {"opening": 2, "item": 2, "closing": 1}
    for turn in range(12):
        for scene in scenes(vocabulary).values():
            again = Scene(**{**vars(scene), "state": scene.state.model_copy(update={"turn": turn})})
            for section in again.brief(vocabulary).sections:
                if section.kind in most and section.section_id != "ask":
                    assert len(sentences(section.composed)) <= most[section.kind], section.composed


def test_the_same_turn_gives_the_same_words(vocabulary: Vocabulary) -> None:
    scene = scenes(vocabulary)["wedding"]
    assert scene.brief(vocabulary) == scene.brief(vocabulary)


@pytest.mark.parametrize(
    "asked", [(), (RED, DRESS), (wish("feature", "pockets", strength="soft"), UNDER_80)], ids=["nothing", "red", "soft"]
)
@pytest.mark.parametrize("count", [4, 6])
def test_no_pattern_comes_twice_within_six_turns(vocabulary: Vocabulary, asked: tuple, count: int) -> None:  # type: ignore[type-arg]
    state = DialogueState()
    ids = cycle(product.product_id for product in PRODUCTS)
    for turn in range(9):
        scene = Scene(
            "show me more",
            acts=("show_more",) if turn % 2 else ("search",),
            wishes=asked,
            shown=tuple(islice(ids, count)),
            matching=40,
            state=state,
        )
        brief = scene.brief(vocabulary)
        state = state.model_copy(update={"turn": turn + 1, "phrases": (*state.phrases, *brief.phrases_used)})
        assert brief.phrases_used
        assert all(entry.startswith(f"{turn + 1}:") for entry in brief.phrases_used)
        lately = [entry.partition(":") for entry in state.phrases]
        counts = Counter(pattern for number_, _, pattern in lately if turn + 1 - int(number_) < WINDOW)
        assert max(counts.values()) == 1, [pattern for pattern, times in counts.items() if times > 1]


def test_there_are_enough_patterns(voice: Voice) -> None:
    pools = {name: len(patterns) for name, patterns in voice.pools.items()}
    items = ("rank", "tie", "size", "budget", "rating", "also", "unmet", "unknown", "was")
    assert sum(pools[name] for name in ("found", "refined", "more", "like", "rejected", "single", "single_refined", "open")) >= 25
    assert sum(count for name, count in pools.items() if name in items or name.startswith("lead_")) >= 40
    assert pools["closing"] >= 15
    assert {name: count for name, count in pools.items() if count < 6} == {}
    every = [pattern.text for patterns in voice.pools.values() for pattern in patterns]
    assert len({pattern.pattern_id for patterns in voice.pools.values() for pattern in patterns}) == len(every)


OPENINGS = (
    "found",
    "refined",
    "more",
    "like",
    "rejected",
    "single",
    "open",
    "note_currency",
    "note_unheard",
    "note_shared",
    "note_avoided",
)
ITEMS = ("rank", "tie", "size", "budget", "rating", "also", "unmet", "unknown", "was")
FRAGMENTS = {
    "what": "a red dress in viscose",
    "match": "a red dress in viscose for a wedding",
    "also": "is lined",
    "found": "red dresses for a wedding",
    "wishes": "red dresses for a wedding",
    "wish": "a red dress in viscose",
    "whose": "your sister's",
    "anchor": "{item1.title}",
    "pieces": "{item1.title} ({item1.price})",
    "says": "is red",
}


def kind_of(pool: str) -> SectionKind:
    """The kind of section that a pool's sentences stand in."""
    if pool in OPENINGS:
        return "opening"
    if pool in ITEMS or pool.startswith("lead_"):
        return "item"
    return "closing" if pool == "closing" else "outfit" if pool in ("outfit", "outfit_why") else "answer"


def pattern_passes(
    pattern: Pattern, kind: SectionKind, several: bool, vocabulary: Vocabulary, voice: Voice, verifier: Verifier
) -> CheckedSection:
    """A pattern filled with what is true of one item."""
    text = worded(pattern, FRAGMENTS, "item1" if kind == "item" else None, several)
    labels = ("item1",) if "{item1." in text else ()
    facts = item_facts("item1", ranked("marigold"), (), vocabulary, "en", None, voice.descriptive)
    section = SectionBrief(section_id="s", kind=kind, labels=labels, composed=text, modelled=kind != "answer")
    item = SectionBrief(section_id="i", kind="item", labels=("item1",), composed="{item1.title}.")
    brief = GuideBrief(
        language="en",
        message="a red dress for a wedding",
        scope="sister",
        wishes=("red", "wedding"),
        items=(facts,),
        sections=(section, item),
        references=dict.fromkeys((*names(text), "item1.title"), "X"),
    )
    return verifier.verify(brief, section, DraftSection(section_id="s", writer=COMPOSER, text=text))


def test_every_pattern_passes_verification(vocabulary: Vocabulary, voice: Voice, verifier: Verifier) -> None:
    for pool, patterns in voice.pools.items():
        for pattern in patterns:
            for several in (False, True):
                shown = pattern_passes(pattern, kind_of(pool), several, vocabulary, voice, verifier)
                found = [finding for finding in shown.findings if finding.rule != "title"]
                assert not found, (pool, pattern.text, found)


def test_every_value_can_be_said(vocabulary: Vocabulary, voice: Voice, verifier: Verifier) -> None:
    """Whatever value an item has, the sentence that says it is true to the check."""
    says = speaker(vocabulary)
    fields = {
        "category": "product_type",
        "color": "colors",
        "material": "materials",
        "pattern": "patterns",
        "fit": "fits",
        "length": "lengths",
    }
    fields |= {"occasion": "occasions", "season": "seasons", "style": "styles", "feature": "features", "gender": "gender"}
    for slot in VALUE_SLOTS:
        for value in vocabulary.values(slot):
            update = {fields[slot]: value if slot == "category" else (value,)}
            product = BY_ID["lantern"].model_copy(update=update)
            facts = item_facts("item1", RankedItem(product=product, checks=(), scores=ranked("lantern").scores), (), vocabulary)
            phrase = says.noun_phrase(product) if slot == "category" else says.complement(slot, value)
            section = SectionBrief(section_id="item1", kind="item", labels=("item1",), composed="", modelled=True)
            brief = GuideBrief(
                language="en", message="", scope="me", items=(facts,), sections=(section,), references=facts.references
            )
            draft = DraftSection(section_id="item1", writer="model", text=f"{{item1.title}} is {phrase}.")
            shown = verifier.verify(brief, section, draft)
            assert shown.verdict == "pass", (slot, value, phrase, shown.findings)


def test_it_says_what_was_noted(vocabulary: Vocabulary, verifier: Verifier) -> None:
    brief = scenes(vocabulary)["blue_and_m"].brief(vocabulary)
    assert "Skerry Rain Jacket" in reply(verifier, brief)
    two = scenes(vocabulary)["in_m"]
    assert "size M" in checked(verifier, two.brief(vocabulary))[0].text


def test_foreign_money_is_spoken_of(vocabulary: Vocabulary, verifier: Verifier) -> None:
    opening = checked(verifier, scenes(vocabulary)["dollars"].brief(vocabulary))[0].text
    assert "EUR" in opening
    assert "USD amount at face value" in opening


def test_the_recipient_is_named(vocabulary: Vocabulary, verifier: Verifier) -> None:
    assert reply(verifier, scenes(vocabulary)["sister"].brief(vocabulary)).startswith("For your sister, ")


def test_words_not_understood_are_owned_up_to(vocabulary: Vocabulary, verifier: Verifier) -> None:
    scene = Scene("a flurbish dress", wishes=(DRESS,), shown=("marigold", "ruby"), unknown_words=("flurbish",))
    assert "“flurbish”" in checked(verifier, scene.brief(vocabulary))[0].text


def test_nothing_found_is_said_plainly_with_counts(vocabulary: Vocabulary, verifier: Verifier) -> None:
    brief = scenes(vocabulary)["nothing"].brief(vocabulary)
    text = reply(verifier, brief)
    assert [section.kind for section in brief.sections] == ["relaxation"]
    assert "up to €20.00" in text
    assert re.search(r"[Uu]p to €59.00 there is one", text)


def test_a_doubt_that_all_share_is_told_once(vocabulary: Vocabulary, verifier: Verifier) -> None:
    wanted = wish("feature", "waterproof", strength="soft")
    brief = Scene("a dress, ideally waterproof", wishes=(DRESS, wanted), shown=("marigold", "poppy", "ruby")).brief(vocabulary)
    assert reply(verifier, brief).count("waterproof") == 1


def test_what_the_care_line_says_is_no_doubt(vocabulary: Vocabulary, verifier: Verifier) -> None:
    brief = scenes(vocabulary)["soft_wishes"].brief(vocabulary)
    told = {section.section_id: section.text for section in checked(verifier, brief)}
    assert "machine washable" in told["item2"], "its care line says machine wash"
    assert "does not say whether it is machine washable" in told["item1"]


def test_standings_are_true(vocabulary: Vocabulary, verifier: Verifier) -> None:
    for turn in range(8):
        scene = Scene("show me something", shown=("alder", "harbour", "skerry"), state=DialogueState(turn=turn))
        text = reply(verifier, scene.brief(vocabulary))
        for product_id, claim in (
            ("harbour", "least expensive of the three"),
            ("skerry", "most expensive of the three"),
            ("alder", "highest rated of the three"),
        ):
            paragraph = next(line for line in text.splitlines() if BY_ID[product_id].title in line)
            others = text.replace(paragraph, "")
            assert claim not in others


def test_the_price_told_is_the_one_on_the_card(vocabulary: Vocabulary, verifier: Verifier) -> None:
    text = reply(verifier, Scene("a linen dress", wishes=(DRESS,), shown=("poppy", "ruby")).brief(vocabulary))
    assert "€51.92" in text, "Linen weeks takes 20% off 64.90"
    assert "€64.90" in text


def test_the_first_greeting_says_that_it_is_an_ai(vocabulary: Vocabulary, verifier: Verifier) -> None:
    for turn_message in ("hello", "hi", "good evening", "hey there", "hallo"):
        scene = Scene(turn_message, acts=("greeting",), searched=False, more={"chat": ("greeting",)})
        text = reply(verifier, scene.brief(vocabulary))
        assert re.search(r"\bAI\b", text)
        assert "catalog" in text


def test_numbers_in_words() -> None:
    assert [number(count) for count in (0, 1, 4, 20, 21, 1234)] == ["no", "one", "four", "twenty", "21", "1,234"]
