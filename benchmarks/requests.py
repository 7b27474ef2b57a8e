"""Sixty labelled requests to fashion20k: does the shop show what was asked for, and nothing else?

Each message opens a conversation with the whole product (no language model); where it shows a full row, "show me more" follows, and the first
five of both are judged by the source's own columns and words (`requests_few.py`, `requests_many.py`). Rows that two careful people would label
differently are neither rewarded nor punished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

import pyarrow.parquet as pq

from app import UNHURRIED, Service, close, make_service
from assistant.events import DoneEvent
from assistant.query import SHOWN
from assistant.settings import Settings
from benchmarks import requests_few, requests_many
from benchmarks.errors import BenchmarkFailed, BenchmarkRefused
from benchmarks.requests_plot import draw_requests
from benchmarks.requests_tests import Request, SourceRow, source_row
from benchmarks.table import Row, Table

REQUESTS: tuple[Request, ...] = (*requests_few.REQUESTS, *requests_many.REQUESTS)
ITEMS = "items.parquet"
COLUMNS = ("item_id", "source", "title", "description", "brand", "category", "colour", "pattern", "department", "price")
MORE = "show me more"
FIRST = 5
ENOUGH = 3
STACKED = 3
"""So many constraints and more are stacked."""
PUBLISHED = (("StyleMaitri, all of its 54 requests", 0.841), ("StyleMaitri, those of several constraints", 0.636))
"""Precision@5 that another assistant publishes, labelled by hand, on requests and a catalog of its own."""


class Played(NamedTuple):
    """What one request came to. `shown`: how many items its first answer held; `verdicts` of the first five, `violated` the conditions that
    the wrong ones among them break; `exist`: how many right rows the source has."""

    request: Request
    shown: int
    verdicts: tuple[Literal["right", "arguable", "wrong"], ...]
    violated: tuple[str, ...]
    exist: int

    @property
    def precision(self) -> float | None:
        """The share of right ones among the first five that can be judged; None where there are none."""
        judged = [verdict for verdict in self.verdicts if verdict != "arguable"]
        return judged.count("right") / len(judged) if judged else None


def requests(settings: Settings, data: Path | None = None) -> Table:
    """The benchmark of that name. `data`: the folder of fashion20k. Its index lies in the data folder, and is built first where it must; the
    plot is left under `benchmarks` there. Raises `BenchmarkRefused` where the folder is another, `BenchmarkFailed` where no answer comes."""
    if data is None or not (data / ITEMS).is_file():
        raise BenchmarkRefused(f"{data}: found no {ITEMS}; allowed: the folder of fashion20k; name it with --data")
    source = {row["item_id"]: source_row(row) for row in pq.read_table(data / ITEMS, columns=list(COLUMNS)).to_pylist()}
    with TemporaryDirectory() as scratch:
        own = {"catalog": data, "model": "none", "database_url": f"sqlite:///{scratch}/requests.sqlite3"}
        service = make_service(settings.model_copy(update=own), limits=UNHURRIED)
        try:
            service.retrieval.embedder.embed(["warm up"])
            played = [play(service, request, source) for request in REQUESTS]
        finally:
            close(service)
            service.retrieval.engine.close()
    table = Table(bench="requests", rows=tuple(rows(played)), notes=(*notes(), *found_wrong(played)))
    return draw_requests(played, table, settings.data_dir / "benchmarks" / "requests.svg")


def play(service: Service, request: Request, source: dict[str, SourceRow]) -> Played:
    """Says the request, and for more where a full row is shown; judges the first five items."""
    conversation, token = service.sessions.create()

    def say(message: str) -> list[str]:
        for event in service.sessions.turn(conversation.conversation_id, token, message):
            if isinstance(event, DoneEvent):
                return [product.product_id for product in event.record.products]
        raise BenchmarkFailed(f"the request {request.request_id} was not answered; look into events.jsonl")

    shown = say(request.message)
    ranked = shown if len(shown) < SHOWN else [*shown, *say(MORE)]
    first = [source[product_id] for product_id in dict.fromkeys(ranked)][:FIRST]
    verdicts = tuple(request.verdict(row) for row in first)
    violated = tuple(name for row in first for name in request.failed(row))
    exist = sum(request.verdict(row) == "right" for row in source.values())
    return Played(request, len(shown), verdicts, violated, exist)


KINDS: Sequence[tuple[str, Callable[[Played], bool]]] = (
    ("all requests", lambda one: True),
    ("one constraint", lambda one: one.request.count == 1),
    ("two constraints", lambda one: one.request.count == 2),
    (f"stacked: {STACKED} constraints or more", lambda one: one.request.count >= STACKED),
    ("with something refused", lambda one: any(name.endswith("_not") for name in one.request.asks)),
    ("fewer than three exist", lambda one: one.exist < ENOUGH),
)


def rows(played: Sequence[Played]) -> Iterable[Row]:
    """A row for each kind of request, then what others publish."""
    for name, belongs in KINDS:
        some = [one for one in played if belongs(one)]
        yield Row(system=name, ours=True, figures=figures(some))
    for name, precision in PUBLISHED:
        yield Row(system=name, source="published", figures={"precision@5": precision})


def figures(some: Sequence[Played]) -> dict[str, float]:
    """n requests; precision@5, the mean over those that have judged items; items that break a condition; items that the first answer shows and
    right ones that exist, a request; and of those where three right ones exist the share that are shown three, and three of five right."""
    precise = [one.precision for one in some if one.precision is not None]
    three = [one for one in some if one.exist >= ENOUGH]
    found: dict[str, float] = {"n": len(some), "violations": sum(one.verdicts.count("wrong") for one in some)}
    if precise:
        found["precision@5"] = round(fmean(precise), 4)
    if some:
        found["shown"] = round(fmean(one.shown for one in some), 2)
        found["exist"] = round(fmean(one.exist for one in some), 1)
    if three:
        found["three_shown"] = round(fmean(one.shown >= ENOUGH for one in three), 4)
        found["three_right"] = round(fmean(one.verdicts.count("right") >= ENOUGH for one in three), 4)
    return found


def notes() -> tuple[str, ...]:
    """What one must know to read the table."""
    return (
        "fashion20k, the whole product without a language model; labelled by rules over the source, by somebody who had not read the code",
        f"precision@5: right ones among the first {FIRST} judged items of the answer and of '{MORE}'; arguable rows are not judged",
        "violations: shown items that break a condition of the label, by the source's own columns and words",
        f"three_shown, three_right: of the requests for which {ENOUGH} right items exist",
        "published: that assistant's own figures, on a catalog of 52,000 items",
    )


def found_wrong(played: Sequence[Played]) -> Iterable[str]:
    """Each request with a wrong item or fewer than three where three exist, and why."""
    for one in played:
        short = one.exist >= ENOUGH and one.shown < ENOUGH
        if one.violated or short:
            why = ", ".join(f"{name} {count}" for name, count in Counter(one.violated).most_common())
            yield f"{one.request.request_id} {one.request.message!r}: {one.shown} shown of {one.exist}; broken: {why or 'none'}"
