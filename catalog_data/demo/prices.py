"""Prices in EUR cents: by line, brand and material, ending as each brand likes; reductions with a lawful 30-day low."""

from __future__ import annotations

import random
from typing import NamedTuple

MATERIAL_LEVEL = {
    "cashmere": 1.5,
    "silk": 1.3,
    "camel hair": 1.3,
    "shearling": 1.35,
    "nappa": 1.2,
    "leather": 1.15,
    "suede": 1.12,
    "alpaca": 1.12,
    "mohair": 1.1,
    "merino": 1.08,
    "gemstone": 1.15,
    "pearl": 1.1,
    "wool": 1.06,
    "organic cotton": 1.05,
    "acrylic": 0.85,
    "faux leather": 0.88,
    "plastic": 0.85,
    "polyester": 0.94,
}


class Tag(NamedTuple):
    """What stands on the price tag, in cents: now, before, and the lowest of the 30 days before (None: not reduced)."""

    price: int
    list_price: int | None = None
    lowest_30d: int | None = None


def charm(amount: float, ends: int) -> int:
    """The price nearest to `amount` EUR that ends as the brand likes. `ends` 0: whole euros that end in 5 or 9 above 20 EUR."""
    if ends:
        return max(1, round(amount - ends / 100)) * 100 + ends
    whole = max(2, round(amount))
    if whole < 20:
        return whole * 100
    nearest = min(
        (ten + last for ten in (whole // 10 * 10 - 10, whole // 10 * 10) for last in (5, 9)), key=lambda p: abs(p - whole)
    )
    return nearest * 100


def full_price(rng: random.Random, bounds: tuple[int, int], level: float, materials: tuple[str, ...], ends: int) -> int:
    """A style's list price in cents."""
    low, high = bounds
    material = max((MATERIAL_LEVEL.get(name, 1.0) for name in materials[:2]), default=1.0)
    material = MATERIAL_LEVEL.get(materials[0], 1.0) if materials and material <= 1 else material
    return charm((low + (high - low) * min(rng.random(), (rng.random() + rng.random()) / 2 + 0.1)) * level * material, ends)


def tag(rng: random.Random, full: int, share_reduced: float, ends: int) -> Tag:
    """One item's price tag: some are reduced by 15 to 50 %, and then the 30-day low lies above today's and at most at the list price."""
    if rng.random() >= share_reduced:
        return Tag(full)
    cut = rng.choice((0.15, 0.2, 0.2, 0.25, 0.3, 0.3, 0.4, 0.5))
    price = charm(full / 100 * (1 - cut), ends)
    if price >= full:
        return Tag(full)
    between = charm(full / 100 * (1 - cut / 2), ends)
    lowest = between if price < between < full and rng.random() < 0.3 else full
    return Tag(price, full, lowest)
