"""Features and taste by content, against fractions worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.content_taste import ContentTaste, term_features
from retrieval.scorer import Visitor

IDS = "abcd"
TERMS = (("red", "shirt"), ("red", "red", "dress"), ("blue", "shirt"), ())
ALL_ROWS = np.arange(4, dtype=np.int64)
visitors = st.builds(
    Visitor,
    **{
        kind: st.lists(st.sampled_from((*IDS, "?")), max_size=3).map(tuple)
        for kind in ("history", "liked", "rejected")
    },
)  # fmt: skip


def test_features_are_tf_idf_of_length_one() -> None:
    found = term_features(TERMS).toarray()  # columns: red, shirt, dress, blue; in 2, 2, 1, 1 of 4 items
    half, quarter = np.log(2), np.log(4)
    assert found[0] == pytest.approx(np.array([half, half, 0, 0]) / np.hypot(half, half))
    twice = (1 + np.log(2)) * half
    assert found[1] == pytest.approx(np.array([twice, 0, quarter, 0]) / np.hypot(twice, quarter))
    assert not found[3].any()


def test_a_term_of_every_item_says_nothing() -> None:
    found = term_features([("shop", "red"), ("shop",)]).toarray()
    assert found == pytest.approx(np.array([[0, 1], [0, 0]]))


def test_nothing_to_read_gives_nothing() -> None:
    assert term_features([(), ()]).shape == (2, 0)
    assert ContentTaste("ab", term_features([(), ()])).score(Visitor(liked=("a",)), ALL_ROWS[:2]).tolist() == [0, 0]
    assert term_features([]).shape == (0, 0)


def test_the_score_is_the_taste_times_the_item() -> None:
    features = term_features(TERMS)
    rows = features.toarray()
    model = ContentTaste(IDS, features, decay=0.5)
    bought = model.score(Visitor(history=("a", "b")), ALL_ROWS)
    assert bought == pytest.approx(rows @ (rows[1] + 0.5 * rows[0]))
    chat = model.score(Visitor(history=("a",), liked=("a", "c"), rejected=("b",)), ALL_ROWS)
    assert chat == pytest.approx(rows @ (2 * rows[0] + rows[2] - rows[1]))


def test_dense_features_score_as_sparse_ones_do() -> None:
    features = term_features(TERMS)
    visitor = Visitor(history=("a",), liked=("b",))
    dense = ContentTaste(IDS, features.toarray()).score(visitor, ALL_ROWS)
    assert dense == pytest.approx(ContentTaste(IDS, features).score(visitor, ALL_ROWS))


def test_features_that_do_not_fit_the_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="found 4 rows of features for 2 ids"):
        ContentTaste("ab", term_features(TERMS))


@given(visitor=visitors, data=st.data())
def test_the_contract_of_scorers(visitor: Visitor, data: st.DataObject) -> None:
    model = ContentTaste(IDS, term_features(TERMS))
    everything = model.score(visitor, ALL_ROWS)
    assert everything.dtype == np.float64
    assert np.isfinite(everything).all()
    rows = np.array(data.draw(st.lists(st.integers(0, 3), max_size=5)), dtype=np.int64)
    assert model.score(visitor, rows).tolist() == everything[rows].tolist()
    kept = {kind: tuple(one for one in getattr(visitor, kind) if one in IDS) for kind in ("history", "liked", "rejected")}
    assert model.score(Visitor(**kept), ALL_ROWS).tolist() == everything.tolist()
    if not any(kept.values()):
        assert not everything.any()


def test_what_is_rejected_lowers_what_is_like_it_and_no_longer_counts_as_liked() -> None:
    model = ContentTaste(IDS, term_features(TERMS))
    rejected = model.score(Visitor(rejected=("a",)), ALL_ROWS)
    assert rejected[1] < 0
    assert rejected[3] == 0
    assert model.score(Visitor(liked=("a",), rejected=("a",)), ALL_ROWS).tolist() == rejected.tolist()
