"""The composer: whatever was found, what it says passes the verification that holds for models, names every item, and does not repeat itself."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import cycle, islice, pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guide.describe import answer
from assistant.guide.english import number
from assistant.guide.explain import speaker
from assistant.guide.facts import item_facts
from assistant.guide.phrases import WINDOW, Pattern, Voice, worded
from assistant.guide.references import names
from assistant.guide.verification import COMPOSER, Verifier
from assistant.guide.words import sentences
from assistant.schema import (
    Answer,
    CheckedSection,
    DialogueState,
    DraftSection,
    GuideBrief,
    Profile,
    SectionBrief,
    SectionKind,
)
from catalog_data.schema import VALUE_SLOTS
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import RankedItem, SearchResult
from tests.assistant.guide.golden_scenes import DRESS, RED, SEEN, UNDER_80, WEDDING, scenes
from tests.assistant.guide.scenes import Scene, size, wish
from tests.assistant.guide.shop import BY_ID, CATALOG, PRODUCTS, ranked
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
    assert kinds == ["opening", "item", "relaxation"], "what a change would bring is the next step; there is no other"


def test_models_may_write_only_prose_about_items(vocabulary: Vocabulary) -> None:
    for scene in scenes(vocabulary).values():
        for section in scene.brief(vocabulary).sections:
            assert section.modelled is (section.kind in ("opening", "item"))


def test_sections_are_short(vocabulary: Vocabulary) -> None:
    most = {"opening": 2, "item": 2, "closing": 2, "outfit": 1}
    for turn in range(12):
        for scene in scenes(vocabulary).values():
            again = replace(scene, state=scene.state.model_copy(update={"turn": turn}))
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
    ids = cycle(each.product_id for each in PRODUCTS)
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
    assert sum(count for name, count in pools.items() if kind_of(name) == "opening") >= 25
    assert sum(count for name, count in pools.items() if name.startswith("item_")) >= 100
    assert sum(count for name, count in pools.items() if name.startswith("closing_")) >= 25
    seldom = ("closing_", "answer_yes_too", "compare_shares", "explain_order", "offer_inside", "not_sold", "others")
    rare = {name for name in pools if name.startswith(seldom) or name.endswith("_again")}
    assert {name: count for name, count in pools.items() if count < (3 if name in rare else 6)} == {}
    every = [pattern.text for patterns in voice.pools.values() for pattern in patterns]
    assert len({pattern.pattern_id for patterns in voice.pools.values() for pattern in patterns}) == len(every)


OPENINGS = ("found", "refined", "same", "annoyed", "more", "like", "rejected", "single", "single_refined", "open")
DOUBTS = ("unmet", "unknown", "unpriced")
FRAGMENTS = {
    "what": "a midi dress in viscose",
    "plain": "a red dress in viscose",
    "taste": "a red dress in viscose",
    "asked": "red",
    "holds": "is red",
    "also": "is lined",
    "with": "lined, with a v-neck",
    "found": "red dresses for a wedding",
    "wishes": "red dresses for a wedding",
    "whose": "your sister's",
    "anchor": "{item1.title}",
    "pieces": "{item1.title} ({item1.price})",
    "says": "is red",
}


def kind_of(pool: str) -> SectionKind:
    """The kind of section that a pool's sentences stand in."""
    if pool in OPENINGS or pool.startswith("note_"):
        return "opening"
    if pool in DOUBTS or pool.startswith("item_"):
        return "item"
    return "closing" if pool.startswith("closing_") else "outfit" if pool in ("outfit", "outfit_why") else "answer"


