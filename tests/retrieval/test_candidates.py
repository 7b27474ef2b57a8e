"""Which rows are ranked: all that pass where they are few, the nearest where they are many, whoever answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.candidates import CandidateFinder, SearchTuning, Wish, fuse
from retrieval.columns import Where
from retrieval.errors import IndexUnusable
from retrieval.fake_embedding import HashingEmbedder
from retrieval.lexical import Lexical
from retrieval.protocols import Floats, Rows

COUNT = 400
WORDS = ("red", "blue", "green", "dress", "coat", "shoe", "linen", "wool", "party", "rain")


def texts() -> list[str]:
    rng = np.random.default_rng(3)
    return [" ".join(rng.choice(WORDS, 4, replace=False)) for _ in range(COUNT)]


class Exact:
    """A vector index whose Chroma is a full scan. `loses` rows are never found, as an approximate graph may; `asked` counts queries."""

    def __init__(self, vectors: Floats, allowed: NDArray[np.bool_], loses: tuple[int, ...] = (), breaks: bool = False) -> None:
        self.vectors = vectors
        self.asked: list[int] = []
        self._allowed = allowed
        self._loses = loses
        self._breaks = breaks

    def query(self, vector: Floats, k: int, where: Where | None) -> tuple[Rows, Floats]:
        self.asked.append(k)
        if self._breaks:
            raise IndexUnusable("torn")
        cosines = self.vectors @ vector
        order = [row for row in np.argsort(-cosines, kind="stable") if self._allowed[row] and row not in self._loses][:k]
        return np.array(order, dtype=np.int64), cosines[order]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return HashingEmbedder().embed(texts())


@pytest.fixture(scope="module")
def lexical() -> Lexical:
    return Lexical(texts())


def prior() -> NDArray[np.float64]:
    return np.random.default_rng(4).random(COUNT)


def wish(text: str, mask: NDArray[np.bool_], limit: int = 6, left_out: int = 0) -> Wish:
    vector = HashingEmbedder().embed([text])[0] if text else None
    return Wish(vector, text, mask, {"in_stock": True}, left_out, limit)


MANY = SearchTuning(pool=50, exact_filtered=0, exact_all=0)


@pytest.mark.parametrize("tuning", [SearchTuning(pool=50), MANY])
@pytest.mark.parametrize("text", ["red dress", "", "zebra"])
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.0, 0.01, 0.1, 0.6, 1.0]), limit=st.sampled_from([1, 6, 100, 500]))
@settings(max_examples=25, deadline=None)
def test_candidates_pass_and_are_enough(
    vectors: Floats, lexical: Lexical, tuning: SearchTuning, text: str, seed: int, share: float, limit: int
) -> None:
    mask = np.random.default_rng(seed).random(COUNT) < share
    found = CandidateFinder(Exact(vectors, mask), lexical, prior(), tuning).find(wish(text, mask, limit))
    assert mask[found.rows].all()
    assert len(set(found.rows.tolist())) == len(found.rows) == min(int(mask.sum()), max(50, 5 * limit))
    assert found.similarity.dtype == np.float32
    if text:
        assert np.allclose(found.similarity, vectors[found.rows] @ HashingEmbedder().embed([text])[0], atol=1e-6)
    else:
        assert not found.similarity.any()


@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.02, 0.3, 0.34, 0.9]))
@settings(max_examples=40, deadline=None)
def test_exact_search_gives_the_nearest(vectors: Floats, seed: int, share: float) -> None:
    """Without lexical matches the candidates are the nearest rows of the mask, in order."""
    mask = np.random.default_rng(seed).random(COUNT) < share
    found = CandidateFinder(Exact(vectors, mask), Lexical([""] * COUNT), prior(), SearchTuning(pool=50)).find(
        wish("red coat", mask)
    )
    cosines = vectors @ HashingEmbedder().embed(["red coat"])[0]
    best = sorted(np.flatnonzero(mask).tolist(), key=lambda row: -cosines[row])[: len(found.rows)]
    assert np.allclose(cosines[found.rows], cosines[best], atol=1e-6)


def test_many_are_asked_of_chroma_with_room_for_what_is_left_out(vectors: Floats, lexical: Lexical) -> None:
    mask = np.ones(COUNT, dtype=np.bool_)
    mask[:10] = False
    index = Exact(vectors, np.ones(COUNT, dtype=np.bool_))
    found = CandidateFinder(index, lexical, prior(), MANY).find(wish("red dress", mask, left_out=10))
    assert found.writer == "chroma"
    assert index.asked == [60]
    assert mask[found.rows].all()
    assert len(found.rows) == 50


def test_few_are_not_asked_of_chroma(vectors: Floats, lexical: Lexical) -> None:
    mask = np.ones(COUNT, dtype=np.bool_)
    index = Exact(vectors, mask)
    assert CandidateFinder(index, lexical, prior()).find(wish("red dress", mask)).writer == "exact"
    assert index.asked == []


def test_rows_that_chroma_loses_come_back(vectors: Floats, lexical: Lexical) -> None:
    mask = np.zeros(COUNT, dtype=np.bool_)
    mask[:40] = True
    found = CandidateFinder(Exact(vectors, mask, loses=(3, 17)), lexical, prior(), MANY).find(wish("red dress", mask))
    assert sorted(found.rows.tolist()) == list(range(40))
    assert found.writer == "exact"


def test_a_broken_chroma_is_asked_once(vectors: Floats, lexical: Lexical, caplog: pytest.LogCaptureFixture) -> None:
    mask = np.ones(COUNT, dtype=np.bool_)
    broken = Exact(vectors, mask, breaks=True)
    finder = CandidateFinder(broken, lexical, prior(), MANY)
    whole = CandidateFinder(Exact(vectors, mask), lexical, prior(), SearchTuning(pool=50)).find(wish("secret words", mask))
    for _ in range(3):
        found = finder.find(wish("secret words", mask))
        assert found.writer == "exact"
        assert found.rows.tolist() == whole.rows.tolist()
    assert len(broken.asked) == 1
    assert "searching exactly from here on: torn" in caplog.text
    assert "secret" not in caplog.text


def test_nothing_said_gives_the_best_known(vectors: Floats, lexical: Lexical) -> None:
    mask = np.arange(COUNT) % 2 == 0
    found = CandidateFinder(Exact(vectors, mask), lexical, prior(), SearchTuning(pool=50)).find(wish("", mask))
    assert found.rows.tolist() == sorted(np.flatnonzero(mask).tolist(), key=lambda row: -prior()[row])[:50]


def test_fusion_by_hand() -> None:
    """Row 2: 1/63 + 1/61; row 1: 1/61; row 5: 1/62; row 9: 1/62."""
    lists = [np.array([1, 5, 2]), np.array([2, 9])]
    assert fuse(lists).tolist() == [2, 1, 5, 9]
    assert fuse([]).tolist() == []
    assert fuse([np.zeros(0, dtype=np.int64), np.array([4])]).tolist() == [4]


@settings(deadline=None)
@given(share=st.floats(0.0, 1.0), limit=st.integers(1, 40), seed=st.integers(0, 100), lost=st.integers(0, 30))
def test_a_wide_filter_is_answered_from_the_nearest_of_all(
    vectors: Floats, lexical: Lexical, share: float, limit: int, seed: int, lost: int
) -> None:
    """Whoever answers, and however few of the nearest pass, what comes back is the nearest that pass: the graph is exact here."""
    wide = SearchTuning(pool=50, exact_filtered=1_000, graph_rows=0, rows_a_neighbour=0)
    mask = np.random.default_rng(seed).random(COUNT) < share
    index = Exact(vectors, np.ones(COUNT, dtype=np.bool_))
    vector = HashingEmbedder().embed(["red linen dress"])[0]
    mask[np.argsort(-(vectors @ vector))[:lost]] = False  # against the query, so that its nearest do not pass
    found = CandidateFinder(index, lexical, prior(), wide).find(Wish(vector, "", mask, {"a": "b"}, 0, limit))
    passing = np.flatnonzero(mask)
    best = passing[np.argsort(-(vectors[passing] @ vector), kind="stable")]
    count = min(len(passing), max(50, 5 * limit))
    near = vectors @ vector
    assert np.allclose(near[found.rows], near[best[:count]], atol=1e-5)
    assert mask[found.rows].all()


@pytest.mark.parametrize(
    ("wanted", "passing", "total", "reach"),
    [
        (200, 100_000, 200_000, 520),
        (200, 40_000, 200_000, None),
        (200, 500_000, 1_000_000, 520),
        (200, 20_000, 1_000_000, None),
        (1, 0, 10, None),
    ],
)
def test_the_graph_is_asked_where_that_is_faster(wanted: int, passing: int, total: int, reach: int | None) -> None:
    assert SearchTuning().reach(wanted, passing, total) == reach
