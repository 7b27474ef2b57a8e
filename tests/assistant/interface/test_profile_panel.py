"""The profile beside the chat: what each entry says, with its evidence, and what its buttons do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.interface.profile_panel import panel, wish
from assistant.schema import Conversation, Preference, Profile
from catalog_data.schema import VALUE_SLOTS
from tests.assistant.interface.page_parts import attack_texts, read, skeleton
from tests.assistant.rule_shop import NOW, profile_of
from tests.assistant.rule_shop import wish as held

SHOPPERS = (("u-1", "u-1: 20 purchases"),)


def conversation(*preferences: Preference, undo: bool = False, **fields: object) -> Conversation:
    profile = profile_of(*preferences, **fields)
    return Conversation(conversation_id="c", created_at=NOW, profile=profile, undo=(Profile(),) if undo else ())


def words(markup: str) -> str:
    return " ".join(" ".join(read(markup).words).split())


def acts(markup: str) -> list[dict[str, str]]:
    return [json.loads(a["data-act"] or "") for _, a in read(markup).elements if "data-act" in a]


def filled(text: str) -> str:
    """A panel with this text wherever the shopper or the catalog may put one."""
    one = held("color", text, evidence=text, preference_id=text, scope=text)
    return panel(conversation(one, held("size", text, evidence=text)), "EUR", ())


def test_attacks_in_every_text_change_nothing() -> None:
    harmless = skeleton(filled("x"))
    for said in attack_texts():
        assert skeleton(filled(said)) == harmless, said
        assert not {"$", "{", "}", "`"} & set(filled(said)), said
        assert skeleton(panel(None, "EUR", ((said, said),))) == skeleton(panel(None, "EUR", (("x", "x"),)))


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda said: said != "me"))
def test_any_text_changes_nothing(said: str) -> None:
    assert skeleton(filled(said)) == skeleton(filled("x"))


@pytest.mark.parametrize(
    ("preference", "said"),
    [
        (held("color", "red"), "red"),
        (held("material", "lace", polarity="dislike"), "not lace"),
        (held("material", "linen", strength="soft"), "ideally linen"),
        (held("color", "black", polarity="dislike", strength="soft"), "ideally not black"),
        (held("size", "M"), "size M"),
        (held("price", {"max": 8_000}), "up to €80.00"),
        (held("price", {"min": 2_000}), "from €20.00"),
        (held("price", {"min": 2_000, "max": 8_000}), "from €20.00 up to €80.00"),
        (held("price", {"min": 0}), "from €0.00"),
        (held("rating", {"stars": 4}), "4 stars or more"),
        (held("rating", {"stars": 4.5}, strength="soft"), "ideally 4.5 stars or more"),
    ],
)
def test_a_wish_in_a_few_words(preference: Preference, said: str) -> None:
    assert wish(preference, "EUR") == said
    assert said in words(panel(conversation(preference), "EUR", ()))


def test_each_entry_shows_its_evidence_and_can_be_taken_out() -> None:
    stated = held("color", "red", evidence="a red one", turn=3, preference_id="p7")
    inferred = held("style", "sporty", evidence="10 of 20 purchases", source="inferred", turn=0, preference_id="h2")
    markup = panel(conversation(stated, inferred), "EUR", ())
    said = words(markup)
    assert "colour: red" in said
    assert "“a red one” · turn 3" in said
    assert "“10 of 20 purchases” · inferred" in said
    assert [each["preference_id"] for each in acts(markup) if each["act"] == "forget"] == ["p7", "h2"]
    labels = [a.get("aria-label") for _, a in read(markup).elements if "preference_id" in (a.get("data-act") or "")]
    assert labels == ["Forget colour: red", "Forget style: sporty"]


def test_each_person_has_a_part_of_her_own() -> None:
    said = words(panel(conversation(held("color", "red"), held("color", "blue", scope="sister")), "EUR", ()))
    assert said.index("For you") < said.index("colour: red") < said.index("For your sister") < said.index("colour: blue")


def test_what_is_known_is_counted() -> None:
    assert "(1 wish)" in words(panel(conversation(held("color", "red")), "EUR", ()))
    assert "(2 wishes)" in words(panel(conversation(held("color", "red"), held("size", "M")), "EUR", ()))
    liked = conversation(liked_product_ids=("a", "b"), rejected_product_ids=("c",))
    assert "2 liked, 1 turned down" in words(panel(liked, "EUR", ()))
    assert "turned down" not in words(panel(conversation(), "EUR", ()))


def test_nothing_known_is_said() -> None:
    for known in (None, conversation()):
        assert "Nothing yet." in words(panel(known, "EUR", ()))
    assert "Nothing yet." not in words(panel(conversation(held("color", "red")), "EUR", ()))


def test_undo_is_there_where_there_is_something_to_undo() -> None:
    def disabled(known: Conversation) -> bool:
        [undo] = [a for _, a in read(panel(known, "EUR", ())).elements if '"undo"' in (a.get("data-act") or "")]
        return "disabled" in undo

    assert disabled(conversation())
    assert not disabled(conversation(undo=True))


def test_made_up_shoppers_are_offered_before_a_chat_alone_and_said_to_be_made_up() -> None:
    markup = panel(None, "EUR", SHOPPERS)
    assert [each for each in acts(markup) if each["act"] == "shop_as"] == [{"act": "shop_as", "shopper_id": "u-1"}]
    assert "made up" in words(markup)
    assert not [each for each in acts(panel(conversation(), "EUR", SHOPPERS)) if each["act"] == "shop_as"]
    assert "made up" not in words(panel(None, "EUR", ()))


def test_a_wish_can_be_added_for_every_slot_of_words() -> None:
    markup = panel(conversation(), "EUR", ())
    values = [a.get("value") for element, a in read(markup).elements if element == "option"]
    assert values == ["like", "dislike", *VALUE_SLOTS]
    assert {"act": "add_wish"} in acts(markup)
    assert {"act": "forget_me"} in acts(markup)
    labels = [a.get("aria-label") for element, a in read(markup).elements if element in ("select", "input")]
    assert all(labels), "each field is named for who does not see it"
