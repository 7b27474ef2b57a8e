"""Who took this also took that: counts of pairs over interaction sequences, kept once, and two views derived from them.

`counts[i, j]` sums, over all users who have i before j, `|distance|^-distance_power` times both weights. It is additive: the counts
of two sets of users are the sum of theirs. With M = counts + backward * counts' and m the sums of M's rows,

    view[i, j] = M[i, j] / (m_i^source_power * m_j^target_power + shrink)

the `directed` view has backward < 1 and serves ordered purchases, the `symmetric` one has backward = 1 and serves likes in a chat,
which have no order. Shrinking keeps chance pairs of rare items down, the powers damp what everybody takes (Deshpande and Karypis,
"Item-based top-N recommendation algorithms", 2004, there with one power and no direction). The symmetric view also takes a second
step, view + second_step * nearest * nearest, so that one or two likes reach items that nobody paired with them directly; ordered
histories, which are longer, lose by it and go without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field
from scipy import sparse

from catalog_data.schema import Catalog, Frozen
from retrieval.interactions import Events, catalog_events, link_counts
from retrieval.protocols import Rows
from retrieval.scorer import Scorer, Values, Visitor, resolve

NEGLIGIBLE = 1e-9


class Tuning(Frozen):
    """Tuned on the validation items of Amazon Beauty (22,363 users); wide optima, so one setting serves every shop.

    `window`: only a user's last so many items are paired, so that nobody with thousands of events shapes the model alone.
    `decay`: what a purchase counts for against the next newer one. `kept`: entries that a row of a view keeps, the largest.
    `second_step`: what the way over a third item counts for in the symmetric view; the `nearest` of a row are such items.
    """

    window: int = Field(default=60, ge=2)
    distance_power: float = Field(default=0.4, ge=0)
    backward: float = Field(default=0.2, ge=0, le=1)
    source_power: float = Field(default=0.7, ge=0)
    target_power: float = Field(default=0.2, ge=0)
    shrink: float = Field(default=40.0, gt=0)
    decay: float = Field(default=0.6, gt=0, le=1)
    kept: int = Field(default=100, ge=1)
    second_step: float = Field(default=4.0, ge=0)
    nearest: int = Field(default=10, ge=1)


DEFAULT_TUNING = Tuning()


def count_pairs(events: Events, tuning: Tuning = DEFAULT_TUNING) -> Any:
    """csr_array float64 (n_items, n_items): the counts of this module's docstring. A pair of which one item was returned counts
    against; of two returned ones nothing is learnt."""
    recent = _last(events, tuning.window)
    users, items, weights = recent.users, recent.items, recent.weights
    counts = sparse.csr_array((events.n_items, events.n_items), dtype=np.float64)
    if not len(users):
        return counts
    sources, targets, values = [], [], []
    for distance in range(1, tuning.window):
        earlier = np.flatnonzero(users[distance:] == users[:-distance])
        if not len(earlier):
            break
        later = earlier + distance
        both = weights[earlier] * weights[later]
        both[(weights[earlier] < 0) & (weights[later] < 0)] = 0.0
        sources.append(items[earlier])
        targets.append(items[later])
        values.append(both * distance**-tuning.distance_power)
    if sources:
        places = (np.concatenate(sources), np.concatenate(targets))
        counts = sparse.csr_array((np.concatenate(values), places), shape=counts.shape)
    return counts


def _last(events: Events, window: int) -> Events:
    """Each user's last `window` entries."""
    ends = np.cumsum(np.bincount(events.users, minlength=events.n_users))
    recent = ends[events.users] - np.arange(len(events.users)) <= window
    return Events(events.users[recent], events.items[recent], events.weights[recent], events.n_items)


def derive_view(counts: Any, backward: float, tuning: Tuning = DEFAULT_TUNING) -> Any:
    """csr_array float64 (n, n), no negative entry, none on the diagonal, at most `tuning.kept` a row."""
    both = (counts + backward * counts.T).tocoo()
    real = (both.data > NEGLIGIBLE) & (both.row != both.col)
    row, col, data = both.row[real], both.col[real], both.data[real]
    mass = np.bincount(row, weights=data, minlength=counts.shape[0])
    damped = data / (mass[row] ** tuning.source_power * mass[col] ** tuning.target_power + tuning.shrink)
    return _largest(sparse.csr_array((damped, (row, col)), shape=counts.shape), tuning.kept)


