"""Plots as markup: bars and intervals as SVG that stretches with the page, words beside them as text that does not. Pure; all text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from assistant.evaluation.intervals import quantile
from assistant.evaluation.plain import visible
from assistant.interface.markup import Html, joined, tag, text

BINS = 14
WIDE, HIGH = 1000, 100


def figure(title: str, note: str, *parts: Html) -> Html:
    """A plot with its title, and what it shows in a sentence."""
    return tag("figure", tag("figcaption", tag("strong", text(title)), tag("span", text(note))), *parts)


def share_rows(rows: Iterable[tuple[str, int, int, float, float]], judged: bool = True) -> Html:
    """A row for each (name, hits, of, low, high): the share as a mark, its interval as a line, 0 to 1 across. `judged`: anything but all
    is a fault, and drawn as one."""
    return joined(
        _row(
            name,
            _svg(
                _interval(hits / of if of else None, low, high, judged),
                f"{name}: {hits} of {of}, interval {low:.2f} to {high:.2f}",
            ),
            f"{hits / of:.2f}" if of else "none",
            f"{hits}/{of}",
        )
        for name, hits, of, low, high in rows
    )


def count_rows(rows: Sequence[tuple[str, int]]) -> Html:
    """A bar for each (name, count), the longest as wide as there is room."""
    most = max((count for _, count in rows), default=1)
    return joined(
        _row(name, _svg(_bar(0, WIDE * count / most, "bad"), f"{name}: {count}"), str(count), "") for name, count in rows
    )


def span_rows(rows: Sequence[tuple[str, float, float, int]]) -> Html:
    """A row for each (name, median, p95, n): a bar to the median, a line on to the 95th percentile; milliseconds."""
    most = max((high for _, _, high, _ in rows), default=1.0) or 1.0
    return joined(
        _row(
            name,
            _svg(
                joined((_bar(0, WIDE * middle / most, "plain"), _line(WIDE * middle / most, WIDE * high / most))),
                f"{name}: median {middle:.0f} ms, 95th percentile {high:.0f} ms of {n} turns",
            ),
            f"{middle:.0f} ms",
            f"p95 {high:.0f}",
        )
        for name, middle, high, n in rows
    )


def histogram(values: Sequence[float]) -> Html:
    """How many turns took how long: bars of equal width from 0 to the longest, milliseconds, with median and 95th percentile marked."""
    longest = max(values)
    width = max(1, ceil(longest / BINS))
    counts = [0] * (int(longest // width) + 1)
    for value in values:
        counts[int(value // width)] += 1
    end, most = width * len(counts), max(counts)
    bars = [
        tag(
            "rect",
            tag("title", text(f"{place * width} to {(place + 1) * width} ms: {count} turns")),
            x=f"{WIDE * place / len(counts) + 2:.1f}",
            y=f"{HIGH - HIGH * count / most:.1f}",
            width=f"{WIDE / len(counts) - 4:.1f}",
            height=f"{HIGH * count / most:.1f}",
            class_="plain",
        )
        for place, count in enumerate(counts)
    ]
    middle, high = quantile(values, 0.5), quantile(values, 0.95)
    marks = [_upright(WIDE * at / end, 0, HIGH) for at in (middle, high)]
    told = f"{len(values)} turns: median {middle:.0f} ms, 95th percentile {high:.0f} ms, at most {longest:.0f} ms"
    return joined(
        (
            _svg(joined((*bars, *marks)), told, "tall"),
            tag(
                "p",
                *(tag("span", text(label)) for label in ("0 ms", f"median {middle:.0f}, p95 {high:.0f}", f"{end} ms")),
                class_="axis",
            ),
        )
    )


def _row(name: str, drawn: Html, value: str, detail: str) -> Html:
    return tag(
        "div",
        tag("span", text(visible(name)), class_="name"),
        drawn,
        tag("span", tag("b", text(value)), text(f" {detail}"), class_="value"),
        class_="row",
    )


def _svg(inner: Html, told: str, kind: str = "flat") -> Html:
    label = visible(told)
    return tag("svg", inner, viewBox=f"0 0 {WIDE} {HIGH}", preserveAspectRatio="none", role="img", aria_label=label, class_=kind)


def _interval(share: float | None, low: float, high: float, judged: bool) -> Html:
    base = tag("rect", x="0", y="30", width=WIDE, height="40", class_="track")
    # A mark of its own width stays whole at both ends.
    kind = "plain" if not judged else "good" if share == 1 else "bad"
    mark = _bar(max(0.0, min(WIDE - 12.0, WIDE * share - 6)), 12, kind, 12, 76) if share is not None else None
    return joined((base, _line(WIDE * low, WIDE * high), mark))


def _bar(left: float, width: float, kind: str, top: int = 20, height: int = 60) -> Html:
    return tag("rect", x=f"{left:.1f}", y=top, width=f"{max(width, 4.0):.1f}", height=height, class_=kind)


def _line(left: float, right: float) -> Html:
    ends = joined(_upright(at, 30, 70) for at in (left, right))
    return joined((tag("line", x1=f"{left:.1f}", x2=f"{right:.1f}", y1="50", y2="50", class_="span"), ends))


def _upright(at: float, top: int, bottom: int) -> Html:
    return tag("line", x1=f"{at:.1f}", x2=f"{at:.1f}", y1=top, y2=bottom, class_="span")
