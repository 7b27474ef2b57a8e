"""The blend: z-scores by hand, weights that find what is planted, and the contract of scorers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.blend import ABSENT, Blend, fit_blend, pool, search_weights, z_scores
from retrieval.collaborative import ItemToItem, count_pairs
from retrieval.content_taste import ContentTaste, term_features
from retrieval.interactions import sequence_events
from retrieval.metrics import Case, next_item_figures, next_item_ranks
from retrieval.neighbours import Popularity
from retrieval.protocols import Rows
from retrieval.scorer import Scorer, Values, Visitor

IDS = "abcd"
ALL_ROWS = np.arange(4, dtype=np.int64)
visitors = st.builds(
    Visitor,
    **{
        kind: st.lists(st.sampled_from((*IDS, "?")), max_size=3).map(tuple)
        for kind in ("history", "liked", "rejected")
    },
)  # fmt: skip


class Fixed:
    """Scores everyone alike."""

    def __init__(self, *scores: float) -> None:
        self._scores = np.array(scores)

    def score(self, _: Visitor, rows: Rows) -> Values:
        scores: Values = self._scores[rows]
        return scores


class Planted:
    """Knows the target of each visitor, who is named by it: 1 for it, 0 for all else; noise beside it where `noise` is given."""

    def __init__(self, n_items: int, right: float, seed: int) -> None:
        self._n_items, self._right, self._seed = n_items, right, seed

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        target = int(visitor.history[0])
        noise = np.random.default_rng((self._seed, target)).normal(size=self._n_items)
        noise[target] += self._right
        scores: Values = noise[rows]
        return scores


def small() -> dict[str, Scorer]:
    events = sequence_events([(0, 1), (0, 1), (2, 3)], 4)
    return {
        "together": ItemToItem(IDS, count_pairs(events)),
        "content": ContentTaste(IDS, term_features([("x",), ("x", "y"), ("y",), ("z",)])),
    }


def test_z_scores_by_hand() -> None:
    assert z_scores(np.array([1.0, 2.0, 3.0])) == pytest.approx([-math.sqrt(1.5), 0, math.sqrt(1.5)])
    assert z_scores(np.array([5.0, 5.0])).tolist() == [0, 0]
    assert z_scores(np.array([])).tolist() == []


def test_the_blend_is_the_weighted_sum_over_all_items_whatever_is_asked_for() -> None:
    parts = {"one": Fixed(1, 2, 3, 2), "two": Fixed(0, 0, 0, 8)}
    blend = Blend(parts, {"one": 1.0, "two": 0.5}, 4)
    everything = z_scores(np.array([1.0, 2, 3, 2])) + 0.5 * z_scores(np.array([0.0, 0, 0, 8]))
    assert blend.score(Visitor(), ALL_ROWS) == pytest.approx(everything)
    assert blend.score(Visitor(), np.array([3, 0])) == pytest.approx(everything[[3, 0]])


def test_a_part_without_weight_is_not_asked() -> None:
    class Never:
        def score(self, visitor: Visitor, rows: Rows) -> Values:
            raise AssertionError((visitor, rows))

    assert Blend({"one": Fixed(1, 2), "no": Never()}, {"one": 1, "no": 0}, 2).score(Visitor(), np.array([1])) == [1]


@pytest.mark.parametrize("weights", [{"one": 1.0}, {"one": 1.0, "two": -0.1}, {"one": 1.0, "other": 1.0}])
def test_weights_that_do_not_fit_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="allowed: one of each name, none negative"):
        Blend({"one": Fixed(1), "two": Fixed(1)}, weights, 1)


def test_the_pool_holds_the_target_first_and_what_any_part_ranks_high() -> None:
    scores = np.stack([np.arange(200.0), -np.arange(200.0)], axis=1)
    kept = pool(scores, target=100, excluded=(199, 0))
    assert kept[0].tolist() == [100, -100]
    assert sorted(kept[1:, 0].tolist()) == [*range(1, 61), *range(139, 199)]
    few = pool(scores[:5], target=2, excluded=(0,))
    assert few[:, 0].tolist() == [2, 1, 3, 4]


def test_the_weights_find_the_part_that_knows() -> None:
    n_items = 300
    parts = {"knows": Planted(n_items, 3.0, 1), "guesses": Planted(n_items, 0.0, 2), "knows too": Planted(n_items, 3.0, 3)}
    cases = [Case(visitor=Visitor(history=(str(target),)), target=target) for target in range(n_items)]
    weights = fit_blend(parts, cases[::2], n_items)
    assert max(weights.values()) == 1
    assert weights["guesses"] < 0.3
    assert min(weights["knows"], weights["knows too"]) > 0.3
    held_back = {name: _hits(Blend({name: part}, {name: 1}, n_items), cases[1::2]) for name, part in parts.items()}
    assert _hits(Blend(parts, weights, n_items), cases[1::2]) > max(held_back.values()) + 0.05


def _hits(scorer: Scorer, cases: list[Case]) -> float:
    return next_item_figures(next_item_ranks(scorer, cases, 300))["hr@10"].mean


def test_without_cases_all_weigh_alike() -> None:
    assert fit_blend({"one": Fixed(1, 2), "two": Fixed(2, 1)}, (), 2) == {"one": 1, "two": 1}


@given(st.lists(st.lists(st.tuples(*[st.floats(-3, 3, width=32)] * 2), min_size=1, max_size=15), max_size=5))
def test_weights_are_never_negative_and_one_is_the_largest(drawn: list[list[tuple[float, float]]]) -> None:
    weights = search_weights([np.array(own, dtype=np.float32) for own in drawn], 2)
    assert (weights >= 0).all()
    assert weights.max() == 1


def test_a_place_without_an_item_never_competes() -> None:
    short, long = np.array([[1.0, 1.0]], dtype=np.float32), np.array([[0.0, 9.0]] + [[1.0, 0.0]] * 12, dtype=np.float32)
    assert ABSENT < -1e5
    # of the long one only the second part finds the target, whatever fills the short one up
    weights = search_weights([short, long], 2)
    assert weights[1] == 1
    assert (long[1:] @ weights < long[0] @ weights).all()


@given(visitor=visitors, data=st.data())
def test_the_contract_of_scorers(visitor: Visitor, data: st.DataObject) -> None:
    blend = Blend(small(), {"together": 1.0, "content": 0.5}, 4)
    everything = blend.score(visitor, ALL_ROWS)
    assert everything.dtype == np.float64
    assert np.isfinite(everything).all()
    rows = np.array(data.draw(st.lists(st.integers(0, 3), max_size=5)), dtype=np.int64)
    assert blend.score(visitor, rows).tolist() == everything[rows].tolist()
    kept = {kind: tuple(one for one in getattr(visitor, kind) if one in IDS) for kind in ("history", "liked", "rejected")}
    assert blend.score(Visitor(**kept), ALL_ROWS).tolist() == everything.tolist()
    if not any(kept.values()):
        assert not everything.any()


def test_the_unknown_visitor_gets_what_is_popular() -> None:
    popular = Popularity(sequence_events([(0, 1), (1, 2), (1,)], 4))
    blend = Blend(small() | {"popular": popular}, {"together": 1, "content": 1, "popular": 0.1}, 4)
    scores = blend.score(Visitor(), ALL_ROWS)
    assert scores.argmax() == 1
    assert scores.argmin() == 3
