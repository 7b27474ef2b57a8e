"""From what shoppers did to the arrays that the models of taste are fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from catalog_data.schema import Catalog, InteractionKind
from retrieval.protocols import Rows
from retrieval.scorer import Values

KIND_WEIGHTS: Mapping[InteractionKind, float] = {"purchase": 1.0, "basket": 0.6, "like": 0.5, "view": 0.2, "return": -0.5}
"""How much each act says for an item. A search names no item and says nothing here."""

BOUGHT_WITH = "bought_with"


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """One entry a user and item. `users` int64 (m,) ascending from 0, and within a user in order of time; `items` int64 (m,) in
    [0, n_items); `weights` float64 (m,), positive for the item, negative against it."""

    users: Rows
    items: Rows
    weights: Values
    n_items: int

    @property
    def n_users(self) -> int:
        """Users with at least one entry."""
        return int(self.users[-1]) + 1 if len(self.users) else 0

    def matrix(self) -> Any:
        """csr_array float64 (n_users, n_items) of the weights."""
        return sparse.csr_array((self.weights, (self.users, self.items)), shape=(self.n_users, self.n_items))


def item_rows(catalog: Catalog) -> dict[str, int]:
    """Every item's place in the catalog."""
    return {product.product_id: row for row, product in enumerate(catalog.products)}


def sequence_events(sequences: Sequence[Sequence[int]], n_items: int) -> Events:
    """Events of plain sequences: one user each, oldest item first, all of weight 1; empty ones are left out, and an item that recurs in
    a sequence stays where it was last."""
    kept = [tuple(reversed(dict.fromkeys(reversed(sequence)))) for sequence in sequences if len(sequence)]
    items = np.array([item for sequence in kept for item in sequence], dtype=np.int64)
    users = np.repeat(np.arange(len(kept), dtype=np.int64), [len(sequence) for sequence in kept])
    return Events(users, items, np.ones(len(items)), n_items)


def catalog_events(catalog: Catalog) -> Events:
    """Events of the catalog's interactions: for a user and an item the strongest act, at the time of its last occurrence. A return
    outweighs all that came before it, and only a later purchase outweighs a return. Unknown items are left out."""
    rows = item_rows(catalog)
    found: dict[tuple[str, int], tuple[int, float]] = {}
    for position, act in enumerate(sorted(catalog.interactions, key=lambda act: (act.user_id, act.at))):
        row = rows.get(act.product_id) if act.product_id is not None else None
        weight = KIND_WEIGHTS.get(act.kind)
        if row is None or weight is None:
            continue
        _, before = found.get((act.user_id, row), (0, 0.0))
        if act.kind in ("return", "purchase") or 0 <= before <= weight:
            found[act.user_id, row] = (position, weight)
    entries = sorted((position, user, row, weight) for (user, row), (position, weight) in found.items())
    numbers: dict[str, int] = {}
    users = [numbers.setdefault(user, len(numbers)) for _, user, _, _ in entries]
    items = np.array([row for _, _, row, _ in entries], dtype=np.int64)
    weights = np.array([weight for _, _, _, weight in entries], dtype=np.float64)
    return Events(np.array(users, dtype=np.int64), items, weights, len(rows))


def link_counts(catalog: Catalog) -> Any:
    """csr_array float64 (n, n), symmetric: the catalog's `bought_with` links as co-purchases without order. The links' unit is the
    shop's own, so they are divided by their mean: the average link counts as one co-purchase, half in each direction."""
    rows = item_rows(catalog)
    links = [link for link in catalog.links if link.relation == BOUGHT_WITH and link.src in rows and link.dst in rows]
    links = [link for link in links if link.src != link.dst]
    weights = np.array([link.weight for link in links], dtype=np.float64)
    shape = (len(rows), len(rows))
    if not links:
        return sparse.csr_array(shape, dtype=np.float64)
    places = ([rows[link.src] for link in links], [rows[link.dst] for link in links])
    counts = sparse.csr_array((weights / weights.mean() / 2, places), shape=shape)
    return (counts + counts.T).tocsr()


def popularity(catalog: Catalog, events: Events | None = None) -> NDArray[np.float64]:
    """float64 (n,), log(1 + count), never negative. `events`: the catalog's, where they are at hand. Counts are the summed weights of the
    interactions; of the `bought_with` links where there are none; of the ratings where there are neither."""
    counts = np.zeros(len(catalog.products))
    if catalog.interactions:
        acts = events or catalog_events(catalog)
        np.add.at(counts, acts.items, acts.weights)
    elif any(link.relation == BOUGHT_WITH for link in catalog.links):
        counts = np.asarray(link_counts(catalog).sum(axis=1), dtype=np.float64).ravel()
    else:
        counts = np.array([product.rating_count for product in catalog.products], dtype=np.float64)
    logs: NDArray[np.float64] = np.log1p(np.maximum(counts, 0.0))
    return logs
