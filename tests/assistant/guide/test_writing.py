"""Who writes the guide: what a model writes well is shown as it comes, all else is the composer's, in the time of the turn."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.breaker import FAILURES, Breaker
from assistant.clock import SystemClock
from assistant.errors import ModelError, ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.guide.verification import COMPOSER, Verifier
from assistant.guide.writing import AWAY, BROKEN, BUSY, COMPOSING_SECONDS, SLOW, ComposedGuide, WrittenGuide
from assistant.guide.written import WritingPrompts, messages, wanted, written_text
from assistant.models import Endpoint, EndpointModel
from assistant.protocols import ChatModel, Chunk, Guide, Message, Parsed
from assistant.schema import CheckedSection, GuideBrief, GuideReport, Usage
from assistant.scripted_endpoint import FAULTS, LIES, Script, ScriptedEndpoint, refusing_url
from assistant.scripted_model import ScriptedModel
from assistant.token_count import TokenCounter
from assistant.writers import writing_prompts
from catalog_data.vocabulary import Vocabulary
from tests.assistant.guide.golden_scenes import scenes
from tests.assistant.guide.strategies import briefs

CLOCK = SystemClock()


class WordCounter(TokenCounter):
    """Counts words, so that figures do not hang on an encoding."""

    def count(self, text: str) -> int:
        return len(text.split())


COUNTER = WordCounter()
SECONDS = 10.0
SHORT = 1.2
SLACK = 1.5
ANSWER = (
    "0: You asked for a red dress for a summer wedding, without lace.\n"
    "1: I would start with {1}, a romantic midi dress in red viscose.\n"
    "2: Then {2} is a floral dress in red and white linen.\n"
    "3: And {3} is an elegant maxi gown in burgundy satin.\n"
)
MODELLED = ["opening", "item1", "item2", "item3"]

Made = Callable[..., WrittenGuide]


@pytest.fixture(scope="module")
def prompts(vocabulary: Vocabulary) -> WritingPrompts:
    """The prompts as shipped."""
    return writing_prompts(vocabulary)


@pytest.fixture(scope="module")
def wedding(vocabulary: Vocabulary) -> GuideBrief:
    """Three dresses, an outfit, a closing."""
    return scenes(vocabulary)["wedding"].brief(vocabulary)


@pytest.fixture
def made(verifier: Verifier, prompts: WritingPrompts) -> Made:
    """A guide with a model, and the breaker that it is given."""

    def make(model: ChatModel, breaker: Breaker | None = None) -> WrittenGuide:
        return WrittenGuide(verifier, model, prompts, CLOCK, breaker or Breaker(CLOCK), COUNTER)

    return make


def told(guide: Guide, brief: GuideBrief, seconds: float = SECONDS) -> tuple[list[CheckedSection], GuideReport]:
    """All sections and the report, which comes last and once."""
    parts = list(guide.write(brief, stop_at=CLOCK.monotonic() + seconds))
    report = parts.pop()
    assert isinstance(report, GuideReport)
    sections = [part for part in parts if isinstance(part, CheckedSection)]
    assert len(sections) == len(parts)
    assert [section.section_id for section in sections] == [section.section_id for section in brief.sections]
    return sections, report


def text_by_id(sections: Sequence[CheckedSection]) -> dict[str, str]:
    """What is shown, by section."""
    return {section.section_id: section.text for section in sections}


def test_composed_alone(verifier: Verifier, wedding: GuideBrief) -> None:
    sections, report = told(ComposedGuide(verifier), wedding)
    assert {section.shown_writer for section in sections} == {COMPOSER}
    assert report == GuideReport()
    assert told(ComposedGuide(verifier, "why"), wedding)[1].notices == ("why",)


def test_a_model_writes_what_it_may(made: Made, verifier: Verifier, wedding: GuideBrief) -> None:
    usage = Usage(model_calls=1, prompt_tokens=500, completion_tokens=70)
    sections, report = told(made(ScriptedModel(ANSWER, usage=usage)), wedding)
    assert [section.section_id for section in sections if section.shown_writer == "scripted"] == MODELLED
    assert all(section.verdict == "pass" for section in sections)
    title = {item.label: item.references[f"{item.label}.title"] for item in wedding.items}["item2"]
    assert text_by_id(sections)["item2"] == f"Then {title} is a floral dress in red and white linen."
    assert report == GuideReport(usage=usage)
    composed = text_by_id(told(ComposedGuide(verifier), wedding)[0])
    assert all(text_by_id(sections)[rest] == composed[rest] for rest in ("outfit", "closing"))


def test_sections_come_as_soon_as_they_are_checked(made: Made, wedding: GuideBrief) -> None:
    """The first is shown while the model still writes the others; one for which there is nothing to wait comes at once."""
    model = StepModel(
        ["0: You asked for a red dress.\n", "1: {1} is a midi dress.\n", "2: {2} is a dress.\n", "3: {3} is a gown.\n"]
    )
    parts = made(model).write(wedding, stop_at=CLOCK.monotonic() + SECONDS)
    seen = [(part.section_id if isinstance(part, CheckedSection) else "report", model.steps) for part in parts]
    assert seen == [("opening", 2), ("item1", 3), ("item2", 4), ("item3", 4), ("outfit", 4), ("closing", 4), ("report", 4)]


class StepModel:
    """Says its pieces one by one, and counts how many it was asked for."""

    name = "steps"

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces
        self.steps = 0

    def stream(self, messages: Sequence[Message], *, stop_at: float, max_tokens: int) -> Iterator[Chunk]:
        """The pieces."""
        for piece in self._pieces:
            self.steps += 1
            yield Chunk(text=piece)

    def structured(self, messages: Sequence[Message], schema: type[Parsed], *, stop_at: float) -> tuple[Parsed, Usage]:
        """Not asked for here."""
        raise ModelGarbage("no structure")


def test_what_a_model_leaves_out_the_composer_writes(made: Made, verifier: Verifier, wedding: GuideBrief) -> None:
    sections, report = told(made(ScriptedModel("2: {2} is a floral dress.\n")), wedding)
    assert [section.section_id for section in sections if section.writer == "scripted"] == ["item2"]
    composed = text_by_id(told(ComposedGuide(verifier), wedding)[0])
    assert {key: text for key, text in text_by_id(sections).items() if key != "item2"} == {
        key: text for key, text in composed.items() if key != "item2"
    }
    assert report.notices == ()


def test_what_is_not_true_is_withheld_and_the_record_says_so(made: Made, verifier: Verifier, wedding: GuideBrief) -> None:
    answer = "0: You asked for a red dress.\n1: {1} is a waterproof dress.\n2: {2} is a dress. It is the best seller.\n"
    sections, _ = told(made(ScriptedModel(answer)), wedding)
    by_id = {section.section_id: section for section in sections}
    assert (by_id["item1"].verdict, by_id["item1"].writer, by_id["item1"].shown_writer) == ("withheld", "scripted", COMPOSER)
    assert by_id["item1"].text == text_by_id(told(ComposedGuide(verifier), wedding)[0])["item1"]
    assert any(finding.words == "waterproof" for finding in by_id["item1"].findings)
    assert (by_id["item2"].verdict, by_id["item2"].shown_writer) == ("trimmed", "scripted")
    assert "seller" not in by_id["item2"].text


def test_usage_is_counted_where_nobody_says(made: Made, prompts: WritingPrompts, wedding: GuideBrief) -> None:
    usage = told(made(ScriptedModel(ANSWER)), wedding)[1].usage
    prompt = written_text(messages(wedding, prompts))
    assert usage.estimated
    assert usage.model_calls == 1
    assert usage.prompt_tokens == COUNTER.count(prompt)
    assert 35 < usage.completion_tokens < 50


def test_no_call_where_there_is_nothing_for_a_model(made: Made, vocabulary: Vocabulary) -> None:
    model = ScriptedModel(ANSWER)
    for name in ("nothing", "greeting", "returns", "compare"):
        sections, report = told(made(model), scenes(vocabulary)[name].brief(vocabulary))
        assert {section.shown_writer for section in sections} == {COMPOSER}
        assert report == GuideReport()
    assert model.calls == []


@pytest.mark.parametrize(
    ("failure", "notice", "calls"),
    [
        (ModelUnavailable("away"), AWAY, 1),
        (ModelUnavailable("busy", final=True, busy=True), BUSY, 0),
        (ModelTimeout("slow"), SLOW, 1),
        (ModelGarbage("garbage"), BROKEN, 1),
    ],
)
@pytest.mark.parametrize("after", [0, 20])
def test_a_failure_is_said_and_the_guide_is_whole(
    made: Made, wedding: GuideBrief, caplog: pytest.LogCaptureFixture, failure: ModelError, notice: str, calls: int, after: int
) -> None:
    with caplog.at_level(logging.WARNING, logger="assistant.guide.writing"):
        sections, report = told(made(ScriptedModel(ANSWER, failure=failure, fails_after=after)), wedding)
    assert all(section.text for section in sections)
    assert report.notices == (notice,)
    assert report.usage.model_calls == calls
    written = [section.section_id for section in sections if section.shown_writer == "scripted"]
    assert written == (["opening", "item1"] if after else [])
    assert caplog.messages == [f"the guide was composed, in whole or in part: {failure}"]


def test_an_answer_without_any_section_is_a_failure(made: Made, wedding: GuideBrief) -> None:
    assert told(made(ScriptedModel("I am a large language model.")), wedding)[1].notices == (BROKEN,)


@pytest.mark.parametrize(
    ("failure", "opens"),
    [
        (ModelUnavailable("away"), True),
        (ModelGarbage("garbage"), True),
        (ModelTimeout("slow"), True),
        (ModelUnavailable("busy", busy=True), False),
    ],
)
def test_the_breaker_opens_on_failures_alone(made: Made, wedding: GuideBrief, failure: ModelError, opens: bool) -> None:
    breaker = Breaker(CLOCK)
    model = ScriptedModel(ANSWER, failure=failure)
    for _ in range(FAILURES):
        told(made(model, breaker), wedding)
    assert breaker.allows() is not opens


def test_a_model_that_is_slow_but_writes_does_not_open_it(made: Made, wedding: GuideBrief) -> None:
    breaker = Breaker(CLOCK)
    for _ in range(FAILURES):
        told(made(ScriptedModel(ANSWER, failure=ModelTimeout("slow"), fails_after=20), breaker), wedding)
    assert breaker.allows()


def test_an_open_breaker_asks_nobody(made: Made, wedding: GuideBrief) -> None:
    breaker = Breaker(CLOCK)
    breaker.failed(retry_after=60)
    model = ScriptedModel(ANSWER)
    sections, report = told(made(model, breaker), wedding)
    assert model.calls == []
    assert {section.shown_writer for section in sections} == {COMPOSER}
    assert report == GuideReport(notices=(AWAY,))


def test_an_endpoint_that_asks_us_to_wait_is_left_alone_at_once(made: Made, wedding: GuideBrief) -> None:
    breaker = Breaker(CLOCK)
    told(made(ScriptedModel(failure=ModelUnavailable("429", retry_after=30)), breaker), wedding)
    assert not breaker.allows()


NOTICES = {"hang": SLOW, "trickle": SLOW, "empty": BROKEN, "garbage": BROKEN, "garbage_stream": BROKEN}


@pytest.mark.parametrize("fault", [*sorted(FAULTS), "refuses"])
def test_every_fault_over_http(made: Made, verifier: Verifier, wedding: GuideBrief, fault: str) -> None:
    """The guide is whole, true and in time, and the page says what was wrong."""
    seconds = SHORT if fault in ("hang", "trickle") else SECONDS
    composed = text_by_id(told(ComposedGuide(verifier), wedding)[0])
    with endpoint_with(fault) as url, closing(EndpointModel(Endpoint("scripted", url, "key", direct=True), CLOCK)) as model:
        began = time.monotonic()
        sections, report = told(made(model), wedding, seconds)
        assert time.monotonic() - began < seconds - COMPOSING_SECONDS + SLACK
    assert report.notices == (NOTICES.get(fault, AWAY),)
    shown = text_by_id(sections)
    if fault in ("half_reset", "half_closed"):
        assert shown.pop("opening") == "You asked for a dress, so here it is."
    assert shown == {key: composed[key] for key in shown}


@contextmanager
def endpoint_with(fault: str) -> Iterator[str]:
    """The URL of an endpoint with this fault."""
    if fault == "refuses":
        with refusing_url() as url:
            yield url
    else:
        with ScriptedEndpoint([FAULTS[fault]]) as endpoint:
            yield endpoint.url


def test_lies_over_http(made: Made, verifier: Verifier, wedding: GuideBrief) -> None:
    """Invented prices, items, codes, links, markup and promises: no word of them is shown."""
    with (
        ScriptedEndpoint([LIES]) as endpoint,
        closing(EndpointModel(Endpoint("scripted", endpoint.url, "key", direct=True), CLOCK)) as model,
    ):
        sections, report = told(made(model), wedding)
    assert text_by_id(sections) == text_by_id(told(ComposedGuide(verifier), wedding)[0])
    assert [section.verdict for section in sections if section.section_id in MODELLED] == ["withheld"] * 4
    assert report.notices == ()


def test_a_good_answer_over_http(made: Made, wedding: GuideBrief) -> None:
    with (
        ScriptedEndpoint([Script(ANSWER)]) as endpoint,
        closing(EndpointModel(Endpoint("scripted", endpoint.url, "key", direct=True), CLOCK)) as model,
    ):
        sections, report = told(made(model), wedding)
    assert [section.section_id for section in sections if section.shown_writer == "scripted"] == MODELLED
    assert report.usage.model_calls == 1
    assert not report.usage.estimated


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), answer=st.text(alphabet="01234:.{} \nabcdefg€<", max_size=200))
def test_whatever_a_model_says(data: st.DataObject, answer: str, vocabulary: Vocabulary, verifier: Verifier, made: Made) -> None:
    """Every section of the brief is told, in order, and what is shown as the composer's is the composer's."""
    brief = data.draw(briefs(vocabulary))
    sections, _ = told(made(ScriptedModel(answer)), brief)
    composed = text_by_id(told(ComposedGuide(verifier), brief)[0])
    for section in sections:
        assert section.shown_writer in (COMPOSER, "scripted")
        if section.shown_writer == COMPOSER:
            assert section.text == composed[section.section_id]
        else:
            assert section.section_id in {each.section_id for each in wanted(brief)}
