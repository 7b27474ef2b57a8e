"""Who is talked to: the service in this process, and a real server on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from fastapi import FastAPI, Response

from assistant.evaluation.errors import ServerUnfit
from assistant.evaluation.players import InProcess, OverHttp, PlayedClock, Player, TurnFailed
from assistant.evaluation.results import Shop
from assistant.evaluation.run_files import to_lines
from assistant.evaluation.runner import play_all
from assistant.evaluation.script import PageContext, Script
from assistant.limits import Limits
from assistant.schema import Cart, CartLine
from catalog_data.vocabulary import Vocabulary
from tests.assistant.interface.conftest import api_of, serve
from tests.assistant.rule_shop import NOW


@contextmanager
def over_http(app: FastAPI) -> Iterator[OverHttp]:
    """A player against this application, served."""
    with serve(app) as address:
        player = OverHttp(f"{address}/")
        yield player
        player.close()


def in_process(house: Any) -> InProcess:
    """A player against this shop's own sessions."""
    return InProcess(house.sessions, PlayedClock(NOW))


@pytest.fixture(params=["in process", "over HTTP"])
def player(request: pytest.FixtureRequest, house: Any) -> Iterator[Player]:
    """Each of the two, against the same shop."""
    if request.param == "in process":
        yield in_process(house)
    else:
        with over_http(api_of(house)) as served:
            yield served


def test_a_talk_gives_records_that_grow(player: Player) -> None:
    talk = player.open(NOW)
    first, second = talk.say("a red dress"), talk.say("a hat", PageContext(product_id="p3"))
    assert (first.turn, second.turn) == (1, 2)
    assert first.conversation_id == second.conversation_id
    assert [each.title for each in first.products] == ["Red Dress"]
    assert len(second.profile.preferences) == 2


def test_talks_are_strangers(player: Player) -> None:
    one, other = player.open(NOW), player.open(NOW)
    one.say("a red dress")
    assert len(other.say("a hat").profile.preferences) == 1


def test_a_known_shopper_is_known(player: Player) -> None:
    assert player.open(NOW, "u1").say("hello").profile.liked_product_ids == ("p3",)


def test_a_message_that_is_refused_is_a_turn_that_failed(player: Player) -> None:
    talk = player.open(NOW)
    with pytest.raises(TurnFailed, match="characters"):
        talk.say("x" * 3_000)
    assert talk.say("a hat").turn == 1


def test_the_basket_is_the_conversations(player: Player, house: Any) -> None:
    talk = player.open(NOW)
    assert talk.cart() == Cart()
    name = talk.say("a hat").conversation_id
    house.sessions.change_cart(name, house.tokens.sign(name), lines=[CartLine(product_id="p3", quantity=2)], codes=["WELCOME10"])
    held = talk.cart()
    assert [(line.product_id, line.quantity) for line in held.lines] == [("p3", 2)]
    assert held.codes == ("WELCOME10",)


def test_both_players_play_alike(house: Any, small_catalog: Any) -> None:
    turns = [{"user": "a red dress", "expect": {"products": {"max": 1}}}, {"user": "a coat", "expect": {"actions": ["search"]}}]
    scripts = [Script.model_validate({"id": f"c-{n}", "tags": ["a"], "catalog": "small", "turns": turns}) for n in range(3)]
    shop = Shop(small_catalog, Vocabulary({}))
    near = play_all(scripts, in_process(house), shop)
    with over_http(api_of(house)) as player:
        far = play_all(scripts, player, shop, jobs=3)
    assert to_lines(near) == to_lines(far)
    assert all(len(each.turns) == 2 for each in near)


def test_a_clock_stands_where_each_thread_plays() -> None:
    clock = PlayedClock(NOW)
    assert clock.now() == NOW
    later = NOW + timedelta(days=9)
    clock.stand_at(later)
    assert clock.now() == later
    seen: list[datetime] = []
    other = Thread(target=lambda: seen.append(clock.now()))
    other.start()
    other.join()
    assert seen == [NOW]
    assert clock.monotonic() <= clock.monotonic()


def test_a_server_in_a_hurry_is_asked_again(make_house: Any) -> None:
    house = make_house(Limits(conversation_burst=1, conversation_per_second=10.0))
    began = time.monotonic()
    with over_http(api_of(house)) as player:
        talk = player.open(NOW)
        records = [talk.say("a hat") for _ in range(2)]
    assert [each.turn for each in records] == [1, 2]
    assert time.monotonic() - began < 20


def odd_server(*answers: tuple[int, Any]) -> FastAPI:
    """Opens conversations, and then gives these answers in turn; text is sent as it is."""
    app, left = FastAPI(), list(answers)

    @app.post("/api/conversations", status_code=201)
    def opened() -> dict[str, str]:
        return {"conversation_id": "c1", "token": "t1"}

    @app.api_route("/api/conversations/c1/{what}", methods=["GET", "POST"], response_model=None)
    def answer(what: str) -> Any:
        status, body = left.pop(0)
        headers = {"Retry-After": "0"}
        if isinstance(body, str):
            return Response(body, status_code=status, headers=headers)
        return Response(json.dumps(body), status_code=status, headers=headers, media_type="application/json")

    return app


BUSY = (429, {"detail": "too fast"})


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([(200, "<html>")], "an answer that is no JSON: '<html>'"),
        ([(200, {"turn": 1})], "an answer that is no turn record: Field required"),
        ([(500, {"detail": "it broke"})], "500: it broke"),
        ([(502, "a proxy's page")], "502: a proxy's page"),
        ([(404, [])], "404: "),
        ([BUSY] * 4, "429: too fast"),
        ([BUSY, (503, {"detail": "full"}), (400, {"detail": "no"})], "400: no"),
    ],
)
def test_an_answer_that_is_none_is_a_turn_that_failed(answers: list[tuple[int, Any]], told: str) -> None:
    with over_http(odd_server(*answers)) as player:
        talk = player.open(NOW)
        with pytest.raises(TurnFailed) as caught:
            talk.say("a hat")
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    "answer", [(404, {"detail": "gone"}), (200, {}), (200, []), (200, {"lines": [{"product_id": "p1"}], "codes": []})]
)
def test_a_basket_that_is_none_is_said(answer: tuple[int, Any]) -> None:
    with over_http(odd_server(answer)) as player:
        talk = player.open(NOW)
        with pytest.raises(TurnFailed):
            talk.cart()


def test_a_server_that_is_not_there_is_unfit() -> None:
    with serve(FastAPI()) as address:
        pass
    player = OverHttp(address)
    with pytest.raises(ServerUnfit, match=r"no conversation could be opened .*is Shopguide served there\?"):
        player.open(NOW)
    player.close()


def test_a_server_that_dies_is_a_turn_that_failed(house: Any) -> None:
    with serve(api_of(house)) as address:
        player = OverHttp(address)
        talk = player.open(NOW)
    with pytest.raises(TurnFailed, match="the server did not answer"):
        talk.say("a hat")
    player.close()


def test_another_server_is_unfit() -> None:
    with over_http(FastAPI()) as player, pytest.raises(ServerUnfit, match="404"):
        player.open(NOW)
