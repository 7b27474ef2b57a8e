"""Peers keep the contract of scorers, and the one that is written here is what its paper says."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers_taste import Ease, ImplicitFactors, ImplicitNeighbours, _mirror
from retrieval.interactions import Events, sequence_events
from retrieval.scorer import Scorer, Visitor

IDS = "abcdef"
EVENTS = sequence_events([(0, 1), (0, 1, 2), (1, 2), (3, 4), (4, 3), (3, 4, 0)], len(IDS))
ALL_ROWS = np.arange(len(IDS), dtype=np.int64)


def peer(name: str) -> Scorer:
    """The peer, or the reason why it is skipped."""
    if name == "ease":
        return Ease(IDS, EVENTS, l2=2.0)
    pytest.importorskip("implicit", reason="the implicit package is not installed")
    return ImplicitFactors(IDS, EVENTS) if name == "factors" else ImplicitNeighbours(IDS, EVENTS)


def test_ease_is_its_closed_form() -> None:
    taken = EVENTS.matrix().toarray()
    inverse = np.linalg.inv(taken.T @ taken + 2.0 * np.eye(len(IDS)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    scores = peer("ease").score(Visitor(history=("a", "d")), ALL_ROWS)
    assert scores == pytest.approx(weights[0] + weights[3], abs=1e-5)


def test_a_triangle_is_mirrored_whatever_the_block() -> None:
    whole = np.arange(49, dtype=np.float32).reshape(7, 7)
    expected = np.triu(whole) + np.triu(whole, 1).T
    for block in (1, 3, 7, 20):
        mirrored = whole.copy()
        _mirror(mirrored, block)
        assert mirrored.tolist() == expected.tolist()


@pytest.mark.parametrize("name", ["ease", "factors", "neighbours"])
def test_the_contract_of_scorers(name: str) -> None:
    scorer = peer(name)
    rows = np.array([4, 1, 1], dtype=np.int64)
    for visitor in (Visitor(history=("a", "d")), Visitor(liked=("b", "?")), Visitor()):
        everything = scorer.score(visitor, ALL_ROWS)
        assert everything.dtype == np.float64
        assert np.isfinite(everything).all()
        assert scorer.score(visitor, rows) == pytest.approx(everything[rows], abs=1e-6)
    assert not scorer.score(Visitor(), ALL_ROWS).any()
    bought = scorer.score(Visitor(history=("a",)), ALL_ROWS)
    assert bought[1] > bought[5]


def test_peers_know_nothing_of_a_shop_without_events() -> None:
    nothing = Events(*(np.zeros(0, np.int64),) * 2, np.zeros(0), len(IDS))
    assert not Ease(IDS, nothing).score(Visitor(history=("a",)), ALL_ROWS).any()