def pattern_passes(
    pattern: Pattern, kind: SectionKind, several: bool, full: bool, vocabulary: Vocabulary, voice: Voice, verifier: Verifier
) -> CheckedSection:
    """A pattern filled with what is true of one item; `full`: with its optional parts."""
    optional = set(re.findall(r"[{<]([a-z_.]+)[}>]", pattern.text)) if full else set()
    words = {name: text for name, text in FRAGMENTS.items() if full or name in pattern.needs}
    text = worded(pattern, words, optional, "item1" if kind == "item" else None, several)
    labels = ("item1",) if "{item1." in text else ()
    facts = item_facts("item1", ranked("marigold"), (), vocabulary, "en", None, voice.descriptive)
    modelled = kind in ("opening", "item", "outfit")
    section = SectionBrief(section_id="s", kind=kind, labels=labels, composed=text, modelled=modelled)
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
            for several, full in product((False, True), repeat=2):
                shown = pattern_passes(pattern, kind_of(pool), several, full, vocabulary, voice, verifier)
                found = [finding for finding in shown.findings if finding.rule != "title"]
                assert not found, (pool, pattern.text, found)
                assert not re.search(r"[\[\]<>|]|\s[,.:;]|[,:;]\s*[.,:;]|\(\s*\)", shown.text), (pattern.text, shown.text)


def test_optional_parts_are_said_only_where_they_can_be(voice: Voice) -> None:
    pattern = next(p for p in voice.pools["item_plain"] if p.text == "{title}[[, {price}]]: <plain>.")
    assert pattern.needs == {"title", "plain"}
    assert worded(pattern, {"plain": "a dress"}, {"title"}, "item1") == "{item1.title}: A dress.".replace("A", "a")
    assert worded(pattern, {"plain": "a dress"}, {"title", "price"}, "item1") == "{item1.title}, {item1.price}: a dress."


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
            section = SectionBrief(section_id="item1", kind="item", labels=("item1",), composed="", modelled=True)
            brief = GuideBrief(
                language="en", message="", scope="me", items=(facts,), sections=(section,), references=facts.references
            )
            for several in (False, True):
                holds = says.verb_phrase([(slot, value)], several)
                for phrase in (f"is {says.noun_phrase(product, [(slot, value)])}", holds):
                    draft = DraftSection(section_id="item1", writer="model", text=f"{{item1.title}} {phrase}.")
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
    assert "up to €20" in text
    assert re.search(r"[Uu]p to €59 there is one", text)


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
    told = set()
    for turn in range(8):
        scene = Scene("show me something", shown=("alder", "harbour", "skerry"), state=DialogueState(turn=turn))
        text = reply(verifier, scene.brief(vocabulary))
        for product_id, claim in (("harbour", "least expensive of the three"), ("alder", "highest rated of the three")):
            paragraph = next(line for line in text.splitlines() if BY_ID[product_id].title in line)
            told |= {claim} if claim in paragraph else set()
            assert claim not in text.replace(paragraph, "")
    assert len(told) == 2


def test_the_price_told_is_the_one_on_the_card(vocabulary: Vocabulary, verifier: Verifier) -> None:
    text = reply(verifier, Scene("a linen dress", wishes=(DRESS,), shown=("poppy", "ruby")).brief(vocabulary))
    assert "€51.92" in text, "Linen weeks takes 20% off 64.90"
    assert "“Linen weeks”" in text, "and that is why"


def test_the_first_greeting_says_that_it_is_an_ai(vocabulary: Vocabulary, verifier: Verifier) -> None:
    for turn_message in ("hello", "hi", "good evening", "hey there", "hallo"):
        scene = Scene(turn_message, acts=("greeting",), searched=False, more={"chat": ("greeting",)})
        text = reply(verifier, scene.brief(vocabulary))
        assert re.search(r"\bAI\b", text)
        assert "catalog" in text


def conversation(vocabulary: Vocabulary, scene: Scene, turns: int) -> list[GuideBrief]:
    """The same search again and again, each turn knowing what was said before."""
    state = scene.state
    briefs_ = []
    for turn in range(turns):
        brief = replace(scene, state=state).brief(vocabulary)
        state = state.model_copy(update={"turn": turn + 1, "phrases": (*state.phrases, *brief.phrases_used)})
        briefs_.append(brief)
    return briefs_


