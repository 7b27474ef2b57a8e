"""What `shopguide eval` does, once it has a player: plays, writes what is asked for, and says whether the gate opens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from assistant.evaluation.compare import compare, comparison_text
from assistant.evaluation.errors import RunUnreadable
from assistant.evaluation.exports import promptfoo, tau2
from assistant.evaluation.gate import Baseline, SimulatorFigures, read_baseline, reasons
from assistant.evaluation.junit import junit_xml
from assistant.evaluation.players import Player, Talk
from assistant.evaluation.report_html import html_report
from assistant.evaluation.report_text import summary
from assistant.evaluation.results import ConversationResult, Shop
from assistant.evaluation.run_files import read_run, write_run
from assistant.evaluation.runner import play_all
from assistant.evaluation.script import DEFAULT_NOW, Script
from assistant.evaluation.shopper_words import load_words
from assistant.evaluation.sim_stats import SimStats, statistics
from assistant.evaluation.sim_table import sim_table
from assistant.evaluation.simulate import run_dialogues


@dataclass(frozen=True)
class Wanted:
    """What to play and what to write. `out` also holds the last run, if any, which the report sets beside this one. `simulate`: how many
    shoppers, of this `seed`. `baseline`: the figures that they must reach; `write_baseline`: where to put theirs."""

    scripts: tuple[Script, ...]
    jobs: int = 1
    repeat: int = 1
    out: Path | None = None
    junit: Path | None = None
    report: Path | None = None
    promptfoo: Path | None = None
    tau2: Path | None = None
    simulate: int = 0
    seed: int = 0
    baseline: Path | None = None
    write_baseline: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def evaluate(wanted: Wanted, player: Player, shop: Shop) -> int:
    """Plays, prints, writes. 0 where the gate opens, else 1."""
    last = last_run(wanted.out)
    baseline = read_baseline(wanted.baseline) if wanted.baseline is not None else None
    results = _played(wanted, player, shop)
    stats = _simulated(wanted, player, shop)
    table = sim_table(stats) if stats is not None else None
    print(summary(results, table))
    if wanted.out is not None:
        write_run(wanted.out, results)
    texts: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (wanted.junit, lambda: junit_xml(results)),
        (wanted.report, lambda: html_report(results, last, table, wanted.settings)),
        (wanted.promptfoo, lambda: promptfoo(wanted.scripts, shop.vocabulary)),
        (wanted.tau2, lambda: tau2(wanted.scripts)),
    )
    for path, make in texts:
        _write(path, make)
    figures = figures_of(stats, wanted.seed) if stats is not None else None
    if figures is not None:
        _write(wanted.write_baseline, lambda: Baseline(simulator=figures).model_dump_json(indent=2) + "\n")
    shut = reasons(results, figures, baseline)
    for reason in shut:
        print(f"The gate stays shut: {reason}.", file=sys.stderr)
    return 1 if shut else 0


def compare_runs(before: Path, after: Path) -> int:
    """Prints what changed between two runs; 1 where something newly fails."""
    compared = compare(read_run(before), read_run(after))
    print(comparison_text(compared))
    return 1 if compared.newly_failing else 0


def last_run(out: Path | None) -> tuple[ConversationResult, ...] | None:
    """What `out` held before; None where there is nothing, or something else."""
    try:
        return read_run(out) if out is not None and out.is_file() else None
    except RunUnreadable:
        return None  # of an older form: there is nothing to set beside


def figures_of(stats: SimStats, seed: int) -> SimulatorFigures:
    """What the gate looks at."""
    overall = stats.overall
    return SimulatorFigures(
        dialogues=overall.dialogues,
        seed=seed,
        right=round(overall.right_within.share, 4),
        target=round(overall.target.share, 4),
        violations=overall.violations,
    )


def _write(path: Path | None, make: Callable[[], str]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")


def _played(wanted: Wanted, player: Player, shop: Shop) -> tuple[ConversationResult, ...]:
    with tqdm(total=len(wanted.scripts) * wanted.repeat, desc="Playing", unit="conversation", leave=False) as bar:

        def step(done: int, _: int) -> None:
            bar.update(done - bar.n)

        return play_all(wanted.scripts, player, shop, wanted.jobs, wanted.repeat, step)


def _simulated(wanted: Wanted, player: Player, shop: Shop) -> SimStats | None:
    if not wanted.simulate:
        return None
    with tqdm(total=wanted.simulate, desc="Simulated shoppers", unit="shopper", leave=False) as bar:

        def opened() -> Talk:
            bar.update(1)
            return player.open(DEFAULT_NOW)

        words = load_words()
        results = run_dialogues(opened, shop.catalog, shop.vocabulary, words, wanted.simulate, wanted.seed, wanted.jobs)
    return statistics(results)
