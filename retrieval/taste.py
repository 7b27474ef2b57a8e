"""The model of taste that the shop serves: item-to-item counts, joined by the sequence model where one was trained and pays.

Whether it pays is found out before anything is kept: both are fitted without each shopper's last purchase, the weights of their z-scores
are fitted on half of those purchases, and on the other half the blend must lead item-to-item alone by twice the standard error of the
difference. The sequence model speaks for purchases, which have an order; likes and rejections of a chat, which have none, are left to the
counts. What is kept is a model, and beside it what it came to, which names the model's file: written last, so that both are there or none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field
from scipy import sparse

from catalog_data.schema import Catalog, Frozen, ValueSlot
from retrieval.blend import fit_blend, z_scores
from retrieval.collaborative import fit_default
from retrieval.content_taste import term_features
from retrieval.errors import TasteUnusable
from retrieval.interactions import Events, catalog_events
from retrieval.lexical import tokens
from retrieval.metrics import Case, next_item_ranks
from retrieval.protocols import Rows
from retrieval.scorer import Scorer, Values, Visitor
from retrieval.sequence import SequenceModel, load_sequence
from retrieval.training import HeldBack, hold_back

COUNTS, SEQUENCE = "counts", "sequence"
MINIMUM_CASES = 200
"""Held-back purchases below which nothing can be told."""
LIMIT = 4000
"""Held-back purchases that are asked at most."""
LEAD = 2.0
"""By how many standard errors the blend must lead."""
LABEL_SLOTS: tuple[ValueSlot, ...] = ("category", "brand", "color", "material", "pattern", "fit", "style", "feature", "gender")

FitSequence = Callable[[Catalog], SequenceModel]


class Trial(Frozen):
    """What the sequence model came to on `cases` held-back purchases: nDCG@10 of the counts alone and of both, and the difference with
    its standard error. `counts`, `sequence`: the weights of both, the larger 1."""

    cases: int = Field(ge=1)
    alone: float = Field(ge=0, le=1)
    both: float = Field(ge=0, le=1)
    gain: float
    gain_se: float = Field(ge=0)
    counts: float = Field(ge=0, le=1)
    sequence: float = Field(ge=0, le=1)

    @property
    def pays(self) -> bool:
        """Whether the blend leads by more than chance would have it."""
        return self.gain > LEAD * self.gain_se


class KeptTaste(Frozen):
    """What stands beside a kept model: its file, and what it came to."""

    file: str = Field(pattern=r"^[^/\\]+\.npz$")
    trial: Trial


class OrderedTaste:
    """Keeps the `Scorer` protocol: `base`, and for a visitor with purchases the weighted sum of its z-scores and the sequence model's,
    over all of `n_items`."""

    def __init__(self, base: Scorer, sequence: Scorer, trial: Trial, n_items: int) -> None:
        self._base = base
        self._sequence = sequence
        self._trial = trial
        self._all = np.arange(n_items, dtype=np.int64)

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),); as `base` scores where nothing was bought."""
        bought = tuple(item for item in visitor.history if item not in visitor.rejected)
        follows = self._sequence.score(Visitor(history=bought), self._all) if bought else np.zeros(len(self._all))
        if not follows.any():
            return self._base.score(visitor, rows)
        both = self._trial.counts * z_scores(self._base.score(visitor, self._all)) + self._trial.sequence * z_scores(follows)
        scores: Values = both[rows]
        return scores


def try_sequence(catalog: Catalog, fit: FitSequence) -> Trial:
    """What a sequence model, as `fit` makes it, adds on this catalog's held-back purchases. Raises `TasteUnusable` where those are fewer
    than 200."""
    kept, held_back = hold_back(catalog)
    if len(held_back) < MINIMUM_CASES:
        raise TasteUnusable(
            f"{len(held_back)} shoppers have two purchases of known items or more; a sequence model is trained where {MINIMUM_CASES} have"
        )
    drawn = np.sort(np.random.default_rng(0).permutation(len(held_back))[:LIMIT])
    cases = [_case(catalog, held_back[place]) for place in drawn]
    parts: dict[str, Scorer] = {COUNTS: fit_default(kept), SEQUENCE: fit(kept)}
    n_items = len(catalog.products)
    weights = fit_blend(parts, cases[::2], n_items)
    first = Trial(cases=1, alone=0, both=0, gain=0, gain_se=0, counts=weights[COUNTS], sequence=weights[SEQUENCE])
    both = OrderedTaste(parts[COUNTS], parts[SEQUENCE], first, n_items)
    alone, joined = (_gains(scorer, cases[1::2], n_items) for scorer in (parts[COUNTS], both))
    gains = joined - alone
    figures = {"cases": len(gains), "alone": float(alone.mean()), "both": float(joined.mean())}
    spread = {"gain": float(gains.mean()), "gain_se": float(gains.std(ddof=1) / len(gains) ** 0.5)}
    return first.model_copy(update=figures | spread)


