"""Which item comes next: every model of taste through one evaluator, on a file of histories.

The file has a user and its items in order a line. Leave-one-out: the last item is the test, the last but one is kept for tuning,
models are fitted without both and asked with all but the last, and rank every item that is not in the history; ties share their
average rank. Users with fewer than three items are fitted on and not asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.table import Row, Table
from catalog_data.schema import Frozen
from retrieval.collaborative import ItemToItem, count_pairs
from retrieval.interactions import Events, sequence_events
from retrieval.metrics import Case, next_item_figures, next_item_ranks
from retrieval.neighbours import ItemItem, Popularity, UserTimesItem, UserUser
from retrieval.protocols import Rows
from retrieval.scorer import Scorer, Values, Visitor, resolve

Fit = Callable[[Sequence[str], Events], Scorer]

BEAUTY = (22_363, 12_101)
"""Users and items of Amazon Beauty, 5-core, by which the file is known."""
PUBLISHED = (("SASRec", 0.0318), ("S3-Rec", 0.0327), ("TIGER", 0.0384))
"""Sequence models on Amazon Beauty, leave-one-out over all items: NDCG@10 as Rajput et al., "Recommender systems with generative
retrieval", 2023, give it."""


class Histories(Frozen):
    """What a file holds: `ids` name the items, `sequences` are rows of them, oldest first, one a user."""

    ids: tuple[str, ...]
    sequences: tuple[tuple[int, ...], ...]


def read_histories(path: Path) -> Histories:
    """Reads one user and its items a line, split by blanks. Raises ValueError naming the line that has a user and no item."""
    names: dict[str, int] = {}
    sequences = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        words = line.split()
        if len(words) == 1:
            raise ValueError(
                f"{path.name}:{number}: found a user and no item; allowed: a user and its items, oldest first; drop the line"
            )
        if words:
            sequences.append(tuple(names.setdefault(word, len(names)) for word in words[1:]))
    return Histories(ids=tuple(names), sequences=tuple(sequences))


class ImplicitFactors:
    """Alternating least squares of the `implicit` package behind the `Scorer` protocol; a visitor is folded in as a new user."""

    def __init__(self, ids: Sequence[str], events: Events) -> None:
        # A peer that the product neither needs nor installs.
        from implicit.cpu.als import AlternatingLeastSquares

        self._rows = {item: row for row, item in enumerate(ids)}
        self._threads = ThreadpoolController()  # the package's own threads and those of BLAS would fight
        with self._threads.limit(limits=1, user_api="blas"):
            self._model: Any = AlternatingLeastSquares(factors=128, regularization=0.05, alpha=20.0, random_state=0)
            self._model.fit(sparse.csr_matrix(events.matrix()), show_progress=False)

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the folded-in user's factors times those of the items."""
        with self._threads.limit(limits=1, user_api="blas"):
            user = np.ravel(self._model.recalculate_user(0, _vector(visitor, self._rows)))
            scores: Values = (self._model.item_factors[rows] @ user).astype(np.float64)
        return scores


