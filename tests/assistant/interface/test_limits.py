"""What is refused before any work: large bodies, fast clients, a full shop. And that waiting is bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from assistant.clock import FixedClock
from assistant.errors import Busy, TooMany
from assistant.interface.limits import BODY_BYTES, client_of, limit_of
from assistant.limits import TokenBuckets, TurnGate
from tests.assistant.conftest import House
from tests.assistant.interface.conftest import Client

MOMENT = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_megabyte_is_refused_in_a_tenth_of_a_second(client: Client, house: House, chunked: bool) -> None:
    where, key = client.begin()
    reached: list[str] = []
    house.at = reached.append
    body = b'{"message": "' + b"x" * 1_000_000 + b'"}'

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 8_192):
            yield body[start : start + 8_192]

    times = []
    for _ in range(3):
        started = time.perf_counter()
        answer = client.post(
            f"{where}/turns", headers={**key, "Content-Type": "application/json"}, content=pieces() if chunked else body
        )
        times.append(time.perf_counter() - started)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert "smaller body" in answer.json()["detail"]
    assert min(times) < 0.1
    assert reached == []
    assert client.say(where, key, "a hat").status_code == 200


def test_the_largest_message_fits_however_it_is_escaped(client: Client) -> None:
    where, key = client.begin()
    escaped = b'{"message": "' + b"\\u00e9" * 2_000 + b'"}'
    assert len(escaped) < BODY_BYTES
    answer = client.post(f"{where}/turns", headers={**key, "Content-Type": "application/json"}, content=escaped)
    assert answer.json()["message"] == "é" * 2_000
    too_long = client.say(where, key, "é" * 2_001)
    assert too_long.status_code == 413
    assert "2000 characters" in too_long.json()["detail"]


def test_every_address_has_a_limit_and_a_refused_body_is_not_read(client: Client) -> None:
    assert (limit_of("/api/conversations"), limit_of("/"), limit_of("/v1/chat/completions")) == (65_536, 65_536, 262_144)
    for path in ("/api/conversations", "/healthz", "/nothing", "/media/p1.svg"):
        assert client.post(path, content=b"x" * 70_000).status_code == 413


def address(host: str | None) -> str:
    return client_of(Request({"type": "http", "headers": [], "client": (host, 1) if host is not None else None}))


def test_a_client_is_an_address_or_a_network_of_ipv6() -> None:
    assert address("203.0.113.9") == "203.0.113.9"
    assert address("2001:db8::1") == address("2001:db8::ffff:1") == "2001:db8::/64"
    assert address("2001:db8:0:1::1") != address("2001:db8::1")
    assert address("a name") == "a name"
    assert address(None) == "unknown"


@given(st.integers(1, 20), st.floats(0.1, 50), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_a_bucket_never_gives_more_than_it_may(burst: int, rate: float, pauses: list[float]) -> None:
    clock = FixedClock(MOMENT, still=True)
    buckets = TokenBuckets(burst, rate, clock)
    given_out = 0
    for pause in pauses:
        clock.advance(pause)
        with suppress(TooMany):
            buckets.take("a")
            given_out += 1
        assert given_out <= burst + clock.monotonic() * rate + 1e-6
    assert given_out >= min(burst, len(pauses))


@given(st.integers(1, 5), st.floats(0.05, 10))
def test_who_waits_as_long_as_told_is_served(burst: int, rate: float) -> None:
    clock = FixedClock(MOMENT, still=True)
    buckets = TokenBuckets(burst, rate, clock)
    for _ in range(burst):
        buckets.take("a")
    with pytest.raises(TooMany) as caught:
        buckets.take("a")
    buckets.take("b")
    assert caught.value.retry_after_s is not None
    clock.advance(caught.value.retry_after_s)
    buckets.take("a")


def test_buckets_are_bounded_and_forget_the_oldest() -> None:
    buckets = TokenBuckets(1, 0.001, FixedClock(MOMENT, still=True), most_keys=100)
    for number in range(1_000):
        buckets.take(str(number))
    assert len(buckets) == 100
    with pytest.raises(TooMany):
        buckets.take("999")
    buckets.take("0")
    buckets.forget("999")
    buckets.take("999")


def test_the_gate_lets_one_into_a_conversation_and_a_few_into_the_shop() -> None:
    gate = TurnGate(concurrent=3, waiting=100, wait_s=10)
    inside: list[str] = []
    most, clashes = [0], [0]
    lock = threading.Lock()

    def visit(name: str) -> None:
        with gate.hold(name, turn=True):
            with lock:
                clashes[0] += name in inside
                inside.append(name)
                most[0] = max(most[0], len(inside))
            time.sleep(0.005)
            with lock:
                inside.remove(name)

    threads = [threading.Thread(target=visit, args=(f"c{n % 5}",)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (clashes[0], most[0], gate.running) == (0, 3, 0)


def test_the_gate_keeps_few_waiting_and_none_for_long() -> None:
    gate = TurnGate(concurrent=1, waiting=1, wait_s=0.2)
    seen: list[float] = []

    def wait() -> None:
        started = time.monotonic()
        with pytest.raises(Busy, match="earlier message"), gate.hold("b", turn=True):
            pass
        seen.append(time.monotonic() - started)

    with gate.hold("a", turn=True):
        thread = threading.Thread(target=wait)
        thread.start()
        while gate._waiting == 0:
            time.sleep(0.001)
        with pytest.raises(Busy, match="Many shoppers"), gate.hold("c", turn=True):
            pass
        with gate.hold("c", turn=False):
            assert gate.running == 1, "an edit takes no place of a turn"
        thread.join()
    assert 0.15 < seen[0] < 2
    with gate.hold("a", turn=True):
        assert gate.running == 1