def add_second_step(view: Any, tuning: Tuning = DEFAULT_TUNING) -> Any:
    """csr_array float64 (n, n): a view with the ways over a third item added, none back to where it began; at most `tuning.kept` a row."""
    near = _largest(view, tuning.nearest)
    both = (view + tuning.second_step * (near @ near)).tocoo()
    real = (both.row != both.col) & (both.data > 0)
    places = (both.row[real], both.col[real])
    return _largest(sparse.csr_array((both.data[real], places), shape=view.shape), tuning.kept)


def _largest(view: Any, kept: int) -> Any:
    """Each row's `kept` largest entries; of equal ones those of the lower column."""
    view.sort_indices()
    keep = np.ones(view.nnz, dtype=bool)
    for row in np.flatnonzero(np.diff(view.indptr) > kept):
        start, end = view.indptr[row], view.indptr[row + 1]
        keep[start + np.argsort(-view.data[start:end], kind="stable")[kept:]] = False
    rows = np.repeat(np.arange(view.shape[0]), np.diff(view.indptr))
    indptr = np.concatenate(([0], np.cumsum(np.bincount(rows[keep], minlength=view.shape[0]))))
    return sparse.csr_array((view.data[keep], view.indices[keep], indptr), shape=view.shape)


class ItemToItem:
    """Keeps the `Scorer` protocol. Immutable: new interactions give a new model.

    `ids` name the rows; `counts` are of `count_pairs` (and `link_counts`), one row an item. Raises ValueError where they disagree.
    """

    def __init__(self, ids: Sequence[str], counts: Any, tuning: Tuning = DEFAULT_TUNING) -> None:
        if counts.shape != (len(ids), len(ids)):
            raise ValueError(f"found counts of shape {counts.shape} for {len(ids)} ids; allowed: one row and one column an id")
        self._ids = tuple(ids)
        self._rows = {item: row for row, item in enumerate(ids)}
        self._counts = counts
        self._tuning = tuning
        self._directed = derive_view(counts, tuning.backward, tuning)
        self._symmetric = add_second_step(derive_view(counts, 1.0, tuning), tuning)

    @property
    def counts(self) -> Any:
        """csr_array (n, n): the additive counts."""
        return self._counts

    def updated(self, added: Events, replaced: Events | None = None) -> ItemToItem:
        """The model with these users' events as well. For users that it has already seen, `replaced` are the events that they had."""
        counts = self._counts + count_pairs(added, self._tuning)
        if replaced is not None:
            counts = counts - count_pairs(replaced, self._tuning)
        return ItemToItem(self._ids, counts.tocsr(), self._tuning)

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),). Purchases add their directed rows, the newest whole and each older one `decay` times the one after it;
        likes add their symmetric rows, rejected items take theirs off."""
        known = resolve(visitor, self._rows)
        total = np.zeros(len(self._ids))
        for age, row in enumerate(known.history):
            share = self._tuning.decay**age
            if share < NEGLIGIBLE:
                break
            _add_row(total, self._directed, row, share)
        for row in known.liked:
            _add_row(total, self._symmetric, row, 1.0)
        for row in known.rejected:
            _add_row(total, self._symmetric, row, -1.0)
        scores: Values = total[rows]
        return scores


def _add_row(total: Values, view: Any, row: int, share: float) -> None:
    """Adds one sparse row in place: a row's columns are distinct, so plain indexing adds each once."""
    start, end = view.indptr[row], view.indptr[row + 1]
    total[view.indices[start:end]] += share * view.data[start:end]


def fit_default(catalog: Catalog, events: Events | None = None) -> Scorer:
    """The model that the product uses: the catalog's interactions (`events`, where they are at hand) and its `bought_with` links in one
    set of counts."""
    counts = (count_pairs(events or catalog_events(catalog)) + link_counts(catalog)).tocsr()
    return ItemToItem([product.product_id for product in catalog.products], counts)
