"""When next to nothing fits: which one hard constraint to drop or move, from what to what, and how many items that gives.

Every count is exact: the items that meet the changed constraint and all the others. Cheapest change first: a move costs at most 1,
a drop more than that, as `COSTS` say; equal ones by more items, then by place in the query.

    price, rating   moved to the nearest value at which one more item fits, and to the nearest at which three do; costs the relative change
    colour          moved to the nearest other colours (CIELAB distance / 100) or to a family of the wanted one
    category        moved to a family of the wanted one ("maxi dress" to "dress"), narrowest first
    size            moved to the nearest smaller and larger label of its system, at most two steps away
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Slot
from catalog_data.vocabulary import Vocabulary
from retrieval.columns import Columns, Mask
from retrieval.filters import describe
from retrieval.schema import Constraint, RangeConstraint, Relaxation, SizeConstraint, ValueConstraint
from retrieval.sizes import labels, size_rank

ENOUGH = 3
"""Fewer matching items than this call for relaxations, and a move aims at so many."""
MOST = 8
"""So many relaxations are named at most."""
COLORS = 2
"""So many other colours are named at most."""

DROP_ORDER: tuple[Slot, ...] = (
    "season",
    "style",
    "feature",
    "occasion",
    "pattern",
    "length",
    "fit",
    "rating",
    "brand",
    "material",
    "color",
    "price",
    "size",
    "gender",
    "category",
)
"""What a shopper gives up most easily first: nice-to-have before looks, looks before money, and what the thing is last."""
COSTS: dict[Slot, float] = {slot: 1 + (place + 1) / len(DROP_ORDER) for place, slot in enumerate(DROP_ORDER)}
FAMILY_COST = 0.05
"""Times the steps up: the narrowest family first."""
SIZE_COST = 0.3


class Change(NamedTuple):
    """One changed constraint: its `place` in the query, what stands there instead (None: nothing), its cost in [0, 2]."""

    place: int
    constraint: Constraint | None
    cost: float


def relax(constraints: Sequence[Constraint], base: Mask, columns: Columns, vocabulary: Vocabulary) -> tuple[Relaxation, ...]:
    """The cheapest changes to one hard constraint that give more items than all of them together do, at most `MOST`.

    `base` (n,) bool: the items that may come back at all (in stock, not rejected)."""
    masks = {index: columns.mask([one], False) for index, one in enumerate(constraints) if one.strength == "hard"}
    now = int(_all(base, masks.values()).sum())
    found: list[tuple[Change, int]] = []
    for index in masks:
        rest = _all(base, (mask for other, mask in masks.items() if other != index))
        if int(rest.sum()) == now:
            continue
        for change in changes(index, constraints[index], rest, columns, vocabulary):
            kept = rest if change.constraint is None else rest & columns.mask([change.constraint], False)
            count = int(kept.sum())
            if count > now:
                found.append((change, count))
    found.sort(key=lambda pair: (pair[0].cost, -pair[1], pair[0].place))
    return tuple(_relaxation(constraints[change.place], change, count) for change, count in found[:MOST])


def _all(base: Mask, masks: Iterable[Mask]) -> Mask:
    kept = base.copy()
    for mask in masks:
        kept &= mask
    return kept


def _relaxation(before: Constraint, change: Change, count: int) -> Relaxation:
    target = None if change.constraint is None else describe(change.constraint)
    action = "drop" if target is None else "move"
    return Relaxation(index=change.place, slot=before.slot, action=action, source=describe(before), target=target, count=count)


def changes(index: int, constraint: Constraint, rest: Mask, columns: Columns, vocabulary: Vocabulary) -> Iterator[Change]:
    """Every change to `constraint` worth counting. `rest` (n,) bool: the items that meet everything else."""
    yield Change(index, None, COSTS[constraint.slot])
    if isinstance(constraint, RangeConstraint):
        moves: Iterable[tuple[Constraint, float]] = _range_moves(constraint, rest, columns)
    elif isinstance(constraint, SizeConstraint):
        moves = _size_moves(constraint, rest, columns)
    elif constraint.negative:
        moves = ()
    else:
        moves = _value_moves(constraint, rest, columns, vocabulary)
    yield from (Change(index, moved, cost) for moved, cost in moves)


def _range_moves(constraint: RangeConstraint, rest: Mask, columns: Columns) -> Iterator[tuple[Constraint, float]]:
    values = (columns.price if constraint.slot == "price" else columns.rating)[rest]
    low, high = constraint.minimum, constraint.maximum
    inside = int(((values >= (-np.inf if low is None else low)) & (values <= (np.inf if high is None else high))).sum())
    if high is not None:
        above = np.sort(values[values > max(high, -np.inf if low is None else low)])
        for bound in _nearest(above, inside):
            yield constraint.model_copy(update={"maximum": bound}), _relative(high, bound)
    if low is not None:
        below = np.sort(values[values < min(low, np.inf if high is None else high)])[::-1]
        for bound in _nearest(below, inside):
            yield constraint.model_copy(update={"minimum": bound}), _relative(low, bound)


def _nearest(outside: NDArray[np.float64], inside: int) -> list[float]:
    """From values beyond a bound, nearest first: the one that admits one more item, and the one that makes three of them."""
    places = dict.fromkeys((0, max(0, ENOUGH - inside - 1)))
    return list(dict.fromkeys(float(outside[place]) for place in places if place < len(outside)))


def _relative(before: float, after: float) -> float:
    return min(1.0, abs(after - before) / max(abs(before), 1.0))


def _value_moves(
    constraint: ValueConstraint, rest: Mask, columns: Columns, vocabulary: Vocabulary
) -> Iterator[tuple[Constraint, float]]:
    slot = constraint.slot
    if slot not in ("color", "category"):
        return
    families = _families(constraint, rest, columns, vocabulary)
    for steps, family in enumerate(families, start=1):
        yield constraint.model_copy(update={"values": (family,)}), min(1.0, FAMILY_COST * steps)
    if slot == "color":
        present = [value for value, rows in columns.present(slot).items() if rest[rows].any() and value not in families]
        nearest = sorted((_color_distance(constraint, value, vocabulary), value) for value in present)
        for distance, value in [pair for pair in nearest if 0 < pair[0] < math.inf][:COLORS]:
            yield constraint.model_copy(update={"values": (value,)}), min(1.0, distance / 100)


def _families(constraint: ValueConstraint, rest: Mask, columns: Columns, vocabulary: Vocabulary) -> list[str]:
    """The families of the wanted values, narrowest first, without those that hold no more items than a narrower one."""
    slot, found, most = constraint.slot, [], 0
    wider = [value for value in vocabulary.values(slot) if value not in constraint.values]
    wider = [value for value in wider if any(wanted in vocabulary.expand(slot, value) for wanted in constraint.values)]
    for family in sorted(wider, key=lambda value: len(vocabulary.expand(slot, value))):
        moved = constraint.model_copy(update={"values": (family,)})
        count = int((rest & columns.mask([moved], False)).sum())
        if count > most:
            found.append(family)
            most = count
    return found


def _color_distance(constraint: ValueConstraint, value: str, vocabulary: Vocabulary) -> float:
    """From the nearest wanted colour; 0 for a colour that is wanted already, infinite where either is not drawn."""
    if any(value in vocabulary.expand("color", wanted) for wanted in constraint.values):
        return 0.0
    hexes = [vocabulary.entry("color", wanted).hex for wanted in constraint.values]
    other = vocabulary.entry("color", value).hex
    if other is None:
        return math.inf
    return min((float(np.linalg.norm(lab(one) - lab(other))) for one in hexes if one is not None), default=math.inf)


def lab(color: str) -> NDArray[np.float64]:
    """CIELAB (3,) of an sRGB "#rrggbb" under D65 (IEC 61966-2-1 for the curve, CIE 15 for L*, a*, b*). Euclidean distance is CIE76."""
    encoded = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    ratio = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _size_moves(constraint: SizeConstraint, rest: Mask, columns: Columns) -> Iterator[tuple[Constraint, float]]:
    here = [rank for label in constraint.labels if (rank := size_rank(constraint.system, label)) is not None]
    if not here:
        return
    spelt = {
        label for piece in columns.pieces() if piece.system == constraint.system for label in labels(piece.system, piece.label)
    }
    ranked = sorted((rank, label) for label in spelt if (rank := size_rank(constraint.system, label)) is not None)
    smaller, larger = [pair for pair in reversed(ranked) if pair[0] < min(here)], [pair for pair in ranked if pair[0] > max(here)]
    for side in (smaller, larger):
        for steps, (_, label) in enumerate(side[:2], start=1):
            moved = constraint.model_copy(update={"label": label, "alternatives": ()})
            if (rest & columns.mask([moved], False)).any():
                yield moved, SIZE_COST * steps
                break
