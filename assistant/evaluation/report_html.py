"""The report as one page that needs nothing else: no script, no address but its own, styles and drawings inside. Everything that a shopper,
a catalog or a model wrote is escaped, and the page forbids itself scripts besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from assistant.evaluation.compare import Comparison, compare, named
from assistant.evaluation.intervals import quantile
from assistant.evaluation.plain import visible
from assistant.evaluation.report_plots import count_rows, figure, histogram, share_rows, span_rows
from assistant.evaluation.report_text import paths_of, played_of, tags_of, times_of
from assistant.evaluation.report_turns import anchor, failing, folded
from assistant.evaluation.results import ConversationResult
from assistant.evaluation.sim_stats import wilson
from assistant.evaluation.sim_table import SimTable
from assistant.interface.markup import Html, joined, tag, text

Results = Sequence[ConversationResult]
SLOWEST = 10
MOST_PATHS = 15

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
"""


def html_report(
    results: Results, last: Results | None = None, sim: SimTable | None = None, settings: Mapping[str, str] | None = None
) -> str:
    """The whole page. `last`: an earlier run to set beside this one; `settings`: what it was played with, for the reader."""
    played, compared = played_of(results), compare(last, results) if last is not None else None
    passed = sum(result.passed for result in played)
    title = f"{passed} of {len(played)} conversations passed"
    before = {(each.id, each.attempt): each for each in last or ()}
    failed = [result for result in played if not result.passed]
    body = tag(
        "main",
        tag("h1", text(title)),
        _settings(settings or {}),
        _tiles(results, compared),
        _section("By tag", tag("div", _by_tag(results), class_="scroll")),
        _section("Plots", tag("div", *_plots(played, sim), class_="plots")) if played or sim else "",
        _section("Simulated shoppers", tag("div", _sim_table(sim), class_="scroll")) if sim else "",
        _section("Since the last run", *_since(compared)) if compared is not None else "",
        _section(
            "Failing", _index(failed), *(failing(each, before.get((each.id, each.attempt)), bool(compared)) for each in failed)
        )
        if failed
        else "",
        _section("Passing", *(folded(result) for result in played if result.passed)) if passed else "",
        *_skipped(results),
    )
    return f"{HEAD}<title>{text(title)}</title>\n<style>\n{stylesheet()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"


def stylesheet() -> str:
    """The page's styles, as they lie beside this file."""
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def _section(title: str, *parts: str) -> Html:
    return tag("section", tag("h2", text(title)), *parts)


def _settings(settings: Mapping[str, str]) -> Html:
    pairs = (tag("div", tag("dt", text(visible(key))), tag("dd", text(visible(value)))) for key, value in settings.items())
    return tag("dl", *pairs, class_="settings")


def _tiles(results: Results, compared: Comparison | None) -> Html:
    played, times = played_of(results), times_of(results)
    passed, failures = sum(result.passed for result in played), sum(len(result.all_failures) for result in played)
    skipped, sure = len(results) - len(played), wilson(passed, len(played))
    turns = [turn for result in played for turn in result.turns]
    calls, tokens = sum(t.usage.model_calls for t in turns), sum(t.usage.prompt_tokens + t.usage.completion_tokens for t in turns)
    rate = f"passed; 95 % interval {sure.low:.2f} to {sure.high:.2f}"
    found = [
        (f"{passed}/{len(played)}", rate, "good" if passed == len(played) else "bad"),
        (str(failures), "expectations not met", "bad" if failures else "good"),
        (str(len(turns)), "turns", None),
    ]
    if skipped:
        found.append((str(skipped), "skipped", None))
    if times:
        middle = f"{quantile(times, 0.5):.0f} ms"
        found.append((middle, f"a turn at the median; {quantile(times, 0.95):.0f} in 19 of 20, {max(times):.0f} at most", None))
    if calls:
        found.append((str(calls), f"model calls, {tokens:,} tokens", None))
    if compared is not None:
        found.append((str(len(compared.newly_failing)), "newly failing", "bad" if compared.newly_failing else "good"))
        found.append((str(len(compared.newly_passing)), "newly passing", "good" if compared.newly_passing else None))
    return tag("ul", *(tag("li", tag("b", text(a)), tag("span", text(b)), class_=kind) for a, b, kind in found), class_="tiles")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """A table whose last row is that of all."""
    lines = [tag("tr", *(tag("td", text(visible(cell))) for cell in row)) for row in rows[:-1]]
    lines += [tag("tr", *(tag("td", text(visible(cell))) for cell in row), class_="all") for row in rows[-1:]]
    return tag("table", tag("thead", tag("tr", *(tag("th", text(each), scope="col") for each in head))), tag("tbody", *lines))


