"""How long a shopper waits: turns of the demo shop over real HTTP, one shopper at a time, without a language model.

The whole service runs in this process, on a port of its own of the loopback interface. Thirty messages are played as ten conversations,
once with the events as they come and once as JSON. Each playing fills other words in, so that no vector of a query is remembered.
"""

from __future__ import annotations

import gc
import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
import uvicorn
from fastapi import FastAPI

from app import close, make_app, make_service, start_models
from assistant.settings import Settings
from benchmarks.errors import BenchmarkFailed
from benchmarks.table import Row, Table

SCRIPTS: tuple[tuple[str, ...], ...] = (
    (
        "A {color} dress for a summer wedding, under {budget} euro, not lace",
        "actually {other}, and I'm a size M",
        "something cheaper",
    ),
    ("A gift for my sister, she runs, under {budget} euro", "show me more", "not this one, too plain"),
    ("{color} trainers in 42", "more like the second one", "what goes with it?"),
    ("I need a warm coat for my husband, max {high}", "which one is best rated?", "add it to my basket"),
    ("What is on offer?", "a {color} jumper in wool", "why this one?"),
    ("How do returns work?", "and how long does delivery take?", "thanks"),
    ("jeans, {other}, slim fit, between 30 and {high}", "compare the first two", "is the first one machine washable?"),
    ("a {material} bag for the office", "the colour doesn't matter", "add the first to my basket, code WELCOME10"),
    ("pyjamas for my daughter, {color}, at most 30 euro", "in 128", "cheapest first"),
    ("something elegant for the opera, I don't like {other}", "what do you know about me?", "start over"),
)
"""Ten conversations of three messages; the words in braces change with each playing."""

WARM_UP: Mapping[str, str] = {"color": "grey", "other": "beige", "material": "canvas", "budget": "90", "high": "140"}
STREAMED: Mapping[str, str] = {"color": "red", "other": "blue", "material": "leather", "budget": "80", "high": "120"}
WHOLE: Mapping[str, str] = {"color": "green", "other": "black", "material": "suede", "budget": "70", "high": "150"}

READY_SECONDS = 180.0


class Waited(NamedTuple):
    """Seconds from sending a message: to the first card, to the first checked section (None where the turn has none), to the end."""

    first_card: float | None
    first_section: float | None
    whole: float


def guide(settings: Settings, _: Path | None = None) -> Table:
    """The benchmark of that name. Its index and database lie under `benchmarks` in the data folder; whatever else `settings` say of models,
    stores and catalogs is not used. Raises `BenchmarkFailed` where a turn is not answered."""
    own = Settings(data_dir=settings.data_dir / "benchmarks", model="none", now=settings.now)
    service = make_service(own)
    application = make_app(service)
    gc.freeze()  # as `shopguide serve` does
    start_models(service)
    with served(application) as address:
        await_ready(address)
        play(address, SCRIPTS[:3], WARM_UP, streamed=True)
        play(address, SCRIPTS[:3], WARM_UP, streamed=False)
        streamed = play(address, SCRIPTS, STREAMED, streamed=True)
        whole = play(address, SCRIPTS, WHOLE, streamed=False)
    items = len(service.retrieval.catalog.products)
    gc.unfreeze()
    close(service)
    service.retrieval.engine.close()
    return table(streamed, whole, items)


def table(streamed: Sequence[Waited], whole: Sequence[Waited], items: int) -> Table:
    """What was waited, by what was waited for."""
    measured: dict[str, list[float | None]] = {
        "first card, streamed": [each.first_card for each in streamed],
        "first section, streamed": [each.first_section for each in streamed],
        "whole turn, streamed": [each.whole for each in streamed],
        "whole turn, JSON": [each.whole for each in whole],
    }
    rows = [row(name, [each for each in seconds if each is not None]) for name, seconds in measured.items()]
    peer = Row(system="StyleMaitri, local model, whole turn", source="published", figures={"p50_ms": 7500, "p95_ms": 14000})
    notes = (
        f"over HTTP on loopback, after warm-up, one shopper at a time, demo shop of {items:,} items, no language model",
        "turns without cards (a question about returns) do not count for the first card",
        "published: another assistant's own figures on its own machine, with three calls of a local model a turn",
    )
    return Table(bench="guide", rows=(*rows, peer), notes=notes)


