"""Matching by words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.lexical import Lexical, singular, tokens, top_rows

TEXTS = ["Red lace dress for summer", "Blue dresses", "Leather boots", "", "A scarf for the wedding"]


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("dresses", "dress"),
        ("dress", "dress"),
        ("shoes", "shoe"),
        ("watches", "watch"),
        ("boxes", "box"),
        ("berries", "berry"),
        ("jeans", "jean"),
        ("bus", "bus"),
        ("gas", "gas"),
    ],
)
def test_plurals_meet_their_singular(word: str, stem: str) -> None:
    assert singular(word) == stem


def test_tokens_are_folded() -> None:
    assert tokens("Looking for THE Café-Röcke, please: 100% Cotton") == ["cafe", "rocke", "100%", "cotton"]


def test_scores_rows_that_share_words() -> None:
    lexical = Lexical(TEXTS)
    scores = lexical.scores("red dresses")
    assert scores.dtype == np.float32
    assert scores.shape == (5,)
    assert scores[0] > scores[1] > 0
    assert scores[[2, 3, 4]].tolist() == [0, 0, 0]
    assert lexical.top("red dresses", 5).tolist() == [0, 1]
    assert lexical.top("red dresses", 1).tolist() == [0]


def test_the_mask_stands_inside() -> None:
    mask = np.array([False, True, True, True, True])
    assert Lexical(TEXTS).top("red dresses", 1, mask).tolist() == [1]


@pytest.mark.parametrize("text", ["", "for the", "zebra", "🦓", "\0", "red " * 10_000])
def test_any_text_is_taken(text: str) -> None:
    scores = Lexical(TEXTS).scores(text)
    assert np.isfinite(scores).all()
    assert (scores > 0).any() == text.startswith("red")


@pytest.mark.parametrize("texts", [[], [""], ["", "the"]])
def test_nothing_to_match(texts: list[str]) -> None:
    assert Lexical(texts).scores("red").tolist() == [0] * len(texts)
    assert Lexical(texts).top("red", 3).tolist() == []


def test_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    Lexical(TEXTS).top("red dress", 3)
    assert capfd.readouterr() == ("", "")


@given(scores=st.lists(st.sampled_from([0.0, 0.5, 0.5, 1.0, 2.0]), max_size=30), k=st.integers(0, 40), data=st.data())
@settings(max_examples=150, deadline=None)
def test_top_rows_equals_a_full_sort(scores: list[float], k: int, data: st.DataObject) -> None:
    kept = [row for row in range(len(scores)) if data.draw(st.booleans())]
    found = top_rows(np.array(scores, dtype=np.float32), np.array(kept, dtype=np.int64), k)
    assert found.tolist() == sorted(kept, key=lambda row: (-scores[row], row))[:k]
