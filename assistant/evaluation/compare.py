"""Two runs side by side: what passes now and did not, what did and does not, and how sure the difference is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assistant.evaluation.intervals import Interval, Pairs, mcnemar_p, paired_difference
from assistant.evaluation.plain import cut, one_line, visible
from assistant.evaluation.results import ConversationResult, Failure
from catalog_data.schema import Frozen

ALL = "all"
Key = tuple[str, int]
"""A conversation's id and the attempt."""


class Change(Frozen):
    """A conversation that ended differently. `failures`: of the run in which it failed, with the turn from 1 (None: of the whole)."""

    id: str
    attempt: int = 1
    tags: tuple[str, ...] = ()
    failures: tuple[tuple[int | None, Failure], ...] = ()


class Row(Frozen):
    """The pairs of one tag, or of all. `difference`: the pass rate after less before, with its 95 % interval; `p`: McNemar's exact
    probability. Attempts of one conversation are no strangers to one another: with many of them the interval is narrower than it ought to be."""

    tag: str
    pairs: Pairs
    difference: float
    interval: Interval
    p: float


class Comparison(Frozen):
    """What two runs have in common, by tag, and what only one of them played. `unplayed`: in both, but skipped in one or both."""

    rows: tuple[Row, ...]
    newly_failing: tuple[Change, ...] = ()
    newly_passing: tuple[Change, ...] = ()
    only_before: tuple[Key, ...] = ()
    only_after: tuple[Key, ...] = ()
    unplayed: tuple[Key, ...] = ()

    @property
    def total(self) -> Row:
        """The row of all pairs."""
        return self.rows[-1]


def compare(before: Iterable[ConversationResult], after: Iterable[ConversationResult]) -> Comparison:
    """Pairs by id and attempt. A conversation's tags are those of `after`."""
    old, new = ({(each.id, each.attempt): each for each in run} for run in (before, after))
    common = [(old[key], new[key]) for key in sorted(old.keys() & new.keys())]
    played = [(was, now) for was, now in common if was.skipped is None and now.skipped is None]
    tags = sorted({tag for _, now in played for tag in now.tags})
    rows = [_row(tag, [(was, now) for was, now in played if tag in now.tags]) for tag in tags]
    return Comparison(
        rows=(*rows, _row(ALL, played)),
        newly_failing=tuple(_change(now, now) for was, now in played if was.passed and not now.passed),
        newly_passing=tuple(_change(now, was) for was, now in played if now.passed and not was.passed),
        only_before=tuple(sorted(old.keys() - new.keys())),
        only_after=tuple(sorted(new.keys() - old.keys())),
        unplayed=tuple((now.id, now.attempt) for was, now in common if was.skipped is not None or now.skipped is not None),
    )


def _row(tag: str, played: Sequence[tuple[ConversationResult, ConversationResult]]) -> Row:
    ends = [(was.passed, now.passed) for was, now in played]
    pairs = Pairs(
        both=ends.count((True, True)),
        first_only=ends.count((True, False)),
        second_only=ends.count((False, True)),
        neither=ends.count((False, False)),
    )
    chance = mcnemar_p(pairs.first_only, pairs.second_only)
    return Row(tag=tag, pairs=pairs, difference=pairs.difference, interval=paired_difference(pairs), p=chance)


def _change(of: ConversationResult, failed: ConversationResult) -> Change:
    return Change(id=of.id, attempt=of.attempt, tags=of.tags, failures=failed.all_failures)


def comparison_text(comparison: Comparison) -> str:
    """All of it for a terminal."""
    return "\n".join(
        (
            *_table(comparison.rows),
            "",
            *_changes("newly failing", comparison.newly_failing),
            *_changes("newly passing", comparison.newly_passing),
            *_keys("only in the first run", comparison.only_before),
            *_keys("only in the second run", comparison.only_after),
            *_keys("not played in both runs", comparison.unplayed),
            _last_line(comparison),
        )
    )


def _table(rows: Sequence[Row]) -> Iterator[str]:
    wide = max(16, *(len(visible(row.tag)) + 2 for row in rows))
    yield f"{'tag':<{wide}}{'pairs':>7}{'before':>8}{'after':>7}{'difference':>12}{'95 % interval':>18}{'p':>8}"
    for row in rows:
        before, after = row.pairs.both + row.pairs.first_only, row.pairs.both + row.pairs.second_only
        span = f"{row.interval.low:+.3f} to {row.interval.high:+.3f}"
        yield (
            f"{visible(row.tag):<{wide}}{row.pairs.count:>7}{before:>8}{after:>7}{row.difference:>+12.3f}{span:>18}{row.p:>8.3f}"
        )


def _changes(title: str, changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        place, failure = change.failures[0]
        where = f"turn {place}: " if place is not None else ""
        more = f" (and {len(change.failures) - 1} more)" if len(change.failures) > 1 else ""
        verb = "fails" if title == "newly failing" else "failed"
        what = f"{failure.path}: expected {one_line(failure.expected)}; found {one_line(failure.found)}"
        yield f"{title}: {named((change.id, change.attempt))}\n  {verb} {where}{cut(what, 300)}{more}"
    if changes:
        yield ""


def _keys(title: str, keys: Sequence[Key]) -> Iterator[str]:
    if keys:
        yield f"{title}: {', '.join(map(named, keys))}"


def named(key: Key) -> str:
    """A conversation as reports name it."""
    return key[0] if key[1] == 1 else f"{key[0]} (attempt {key[1]})"


def _last_line(comparison: Comparison) -> str:
    row = comparison.total
    if row.pairs.count == 0:
        return "The runs have no conversation in common that both played; there is nothing to compare."
    changed = row.pairs.first_only + row.pairs.second_only
    if changed == 0:
        return f"{row.pairs.count} pairs, and each ended as before."
    sure = "more than chance explains" if row.p < 0.05 else "no more than chance explains"
    return (
        f"{row.pairs.count} pairs: {row.pairs.first_only} newly failing, {row.pairs.second_only} newly passing; "
        f"the pass rate moved by {row.difference:+.3f}, {sure} (p = {row.p:.3f})."
    )
