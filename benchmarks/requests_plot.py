"""The requests as a picture: one bar a request, its five places coloured by what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from assistant.interface.markup import Html, joined, tag, text
from benchmarks.requests_tests import Request
from benchmarks.table import Table

COLOURS = {"right": "#15803d", "arguable": "#a1a1aa", "wrong": "#b91c1c"}
LINE, CELL, LEFT, WIDE = 18, 26, 620, 860


class Judged(Protocol):
    """A request and the verdicts on what it was shown."""

    @property
    def request(self) -> Request:
        """What was asked."""

    @property
    def verdicts(self) -> Sequence[str]:
        """Of the first five, in their order."""

    @property
    def exist(self) -> int:
        """How many right ones there are."""


def draw_requests(played: Sequence[Judged], table: Table, path: Path) -> Table:
    """Writes the plot at `path`, and gives the table with a note of where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(played), encoding="utf-8")
    return table.model_copy(update={"notes": (*table.notes, f"plot: {path}")})


def svg(played: Sequence[Judged]) -> str:
    """A whole SVG document."""
    high = LINE * (len(played) + 2)
    lines = [_line(one, LINE * (place + 1)) for place, one in enumerate(played)]
    keys = [tag("tspan", text(f" {name} "), fill=colour) for name, colour in COLOURS.items()]
    head = tag("text", text("first five items of each request:"), *keys, x="8", y="14", fill="#27272a")
    frame = {"viewBox": f"0 0 {WIDE} {high}", "font_family": "sans-serif", "font_size": "12"}
    return tag("svg", head, *lines, xmlns="http://www.w3.org/2000/svg", **frame)


def _line(one: Judged, top: int) -> Html:
    cells = [
        tag("rect", x=LEFT + CELL * place, y=top + 3, width=CELL - 3, height=LINE - 5, fill=COLOURS[verdict])
        for place, verdict in enumerate(one.verdicts)
    ]
    named = tag("text", text(f"{one.request.request_id} {one.request.message}"), x="8", y=top + 14, fill="#27272a")
    exist = tag("text", text(f"of {one.exist}"), x=LEFT + 5 * CELL + 8, y=top + 14, fill="#27272a")
    return joined((named, *cells, exist))
