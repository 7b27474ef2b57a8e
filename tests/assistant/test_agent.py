"""Turn after turn on the small shop with the real parser, without a guide: what the next turn finds, and what a step back takes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.actions import Shop
from assistant.agent import ShopAgent
from assistant.clock import FixedClock
from assistant.schema import (
    CheckedSection,
    Conversation,
    DialogueState,
    GuideBrief,
    GuideReport,
    ParseContext,
    PriceRange,
    Understanding,
    Usage,
)
from assistant.understanding.parser import Parser
from retrieval.schema import Shopper
from tests.assistant.rule_shop import NOW, small_shop


class Reader:
    """The parser as an understander."""

    def __init__(self, shop: Shop) -> None:
        self._parser = Parser(shop.vocabulary, shop.catalog.brands, shop.catalog.manifest.currency)

    def understand(self, message: str, context: ParseContext, *, stop_at: float) -> tuple[Understanding, Usage]:
        """What the parser reads."""
        return self._parser.parse(message, context), Usage()


class Unasked:
    """A guide that nobody asks."""

    def write(self, brief: GuideBrief, *, stop_at: float) -> Iterator[CheckedSection | GuideReport]:
        """Must not be called."""
        raise AssertionError("the past is read without a guide")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with small_shop(tmp_path_factory.mktemp("small")) as made:
        yield made


class Talk:
    """A conversation with the agent; `say` takes a turn in it."""

    def __init__(self, shop: Shop) -> None:
        reader = Reader(shop)
        self._agent = ShopAgent(
            shop=shop,
            understander=reader,
            replayer=reader,
            guide=Unasked(),
            clock=FixedClock(NOW),
            picture=lambda _: None,
            shopper_of=lambda _: Shopper(),
            history_of=lambda _: (),
        )
        self.conversation = Conversation(conversation_id="c", created_at=NOW)

    def say(self, message: str) -> DialogueState:
        """One turn; the state after it."""
        self.conversation = self._agent.replay(self.conversation, message)
        return self.conversation.state

    @property
    def wishes(self) -> list[str]:
        """The values in force."""
        return [str(each.value) for each in self.conversation.profile.preferences]


@pytest.fixture
def talk(shop: Shop) -> Talk:
    return Talk(shop)


def test_more_after_more_like_stays_with_the_item_and_repeats_nothing(talk: Talk) -> None:
    first = talk.say("show me dresses").shown
    like = talk.say("more like the first")
    assert like.like_product_id == first[0]
    assert talk.conversation.profile.liked_product_ids == (first[0],)
    assert not set(like.shown) & set(first)
    assert like.ever_shown == (*first, *like.shown)
    more = talk.say("show me more")
    assert more.like_product_id == first[0]
    assert more.last_actions[0] == "search"
    assert more.shown == like.shown, "all five have been shown: nothing new stands in their place"
    assert talk.say("show me bags").like_product_id is None, "another search, another anchor"


def test_cheaper_ends_with_its_topic(talk: Talk) -> None:
    talk.say("dresses under 70")
    talk.say("something cheaper")
    prices = [each for each in talk.conversation.profile.preferences if each.slot == "price"]
    assert [each.relative for each in prices] == ["cheaper"]
    assert "i7" in talk.say("now show me sandals").shown, "59 is more than what was cheaper than the dresses"
    prices = [each for each in talk.conversation.profile.preferences if each.slot == "price"]
    assert [(each.value, each.relative) for each in prices] == [(PriceRange(max=7_000), None)]


def test_what_was_wrong_is_kept_with_what_is_put_aside(talk: Talk) -> None:
    first, *_ = talk.say("show me dresses").shown
    after = talk.say("not the first, wrong style").shown
    profile = talk.conversation.profile
    assert (profile.rejected_product_ids, profile.rejection_reasons) == ((first,), {first: "style"})
    assert first not in after
    assert after


def test_more_after_a_rejection_repeats_nothing_that_was_shown_before_it(talk: Talk) -> None:
    first = talk.say("show me dresses").shown
    after = talk.say("not the second").shown
    assert talk.conversation.state.ever_shown == (*first, *(each for each in after if each not in first))


def test_none_of_these_shows_others_and_rejects_nothing_in_particular(talk: Talk) -> None:
    first = talk.say("show me dresses").shown
    after = talk.say("not this").shown
    assert after
    assert not set(after) & set(first)
    assert talk.conversation.profile.rejected_product_ids == ()


def test_undo_takes_back_the_basket_where_that_was_changed_last_and_shows_it(talk: Talk) -> None:
    talk.say("show me dresses")
    talk.say("only blue ones")
    talk.say("add the first to my basket in M")
    assert [line.product_id for line in talk.conversation.cart.lines] == ["i2"]
    assert talk.say("undo").last_actions == ("chat", "price")
    assert talk.conversation.cart.lines == ()
    assert "blue" in talk.wishes, "the wish is older than the basket"
    talk.say("undo")
    assert "blue" not in talk.wishes


def test_undo_of_a_wish_shows_what_is_searched_for_now(talk: Talk) -> None:
    before = talk.say("show me dresses").shown
    talk.say("only blue ones")
    version = talk.conversation.profile.version
    undone = talk.say("undo")
    assert undone.last_actions == ("chat", "search", "outfit", "price")
    assert undone.shown == before
    assert talk.conversation.profile.version > version, "a version never comes twice"
    assert [each.value for each in talk.conversation.profile.superseded] == ["blue"], "what is undone is not forgotten"
    talk.say("undo")
    assert talk.wishes == []
    assert talk.say("undo").last_actions == ("chat",)


def test_a_question_between_leaves_nothing_of_the_basket_to_undo(talk: Talk) -> None:
    talk.say("show me dresses")
    talk.say("add the first to my basket in M")
    talk.say("add the second to my basket in M")
    held = talk.conversation.cart
    assert held.lines
    talk.say("what is on offer?")
    assert talk.conversation.cart_before is None
    talk.say("undo")
    assert talk.conversation.cart == held, "the step before it was the wish"


def test_start_over_forgets_the_anchor_and_keeps_the_basket(talk: Talk) -> None:
    talk.say("blue dresses")
    talk.say("add the first to my basket in M")
    talk.say("more like the first")
    state = talk.say("start over")
    assert (state.like_product_id, state.shown, state.ever_shown) == (None, (), ())
    assert talk.conversation.cart.lines


def test_a_talk_read_again_is_the_same_talk(talk: Talk, shop: Shop) -> None:
    again = Talk(shop)
    for message in ("dresses under 70", "not the first, too expensive", "more like the second", "undo", "add the first in M"):
        talk.say(message)
        again.say(message)
    assert again.conversation == talk.conversation
