"""What a model says that a message says: only what the message's own words say, and only values that the shop knows."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.clock import SystemClock
from assistant.errors import ModelError, ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.models import Endpoint, EndpointModel, lean
from assistant.schema import DialogueState, ParseContext, PriceRange, RatingRange, SlotMention, Understanding, Usage
from assistant.scripted_endpoint import FAULTS, Script, ScriptedEndpoint
from assistant.scripted_model import ScriptedModel
from assistant.token_count import TokenCounter, shipped_ranks
from assistant.understanding.model import ModelReader, Said
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from prompts import load_prompt

CLOCK = SystemClock()
BRANDS = ("Aurelia", "H&M")


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The shop's own."""
    return load_vocabulary()


def read(vocabulary: Vocabulary, message: str, said: dict[str, Any], scope: str = "me") -> Understanding:
    """What comes of a message of which the model says `said`."""
    model = ScriptedModel(json.dumps(said))
    reader = ModelReader(model, load_prompt("understanding"), vocabulary, BRANDS, "EUR")
    return reader.read(message, ParseContext(state=DialogueState(scope=scope)), stop_at=5.0)[0]


def slot_of(vocabulary: Vocabulary, message: str, **slot: Any) -> SlotMention | None:
    """The one mention that comes of one slot; None where nothing does."""
    found = read(vocabulary, message, {"acts": ["search"], "slots": [slot]}).slots
    assert len(found) < 2
    return found[0] if found else None


def test_a_whole_message(vocabulary: Vocabulary) -> None:
    said = {
        "acts": ["search", "search", "offers"],
        "slots": [
            {"slot": "category", "value": "dress", "words": "dress"},
            {"slot": "color", "value": "Navy", "words": "navy", "operation": "replace"},
            {"slot": "price", "max": 80, "currency": "eur", "words": "under 80 euro"},
            {"slot": "material", "value": "lace", "polarity": "dislike", "words": "not lace"},
            {"slot": "season", "value": "summer", "strength": "soft", "words": "Summer"},
        ],
    }
    message = "a navy dress for summer,\nunder 80 euro, not lace"
    found = read(vocabulary, message, said)
    assert found.text == message
    assert [act.kind for act in found.acts] == ["search", "offers"]
    assert found.writer == "scripted"
    assert found.slots == (
        SlotMention(slot="category", value="dress", evidence="dress"),
        SlotMention(slot="color", value="navy", evidence="navy", operation="replace"),
        SlotMention(slot="price", value=PriceRange(max=8000), evidence="under 80 euro", currency="EUR"),
        SlotMention(slot="material", value="lace", polarity="dislike", evidence="not lace"),
        SlotMention(slot="season", value="summer", strength="soft", evidence="summer"),
    )


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ({"slot": "category", "value": "trainers"}, "sneakers"),
        ({"slot": "brand", "value": "h&m"}, "H&M"),
        ({"slot": "size", "value": " m "}, "M"),
        ({"slot": "rating", "min": 4}, RatingRange(stars=4)),
        ({"slot": "rating", "value": "4.5"}, RatingRange(stars=4.5)),
        ({"slot": "price", "min": 20, "max": 80}, PriceRange(min=2000, max=8000)),
        ({"slot": "price", "max": 79.95}, PriceRange(max=7995)),
        ({"slot": "color", "operation": "retract"}, ""),
        ({"slot": "price", "operation": "retract"}, ""),
        ({"slot": "color", "value": "red", "operation": "retract"}, "red"),
    ],
)
def test_values_are_the_shops_own(vocabulary: Vocabulary, slot: dict[str, Any], value: object) -> None:
    said = "these very words, h&m, a hundred"
    found = slot_of(vocabulary, said, words=said, **slot)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "slot",
    [
        {"slot": "color", "value": "ultraviolet", "words": "red"},
        {"slot": "color", "value": "red", "words": "blue"},
        {"slot": "color", "value": "red", "words": "  "},
        {"slot": "color", "value": "red"},
        {"slot": "color", "value": "dress", "words": "red"},
        {"slot": "color", "words": "red"},
        {"slot": "brand", "value": "Gucci", "words": "red"},
        {"slot": "size", "value": "", "words": "red"},
        {"slot": "price", "words": "under 80"},
        {"slot": "price", "max": 8, "words": "under 80"},
        {"slot": "price", "max": 800, "words": "under 80"},
        {"slot": "price", "min": 90, "max": 80, "words": "under 80 not 90"},
        {"slot": "rating", "min": 9, "words": "red"},
        {"slot": "rating", "value": "lots", "words": "red"},
    ],
)
def test_what_was_not_said_is_left_out(vocabulary: Vocabulary, slot: dict[str, Any]) -> None:
    assert slot_of(vocabulary, "a red dress under 80 not 90", **slot) is None


def test_an_amount_in_words_is_taken(vocabulary: Vocabulary) -> None:
    found = slot_of(vocabulary, "not over a hundred", slot="price", max=100, words="not over a hundred")
    assert found is not None
    assert found.value == PriceRange(max=10000)


@pytest.mark.parametrize(("currency", "kept"), [("usd", "USD"), ("euro", None), ("€", None), (None, None)])
def test_only_a_code_is_a_currency(vocabulary: Vocabulary, currency: str | None, kept: str | None) -> None:
    found = slot_of(
        vocabulary, "under 80", slot="price", max=80, words="under 80", **({"currency": currency} if currency else {})
    )
    assert found is not None
    assert found.currency == kept


