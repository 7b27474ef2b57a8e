"""The parser's reading joined with a model's: the parser's stands, the model fills what it left; and who reads while the model fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.breaker import FAILURES, Breaker
from assistant.clock import SystemClock
from assistant.errors import ModelError, ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.schema import Act, ActKind, ParseContext, PriceRange, SlotMention, Understanding, Usage, Value
from assistant.scripted_model import ScriptedModel
from assistant.understanding.merge import ADOPTED, at_a_loss, merge
from assistant.understanding.model import ModelReader
from assistant.understanding.parser import Parser
from assistant.understanding.reading import ParserAndModel, ParserOnly
from catalog_data.schema import Slot
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from prompts import load_prompt

CLOCK = SystemClock()
TEXT = "a red dress that breathes"


def mention(slot: Slot, value: Value, evidence: str, **rest: str) -> SlotMention:
    """One slot."""
    return SlotMention.model_validate({"slot": slot, "value": value, "evidence": evidence, **rest})


def understood(
    *slots: SlotMention,
    acts: tuple[ActKind, ...] = ("search",),
    writer: str = "parser",
    scope: str = "me",
    unknown: tuple[str, ...] = (),
) -> Understanding:
    """A reading of `TEXT`."""
    return Understanding(
        text=TEXT, acts=tuple(Act(kind=kind) for kind in acts), slots=slots, scope=scope, unknown_words=unknown, writer=writer
    )


RED = mention("color", "red", "red")
DRESS = mention("category", "dress", "dress")
GUESSED = understood(acts=("policy",), unknown=("labels",))
AIRY = mention("feature", "breathable", "that breathes")


def test_the_model_adds_what_it_reads_from_unknown_words_as_a_soft_wish() -> None:
    parsed = understood(RED, DRESS, scope="sister", unknown=("breathes",))
    merged = merge(parsed, understood(RED, AIRY, acts=("offers",), writer="m", scope="dad"))
    assert merged.slots == (RED, DRESS, AIRY.model_copy(update={"strength": "soft", "scope": "sister"}))
    assert merged.acts == parsed.acts
    assert merged.scope == "sister"
    assert merged.writer == "parser+m"


@pytest.mark.parametrize(
    "slot",
    [
        RED,
        mention("color", "burgundy", "red"),
        mention("color", "wine", "a red dress"),
        mention("season", "summer", "a"),
        mention("feature", "breathable", "breathes", operation="replace"),
        mention("feature", "breathable", "breathes", operation="retract"),
    ],
)
def test_what_the_parser_read_is_not_read_again(slot: SlotMention) -> None:
    parsed = understood(RED, DRESS, unknown=("breathes",))
    assert merge(parsed, understood(slot, writer="m")).slots == (RED, DRESS)


def test_no_second_amount() -> None:
    price = mention("price", PriceRange(max=8000), "under 80")
    guess = mention("price", PriceRange(max=9000), "or so ninety")
    assert merge(understood(price, unknown=("ninety",)), understood(guess, writer="m")).slots == (price,)


@pytest.mark.parametrize("parsed", [understood(acts=("out_of_scope",)), understood(), GUESSED])
def test_where_the_parser_was_at_a_loss_the_model_reads(parsed: Understanding) -> None:
    assert at_a_loss(parsed)
    replaced = mention("color", "red", "red", operation="replace", scope="dad")
    merged = merge(parsed, understood(replaced, acts=("correct",), writer="m", scope="dad"))
    assert merged.slots == (replaced,)
    assert [act.kind for act in merged.acts] == ["correct"]
    assert merged.scope == "dad"


def test_a_person_that_the_parser_found_stays() -> None:
    assert merge(understood(scope="sister"), understood(RED, writer="m", scope="dad")).scope == "sister"


@pytest.mark.parametrize("kind", ["basket", "undo", "start_over", "not_this", "more_like", "affirm", "deny", "out_of_scope"])
def test_what_takes_something_away_is_never_a_models_to_read(kind: ActKind) -> None:
    parsed = understood(acts=("out_of_scope",))
    assert merge(parsed, understood(acts=(kind,), writer="m")).acts == parsed.acts
    both = merge(parsed, understood(RED, acts=(kind, "search"), writer="m"))
    assert [act.kind for act in both.acts] == ["search"]


KINDS: st.SearchStrategy[ActKind] = st.sampled_from(("search", "refine", "offers", "undo", "basket", "out_of_scope", "greeting"))
SLOTS = st.lists(
    st.builds(
        mention,
        st.sampled_from(("color", "material", "feature")),
        st.sampled_from(("red", "linen", "breathable")),
        st.sampled_from(("red", "dress", "breathes", "that breathes", "a red dress")),
        operation=st.sampled_from(("add", "replace", "retract")),
    ),
    max_size=4,
).map(tuple)
READINGS = st.builds(
    lambda slots, acts, unknown: understood(*slots, acts=tuple(acts), unknown=tuple(unknown)),
    SLOTS,
    st.lists(KINDS, min_size=1, max_size=3),
    st.lists(st.sampled_from(("breathes", "that")), max_size=2),
)


@given(parsed=READINGS, modelled=READINGS)
def test_in_any_case(parsed: Understanding, modelled: Understanding) -> None:
    """The parser's slots all stay, first and in order; its acts stay unless it was at a loss, and then only harmless ones come."""
    merged = merge(parsed, modelled)
    assert merged.slots[: len(parsed.slots)] == parsed.slots
    assert merged.text == parsed.text
    if not at_a_loss(parsed):
        assert merged.acts == parsed.acts
        assert all(slot.strength == "soft" and slot.operation == "add" for slot in merged.slots[len(parsed.slots) :])
    else:
        assert merged.acts == parsed.acts or {act.kind for act in merged.acts} <= ADOPTED


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The shop's own."""
    return load_vocabulary()


