"""The small readers, each on its own: tokens, numbers, spelling, language, clauses."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.clauses import clauses, trimmed
from assistant.understanding.language import detect, has_words, is_foreign
from assistant.understanding.numbers import amounts, read_digits
from assistant.understanding.spelling import Speller
from assistant.understanding.tokens import Chunk, Cover, Span, Utterance, View, by_first, tokenise
from assistant.understanding.words import load_words

WORDS = load_words()


@given(st.text(max_size=80))
def test_tokens_stand_where_they_say(text: str) -> None:
    tokens = tokenise(text)
    assert all(0 <= token.start < token.end <= len(text) and token.norm for token in tokens)
    assert all(first.end <= second.start for first, second in pairwise(tokens))


@pytest.mark.parametrize(
    ("text", "norms"),
    [
        ("V-neck T-shirt", "v neck t shirt"),
        ("don't", "dont"),
        ("50-80€", "50 - 80 €"),
        ("für fur", "für fur"),
        ("Women's crème", "womens creme"),
        ("W32", "w 32"),
        ('"wrap" dress!', "wrap dress !"),
        ("1,200.50", "1,200.50"),
    ],
)
def test_tokens(text: str, norms: str) -> None:
    assert " ".join(token.norm for token in tokenise(text)) == norms


def test_a_view_shows_chunks_and_finds_the_tokens_behind_them() -> None:
    utterance = Utterance.of("is the second one waterproof")
    view = View(utterance.tokens, by_first([Chunk(Span(1, 4), "@item"), Chunk(Span(4, 5), "@feature")]))
    assert view.flat == "is @item @feature"
    assert view.span_of(3, 8) == Span(1, 4)
    assert utterance.words(view.span_of(3, len(view.flat))) == "the second one waterproof"
    assert View(utterance.tokens, within=Span(2, 4)).flat == "second one"


def test_a_cover_holds_and_frees() -> None:
    cover = Cover([Span(2, 4), Span(6, 7)])
    assert cover.frees(Span(4, 6))
    assert not cover.frees(Span(3, 5))
    assert cover.holds(Span(2, 4))
    assert not cover.holds(Span(3, 5))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("80", "80"), ("79.95", "79.95"), ("79,95", "79.95"), ("1,200", "1200"), ("1.200", "1200"), ("1,200.50", "1200.50"), ("1.200,50", "1200.50"),
        ("1,000,000", "1000000"), ("0.500", "0.500"), ("4.5", "4.5"),
    ],
)  # fmt: skip
def test_digits(written: str, value: str) -> None:
    assert read_digits(written) == Decimal(value)


def test_a_number_too_long_for_any_price_is_none() -> None:
    assert read_digits("9" * 13) is None


@given(st.from_regex(r"\d+([.,]\d+)*", fullmatch=True))
def test_digits_never_fail(written: str) -> None:
    value = read_digits(written)
    assert value is None or value >= 0


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("€80", 80, "EUR"), ("80 bucks", 80, "USD"), ("eighty-five euros", 85, "EUR"), ("a hundred", 100, None), ("two hundred and fifty pounds", 250, "GBP"),
        ("1.5k", 1500, None), ("a couple of hundred dollars", 200, "USD"), ("EUR 19.99", Decimal("19.99"), "EUR"), ("60ish euros", 60, "EUR"),
    ],
)  # fmt: skip
def test_amounts(text: str, value: Decimal | int, currency: str | None) -> None:
    (amount,) = amounts(Utterance.of(text), WORDS)
    assert (amount.value, amount.currency) == (value, currency)


def test_a_lone_article_is_no_amount() -> None:
    assert amounts(Utterance.of("a dress and a couple of hats"), WORDS) == ()


SPELLER = Speller(
    ["dress", "sneakers", "sneaker", "leather", "waterproof", "floral"], frozenset({"floor", "dressed", "trim"}), {"bleu": "blue"}
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("drees", "dress"), ("rdess", "dress"), ("snekers", "sneakers"), ("waterprof", "waterproof"), ("wtaerproff", "waterproof"), ("bleu", "blue"),
        ("dresss", "dress"), ("floor", "floor"), ("flora", "floral"), ("trimmed", "trimmed"), ("press", "press"), ("lather", "leather"), ("tress", "tress"),
        ("dre", "dre"), ("leathers", "leathers"), ("xyzzyx", "xyzzyx"),
    ],
)  # fmt: skip
def test_spelling(said: str, meant: str) -> None:
    assert SPELLER.correct(said) == meant


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
def test_spelling_settles_at_once(word: str) -> None:
    meant = SPELLER.correct(word)
    assert SPELLER.correct(meant) == meant


def test_names_are_not_corrected() -> None:
    assert SPELLER.corrected(Utterance.of("I met Flora")).norms(Span(0, 3)) == ("i", "met", "flora")
    assert SPELLER.corrected(Utterance.of("a flora print")).norms(Span(1, 2)) == ("floral",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("a red dress", "en"),
        ("我想要一条红色连衣裙", "zh"),
        ("我想要 Nike", "zh"),
        ("a dress called 裙", "en"),
        ("", "en"),
        ("12 ?", "en"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect(text) == language


def test_foreign_text_is_known_by_script_or_by_two_common_words() -> None:
    english = WORDS.idle | WORDS.common | {"robe", "dress"}
    foreign = (
        "Ich suche ein rotes Kleid",
        "Je cherche une robe rouge",
        "красное платье",
        "qu'est-ce que c'est, une robe d'été ?",
        "vestido rojo",
    )
    native = ("a red dress", "a robe", "die hard", "dress by Oscar de la Renta", "I want a robe, s'il vous plaît", "")
    assert [text for text in (*foreign, *native) if is_foreign(text, english)] == list(foreign)


def test_signs_alone_are_no_words() -> None:
    assert not has_words("😍 !!! …")
    assert has_words("😍 a")


def test_clauses_are_cut_where_something_new_begins() -> None:
    utterance = Utterance.of("Hi! What is it made of, and does it come in red and blue? Thanks")
    cut = clauses(utterance, WORDS.clause_starts, Cover(()))
    assert [utterance.words(trimmed(utterance, clause)) for clause in cut] == [
        "Hi",
        "What is it made of",
        "does it come in red and blue?",
        "Thanks",
    ]
    assert [at for clause in cut for at in range(*clause)] == list(range(len(utterance.tokens)))
