"""Which item comes next: every model of taste through one evaluator, on a file of histories.

Leave-one-out: the last item of each user is the test, the last but one is kept for tuning, models are fitted without both and asked with
all but the last, and rank every item that is not in the history; ties share their average rank. Users with fewer than three items are
fitted on and not asked. What lies beside the file on the items' content is used by the systems that say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.histories import Histories, Terms, ascends, cases_of, drawn_order, read_content, read_histories, read_or_refuse
from benchmarks.published import published
from benchmarks.systems_taste import (
    CONTENT,
    DIRECTED,
    FACTORS,
    INFORMED,
    INFORMED_MODEL,
    LABELS,
    PEERS,
    SEQUENCE,
    SEQUENCE_MODEL,
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
from retrieval.metrics import Case, next_item_figures, next_item_ranks

TUNED_ON = 5_000
"""Users whose validation items the weights of a blend are fitted on."""
WITHOUT_CONTENT = blend_of(DIRECTED, SEQUENCE)
BEST = blend_of(DIRECTED, INFORMED, WORDS, LABELS)
SYSTEMS = (
    *PEERS,
    SEQUENCE_MODEL,
    System(name=SYMMETRIC, fit=fit_item_to_item, ours=True, ordered=False),
    System(name=DIRECTED, fit=fit_item_to_item, ours=True),
    *CONTENT,
    INFORMED_MODEL,
    WITHOUT_CONTENT,
    blend_of(DIRECTED, SEQUENCE, FACTORS),
    blend_of(DIRECTED, WORDS, LABELS),
    blend_of(DIRECTED, SEQUENCE, WORDS, LABELS),
    blend_of(DIRECTED, SEQUENCE, FACTORS, WORDS, LABELS),
    blend_of(DIRECTED, INFORMED),
    BEST,
)
SHUFFLED = (DIRECTED, SEQUENCE, WITHOUT_CONTENT.name, BEST.name)
"""Systems that are asked once more with histories in an order that is drawn."""
ORDER_NOTES = (
    "ndcg@10_asc, ndcg@10_desc: the cases whose target has a higher, a lower id than the item before it; where items of one day stand in "
    "the order of their ids, the rise is no choice of the shopper's",
    "asked shuffled: fitted as above, and asked with each history in an order that is drawn; fitted and asked shuffled: so in fitting too",
)


def compare(
    histories: Histories,
    content: Mapping[str, Terms] | None = None,
    users: int | None = None,
    systems: Sequence[System] = SYSTEMS,
) -> Table:
    """Every system on these histories; `users`: ask only so many, drawn by a fixed seed. Raises `BenchmarkRefused` where no user can be
    asked."""
    asked = {kind: cases_of(histories, ordered=kind, held_back=1, users=users) for kind in (True, False)}
    if not asked[True]:
        raise BenchmarkRefused("no user of the file has three items and a new one last, which a question needs")
    material = Material(histories.ids, histories.training(), content or {})
    tuning = cases_of(histories, ordered=True, held_back=2, users=min(users or TUNED_ON, TUNED_ON))
    workshop = Workshop(material, systems, tuning)
    fitted, left_out = fit_all(workshop, systems)
    kept = [system for system in systems if system.name in fitted]
    rows = [measure(one, fitted[one.name], asked[one.ordered], histories.ids) for one in kept]
    rows += without_order(histories, fitted, users, kept)
    others, sources = published(len(histories.sequences), len(histories.ids)) if users is None else ((), ())
    notes = (
        "the last item of each user is asked, among all that are not in the history; fitted without the last two",
        *left_out,
        *workshop.notes(),
        *ORDER_NOTES,
        *sources,
    )
    hidden = frozenset(name for row in rows for name in row.figures if name.endswith("_se") and name != "ndcg@10_se")
    return Table(bench="next-item", rows=(*rows, *others), notes=notes, hidden=hidden)


def measure(system: System, fitted: Fitted, cases: Sequence[Case], ids: Sequence[str], name: str | None = None) -> Row:
    """One line: figures with standard errors (`_se`), nDCG@10 of the cases whose last step goes up and down in the file's ids (`_asc`,
    `_desc`), the costs, and `n` (questions)."""
    with one_thread():
        ranks = next_item_ranks(fitted.scorer, cases, len(ids))
    figures: dict[str, float] = {}
    for key, figure in next_item_figures(ranks).items():
        figures |= {key: round(figure.mean, 5), f"{key}_se": round(figure.error, 5)}
    if system.ordered:
        up = np.array(ascends(cases, ids))
        for key, chosen in (("ndcg@10_asc", up), ("ndcg@10_desc", ~up)):
            if chosen.any():
                figures[key] = round(next_item_figures(ranks[chosen], cuts=(10,))["ndcg@10"].mean, 5)
    figures |= costs(fitted, cases, len(ids)) | {"n": len(cases)}
    return Row(system=name or system.name, ours=system.ours, figures=figures)


def without_order(histories: Histories, fitted: Mapping[str, Fitted], users: int | None, systems: Sequence[System]) -> list[Row]:
    """What remains of some systems where the order of the histories says nothing."""
    cases = cases_of(histories, ordered=True, held_back=1, users=users, shuffled=True)
    rows = []
    for one in systems:
        if one.name in SHUFFLED:
            rows.append(measure(one, fitted[one.name], cases, histories.ids, f"{one.name}; asked shuffled"))
        if one.name == DIRECTED:
            material = Material(histories.ids, drawn_order(histories).training(), {})
            again = Workshop(material, [one], ()).fitted(one)
            rows.append(measure(one, again, cases, histories.ids, f"{one.name}; fitted and asked shuffled"))
    return rows


def next_item(_: Settings, data: Path | None) -> Table:
    """The benchmark of that name over the file `data`. Raises `BenchmarkRefused` where that cannot be read."""
    histories, content = read_or_refuse(read_both, data, "next-item")
    return compare(histories, content)


def read_both(path: Path) -> tuple[Histories, dict[str, Terms]]:
    """A file of histories, and what lies beside it on the items' content."""
    histories = read_histories(path)
    return histories, read_content(path.parent, histories.ids)