@pytest.fixture(scope="module")
def parser(vocabulary: Vocabulary) -> Parser:
    """The built-in parser."""
    return Parser(vocabulary, (), "EUR")


SAID = '{"acts": ["search"], "slots": [{"slot": "feature", "value": "breathable", "words": "flumpy"}]}'
MESSAGE = "a red flumpy dress"


def both(parser: Parser, vocabulary: Vocabulary, model: ScriptedModel, breaker: Breaker | None = None) -> ParserAndModel:
    """The parser and a model."""
    return ParserAndModel(
        parser, ModelReader(model, load_prompt("understanding"), vocabulary, (), "EUR"), breaker or Breaker(CLOCK)
    )


def test_the_parser_alone(parser: Parser) -> None:
    understanding, usage = ParserOnly(parser).understand(MESSAGE, ParseContext(), stop_at=5.0)
    assert understanding == parser.parse(MESSAGE, ParseContext())
    assert usage == Usage()


def test_parser_and_model(parser: Parser, vocabulary: Vocabulary) -> None:
    model = ScriptedModel(SAID, usage=Usage(model_calls=1, prompt_tokens=7, completion_tokens=3))
    understanding, usage = both(parser, vocabulary, model).understand(MESSAGE, ParseContext(), stop_at=5.0)
    alone = parser.parse(MESSAGE, ParseContext())
    assert alone.unknown_words == ("flumpy",)
    assert understanding.slots == (*alone.slots, mention("feature", "breathable", "flumpy", strength="soft"))
    assert understanding.writer == "parser+scripted"
    assert usage == model.usage


@pytest.mark.parametrize("failure", [ModelUnavailable("away"), ModelTimeout("slow"), ModelGarbage("garbage")])
def test_while_the_model_fails_the_parser_reads_alone(parser: Parser, vocabulary: Vocabulary, failure: ModelError) -> None:
    breaker = Breaker(CLOCK)
    model = ScriptedModel(SAID, failure=failure)
    reader = both(parser, vocabulary, model, breaker)
    for _ in range(FAILURES + 2):
        understanding, usage = reader.understand(MESSAGE, ParseContext(), stop_at=5.0)
        assert understanding == parser.parse(MESSAGE, ParseContext())
    assert len(model.calls) == FAILURES
    assert usage == Usage()
    assert not breaker.allows()


def test_a_model_that_asks_to_wait_is_left_alone_at_once(parser: Parser, vocabulary: Vocabulary) -> None:
    model = ScriptedModel(SAID, failure=ModelUnavailable("429", retry_after=60))
    reader = both(parser, vocabulary, model)
    usages = [reader.understand(MESSAGE, ParseContext(), stop_at=5.0)[1] for _ in range(3)]
    assert [usage.model_calls for usage in usages] == [1, 0, 0]


def test_a_busy_model_is_no_failure(parser: Parser, vocabulary: Vocabulary) -> None:
    breaker = Breaker(CLOCK)
    reader = both(parser, vocabulary, ScriptedModel(SAID, failure=ModelUnavailable("busy", busy=True)), breaker)
    for _ in range(FAILURES + 1):
        assert reader.understand(MESSAGE, ParseContext(), stop_at=5.0)[1] == Usage()
    assert breaker.allows()
