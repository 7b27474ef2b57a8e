"""What every benchmark comes to, and the one way in which it is printed and written."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from catalog_data.schema import Frozen

CPU_FILE = Path("/proc/cpuinfo")
OURS = "*"

MetricName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(@[0-9]+(_[a-z]+)?)?$")]
"""Lower case: "ndcg@10", "ndcg@10_se", "fit_s", "p50_ms"."""


class Row(Frozen):
    """The figures of one system. `source` published: taken from where the notes say, not measured in this run."""

    system: str = Field(min_length=1)
    ours: bool = False
    source: Literal["measured", "published"] = "measured"
    figures: Mapping[MetricName, float]

    def flat(self) -> dict[str, Any]:
        """As it is written: the figures beside the rest, whole numbers without a point."""
        figures = {name: int(value) if value == int(value) and name in WHOLE else value for name, value in self.figures.items()}
        return {"system": self.system, "ours": self.ours, "source": self.source, **figures}


WHOLE = frozenset(("n", "kept"))
"""Figures that count something."""


class Table(Frozen):
    """One run of one benchmark. `hidden`: figures that are written but not printed. `notes`: what one must know to read it."""

    bench: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    def text(self) -> str:
        """The table for a terminal: systems down, figures across, ours marked; `-` where a system has no such figure."""
        metrics = [name for name in dict.fromkeys(name for row in self.rows for name in row.figures) if name not in self.hidden]
        cells = [["", self.bench, *metrics]]
        for row in self.rows:
            name = row.system if row.source == "measured" else f"{row.system} (published)"
            figures = [_shown(metric, row.figures.get(metric)) for metric in metrics]
            cells.append([OURS if row.ours else "", name, *figures])
        widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
        lines = [_line(line, widths) for line in cells]
        return "\n".join([*lines, f"{OURS} this project", *(f"- {note}" for note in self.notes)])

    def json_object(self, machine: str, at: datetime) -> dict[str, Any]:
        """The table as it is written: {"bench", "machine", "date", "rows", "notes"}. `at`: when it was measured."""
        return {
            "bench": self.bench,
            "machine": machine,
            "date": at.isoformat(timespec="seconds"),
            "rows": [row.flat() for row in self.rows],
            "notes": list(self.notes),
        }


def _shown(metric: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if metric in WHOLE or abs(value) >= 1000 else f"{value:.4f}" if "@" in metric else f"{value:.3g}"


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    mark, name, *figures = [
        cell.ljust(width) if place < 2 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join([f"{mark} {name}", *figures]).rstrip()


def write_json(path: Path, value: Any) -> None:
    """Writes `value` at `path` in one step. NaN and infinity are refused with ValueError: they are no JSON."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    fresh.replace(path)


def machine(cpu_file: Path = CPU_FILE) -> str:
    """What figures depend on and no name of anybody: processor, cores, system, Python."""
    return (
        f"{_processor(cpu_file)}, {_cores()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def _processor(cpu_file: Path) -> str:
    try:
        lines = cpu_file.read_text(encoding="utf-8").splitlines()
    except OSError:  # only Linux has it
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or "unknown processor"


def _cores() -> int:
    """Those that this process may use, where the system tells; else all."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
