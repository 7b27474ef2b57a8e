"""What the shop's own records say goes with what: items bought on one day by one shopper, and the links that the shop keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from catalog_data.schema import Catalog
from retrieval.interactions import item_rows

LINK_WEIGHTS: Mapping[str, float] = MappingProxyType({"shownWith": 1.0, "bought_with": 0.6, "recommended": 0.3})
"""What a link counts for against one common purchase, by relation: stylists' looks, baskets, the retailer's own suggestions. A weight
of the shop's own scales with the mean of its relation. Other relations (colours of one style) say nothing of pairing."""

LARGEST_BASKET = 12
"""A day's purchases beyond this are a stock, not a look; they are left out."""

SMOOTHING = 10.0
"""So many imagined common purchases, as chance has them, stand beside the real ones of every pair of types."""


def common_purchases(catalog: Catalog) -> Any:
    """csr_array float64 (n, n), symmetric: how many baskets hold both items. A basket is what one shopper bought on one day (UTC)."""
    rows = item_rows(catalog)
    baskets: dict[tuple[str, str], set[int]] = defaultdict(set)
    for act in catalog.interactions:
        if act.kind == "purchase" and act.product_id in rows:
            baskets[act.user_id, act.at.date().isoformat()].add(rows[act.product_id])
    pairs = [pair for items in baskets.values() if len(items) <= LARGEST_BASKET for pair in combinations(sorted(items), 2)]
    return _symmetric(pairs, [1.0] * len(pairs), len(rows))


def linked(catalog: Catalog, relation: str) -> Any:
    """csr_array float64 (n, n), symmetric: the catalog's links of one relation, their mean weight brought to 1."""
    rows = item_rows(catalog)
    links = [link for link in catalog.links if link.relation == relation and link.src in rows and link.dst in rows]
    mean = sum(link.weight for link in links) / len(links) if links else 1.0
    pairs = [(rows[link.src], rows[link.dst]) for link in links]
    return _symmetric(pairs, [link.weight / mean for link in links], len(rows))


def _symmetric(pairs: list[tuple[int, int]], weights: list[float], size: int) -> Any:
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    both = np.concatenate((places, places[:, ::-1]))
    values = np.array(weights * 2, dtype=np.float64)
    matrix = sparse.csr_array((values, (both[:, 0], both[:, 1])), shape=(size, size))
    matrix.sum_duplicates()
    return matrix


def type_affinity(together: Any, kind: NDArray[np.int64], kinds: int) -> NDArray[np.float32]:
    """float32 (kinds + 1, kinds + 1) in (0, 1), symmetric: 0.5 for types that come together as often as chance has it, more for more.

    With the observed and the expected count of two types, both raised by `SMOOTHING`, it is observed / (observed + expected): the lift
    (the exponential of the pointwise mutual information) brought to the unit interval and shrunk where counts are small. The last row
    and column stand for no type.
    """
    member = sparse.csr_array((np.ones(len(kind)), (kind, np.arange(len(kind)))), shape=(kinds + 1, len(kind)))
    observed = np.asarray((member @ together @ member.T).todense(), dtype=np.float64)
    whole = max(1.0, float(observed.sum()))
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=1)) / whole
    affinity: NDArray[np.float32] = ((observed + SMOOTHING) / (observed + expected + 2 * SMOOTHING)).astype(np.float32)
    return affinity