def step_of(brief: GuideBrief) -> str:
    """The kind of next step that a reply closes with; empty for none."""
    names_ = [entry.partition(":")[2].partition(".")[0] for entry in brief.phrases_used]
    return next((name for name in names_ if name.startswith("closing_")), "")


@pytest.mark.parametrize(
    "asked", [(), (DRESS, RED), (wish("occasion", "wedding"), UNDER_80)], ids=["nothing", "dress", "wedding"]
)
def test_no_two_replies_in_a_row_close_alike(vocabulary: Vocabulary, asked: tuple) -> None:  # type: ignore[type-arg]
    scene = Scene("show me", wishes=asked, shown=("marigold", "poppy", "alder", "skerry"), matching=40)
    steps = [step_of(brief) for brief in conversation(vocabulary, scene, 12)]
    assert all(first != second for first, second in pairwise(steps) if first), steps
    assert len(set(steps) - {""}) >= 4
    for question in ("closing_size", "closing_use", "closing_budget"):
        places = [place for place, step in enumerate(steps) if step == question]
        assert all(later - earlier >= WINDOW for earlier, later in pairwise(places)), "asked once, then left"


def test_a_closing_asks_for_nothing_that_is_known(vocabulary: Vocabulary) -> None:
    known = (DRESS, WEDDING, UNDER_80, size("M"), RED, wish("material", "linen", strength="soft"))
    scene = Scene("show me", wishes=known, shown=("marigold", "poppy"), matching=40)
    guessed = tuple(each.model_copy(update={"source": "inferred", "strength": "soft"}) for each in known)
    for wishes in (known, guessed):
        steps = {step_of(brief) for brief in conversation(vocabulary, replace(scene, wishes=wishes), 8)}
        assert not steps & {"closing_size", "closing_use", "closing_budget"}
    assert "closing_filter" not in {step_of(brief) for brief in conversation(vocabulary, replace(scene, matching=2), 8)}


def test_a_filter_that_is_offered_holds_of_some_and_not_of_all(vocabulary: Vocabulary, verifier: Verifier) -> None:
    ids = ("marigold", "poppy", "alder", "skerry")
    scene = Scene("show me", wishes=(size("M"), UNDER_80, wish("occasion", "everyday")), shown=ids, matching=40)
    told = [reply(verifier, brief) for brief in conversation(vocabulary, scene, 6) if step_of(brief) == "closing_filter"]
    assert told
    for text in told:
        offered = re.search(r" in ([a-z ]+)[?.]$", text)
        assert offered, text
        holds = [offered.group(1) in BY_ID[each].materials for each in ids]
        assert any(holds)
        assert not all(holds)


def test_an_annoyed_shopper_gets_an_apology_and_a_question(vocabulary: Vocabulary, verifier: Verifier) -> None:
    understood = Scene("this is useless", acts=("refine",), wishes=(DRESS,), shown=("ruby", "poppy"), matching=9, state=SEEN)
    calm, cross = understood.brief(vocabulary), replace(understood, mood="annoyed").brief(vocabulary)
    assert "sorry" not in reply(verifier, calm).lower()
    assert re.search(r"(?i)sorry|apologies", reply(verifier, cross))
    assert step_of(cross) == "closing_wrong"


def test_two_questions_about_two_items_are_answered_each_by_its_name(vocabulary: Vocabulary, verifier: Verifier) -> None:
    closed = CATALOG.manifest.closed_slots
    asked = (("poppy", "feature", "pockets"), ("marigold", "feature", "waterproof"), ("marigold", "material", "silk"))
    answers = tuple(
        each
        for key, slot, value in asked
        for each in answer(BY_ID[key], (slot,), (value,), "", vocabulary, closed)  # type: ignore[arg-type]
    )
    assert [each.product_id for each in answers] == ["poppy", "marigold", "marigold"]
    scene = Scene(
        "has it pockets, and is the other waterproof or silk?", acts=("describe",), searched=False, about=("poppy", "marigold")
    )
    brief = replace(scene, more={"described": BY_ID["poppy"], "answers": answers}).brief(vocabulary)
    first, second = checked(verifier, brief)
    assert (first.product_ids, second.product_ids) == (("poppy",), ("marigold",))
    assert "Poppy Tea Dress has pockets" in first.text
    assert "waterproof" not in first.text
    assert second.text.count("Marigold Wrap Dress") == 1, "named once, then it"
    assert "whether Marigold Wrap Dress is waterproof" in second.text
    assert "it is not made of silk" in second.text


