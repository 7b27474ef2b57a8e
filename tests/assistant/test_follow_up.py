"""What a message means after the turn before it: questions that stay with the shop's page, a no to all that is shown, things not sold here,
questions that are never put twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.actions import AGAIN, anew
from assistant.agent import topic_of
from assistant.follow_up import in_context
from assistant.guide.phrases import load_voice
from assistant.policy import Topics, find, load_topics
from assistant.schema import Act, AskAction, DialogueState, ParseContext, Reference, Results, Understanding
from assistant.understanding.parser import Parser
from catalog_data.schema import Catalog
from catalog_data.vocabulary import load_vocabulary
from tests.assistant.rule_shop import demo, vocabulary

RETURNS = DialogueState(turn=1, last_actions=("policy",), policy_topic="Returns")
SHOWN = DialogueState(turn=2, shown=("i1", "i2"), rejections_in_a_row=1, last_actions=("search",))


@pytest.fixture(scope="module")
def topics() -> Topics:
    return load_topics()


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(load_vocabulary(), demo().brands, "EUR")


def taken(parser: Parser, topics: Topics, message: str, state: DialogueState, catalog: Catalog | None = None) -> Understanding:
    """What `message` is taken for after `state`."""
    return in_context(parser.parse(message, ParseContext(state=state)), state, catalog or demo(), topics, vocabulary())


@pytest.mark.parametrize(
    ("message", "topic", "passage"),
    [
        ("does it cost me anything", "Returns", "Returns"),
        ("even underwear?", "Returns", "Returns"),
        ("and swimwear?", "Returns", "Returns"),
        ("do they run out", "Gift cards", "Gift cards"),
        ("when are they there", "contact", "Contact"),
        ("and outside the EU?", "Delivery", "Delivery"),
    ],
)
def test_a_short_question_stays_with_the_page(parser: Parser, topics: Topics, message: str, topic: str, passage: str) -> None:
    read = taken(parser, topics, message, RETURNS.model_copy(update={"policy_topic": topic}))
    assert [act.kind for act in read.acts] == ["policy"]
    assert (read.slots, read.query_text) == ((), ""), "nothing of a question to the shop is a wish"
    assert find(read.acts[0].detail, demo().policy, topics)[0].heading == passage


@pytest.mark.parametrize(
    "message",
    [
        "and black boots?",
        "a red dress please",
        "do you have socks?",
        "put it in my basket",
        "thanks",
        "whats the capital of australia",
        "i want to talk to a person",
        "is there a coat that would do for a winter wedding in the mountains of norway?",
    ],
)
def test_what_seeks_or_does_something_else_leaves_the_page(parser: Parser, topics: Topics, message: str) -> None:
    assert not taken(parser, topics, message, RETURNS).has("policy")


def test_a_question_of_an_item_that_is_there_is_the_items(topics: Topics) -> None:
    state = RETURNS.model_copy(update={"shown": ("i1",), "focus": "i1"})
    it = Reference(kind="pronoun", words="it", product_ids=("i1",))
    asked = Understanding(text="is it waterproof?", acts=(Act(kind="describe", references=(it,), about_values=("waterproof",)),))
    assert in_context(asked, state, demo(), topics, vocabulary()) == asked


def test_the_page_is_left_where_it_was_not_asked_last(parser: Parser, topics: Topics) -> None:
    read = taken(parser, topics, "even underwear?", DialogueState(turn=3, last_actions=("search",)))
    assert read.has("search")


@pytest.mark.parametrize("message", ["still no", "no", "nope", "nah"])
def test_a_bare_no_after_a_refusal_refuses_all_that_is_shown(parser: Parser, topics: Topics, message: str) -> None:
    (act,) = taken(parser, topics, message, SHOWN).acts
    assert act.kind == "not_this"
    assert act.references[0].product_ids == SHOWN.shown


@pytest.mark.parametrize("message", ["no thanks", "no, in blue please", "no budget", "yes"])
def test_a_no_that_says_more_does_not(parser: Parser, topics: Topics, message: str) -> None:
    assert not taken(parser, topics, message, SHOWN).has("not_this")


def test_a_no_where_nothing_was_refused_is_an_answer(parser: Parser, topics: Topics) -> None:
    assert not taken(parser, topics, "no", SHOWN.model_copy(update={"rejections_in_a_row": 0})).has("not_this")


@pytest.mark.parametrize("message", ["do you sell toasters", "a bike?", "got any kettles?", "i need a tractor", "and a blender?"])
def test_things_that_the_shop_lacks_are_not_searched_for(parser: Parser, topics: Topics, message: str) -> None:
    for state in (DialogueState(), DialogueState(turn=1, shown=("i1",), topic="dress")):
        read = taken(parser, topics, message, state)
        assert [(act.kind, act.detail) for act in read.acts] == [("out_of_scope", "not_sold")], state
        assert read.slots == ()


def test_a_thing_named_alone_is_not_searched_for_either(parser: Parser, topics: Topics) -> None:
    assert taken(parser, topics, "toasters", DialogueState()).acts[0].detail == "not_sold"


@pytest.mark.parametrize(
    "message",
    ["a red dress", "something for the ceilidh", "gift ideas for a stargazer", "headphones, black", "outfit for a toaster"],
)
def test_what_may_be_met_is_searched_for(parser: Parser, topics: Topics, message: str) -> None:
    assert taken(parser, topics, message, DialogueState()).has("search")


def test_a_word_of_a_title_is_no_stranger(parser: Parser, topics: Topics) -> None:
    first, *others = demo().products
    renamed = first.model_copy(update={"title": "Zibeline Toaster"})
    catalog = demo().model_copy(update={"products": (renamed, *others)})
    assert taken(parser, topics, "do you sell toasters", DialogueState(), catalog).has("search")


@given(text=st.text(max_size=60), topic=st.sampled_from(["", "Returns", "contact", "nonsense"]), refused=st.integers(0, 3))
@settings(deadline=None)
def test_whatever_is_said_at_least_one_act_is_left(topics: Topics, text: str, topic: str, refused: int) -> None:
    state = DialogueState(turn=1, shown=("i1",), policy_topic=topic, rejections_in_a_row=refused, last_actions=("policy",))
    words = tuple(text.split())[:5]
    for kind in ("search", "refine", "describe", "deny", "policy"):
        read = Understanding.model_validate({"text": text, "acts": [{"kind": kind}], "unknown_words": words})
        found = in_context(read, state, demo(), topics, vocabulary())
        assert found.acts
        assert found.text == text
        assert found == read or not found.slots


def test_what_of_the_page_was_talked_of() -> None:
    section = demo().policy[0]
    assert topic_of(Results(policy=(section,), policy_asked=True)) == section.heading
    assert topic_of(Results(handover="asked")) == "contact"
    assert topic_of(Results(policy_asked=True)) == topic_of(Results()) == ""


# ---------------------------------------------------------------- no question twice


@pytest.mark.parametrize("question", ["which_item", "what_to_compare"])
def test_a_question_is_put_once_and_then_becomes_a_statement(question: str) -> None:
    ask = AskAction(question_id=question)
    assert anew(ask, DialogueState()) == ask
    assert anew(ask, DialogueState(asked=(question,))) == AskAction(question_id=f"{question}{AGAIN}")
    assert anew(None, DialogueState(asked=(question,))) is None


def test_the_statement_asks_nothing() -> None:
    for pool in ("which_item_again", "what_to_compare_again"):
        assert all("?" not in pattern.text for pattern in load_voice().pools[pool])


def asks_for(value: str, said: str) -> Understanding:
    """A question of the first item on screen for another colour."""
    item = Reference(kind="pronoun", words="it", product_ids=(demo().products[0].product_id,))
    act = Act(kind="describe", evidence=said, references=(item,), about=("color",), about_values=(value,))
    return Understanding(text=said, acts=(act,))


def test_an_item_wanted_in_another_colour_is_looked_for_in_it(topics: Topics) -> None:
    product = demo().products[0]
    other = next(value for value in ("teal", "mustard") if value not in product.values("color"))
    read = in_context(asks_for(other, f"do you have it in {other}?"), SHOWN, demo(), topics, vocabulary())
    assert [(act.kind, act.references[0].product_ids) for act in read.acts] == [("more_like", (product.product_id,))]
    assert [(slot.slot, slot.value, slot.operation) for slot in read.slots] == [("color", other, "replace")]


def test_a_colour_that_the_item_has_is_answered(topics: Topics) -> None:
    own = demo().products[0].colors[0]
    asked = asks_for(own, f"do you have it in {own}?")
    assert in_context(asked, SHOWN, demo(), topics, vocabulary()) == asked