def _case(catalog: Catalog, held: HeldBack) -> Case:
    history = tuple(catalog.products[row].product_id for row in held.history)
    return Case(visitor=Visitor(history=history), target=held.target, excluded=tuple(sorted(set(held.history))))


def _gains(scorer: Scorer, cases: Sequence[Case], n_items: int) -> Values:
    """float64 (cases,): 1 / log2(1 + rank) within ten, else 0."""
    ranks = next_item_ranks(scorer, cases, n_items)
    gains: Values = np.where(ranks <= 10, 1 / np.log2(1 + ranks), 0.0)
    return gains


def train_taste(catalog: Catalog, folder: Path, fit: FitSequence) -> Trial:
    """Trains the sequence model twice, once to see whether it pays and, if so, on all that the catalog has, and keeps that one in
    `folder`; what was kept before for this catalog goes. Raises `TasteUnusable` as `try_sequence` does."""
    trial = try_sequence(catalog, fit)
    note = _note(folder, catalog)
    before = _models(folder, catalog)
    if not trial.pays:
        note.unlink(missing_ok=True)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        path = _save(fit(catalog), folder, catalog)
        fresh = note.with_name(f"{note.name}.new")
        fresh.write_text(KeptTaste(file=path.name, trial=trial).model_dump_json(indent=1) + "\n", encoding="utf-8")
        fresh.replace(note)
        before.discard(path)
    for old in before:
        old.unlink()
    return trial


def _models(folder: Path, catalog: Catalog) -> set[Path]:
    """The models that are kept for this catalog, and for none whose id only begins as its own does."""
    own = re.compile(rf"{re.escape(catalog.manifest.catalog_id)}-[0-9a-f]{{12}}\.npz")
    return {path for path in folder.glob("*.npz") if own.fullmatch(path.name)}


def _save(model: SequenceModel, folder: Path, catalog: Catalog) -> Path:
    """The model under a name that tells its contents."""
    fresh = folder / f"{catalog.manifest.catalog_id}.new.npz"
    model.save(fresh)
    digest = hashlib.sha256(fresh.read_bytes()).hexdigest()[:12]
    return fresh.replace(folder / f"{catalog.manifest.catalog_id}-{digest}.npz")


def _note(folder: Path, catalog: Catalog) -> Path:
    return folder / f"{catalog.manifest.catalog_id}.json"


def kept_taste(catalog: Catalog, folder: Path) -> Scorer | None:
    """The model of taste with the sequence model that `folder` keeps for this catalog; None where it keeps none. Items that came after the
    training are known to the counts alone. Raises `TasteUnusable` where what is kept cannot be read."""
    note = _note(folder, catalog)
    if not note.exists():
        return None
    ids = [product.product_id for product in catalog.products]
    try:
        kept = KeptTaste.model_validate_json(note.read_bytes())
        sequence = load_sequence(folder / kept.file).aligned(ids)
    except (OSError, ValueError) as error:
        raise TasteUnusable(
            f"{note} names a sequence model that cannot be read ({str(error).splitlines()[0]}); run `shopguide index --sequence-model`, or delete {note}"
        ) from error
    return OrderedTaste(fit_default(catalog), sequence, kept.trial, len(ids))


def purchase_events(catalog: Catalog) -> Events:
    """The events of the catalog's purchases and returns alone: what the order is learnt from is what it is asked of."""
    bought = tuple(act for act in catalog.interactions if act.kind in ("purchase", "return"))
    return catalog_events(catalog.model_copy(update={"interactions": bought}))


def item_features(catalog: Catalog) -> Any:
    """csr_array float64 (n, kinds): the words of each item's title and the values that the shop states of it, each half of length 1."""
    words = term_features([tokens(product.title) for product in catalog.products])
    labels = term_features([[(slot, value) for slot in LABEL_SLOTS for value in one.values(slot)] for one in catalog.products])
    return sparse.hstack([words, labels], format="csr")