@pytest.mark.parametrize(
    ("said", "scope"), [("dad", "dad"), ("Dad", "dad"), ("sister", "aunt"), ("", "aunt"), ("a", "a"), ("me", "aunt")]
)
def test_the_person_is_named_by_the_message_or_was_before(vocabulary: Vocabulary, said: str, scope: str) -> None:
    message = {"acts": ["search"], "scope": said, "slots": [{"slot": "color", "value": "red", "words": "red"}]}
    found = read(vocabulary, "a red tie for my dad", message, scope="aunt")
    assert (found.scope, found.slots[0].scope) == (scope, scope)


@pytest.mark.parametrize(
    "said", [{}, {"acts": []}, {"acts": ["fly"]}, {"acts": ["search"], "slots": [{"slot": "mood", "words": "red"}]}]
)
def test_another_form_is_garbage(vocabulary: Vocabulary, said: dict[str, Any]) -> None:
    with pytest.raises(ModelGarbage):
        read(vocabulary, "a red dress", said)


@settings(deadline=None)
@given(
    message=st.text(min_size=1, max_size=40),
    words=st.text(max_size=10),
    value=st.sampled_from(("red", "dress", "", "İ", "4")),
    slot=st.sampled_from(("color", "category", "price", "rating", "brand", "size")),
    amount=st.one_of(st.none(), st.floats(0, 10**6)),
)
def test_the_evidence_is_always_the_shoppers_words(
    vocabulary: Vocabulary, message: str, words: str, value: str, slot: str, amount: float | None
) -> None:
    said = {"slot": slot, "value": value, "words": words, **({"max": amount} if amount is not None else {})}
    for found in read(vocabulary, message, {"acts": ["search"], "slots": [said]}).slots:
        assert found.evidence in message


def test_asks_with_the_message_on_one_line_and_no_more(vocabulary: Vocabulary) -> None:
    model = ScriptedModel('{"acts": ["search"]}', usage=Usage(model_calls=1, prompt_tokens=9))
    reader = ModelReader(model, load_prompt("understanding"), vocabulary, BRANDS, "EUR")
    _, usage = reader.read("a dress\n\nMessage: and ${more}", ParseContext(), stop_at=5.0)
    assert usage.prompt_tokens == 9
    assert model.calls[0][-1].content.endswith("\nMessage: a dress Message: and ${more}")


def test_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompt and schema together have at most 900 tokens, with a message of ordinary length."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(shipped_ranks()))
    counter = TokenCounter()
    assert counter.exact
    prompt = load_prompt("understanding").fill(message="A red dress for a summer wedding, under 80 euro, not lace, and pockets")
    schema = json.dumps(lean(Said.model_json_schema(), "Said"), separators=(",", ":"))
    assert counter.count(prompt) + counter.count(schema) <= 900


def test_the_examples_of_the_prompt_are_answers(vocabulary: Vocabulary) -> None:
    """Each has the agreed form, and nothing in it is left out as not said."""
    lines = load_prompt("understanding").text.splitlines()
    pairs = [(line.removeprefix("Message: "), after) for line, after in pairwise(lines) if after.startswith("{")]
    assert len(pairs) >= 4
    for message, answer in pairs:
        found = read(vocabulary, message, json.loads(answer))
        assert len(found.slots) == len(json.loads(answer).get("slots", []))
        assert found.scope == json.loads(answer).get("scope", "me")


def test_the_schema_is_lean_and_says_the_same() -> None:
    schema = lean(Said.model_json_schema(), "Said")
    text = json.dumps(schema)
    assert schema["title"] == "Said"
    assert text.count('"title"') == 1
    assert "description" not in text
    assert "null" not in text
    slot = schema["$defs"]["SaidSlot"]["properties"]
    assert set(slot) == {"slot", "value", "min", "max", "currency", "polarity", "strength", "operation", "words"}
    assert slot["max"] == {"exclusiveMaximum": 10**9, "minimum": 0, "type": "number"}
    assert schema["required"] == ["acts"]


def test_over_http(vocabulary: Vocabulary) -> None:
    said = '{"acts": ["search"], "slots": [{"slot": "color", "value": "red", "words": "red"}]}'
    with (
        ScriptedEndpoint([Script(said)]) as endpoint,
        closing(EndpointModel(Endpoint("scripted", endpoint.url, "k", direct=True), CLOCK)) as model,
    ):
        reader = ModelReader(model, load_prompt("understanding"), vocabulary, BRANDS, "EUR")
        found, usage = reader.read("something red", ParseContext(), stop_at=CLOCK.monotonic() + 10)
    assert found.slots == (SlotMention(slot="color", value="red", evidence="red"),)
    assert usage.model_calls == 1


@pytest.mark.parametrize(
    ("fault", "raised"),
    [("error_500", ModelUnavailable), ("empty", ModelGarbage), ("garbage", ModelGarbage), ("hang", ModelTimeout)],
)
def test_faults_over_http(vocabulary: Vocabulary, fault: str, raised: type[ModelError]) -> None:
    with (
        ScriptedEndpoint([FAULTS[fault]]) as endpoint,
        closing(EndpointModel(Endpoint("scripted", endpoint.url, "k", direct=True), CLOCK)) as model,
    ):
        reader = ModelReader(model, load_prompt("understanding"), vocabulary, BRANDS, "EUR")
        with pytest.raises(raised):
            reader.read("something red", ParseContext(), stop_at=CLOCK.monotonic() + (0.5 if fault == "hang" else 10))


@pytest.mark.parametrize("slot", [{"slot": "brand", "value": "h&m"}, {"slot": "price", "min": 200}, {"slot": "price", "max": 20}])
def test_neither_a_maker_nor_a_budget_is_put_into_her_mouth(vocabulary: Vocabulary, slot: dict[str, Any]) -> None:
    assert slot_of(vocabulary, "show me something nice", words="something nice", **slot) is None
