"""What a piece of work costs: seconds, and the memory that it needed at its peak."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

Made = TypeVar("Made")

PROCESS = Path("/proc/self")
RESET_PEAK = "5"


class Effort(NamedTuple, Generic[Made]):
    """`peak_mb`: how far the process grew above what it held before, in MB (10^6 bytes); None where the system does not tell."""

    made: Made
    seconds: float
    peak_mb: float | None


def effort(work: Callable[[], Made], process: Path = PROCESS) -> Effort[Made]:
    """Does the work and says what it cost. The peak is that of the whole process: run nothing beside it."""
    before = _held(process, "VmRSS") if _reset_peak(process) else None
    start = time.perf_counter()
    made = work()
    seconds = time.perf_counter() - start
    peak = _held(process, "VmHWM") if before is not None else None
    grown = None if before is None or peak is None else max(0.0, peak - before)
    return Effort(made, seconds, grown)


def _reset_peak(process: Path) -> bool:
    """Sets the peak to what is held now, where the system allows it (Linux: see proc(5), clear_refs)."""
    try:
        (process / "clear_refs").write_text(RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def _held(process: Path, name: str) -> float | None:
    """A line of /proc/self/status in MB; None where it is not there."""
    try:
        lines = (process / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    sizes = [line.split() for line in lines if line.startswith(f"{name}:")]
    return int(sizes[0][1]) * 1024 / 1e6 if sizes and len(sizes[0]) == 3 else None
