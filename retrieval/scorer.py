"""Who is asking, as far as taste goes, and what a model of taste must do for her."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Frozen
from retrieval.protocols import Rows

Values = NDArray[np.float64]


class Visitor(Frozen):
    """What is known of one shopper: `history` is what she bought, oldest first; `liked` and `rejected` are from this chat, without
    order. Ids that the catalog lacks are ignored. What is rejected no longer counts as liked or bought."""

    history: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()


class Scorer(Protocol):
    """How well items suit a visitor. Scores order the items of one visitor; they are not comparable between visitors or scorers."""

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),) for the items at `rows`, int64 places in the catalog; all 0 when nothing is known of the visitor."""


class Known(NamedTuple):
    """A visitor in row numbers, no row twice: `history` newest first, `liked` and `rejected` ascending, nothing rejected in the others."""

    history: tuple[int, ...]
    liked: tuple[int, ...]
    rejected: tuple[int, ...]

    @property
    def wanted(self) -> tuple[int, ...]:
        """Bought or liked, ascending, no row twice."""
        return tuple(sorted({*self.history, *self.liked}))


def resolve(visitor: Visitor, rows_by_id: Mapping[str, int]) -> Known:
    """The visitor in row numbers. An item that was bought twice stands where it was bought last."""
    rejected = {rows_by_id[item] for item in visitor.rejected if item in rows_by_id}
    bought = [rows_by_id[item] for item in reversed(visitor.history) if item in rows_by_id]
    liked = {rows_by_id[item] for item in visitor.liked if item in rows_by_id}
    return Known(
        history=tuple(row for row in dict.fromkeys(bought) if row not in rejected),
        liked=tuple(sorted(liked - rejected)),
        rejected=tuple(sorted(rejected)),
    )
