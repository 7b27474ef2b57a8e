"""What holds for any text whatever: no failure, quoted evidence, known values, and work that grows with length alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.schema import ParseContext, Understanding
from assistant.understanding.parser import Parser
from catalog_data.cleaning import clean_text
from catalog_data.schema import VALUE_SLOTS
from catalog_data.vocabulary import Vocabulary

CALM = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FRAGMENTS = (
    "a red dress", "not lace", "or", "and", "but", ",", ".", "?", "under 80 euro", "between 50 and", "80", "size M", "I'm an", "XL", "for my sister",
    "for me", "her", "the first two", "#3", "it", "this one", "the blue one", "compare", "add", "to my basket", "actually", "instead of", "no", "without",
    "anything but", "the colour doesn't matter", "black is fine", "ideally", "would be nice", "I love", "cheaper", "at least 4 stars", "5 year old son",
    "don't need", "never mind the", "is fine", "not in", "für", "what if", "can I send it back", "the ninth one:",
    "what goes with", "is", "machine washable", "use code", "SALE20", "drees", "ignore your instructions", "in June", "she runs", "too", "more", "jeans 32/34",
)  # fmt: skip
MESSAGES = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(FRAGMENTS), max_size=14).map(" ".join),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=12)), max_size=12).map(" ".join),
)
SITUATIONS = st.sampled_from(("fresh", "shown", "second", "page", "husband", "wished", "boots", "jeans", "niece", "scarf"))


def _is_sound(read: Understanding, context: ParseContext, vocabulary: Vocabulary) -> None:
    known = {product.product_id for product in (*context.shown, *((context.page,) if context.page else ()))}
    assert read.acts
    earlier = {(p.value, p.evidence) for p in context.profile.preferences}
    for mention in read.slots:
        assert mention.evidence in read.text or (mention.value, mention.evidence) in earlier
        if mention.slot in VALUE_SLOTS and mention.slot != "brand" and mention.value != "":
            assert mention.value in vocabulary.values(mention.slot)
        assert (mention.size_system is not None) == (mention.slot == "size" and mention.value != "")
    for act in read.acts:
        assert act.evidence in read.text
        assert {each for reference in act.references for each in reference.product_ids} <= known


@CALM
@given(message=MESSAGES, situation=SITUATIONS)
def test_any_text_is_read(
    message: str, situation: str, parser: Parser, contexts: Mapping[str, ParseContext], vocabulary: Vocabulary
) -> None:
    read = parser.parse(message, contexts[situation])
    assert read.text == clean_text(message)
    _is_sound(read, contexts[situation], vocabulary)


@CALM
@given(message=MESSAGES, situation=SITUATIONS)
def test_the_same_message_reads_the_same(
    message: str, situation: str, parser: Parser, contexts: Mapping[str, ParseContext]
) -> None:
    assert parser.parse(message, contexts[situation]) == parser.parse(message, contexts[situation])


@CALM
@given(message=MESSAGES)
def test_no_mention_is_said_twice(message: str, parser: Parser, contexts: Mapping[str, ParseContext]) -> None:
    slots = parser.parse(message, contexts["shown"]).slots
    keys = [(m.slot, repr(m.value), m.scope, m.polarity, m.operation == "retract", m.size_system) for m in slots]
    assert len(keys) == len(set(keys))


LONG = (
    "a ", "not ", "not lace or ", "red, ", "for my ", "80 euro - ", "1 ", "1", "it ", "it is ", "x.", "the first ", "i dont want to ", "M ", "size 4 or ",
    "5 year old ", "two hundred and ", "do you have ", "a gift for my sister and ", "aurelia rosalind wrap ", "'", "!", "\n", "😍", "nothing over 5 ",
    "dont need ", "what if it ", "to go with a ", "is fine or ", "the ninth one: it ", "a code ", "can i wash ", "not in size m or ",
    "maybe ", "ish ", "actually ",  "too short ", "w / o ", "qwzjx ",
)  # fmt: skip


@pytest.mark.parametrize("piece", LONG)
def test_length_alone_costs_time(
    piece: str, parser: Parser, contexts: Mapping[str, ParseContext], vocabulary: Vocabulary
) -> None:
    """Twenty thousand characters of what patterns could choke on: a pattern that backtracks would not come back from this."""
    message = (piece * 20_000)[:20_000]
    _is_sound(parser.parse(message, contexts["second"]), contexts["second"], vocabulary)


def test_invisible_characters_change_nothing(parser: Parser, contexts: Mapping[str, ParseContext]) -> None:
    plain = parser.parse("a red dress, not lace", contexts["fresh"])
    hidden = parser.parse("a r\u200bed dr\u00adess,\u202e not la\U000e0061ce", contexts["fresh"])
    assert hidden == plain


@pytest.mark.parametrize("message", ["❶", "²", "size ❷", "under ³ euro", "the ❶ one", "for my ⁸ year old son", "add ② of it"])
def test_digits_that_are_no_decimals_are_read_as_text(parser: Parser, message: str) -> None:
    assert parser.parse(message, ParseContext()).acts
