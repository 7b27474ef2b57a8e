"""The plot: one bar a system, to scale, with nothing of a name read as markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.plot import COLORS, bar_chart, headline
from benchmarks.table import Row, Table

NAME = "{http://www.w3.org/2000/svg}"
TABLE = Table(
    bench="next-item",
    rows=(
        Row(system="ours", ours=True, figures={"hr@10": 0.1, "ndcg@10": 0.06, "ndcg@10_se": 0.01, "fit_s": 1}),
        Row(system="<b>&peer", figures={"ndcg@10": 0.03}),
        Row(system="another", source="published", figures={"ndcg@10": 0.015}),
        Row(system="without", figures={"fit_s": 3}),
    ),
)


def bars(svg: str) -> list[tuple[str, float]]:
    """(colour, width) of each bar."""
    root = ET.fromstring(svg)
    found = [each for each in root.iter(f"{NAME}rect") if each.get("fill") in COLORS.values() and each.get("width") != "12"]
    return [(each.get("fill") or "", float(each.get("width") or 0)) for each in found]


def test_bars_are_to_scale_and_say_whose_they_are() -> None:
    (ours, first), (peer, second), (published, third) = bars(bar_chart(TABLE))
    assert [ours, peer, published] == [COLORS["ours"], COLORS["measured"], COLORS["published"]]
    assert abs(first - 2 * second) < 0.2
    assert abs(second - 2 * third) < 0.2


def test_names_are_text_and_the_figure_is_named() -> None:
    svg = bar_chart(TABLE)
    texts = [each.text for each in ET.fromstring(svg).iter(f"{NAME}text")]
    assert "next-item: ndcg@10" in texts
    assert "0.0600" in texts
    assert "&lt;b&gt;&amp;peer" in svg
    assert "without" not in svg


def test_the_figure_that_is_drawn_is_the_preferred_one_that_is_there() -> None:
    assert headline(TABLE) == "ndcg@10"
    assert headline(Table(bench="x", rows=(Row(system="a", figures={"n": 3, "p50_ms": 2}),))) == "p50_ms"
    assert headline(Table(bench="x", rows=(Row(system="a", figures={"f1": 3}),))) == "f1"
    assert headline(Table(bench="x", rows=())) == ""
    assert bars(bar_chart(Table(bench="x", rows=()))) == []


@example(drawn=[(":", 5e-324)])
@given(st.lists(st.tuples(st.text(st.characters(categories=("L", "P", "S", "Zs")), min_size=1), st.floats(0, 1e6))))
def test_any_table_is_a_picture_within_its_page(drawn: list[tuple[str, float]]) -> None:
    table = Table(bench="any", rows=tuple(Row(system=name, figures={"p50_ms": value}) for name, value in drawn))
    assert all(0 <= width <= 960 for _, width in bars(bar_chart(table)))
    assert len(bars(bar_chart(table))) == len(drawn)
