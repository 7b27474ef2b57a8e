"""Who is hidden stays hidden, likes have no order, and more likes are no other question."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cold_start import LIKES, SYSTEMS, compare, hide, questions
from benchmarks.errors import BenchmarkRefused
from benchmarks.histories import Histories
from benchmarks.systems_taste import POPULARITY, SYMMETRIC, Material, System, blend_of, fit_item_to_item
from retrieval.neighbours import Popularity
from retrieval.scorer import Scorer

IDS = tuple("abcdefghijkl")
sequences = st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=8), min_size=1, max_size=20)


def tastes(users: int = 200) -> Histories:
    """Three circles of four items; everyone takes all of one circle, in an order of her own."""
    random = np.random.default_rng(1)
    return Histories(ids=IDS, sequences=tuple(tuple((4 * (user % 3) + random.permutation(4)).tolist()) for user in range(users)))


@given(sequences, st.integers(0, 3))
def test_a_fifth_is_hidden_and_nobody_is_lost(drawn: list[list[int]], seed: int) -> None:
    hidden, others = hide(drawn, seed)
    assert len(hidden) == len(drawn) // 5
    assert Counter(map(tuple, [*hidden, *others])) == Counter(map(tuple, drawn))
    assert (hidden, others) == hide(drawn, seed)


@given(sequences, st.integers(0, 3))
def test_the_item_to_find_is_the_same_whatever_is_liked(drawn: list[list[int]], seed: int) -> None:
    found = questions(drawn, IDS, seed)
    assert set(found) == set(LIKES)
    able = [own for own in drawn if len(set(own)) > 3]
    assert {len(cases) for cases in found.values()} == {len(able)}
    for own, *cases in zip(able, *found.values(), strict=True):
        assert len({case.target for case in cases}) == 1
        for fewer, more in pairwise(cases):
            assert set(fewer.visitor.liked) < set(more.visitor.liked)
        for likes, case in zip(LIKES, cases, strict=True):
            assert not case.visitor.history
            assert len(case.visitor.liked) == len(case.excluded) == likes
            assert {IDS[row] for row in case.excluded} == set(case.visitor.liked)
            assert {case.target, *case.excluded} <= set(own)
            assert case.target not in case.excluded


def test_models_do_not_learn_from_the_hidden() -> None:
    seen: list[Material] = []

    def fit(material: Material) -> Scorer:
        seen.append(material)
        return Popularity(material.events)

    compare(tastes(), systems=[System(name="spy", fit=fit)])
    assert [material.events.n_users for material in seen] == [160]


def test_weights_are_found_on_users_that_neither_are_asked_nor_were_learnt_from() -> None:
    seen: list[int] = []

    def fit(material: Material) -> Scorer:
        seen.append(material.events.n_users)
        return Popularity(material.events)

    compare(tastes(), systems=[System(name="spy", fit=fit), System(name="both", parts=("spy",))])
    assert seen == [160, 128]


def test_one_like_tells_the_circle_and_none_tells_nothing() -> None:
    systems = [*SYSTEMS[:1], System(name=SYMMETRIC, fit=fit_item_to_item, ours=True), blend_of(SYMMETRIC, POPULARITY)]
    table = compare(tastes(), systems=systems)
    rows = {row.system: row.figures for row in table.rows}
    assert rows[SYMMETRIC]["ndcg_0@10"] < rows[SYMMETRIC]["ndcg_1@10"] < rows[SYMMETRIC]["ndcg_3@10"] == 1
    assert rows[POPULARITY]["n"] == 40
    assert all(row.figures[f"hr_{likes}@10_se"] >= 0 for row in table.rows for likes in LIKES)
    blended = rows[systems[2].name]
    assert blended["ndcg_3@10"] == 1
    assert any(note.startswith(f"{systems[2].name}: weights ") for note in table.notes)


def test_content_is_used_where_there_is_some() -> None:
    content = {"words": [[f"circle{row // 4}"] for row in range(12)]}
    systems = [system for system in SYSTEMS if system.name in ("words", "labels")]
    table = compare(tastes(), content, systems=systems)
    (row,) = table.rows
    assert (row.system, row.figures["ndcg_3@10"]) == ("words", 1)
    assert any(note.startswith("labels is left out") for note in table.notes)


def test_a_file_that_hides_nobody_with_four_items_is_refused() -> None:
    with pytest.raises(BenchmarkRefused, match="no hidden user"):
        compare(Histories(ids=IDS, sequences=((0, 1, 2),) * 20))
