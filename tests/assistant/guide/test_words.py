"""Sentences, tokens, units, grammar and references: the small parts that everything else relies on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guide.english import agree, article, capitalised, counted, listed, lowered
from assistant.guide.references import fill, names, plain, raised
from assistant.guide.units import scopes, units
from assistant.guide.words import fold, sentences, singular, tokens
from catalog_data.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("a-line dress", "an a-line dress"),
        ("unisex coat", "a unisex coat"),
        ("off-white tote", "an off-white tote"),
        ("one-shoulder top", "a one-shoulder top"),
        ("uv protection", "a uv protection"),
        ("XL", "an XL"),
        ("hour", "an hour"),
        ("umbrella", "an umbrella"),
        ("red dress", "a red dress"),
    ],
)
def test_articles(phrase: str, expected: str) -> None:
    assert article(phrase) == expected


def test_lists_and_counts() -> None:
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert listed(["a", "b"], "or") == "a or b"
    assert [counted(count, "review", "reviews") for count in (1, 23)] == ["one review", "23 reviews"]


def test_agreement() -> None:
    assert [agree("{title} [is|are] red and [it costs|they cost] much", several) for several in (False, True)] == [
        "{title} is red and it costs much",
        "{title} are red and they cost much",
    ]


def test_first_letters() -> None:
    assert capitalised("“so it is”") == "“So it is”"
    assert [lowered(text) for text in ("Here are two", "I found two", "AI")] == ["here are two", "I found two", "AI"]
    assert raised("it is red. {item1.title} is. so") == "It is red. {item1.title} is. So"


def test_sentences_are_cut_at_stops_and_lines() -> None:
    assert sentences("One. Two! “Three?” Four\nfive … six {item1.title} 4.5 is") == (
        "One.",
        "Two!",
        "“Three?",
        "Four",
        "five …",
        "six {item1.title} 4.5 is",
    )


def test_tokens_know_what_is_no_word() -> None:
    kinds = {token.text: token.kind for token in tokens("A {item1.title}, €5 ½ evil.com x@y.io <b> 三 Café «")}
    assert kinds["{item1.title}"] == "reference"
    assert {kinds[text] for text in ("€5", "½", "三")} == {"number"}
    assert {kinds[text] for text in ("evil.com", "x@y.io")} == {"link"}
    assert {kinds[text] for text in ("<", ">", "«")} == {"markup"}
    assert kinds["Café"] == "word"


def test_contractions_are_taken_apart() -> None:
    assert [token.word for token in tokens("It isn't, you'll see: women's, won't, can’t")] == [
        "it", "is", "not", "", "you", "see", "", "women", "", "will", "not", "", "can", "not",
    ]  # fmt: skip


def test_singulars() -> None:
    assert [singular(word) for word in ("cuffs", "dresses", "bodies", "boxes", "less", "his", "bus")] == [
        "cuff", "dress", "body", "box", "less", "his", "bus",
    ]  # fmt: skip
    assert fold("Été") == "ete"


def test_the_longest_phrase_is_one_unit(vocabulary: Vocabulary) -> None:
    found = units(tokens("faux leather with no sleeves, not lined"), vocabulary)
    assert [unit.text for unit in found] == ["faux leather", "with", "no sleeves", "not", "lined"]
    assert {term.value for term in found[0].terms} == {"faux leather"}


def test_a_negation_reaches_to_the_end_of_its_clause(vocabulary: Vocabulary) -> None:
    parts = tokens("It is not red or blue, but green without lace")
    reached = [" ".join(part.word for part in parts[scope.first : scope.end]) for scope in scopes(parts)]
    assert reached == ["red or blue", "lace"]


def test_references_are_filled_with_a_capital_where_a_sentence_begins() -> None:
    text, findings = fill("{a.title} is it. {a.rank}, {b.gone}.", {"a.title": "de luxe", "a.rank": "the dearest"})
    assert text == "de luxe is it. The dearest, ."
    assert [finding.words for finding in findings] == ["{b.gone}"]
    assert names("{a.b} {a.b} {C} {c}") == ("a.b", "a.b", "c")


def test_titles_keep_what_is_harmless() -> None:
    for title in (
        "Levi's 501® Jeans – 32/34",
        "Dress #2 (100 % linen) & more",
        "Mr.Smith’s “Best” Coat, €5 off*",
        "T-Shirt No. 5",
    ):
        assert plain(title) == title


@given(st.text(max_size=400))
def test_plain_text_is_one_harmless_line(text: str) -> None:
    shown = plain(text, 100)
    assert len(shown) <= 100
    assert shown == shown.strip()
    assert not any(ord(char) < 32 or char in "<>`{}\\\u202e\u200b\u2028" for char in shown)
    assert not re.search(r"://|www\.\w|\]\(", shown)
    assert plain(shown, 100) == shown
