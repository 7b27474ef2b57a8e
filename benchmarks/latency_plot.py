"""The latency table as a picture: median time over the number of items, both on logarithmic axes, one line a system and share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, floor, log10
from pathlib import Path

from assistant.interface.markup import Html, joined, tag, text
from benchmarks.table import Row, Table

WIDE, HIGH, LEFT, BELOW, RIGHT, ABOVE = 900, 520, 70, 50, 330, 20
SYSTEMS: Mapping[str, str] = {
    "search and re-rank": "#1f5fb4",
    "exact numpy": "#c2410c",
    "langchain-chroma, filter": "#7c3aed",
    "memory limit": "#4b5563",
}
DASHES = ("", "7 4", "2 4")
"""One a share, the largest first."""

Points = Sequence[tuple[float, float]]


def draw_latency(table: Table, path: Path) -> Table:
    """Writes the plot at `path`, and gives the table with a note of where it is; the table as it is where nothing can be drawn."""
    lines = dict(curves(table.rows))
    if not lines:
        return table
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(lines), encoding="utf-8")
    return table.model_copy(update={"notes": (*table.notes, f"plot: {path}")})


def curves(rows: Sequence[Row]) -> Iterator[tuple[tuple[str, float], Points]]:
    """For each system and share the (items, median milliseconds), fewest items first."""
    found: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for row in rows:
        head, _, system = row.system.partition(": ")
        if system in SYSTEMS and row.figures.get("p50_ms", 0) > 0:
            share = float(head.split(", ")[-1].split()[0])
            found.setdefault((system, share), []).append((row.figures["items"], row.figures["p50_ms"]))
    yield from ((key, sorted(points)) for key, points in found.items())


def svg(lines: Mapping[tuple[str, float], Points]) -> str:
    """A whole SVG document."""
    xs, ys = zip(*(point for points in lines.values() for point in points), strict=True)
    across, up = Axis(min(xs), max(xs), LEFT, WIDE - RIGHT), Axis(min(ys), max(ys), HIGH - BELOW, ABOVE)
    shares = sorted({share for _, share in lines}, reverse=True)
    drawn = [_frame(across, up)]
    for place, ((system, share), points) in enumerate(sorted(lines.items())):
        stroke, dash = SYSTEMS[system], DASHES[shares.index(share) % len(DASHES)]
        at = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        line = tag("polyline", points=at, fill="none", stroke=stroke, stroke_width="2", stroke_dasharray=dash or None)
        dots = joined(tag("circle", cx=f"{across(x):.1f}", cy=f"{up(y):.1f}", r="3", fill=stroke) for x, y in points)
        height, key_x = ABOVE + 14 + 20 * place, WIDE - RIGHT + 20
        style = {"stroke": stroke, "stroke_width": "2", "stroke_dasharray": dash or None}
        key = tag("line", x1=key_x, x2=key_x + 40, y1=height - 4, y2=height - 4, **style)
        drawn += [line, dots, key, _label(f"{system}, {share:g} kept", WIDE - RIGHT + 68, height)]
    return tag(
        "svg", *drawn, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDE} {HIGH}", font_family="sans-serif", font_size="12"
    )


class Axis:
    """A logarithmic axis in whole powers of ten, from `start` to `end` in the picture."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low = floor(log10(low))
        self.high = max(self.low + 1, ceil(log10(high)))
        self._start, self._span = start, end - start

    def __call__(self, value: float) -> float:
        return self._start + self._span * (log10(value) - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Its powers of ten."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def _frame(across: Axis, up: Axis) -> Html:
    parts = []
    for value in across.ticks():
        parts.append(
            tag("line", x1=f"{across(value):.1f}", x2=f"{across(value):.1f}", y1=ABOVE, y2=HIGH - BELOW, stroke="#d4d4d8")
        )
        parts.append(_label(f"{value:,.0f}", across(value) - 20, HIGH - BELOW + 18))
    for value in up.ticks():
        parts.append(tag("line", x1=LEFT, x2=WIDE - RIGHT, y1=f"{up(value):.1f}", y2=f"{up(value):.1f}", stroke="#d4d4d8"))
        parts.append(_label(f"{value:g} ms", 8, up(value) + 4))
    return joined((*parts, _label("items; median of a query, logarithmic", LEFT, HIGH - 10)))


def _label(words: str, x: float, y: float) -> Html:
    return tag("text", text(words), x=f"{x:.1f}", y=f"{y:.1f}", fill="#27272a")
