"""The classical neighbourhood models, beside the one that the product uses: to compare with, and to explain by.

All take r, the matrix of `Events`: r_up is what user u's acts say for item p. A visitor's own vector has 1 for what she bought or
liked. What she rejected is scored as the wishes of a second visitor, and taken off.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from retrieval.interactions import Events
from retrieval.protocols import Rows
from retrieval.scorer import Values, Visitor, resolve


def _inverse(norms: Values) -> Values:
    """1 / norm, 0 where the norm is 0."""
    inverse: Values = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return inverse


def _scaled(matrix: Any, axis: int) -> Any:
    """The matrix with its rows (axis 0) or columns (axis 1) brought to Euclidean length 1; those of length 0 stay."""
    inverse = sparse.diags_array(_inverse(np.sqrt((matrix * matrix).sum(axis=1 - axis))))
    return (inverse @ matrix if axis == 0 else matrix @ inverse).tocsr()


class UserCosine:
    """sim(u, v) = sum_m r_um r_vm / (|r_u| |r_v|), m over items ("vector similarity" in Breese, Heckerman and Kadie, "Empirical
    analysis of predictive algorithms for collaborative filtering", 1998)."""

    def __init__(self, events: Events) -> None:
        self._unit = _scaled(events.matrix(), axis=0)

    def similar(self, wanted: Sequence[int], limit: int) -> tuple[Rows, Values]:
        """The `limit` users most like one who wants these items, best first (of equals the first), with their similarity in (0, 1]."""
        target = np.zeros(self._unit.shape[1])
        target[list(wanted)] = 1.0
        similarity = self._unit @ target / max(len(wanted), 1) ** 0.5
        best = np.argsort(-similarity, kind="stable")[:limit]
        best = best[similarity[best] > 0].astype(np.int64)
        return best, similarity[best]


def item_cosines(events: Events) -> Any:
    """csr_array float64 (n_items, n_items): sim(p, q) = sum_u r_up r_uq / (|r_p| |r_q|), u over users; 1 on the diagonal of items that
    anyone touched (Sarwar, Karypis, Konstan and Riedl, "Item-based collaborative filtering recommendation algorithms", 2001)."""
    unit = _scaled(events.matrix(), axis=1)
    return (unit.T @ unit).tocsr()


class _Neighbourhood(ABC):
    """Keeps the `Scorer` protocol for models that score what is wanted; what is rejected is scored likewise and taken off."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._rows = {item: row for row, item in enumerate(ids)}

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),): the score of what was bought or liked less the score of what was rejected; 0 for the unknown visitor."""
        known = resolve(visitor, self._rows)
        total = np.zeros(len(self._rows))
        if known.wanted:
            total += self._wanted(known.wanted)
        if known.rejected:
            total -= self._wanted(known.rejected)
        scores: Values = total[rows]
        return scores

    @abstractmethod
    def _wanted(self, wanted: Sequence[int]) -> Values:
        """float64 (n,): every item for a visitor who wants these and nothing else; never asked of none."""


class UserUser(_Neighbourhood):
    """score(u, p) = sum_v sim(u, v) r_vp / sum_v sim(u, v), v over the `limit` users most like u (Resnick, Iacovou, Suchak, Bergstrom
    and Riedl, "GroupLens", 1994, without the means, which acts do not have)."""

    def __init__(self, ids: Sequence[str], events: Events, limit: int = 200) -> None:
        super().__init__(ids)
        self._users = UserCosine(events)
        self._matrix = events.matrix()
        self._limit = limit

    def _wanted(self, wanted: Sequence[int]) -> Values:
        users, similarity = self._users.similar(wanted, self._limit)
        if not len(users):
            return np.zeros(len(self._rows))
        scores: Values = self._matrix[users].T @ similarity / similarity.sum()
        return scores


class ItemItem(_Neighbourhood):
    """score(u, p) = sum_q sim(p, q), q over what u wants, sim of `item_cosines` (Deshpande and Karypis, "Item-based top-N
    recommendation algorithms", 2004)."""

    def __init__(self, ids: Sequence[str], events: Events) -> None:
        super().__init__(ids)
        self._cosines = item_cosines(events)

    def _wanted(self, wanted: Sequence[int]) -> Values:
        scores: Values = self._cosines[list(wanted)].sum(axis=0)
        return scores


class UserTimesItem(_Neighbourhood):
    """rec(u, p) = max over neighbours v of u and items q of v of sim(u, v) sim(p, q), in [0, 1]: as likely as the best chain "someone
    like you took q, and who takes q takes p". v: the `limit` users most like u; items of v: those with r_vq > 0 (a fusion of both
    similarities in the manner of Wang, de Vries and Reinders, "Unifying user-based and item-based collaborative filtering approaches
    by similarity fusion", 2006, by a maximum of products)."""

    def __init__(self, ids: Sequence[str], events: Events, limit: int = 50) -> None:
        super().__init__(ids)
        self._users = UserCosine(events)
        self._taken = events.matrix() > 0
        self._cosines = item_cosines(events)
        self._limit = limit

    def _wanted(self, wanted: Sequence[int]) -> Values:
        users, similarity = self._users.similar(wanted, self._limit)
        taken = self._taken[users]
        nearest = np.zeros(len(self._rows))  # by item q: sim(u, v) of the most similar v that took q
        np.maximum.at(nearest, taken.indices, np.repeat(similarity, np.diff(taken.indptr)))
        sources = np.flatnonzero(nearest)
        chains = self._cosines[sources]
        best = np.zeros(len(self._rows))
        np.maximum.at(best, chains.indices, chains.data * np.repeat(nearest[sources], np.diff(chains.indptr)))
        return best


class Popularity:
    """score(u, p) = log(1 + sum_u r_up), the same for everyone, known or not: the measure that every model of taste has to beat, and
    the one scorer that does not fall silent for the unknown visitor."""

    def __init__(self, events: Events) -> None:
        counts = np.zeros(events.n_items)
        np.add.at(counts, events.items, events.weights)
        self._logs = np.log1p(np.maximum(counts, 0.0))

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),), never negative; `visitor` changes nothing."""
        scores: Values = self._logs[rows]
        return scores
