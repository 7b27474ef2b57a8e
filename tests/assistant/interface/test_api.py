"""The HTTP interface over a real server: every route of the design, every error a problem that says what to do."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import Response

from assistant.events import StatusEvent, TurnEvent
from assistant.interface.api import wants_stream
from assistant.interface.streaming import EventStream
from assistant.interface.wire import error_sse, server_sent
from assistant.limits import Limits
from tests.assistant.conftest import House, MakeHouse
from tests.assistant.interface.conftest import SVG, Client, api_of, client_of

TURN_KEYS = {
    *("turn_id", "conversation_id", "reply", "products", "outfits", "offers", "relaxations", "comparison", "profile"),
    *("question", "notices", "verification", "usage", "timings_ms"),
}
STREAM = {"Accept": "text/event-stream"}


def parse(text: str) -> list[tuple[str, Any]]:
    """The server-sent events of a stream."""
    events = []
    for block in text.strip().split("\n\n"):
        fields = dict(row.split(": ", 1) for row in block.split("\n") if not row.startswith(":"))
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


def assert_problem(answer: httpx.Response, status: int, says: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert says in problem["detail"], problem


def wait_until(true: Any) -> None:
    stop_at = time.monotonic() + 5
    while not true():
        assert time.monotonic() < stop_at, "it never came true"
        time.sleep(0.01)


# ---------------------------------------------------------------- turns


def test_a_turn_is_the_object_of_the_design(client: Client, house: House) -> None:
    where, key = client.begin()
    answer = client.say(where, key, "a red dress", turn_id="t1")
    assert answer.headers["content-type"] == "application/json"
    turn = answer.json()
    assert set(turn) >= TURN_KEYS
    assert (turn["turn_id"], where.endswith(turn["conversation_id"])) == ("t1", True)
    assert turn["products"][0]["price"] == {"amount_minor": 7_900, "currency": "EUR"}
    assert set(turn["products"][0]["scores"]) == {"similarity", "collaborative", "preference", "popularity", "total"}
    assert turn["relaxations"] == [{"slot": "price", "action": "move", "from": "up to 10", "to": "up to 20", "count": 2}]
    assert set(turn["usage"]) == {"model_calls", "prompt_tokens", "completion_tokens", "estimated"}
    assert client.say(where, key, "a red dress", turn_id="t1").json() == turn
    assert len(client.get(where, headers=key).json()["turns"]) == 1


def test_a_stream_has_the_same_in_events(client: Client) -> None:
    where, key = client.begin()
    with client.stream("POST", f"{where}/turns", headers={**key, **STREAM}, json={"message": "a hat", "turn_id": "t1"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        events = parse(answer.read().decode())
    names = [name for name, _ in events]
    assert names[-1] == "done"
    assert [name for name in names if name not in ("status", "section")] == [
        "profile",
        "products",
        "outfits",
        "offers",
        "question",
        "done",
    ]
    done, by_name = events[-1][1], dict(events)
    assert set(done) >= TURN_KEYS
    for name in ("profile", "products", "outfits", "offers", "question"):
        assert by_name[name][name] == done[name]
    assert "\n\n".join(data["text"] for name, data in events if name == "section") == done["reply"]
    assert client.say(where, key, "a hat", turn_id="t1").json() == done


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/event-stream", True),
        ("text/event-stream, application/json", False),
        ("application/json;q=0.5, text/event-stream", True),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=rubbish", True),
    ],
)
def test_json_unless_a_stream_is_preferred(accept: str, streams: bool) -> None:
    assert wants_stream(accept) is streams


def test_the_first_events_come_before_the_turn_ends(client: Client, house: House) -> None:
    where, key = client.begin()
    go_on = threading.Event()

    def at(stage: str) -> None:
        if stage == "writing":
            go_on.wait(5)

    house.at = at
    with client.stream("POST", f"{where}/turns", headers={**key, **STREAM}, json={"message": "a hat"}) as answer:
        seen = ""
        for piece in answer.iter_text():
            seen += piece
            if "event: products" in seen and not go_on.is_set():
                assert "event: section" not in seen
                go_on.set()
    assert "event: done" in seen


def test_a_client_that_goes_stops_the_turn_and_nothing_is_kept(client: Client, house: House) -> None:
    where, key = client.begin()
    reached, go_on = threading.Event(), threading.Event()

    def at(stage: str) -> None:
        if stage == "writing":
            reached.set()
            go_on.wait(5)

    house.at = at
    with client.stream("POST", f"{where}/turns", headers={**key, **STREAM}, json={"message": "a hat", "turn_id": "t1"}) as answer:
        next(answer.iter_text())
        assert reached.wait(5)
    time.sleep(0.2)  # the server learns that the client has gone
    go_on.set()
    wait_until(lambda: house.sessions.running == 0)
    house.at = lambda stage: None
    assert client.get(where, headers=key).json()["turns"] == []
    assert client.say(where, key, "a hat", turn_id="t1").status_code == 200


def test_a_quiet_stream_is_kept_alive_and_a_broken_one_ends_in_an_error() -> None:
    told: list[BaseException] = []

    def quiet() -> Iterator[TurnEvent]:
        yield StatusEvent(stage="searching")
        time.sleep(0.25)
        raise RuntimeError("PRIVATE")

    app = FastAPI()

    @app.get("/quiet")
    def stream() -> Response:
        broken = error_sse(500, "Broken", "Send it again.")
        return EventStream(quiet(), lambda event: (server_sent(event),), broken, told.append, keep_alive_s=0.05)

    with client_of(app) as client:
        text = client.get("/quiet").text
    assert text.count(": still here\n\n") >= 2
    assert parse(text)[-1] == ("error", {"status": 500, "title": "Broken", "detail": "Send it again."})
    assert [str(each) for each in told] == ["PRIVATE"]
    assert "PRIVATE" not in text


def test_a_failure_of_ours_says_nothing_of_itself(client: Client, house: House) -> None:
    where, key = client.begin()

    def fail(stage: str) -> None:
        if stage == "writing":
            raise RuntimeError("PRIVATE WORDS")

    house.at = fail
    assert_problem(client.say(where, key, "a hat"), 500, "nothing of this message was kept")
    with client.stream("POST", f"{where}/turns", headers={**key, **STREAM}, json={"message": "a hat"}) as answer:
        events = parse(answer.read().decode())
    assert events[-1][0] == "error"
    assert "event: done" not in str(events)

    def break_store(*_: object) -> None:
        raise ZeroDivisionError("PRIVATE WORDS")

    house.store.export = break_store  # type: ignore[method-assign, assignment]
    assert_problem(client.get(where, headers=key), 500, "on our side")
    assert "PRIVATE" not in house.log.getvalue()
    assert '"error": "ZeroDivisionError"' in house.log.getvalue()


def test_a_crowd_gets_200_503_or_429_and_the_shop_recovers(make_house: MakeHouse) -> None:
    house = make_house(Limits(client_burst=320, client_per_second=1.0, concurrent=4, waiting=8, wait_s=5.0))
    house.at = lambda stage: time.sleep(0.005)

    async def crowd(address: str) -> list[tuple[int, float]]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=address, timeout=30, limits=limits, trust_env=False) as client:
            made = [(await client.post("/api/conversations")).json() for _ in range(50)]

            async def one(number: int) -> tuple[int, float]:
                given = made[number % 50]
                answer = await client.post(
                    f"/api/conversations/{given['conversation_id']}/turns",
                    headers={"Authorization": f"Bearer {given['token']}"},
                    json={"message": f"a hat {number}", "turn_id": f"t{number}"},
                )
                return answer.status_code, float(answer.headers.get("retry-after", 0))

            answers = await asyncio.gather(*(one(number) for number in range(200)))
            assert (await client.get("/healthz")).status_code == 200
            return answers

    with client_of(api_of(house)) as client:
        answers = asyncio.run(crowd(str(client.base_url)))
        counts = Counter(status for status, _ in answers)
        assert set(counts) <= {200, 503, 429}
        assert counts[200] >= 12, "what runs and what waits is answered"
        assert counts[503] > 0, "the crowd was larger than the shop"
        assert all(wait > 0 for status, wait in answers if status != 200)
        house.at = lambda stage: None
        house.clock.advance(60)
        where, key = client.begin()
        assert client.say(where, key, "a hat").status_code == 200
        assert house.sessions.running == 0
        text = client.get("/metrics").text
        assert f'shopguide_turns_total{{outcome="answered"}} {counts[200] + 1}' in text
        assert 'shopguide_refused_total{status="503"}' in text


# ---------------------------------------------------------------- the other routes


def test_a_conversation_is_exported_and_erased(client: Client, house: House) -> None:
    where, key = client.begin()
    client.say(where, key, "MARKER in a red dress", turn_id="t1")
    client.post(f"{where}/feedback", headers=key, json={"turn_id": "t1", "product_id": "p1", "value": "down", "reason": "fit"})
    export = client.get(where, headers=key).json()
    assert set(export) == {"conversation", "updated_at", "turns", "feedback", "events"}
    assert export["turns"][0]["record"]["message"] == "MARKER in a red dress"
    assert export["turns"][0]["record"]["relaxations"][0]["from"] == "up to 10"
    assert export["feedback"][0]["reason"] == "fit"
    assert house.files_with("MARKER")
    gone = client.delete(where, headers=key)
    assert (gone.status_code, gone.content) == (204, b"")
    assert house.files_with("MARKER") == []
    assert_problem(client.get(where, headers=key), 404, "may have been erased")
    assert_problem(client.delete(where, headers=key), 404, "Begin a new one")


def test_a_profile_is_read_edited_and_undone(client: Client) -> None:
    where, key = client.begin()
    first = client.get(f"{where}/profile", headers=key).json()
    lists = {"preferences", "superseded", "liked_product_ids", "rejected_product_ids"}
    assert set(first) == {*lists, "sizes", "rejection_reasons", "version"}
    add = [{"slot": "color", "value": "red"}, {"slot": "price", "value": {"max": 8_000}, "strength": "soft"}]
    edited = client.patch(f"{where}/profile", headers=key, json={"add": add, "sizes": {"me": {"dress": "M"}}}).json()
    assert [(each["slot"], each["value"]) for each in edited["preferences"]] == [
        ("color", "red"),
        ("price", {"min": None, "max": 8_000}),
        ("size", "M"),
    ]
    assert edited["sizes"] == {"me": {"dress": "M"}}
    remove = [edited["preferences"][0]["preference_id"]]
    shorter = client.patch(f"{where}/profile", headers=key, json={"remove": remove}).json()
    assert [each["slot"] for each in shorter["preferences"]] == ["price", "size"]
    assert shorter["superseded"][0]["value"] == "red"
    undone = client.patch(f"{where}/profile", headers=key, json={"undo": True}).json()
    assert undone["preferences"] == edited["preferences"]
    assert client.get(f"{where}/profile", headers=key).json() == undone
    assert_problem(client.patch(f"{where}/profile", headers=key, json={"remove": ["x"]}), 422, "not in force")
    assert_problem(client.patch(f"{where}/profile", headers=key, json={}), 422, "give undo alone")
    wrong = {"add": [{"slot": "price", "value": "cheap"}]}
    assert_problem(client.patch(f"{where}/profile", headers=key, json=wrong), 422, "add[0]")
    for slot, value in (("price", {"max": 10}), ("rating", {"stars": 4}), ("size", "M")):
        disliked = {"add": [{"slot": slot, "value": value, "polarity": "dislike"}]}
        assert_problem(client.patch(f"{where}/profile", headers=key, json=disliked), 422, f"a {slot} can be liked alone")
    for body, says in (
        ({"add": [{"slot": "color", "value": "<b>blurple</b>"}]}, "add[0].value is no color that this shop knows"),
        ({"add": [{"slot": "brand", "value": "Nobody"}]}, "add[0].value is no brand that this shop knows"),
        ({"sizes": {"me": {"shoes": "banana"}}}, "eu_shoe 16 to 50"),
    ):
        refused = client.patch(f"{where}/profile", headers=key, json=body)
        assert_problem(refused, 422, says)
        assert "blurple" not in refused.text
    assert client.get(f"{where}/profile", headers=key).json() == undone


def test_a_cart_comes_with_its_receipt(client: Client) -> None:
    where, key = client.begin()
    body = {"lines": [{"product_id": "p1", "size": "M", "quantity": 2}], "codes": ["WELCOME10"]}
    cart = client.patch(f"{where}/cart", headers=key, json=body).json()
    price = {"amount_minor": 7_900, "currency": "EUR"}
    assert cart["lines"] == [{"product_id": "p1", "title": "Red Dress", "size": "M", "quantity": 2, "price": price}]
    assert (cart["subtotal_minor"], cart["discount_minor"], cart["total_minor"]) == (15_800, 1_580, 14_220)
    assert cart["receipt"][-1]["amount_minor"] == cart["total_minor"]
    assert sum(each["amount_minor"] for each in cart["receipt"] if each["kind"] in ("item", "discount", "shipping")) == 14_220
    assert client.get(f"{where}/cart", headers=key).json() == cart
    too_many = {"lines": [{"product_id": "p1", "quantity": 100}]}
    assert_problem(client.patch(f"{where}/cart", headers=key, json=too_many), 422, "lines[0].quantity")
    priced = {"lines": [{"product_id": "p1", "price_minor": 1}]}
    assert_problem(client.patch(f"{where}/cart", headers=key, json=priced), 422, "not known here")
    assert client.get(f"{where}/cart", headers=key).json() == cart


def test_an_item_is_its_facts_and_its_picture(client: Client) -> None:
    facts = client.get("/api/products/p1").json()
    assert facts["title"] == "Red Dress"
    assert (facts["image_url"], facts["in_stock"]) == ("/media/p1.svg", True)
    assert facts["sizes"] == [{"system": "alpha", "label": "S", "stock": 0}, {"system": "alpha", "label": "M", "stock": 3}]
    vase = client.get("/api/products/p4").json()
    assert {"price", "image_url", "rating", "colors"} & set(vase) == set(), "what the shop does not state is absent"
    picture = client.get(facts["image_url"])
    assert (picture.text, picture.headers["content-type"]) == (SVG, "image/svg+xml")
    assert picture.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert "max-age" in picture.headers["cache-control"]
    same = client.get(facts["image_url"], headers={"If-None-Match": picture.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for missing in ("/api/products/p9", "/media/p2.svg", "/media/p9.svg", "/media/p1.png"):
        assert_problem(client.get(missing), 404, "")


def test_health_is_only_where_a_turn_can_be_answered(house: House) -> None:
    ready = threading.Event()
    with client_of(api_of(house, ready=ready.is_set)) as client:
        assert_problem(client.get("/healthz"), 503, "still being loaded")
        assert client.get("/healthz").headers["retry-after"] == "2"
        ready.set()
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.head("/healthz").status_code == 200
        with house.store.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE turns")
            connection.exec_driver_sql("DROP TABLE feedback")
            connection.exec_driver_sql("DROP TABLE events")
            connection.exec_driver_sql("DROP TABLE conversations")
        assert_problem(client.get("/healthz"), 503, "notes")


def test_metrics_are_counts_without_names(client: Client) -> None:
    where, key = client.begin()
    client.say(where, key, "a red dress")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    rows = [row for row in answer.text.splitlines() if not row.startswith("#")]
    assert all(len(row.rsplit(" ", 1)) == 2 and float(row.rsplit(" ", 1)[1]) >= 0 for row in rows)
    for row in (
        'shopguide_turns_total{outcome="answered"} 1',
        "shopguide_model_calls_total 1",
        'shopguide_tokens_total{direction="prompt"} 10',
        'shopguide_turn_seconds_bucket{le="+Inf"} 1',
        "shopguide_turn_seconds_count 1",
    ):
        assert row in rows
    assert where.rsplit("/", 1)[1] not in answer.text
    assert "p1" not in answer.text


def test_a_known_demo_shopper_may_be_named(client: Client) -> None:
    where, key = client.begin(shopper_id="u1")
    assert client.get(f"{where}/profile", headers=key).json()["liked_product_ids"] == ["p3"]
    assert_problem(client.post("/api/conversations", json={"shopper_id": "u2"}), 422, "leave it out")
    assert client.post("/api/conversations").status_code == 201, "the body may be left out"


# ---------------------------------------------------------------- bad input


def test_bad_bodies_are_told_what_to_do(client: Client) -> None:
    where, key = client.begin()
    turns = f"{where}/turns"
    head = {**key, "Content-Type": "application/json"}
    cases: list[tuple[bytes, int, str]] = [
        (b'{"message": "a hat"', 400, "at character 19"),
        (b"", 422, "one JSON object"),
        (b"[1, 2]", 422, "one JSON object"),
        (b"[" * 50_000, 400, "send it again"),
        (b"\xff\xfe\x00", 400, "send it again"),
        (b'{"message": 7}', 422, "message: Input should be a valid string"),
        (b"{}", 422, "message: Field required"),
        (b'{"message": "a hat", "<script>": 1}', 422, "not known here; leave it out"),
        (b'{"message": "a hat", "context": {"cart": [{"product_id": "p1", "quantity": 0}]}}', 422, "context.cart[0].quantity"),
        (b'{"message": "a hat", "turn_id": "a b"}', 422, "turn_id may hold"),
        (b'{"message": ""}', 422, "nothing to read"),
        (b'{"message": "\\ud800"}', 422, "nothing to read"),
        (b'{"message": "\\u200b"}', 422, "nothing to read"),
    ]
    for body, status, says in cases:
        answer = client.post(turns, headers=head, content=body)
        assert_problem(answer, status, says)
        assert "<script>" not in answer.text
    assert_problem(
        client.post(turns, headers={**key, "Content-Type": "text/plain"}, content=b'{"message": "a"}'), 422, "Content-Type"
    )
    assert client.get(where, headers=key).json()["turns"] == []


@pytest.mark.parametrize(
    "message",
    ["\U0001f457\U0001f460", "请给我一条红裙子", "<b>red</b> <script>alert(1)</script>", "${7*7} {{7*7}}", "\x00a hat\x1b[31m"],
)
def test_odd_messages_are_answered(client: Client, message: str) -> None:
    where, key = client.begin()
    answer = client.say(where, key, message)
    assert answer.status_code == 200
    assert "\x00" not in answer.json()["message"]
    assert "\x1b" not in answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/api/nothing", 404, "openapi.json"),
        ("GET", "/api", 404, "openapi.json"),
        ("POST", "/api/conversations/", 404, "openapi.json"),
        ("GET", "/nothing", 404, "openapi.json"),
        ("PUT", "/api/conversations", 405, "answers to POST alone"),
        ("DELETE", "/api/products/p1", 405, "answers to GET alone"),
        ("POST", "/healthz", 405, "answers to GET, HEAD alone"),
    ],
)
def test_wrong_addresses_and_methods(client: Client, method: str, path: str, status: int, says: str) -> None:
    answer = client.request(method, path)
    assert_problem(answer, status, says)
    assert (status == 405) == ("allow" in answer.headers)


def test_without_the_right_token_every_call_is_404(client: Client) -> None:
    where, key = client.begin()
    _, other = client.begin()
    said = set()
    for wrong in ({"Authorization": "Bearer v1.x"}, other):
        calls: list[tuple[str, str, dict[str, Any] | None]] = [
            ("GET", "", None),
            ("DELETE", "", None),
            ("POST", "/turns", {"message": "a hat"}),
            ("GET", "/profile", None),
            ("PATCH", "/profile", {"remove": ["a"]}),
            ("GET", "/cart", None),
            ("PATCH", "/cart", {"lines": []}),
            ("POST", "/feedback", {"turn_id": "t", "value": "up"}),
        ]
        for method, path, body in calls:
            answer = client.request(method, where + path, headers=wrong, json=body)
            assert_problem(answer, 404, "id and token")
            said.add(answer.text)
    said.add(client.get(f"/api/conversations/{'0' * 32}", headers=key).text)
    assert len(said) == 1
    for none in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer"}):
        assert_problem(client.get(where, headers=none), 404, "Authorization: Bearer")
    assert client.get(where, headers={"Authorization": key["Authorization"].replace("Bearer", "bearer")}).status_code == 200


def test_the_interface_describes_itself(client: Client) -> None:
    described = client.get("/openapi.json").json()
    routes = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    conversation = "/api/conversations/{conversation_id}"
    assert routes >= {
        ("POST", "/api/conversations"),
        ("POST", f"{conversation}/turns"),
        ("GET", conversation),
        ("DELETE", conversation),
        ("GET", f"{conversation}/profile"),
        ("PATCH", f"{conversation}/profile"),
        ("GET", f"{conversation}/cart"),
        ("PATCH", f"{conversation}/cart"),
        ("POST", f"{conversation}/feedback"),
        ("GET", "/api/products/{product_id}"),
        ("GET", "/healthz"),
        ("GET", "/metrics"),
        ("GET", "/media/{product_id}.svg"),
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/models"),
    }
    assert client.get("/docs").status_code == 404
