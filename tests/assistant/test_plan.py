"""From acts to actions: what each act comes to, and what holds for every message whatever it says."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from assistant.plan import STUCK_AFTER, plan
from assistant.schema import (
    ME,
    Act,
    Action,
    ActKind,
    AskAction,
    BasketChange,
    ChatAction,
    CompareAction,
    DescribeAction,
    DialogueState,
    ExplainAction,
    HandoverAction,
    OffersAction,
    OutfitAction,
    PolicyAction,
    PriceAction,
    Profile,
    Reference,
    SearchAction,
    SlotMention,
    Understanding,
)
from tests.assistant.rule_shop import profile_of, wish

KINDS: tuple[ActKind, ...] = get_args(ActKind)
REPEATABLE = ("price", "describe", "policy")
SHOWN = DialogueState(turn=2, shown=("i1", "i2", "i3", "i4"))
IDS = ("i1", "i2", "i3", "i4", "i9")
SIZE = SlotMention(slot="size", value="M", evidence="M")


def said(*acts: Act, scope: str = ME, slots: tuple[SlotMention, ...] = (), text: str = "what was said") -> Understanding:
    return Understanding(text=text, acts=acts, scope=scope, slots=slots)


def at(kind: str, *ids: str) -> Reference:
    return Reference.model_validate({"kind": kind, "words": "the one", "product_ids": ids})


def planned(
    *acts: Act, state: DialogueState = SHOWN, page: str | None = None, profile: Profile | None = None
) -> tuple[Action, ...]:
    return plan(said(*acts), profile or Profile(), state, page)


def basket(verb: str, *references: Reference, **change: object) -> Act:
    return Act(kind="basket", references=references, change=BasketChange.model_validate({"verb": verb} | change))


# ---------------------------------------------------------------- one act


@pytest.mark.parametrize("kind", ["search", "refine", "correct"])
def test_a_search_shows_a_look_and_the_price(kind: ActKind) -> None:
    assert planned(Act(kind=kind)) == (SearchAction(), OutfitAction(), PriceAction())


def test_what_is_refused_makes_room_for_others() -> None:
    searched = (SearchAction(), OutfitAction(), PriceAction())
    assert planned(Act(kind="not_this", references=(at("ordinal", "i2"),))) == searched
    assert planned(Act(kind="not_this"), state=SHOWN.model_copy(update={"focus": "i2"})) == searched
    assert planned(Act(kind="not_this"))[0] == SearchAction(more=True), "none of four in particular: then others"
    assert planned(Act(kind="not_this"), state=DialogueState())[0] == SearchAction()
    assert planned(Act(kind="not_this", references=(at("ordinal"),))) == (AskAction(question_id="which_item"),), "not the fifth"


def test_a_step_back_shows_what_is_searched_for_now() -> None:
    undone = ChatAction(about="undone")
    assert planned(Act(kind="undo"), state=DialogueState()) == (undone,)
    hers = SHOWN.model_copy(update={"scope": "sister"})
    assert planned(Act(kind="undo"), state=hers) == (
        undone,
        SearchAction(scope="sister"),
        OutfitAction(scope="sister"),
        PriceAction(),
    )


def test_more_and_more_like_are_searches_too() -> None:
    assert planned(Act(kind="show_more"))[0] == SearchAction(more=True)
    assert planned(Act(kind="more_like", references=(at("ordinal", "i2"),)))[0] == SearchAction(like_product_id="i2")


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (Act(kind="offers"), OffersAction()),
        (Act(kind="policy", evidence="how do returns work"), PolicyAction(question="how do returns work")),
        (Act(kind="policy"), PolicyAction(question="what was said")),
        (Act(kind="order"), HandoverAction(reason="order")),
        (Act(kind="human"), HandoverAction(reason="asked")),
        (Act(kind="start_over"), ChatAction(about="started_over")),
        (Act(kind="profile"), ChatAction(about="profile")),
        (Act(kind="out_of_scope"), ChatAction(about="out_of_scope")),
        (Act(kind="greeting"), ChatAction(about="greeting")),
        (Act(kind="affirm"), ChatAction(about="noted")),
        (Act(kind="deny"), ChatAction(about="noted")),
        (Act(kind="compare"), CompareAction(product_ids=("i1", "i2", "i3"))),
        (Act(kind="compare", references=(at("ordinal", "i1", "i2"),)), CompareAction(product_ids=("i1", "i2"))),
        (Act(kind="compare", references=(at("ordinal", "i3"),)), CompareAction(product_ids=("i3", "i1", "i2"))),
        (
            Act(kind="describe", evidence="is it lined", references=(at("pronoun", "i2"),), about=("feature",), about_values=("lined",)),
            DescribeAction(product_id="i2", question="is it lined", about=("feature",), about_values=("lined",)),
        ),
        (Act(kind="pair", references=(at("ordinal", "i2"),)), OutfitAction(product_id="i2")),
        (Act(kind="explain", references=(at("ordinal", "i4"),)), ExplainAction(product_id="i4")),
        (basket("show"), PriceAction(changes=(BasketChange(verb="show"),))),
        (
            basket("add", at("ordinal", "i1", "i2"), quantity=2),
            PriceAction(changes=(BasketChange(verb="add", quantity=2),), product_ids=("i1", "i2")),
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Act) else "",
)  # fmt: skip
def test_each_act_has_its_action(act: Act, expected: Action) -> None:
    assert planned(act) == (expected,)


def test_a_question_about_several_items_is_asked_of_each() -> None:
    def asked(*references: Reference) -> list[str]:
        found = planned(Act(kind="describe", references=references, about=("feature",)))
        return [action.product_id for action in found if isinstance(action, DescribeAction)]

    assert asked(at("ordinal", "i1"), at("ordinal", "i3"), at("ordinal", "i1")) == ["i1", "i3"]
    assert asked(at("pronoun", *IDS)) == ["i1", "i2", "i3", "i4"], "four are enough"
    assert asked(at("attribute", "i1", "i2")) == ["i1"], "the red one is one"
    assert asked(at("ordinal", "i2"), at("pronoun", "i2")) == ["i2"]


def test_more_of_what_is_like_an_item_stays_like_it() -> None:
    anchored = SHOWN.model_copy(update={"like_product_id": "i2"})
    assert planned(Act(kind="show_more"), state=anchored)[0] == SearchAction(more=True, like_product_id="i2")
    hers = plan(said(Act(kind="show_more"), scope="sister"), Profile(), anchored)
    assert hers[0] == SearchAction(scope="sister", more=True)


def test_a_code_is_taken_even_where_the_item_is_not_known() -> None:
    act = basket("add", code="WELCOME10")
    asked = (AskAction(question_id="which_item"), PriceAction(changes=(BasketChange(verb="apply_code", code="WELCOME10"),)))
    assert planned(act, state=DialogueState()) == asked
    assert planned(basket("add", at("ordinal", "i1"), code="WELCOME10")) == (
        PriceAction(changes=(BasketChange(verb="add", code="WELCOME10"),), product_ids=("i1",)),
    )


def test_taking_a_wish_back_searches_where_there_was_something_to_search() -> None:
    assert planned(Act(kind="retract"), state=DialogueState()) == (ChatAction(about="noted"),)
    assert planned(Act(kind="retract"), state=DialogueState(), profile=profile_of(wish("color", "red")))[0] == SearchAction()
    assert planned(Act(kind="retract"))[0] == SearchAction()


def test_a_size_alone_before_the_item_of_a_page_is_no_search_for_anything() -> None:
    sized = profile_of(wish("size", "M"))
    nothing_yet = DialogueState()
    describe = Act(kind="describe", references=(at("page", "i9"),), about=("price",))
    assert planned(Act(kind="refine"), describe, state=nothing_yet, page="i9", profile=sized) == (
        DescribeAction(product_id="i9", about=("price",)),
    )
    assert planned(Act(kind="refine"), state=nothing_yet, page="i9", profile=sized) == (ChatAction(about="noted"),)
    dress = profile_of(wish("size", "M"), wish("category", "dress"))
    assert planned(Act(kind="refine"), state=nothing_yet, page="i9", profile=dress)[0] == SearchAction()
    assert planned(Act(kind="refine"), page="i9", profile=sized)[0] == SearchAction()
    assert planned(Act(kind="search"), state=nothing_yet, profile=sized)[0] == SearchAction()
    assert planned(Act(kind="search"), state=nothing_yet, page="i9")[0] == SearchAction()
    worded = Understanding(text="", acts=(Act(kind="search"),), query_text="hiking")
    assert plan(worded, sized, nothing_yet, "i9")[0] == SearchAction()


def test_no_with_a_wish_is_a_search() -> None:
    actions = plan(said(Act(kind="deny"), slots=(SIZE,)), Profile(), SHOWN)
    assert actions[0] == SearchAction()


def test_a_search_is_for_the_person_talked_of() -> None:
    actions = plan(said(Act(kind="search"), scope="sister"), Profile(), DialogueState())
    assert actions == (SearchAction(scope="sister"), OutfitAction(scope="sister"), PriceAction())


def test_after_three_rejections_a_person_is_offered() -> None:
    patient = SHOWN.model_copy(update={"rejections_in_a_row": STUCK_AFTER - 2})
    tired = SHOWN.model_copy(update={"rejections_in_a_row": STUCK_AFTER - 1})
    assert HandoverAction(reason="stuck") not in planned(Act(kind="not_this"), state=patient)
    assert HandoverAction(reason="stuck") in planned(Act(kind="not_this"), state=tired)


# ---------------------------------------------------------------- which item


@pytest.mark.parametrize("kind", ["describe", "more_like", "pair", "explain"])
def test_an_item_without_words_is_the_last_talked_of_then_the_pages_then_the_first_shown(kind: ActKind) -> None:
    def about(state: DialogueState, page: str | None) -> str | None:
        action = planned(Act(kind=kind), state=state, page=page)[0]
        return action.like_product_id if isinstance(action, SearchAction) else getattr(action, "product_id", None)

    assert about(SHOWN.model_copy(update={"focus": "i3"}), "i9") == "i3"
    assert about(SHOWN, "i9") == "i9"
    assert about(SHOWN, None) == "i1"
    assert planned(Act(kind=kind), state=DialogueState()) == (AskAction(question_id="which_item"),)


@pytest.mark.parametrize("kind", ["describe", "more_like", "pair", "explain"])
@pytest.mark.parametrize("pointing", ["ordinal", "attribute", "name"])
def test_an_item_that_is_not_there_is_not_replaced_by_another(kind: ActKind, pointing: str) -> None:
    """ "The fifth one" of four."""
    focused = SHOWN.model_copy(update={"focus": "i3"})
    assert planned(Act(kind=kind, references=(at(pointing),)), state=focused, page="i9") == (AskAction(question_id="which_item"),)


def test_comparing_with_what_is_not_there_asks() -> None:
    asked = (AskAction(question_id="what_to_compare"),)
    assert planned(Act(kind="compare", references=(at("ordinal", "i1"), at("ordinal")))) == asked
    assert planned(Act(kind="compare"), state=DialogueState(shown=("i1",))) == asked


def test_what_goes_into_the_basket_must_be_known() -> None:
    asked = (AskAction(question_id="which_item"),)
    assert planned(basket("add", at("pronoun"))) == asked, "four are on screen"
    assert planned(basket("add", at("ordinal"))) == asked
    assert planned(basket("add"), state=DialogueState()) == asked
    change = BasketChange(verb="add")
    for state, page, expected in (
        (SHOWN.model_copy(update={"focus": "i2"}), None, "i2"),
        (SHOWN, "i9", "i9"),
        (DialogueState(shown=("i4",)), None, "i4"),
    ):
        assert planned(basket("add"), state=state, page=page) == (PriceAction(changes=(change,), product_ids=(expected,)),)


@pytest.mark.parametrize("verb", ["remove", "set_quantity", "set_size"])
def test_what_is_altered_may_be_the_one_thing_in_the_basket(verb: str) -> None:
    act = basket(verb, at("pronoun"))
    assert act.change is not None
    assert planned(act) == (PriceAction(changes=(act.change,)),)


# ---------------------------------------------------------------- several acts


def test_courtesies_give_way() -> None:
    assert planned(Act(kind="greeting"), Act(kind="offers")) == (OffersAction(),)
    assert planned(Act(kind="greeting"), Act(kind="thanks")) == (ChatAction(about="greeting"),)
    assert planned() == (ChatAction(about="noted"),)


def test_prices_come_after_what_is_found() -> None:
    code = basket("apply_code", code="WELCOME10")
    assert code.change is not None
    assert planned(code, Act(kind="search")) == (SearchAction(), OutfitAction(), PriceAction(changes=(code.change,)))


def test_every_change_and_every_question_is_carried_out() -> None:
    changes = (basket("add", at("ordinal", "i1")), basket("remove", at("ordinal", "i2")))
    asked = (Act(kind="describe", references=(at("ordinal", "i1"),)), Act(kind="describe", references=(at("ordinal", "i2"),)))
    assert [action.kind for action in planned(*changes, *asked)] == ["price", "price", "describe", "describe"]


# ---------------------------------------------------------------- any message


references = st.builds(
    at, st.sampled_from(("page", "ordinal", "attribute", "name", "pronoun")), *[st.sampled_from(IDS)] * 1
) | st.builds(at, st.sampled_from(("ordinal", "pronoun")))
changes = st.none() | st.builds(
    BasketChange,
    verb=st.sampled_from(("add", "remove", "set_quantity", "set_size", "show", "apply_code", "clear")),
    quantity=st.none() | st.integers(0, 99),
)
acts: SearchStrategy[Act] = st.builds(
    Act,
    kind=st.sampled_from(KINDS),
    references=st.lists(references, max_size=3).map(tuple),
    detail=st.sampled_from(("", "price", "care")),
    change=changes,
)
understandings = st.builds(
    Understanding,
    text=st.text(max_size=20),
    acts=st.lists(acts, max_size=6).map(tuple),
    slots=st.sampled_from(((), (SIZE,))),
    scope=st.sampled_from((ME, "sister")),
)
states = st.builds(
    DialogueState,
    shown=st.lists(st.sampled_from(IDS), unique=True).map(tuple),
    focus=st.none() | st.sampled_from(IDS),
    like_product_id=st.none() | st.sampled_from(IDS),
    rejections_in_a_row=st.integers(0, 5),
)
profiles = st.sampled_from((Profile(), profile_of(wish("color", "red"))))


@settings(deadline=None)
@given(understandings, profiles, states, st.none() | st.sampled_from(IDS))
def test_every_message_has_a_plan(message: Understanding, profile: Profile, state: DialogueState, page: str | None) -> None:
    actions = plan(message, profile, state, page)
    assert actions
    counts = Counter(action.kind for action in actions if action.kind not in REPEATABLE)
    assert not [kind for kind, count in counts.items() if count > 1]
    assert len(set(actions)) == len(actions), "no action twice"
    kinds = [action.kind for action in actions]
    if "search" in kinds:
        assert "outfit" in kinds
        assert kinds[-1] == "price"
        assert kinds.index("search") < kinds.index("price")
    assert plan(message, profile, state, page) == actions


@settings(deadline=None)
@given(understandings, states, st.none() | st.sampled_from(IDS))
def test_a_plan_names_only_items_that_were_pointed_at_or_are_before_the_shopper(
    message: Understanding, state: DialogueState, page: str | None
) -> None:
    known: set[str | None] = {each for act in message.acts for reference in act.references for each in reference.product_ids}
    known |= {*state.shown, state.focus, state.like_product_id, page, None}
    for action in plan(message, Profile(), state, page):
        named = {
            getattr(action, "product_id", None),
            getattr(action, "like_product_id", None),
            *getattr(action, "product_ids", ()),
        }
        assert named <= known


@settings(deadline=None)
@given(understandings, states)
def test_every_basket_change_of_a_message_is_carried_out_or_asked_about(message: Understanding, state: DialogueState) -> None:
    asked = [act.change for act in message.acts if act.kind == "basket" and act.change is not None]
    actions = plan(message, Profile(), state)
    done = [change for action in actions if isinstance(action, PriceAction) for change in action.changes]
    assert all(change in done or AskAction(question_id="which_item") in actions for change in asked)


# ---------------------------------------------------------------- questions beside the shop's business


@pytest.mark.parametrize(
    ("detail", "about"), [("not_sold", "not_sold"), ("others", "others"), ("weather", "out_of_scope"), ("", "out_of_scope")]
)
def test_what_is_none_of_the_shops_business_is_answered_as_such(detail: str, about: str) -> None:
    assert planned(Act(kind="out_of_scope", detail=detail)) == (ChatAction.model_validate({"about": about}),)


def test_a_price_that_was_never_said_is_answered_by_the_catalogs() -> None:
    focused = SHOWN.model_copy(update={"focus": "i2"})
    claimed = Act(kind="describe", detail="price", evidence="you said 20 euro", about=("size",), about_values=("20",))
    told = DescribeAction(product_id="i2", question="you said 20 euro", about=("price",))
    assert planned(claimed, state=focused) == (told,)


def test_whoever_asks_what_is_known_of_somebody_seeks_nothing() -> None:
    assert planned(Act(kind="profile"), Act(kind="search")) == (ChatAction(about="profile"),)