def _by_tag(results: Results) -> Html:
    groups = [(name, [each for each in played_of(results) if name in each.tags]) for name in tags_of(results)]
    head = ("tag", "conversations", "passed", "rate", "95 % interval", "turns", "failures")
    return _table(head, [_tag_row(name, group) for name, group in (*groups, ("all", played_of(results)))])


def _tag_row(name: str, group: Results) -> tuple[str, ...]:
    passed, n = sum(result.passed for result in group), len(group)
    sure = wilson(passed, n)
    rate = (f"{passed / n:.2f}", f"{sure.low:.2f} to {sure.high:.2f}") if n else ("-", "-")
    turns, failures = sum(len(each.turns) for each in group), sum(len(each.all_failures) for each in group)
    return (name, str(n), str(passed), *rate, str(turns), str(failures))


def _plots(played: Results, sim: SimTable | None) -> Iterator[Html]:
    rates = [_rate(name, [each for each in played if name in each.tags]) for name in tags_of(played)]
    if rates:
        yield figure("Pass rate by tag", "0 to 1, with the 95 % interval", share_rows(rates))
    if paths := paths_of(played):
        note = "how often, most often first" + (f"; {len(paths) - MOST_PATHS} paths more" if len(paths) > MOST_PATHS else "")
        yield figure("What failed", note, count_rows([(path.removeprefix("expect."), n) for path, n in paths[:MOST_PATHS]]))
    if times := times_of(played):
        yield figure("Time of a turn", "how many turns took how long; lines: median and 95th percentile", histogram(times))
        rows = [(named((r.id, r.attempt)), quantile(t, 0.5), quantile(t, 0.95), len(t)) for r in played if (t := times_of([r]))]
        slowest = sorted(rows, key=lambda row: (-row[2], row[0]))[:SLOWEST]
        yield figure("Slowest conversations", "median of their turns, line to the 95th percentile", span_rows(slowest))
    if sim:
        right = [(row.habit, row.right.hits, row.right.n, row.right.low, row.right.high) for row in sim]
        target = [(row.habit, row.target.hits, row.target.n, row.target.low, row.target.high) for row in sim]
        yield figure(
            "Simulated shoppers: a right end", 'a fitting item, or a right "nothing fits"', share_rows(right, judged=False)
        )
        yield figure(
            "Simulated shoppers: the target", "took the very item that they had in mind", share_rows(target, judged=False)
        )


def _rate(name: str, group: Results) -> tuple[str, int, int, float, float]:
    sure = wilson(sum(result.passed for result in group), len(group))
    return name, sure.hits, sure.n, sure.low, sure.high


def _sim_table(sim: SimTable) -> Html:
    head = ("habit", "dialogues", "right end", "target", "median turns", "items seen", "repeated questions", "violations")
    rows = []
    for row in sim:
        right, target = (f"{each.share:.3f} ({each.low:.3f} to {each.high:.3f})" for each in (row.right, row.target))
        turns = f"{row.median_turns:g}" if row.median_turns is not None else "-"
        counts = (f"{row.items_seen:.1f}", str(row.repeated_questions), str(row.violations))
        rows.append((row.habit, str(row.dialogues), right, target, turns, *counts))
    return _table(head, rows)


def _since(compared: Comparison) -> Iterator[Html]:
    total = compared.total
    span = f"95 % interval {total.interval.low:+.3f} to {total.interval.high:+.3f}, p = {total.p:.3f}"
    yield tag("p", text(f"{total.pairs.count} pairs; the pass rate moved by {total.difference:+.3f} ({span})."))
    for lead, changes in (("Newly failing", compared.newly_failing), ("Newly passing", compared.newly_passing)):
        links = [tag("a", text(named((c.id, c.attempt))), href=f"#c-{c.id}-{c.attempt}") for c in changes]
        if links:
            yield tag("p", text(f"{lead}: "), Html(", ".join(links)))
    only = (("Only in the last run", compared.only_before), ("Only in this run", compared.only_after))
    for lead, keys in (*only, ("Not played in both", compared.unplayed)):
        if keys:
            yield tag("p", text(f"{lead}: {', '.join(map(named, keys))}"), class_="about")


def _index(failed: Results) -> Html:
    links = (tag("li", tag("a", text(named((each.id, each.attempt))), href=f"#{anchor(each)}")) for each in failed)
    return tag("ul", *links, class_="index") if len(failed) > 1 else joined(())


def _skipped(results: Results) -> Iterator[Html]:
    skipped = [result for result in results if result.skipped is not None]
    items = (tag("li", tag("b", text(named((r.id, r.attempt)))), text(f": {visible(r.skipped)}")) for r in skipped)
    if skipped:
        yield _section("Skipped", tag("ul", *items))
