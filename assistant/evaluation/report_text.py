"""The report for a terminal: a row a tag, every failing turn with what was said, expected and found, what fails most, and how long turns took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from assistant.evaluation.compare import named
from assistant.evaluation.intervals import quantile
from assistant.evaluation.plain import cut, one_line, visible
from assistant.evaluation.results import ConversationResult
from assistant.evaluation.sim_stats import wilson
from assistant.evaluation.sim_table import SimTable

LONGEST = 300
"""Characters of one text of a failure that a terminal is given; the HTML report has them all."""


def summary(results: Sequence[ConversationResult], sim: SimTable | None = None) -> str:
    """All of it as text. What shoppers, catalog and models said cannot steer the terminal."""
    return "\n".join(
        (
            *_table(results),
            "",
            *_failures(results),
            *_paths(results),
            *_skipped(results),
            *(_simulated(sim) if sim else ()),
            _last_line(results),
        )
    )


def tags_of(results: Sequence[ConversationResult]) -> tuple[str, ...]:
    """Every tag, sorted."""
    return tuple(sorted({tag for result in results for tag in result.tags}))


def played_of(results: Sequence[ConversationResult]) -> list[ConversationResult]:
    """Those that were not skipped."""
    return [result for result in results if result.skipped is None]


def times_of(results: Sequence[ConversationResult]) -> list[float]:
    """Milliseconds of every turn whose time is known; a run that was read from a file has none."""
    return [turn.milliseconds for result in results for turn in result.turns if turn.milliseconds > 0]


def paths_of(results: Sequence[ConversationResult]) -> list[tuple[str, int]]:
    """What failed and how often, most often first."""
    counts = Counter(failure.path for result in played_of(results) for _, failure in result.all_failures)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _table(results: Sequence[ConversationResult]) -> Iterator[str]:
    played, tags = played_of(results), tags_of(results)
    wide = max([16, *(len(visible(tag)) + 2 for tag in tags)])
    yield f"{'tag':<{wide}}{'conversations':>13}{'passed':>8}{'rate':>7}{'95 % interval':>17}{'turns':>7}{'failures':>10}"
    for tag in tags:
        yield _row(f"{visible(tag):<{wide}}", [result for result in played if tag in result.tags])
    yield _row(f"{'all':<{wide}}", played)


def _row(name: str, played: Sequence[ConversationResult]) -> str:
    failures, turns = sum(len(result.all_failures) for result in played), sum(len(result.turns) for result in played)
    passed = sum(result.passed for result in played)
    rate = f"{passed / len(played):.2f}" if played else "-"
    sure = wilson(passed, len(played))
    span = f"{sure.low:.2f} to {sure.high:.2f}" if played else "-"
    return f"{name}{len(played):>13}{passed:>8}{rate:>7}{span:>17}{turns:>7}{failures:>10}"


def _failures(results: Sequence[ConversationResult]) -> Iterator[str]:
    for result in played_of(results):
        if result.passed:
            continue
        yield f"{named((result.id, result.attempt))} [{', '.join(map(visible, result.tags))}]"
        last: int | None = 0
        for place, failure in result.all_failures:
            if place != last:
                said = cut(one_line(result.turns[place - 1].user), LONGEST) if place is not None else ""
                yield f'  turn {place}: "{said}"' if place is not None else "  over all turns"
            last = place
            expected, found = (cut(one_line(text), LONGEST) for text in (failure.expected, failure.found))
            yield f"    {visible(failure.path)}\n      expected {expected}\n      found    {found}"
        yield ""


def _paths(results: Sequence[ConversationResult]) -> Iterator[str]:
    found = paths_of(results)
    if len(found) > 1:
        yield "what failed, most often first"
        yield from (f"{count:>6}  {visible(path)}" for path, count in found[:10])
        if len(found) > 10:
            yield f"        and {len(found) - 10} more"
        yield ""


def _skipped(results: Sequence[ConversationResult]) -> Iterator[str]:
    skipped = [result for result in results if result.skipped is not None]
    yield from (f"skipped {named((result.id, result.attempt))}: {one_line(result.skipped)}" for result in skipped)


def _simulated(sim: SimTable) -> Iterator[str]:
    wide = max(18, *(len(visible(row.habit)) + 2 for row in sim))
    yield ""
    yield (
        f"{'simulated shoppers':<{wide}}{'dialogues':>10}{'right item or none':>22}{'the target':>22}"
        f"{'turns':>7}{'items':>7}{'repeated':>10}{'violated':>10}"
    )
    for row in sim:
        right, target = (f"{each.share:.2f} ({each.low:.2f} to {each.high:.2f})" for each in (row.right, row.target))
        turns = f"{row.median_turns:g}" if row.median_turns is not None else "-"
        yield (
            f"{visible(row.habit):<{wide}}{row.dialogues:>10}{right:>22}{target:>22}"
            f"{turns:>7}{row.items_seen:>7.1f}{row.repeated_questions:>10}{row.violations:>10}"
        )
    yield ""


def _last_line(results: Sequence[ConversationResult]) -> str:
    played = played_of(results)
    times = times_of(played)
    passed = sum(result.passed for result in played)
    slow = (
        f"; a turn took {quantile(times, 0.5):.0f} ms at the median, {quantile(times, 0.95):.0f} in 19 of 20, {max(times):.0f} at most"
        if times
        else ""
    )
    return f"{passed} of {len(played)} conversations passed{slow}."
