"""A shopper whom the shop does not know: how soon do a few likes tell her taste?

A fifth of the users is hidden, drawn by a fixed seed; models are fitted on all that the others did. Of each hidden user with four items or
more one item is drawn to be found, and 0, 1, 2, 3 of the others, drawn too, are given as likes, without order. All items compete but the
liked ones; ties share their average rank. A blend's weights are found in the same way, on a fifth of the users who are not hidden, its
parts fitted without them; then the parts are fitted on all who are not hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.histories import Histories, Terms, read_or_refuse
from benchmarks.next_item import read_both
from benchmarks.systems_taste import (
    CONTENT,
    INFORMED,
    INFORMED_MODEL,
    LABELS,
    PEERS,
    POPULARITY,
    SYMMETRIC,
    WORDS,
    Fitted,
    Material,
    System,
    Workshop,
    blend_of,
    costs,
    fit_all,
    fit_item_to_item,
    one_thread,
)
from benchmarks.table import Row, Table
from retrieval.interactions import sequence_events
from retrieval.metrics import Case, next_item_figures, next_item_ranks
from retrieval.scorer import Visitor

LIKES = (0, 1, 2, 3)
SHARE = 5
"""One user in so many is hidden."""
SYSTEMS = (
    *PEERS,
    System(name=SYMMETRIC, fit=fit_item_to_item, ours=True),
    *CONTENT,
    INFORMED_MODEL,
    blend_of(SYMMETRIC, POPULARITY),
    blend_of(SYMMETRIC, WORDS, LABELS, POPULARITY),
    blend_of(SYMMETRIC, INFORMED, WORDS, LABELS, POPULARITY),
)

Sequences = Sequence[Sequence[int]]


def hide(sequences: Sequences, seed: int) -> tuple[list[Sequence[int]], list[Sequence[int]]]:
    """(hidden, others): a fifth of the users, drawn, and the rest, each in the order of the file."""
    drawn = set(np.random.default_rng(seed).permutation(len(sequences))[: len(sequences) // SHARE].tolist())
    hidden = [own for place, own in enumerate(sequences) if place in drawn]
    return hidden, [own for place, own in enumerate(sequences) if place not in drawn]


def questions(hidden: Sequences, ids: Sequence[str], seed: int) -> dict[int, tuple[Case, ...]]:
    """By the number of likes: one case a user with enough items. The item to find is the same whatever is liked, and what is liked first
    stays liked."""
    random = np.random.default_rng(seed)
    found: dict[int, list[Case]] = {likes: [] for likes in LIKES}
    for own in hidden:
        distinct = list(dict.fromkeys(own))
        if len(distinct) <= max(LIKES):
            continue
        target, *others = random.permutation(distinct)[: max(LIKES) + 1].tolist()
        for likes, cases in found.items():
            liked = sorted(others[:likes])
            visitor = Visitor(liked=tuple(ids[row] for row in liked))
            cases.append(Case(visitor=visitor, target=target, excluded=tuple(liked)))
    return {likes: tuple(cases) for likes, cases in found.items()}


def compare(
    histories: Histories, content: Mapping[str, Terms] | None = None, systems: Sequence[System] = SYSTEMS, seed: int = 0
) -> Table:
    """Every system on these histories. Raises `BenchmarkRefused` where no hidden user has four items."""
    ids = histories.ids
    hidden, others = hide(histories.sequences, seed)
    tuned_on, rest = hide(others, seed + 1)
    asked = questions(hidden, ids, seed)
    if not asked[0]:
        raise BenchmarkRefused("no hidden user of the file has four different items, which a question needs")
    tuning = [case for cases in questions(tuned_on, ids, seed + 1).values() for case in cases]
    tuner = Workshop(Material(ids, sequence_events(rest, len(ids)), content or {}), systems, tuning)
    workshop = Workshop(Material(ids, sequence_events(others, len(ids)), content or {}), systems, (), tuner)
    fitted, left_out = fit_all(workshop, systems)
    rows = [measure(one, fitted[one.name], asked, len(ids)) for one in systems if one.name in fitted]
    notes = (
        f"{len(asked[0]):,} of {len(hidden):,} hidden users have four items or more and are asked; fitted on {len(others):,} others",
        "hr_K@10: K liked items are given, without order; another of hers is to be found among all that she did not name",
        "no likes: a system that only knows likes ties all items, and each has its average rank",
        *left_out,
        *workshop.notes(),
    )
    hidden_figures = frozenset(name for row in rows for name in row.figures if name.endswith("_se"))
    return Table(bench="cold-start", rows=tuple(rows), notes=notes, hidden=hidden_figures)


def measure(system: System, fitted: Fitted, asked: Mapping[int, Sequence[Case]], n_items: int) -> Row:
    """One line: `hr_K@10` and `ndcg_K@10` for K likes with standard errors (`_se`), the costs, `n` (users)."""
    figures: dict[str, float] = {}
    for likes, cases in asked.items():
        with one_thread():
            ranks = next_item_ranks(fitted.scorer, cases, n_items)
        for key, figure in next_item_figures(ranks, cuts=(10,)).items():
            name = key.replace("@", f"_{likes}@")
            figures |= {name: round(figure.mean, 5), f"{name}_se": round(figure.error, 5)}
    ordered = {name: figures[name] for name in sorted(figures, key=lambda name: (name.startswith("ndcg"), name))}
    ordered |= costs(fitted, asked[max(asked)], n_items) | {"n": len(asked[max(asked)])}
    return Row(system=system.name, ours=system.ours, figures=ordered)


def cold_start(_: Settings, data: Path | None) -> Table:
    """The benchmark of that name over the file `data`. Raises `BenchmarkRefused` where that cannot be read."""
    histories, content = read_or_refuse(read_both, data, "cold-start")
    return compare(histories, content)
