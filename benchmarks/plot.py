"""A table as a picture: a bar a system for one figure of it, with its standard error, as SVG without outside fonts or scripts."""

from __future__ import annotations

from html import escape

from benchmarks.table import Row, Table

WIDTH, LEFT, RIGHT, LINE, TOP, BOTTOM = 960, 380, 90, 24, 44, 14
"""Pixels: of the page, before the bars, behind them, a bar with its gap, above and below the bars."""
COLORS = {"ours": "#1f6f54", "measured": "#8a97a6", "published": "#d3b673"}
LEGEND = {"ours": "this project", "measured": "peers, measured in the same run", "published": "published by others"}
PREFERRED = ("ndcg@10", "hr_1@10", "hr@10", "accuracy", "p50_ms")
"""What is drawn, where a table has it, the first of these; else its first figure."""


def bar_chart(table: Table) -> str:
    """The SVG, in the table's order; systems without the figure are left out. An empty chart where no row has a figure."""
    metric = headline(table)
    rows = [row for row in table.rows if metric in row.figures]
    most = max((abs(row.figures[metric]) + row.figures.get(f"{metric}_se", 0.0) for row in rows), default=0.0) or 1.0
    height = TOP + LINE * len(rows) + BOTTOM
    bars = [_bar(row, metric, TOP + LINE * place, most) for place, row in enumerate(rows)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
            f"<title>{escape(f'{table.bench}: {metric}')}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text x="10" y="24" font-size="16" font-weight="bold">{escape(f"{table.bench}: {metric}")}</text>',
            *_legend(rows),
            *bars,
            "</svg>\n",
        ]
    )


def headline(table: Table) -> str:
    """The figure that is drawn."""
    there = list(dict.fromkeys(name for row in table.rows for name in row.figures if name not in table.hidden))
    return next((name for name in PREFERRED if name in there), there[0] if there else "")


def _kind(row: Row) -> str:
    return "published" if row.source == "published" else "ours" if row.ours else "measured"


def _bar(row: Row, metric: str, top: int, most: float) -> str:
    """`most`: what fills the width; a value is divided by it first, for one near 0 would make a scale without end."""
    span = WIDTH - LEFT - RIGHT
    value, error = row.figures[metric], row.figures.get(f"{metric}_se", 0.0)
    middle, end, reach = top + LINE / 2, LEFT + abs(value) / most * span, error / most * span
    name = row.system if len(row.system) <= 58 else f"{row.system[:57]}…"
    shown = f"{value:.4f}" if "@" in metric else f"{value:,.4g}"
    parts = [
        f'<text x="{LEFT - 8}" y="{middle + 4:.0f}" text-anchor="end"><title>{escape(row.system)}</title>{escape(name)}</text>',
        f'<rect x="{LEFT}" y="{top + 4}" width="{end - LEFT:.1f}" height="{LINE - 8}" fill="{COLORS[_kind(row)]}"/>',
        f'<text x="{end + reach + 6:.1f}" y="{middle + 4:.0f}">{shown}</text>',
    ]
    if error:
        low, high = max(LEFT, end - reach), end + reach
        parts.append(f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#111111" stroke-width="1.5"/>')
    return "".join(parts)


def _legend(rows: list[Row]) -> list[str]:
    """A swatch a kind of system that is there, from the right edge of the names on."""
    kinds = [kind for kind in COLORS if any(_kind(row) == kind for row in rows)]
    return [
        f'<rect x="{LEFT + 190 * place}" y="14" width="12" height="12" fill="{COLORS[kind]}"/>'
        f'<text x="{LEFT + 190 * place + 18}" y="24" font-size="11">{LEGEND[kind]}</text>'
        for place, kind in enumerate(kinds)
    ]
