"""Counts, views and fold-in against fractions worked out by hand, and one contract that every scorer keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_data.schema import Link
from retrieval.collaborative import ItemToItem, Tuning, add_second_step, count_pairs, derive_view, fit_default
from retrieval.interactions import Events, catalog_events, link_counts, popularity, sequence_events
from retrieval.metrics import Case, next_item_figures, next_item_ranks
from retrieval.neighbours import ItemItem, Popularity, UserTimesItem, UserUser, item_cosines
from retrieval.scorer import Scorer, Visitor, resolve
from tests.retrieval.ranking_fixtures import act, catalog, item, purchases

BEAUTY = Path(__file__).resolve().parents[2] / "../shared/data/beauty/interactions.txt"
PLAIN = Tuning(distance_power=1.0, backward=0.5, source_power=1.0, target_power=0.0, shrink=1.0, decay=0.5, second_step=0.0)
ABCD = "abcd"


def rows_of(sequences: Sequence[str]) -> list[list[int]]:
    return [[ABCD.index(letter) for letter in sequence] for sequence in sequences]


def events_of(*sequences: str) -> Events:
    return sequence_events(rows_of(sequences), len(ABCD))


def ours(events: Events) -> Scorer:
    return ItemToItem(ABCD, count_pairs(events))


FITS: dict[str, Callable[[Events], Scorer]] = {
    "item-to-item": ours,
    "user-user": lambda events: UserUser(ABCD, events),
    "item-item": lambda events: ItemItem(ABCD, events),
    "user times item": lambda events: UserTimesItem(ABCD, events),
}
EVERY = FITS | {"popularity": lambda events: Popularity(events)}
ALL_ROWS = np.arange(len(ABCD), dtype=np.int64)
sequences = st.lists(st.text(ABCD, max_size=4), max_size=6)
tuples = st.lists(st.sampled_from((*ABCD, "not in the catalog")), max_size=3).map(tuple)
visitors = st.builds(Visitor, history=tuples, liked=tuples, rejected=tuples)


# --- from interactions to events ---


def entries(events: Events) -> list[tuple[int, str, float]]:
    return [
        (int(user), ABCD[row], float(weight))
        for user, row, weight in zip(events.users, events.items, events.weights, strict=True)
    ]


def test_the_strongest_act_counts_once_and_searches_do_not() -> None:
    shop = catalog(
        [item(letter) for letter in ABCD],
        [
            act("v", "b", hour=9),
            act("u", "a", "view", hour=1),
            act("u", "c", "view", hour=2),
            act("u", "a", "purchase", hour=3),
            act("u", "a", "view", hour=4),
            act("u", None, "search", hour=5),
            act("u", "unknown", "purchase", hour=6),
        ],
    )
    assert entries(catalog_events(shop)) == [(0, "c", 0.2), (0, "a", 1.0), (1, "b", 1.0)]


def test_a_return_counts_against_until_it_is_bought_again() -> None:
    returned = [act("u", "a", hour=1), act("u", "a", "return", hour=2), act("u", "a", "view", hour=3)]
    shop = catalog([item(letter) for letter in ABCD], returned)
    assert entries(catalog_events(shop)) == [(0, "a", -0.5)]
    again = catalog(shop.products, [*returned, act("u", "a", hour=4)])
    assert entries(catalog_events(again)) == [(0, "a", 1.0)]


def test_sequences_keep_a_repeated_item_where_it_was_last() -> None:
    assert entries(events_of("aba", "", "cd")) == [(0, "b", 1), (0, "a", 1), (1, "c", 1), (1, "d", 1)]


def test_links_count_symmetrically_and_average_one_pair_a_link() -> None:
    links = [
        Link(src="a", dst="b", relation="bought_with", weight=0.3),
        Link(src="b", dst="a", relation="bought_with", weight=0.1),
        Link(src="c", dst="d", relation="bought_with", weight=0.2),
        Link(src="a", dst="a", relation="bought_with", weight=9.0),
        Link(src="a", dst="gone", relation="bought_with", weight=9.0),
        Link(src="a", dst="d", relation="shownWith", weight=9.0),
    ]
    counts = link_counts(catalog([item(letter) for letter in ABCD], links=links)).toarray()
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 0] = 1.0  # (1.5 + 0.5) / 2
    expected[2, 3] = expected[3, 2] = 0.5
    assert counts == pytest.approx(expected)


def test_popularity_counts_acts_else_links_else_ratings() -> None:
    products = [item("a", rating=4.0, rating_count=7), item("b")]
    link = Link(src="a", dst="b", relation="bought_with", weight=0.4)
    acts = [act("u", "b"), act("v", "b", "view"), act("w", "a", "return")]
    assert popularity(catalog(products, acts, [link])) == pytest.approx(np.log([1, 2.2]))
    assert popularity(catalog(products, links=[link])) == pytest.approx(np.log([1.5, 1.5]))
    assert popularity(catalog(products)) == pytest.approx(np.log([8, 1]))


# --- counts and views, by hand ---


def test_counts_weigh_distance_and_keep_direction() -> None:
    # abc: a-b 1, b-c 1, a-c 1/2; ba: b-a 1
    counts = count_pairs(events_of("abc", "ba"), PLAIN).toarray()
    expected = np.zeros((4, 4))
    expected[0, 1], expected[1, 2], expected[0, 2], expected[1, 0] = 1, 1, 1 / 2, 1
    assert counts == pytest.approx(expected)


def test_views_add_the_way_back_and_divide_by_mass_and_shrinkage() -> None:
    counts = count_pairs(events_of("abc", "ba"), PLAIN)
    directed = derive_view(counts, 0.5, PLAIN).toarray()
    # forward + half of backward: ab 1.5, ac .5, ba 1.5, bc 1, ca .25, cb .5; a's mass 2, b's 2.5, c's .75; each divided by mass + 1
    assert directed[0] == pytest.approx([0, 1.5 / 3, 0.5 / 3, 0])
    assert directed[1] == pytest.approx([1.5 / 3.5, 0, 1 / 3.5, 0])
    assert directed[2] == pytest.approx([0.25 / 1.75, 0.5 / 1.75, 0, 0])
    symmetric = derive_view(counts, 1.0, PLAIN).toarray()
    # ab 2, ac .5, bc 1; a's mass 2.5, b's 3, c's 1.5
    assert symmetric[0] == pytest.approx([0, 2 / 3.5, 0.5 / 3.5, 0])
    assert symmetric[2] == pytest.approx([0.5 / 2.5, 1 / 2.5, 0, 0])


def test_the_score_sums_rows_with_decay_from_the_newest() -> None:
    counts = count_pairs(events_of("abc", "ba"), PLAIN)
    model = ItemToItem(ABCD, counts, PLAIN)
    directed, symmetric = derive_view(counts, 0.5, PLAIN).toarray(), derive_view(counts, 1.0, PLAIN).toarray()
    history = model.score(Visitor(history=("a", "b")), ALL_ROWS)
    assert history == pytest.approx(directed[1] + 0.5 * directed[0])
    chat = model.score(Visitor(liked=("a",), rejected=("c",)), ALL_ROWS)
    assert chat == pytest.approx(symmetric[0] - symmetric[2])


def test_a_second_step_reaches_what_nobody_paired() -> None:
    tuning = Tuning(distance_power=0, source_power=0, target_power=0, shrink=1, second_step=0.5)
    view = derive_view(count_pairs(events_of("ab", "bc", "bc"), tuning), 1.0, tuning)
    # one step: ab 1 / (1 + 1), bc 2 / (1 + 1); two: a-b-c 1/2 * 1 * 1/2, and none back to itself
    assert add_second_step(view, tuning).toarray() == pytest.approx(
        np.array([[0, 1 / 2, 1 / 4, 0], [1 / 2, 0, 1, 0], [1 / 4, 1, 0, 0], [0, 0, 0, 0]])
    )
    narrow = tuning.model_copy(update={"nearest": 1})  # b's nearest is c: the way from c over b to a is not taken
    assert add_second_step(view, narrow).toarray()[2] == pytest.approx([0, 1, 0, 0])
    model = ItemToItem(ABCD, count_pairs(events_of("ab", "bc", "bc"), tuning), tuning)
    assert model.score(Visitor(liked=("a",)), ALL_ROWS)[2] > 0
    assert model.score(Visitor(history=("a",)), ALL_ROWS)[2] == 0


def test_only_the_last_items_of_a_long_sequence_are_paired() -> None:
    counts = count_pairs(events_of("abcd"), Tuning(window=2, distance_power=0)).toarray()
    assert counts[2, 3] == 1
    assert counts.sum() == 1


def test_a_view_keeps_the_largest_entries_of_a_row() -> None:
    tuning = Tuning(kept=2, source_power=0, target_power=0, distance_power=0)
    view = derive_view(count_pairs(events_of("ab", "ac", "ac", "ad"), tuning), 0.0, tuning)
    assert view[[0]].toarray().ravel() == pytest.approx([0, 1 / 41, 2 / 41, 0])  # b before d: equal, lower


def test_a_returned_item_pulls_its_pairs_down_and_two_say_nothing() -> None:
    users, items = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3])
    weights = np.array([1.0, 1.0, 1.0, -0.5, -0.5, -0.5])
    counts = count_pairs(Events(users, items, weights, 4), PLAIN).toarray()
    assert counts[0, 1] == pytest.approx(0.5)
    assert counts[2, 3] == 0


def test_counts_that_do_not_fit_the_ids_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found counts of shape \(4, 4\) for 2 ids"):
        ItemToItem("ab", count_pairs(events_of("ab")))


@given(sequences, sequences)
def test_counts_are_additive_and_can_be_taken_back(first: list[str], second: list[str]) -> None:
    together = count_pairs(events_of(*first, *second)).toarray()
    model = ItemToItem(ABCD, count_pairs(events_of(*first)))
    assert model.updated(events_of(*second)).counts.toarray() == pytest.approx(together)
    replaced = model.updated(events_of(*second), replaced=events_of(*first))
    assert replaced.counts.toarray() == pytest.approx(count_pairs(events_of(*second)).toarray())


@given(sequences)
def test_views_hold_no_negative_entry_and_none_on_the_diagonal(drawn: list[str]) -> None:
    view = derive_view(count_pairs(events_of(*drawn)), 1.0).toarray()
    assert (view >= 0).all()
    assert not view.diagonal().any()


def test_order_matters_to_purchases_and_not_to_likes() -> None:
    model = ours(events_of("ab", "ab", "ab"))
    row_a = np.array([0], dtype=np.int64)
    row_b = np.array([1], dtype=np.int64)
    assert model.score(Visitor(history=("a",)), row_b) > model.score(Visitor(history=("b",)), row_a) > 0
    assert model.score(Visitor(liked=("a",)), row_b) == model.score(Visitor(liked=("b",)), row_a)


# --- the neighbourhood models, by hand: u1 abc, u2 ab, u3 bd ---

THREE = ("abc", "ab", "bd")


def test_item_cosines_by_hand() -> None:
    # columns: a (1,1,0), b (1,1,1), c (1,0,0), d (0,0,1)
    cosines = item_cosines(events_of(*THREE)).toarray()
    assert cosines[0] == pytest.approx([1, 2 / 6**0.5, 1 / 2**0.5, 0])
    assert cosines[1] == pytest.approx([2 / 6**0.5, 1, 1 / 3**0.5, 1 / 3**0.5])


def test_item_item_sums_the_cosines_of_what_is_wanted() -> None:
    scores = ItemItem(ABCD, events_of(*THREE)).score(Visitor(history=("a",), liked=("b",)), ALL_ROWS)
    assert scores[2] == pytest.approx(1 / 2**0.5 + 1 / 3**0.5)
    assert scores[3] == pytest.approx(1 / 3**0.5)


def test_user_user_averages_neighbours_by_their_cosine() -> None:
    # the visitor wants a: cosine 1/sqrt(3) to u1, 1/sqrt(2) to u2, 0 to u3
    scores = UserUser(ABCD, events_of(*THREE)).score(Visitor(liked=("a",)), ALL_ROWS)
    first, second = 1 / 3**0.5, 1 / 2**0.5
    assert scores == pytest.approx([1, 1, first / (first + second), 0])
    one = UserUser(ABCD, events_of(*THREE), limit=1).score(Visitor(liked=("a",)), ALL_ROWS)
    assert one == pytest.approx([1, 1, 0, 0])


def test_user_times_item_is_the_best_chain() -> None:
    # wants a: u2 (1/sqrt 2) took a, b; u1 (1/sqrt 3) took a, b, c
    scores = UserTimesItem(ABCD, events_of(*THREE)).score(Visitor(liked=("a",)), ALL_ROWS)
    u1, u2 = 1 / 3**0.5, 1 / 2**0.5
    assert scores[0] == pytest.approx(u2)  # u2 took it herself
    assert scores[2] == pytest.approx(max(u1 * 1, u2 / 2**0.5, u2 / 3**0.5))  # u1 took it; u2's a, u2's b lead to it
    assert scores[3] == pytest.approx(u2 / 3**0.5)  # over u2's b


def test_popularity_is_the_same_for_everyone() -> None:
    scorer = Popularity(events_of(*THREE))
    expected = np.log1p([2, 3, 1, 1])
    assert scorer.score(Visitor(), ALL_ROWS) == pytest.approx(expected)
    assert scorer.score(Visitor(liked=("d",), rejected=("b",)), ALL_ROWS) == pytest.approx(expected)


# --- the contract ---


@pytest.mark.parametrize("fit", EVERY.values(), ids=EVERY)
@given(drawn=sequences, visitor=visitors, data=st.data())
def test_one_finite_score_a_row_whatever_the_others(
    fit: Callable[[Events], Scorer], drawn: list[str], visitor: Visitor, data: st.DataObject
) -> None:
    scorer = fit(events_of(*drawn))
    everything = scorer.score(visitor, ALL_ROWS)
    assert everything.dtype == np.float64
    assert np.isfinite(everything).all()
    rows = np.array(data.draw(st.lists(st.integers(0, 3), max_size=5)), dtype=np.int64)
    assert scorer.score(visitor, rows).tolist() == everything[rows].tolist()


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(drawn=sequences)
def test_nothing_known_scores_nothing(fit: Callable[[Events], Scorer], drawn: list[str]) -> None:
    scorer = fit(events_of(*drawn))
    assert scorer.score(Visitor(), ALL_ROWS).tolist() == [0, 0, 0, 0]
    assert scorer.score(Visitor(history=("?",), liked=("?",), rejected=("?",)), ALL_ROWS).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(drawn=sequences, visitor=visitors)
def test_unknown_ids_change_nothing(fit: Callable[[Events], Scorer], drawn: list[str], visitor: Visitor) -> None:
    scorer = fit(events_of(*drawn))
    known = Visitor(
        history=tuple(one for one in visitor.history if one in ABCD),
        liked=tuple(one for one in visitor.liked if one in ABCD),
        rejected=tuple(one for one in visitor.rejected if one in ABCD),
    )
    assert scorer.score(visitor, ALL_ROWS).tolist() == scorer.score(known, ALL_ROWS).tolist()


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_likes_lift_neighbours_and_rejections_lower_them(fit: Callable[[Events], Scorer]) -> None:
    scorer = fit(events_of("ab", "ab", "ba", "cd"))
    b, d = 1, 3
    for wanted in (Visitor(liked=("a",)), Visitor(history=("a",))):
        scores = scorer.score(wanted, ALL_ROWS)
        assert scores[b] > scores[d]
        assert scores[b] > 0
    rejected = scorer.score(Visitor(rejected=("a",)), ALL_ROWS)
    assert rejected[b] < 0
    assert rejected[b] < rejected[d]


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_what_is_rejected_no_longer_counts_as_liked_or_bought(fit: Callable[[Events], Scorer]) -> None:
    scorer = fit(events_of("ab", "ab", "cd"))
    both = scorer.score(Visitor(history=("a",), liked=("a",), rejected=("a",)), ALL_ROWS)
    assert both.tolist() == scorer.score(Visitor(rejected=("a",)), ALL_ROWS).tolist()


@pytest.mark.parametrize("fit", EVERY.values(), ids=EVERY)
def test_a_shop_without_interactions_scores_nothing(fit: Callable[[Events], Scorer]) -> None:
    assert not fit(events_of()).score(Visitor(liked=("a",)), ALL_ROWS).any()


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_every_model_beats_popularity_where_taste_is_all(fit: Callable[[Events], Scorer]) -> None:
    """Two circles of shoppers, {a, b} and {c, d}: who has one of a circle wants the other."""
    events = events_of("ab", "ba", "cd", "dc", "cd")
    cases = [
        Case(visitor=Visitor(liked=(ABCD[known],)), target=target, excluded=(known,))
        for known, target in ((0, 1), (1, 0), (2, 3), (3, 2))
    ]
    taste = next_item_figures(next_item_ranks(fit(events), cases, 4), cuts=(1,))["hr@1"].mean
    fame = next_item_figures(next_item_ranks(Popularity(events), cases, 4), cuts=(1,))["hr@1"].mean
    assert taste == 1 > fame


def test_a_visitor_in_row_numbers() -> None:
    rows = {letter: row for row, letter in enumerate(ABCD)}
    known = resolve(Visitor(history=("a", "b", "a", "?", "d"), liked=("c", "b", "d"), rejected=("d", "?")), rows)
    assert known.history == (0, 1)  # newest first; d is rejected
    assert known.liked == (1, 2)
    assert known.rejected == (3,)
    assert known.wanted == (0, 1, 2)


# --- the default model ---


def test_the_default_model_learns_from_users_and_links_alike() -> None:
    products = [item(letter) for letter in ABCD]
    link = Link(src="c", dst="d", relation="bought_with", weight=0.2)
    scorer = fit_default(catalog(products, purchases(["ab", "ab"]), [link]))
    assert scorer.score(Visitor(liked=("a",)), ALL_ROWS)[1] > 0
    assert scorer.score(Visitor(liked=("d",)), ALL_ROWS)[2] > 0
    assert fit_default(catalog(products)).score(Visitor(liked=("a",)), ALL_ROWS).tolist() == [0, 0, 0, 0]


@pytest.mark.skipif(not BEAUTY.exists(), reason="the Amazon Beauty histories are not beside the checkout")
def test_beauty_next_item_is_found_and_in_time() -> None:
    """Fitted without the last two items of each user, asked for the last with all before it. The bounds leave room for a busy machine."""
    histories = [[int(word) - 1 for word in line.split()[1:]] for line in BEAUTY.read_text().splitlines()]
    n_items = 1 + max(map(max, histories))
    ids = [str(row) for row in range(n_items)]
    start = time.perf_counter()
    model = ItemToItem(ids, count_pairs(sequence_events([history[:-2] for history in histories], n_items)))
    fitted = time.perf_counter() - start
    cases = [
        Case(visitor=Visitor(history=tuple(ids[row] for row in history[:-1])), target=history[-1], excluded=tuple(history[:-1]))
        for history in histories
    ]
    figures = next_item_figures(next_item_ranks(model, cases, n_items), cuts=(10,))
    assert figures["ndcg@10"].mean > 0.0554
    assert figures["hr@10"].mean > 0.087
    assert fitted < 6
    rows = np.arange(200, dtype=np.int64)
    times = []
    for case in cases[:500]:
        start = time.perf_counter()
        model.score(case.visitor, rows)
        times.append(time.perf_counter() - start)
    assert np.median(times) < 0.001
