"""The gate: what must be so for a change to go in. Invariants and expectations all hold, and simulated shoppers fare no worse than the
committed baseline, by more than the tolerance written with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from assistant.evaluation.errors import RunUnreadable
from assistant.evaluation.results import ConversationResult
from catalog_data.schema import Frozen

MORE_VIOLATIONS = 0.05
"""By this share violations may rise: vectors differ in the last digit from one kind of processor to the next, and so do near ties."""


class SimulatorFigures(Frozen):
    """What simulated shoppers came to. Rates in [0, 1] over `dialogues`; `violations` counts items shown against a stated wish."""

    dialogues: int = Field(ge=1)
    seed: int = 0
    right: float = Field(ge=0, le=1)
    target: float = Field(ge=0, le=1)
    violations: int = Field(default=0, ge=0)


class Baseline(Frozen):
    """What was reached before, and by how much `right` and `target` may fall below it (absolute)."""

    simulator: SimulatorFigures
    tolerance: float = Field(default=0.02, ge=0, le=1)


def read_baseline(path: Path) -> Baseline:
    """The committed figures. Raises `RunUnreadable`."""
    try:
        return Baseline.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunUnreadable(
            f"{path}: no baseline ({' '.join(str(error).split())[:200]}); write one with --write-baseline"
        ) from error


def reasons(
    conversations: Sequence[ConversationResult], simulated: SimulatorFigures | None, baseline: Baseline | None
) -> tuple[str, ...]:
    """Why the gate stays shut; empty where it opens."""
    return (*_scripted(conversations), *_simulated(simulated, baseline))


def _scripted(conversations: Sequence[ConversationResult]) -> Iterator[str]:
    failed = [result for result in conversations if result.skipped is None and not result.passed]
    broken = sum(failure.path.startswith("invariant.") for result in failed for _, failure in result.all_failures)
    if all(result.skipped is not None for result in conversations):
        yield "no conversation was played"
    if failed:
        yield f"{len(failed)} of {len(conversations)} conversations failed, {broken} invariants were broken"


def _simulated(found: SimulatorFigures | None, baseline: Baseline | None) -> Iterator[str]:
    if found is None:
        return
    if baseline is None:
        if found.violations:
            yield f"simulated shoppers were shown {found.violations} items against their stated wishes; without a baseline none is allowed"
        return
    was = baseline.simulator
    if (found.dialogues, found.seed) != (was.dialogues, was.seed):
        yield (
            f"the baseline is of {was.dialogues} dialogues of seed {was.seed}, this run of {found.dialogues} of seed {found.seed}; "
            "play the same, or write a new baseline with --write-baseline"
        )
        return
    most = was.violations + int(was.violations * MORE_VIOLATIONS)
    if found.violations > most:
        yield f"items shown against a stated wish rose from {was.violations} to {found.violations}; allowed: {most}"
    for name in ("right", "target"):
        before, now = getattr(was, name), getattr(found, name)
        if now < before - baseline.tolerance:
            yield f"simulated shoppers' {name} rate fell from {before:.3f} to {now:.3f}; allowed: {baseline.tolerance:g} less"
