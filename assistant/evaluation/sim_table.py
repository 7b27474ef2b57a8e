"""Simulated shoppers as reports show them: a row a habit, "all" last."""

from __future__ import annotations

from assistant.evaluation.sim_stats import Rate, SimStats
from catalog_data.schema import Frozen


class SimRow(Frozen):
    """What shoppers of one habit came to. `target`: took the very item that they had in mind; `right`: ended with that or another that
    fits as well, or with a right "nothing fits". `median_turns`: to success; None where there was none. `items_seen`: the mean.
    `repeated_questions` and `violations` are counts."""

    habit: str
    dialogues: int
    target: Rate
    right: Rate
    median_turns: float | None = None
    items_seen: float = 0.0
    repeated_questions: int = 0
    violations: int = 0


SimTable = tuple[SimRow, ...]


def sim_table(stats: SimStats) -> SimTable:
    """The statistics as a report shows them; `right` is the rate of those who ended so within the turns that the statistics allow."""
    return tuple(
        SimRow(
            habit=row.habit,
            dialogues=row.dialogues,
            target=row.target,
            right=row.right_within,
            median_turns=row.median_turns,
            items_seen=row.mean_items_seen,
            repeated_questions=row.repeated_questions,
            violations=row.violations,
        )
        for row in stats.rows
    )
