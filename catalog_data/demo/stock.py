"""Sizes and pieces left: which run a style comes in, and how much of each size is in stock."""

from __future__ import annotations

import random

from catalog_data.schema import SizeStock, SizeSystem

_ALPHA = ("XXS", "XS", "S", "M", "L", "XL", "2XL", "3XL")
_CHILDREN = ("girls", "boys", "kids")


def size_run(system: SizeSystem, audience: str, product_type: str) -> tuple[str, ...]:
    """Every label that the shop carries in `system` for an audience, small to large."""
    if system == "one":
        return ("One size",)
    if product_type == "socks":
        first, last = {"women": (35, 41), "men": (39, 45)}.get(audience, (35, 45))
        return tuple(f"{size}/{size + 1}" for size in range(first, last + 1, 2))
    if system == "alpha":
        return {"men": _ALPHA[2:], "unisex": _ALPHA[1:7]}.get(audience, _ALPHA[1:7])
    bounds = {
        ("eu", "women"): (34, 48, 2),
        ("eu", "men"): (46, 58, 2),
        ("waist", "women"): (25, 35, 1),
        ("waist", "men"): (28, 38, 1),
        ("eu_shoe", "women"): (36, 42, 1),
        ("eu_shoe", "men"): (40, 47, 1),
        ("eu_shoe", "unisex"): (36, 46, 1),
        ("eu_shoe", "children"): (24, 37, 1),
        ("height", "children"): (98, 164, 6),
        ("height", "baby"): (50, 92, 6),
    }
    who = "children" if audience in _CHILDREN else audience
    first, last, step = bounds[(system, who)]
    return tuple(str(size) for size in range(first, last + 1, step))


def centre_weights(count: int) -> list[float]:
    """How many people wear each place of a run: most in the lower middle, few at the ends."""
    middle = (count - 1) * 0.45
    distances = [(place - middle) / (0.28 * count) for place in range(count)]
    return [1 / (1 + distance * distance) for distance in distances]


def stocked_sizes(rng: random.Random, system: SizeSystem, run: tuple[str, ...]) -> tuple[SizeStock, ...]:
    """The run with pieces left: about one size in eight is sold out, the ends more often, a whole item in seventy."""
    if len(run) > 5 and rng.random() < 0.35:
        run = run[1:] if rng.random() < 0.5 else run[:-1]
    depth = rng.choice((4, 8, 14, 22))
    gone = rng.random() < 1 / 70
    sizes = []
    for label, weight in zip(run, centre_weights(len(run)), strict=True):
        missing = gone or rng.random() < 0.07 + 0.11 * (1 - weight)
        sizes.append(SizeStock(system=system, label=label, stock=0 if missing else 1 + round(depth * weight * rng.random())))
    return tuple(sizes)
