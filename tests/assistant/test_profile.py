"""The profile's rules, one by one, and what holds for any run of messages: nothing lost, no contradiction, nothing learnt twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.profile import edit, merge, with_feedback
from assistant.profile_book import taken_back
from assistant.schema import Act, Preference, PriceRange, Profile, Reference, SlotMention, Understanding
from catalog_data.schema import SizeSystem


def says(slot: str, value: Any, **more: Any) -> SlotMention:
    if slot == "size":
        more.setdefault("size_system", "alpha")
    return SlotMention.model_validate({"slot": slot, "value": value, "evidence": f"said {value}", **more})


def message(*slots: SlotMention, act: str = "refine") -> Understanding:
    return Understanding.model_validate({"text": "…", "acts": ({"kind": act},), "slots": slots})


def told(*messages: Understanding, start: Profile | None = None) -> Profile:
    profile = start or Profile()
    for turn, each in enumerate(messages, 1):
        profile = merge(profile, each, turn).profile
    return profile


def wishes(profile: Profile, scope: str = "me") -> list[str]:
    """The preferences in force in short: "not soft color black"."""
    marks = {"dislike": "not ", "like": ""}
    return sorted(
        f"{marks[p.polarity]}{'soft ' if p.strength == 'soft' else ''}{p.slot} {_short(p.value)}" for p in profile.in_scope(scope)
    )


def _short(value: Any) -> str:
    return f"{value.min or ''}..{value.max or ''}" if isinstance(value, PriceRange) else str(value)


def inferred(slot: str, value: Any, **more: Any) -> Preference:
    fields = {
        "preference_id": "h1",
        "slot": slot,
        "value": value,
        "strength": "soft",
        "source": "inferred",
        "evidence": "3 purchases",
        "turn": 0,
    }
    return Preference.model_validate({**fields, **more})


DRESS = message(
    says("category", "dress"),
    says("color", "red"),
    says("occasion", "wedding"),
    says("style", "elegant", strength="soft"),
    says("price", PriceRange(max=8000)),
    says("material", "lace", polarity="dislike"),
    says("size", "M"),
    act="search",
)


def test_a_message_becomes_preferences_with_its_words_and_turn() -> None:
    change = merge(Profile(), DRESS, 3)
    assert [p.preference_id for p in change.added] == ["p1", "p2", "p3", "p4", "p5", "p6", "p7"]
    assert change.added == change.profile.preferences
    assert {p.turn for p in change.added} == {3}
    assert all(p.evidence.startswith("said") and p.source == "stated" for p in change.added)
    assert change.profile.version == 1
    assert change.profile.sizes == {"me": {"clothing": "M"}}


def test_a_replacement_takes_the_place_of_the_other_likes_and_spares_dislikes() -> None:
    profile = told(
        DRESS, message(says("color", "black", polarity="dislike")), message(says("color", "blue", operation="replace"))
    )
    assert wishes(profile) == [
        "category dress",
        "color blue",
        "not color black",
        "not material lace",
        "occasion wedding",
        "price ..8000",
        "size M",
        "soft style elegant",
    ]
    (old,) = profile.superseded
    assert (old.value, old.superseded_by_turn, old.turn) == ("red", 3, 1)


def test_two_values_that_replace_stand_together() -> None:
    both = message(says("color", "blue", operation="replace"), says("color", "green", operation="replace"))
    assert [each for each in wishes(told(DRESS, both)) if "color" in each] == ["color blue", "color green"]


def test_a_new_topic_keeps_the_purse_the_person_and_the_dislikes() -> None:
    taste = message(says("color", "green", strength="soft"), says("gender", "women"))
    profile = told(taste, DRESS, message(says("category", "shoes"), says("color", "black"), act="search"))
    assert wishes(profile) == [
        "category shoes",
        "color black",
        "gender women",
        "not material lace",
        "price ..8000",
        "size M",
        "soft color green",
    ]


@pytest.mark.parametrize(
    "next_message",
    [
        message(says("category", "skirt", operation="replace"), act="correct"),  # "a skirt instead"
        message(says("category", "skirt"), act="refine"),  # "or a skirt"
        message(says("category", "dress"), act="search"),  # "show me dresses"
    ],
)
def test_what_is_no_new_topic_keeps_the_colour(next_message: Understanding) -> None:
    assert "color red" in wishes(told(DRESS, next_message))


def test_a_new_topic_is_one_persons_own() -> None:
    profile = told(DRESS, message(says("category", "shirt", scope="husband"), act="search"))
    assert wishes(profile, "husband") == ["category shirt"]
    assert "color red" in wishes(profile)


def test_a_retraction_ends_the_value_or_all_likes_of_the_slot() -> None:
    black = message(says("color", "black", polarity="dislike"))
    assert "not color black" not in wishes(told(DRESS, black, message(says("color", "black", operation="retract"))))
    cleared = wishes(told(DRESS, black, message(says("color", "", operation="retract"))))
    assert "color red" not in cleared
    assert "not color black" in cleared


def test_a_like_and_a_dislike_of_one_value_do_not_stand_together() -> None:
    no_red = message(says("color", "red", polarity="dislike"))
    assert [each for each in wishes(told(DRESS, no_red)) if "color" in each] == ["not color red"]
    assert [each for each in wishes(told(no_red, DRESS)) if "color" in each] == ["color red"]


def test_prices_complete_or_replace_one_another() -> None:
    under, over = message(says("price", PriceRange(max=8000))), message(says("price", PriceRange(min=2000)))
    both = told(under, over)
    assert wishes(both) == ["price 2000..8000"]
    assert both.preferences[0].evidence == "said min=None max=8000; said min=2000 max=None"
    assert wishes(told(under, message(says("price", PriceRange(max=6000))))) == ["price ..6000"]
    assert wishes(told(under, message(says("price", PriceRange(min=9000))))) == ["price 9000.."]
    assert wishes(told(both_bounds(), message(says("price", PriceRange(max=5000), operation="replace")))) == ["price ..5000"]


def both_bounds() -> Understanding:
    return message(says("price", PriceRange(min=2000, max=8000)))


def test_a_price_that_nothing_fills_is_no_preference() -> None:
    assert told(message(says("price", "cheaper", strength="soft", relative="cheaper"))).preferences == ()


def test_saying_it_again_hardens_but_does_not_soften() -> None:
    soft, hard = message(says("color", "blue", strength="soft")), message(says("color", "blue"))
    assert wishes(told(soft, hard)) == ["color blue"]
    assert wishes(told(hard, soft)) == ["color blue"]


def test_sizes_stand_by_system_and_fill_the_table() -> None:
    profile = told(
        message(says("size", "M"), says("size", "39", size_system="eu_shoe"), says("size", "32", size_system="waist")),
        message(says("size", "L", operation="replace")),
    )
    assert wishes(profile) == ["size 32", "size 39", "size L"]
    assert profile.sizes == {"me": {"clothing": "L", "shoes": "39", "trousers": "32"}}
    assert told(message(says("size", "", operation="retract")), start=profile).sizes == {}


def test_stated_beats_inferred_and_never_the_other_way() -> None:
    history = Profile(
        preferences=(
            inferred("size", "M", size_system="alpha"),
            inferred("price", PriceRange(max=9000), preference_id="h2"),
            inferred("color", "black", preference_id="h3"),
        ),
        sizes={"me": {"clothing": "M"}},
        version=1,
    )
    profile = told(message(says("size", "L"), says("price", PriceRange(max=5000)), says("color", "red")), start=history)
    assert wishes(profile) == ["color red", "price ..5000", "size L", "soft color black"]
    assert {p.preference_id for p in profile.superseded} == {"h1", "h2"}
    assert profile.sizes == {"me": {"clothing": "L"}}
    stated = told(message(says("color", "black", polarity="dislike")), start=history)
    assert "not color black" in wishes(stated)
    assert "soft color black" not in wishes(stated)


def test_an_inferred_taste_outlives_the_topic() -> None:
    history = Profile(preferences=(inferred("style", "casual"),), version=1)
    profile = told(DRESS, message(says("category", "shoes"), act="search"), start=history)
    assert "soft style casual" in wishes(profile)
    assert "soft style elegant" not in wishes(profile)


def test_wanting_more_like_an_item_likes_it() -> None:
    act = Act(kind="more_like", references=(Reference(kind="ordinal", words="the second", product_ids=("d2",)),))
    assert told(Understanding(text="…", acts=(act,))).liked_product_ids == ("d2",)


def test_numbers_are_never_used_twice() -> None:
    profile = told(DRESS, message(says("color", "blue", operation="replace")), message(says("color", "red", operation="replace")))
    ids = [p.preference_id for p in (*profile.preferences, *profile.superseded)]
    assert len(ids) == len(set(ids))


def test_an_edit_removes_adds_and_sets_sizes() -> None:
    profile = told(DRESS)
    lace = next(p.preference_id for p in profile.preferences if p.value == "lace")
    wish = Preference(preference_id="new", slot="color", value="teal", strength="soft", evidence="set by hand", turn=0)
    sizes = {"me": {"shoes": by_hand("39", "eu_shoe"), "clothing": None}}
    change = edit(profile, add=(wish,), remove=(lace, "p99"), sizes=sizes, turn=4)
    assert [p.value for p in change.removed] == ["lace", "M"]
    assert [(p.preference_id, p.value, p.source, p.turn) for p in change.added] == [
        ("p8", "teal", "stated", 4),
        ("p9", "39", "stated", 4),
    ]
    assert change.profile.sizes == {"me": {"shoes": "39"}}
    assert change.profile.superseded[-1].superseded_by_turn == 4
    assert change.profile.version == profile.version + 1


def by_hand(label: str, system: SizeSystem, category: str | None = None) -> Preference:
    return Preference(
        preference_id="new", slot="size", value=label, evidence="set by hand", turn=0, size_system=system, category=category
    )


def test_a_size_set_by_hand_is_a_wish_and_takes_the_place_of_what_was_known_for_its_kind() -> None:
    spoken = told(message(says("size", "M"), says("size", "40", size_system="eu"), says("size", "32", size_system="waist")))
    profile = edit(spoken, sizes={"me": {"clothing": by_hand("L", "alpha")}}).profile
    assert wishes(profile) == ["size 32", "size L"]
    assert profile.sizes == {"me": {"clothing": "L", "trousers": "32"}}
    assert edit(profile, sizes={"me": {"clothing": by_hand("L", "alpha")}}).profile == profile, "the same again changes nothing"
    dresses = edit(profile, sizes={"me": {"dress": by_hand("L", "alpha", "dress")}}).profile
    assert [p.category for p in dresses.preferences if p.value == "L"] == [None, "dress"]
    assert dresses.sizes == {"me": {"clothing": "L", "dress": "L", "trousers": "32"}}
    assert edit(dresses, sizes={"me": {"dress": None}}).profile.sizes == profile.sizes
    said_later = told(message(says("size", "S", operation="replace")), start=dresses)
    assert said_later.sizes == {"me": {"clothing": "S", "trousers": "32"}}, "what is said later holds for all"


def test_removing_the_chip_of_a_size_takes_it_out_of_the_table() -> None:
    both = told(message(says("size", "M"), says("size", "L")))
    assert both.sizes == {"me": {"clothing": "L"}}
    large = next(p.preference_id for p in both.preferences if p.value == "L")
    left = edit(both, remove=(large,)).profile
    assert left.sizes == {"me": {"clothing": "M"}}, "the other one of the two is still hers"
    medium = left.preferences[0].preference_id
    assert edit(left, remove=(medium,)).profile.sizes == {}


def test_two_sizes_stand_together_until_one_replaces_them() -> None:
    either = told(message(says("size", "M"), says("size", "L")))
    assert wishes(either) == ["size L", "size M"]
    assert wishes(told(message(says("size", "S", operation="replace")), start=either)) == ["size S"]


def under(amount: int, relative: str | None = None, **more: Any) -> SlotMention:
    return says("price", PriceRange(max=amount), relative=relative, **more)


def prices(profile: Profile) -> list[tuple[str, str | None]]:
    return [(_short(p.value), p.relative) for p in profile.preferences if p.slot == "price"]


NEXT_TOPIC = message(says("category", "shoes"), act="search")


def test_cheaper_than_what_was_shown_ends_with_its_topic_and_an_amount_stays() -> None:
    cheaper = message(under(4_500, "cheaper"))
    assert prices(told(DRESS, cheaper)) == [("..4500", "cheaper")], "one upper bound is in force at a time"
    assert prices(told(DRESS, cheaper, NEXT_TOPIC)) == [("..8000", None)]
    cheaper_still = message(under(3_000, "cheaper"))
    assert prices(told(DRESS, cheaper, cheaper_still, NEXT_TOPIC)) == [("..8000", None)]
    freed = message(says("price", "", operation="retract"))
    assert prices(told(DRESS, cheaper, freed, NEXT_TOPIC)) == [], "what was taken back does not come back"
    no_budget = message(says("category", "dress"), act="search")
    assert prices(told(no_budget, cheaper, NEXT_TOPIC)) == []
    skirt = message(says("category", "skirt", operation="replace"), act="correct")
    assert prices(told(no_budget, cheaper, skirt)) == [], "actually a skirt: it is measured by dresses no longer"
    midi = message(says("category", "midi dress", operation="replace"), act="refine")
    assert prices(told(no_budget, cheaper, midi)) == [("..4500", "cheaper")], "narrower is no other kind"
    anything = message(says("color", "red"), act="search")
    assert prices(told(anything, cheaper, no_budget)) == [], "the first kind that is named is another than any"
    also = message(says("category", "skirt"), act="refine")
    assert prices(told(no_budget, cheaper, also)) == [("..4500", "cheaper")], "or a skirt: the dresses are still sought"
    red = message(says("color", "red"), act="refine")
    assert prices(told(no_budget, cheaper, red)) == [("..4500", "cheaper")]


def test_an_amount_said_later_ends_what_was_relative_where_they_speak_of_the_same() -> None:
    start = told(DRESS, message(under(4_500, "cheaper")))
    assert prices(told(message(under(6_000)), start=start)) == [("..6000", None)]
    assert prices(told(message(under(4_500)), start=start)) == [("..4500", None)], "said as an amount it stays"
    at_least = message(says("price", PriceRange(min=2_000)))
    assert prices(told(at_least, start=start)) == [("..4500", "cheaper"), ("2000..", None)]
    assert prices(told(at_least, NEXT_TOPIC, start=start)) == [("2000..", None)]
    dear = message(says("price", PriceRange(min=9_000)))
    assert prices(told(dear, start=start)) == [("9000..", None)]


def test_what_is_relative_completes_and_replaces_its_like_and_beats_an_amount_that_it_contradicts() -> None:
    start = told(message(under(4_500, "cheaper")))
    assert prices(told(message(under(3_000, "cheaper")), start=start)) == [("..3000", "cheaper")]
    dearer = message(says("price", PriceRange(min=2_000), relative="dearer"))
    assert prices(told(dearer, start=start)) == [("2000..4500", "dearer")]
    beyond = message(says("price", PriceRange(min=9_000), relative="dearer"))
    assert prices(told(beyond, start=told(DRESS))) == [("9000..", "dearer")]


def test_a_retracted_budget_is_gone_whatever_it_came_from() -> None:
    assert prices(told(DRESS, message(under(4_500, "cheaper")), message(says("price", "", operation="retract")))) == []


def test_another_persons_cheaper_stays_with_her() -> None:
    sister = message(says("category", "dress", scope="sister"), under(4_500, "cheaper", scope="sister"))
    profile = told(sister, DRESS, NEXT_TOPIC)
    assert [p.relative for p in profile.in_scope("sister") if p.slot == "price"] == ["cheaper"]


def test_a_thumb_likes_or_rejects_and_never_both() -> None:
    profile = with_feedback(with_feedback(Profile(), "a", "up"), "b", "down", "price")
    assert (profile.liked_product_ids, profile.rejected_product_ids, profile.version) == (("a",), ("b",), 2)
    assert profile.rejection_reasons == {"b": "price"}
    assert with_feedback(profile, "b", "down").rejection_reasons == {"b": "price"}
    assert with_feedback(profile, "b", "down", "fit").rejection_reasons == {"b": "fit"}
    assert with_feedback(profile, "b", "up").rejection_reasons == {}
    turned = with_feedback(profile, "a", "down")
    assert (turned.liked_product_ids, turned.rejected_product_ids) == ((), ("b", "a"))
    assert with_feedback(turned, "a", "down") == turned


# ---------------------------------------------------------------- any run of messages

SCOPES = st.sampled_from(("me", "sister"))
OPERATIONS = st.sampled_from(("add", "add", "replace", "retract"))
WORD_SLOTS = {
    "category": ("dress", "shoes", "coat"),
    "color": ("red", "blue", "black", ""),
    "material": ("lace", "wool"),
    "style": ("elegant", ""),
    "gender": ("women", "men"),
    "size": ("M", "L", ""),
}
RANGES = st.one_of(
    st.builds(lambda low: PriceRange(min=low), st.integers(0, 9)),
    st.builds(lambda high: PriceRange(max=high), st.integers(0, 9)),
    st.builds(lambda low, more: PriceRange(min=low, max=low + more), st.integers(0, 9), st.integers(0, 5)),
)


@st.composite
def mentions(draw: st.DrawFn) -> SlotMention:
    slot = draw(st.sampled_from((*WORD_SLOTS, "price")))
    operation = draw(OPERATIONS)
    strength, scope = draw(st.sampled_from(("hard", "soft"))), draw(SCOPES)
    if slot == "price":
        value: Any = draw(RANGES) if operation != "retract" else ""
        relative = draw(st.sampled_from((None, None, "cheaper", "dearer"))) if operation == "add" else None
        return says("price", value, operation=operation, strength=strength, scope=scope, relative=relative)
    value = draw(st.sampled_from([word for word in WORD_SLOTS[slot] if word or operation == "retract"]))
    polarity = draw(st.sampled_from(("like", "like", "dislike"))) if operation == "add" else "like"
    return says(slot, value, operation=operation, strength=strength, scope=scope, polarity=polarity)


MESSAGES = st.builds(
    lambda slots, act: message(*slots, act=act),
    st.lists(mentions(), max_size=5),
    st.sampled_from(("search", "refine", "correct")),
)
TALKS = st.lists(MESSAGES, max_size=6)
HISTORIES = st.sampled_from(
    (
        Profile(),
        Profile(
            preferences=(inferred("color", "black"), inferred("price", PriceRange(max=7), preference_id="h2")),
            version=1,
        ),
    )
)
OFTEN = settings(max_examples=120, deadline=None)


def content(profile: Profile) -> list[str]:
    return sorted(
        repr((p.scope, p.slot, p.value, p.polarity, p.strength, p.source, p.size_system, p.relative)) for p in profile.preferences
    )


@OFTEN
@given(talk=TALKS, start=HISTORIES)
def test_the_same_message_again_changes_nothing(talk: Sequence[Understanding], start: Profile) -> None:
    profile = start
    for turn, each in enumerate(talk, 1):
        profile = merge(profile, each, turn).profile
        again = merge(profile, each, turn)
        assert content(again.profile) == content(profile)


def empty(bounds: Sequence[PriceRange]) -> bool:
    """True when no price is within all of them."""
    lows, highs = [each.min for each in bounds if each.min], [each.max for each in bounds if each.max is not None]
    return bool(lows and highs) and max(lows) > min(highs)


@OFTEN
@given(talk=TALKS, start=HISTORIES)
def test_nothing_contradicts(talk: Sequence[Understanding], start: Profile) -> None:
    for turn, each in enumerate(talk, 1):
        start = merge(start, each, turn).profile
        polarities: dict[tuple[Any, ...], set[str]] = {}
        for p in start.preferences:
            polarities.setdefault((p.scope, p.slot, repr(p.value), p.size_system), set()).add(p.polarity)
        assert all(len(each) == 1 for each in polarities.values())
        for scope in ("me", "sister"):
            priced = [p for p in start.in_scope(scope) if p.slot == "price"]
            kinds = [(p.strength, p.source, p.relative is None) for p in priced]
            assert len(kinds) == len(set(kinds))
            for strength in ("hard", "soft"):
                bounds = [p.value for p in priced if p.strength == strength and p.source == "stated"]
                assert not empty([each for each in bounds if isinstance(each, PriceRange)])


@OFTEN
@given(talk=TALKS, start=HISTORIES)
def test_nothing_is_lost_and_the_version_grows(talk: Sequence[Understanding], start: Profile) -> None:
    for turn, each in enumerate(talk, 1):
        change = merge(start, each, turn)
        after = change.profile
        ids = {p.preference_id for p in (*after.preferences, *after.superseded)}
        assert {p.preference_id for p in (*start.preferences, *start.superseded)} <= ids
        assert after.superseded[: len(start.superseded)] == start.superseded
        assert len(ids) == len(after.preferences) + len(after.superseded)
        assert all(p.evidence for p in (*after.preferences, *after.superseded))
        assert (after == start) == (after.version == start.version)
        assert after.version in (start.version, start.version + 1)
        assert {p.preference_id for p in change.added} <= {p.preference_id for p in after.preferences}
        start = after


@OFTEN
@given(talk=TALKS, start=HISTORIES)
def test_a_step_back_brings_back_what_was_and_loses_nothing(talk: Sequence[Understanding], start: Profile) -> None:
    for turn, each in enumerate(talk, 1):
        after = merge(start, each, turn).profile
        change = taken_back(after, start, turn)
        back = change.profile
        assert back.preferences == start.preferences
        assert (back.sizes, back.liked_product_ids) == (start.sizes, start.liked_product_ids)
        known = {p.preference_id for p in (*after.preferences, *after.superseded)}
        ids = [p.preference_id for p in (*back.preferences, *back.superseded)]
        assert sorted(ids) == sorted(known)
        assert back.version == after.version + 1
        gone = {p.preference_id for p in after.preferences} - {p.preference_id for p in start.preferences}
        assert {p.preference_id for p in change.removed} == gone
        start = merge(back, each, turn).profile


@OFTEN
@given(talk=TALKS)
def test_a_dislike_outlives_whatever_is_not_about_it(talk: Sequence[Understanding]) -> None:
    profile = told(message(says("feature", "hood", polarity="dislike")))
    assert "not feature hood" in wishes(told(*talk, start=profile))
