"""The replies that the shop itself suggests are understood for every value of the vocabulary: "Studs is fine", "Forget about pockets"."""

from __future__ import annotations

import pytest

from assistant.schema import DialogueState, ParseContext, Polarity, Preference, Profile
from assistant.understanding.parser import Parser
from catalog_data.schema import VALUE_SLOTS, ValueSlot
from catalog_data.vocabulary import Vocabulary
from tests.assistant.understanding.conftest import SHOWN


def _held(slot: ValueSlot, value: str, polarity: Polarity) -> ParseContext:
    """A search that goes on, in which this value is liked or disliked."""
    fields = {"preference_id": "p1", "slot": slot, "value": value, "polarity": polarity, "evidence": "said before", "turn": 1}
    shown = tuple(product.product_id for product in SHOWN)
    profile = Profile(preferences=(Preference.model_validate(fields),), version=1)
    return ParseContext(state=DialogueState(turn=1, topic="red dress", shown=shown), profile=profile, shown=SHOWN)


def _misread(parser: Parser, vocabulary: Vocabulary, form: str, slot: ValueSlot, polarity: Polarity) -> list[str]:
    """The replies of this form that are read as anything but the one value taken back."""
    wrong = []
    for value in vocabulary.values(slot):
        words = form.format(value)
        read = parser.parse(words[:1].upper() + words[1:], _held(slot, value, polarity))
        said = [(mention.slot, mention.value, mention.operation, mention.scope) for mention in read.slots]
        if [act.kind for act in read.acts] != ["retract"] or said != [(slot, value, "retract", "me")]:
            wrong.append(read.text)
    return wrong


@pytest.mark.parametrize("slot", VALUE_SLOTS)
def test_a_refused_value_that_is_fine_is_refused_no_more(slot: ValueSlot, parser: Parser, vocabulary: Vocabulary) -> None:
    assert not _misread(parser, vocabulary, "{} is fine", slot, "dislike")


@pytest.mark.parametrize("slot", ["feature", "occasion"])
def test_a_forgotten_value_is_wished_no_more(slot: ValueSlot, parser: Parser, vocabulary: Vocabulary) -> None:
    assert not _misread(parser, vocabulary, "forget about {}", slot, "like")


@pytest.mark.parametrize("form", ["never mind the {}", "{} not needed", "I can do without {}", "it need not be {}"])
def test_what_need_not_be_is_wished_no_more(form: str, parser: Parser, vocabulary: Vocabulary) -> None:
    assert not _misread(parser, vocabulary, form, "material", "like")
