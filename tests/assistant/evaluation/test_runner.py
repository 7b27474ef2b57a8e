"""Playing: turn by turn, against a player whose answers are written down."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from assistant.evaluation.errors import ServerUnfit
from assistant.evaluation.players import TurnFailed
from assistant.evaluation.results import ConversationResult
from assistant.evaluation.run_files import to_lines
from assistant.evaluation.runner import Job, invariants_of, play, play_all
from assistant.evaluation.script import PageContext, Script
from assistant.schema import Cart, CartLine, TurnRecord, Usage
from tests.assistant.evaluation.records import card, cards, euro, record, shop
from tests.assistant.rule_shop import NOW

BASKET = Cart(lines=(CartLine(product_id="i5", quantity=1),))


class Written:
    """A conversation whose answers are written down by message. What is not there is no answer."""

    def __init__(self, player: WrittenPlayer) -> None:
        self._player = player

    def say(self, message: str, context: PageContext | None = None) -> TurnRecord:
        self._player.heard.append((message, context))
        if message not in self._player.answers:
            raise TurnFailed("503: come back later")
        return self._player.answers[message].model_copy(update={"message": message})

    def cart(self) -> Cart:
        self._player.carts += 1
        if self._player.cart is None:
            raise TurnFailed("404: there is no such basket")
        return self._player.cart


class WrittenPlayer:
    """Opens such conversations, and notes for whom, when and in how many threads."""

    def __init__(self, answers: Mapping[str, TurnRecord], cart: Cart | None = BASKET) -> None:
        self.answers, self.cart, self.carts = answers, cart, 0
        self.heard: list[tuple[str, PageContext | None]] = []
        self.opened: list[tuple[datetime, str | None]] = []
        self.threads: set[int] = set()

    def open(self, now: datetime, shopper: str | None = None) -> Written:
        self.opened.append((now, shopper))
        self.threads.add(threading.get_ident())
        return Written(self)


def script(*turns: dict[str, Any], **fields: Any) -> Script:
    """A conversation for the small shop."""
    return Script.model_validate({"id": "one", "tags": ["budget"], "catalog": "small", "now": NOW, "turns": turns} | fields)


def played(player: WrittenPlayer, *turns: dict[str, Any], **fields: Any) -> ConversationResult:
    """One conversation, once."""
    return play(Job(script(*turns, **fields), 1), player, shop())


ANSWERS = {
    "a dress": record(cards("i1"), actions=("describe",), usage=Usage(model_calls=1, prompt_tokens=100, completion_tokens=20)),
    "a shirt": record(cards("i2"), actions=("describe",), usage=Usage(model_calls=2, prompt_tokens=300, completion_tokens=30)),
    "stale": record((card("i1", price=euro(1)),), actions=("describe",)),
    "my basket": record(actions=("price",), reply="It holds Black handbag number 5."),
}


def test_a_turn_is_noted_as_it_was() -> None:
    player = WrittenPlayer(ANSWERS)
    found = played(player, {"user": "a dress", "context": {"product_id": "i1"}}, shopper="u1", about="what it shows")
    assert found.passed
    assert (found.id, found.attempt, found.tags, found.about) == ("one", 1, ("budget",), "what it shows")
    assert player.opened == [(NOW, "u1")]
    assert player.heard == [("a dress", PageContext(product_id="i1"))]
    turn = found.turns[0]
    assert (turn.user, turn.reply, turn.actions) == ("a dress", "Look at Red dress number 1.", ("describe",))
    assert [(each.product_id, each.title, each.price) for each in turn.shown] == [("i1", "Red dress number 1", "€49.90")]
    assert turn.usage.prompt_tokens == 100
    assert turn.milliseconds > 0


def test_what_is_expected_and_what_must_always_hold_are_both_looked_at() -> None:
    found = played(WrittenPlayer(ANSWERS), {"user": "stale", "expect": {"products": {"min": 2}}}, {"user": "a dress"})
    assert [(place, failure.path) for place, failure in found.all_failures] == [
        (1, "expect.products.min"),
        (1, "invariant.prices_match_catalog"),
    ]
    assert len(found.turns) == 2


def test_a_turn_without_an_answer_fails_and_ends_the_conversation() -> None:
    player = WrittenPlayer(ANSWERS)
    found = played(player, {"user": "a dress"}, {"user": "???"}, {"user": "a shirt"})
    assert [message for message, _ in player.heard] == ["a dress", "???"]
    assert [turn.user for turn in found.turns] == ["a dress", "???"]
    assert [(place, failure.path, failure.found) for place, failure in found.all_failures] == [
        (2, "turn", "503: come back later")
    ]


def test_a_conversation_for_another_catalog_is_skipped_with_the_reason() -> None:
    player = WrittenPlayer(ANSWERS)
    found = played(player, {"user": "a dress"}, catalog="hm")
    assert found.skipped == "made for the catalog hm; small is served"
    assert not found.passed
    assert player.opened == []


def test_a_turn_is_held_against_those_before() -> None:
    again = {"user": "a dress", "expect": {"products": {"same": True}, "reply": {"differs": True}}}
    found = played(WrittenPlayer(ANSWERS), {"user": "a dress"}, again)
    assert [(place, failure.path) for place, failure in found.all_failures] == [(2, "expect.reply.differs")]


@pytest.mark.parametrize(
    ("budgets", "paths"),
    [
        ({"model_calls": 3, "prompt_tokens": 400, "completion_tokens": 50, "turn_ms": 60_000}, []),
        ({"model_calls": 2}, ["budgets.model_calls"]),
        ({"prompt_tokens": 399}, ["budgets.prompt_tokens"]),
        ({"completion_tokens": 49}, ["budgets.completion_tokens"]),
        ({"turn_ms": 1e-9}, ["budgets.turn_ms", "budgets.turn_ms"]),
    ],
)
def test_budgets_are_of_the_whole_conversation(budgets: dict[str, float], paths: list[str]) -> None:
    found = played(WrittenPlayer(ANSWERS), {"user": "a dress"}, {"user": "a shirt"}, budgets=budgets)
    assert [failure.path for _, failure in found.all_failures] == paths


def test_the_basket_is_read_where_it_is_expected_or_priced() -> None:
    player = WrittenPlayer(ANSWERS)
    assert played(player, {"user": "a dress"}).passed
    assert player.carts == 0
    assert played(player, {"user": "my basket"}, {"user": "a dress", "expect": {"cart": {"lines": 1}}}).passed
    assert player.carts == 2


def test_a_basket_that_cannot_be_read_fails_what_is_expected_of_it() -> None:
    found = played(WrittenPlayer(ANSWERS, cart=None), {"user": "a dress", "expect": {"cart": {"lines": 0}}}, {"user": "a shirt"})
    assert [(place, failure.path) for place, failure in found.all_failures] == [(1, "expect.cart")]
    assert len(found.turns) == 2


def test_invariants_can_be_named_and_left_out_with_a_reason() -> None:
    turn = {"user": "stale"}
    assert not play(Job(script(turn), 1), WrittenPlayer(ANSWERS), shop()).passed
    assert played(WrittenPlayer(ANSWERS), turn, final={"invariants": ["ids_exist"]}).passed
    assert played(WrittenPlayer(ANSWERS), turn, final={"without": {"prices_match_catalog": "they move"}}).passed
    assert invariants_of(script(turn, final={"invariants": ["ids_exist"], "without": {"ids_exist": "why"}})) == ()


SCRIPTS = tuple(
    script({"user": "a dress"}, {"user": message}, id=f"c-{place}") for place, message in enumerate(("a shirt", "stale", "?"))
)


@pytest.mark.parametrize("jobs", [1, 4])
def test_jobs_change_nothing(jobs: int) -> None:
    seen: list[tuple[int, int]] = []
    player = WrittenPlayer(ANSWERS)
    found = play_all(SCRIPTS[::-1], player, shop(), jobs=jobs, repeat=3, progress=lambda done, of: seen.append((done, of)))
    assert [(each.id, each.attempt) for each in found] == [(f"c-{n}", k) for n in range(3) for k in (1, 2, 3)]
    assert to_lines(found) == to_lines(play_all(SCRIPTS, WrittenPlayer(ANSWERS), shop(), repeat=3))
    assert seen == [(done, 9) for done in range(1, 10)]
    assert len(player.opened) == 9
    assert len(player.threads) <= jobs


def test_a_server_that_opens_nothing_ends_the_run() -> None:
    class Shut(WrittenPlayer):
        """Opens nothing."""

        def open(self, now: datetime, shopper: str | None = None) -> Written:
            raise ServerUnfit("nobody is there")

    with pytest.raises(ServerUnfit, match="nobody is there"):
        play_all(SCRIPTS, Shut(ANSWERS), shop(), jobs=2)
