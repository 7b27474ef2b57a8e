"""The models of taste that the benchmarks compare, ours and peers, and what fits each of them once and says what that took."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from benchmarks.effort import effort
from benchmarks.histories import Terms
from benchmarks.peers_taste import Ease, ImplicitFactors, ImplicitNeighbours
from catalog_data.schema import Frozen
from retrieval.blend import Blend, fit_blend
from retrieval.collaborative import ItemToItem, count_pairs
from retrieval.content_taste import ContentTaste, term_features
from retrieval.interactions import Events
from retrieval.metrics import Case
from retrieval.neighbours import ItemItem, Popularity, UserTimesItem, UserUser
from retrieval.protocols import Rows
from retrieval.scorer import Scorer
from retrieval.sequence import INFORMED_TUNING

DIRECTED, SYMMETRIC, SEQUENCE, WORDS, LABELS = "item-to-item", "item-to-item, symmetric", "SASRec", "words", "labels"
POPULARITY, FACTORS, INFORMED = "popularity", "implicit ALS", "SASRec with words and labels"


@dataclass(frozen=True, eq=False)
class Material:
    """What a system is fitted on. `content`: the terms of the items by kind, where anything is known of them."""

    ids: Sequence[str]
    events: Events
    content: Mapping[str, Terms]


Fit = Callable[[Material], Scorer]


class System(Frozen):
    """One line of a table. `ordered` false: a history is given to it as likes, without its order. `parts`: it is the blend of the systems
    of these names, with weights fitted on cases for tuning, and has no `fit` of its own. `needs`: the kinds of content that it reads."""

    name: str
    fit: Fit | None = None
    parts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    ours: bool = False
    ordered: bool = True


def fit_item_to_item(material: Material) -> Scorer:
    """Ours, with the tuning that the product uses."""
    return ItemToItem(material.ids, count_pairs(material.events))


def fit_sequence_model(material: Material) -> Scorer:
    """SASRec with a sampled softmax, as the product trains it."""
    # Imported here: it loads torch, which takes seconds and memory that are not the other systems'.
    from retrieval.sequence_training import fit_sequence

    return fit_sequence(material.ids, material.events)


def fit_informed_model(material: Material) -> Scorer:
    """The same, an item's vector being shared with items of its words and labels."""
    # Imported here: it loads torch, which takes seconds and memory that are not the other systems'.
    from retrieval.sequence_training import fit_sequence

    features = sparse.hstack([term_features(material.content[kind]) for kind in ("words", "labels")], format="csr")
    return fit_sequence(material.ids, material.events, INFORMED_TUNING, features)


def blend_of(*parts: str) -> System:
    """The blend of these parts as a line of a table."""
    return System(name=f"blend of {', '.join(parts)}", parts=parts, ours=True)


PEERS = (
    System(name=POPULARITY, fit=lambda given: Popularity(given.events)),
    System(name="item-item cosine", fit=lambda given: ItemItem(given.ids, given.events)),
    System(name="user-user cosine", fit=lambda given: UserUser(given.ids, given.events)),
    System(name="user-user x item-item", fit=lambda given: UserTimesItem(given.ids, given.events)),
    System(name=FACTORS, fit=lambda given: ImplicitFactors(given.ids, given.events)),
    System(name="implicit BM25", fit=lambda given: ImplicitNeighbours(given.ids, given.events)),
    System(name="EASE", fit=lambda given: Ease(given.ids, given.events)),
)
SEQUENCE_MODEL = System(name=SEQUENCE, fit=fit_sequence_model, ours=True)
INFORMED_MODEL = System(name=INFORMED, fit=fit_informed_model, needs=("words", "labels"), ours=True)
CONTENT = (
    System(
        name=WORDS, fit=lambda given: ContentTaste(given.ids, term_features(given.content["words"])), needs=("words",), ours=True
    ),
    System(
        name=LABELS,
        fit=lambda given: ContentTaste(given.ids, term_features(given.content["labels"])),
        needs=("labels",),
        ours=True,
    ),
)


class Fitted(NamedTuple):
    """A system at work, and what that took: a blend's parts count, each as if it were alone. `weights`: a blend's."""

    scorer: Scorer
    seconds: float
    peak_mb: float | None
    weights: Mapping[str, float] | None = None


