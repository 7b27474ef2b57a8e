"""No five colours of one shirt: who stands in the first places so that they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Product

FIRST = 6
"""How many items a shopper sees at once."""

OF_ONE_STYLE = 2
NEAR_DUPLICATE = 0.97
"""Cosine above which two items of one brand and type read as the same item twice."""


def spread(order: Sequence[int], products: Sequence[Product], vectors: NDArray[np.float32]) -> list[int]:
    """A permutation of `order` (places in `products`, best first) whose first six hold at most two of one `style_id` and no near-duplicate
    of an item before it, as far as the others allow. `vectors` (n, d) are the products', of length 1.

    Greedy, in the manner of maximal marginal relevance (Carbonell and Goldstein, 1998) with a bound for the trade-off: each of the
    first six is the best item that does not crowd those already chosen; who was passed over follows in the old order.
    """
    chosen: list[int] = []
    for place in order:
        if len(chosen) == FIRST:
            break
        if not _crowds(place, chosen, products, vectors):
            chosen.append(place)
    taken = set(chosen)
    return chosen + [place for place in order if place not in taken]


def _crowds(place: int, chosen: Sequence[int], products: Sequence[Product], vectors: NDArray[np.float32]) -> bool:
    product = products[place]
    style = product.style_id
    if style is not None and sum(products[other].style_id == style for other in chosen) >= OF_ONE_STYLE:
        return True
    kin = (product.brand, product.product_type)
    alike = [other for other in chosen if (products[other].brand, products[other].product_type) == kin]
    return bool(alike) and bool((vectors[alike] @ vectors[place] > NEAR_DUPLICATE).any())