def test_answers_that_name_no_item_are_about_the_one_described(vocabulary: Vocabulary, verifier: Verifier) -> None:
    answers = (Answer(slot="material", asked="silk", status="no"),)
    scene = Scene("is it silk?", acts=("describe",), searched=False, about=("poppy",))
    brief = replace(scene, more={"described": BY_ID["poppy"], "answers": answers}).brief(vocabulary)
    (section,) = checked(verifier, brief)
    assert "Poppy Tea Dress is not made of silk" in section.text


def test_what_is_only_guessed_is_called_a_guess_and_rarely(vocabulary: Vocabulary, verifier: Verifier) -> None:
    said = (RED, UNDER_80, size("M"), WEDDING)
    guessed = tuple(each.model_copy(update={"source": "inferred", "strength": "soft"}) for each in said)
    scene = Scene("show me dresses", wishes=(DRESS, *guessed), shown=("marigold", "poppy", "ruby"), matching=9)
    texts = [reply(verifier, brief) for brief in conversation(vocabulary, scene, 8)]
    assert not any(re.search(r"as you (?:asked|wished|said|wanted)|your limit|your size, M|up to €80", text) for text in texts)
    told = [place for place, text in enumerate(texts) if "oing by what you bought before" in text]
    assert told
    assert all(later - earlier >= WINDOW for earlier, later in pairwise(told))


def test_a_reply_names_no_item_that_left_the_page(vocabulary: Vocabulary, verifier: Verifier) -> None:
    for act in ("not_this", "more_like"):
        scene = Scene("that one", acts=(act,), points_at=("marigold",), wishes=(WEDDING,), shown=("poppy", "ruby"), state=SEEN)
        assert "Marigold" not in reply(verifier, scene.brief(vocabulary))


def test_a_question_of_price_is_answered_by_the_prices(vocabulary: Vocabulary, verifier: Verifier) -> None:
    scene = Scene("which is cheaper?", acts=("compare",), searched=False, about=("marigold", "poppy"), compared=True, state=SEEN)
    (told,) = checked(verifier, scene.brief(vocabulary))
    assert re.search(r"Poppy Tea Dress costs less, €51.92, and Marigold Wrap Dress €59.95, €8.03 apart\.$", told.text)
    asked = replace(scene, message="compare the cheapest two")
    assert "linen against viscose" in reply(verifier, asked.brief(vocabulary)), "in the order in which they were named"


def test_an_item_made_for_children_is_called_so_where_nobody_asked(vocabulary: Vocabulary, verifier: Verifier) -> None:
    child = BY_ID["field"].model_copy(update={"product_id": "small", "gender": ("girls",)})
    scene = Scene("a shirt", wishes=(wish("category", "shirt"),), shown=("field", "field"))
    grown, other = scene.ranked(("field", "field"), Profile(), vocabulary)
    items = (grown, other.model_copy(update={"product": child}))
    told = replace(scene, more={"items": items, "search": SearchResult(items=items, matching=2)})
    assert reply(verifier, told.brief(vocabulary)).count("made for girls") == 1
    hers = wish("gender", "girls")
    assert "made for" not in reply(verifier, replace(told, wishes=(*told.wishes, hers)).brief(vocabulary))
    all_small = replace(told, more={"items": items[1:], "search": SearchResult(items=items[1:], matching=1)})
    assert "made for" not in reply(verifier, all_small.brief(vocabulary)), "its title and its card say so"


def test_numbers_in_words() -> None:
    assert [number(count) for count in (0, 1, 4, 20, 21, 1234)] == ["no", "one", "four", "twenty", "21", "1,234"]