class Workshop:
    """Fits systems on `material`, each once. The weights of blends are fitted on `cases`, with the parts as `tuner` fits them (default:
    as this workshop does), which must not have learnt from the cases' targets."""

    def __init__(
        self, material: Material, systems: Sequence[System], cases: Sequence[Case], tuner: Workshop | None = None
    ) -> None:
        self.material = material
        self._by_name = {system.name: system for system in systems}
        self._cases = cases
        self._tuner = tuner
        self._fitted: dict[str, Fitted] = {}

    def fitted(self, system: System) -> Fitted:
        """The system, fitted on the first call. Raises ModuleNotFoundError where it needs a package that is not installed."""
        if system.name not in self._fitted:
            self._fitted[system.name] = self._blended(system) if system.parts else self._single(system)
        return self._fitted[system.name]

    def lacks(self, system: System) -> str | None:
        """The kind of content that the system, or a part of it, needs and that is not there."""
        needed = [kind for one in (system, *(self._by_name[part] for part in system.parts)) for kind in one.needs]
        return next((kind for kind in needed if kind not in self.material.content), None)

    def _single(self, system: System) -> Fitted:
        fit = system.fit
        assert fit is not None, f"{system.name} has neither parts nor a way to fit it"
        spent = effort(lambda: fit(self.material))
        return Fitted(spent.made, spent.seconds, spent.peak_mb)

    def _blended(self, system: System) -> Fitted:
        parts = {name: self.fitted(self._by_name[name]) for name in system.parts}
        if self._tuner is not None:
            tuned = self._tuner.fitted(system)
            weights, seconds, peaks = tuned.weights or {}, tuned.seconds, [tuned.peak_mb]
        else:
            scorers = {name: part.scorer for name, part in parts.items()}
            with one_thread():
                spent = effort(lambda: fit_blend(scorers, self._cases, len(self.material.ids)))
            weights, seconds, peaks = spent.made, spent.seconds, [spent.peak_mb]
        seconds += sum(part.seconds for part in parts.values())
        known = [peak for peak in (*peaks, *(part.peak_mb for part in parts.values())) if peak is not None]
        blend = Blend({name: part.scorer for name, part in parts.items()}, weights, len(self.material.ids))
        return Fitted(blend, seconds, max(known, default=None), weights)

    def notes(self) -> list[str]:
        """The weights of the blends that were fitted."""
        return [
            f"{name}: weights {', '.join(f'{part} {weight:.2f}' for part, weight in fitted.weights.items())}"
            for name, fitted in self._fitted.items()
            if fitted.weights is not None
        ]


def fit_all(workshop: Workshop, systems: Sequence[System]) -> tuple[dict[str, Fitted], list[str]]:
    """Every system that can be fitted, by name, and a note for each that cannot: its package is not installed, or nothing is known of the
    items that it reads."""
    fitted: dict[str, Fitted] = {}
    notes = []
    for system in systems:
        lacking = workshop.lacks(system)
        if lacking is not None:
            notes.append(f"{system.name} is left out: no file beside the histories gives {lacking} of the items")
            continue
        try:
            fitted[system.name] = workshop.fitted(system)
        except ModuleNotFoundError as error:
            notes.append(f"{system.name} is left out: package {error.name} is not installed; install it to compare")
    return fitted, notes


def costs(fitted: Fitted, cases: Sequence[Case], n_items: int) -> dict[str, float]:
    """`fit_s` (seconds), `fit_mb` where the system tells, `score_all_us` and `score_200_us`: microseconds, the median time to score all
    items and 200 of them for one visitor."""
    few = np.sort(np.random.default_rng(0).choice(n_items, min(200, n_items), replace=False)).astype(np.int64)
    return {
        "fit_s": round(fitted.seconds, 3),
        **({} if fitted.peak_mb is None else {"fit_mb": round(fitted.peak_mb, 1)}),
        "score_all_us": round(_score_time(fitted.scorer, cases, np.arange(n_items, dtype=np.int64)), 1),
        "score_200_us": round(_score_time(fitted.scorer, cases, few), 1),
    }


def _score_time(scorer: Scorer, cases: Sequence[Case], rows: Rows) -> float:
    times = []
    with one_thread():
        for case in cases[:300]:
            start = time.perf_counter()
            scorer.score(case.visitor, rows)
            times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e6


def one_thread() -> Any:
    """A context in which BLAS has one thread: a product of 12,000 rows takes longer in two, which wait for each other."""
    return ThreadpoolController().limit(limits=1, user_api="blas")
