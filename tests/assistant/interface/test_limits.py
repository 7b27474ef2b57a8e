"""What is refused before any work: large bodies, fast clients, a full shop. And that waiting is bounded."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from assistant.clock import FixedClock
from assistant.errors import Busy, TooMany
from assistant.interface import limits
from assistant.interface.limits import BODY_BYTES, client_of, limit_of
from assistant.limits import TokenBuckets, TurnGate
from tests.assistant.conftest import House
from tests.assistant.interface.conftest import Client, serve

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


# ---------------------------------------------------------------- slow bodies


def trickle(to: socket.socket, head: bytes, pieces: Iterable[bytes], pause: float) -> bytes:
    """Sends a request, its body piece by piece; all that is answered before the other side closes."""
    to.sendall(head)
    try:
        for piece in pieces:
            time.sleep(pause)
            to.sendall(piece)
    except OSError:
        pass  # it was cut off
    answer = b""
    with suppress(ConnectionError):
        while received := to.recv(65_536):
            answer += received
    return answer


def post(path: str, length: int | None) -> bytes:
    body = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{body}\r\n\r\n".encode()


def connected(client: Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=20)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_trickles_is_cut_off_in_time(client: Client, monkeypatch: pytest.MonkeyPatch, chunked: bool) -> None:
    """A byte now and then keeps nothing open: the deadline is for the whole body."""
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    head = post("/api/conversations", None if chunked else 1_000)
    piece = b"1\r\n \r\n" if chunked else b" "
    started = time.monotonic()
    with connected(client) as to:
        answer = trickle(to, head, [piece] * 100, 0.05)
    took = time.monotonic() - started
    status, _, rest = answer.partition(b"\r\n")
    assert status == b"HTTP/1.1 408 Request Timeout"
    headers, _, body = rest.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in headers.lower()
    assert b"connection: close" in headers.lower()
    assert json.loads(body)["status"] == 408
    assert "send it again" in json.loads(body)["detail"]
    assert 0.4 < took < 15


def test_many_slow_bodies_keep_nobody_waiting(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 2.0)
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(client)) for _ in range(60)]
        for each in slow:
            each.sendall(post("/v1/chat/completions", 1_000) + b"{")
        where, key = client.begin()
        started = time.monotonic()
        assert client.say(where, key, "a hat").status_code == 200
        assert time.monotonic() - started < 2.0
        for each in slow:
            assert each.recv(64).startswith(b"HTTP/1.1 408")


def test_a_body_that_comes_slowly_but_in_time_is_read_and_so_is_what_follows(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 5.0)
    with connected(client) as to:
        to.sendall(post("/api/conversations", 2))
        for piece in (b"{", b"}"):
            time.sleep(0.1)
            to.sendall(piece)
        assert to.recv(65_536).startswith(b"HTTP/1.1 201")


def test_the_deadline_is_for_the_body_and_not_for_the_answer(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.2)
    where, key = client.begin()
    house.at = lambda stage: time.sleep(0.5) if stage == "writing" else None
    assert client.say(where, key, "a hat").status_code == 200
    stream = client.post(f"{where}/turns", headers={**key, "Accept": "text/event-stream"}, json={"message": "a hat"})
    assert "event: done" in stream.text


# ---------------------------------------------------------------- who counts as one client


def seen_as(base: httpx.URL, source: str, *forwarded: str) -> str:
    """Who a real server takes a caller at `source` with these X-Forwarded-For headers to be."""
    with socket.create_connection((base.host, base.port or 80), timeout=10, source_address=(source, 0)) as to:
        lines = "".join(f"X-Forwarded-For: {each}\r\n" for each in forwarded)
        to.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Connection: close\r\n\r\n".encode())
        answer = b""
        while received := to.recv(65_536):
            answer += received
    return answer.rpartition(b"\r\n\r\n")[2].decode()


def test_forwarded_addresses_are_believed_of_a_proxy_on_this_machine_alone() -> None:
    """127.0.0.2 stands for any other machine: the server trusts 127.0.0.1 and ::1."""
    app = FastAPI()
    app.add_route("/", lambda request: Response(client_of(request)))
    with serve(app) as address:
        base = httpx.URL(address)
        assert seen_as(base, "127.0.0.1") == "127.0.0.1"
        assert seen_as(base, "127.0.0.1", "203.0.113.9") == "203.0.113.9"
        assert seen_as(base, "127.0.0.1", "198.51.100.1, 203.0.113.9") == "203.0.113.9", (
            "what the client wrote counts for nothing"
        )
        assert seen_as(base, "127.0.0.1", "198.51.100.1", "203.0.113.9") == "203.0.113.9"
        assert seen_as(base, "127.0.0.1", "203.0.113.9, 127.0.0.1") == "203.0.113.9", "behind two proxies of ours"
        for forged in ("203.0.113.9", "127.0.0.1", "::1", "127.0.0.1, 203.0.113.9"):
            assert seen_as(base, "127.0.0.2", forged) == "127.0.0.2"


def address(host: str | None) -> str:
    return client_of(Request({"type": "http", "headers": [], "client": (host, 1) if host is not None else None}))


def test_a_client_is_an_address_or_a_network_of_ipv6() -> None:
    assert address("203.0.113.9") == "203.0.113.9"
    assert address("2001:db8::1") == address("2001:db8::ffff:1") == "2001:db8::/64"
    assert address("2001:db8:0:1::1") != address("2001:db8::1")
    assert address("::ffff:203.0.113.9") == "203.0.113.9", "IPv4 on a socket for both"
    assert address("::ffff:203.0.113.8") != address("::ffff:203.0.113.9")
    assert address("fe80::1%eth0") == address("fe80::2") == "fe80::/64"
    assert address("a name") == "a name"
    assert len(address("x" * 70_000)) <= 64
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


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12), st.floats(0, 3)), min_size=1, max_size=40))
def test_a_bucket_that_gets_tokens_back_never_holds_more_than_its_burst(steps: list[tuple[int, int, float]]) -> None:
    clock = FixedClock(MOMENT, still=True)
    buckets = TokenBuckets(10, 0.5, clock)
    spent = 0
    for wanted, unused, pause in steps:
        clock.advance(pause)
        took = min(wanted, 10)
        with suppress(TooMany):
            buckets.take("a", wanted)
            buckets.give_back("a", min(unused, took))
            spent += took - min(unused, took)
        assert spent <= 10 + clock.monotonic() * 0.5 + 1e-6
    buckets.give_back("a", 99)
    buckets.take("a", 10)
    with pytest.raises(TooMany, match="wait 2 s"):
        buckets.take("a")
    buckets.give_back("never seen")
    assert len(buckets) == 1


def test_reading_and_erasing_over_http_is_limited_as_well(client: Client) -> None:
    for method, path in (("GET", ""), ("GET", "/profile"), ("GET", "/cart"), ("DELETE", "")):
        where, key = client.begin()
        read = "" if method == "DELETE" else path
        statuses = [client.get(where + read, headers=key).status_code for _ in range(40)]
        assert (statuses[0], statuses[-1]) == (200, 429)
        refused = client.request(method, where + path, headers=key)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1


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
