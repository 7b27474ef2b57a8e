"""Puts a look together from shortlists, one place after another, by beam search: pure arithmetic on arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Role
from retrieval.outfit_columns import Floats, Mask, Rows

MOST_PIECES = 4
BEAM = 48

OWN_SHARE = 0.6
"""What a piece's score with the anchor counts for; the rest is its mean score with the pieces before it."""

REQUIRED_WEIGHT, OPTIONAL_WEIGHT = 1.0, 0.5
"""A look without shoes is a worse look than one without a bag."""

FLOOR = 0.4
"""A piece that scores no more adds nothing, and its place is left free."""


Place = Role | Literal["suit", "shirt"]
"""What fills a look: an item of a role, or of a narrower kind. A suit is worn as a dress is, but with a shirt beneath it."""


@dataclass(frozen=True)
class Plan:
    """The places of a look: those that make it, and those that may join, `MOST_PIECES` in all beside the anchor."""

    required: tuple[Place, ...]
    optional: tuple[Place, ...]

    def without(self, place: Place) -> Plan:
        """The places left to fill around an item of `place`."""
        return Plan(
            tuple(each for each in self.required if each != place), tuple(each for each in self.optional if each != place)
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """All, in the order in which they are filled."""
        return (*self.required, *self.optional)


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The m items that may fill the places. `rows` int64 (m,) in the catalog; `places`: for each place the indices into the m; `own`
    float32 (m,) score with the anchor; `pair` float32 (m, m) with one another, `allowed` bool (m, m); `wearers` uint8 (m,) bits;
    `cost` int64 (m,) minor units."""

    rows: Rows
    places: dict[Place, Rows]
    own: Floats
    pair: Floats
    allowed: Mask
    wearers: NDArray[np.uint8]
    cost: Rows


@dataclass(frozen=True)
class Look:
    """Indices into a shortlist, in the plan's order of places, and the score: 0 to 1, the share of what the plan could reach."""

    score: float
    picked: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _States:
    """s partial looks. `members` int64 (s, r): an index for each place tried so far, -1 where it is left free."""

    value: Floats
    members: Rows
    wearers: NDArray[np.uint8]
    cost: Rows


def best_look(plan: Plan, shortlist: Shortlist, wearers: int, room: int | None) -> Look:
    """The best filling of the plan's places. `wearers`: who may wear the anchor; `room`: what all pieces may cost together."""
    states = _States(
        np.zeros(1, dtype=np.float32),
        np.empty((1, 0), dtype=np.int64),
        np.array([wearers], dtype=np.uint8),
        np.zeros(1, dtype=np.int64),
    )
    for place in plan.places:
        weight = REQUIRED_WEIGHT if place in plan.required else OPTIONAL_WEIGHT
        states = _extend(states, shortlist, shortlist.places.get(place, np.empty(0, dtype=np.int64)), weight, room)
    best = int(np.argmax(states.value))
    picked = tuple(int(index) for index in states.members[best] if index >= 0)
    weights = [REQUIRED_WEIGHT] * len(plan.required) + [OPTIONAL_WEIGHT] * len(plan.optional)
    reachable = (1 - FLOOR) * sum(weights[:MOST_PIECES])
    return Look(max(0.0, float(states.value[best]) / reachable), picked)


def _extend(states: _States, shortlist: Shortlist, candidates: Rows, weight: float, room: int | None) -> _States:
    """Every state with each candidate that it allows, and without; the `BEAM` best, equal ones in their order."""
    if not len(candidates):
        free = np.full((len(states.value), 1), -1, dtype=np.int64)
        return replace(states, members=np.concatenate((states.members, free), axis=1))
    gain, open_to = _gains(states, shortlist, candidates)
    wearers = states.wearers[:, None] & shortlist.wearers[candidates]
    cost = states.cost[:, None] + shortlist.cost[candidates]
    open_to &= (wearers != 0) & ((states.members >= 0).sum(axis=1) < MOST_PIECES)[:, None]
    if room is not None:
        open_to &= cost <= room
    value = np.where(open_to, states.value[:, None] + np.float32(weight) * (gain - np.float32(FLOOR)), -np.inf)
    every = np.concatenate((value, states.value[:, None]), axis=1).ravel()
    order = np.argsort(-every, kind="stable")[:BEAM]
    order = order[np.isfinite(every[order])]
    state, column = np.divmod(order, len(candidates) + 1)
    chosen = np.append(candidates, -1)[column]
    return _States(
        every[order].astype(np.float32),
        np.concatenate((states.members[state], chosen[:, None]), axis=1),
        np.concatenate((wearers, states.wearers[:, None]), axis=1)[state, column],
        np.concatenate((cost, states.cost[:, None]), axis=1)[state, column],
    )


def _gains(states: _States, shortlist: Shortlist, candidates: Rows) -> tuple[Floats, Mask]:
    """float32 and bool (s, c): each candidate's score in each state, and whether it goes with all of the state's pieces."""
    own = shortlist.own[candidates]
    filled = states.members >= 0
    total = np.zeros((len(states.value), len(candidates)), dtype=np.float32)
    allowed = np.ones(total.shape, dtype=np.bool_)
    for column in range(states.members.shape[1]):
        members, has = states.members[:, column], filled[:, column, None]
        total += np.where(has, shortlist.pair[members][:, candidates], 0)
        allowed &= ~has | shortlist.allowed[members][:, candidates]
    count = filled.sum(axis=1, dtype=np.float32)[:, None]
    mean = np.where(count > 0, total / np.maximum(count, 1), own)
    gain: Floats = (OWN_SHARE * own + (1 - OWN_SHARE) * mean).astype(np.float32)
    return gain, allowed


def spread(styles: Sequence[str | None], most: int, of_one_style: int) -> list[int]:
    """The first `most` places, of those that share a style (the colours of one cut) at most `of_one_style`."""
    seen: Counter[str] = Counter()
    kept: list[int] = []
    for place, style in enumerate(styles):
        if style is not None:
            seen[style] += 1
            if seen[style] > of_one_style:
                continue
        kept.append(place)
        if len(kept) == most:
            break
    return kept
