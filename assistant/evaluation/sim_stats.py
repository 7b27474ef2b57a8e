"""What simulated dialogues came to: rates with intervals, by habit and over all. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import mean, median

from assistant.evaluation.simulate import DialogueResult
from assistant.evaluation.speech import HABITS
from catalog_data.schema import Frozen

Z95 = 1.959963984540054
WITHIN = 6
OVERALL = "all"


class Rate(Frozen):
    """`hits` of `n`, and the 95 % interval of the share: 0 to 1 where nothing was counted."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """hits / n; 0 where n is."""
        return self.hits / self.n if self.n else 0.0

    def __str__(self) -> str:
        return f"{self.share:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.n}"


def wilson(hits: int, n: int, z: float = Z95) -> Rate:
    """The score interval of a share (Wilson 1927), which holds for few dialogues and for shares near 0 and 1."""
    if not 0 <= hits <= n:
        raise ValueError(f"found {hits} hits of {n}; allowed: 0 to n")
    if n == 0:
        return Rate(hits=0, n=0, low=0.0, high=1.0)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Rate(hits=hits, n=n, low=0.0 if hits == 0 else low, high=1.0 if hits == n else high)


class HabitStats(Frozen):
    """One row of the table. `right`: ended with a right item or a right "nothing fits"; `right_within`: so within `WITHIN` messages, the
    closing one counted; `right_shown`: of those with something to find, a right item was on the screen. `target`: took the very item
    that the need was drawn from. `violating`: dialogues in which something shown broke what was said; `violations` counts all of them.
    `basket`: of the items taken, those that the assistant put into the basket or asked the size of. Medians are of the successes."""

    habit: str
    dialogues: int
    right_within: Rate
    right: Rate
    target: Rate
    right_nothing: Rate
    right_shown: Rate
    median_turns: float | None
    mean_items_seen: float
    repeated_questions: int
    violations: int
    violating: Rate
    basket: Rate
    requests_answered: Rate
    withheld: int


class SimStats(Frozen):
    """All rows, that of all dialogues last, and how many different messages were sent."""

    rows: tuple[HabitStats, ...]
    messages: int
    distinct_messages: int

    @property
    def overall(self) -> HabitStats:
        """The row of all dialogues."""
        return self.rows[-1]


def statistics(results: Sequence[DialogueResult], within: int = WITHIN) -> SimStats:
    """The statistics of these dialogues; habits that none has are left out. Raises `ValueError` where there are none."""
    if not results:
        raise ValueError("found no dialogues; play at least one")
    groups = [(habit, [result for result in results if result.habit == habit]) for habit in HABITS]
    said = [turn.user for result in results for turn in result.turns]
    return SimStats(
        rows=tuple(_row(habit, group, within) for habit, group in [*groups, (OVERALL, list(results))] if group),
        messages=len(said),
        distinct_messages=len(set(said)),
    )


def _rate(results: Iterable[DialogueResult], hit: Callable[[DialogueResult], bool]) -> Rate:
    hits = [hit(result) for result in results]
    return wilson(sum(hits), len(hits))


def _row(habit: str, group: Sequence[DialogueResult], within: int) -> HabitStats:
    turns = [result.turns_to_success for result in group if result.turns_to_success is not None]
    possible = [result for result in group if result.final_need.kind == "target"]
    return HabitStats(
        habit=habit,
        dialogues=len(group),
        right_within=_rate(group, lambda one: one.turns_to_success is not None and one.turns_to_success <= within),
        right=_rate(group, lambda one: one.right_item_success),
        target=_rate((one for one in group if one.target_success is not None), lambda one: bool(one.target_success)),
        right_nothing=_rate(
            (one for one in group if one.need.kind == "impossible"), lambda one: one.outcome in ("nothing_fits", "settled")
        ),
        right_shown=_rate(possible, lambda one: one.first_right_turn is not None),
        median_turns=median(turns) if turns else None,
        mean_items_seen=mean(result.items_seen for result in group),
        repeated_questions=sum(result.repeated_questions for result in group),
        violations=sum(len(result.violations) for result in group),
        violating=_rate(group, lambda one: bool(one.violations)),
        basket=_rate((one for one in group if one.basket is not None), lambda one: one.basket in ("right", "asked_size")),
        requests_answered=_rate(
            (one for one in group if one.request_answered is not None), lambda one: bool(one.request_answered)
        ),
        withheld=sum(len(result.withheld) for result in group),
    )


def table(stats: SimStats) -> str:
    """The statistics as plain text, a row a habit."""
    head = (
        "habit",
        "n",
        f"right<={WITHIN} [95 %]",
        "right",
        "target",
        "nothing",
        "shown",
        "turns",
        "items",
        "asked twice",
        "violations",
    )
    lines = [[*head, "violating", "basket", "requests"]]
    for row in stats.rows:
        interval = f"{row.right_within.share:.3f} [{row.right_within.low:.3f}, {row.right_within.high:.3f}]"
        shares = [rate_text(rate) for rate in (row.right, row.target, row.right_nothing, row.right_shown)]
        turns = "-" if row.median_turns is None else f"{row.median_turns:g}"
        counts = [f"{row.mean_items_seen:.1f}", str(row.repeated_questions), str(row.violations)]
        ends = [rate_text(rate) for rate in (row.violating, row.basket, row.requests_answered)]
        lines.append([row.habit, str(row.dialogues), interval, *shares, turns, *counts, *ends])
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*rows, f"{stats.messages} messages, {stats.distinct_messages} of them different"])


def rate_text(rate: Rate) -> str:
    """A share without its interval: ".912", "-" where nothing was counted."""
    return f"{rate.share:.3f}" if rate.n else "-"
