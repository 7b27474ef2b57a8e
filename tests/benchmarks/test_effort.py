"""What work costs: the time it took and what it held at its peak, where the system tells."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.effort import PROCESS, effort


def test_the_result_the_time_and_the_peak() -> None:
    def work() -> str:
        time.sleep(0.05)
        return "made"

    spent = effort(work)
    assert spent.made == "made"
    assert spent.seconds >= 0.05


@pytest.mark.skipif(not (PROCESS / "clear_refs").exists(), reason="only Linux tells a process its peak")
def test_memory_that_is_given_back_counts_too() -> None:
    spent = effort(lambda: float(np.ones(25_000_000).sum()))
    assert spent.made == 25_000_000
    assert spent.peak_mb is not None
    assert 150 < spent.peak_mb < 600


def test_a_system_that_does_not_tell(tmp_path: Path) -> None:
    assert effort(lambda: 1, tmp_path / "absent").peak_mb is None
    (tmp_path / "status").write_text("Name: x\n", encoding="utf-8")
    assert effort(lambda: 1, tmp_path).peak_mb is None


def test_the_peak_is_what_the_process_grew_by(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("VmHWM:\t   3000 kB\nVmRSS:\t   1000 kB\n", encoding="utf-8")
    assert effort(lambda: 1, tmp_path).peak_mb == pytest.approx(2000 * 1024 / 1e6)
