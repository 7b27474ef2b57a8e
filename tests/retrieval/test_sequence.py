"""The sequence model: numpy scores as torch trains, order is learnt, and the contract of scorers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from retrieval.content_taste import term_features
from retrieval.interactions import Events, sequence_events
from retrieval.scorer import Visitor
from retrieval.sequence import SequenceModel, SequenceTuning, gelu, load_sequence, shapes
from retrieval.sequence_training import Network, batches, fit_sequence, heaviest, positive_sequences

IDS = "abcdefgh"
ALL_ROWS = np.arange(len(IDS), dtype=np.int64)
TUNING = SequenceTuning(dimension=16, window=4, epochs=40, batch=16, negatives=8, rate=2e-2, dropout=0.1)
CIRCLES = ("abcd", "bcda", "cdab", "dabc", "efgh", "fghe", "ghef", "hefg")
"""Two circles of items, each always taken in the same turn."""
FEATURES = term_features([("even", "two"), ("odd",), ("even",), (), ("odd", "odd", "two"), ("odd",), ("even",), ("one",)])
visitors = st.builds(
    Visitor,
    **{
        kind: st.lists(st.sampled_from((*IDS, "?")), max_size=3).map(tuple)
        for kind in ("history", "liked", "rejected")
    },
)  # fmt: skip


def events_of(sequences: Sequence[str]) -> Events:
    return sequence_events([[IDS.index(letter) for letter in sequence] for sequence in sequences], len(IDS))


@pytest.fixture(scope="module")
def model() -> SequenceModel:
    return fit_sequence(IDS, events_of(CIRCLES * 8), TUNING)


def random_network(seed: int, features: Any = None) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(len(IDS), TUNING, features).eval()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.normal_(std=0.5)
            network.own.weight[len(IDS)] = 0
    return network


# --- what is trained is what scores ---


@given(st.lists(st.integers(0, 7), min_size=1, max_size=6, unique=True), st.integers(0, 2), st.integers(0, 5), st.booleans())
def test_numpy_scores_what_torch_computes(sequence: list[int], padding: int, seed: int, content: bool) -> None:
    network = random_network(seed, FEATURES if content else None)
    recent = sequence[-TUNING.window :]
    padded = torch.tensor([[len(IDS)] * min(padding, TUNING.window - len(recent)) + recent])
    with torch.no_grad():
        state = network(padded)[0, -1]
        cosines = torch.nn.functional.cosine_similarity(state[None], network.item(torch.arange(len(IDS)))).numpy()
    scores = SequenceModel(IDS, network.arrays(), TUNING).score(Visitor(history=tuple(IDS[row] for row in sequence)), ALL_ROWS)
    assert scores == pytest.approx(cosines, abs=1e-5)


def test_an_item_is_its_own_vector_and_those_of_its_features() -> None:
    network = random_network(0, FEATURES)
    assert network.shared is not None
    with torch.no_grad():
        vectors = network.item(torch.tensor([[0, 3], [len(IDS), 0]])).numpy()
        own, shared = network.own.weight.numpy(), network.shared.weight.numpy()
    first = own[0] + FEATURES[[0]].toarray()[0] @ shared
    assert vectors[0, 0] == pytest.approx(first, abs=1e-5)
    assert vectors[1, 1].tolist() == vectors[0, 0].tolist()
    assert vectors[0, 1] == pytest.approx(own[3])
    assert not vectors[1, 0].any()


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.floats(0.125, 1, width=32)), max_size=6), min_size=1, max_size=5),
    st.integers(1, 4),
)
def test_the_heaviest_features_are_kept(drawn: list[list[tuple[int, float]]], limit: int) -> None:
    cells = [dict(own) for own in drawn]
    dense = np.array([[own.get(column, 0.0) for column in range(6)] for own in cells])
    columns, weights = heaviest(sparse.csr_array(dense), limit)
    assert columns.shape == weights.shape == (len(cells) + 1, max(1, min(limit, max(map(len, cells)))))
    for row, own in enumerate(cells):
        kept = {int(column): float(weight) for column, weight in zip(columns[row], weights[row], strict=True) if weight}
        assert sorted(kept.values()) == pytest.approx(sorted(own.values())[-limit:])
        assert all(own[column] == pytest.approx(weight) for column, weight in kept.items())
    assert not weights[-1].any()


def test_a_state_knows_nothing_of_what_comes_later() -> None:
    network = random_network(0)
    with torch.no_grad():
        short, long = network(torch.tensor([[1, 2, 3]])), network(torch.tensor([[1, 2, 3]]))
        changed = network(torch.tensor([[1, 2, 7]]))
    assert torch.equal(short, long)
    assert torch.equal(short[0, :2], changed[0, :2])
    assert not torch.equal(short[0, 2], changed[0, 2])


def test_gelu_is_x_times_the_normal_distribution() -> None:
    values = np.linspace(-4, 4, 9, dtype=np.float32)
    assert gelu(values) == pytest.approx(torch.nn.functional.gelu(torch.from_numpy(values)).numpy(), abs=1e-6)


def test_padding_weighs_nothing_in_the_loss() -> None:
    network = random_network(1)
    pad = len(IDS)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        alone = network.loss(torch.tensor([[0, 1]]), torch.tensor([[1, 2]])).detach()
        torch.manual_seed(0)
        padded = network.loss(torch.tensor([[pad, 0, 1]]), torch.tensor([[pad, 1, 2]])).detach()
    # Places count from the newest item, so padding on the left moves nothing.
    assert float(padded) == pytest.approx(float(alone), abs=1e-5)


# --- training ---


def test_it_learns_what_comes_next(model: SequenceModel) -> None:
    for circle in ("abcd", "efgh"):
        for place in range(4):
            history = (circle[place - 1], circle[place])
            scores = model.score(Visitor(history=history), ALL_ROWS)
            scores[[IDS.index(item) for item in history]] = -np.inf
            assert IDS[scores.argmax()] == circle[(place + 1) % 4]


def test_features_reach_an_item_that_nobody_took() -> None:
    """h is never taken; it has the label of what follows a, and g, not taken either, has another."""
    events = events_of(["ab", "ac", "de", "df"] * 16)
    features = term_features([("x",), ("follows",), ("follows",), ("y",), ("other",), ("other",), ("other",), ("follows",)])
    model = fit_sequence(IDS, events, TUNING, features)
    after_a, after_d = (model.score(Visitor(history=(item,)), ALL_ROWS) for item in "ad")
    assert after_a[7] > after_a[6] + 0.3
    assert after_d[6] > after_d[7] + 0.3
    empty = term_features([()] * 8)
    plain, none = fit_sequence(IDS, events, TUNING, empty), fit_sequence(IDS, events, TUNING)
    assert plain.score(Visitor(history=("a",)), ALL_ROWS).tolist() == none.score(Visitor(history=("a",)), ALL_ROWS).tolist()
    with pytest.raises(ValueError, match="found 7 rows of features for 8 ids"):
        fit_sequence(IDS, events, TUNING, features[:7])


def test_equal_seeds_give_equal_models_and_leave_torch_as_it_was() -> None:
    events, tuning = events_of(CIRCLES), TUNING.model_copy(update={"epochs": 2})
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    first, second = fit_sequence(IDS, events, tuning), fit_sequence(IDS, events, tuning)
    other = fit_sequence(IDS, events, tuning.model_copy(update={"seed": 1}))
    visitor = Visitor(history=("a", "b"))
    assert first.score(visitor, ALL_ROWS).tolist() == second.score(visitor, ALL_ROWS).tolist()
    assert first.score(visitor, ALL_ROWS).tolist() != other.score(visitor, ALL_ROWS).tolist()
    assert torch.equal(before, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_progress_is_told_after_each_epoch() -> None:
    told: list[tuple[int, int]] = []
    fit_sequence(
        IDS, events_of(CIRCLES), TUNING.model_copy(update={"epochs": 3}), progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_shop_without_sequences_scores_nothing() -> None:
    for drawn in ((), ("a",), ("a", "b")):
        scores = fit_sequence(IDS, events_of(drawn), TUNING).score(Visitor(history=("a",), liked=("b",)), ALL_ROWS)
        assert not scores.any()


def test_only_what_speaks_for_an_item_is_learnt_and_only_the_last_of_a_long_sequence() -> None:
    users, items = np.array([0, 0, 0, 0, 1, 1, 2]), np.array([0, 1, 2, 3, 4, 5, 6])
    events = Events(users, items, np.array([1.0, -0.5, 0.2, 1, 1, -1, 1]), 8)
    assert [own.tolist() for own in positive_sequences(events, 2)] == [[2, 3]]
    assert [own.tolist() for own in positive_sequences(events, 9)] == [[0, 2, 3]]
    assert positive_sequences(events_of(()), 2) == []


@given(st.lists(st.lists(st.integers(0, 7), min_size=2, max_size=6), min_size=1, max_size=12), st.integers(1, 5))
def test_batches_hold_every_sequence_once(drawn: list[list[int]], size: int) -> None:
    sequences = [np.array(own, dtype=np.int64) for own in drawn]
    found = []
    for before, after in batches(sequences, size, 8, np.random.default_rng(0)):
        assert len(before) <= size
        for earlier, later in zip(before.tolist(), after.tolist(), strict=True):
            whole = [earlier[0], *later]
            assert earlier == whole[:-1]
            real = [item for item in whole if item != 8]
            assert whole == [8] * (len(whole) - len(real)) + real
            found.append(real)
    assert sorted(found) == sorted(drawn)


# --- the contract of scorers ---


@given(visitor=visitors, data=st.data())
def test_the_contract_of_scorers(model: SequenceModel, visitor: Visitor, data: st.DataObject) -> None:
    everything = model.score(visitor, ALL_ROWS)
    assert everything.dtype == np.float64
    assert np.isfinite(everything).all()
    rows = np.array(data.draw(st.lists(st.integers(0, 7), max_size=5)), dtype=np.int64)
    assert model.score(visitor, rows).tolist() == everything[rows].tolist()
    kept = {kind: tuple(one for one in getattr(visitor, kind) if one in IDS) for kind in ("history", "liked", "rejected")}
    assert model.score(Visitor(**kept), ALL_ROWS).tolist() == everything.tolist()
    if not any(kept.values()):
        assert not everything.any()


def test_likes_have_no_order_and_rejections_lower(model: SequenceModel) -> None:
    one = model.score(Visitor(history=("e",), liked=("a", "b")), ALL_ROWS)
    assert one.tolist() == model.score(Visitor(history=("e",), liked=("b", "a")), ALL_ROWS).tolist()
    liked = model.score(Visitor(liked=("a",)), ALL_ROWS)
    assert liked[1] > liked[5]
    rejected = model.score(Visitor(rejected=("a",)), ALL_ROWS)
    assert rejected == pytest.approx(-liked)
    assert model.score(Visitor(liked=("a",), rejected=("a",)), ALL_ROWS).tolist() == rejected.tolist()


@given(st.permutations((*IDS, "new", "other")), visitors)
def test_over_another_catalog_what_is_known_stays(model: SequenceModel, ids: list[str], visitor: Visitor) -> None:
    moved = model.aligned(ids).score(visitor, np.arange(len(ids), dtype=np.int64))
    before = model.score(visitor, ALL_ROWS)
    expected = [before[IDS.index(item)] if item in IDS else 0.0 for item in ids]
    assert moved.tolist() == pytest.approx(expected, abs=1e-6)
    unknown = Visitor(history=("new", *visitor.history), liked=("other",), rejected=visitor.rejected)
    if not visitor.liked:
        assert model.aligned(ids).score(unknown, np.arange(len(ids), dtype=np.int64)).tolist() == moved.tolist()


# --- on disk ---


def test_it_is_kept_and_read_again(model: SequenceModel, tmp_path: Path) -> None:
    path = tmp_path / "sequence.npz"
    model.save(path)
    visitor = Visitor(history=("a", "b"), rejected=("h",))
    assert load_sequence(path).score(visitor, ALL_ROWS).tolist() == model.score(visitor, ALL_ROWS).tolist()
    assert [each.name for each in tmp_path.iterdir()] == ["sequence.npz"]


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        load_sequence(tmp_path / "absent.npz")
    np.savez(tmp_path / "other.npz", item=np.zeros(3))
    np.save(tmp_path / "array.npy", np.zeros(3))
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04torn")
    (tmp_path / "text.npz").write_bytes(b"no archive")
    (tmp_path / "empty.npz").write_bytes(b"")
    for name in ("other.npz", "array.npy", "torn.npz", "text.npz", "empty.npz"):
        with pytest.raises(ValueError, match=rf"{name} holds no sequence model .*; train it again"):
            load_sequence(tmp_path / name)


def test_arrays_of_another_catalog_are_refused() -> None:
    arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes(8, TUNING).items()}
    with pytest.raises(ValueError, match=r"other shapes .*\(item\); train"):
        SequenceModel(IDS[:7], arrays, TUNING)
    with pytest.raises(ValueError, match=r"\(place\)"):
        SequenceModel(IDS, {name: array for name, array in arrays.items() if name != "place"}, TUNING)
