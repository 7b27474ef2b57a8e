"""Sentences, tokens, units, grammar and references: the small parts that everything else relies on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guide.compose_shop import in_one
from assistant.guide.english import agree, article, capitalised, counted, listed, lowered, run
from assistant.guide.explain import speaker
from assistant.guide.references import fill, names, plain, raised
from assistant.guide.units import scopes, units
from assistant.guide.wishes import noun_with
from assistant.guide.words import fold, sentences, singular, tokens
from catalog_data.schema import ValueSlot
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


def test_sizes_in_a_row_are_said_by_their_ends() -> None:
    assert [run(labels) for labels in (["36", "37", "38", "39"], ["36", "37", "38"], ["36", "38", "40", "42"], ["S", "M"])] == [
        "36 to 39",
        "36, 37 and 38",
        "36, 38, 40 and 42",
        "S and M",
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((("occasion", "wedding"), ("season", "summer")), "for a summer wedding"),
        ((("occasion", "work"), ("season", "autumn")), "for work in autumn"),
        ((("occasion", "wedding"), ("occasion", "party"), ("season", "summer")), "for a wedding and a party in summer"),
        ((("season", "summer"),), "for summer"),
        ((("color", "gold"), ("material", "gold plated")), "gold plated"),
        ((("color", "red"), ("pattern", "floral"), ("material", "linen")), "red and floral, in linen"),
        ((("color", "red"), ("material", "linen")), "red and in linen"),
        ((("feature", "mid heel"), ("feature", "buckle")), "with a mid heel and a buckle"),
    ],
)
def test_how_values_are_said_together(vocabulary: Vocabulary, values: list[tuple[ValueSlot, str]], said: str) -> None:
    assert speaker(vocabulary).complements(values) == said


def test_things_without_a_plural_are_counted_in_pieces(vocabulary: Vocabulary) -> None:
    says = speaker(vocabulary)
    assert noun_with(says, says.kind("jewellery", many=True, counted=True), [("color", "green")]) == "pieces of green jewellery"
    assert noun_with(says, says.kind("jewellery", many=True), [("color", "green")]) == "green jewellery"
    assert says.complement("category", "shapewear") == "shapewear"
    assert not says.several("shapewear")
    assert says.several("jeans")


def test_reasons_of_an_outfit_are_put_in_one() -> None:
    assert (
        in_one(("all for a wedding", "red goes with tan", "red goes with ivory"))
        == "all for a wedding, and red goes with tan and ivory"
    )
    assert [in_one(()), in_one(("bought together",))] == ["", "bought together"]


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
