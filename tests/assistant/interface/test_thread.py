"""A turn as HTML, event by event: facts before prose, each section in its place, and nothing of it that runs."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.events import (
    DoneEvent,
    ErrorEvent,
    OffersEvent,
    OutfitsEvent,
    ProductsEvent,
    ProfileEvent,
    QuestionEvent,
    SectionEvent,
    StatusEvent,
)
from assistant.interface.thread import ABOVE, NOTICE, TurnView, advanced, chips, recorded, turn_html, welcome
from assistant.schema import Profile, ProfileChange, SectionKind, TurnRecord
from tests.assistant.interface.page_parts import (
    attack_texts,
    card_of,
    comparison_of,
    look_of,
    offers_of,
    read,
    section,
    skeleton,
)

KINDS: tuple[SectionKind, ...] = get_args(SectionKind)


def words(markup: str) -> str:
    return " ".join(" ".join(read(markup).words).split())


def said_by_buttons(markup: str) -> list[str]:
    found = [json.loads(a["data-act"] or "") for _, a in read(markup).elements if "data-act" in a]
    return [each["text"] for each in found if each["act"] == "say"]


def record_of(text: str) -> TurnRecord:
    """A turn with this text wherever one may stand."""
    return TurnRecord(
        turn_id=text,
        conversation_id="c",
        turn=1,
        message=text,
        reply=text,
        products=(card_of(text),),
        outfits=(look_of(text),),
        offers=offers_of(text),
        comparison=comparison_of(text),
        profile=Profile(),
        suggestions=(text, text),
        notices=(text,),
        sections=tuple(section(kind, text, *((text,) if kind == "item" else ())) for kind in KINDS),
    )


def finished(text: str, *, last: bool = True) -> str:
    return turn_html(recorded(record_of(text)), last=last)


# ---------------------------------------------------------------- nothing runs


@pytest.mark.parametrize("last", [True, False])
def test_attacks_in_every_text_change_nothing(last: bool) -> None:
    harmless = skeleton(finished("x", last=last))
    for said in attack_texts():
        markup = finished(said, last=last)
        assert skeleton(markup) == harmless, said
        assert not {"$", "{", "}", "`"} & set(markup), said


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\n")).map(lambda said: f"x{said}"), st.booleans())
def test_any_text_changes_nothing(said: str, last: bool) -> None:
    assert skeleton(finished(said, last=last)) == skeleton(finished("x", last=last))


# ---------------------------------------------------------------- as it comes


def test_facts_stand_before_prose_and_each_section_finds_its_place() -> None:
    view = TurnView(message="a red dress")
    assert words(turn_html(view, last=True)) == "a red dress Reading …"
    view = advanced(view, StatusEvent(stage="searching"))
    assert "Looking through the shop …" in words(turn_html(view, last=True))
    view = advanced(view, ProductsEvent(products=(card_of("d1"),)))
    view = advanced(view, OutfitsEvent(outfits=(look_of("bag"),)))
    view = advanced(view, OffersEvent(offers=offers_of("line")))
    early = words(turn_html(view, last=True))
    assert "€79.95" in early
    assert "Receipt" in early
    for kind, text, product in (("item", "Its own words.", "d1"), ("opening", "Here it is.", ""), ("closing", "What next?", "")):
        written = section(kind, text, *((product,) if product else ()))  # type: ignore[arg-type]
        view = advanced(view, SectionEvent(section=written))
    late = words(turn_html(view, last=True))
    order = [late.index(part) for part in ("Here it is.", "Its own words.", "Receipt", "What next?")]
    assert order == sorted(order)
    view = advanced(view, QuestionEvent(question=None, suggestions=("Show me more",)))
    assert view.suggestions == ("Show me more",)
    assert advanced(view, ProfileEvent(change=ProfileChange(profile=Profile()))) is view


def test_what_is_not_written_yet_is_awaited_and_afterwards_no_more() -> None:
    waiting = advanced(TurnView(message="x"), ProductsEvent(products=(card_of("d1"),)))
    assert "sg-waiting" in turn_html(waiting, last=True)
    over = recorded(record_of("d1").model_copy(update={"sections": ()}))
    assert "sg-waiting" not in turn_html(over, last=True)


def test_the_record_replaces_all_that_came_before() -> None:
    record = record_of("d1")
    view = advanced(TurnView(message="something else", stage="writing"), DoneEvent(record=record))
    assert view == recorded(record)
    assert view.stage is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_section_is_lost(kind: SectionKind) -> None:
    """Whatever its kind, what was checked is read on the page."""
    shown = record_of("d1").model_copy(update={"sections": (section(kind, "the very words", "d1"),)})
    assert "the very words" in words(turn_html(recorded(shown), last=True))
    alone = TurnRecord(
        turn_id="t", conversation_id="c", turn=1, message="m", reply="", profile=Profile(), sections=(section(kind, "the very words"),)
    )  # fmt: skip
    if kind not in ("item", "outfit"):
        assert "the very words" in words(turn_html(recorded(alone), last=True)), "also without items"
    assert kind in ABOVE or kind in ("item", "outfit", "offers", "closing")


def test_a_paragraph_a_line() -> None:
    spoken = recorded(record_of("d1").model_copy(update={"sections": (section("policy", "One.\n\nTwo."),), "products": ()}))
    markup = turn_html(spoken, last=True)
    assert "<p>One.</p><p>Two.</p>" in markup


# ---------------------------------------------------------------- at its foot


def test_replies_and_another_try_stand_under_the_last_turn_alone() -> None:
    record = record_of("d1").model_copy(update={"message": "a red dress", "suggestions": ("Show me more", "Something cheaper")})
    assert said_by_buttons(turn_html(recorded(record), last=True)) == ["Show me more", "Something cheaper", "a red dress"]
    assert said_by_buttons(turn_html(recorded(record), last=False)) == []


def test_an_earlier_turn_folds_its_look_and_receipt_away() -> None:
    folded = [
        a for element, a in read(finished("d1", last=False)).elements if element == "details" and a.get("class") == "sg-fold"
    ]
    assert len(folded) == 1
    assert folded[0]["data-keep"] == "beside-d1"
    assert "sg-fold" not in finished("d1", last=True)


def test_an_error_says_what_to_do_and_can_be_tried_again() -> None:
    failed = advanced(TurnView(message="a red dress"), ErrorEvent(status=503, title="Busy", detail="Try again in a minute."))
    markup = turn_html(failed, last=True)
    assert "Try again in a minute." in words(markup)
    assert [a.get("role") for element, a in read(markup).elements if a.get("class") == "sg-error"] == ["alert"]
    assert said_by_buttons(markup) == ["a red dress"]
    assert "Reading" not in words(markup)


def test_the_first_message_says_that_this_is_an_ai_and_how_results_are_ordered() -> None:
    markup = welcome(("A dress",))
    assert NOTICE in words(markup)
    assert "AI" in NOTICE
    assert "nobody pays for a place" in NOTICE
    assert said_by_buttons(markup) == ["A dress"]


def test_no_replies_no_list() -> None:
    assert chips(()) == ""