def row(name: str, seconds: Sequence[float]) -> Row:
    """Median and 95th percentile in milliseconds; without any figure where nothing was waited for."""
    if not seconds:
        return Row(system=name, ours=True, figures={"n": 0})
    p50, p95 = (round(float(each) * 1000, 1) for each in np.percentile(seconds, (50, 95)))
    return Row(system=name, ours=True, figures={"p50_ms": p50, "p95_ms": p95, "n": len(seconds)})


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Runs an application in a thread, on a free port of the loopback interface; its address. Ends it afterwards."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="benchmark-server", daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise BenchmarkFailed("the server ended before it listened; run `shopguide serve` to see why")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def await_ready(address: str, seconds: float = READY_SECONDS) -> None:
    """Waits until a turn can be answered without waiting. Raises `BenchmarkFailed` where that takes longer than `seconds`."""
    stop_at = time.monotonic() + seconds
    with client_of(address) as client:
        while client.get("/healthz").status_code != 200:
            if time.monotonic() > stop_at:
                raise BenchmarkFailed(f"the service was not ready after {seconds:.0f} s; run `shopguide serve` to see why")
            time.sleep(0.2)


def client_of(address: str) -> httpx.Client:
    """A client that uses no proxy."""
    return httpx.Client(base_url=address, timeout=60, trust_env=False)


def play(address: str, scripts: Iterable[Sequence[str]], words: Mapping[str, str], *, streamed: bool) -> list[Waited]:
    """What was waited for each message. Each script is a conversation of its own, and is erased at its end."""
    waited: list[Waited] = []
    ask = turn_streamed if streamed else turn_whole
    with client_of(address) as client:
        for script in scripts:
            made = client.post("/api/conversations")
            expect(made, 201)
            given = made.json()
            path, headers = f"/api/conversations/{given['conversation_id']}", {"Authorization": f"Bearer {given['token']}"}
            waited += [ask(client, path, headers, message.format(**words)) for message in script]
            expect(client.delete(path, headers=headers), 204)
    return waited


def turn_whole(client: httpx.Client, path: str, headers: Mapping[str, str], message: str) -> Waited:
    """One turn as JSON."""
    start = time.perf_counter()
    answer = client.post(f"{path}/turns", headers=dict(headers), json={"message": message})
    seconds = time.perf_counter() - start
    expect(answer, 200)
    return Waited(None, None, seconds)


def turn_streamed(client: httpx.Client, path: str, headers: Mapping[str, str], message: str) -> Waited:
    """One turn as events."""
    first_card = first_section = None
    start = time.perf_counter()
    asked = {**headers, "Accept": "text/event-stream"}
    with client.stream("POST", f"{path}/turns", headers=asked, json={"message": message}) as answer:
        if answer.status_code != 200:
            answer.read()
        expect(answer, 200)
        for event, data in events(answer.iter_lines()):
            passed = time.perf_counter() - start
            if event == "products" and first_card is None and json.loads(data)["products"]:
                first_card = passed
            elif event == "section" and first_section is None:
                first_section = passed
            elif event == "done":
                return Waited(first_card, first_section, passed)
            elif event == "error":
                raise BenchmarkFailed(f"a turn ended with an error: {json.loads(data)['detail']}")
    raise BenchmarkFailed("a turn's events ended without `done`; run `shopguide serve` and look into events.jsonl")


def events(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(event, data) of server-sent events whose data is one line, as this service sends them."""
    event = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data":
            yield event, value


def expect(answer: httpx.Response, status: int) -> None:
    """Raises `BenchmarkFailed` with what the service said where the status is another."""
    if answer.status_code != status:
        raise BenchmarkFailed(f"the service answered {answer.status_code} and not {status}: {answer.text[:300]}")
