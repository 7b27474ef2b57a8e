"""The seam between talk and search: what a profile and a message come to as a query."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from assistant.query import NOT_FOR_CHILDREN, constraints, for_grown_ups, item_query, outfit_constraints, stated_constraints
from assistant.schema import (
    ME,
    Act,
    DialogueState,
    Preference,
    PriceRange,
    Profile,
    RatingRange,
    SearchAction,
    SlotMention,
    SupersededPreference,
    Understanding,
)
from catalog_data.schema import VALUE_SLOTS, SizeSystem, Slot
from retrieval.filters import satisfies
from retrieval.schema import Constraint, ItemQuery, RangeConstraint, Rejection, SizeConstraint, ValueConstraint
from tests.assistant.rule_shop import demo, profile_of, vocabulary, wish

SAID = Understanding(text="", acts=(Act(kind="search"),))
RED_DRESS = (wish("category", "dress"), wish("color", "red"))


def query_of(profile: Profile, words: str = "", state: DialogueState | None = None, scope: str = ME, **action: Any) -> ItemQuery:
    message = SAID.model_copy(update={"query_text": words})
    return item_query(profile, SearchAction(scope=scope, **action), message, state or DialogueState(), ("h1", "h2"))


def passing(found: tuple[Constraint, ...]) -> set[str]:
    catalog = demo()
    closed = catalog.manifest.closed_slots
    return {p.product_id for p in catalog.products[::25] if satisfies(p, found, vocabulary(), closed)}


# ---------------------------------------------------------------- constraints


def test_likes_of_a_slot_are_alternatives_and_dislikes_stand_alone() -> None:
    found = constraints(
        (
            wish("color", "red"),
            wish("color", "blue"),
            wish("color", "pink", strength="soft"),
            wish("color", "navy", polarity="dislike"),
        )
    )
    assert found == (
        ValueConstraint(slot="color", values=("red", "blue")),
        ValueConstraint(slot="color", values=("pink",), strength="soft"),
        ValueConstraint(slot="color", values=("navy",), negative=True),
    )


def test_what_is_said_comes_first_and_is_not_watered_down_by_what_is_inferred() -> None:
    said, guessed = wish("material", "linen", strength="soft"), wish("material", "wool", strength="soft", source="inferred")
    size = wish("size", "M")
    assert constraints((guessed, said, size)) == (
        ValueConstraint(slot="material", values=("linen",), strength="soft"),
        SizeConstraint(system="alpha", label="M"),
        ValueConstraint(slot="material", values=("wool",), strength="soft"),
    )
    assert stated_constraints((guessed, said, size)) == constraints((said, size))


@pytest.mark.parametrize("slot", ["feature", "occasion"])
def test_features_and_occasions_must_all_hold(slot: str) -> None:
    assert [c.values for c in constraints((wish(slot, "a"), wish(slot, "b"))) if isinstance(c, ValueConstraint)] == [
        ("a",),
        ("b",),
    ]


def test_price_stars_and_sizes() -> None:
    found = constraints(
        (
            wish("price", {"min": 2_000, "max": 8_000}),
            wish("rating", {"stars": 4}, strength="soft"),
            wish("size", "42", size_system="eu_shoe"),
            wish("size", "M"),
        )
    )
    assert found == (
        RangeConstraint(slot="price", minimum=2_000, maximum=8_000),
        RangeConstraint(slot="rating", minimum=4, strength="soft"),
        SizeConstraint(system="eu_shoe", label="42"),
        SizeConstraint(system="alpha", label="M"),
    )


def test_several_sizes_of_one_system_are_alternatives() -> None:
    either = (wish("size", "M"), wish("size", "L"), wish("size", "S", strength="soft"))
    assert constraints(either) == (
        SizeConstraint(system="alpha", label="M", alternatives=("L",)),
        SizeConstraint(system="alpha", label="S", strength="soft"),
    )
    many = [p for p in demo().products if p.product_type == "dress" and p.in_stock]
    closed = demo().manifest.closed_slots

    def there(*wishes: Preference) -> set[str]:
        return {p.product_id for p in many if satisfies(p, constraints(wishes), vocabulary(), closed)}

    assert there(*either[:2]) == there(either[0]) | there(either[1])
    assert there(either[0]) < there(*either[:2])


def test_a_size_for_one_kind_of_item_speaks_of_that_alone_and_instead_of_the_general_one() -> None:
    found = constraints(
        (wish("size", "M"), wish("size", "L", category="dress"), wish("size", "33", size_system="waist"), wish("size", "39", size_system="eu_shoe"))
    )  # fmt: skip
    assert found == (
        SizeConstraint(system="alpha", label="M", beside=("waist",), except_categories=("dress",)),
        SizeConstraint(system="alpha", label="L", categories=("dress",)),
        SizeConstraint(system="waist", label="33", beside=("alpha",), except_categories=("dress",)),
        SizeConstraint(system="eu_shoe", label="39"),
    )


def test_a_medium_with_a_waist_of_33_finds_jeans_in_33_and_shirts_in_m() -> None:
    both = constraints((wish("size", "M"), wish("size", "33", size_system="waist")))
    men = [p for p in demo().products if p.gender == ("men",) and p.in_stock and p.product_type in ("jeans", "shirt")]
    closed = demo().manifest.closed_slots
    found = [p for p in men if satisfies(p, both, vocabulary(), closed)]
    labels = {
        (p.product_type, label) for p in found for label in ("33", "M") if any(s.label == label and s.in_stock for s in p.sizes)
    }
    assert labels == {("jeans", "33"), ("shirt", "M")}


def test_what_was_wrong_with_a_rejected_item_goes_along() -> None:
    profile = profile_of(rejected_product_ids=("a", "b"), rejection_reasons={"b": "price"})
    query = query_of(profile)
    assert query.rejected == ("a", "b")
    assert query.rejections == (Rejection(product_id="b", fault="price"),)


def test_more_like_an_item_shows_none_of_those_shown_before() -> None:
    state = DialogueState(ever_shown=("a", "b"))
    assert query_of(Profile(), state=state, like_product_id="a").excluded == ("a", "b")
    assert query_of(Profile(), state=state, like_product_id="a", more=True).excluded == ("a", "b")
    assert query_of(Profile(), state=state).excluded == ()


def test_a_disliked_price_size_or_rating_is_not_taken_for_a_wish() -> None:
    refused = (wish("price", {"max": 2_000}), wish("rating", {"stars": 4}), wish("size", "M"))
    assert constraints(each.model_copy(update={"polarity": "dislike"}) for each in refused) == ()


def test_every_piece_of_a_look_keeps_to_dislikes_audience_and_sizes() -> None:
    wishes = (
        *RED_DRESS,
        wish("gender", "women"),
        wish("gender", "men", strength="soft", scope=ME),
        wish("size", "M"),
        wish("material", "leather", polarity="dislike"),
        wish("material", "lace", polarity="dislike", strength="soft"),
        wish("length", "mini", polarity="dislike"),
        wish("category", "belt", polarity="dislike"),
        wish("price", {"max": 5_000}),
    )
    assert outfit_constraints(wishes) == (
        ValueConstraint(slot="category", values=("belt",), negative=True),
        ValueConstraint(slot="material", values=("leather",), negative=True),
        ValueConstraint(slot="gender", values=("women",)),
        SizeConstraint(system="alpha", label="M"),
    )


# ---------------------------------------------------------------- the query


def test_the_text_is_what_is_liked_then_what_else_was_said() -> None:
    profile = profile_of(*RED_DRESS, wish("gender", "women"), wish("size", "M"), wish("material", "lace", polarity="dislike"))
    assert query_of(profile, "floaty red dress").text == "dress red floaty"
    assert query_of(profile, like_product_id="i1").text == ""


def test_the_search_that_goes_on_keeps_its_words() -> None:
    state = DialogueState(topic="floaty red dress")
    assert query_of(profile_of(*RED_DRESS), state=state, more=True).text == "dress red floaty"
    assert query_of(profile_of(*RED_DRESS), "wedding", state).text == "dress red wedding", "what is said now stands instead"
    assert query_of(profile_of(*RED_DRESS), state=state, scope="sister").text == "", "another person's search"


def test_what_ended_or_is_refused_is_no_longer_sought() -> None:
    red = wish("color", "red")
    ended = SupersededPreference(**red.model_dump(), superseded_by_turn=2)
    state = DialogueState(topic="red lace dress")
    blue = profile_of(
        wish("category", "dress"), wish("color", "blue"), wish("material", "lace", polarity="dislike"), superseded=(ended,)
    )
    assert query_of(blue, state=state, more=True).text == "dress blue"
    another = profile_of(superseded=(ended.model_copy(update={"scope": "sister"}),))
    assert query_of(another, state=state, more=True).text == "red lace dress", "what ended for her sister did not end for her"


def test_inferred_tastes_speak_only_where_nothing_else_does() -> None:
    taste = wish("style", "sporty", source="inferred", strength="soft")
    assert query_of(profile_of(taste, *RED_DRESS)).text == "dress red"
    assert query_of(profile_of(taste), "wedding").text == "wedding"
    assert query_of(profile_of(taste)).text == "sporty"
    assert query_of(profile_of(taste, *RED_DRESS)).constraints[-1] == ValueConstraint(
        slot="style", values=("sporty",), strength="soft"
    ), "they order every search"


def test_history_is_the_shoppers_own() -> None:
    assert query_of(Profile()).history == ("h1", "h2")
    assert query_of(Profile(), scope="sister").history == ()


def test_what_was_rejected_never_comes_back_and_what_was_shown_not_in_more_of_it() -> None:
    profile = profile_of(liked_product_ids=("a",), rejected_product_ids=("b",))
    state = DialogueState(shown=("c",), ever_shown=("b", "c", "d"))
    assert query_of(profile, state=state).excluded == ("b",)
    more = query_of(profile, state=state, more=True)
    assert (more.excluded, more.liked, more.rejected) == (("b", "c", "d"), ("a",), ("b",))


def test_cheap_orders_by_price_where_there_is_nothing_to_measure_by() -> None:
    cheap = SlotMention(slot="price", value="cheaper", relative="cheaper", strength="soft", evidence="cheap")
    measured = cheap.model_copy(update={"value": PriceRange(max=4_000)})
    for mention, sort in ((cheap, "price_ascending"), (measured, "best")):
        message = SAID.model_copy(update={"slots": (mention,)})
        assert item_query(Profile(), SearchAction(), message, DialogueState()).sort == sort


@pytest.mark.parametrize(
    ("wishes", "narrowed"),
    [
        ((), True),
        (RED_DRESS, True),
        ((wish("gender", "women"),), False),
        ((wish("gender", "girls"),), False),
        ((wish("gender", "girls", strength="soft"),), False),
        ((wish("gender", "women", strength="soft", source="inferred"),), True),
        ((wish("gender", "kids", polarity="dislike"),), False),
    ],
)
def test_nobody_named_means_grown_ups(wishes: tuple[Preference, ...], narrowed: bool) -> None:
    query = query_of(profile_of(*wishes))
    assert (NOT_FOR_CHILDREN in for_grown_ups(query).constraints) is (narrowed or NOT_FOR_CHILDREN in query.constraints)
    assert for_grown_ups(for_grown_ups(query)) == for_grown_ups(query)


# ---------------------------------------------------------------- any profile

SYSTEMS: tuple[SizeSystem, ...] = get_args(SizeSystem)
WORDS = ("red", "navy", "dress", "linen", "a b")


@st.composite
def preferences(draw: st.DrawFn) -> Preference:
    slot: Slot = draw(st.sampled_from((*VALUE_SLOTS, "size", "price", "rating")))
    low, high = sorted(draw(st.lists(st.integers(0, 20_000), min_size=2, max_size=2)))
    value: object = draw(st.sampled_from(WORDS))
    if slot == "price":
        value = PriceRange.model_validate(draw(st.sampled_from(({"min": low}, {"max": high}, {"min": low, "max": high}))))
    if slot == "rating":
        value = RatingRange(stars=draw(st.sampled_from((1, 3.5, 5))))
    return wish(
        slot,
        value,
        polarity=draw(st.sampled_from(("like", "like", "dislike"))),
        strength=draw(st.sampled_from(("hard", "soft"))),
        scope=draw(st.sampled_from((ME, "sister"))),
        source=draw(st.sampled_from(("stated", "inferred"))),
        size_system=draw(st.sampled_from(SYSTEMS)) if slot == "size" else None,
        category=draw(st.sampled_from((None, None, "dress"))) if slot == "size" else None,
    )


profiles: SearchStrategy[Profile] = st.lists(preferences(), max_size=8).map(lambda held: profile_of(*held))


def stands_for(constraint: Constraint, preference: Preference) -> bool:
    """True where the constraint says what the preference says."""
    if (constraint.slot, constraint.strength) != (preference.slot, preference.strength):
        return False
    match constraint:
        case ValueConstraint():
            return preference.value in constraint.values and constraint.negative == (preference.polarity == "dislike")
        case SizeConstraint():
            same = constraint.categories == ((preference.category,) if preference.category else ())
            system = preference.size_system or "alpha"
            return (
                preference.polarity == "like"
                and same
                and (preference.value, constraint.system) in [(label, system) for label in constraint.labels]
            )
        case RangeConstraint():
            value = preference.value
            bounds = (value.min, value.max) if isinstance(value, PriceRange) else (getattr(value, "stars", None), None)
            return (constraint.minimum, constraint.maximum) == bounds


@settings(deadline=None)
@given(profiles, st.sampled_from((ME, "sister")))
def test_every_wish_of_the_person_is_asked_for_and_nobody_elses(profile: Profile, scope: str) -> None:
    found = query_of(profile, scope=scope).constraints
    own = profile.in_scope(scope)
    for preference in own:
        if preference.polarity == "like" or preference.slot in VALUE_SLOTS:
            assert any(stands_for(constraint, preference) for constraint in found)
    for constraint in found:
        single: list[Constraint] = [constraint]
        if isinstance(constraint, ValueConstraint):
            single = [constraint.model_copy(update={"values": (value,)}) for value in constraint.values]
        if isinstance(constraint, SizeConstraint):
            single = [constraint.model_copy(update={"label": label, "alternatives": ()}) for label in constraint.labels]
        for one in single:
            assert any(stands_for(one, preference) for preference in own)


@settings(deadline=None)
@given(profiles, st.integers(0, 20_000), st.integers(0, 20_000))
def test_raising_a_budget_only_widens(profile: Profile, budget: int, more: int) -> None:
    others = tuple(p for p in profile.in_scope(ME) if p.slot != "price")
    narrow = constraints((*others, wish("price", {"max": budget})))
    wide = constraints((*others, wish("price", {"max": budget + more})))
    assert passing(narrow) <= passing(wide)


@settings(deadline=None)
@given(profiles)
def test_the_stated_constraints_are_the_first_of_all(profile: Profile) -> None:
    said = stated_constraints(profile.in_scope(ME))
    assert constraints(profile.in_scope(ME))[: len(said)] == said
    assert said == constraints(p for p in profile.in_scope(ME) if p.source != "inferred")


@settings(deadline=None)
@given(profiles)
def test_a_soft_wish_never_filters(profile: Profile) -> None:
    hard = tuple(p for p in profile.in_scope(ME) if p.strength == "hard")
    assert passing(constraints(profile.in_scope(ME))) == passing(constraints(hard))


@settings(deadline=None)
@given(profiles, st.text(alphabet="abc ", max_size=12), st.text(alphabet="abc ", max_size=12))
def test_the_text_says_no_word_twice_and_nothing_disliked_alone(profile: Profile, words: str, topic: str) -> None:
    text = query_of(profile, words, DialogueState(topic=topic)).text.split()
    assert len(set(text)) == len(text)
    liked = {word for p in profile.in_scope(ME) if p.polarity == "like" for word in str(p.value).split()}
    assert set(text) <= liked | set(words.split()) | set(topic.split())