class ImplicitNeighbours:
    """Item-item by BM25 of the `implicit` package behind the `Scorer` protocol."""

    def __init__(self, ids: Sequence[str], events: Events) -> None:
        # A peer that the product neither needs nor installs.
        from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight

        self._rows = {item: row for row, item in enumerate(ids)}
        model = ItemItemRecommender(K=100)  # what its BM25Recommender is, without the warning that it gives itself
        model.fit(bm25_weight(sparse.csr_matrix(events.matrix()).T, 1.2, 0.75).T.tocsr(), show_progress=False)
        self._similarity: Any = model.similarity

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the summed similarities of what the visitor has."""
        scores: Values = (_vector(visitor, self._rows) @ self._similarity).toarray()[0, rows].astype(np.float64)
        return scores


def _vector(visitor: Visitor, rows_by_id: Mapping[str, int]) -> Any:
    """csr_matrix float32 (1, n): 1 for what the visitor has."""
    wanted = list(resolve(visitor, rows_by_id).wanted)
    return sparse.csr_matrix((np.ones(len(wanted), np.float32), ([0] * len(wanted), wanted)), shape=(1, len(rows_by_id)))


def fit_item_to_item(ids: Sequence[str], events: Events) -> Scorer:
    """Ours, with the tuning that the product uses."""
    return ItemToItem(ids, count_pairs(events))


class System(Frozen):
    """One line of the table. `ordered` false: the history is given as likes, without its order."""

    name: str
    fit: Fit
    ours: bool = False
    ordered: bool = True


SYSTEMS = (
    System(name="popularity", fit=lambda ids, events: Popularity(events)),
    System(name="item-item cosine", fit=ItemItem),
    System(name="user-user cosine", fit=UserUser),
    System(name="user-user x item-item", fit=UserTimesItem),
    System(name="implicit ALS", fit=ImplicitFactors),
    System(name="implicit BM25", fit=ImplicitNeighbours),
    System(name="item-to-item, symmetric", fit=fit_item_to_item, ours=True, ordered=False),
    System(name="item-to-item", fit=fit_item_to_item, ours=True),
)


def cases_of(histories: Histories, ordered: bool, held_back: int, users: int | None, seed: int = 0) -> tuple[Case, ...]:
    """The questions: the item `held_back` from the end (1: the test, 2: the validation) of each user with three items or more, of
    `users` drawn ones where a number is given."""
    asked = [sequence for sequence in histories.sequences if len(sequence) >= 3]
    if users is not None and users < len(asked):
        asked = [asked[place] for place in np.sort(np.random.default_rng(seed).permutation(len(asked))[:users])]
    cases = []
    for sequence in asked:
        *before, target = sequence[: len(sequence) - held_back + 1]
        names = tuple(histories.ids[row] for row in before)
        visitor = Visitor(history=names) if ordered else Visitor(liked=names)
        if target not in before:
            cases.append(Case(visitor=visitor, target=target, excluded=tuple(sorted(set(before)))))
    return tuple(cases)


def measure(system: System, histories: Histories, users: int | None, held_back: int = 1) -> Row:
    """Fits one system and asks it: its figures with standard errors (`_se`), `fit_s` (seconds), `score_200_us` (microseconds, the median
    time to score 200 candidates for one visitor), `n` (questions)."""
    short = [sequence[:-2] if len(sequence) >= 3 else sequence for sequence in histories.sequences]
    start = time.perf_counter()
    scorer = system.fit(histories.ids, sequence_events(short, len(histories.ids)))
    fit_s = time.perf_counter() - start
    cases = cases_of(histories, system.ordered, held_back, users)
    figures: dict[str, float] = {}
    for name, figure in next_item_figures(next_item_ranks(scorer, cases, len(histories.ids))).items():
        figures |= {name: round(figure.mean, 5), f"{name}_se": round(figure.error, 5)}
    figures |= {
        "fit_s": round(fit_s, 3),
        "score_200_us": round(_score_time(scorer, cases, len(histories.ids)), 1),
        "n": len(cases),
    }
    return Row(system=system.name, ours=system.ours, figures=figures)


def _score_time(scorer: Scorer, cases: Sequence[Case], n_items: int) -> float:
    rows = np.random.default_rng(0).choice(n_items, min(200, n_items), replace=False).astype(np.int64)
    times = []
    for case in cases[:500]:
        start = time.perf_counter()
        scorer.score(case.visitor, rows)
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e6


def compare(histories: Histories, users: int | None = None, systems: Sequence[System] = SYSTEMS) -> Table:
    """Every system on these histories; `users`: ask only so many, drawn by a fixed seed. A system whose package is not installed is left
    out, and a note says so. Raises `BenchmarkRefused` where no user can be asked."""
    if not cases_of(histories, ordered=True, held_back=1, users=None):
        raise BenchmarkRefused("no user of the file has three items and a new one last, which a question needs")
    rows: list[Row] = []
    notes = ["the last item of each user is asked, among all that are not in the history; fitted without the last two"]
    for system in systems:
        try:
            rows.append(measure(system, histories, users))
        except ModuleNotFoundError as error:
            notes.append(f"{system.name} is left out: package {error.name} is not installed; install it to compare")
    if (len(histories.sequences), len(histories.ids)) == BEAUTY and users is None:
        rows += [Row(system=name, source="published", figures={"ndcg@10": value}) for name, value in PUBLISHED]
        notes.append(
            "published: Rajput et al., Recommender systems with generative retrieval, 2023, on the same data and protocol"
        )
    hidden = frozenset(name for row in rows for name in row.figures if name.endswith("_se") and name != "ndcg@10_se")
    return Table(bench="next-item", rows=tuple(rows), notes=tuple(notes), hidden=hidden)


def next_item(_: Settings, data: Path | None) -> Table:
    """The benchmark of that name over the file `data`. Raises `BenchmarkRefused` where that cannot be read."""
    if data is None:
        raise BenchmarkRefused("next-item needs --data FILE, with a user and its items, oldest first, a line")
    try:
        histories = read_histories(data)
    except (OSError, ValueError) as error:
        raise BenchmarkRefused(f"{data} cannot be read: {error}") from error
    return compare(histories)
