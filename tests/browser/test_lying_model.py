"""A model endpoint that lies, gives orders and fails: page and interface show what they show without a model, and go on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import app
from assistant.breaker import Breaker
from assistant.scripted_endpoint import FAULTS, HOSTILE, LIE_LINES, Script, ScriptedEndpoint, answer_of
from catalog_data.schema import Product, ValueSlot
from catalog_data.vocabulary import Vocabulary
from tests.assistant.interface.conftest import Client, serve
from tests.browser.conftest import GRADIO_WARNS, LIVE, answered, say, watched
from tests.end_to_end import second_service, whole_app

pytestmark = GRADIO_WARNS

TALK = (
    "A red dress for a summer wedding, under 80 euro, not lace",
    "actually blue, and I'm a size M",
    "add the first one to my basket",
)
HARMLESS_WORDS = (
    "0: These are in your basket now.",
    "0: You are talking to a person.",
    "0: All of these will match your budget.",
    "1: You get {1} as a gift.",
    "1: {1} is on us.",
    "1: We match what other shops ask.",
    "1: {1} is {item1.price} for each month.",
    "2: I wore {2} at my own wedding.",
    "2: You liked {2} before.",
    "3: Take {3} and it is on the house.",
    "3: A bride wore {3}.",
    "4: Try {4} for a month, then choose.",
)
"""Lies of which every word may stand somewhere in the program's own sentences."""
OWN = ("turn_id", "conversation_id", "timings_ms", "usage", "notices", "verification", "sections", "reply")
"""What may differ between two turns that show the same."""
HALF_TRUE = ("half_reset", "half_closed", "trickle")
"""What these say before they fail is true: their opening may stand."""
SLOW = ("hang", "trickle")
MODES = {**HOSTILE, **FAULTS}

SEEN = """turn => {
  const texts = (selector) => [...turn.querySelectorAll(selector)].map((each) => each.textContent);
  const facts = Object.fromEntries(
    [".sg-title", ".sg-price-line", ".sg-checks", ".sg-outfit", ".sg-receipt", ".sg-rejected", ".sg-chip"].map((each) => [each, texts(each)])
  );
  const notices = texts(".sg-notice");
  const opening = texts(".sg-bot > p:first-child").join("");
  for (const each of turn.querySelectorAll(".sg-notice")) each.remove();
  return { facts, notices, opening, text: turn.textContent };
}"""
"""What a shopper sees of a turn: its facts by place, its notices, and all its text but those."""

Seen = dict[str, Any]


def seen(turn: Locator) -> Seen:
    found: Seen = turn.evaluate(f"turn => ({SEEN})(turn.cloneNode(true))")
    return found


def shown_talk(page: Page) -> list[Seen]:
    """Plays the talk on a page."""
    return [seen(say(page, message)) for message in TALK]


def told_talk(address: str) -> list[dict[str, Any]]:
    """Plays the talk over HTTP, as a stream; the turn objects."""
    with Client(base_url=address, timeout=30, trust_env=False) as client:
        where, key = client.begin()
        return [told(client.say(where, {**key, "Accept": "text/event-stream"}, message)) for message in TALK]


def told(answer: httpx.Response) -> dict[str, Any]:
    """The turn object that ends a stream."""
    assert answer.status_code == 200, answer.text
    last = answer.text.strip().split("\n\n")[-1]
    assert last.startswith("event: done\n"), answer.text[-500:]
    turn: dict[str, Any] = json.loads(last.partition("data: ")[2])
    return turn


def facts(turn: dict[str, Any]) -> dict[str, Any]:
    """A turn object without what may differ."""
    return {key: value for key, value in turn.items() if key not in OWN}


# ------------------------------------------------------------ two servers, one page


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint([Script()]) as made:
        yield made


@pytest.fixture(scope="module")
def modelled(demo: app.Service, endpoint: ScriptedEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[app.Service]:
    """The demo shop with the endpoint as its model."""
    folder = tmp_path_factory.mktemp("modelled")
    service = second_service(demo, folder, OPENAI_BASE_URL=endpoint.url, SHOPGUIDE_MODEL="scripted")
    yield service
    app.close(service)


@pytest.fixture(scope="module")
def modelled_address(modelled: app.Service) -> Iterator[str]:
    with serve(whole_app(modelled)) as at:
        yield at


@pytest.fixture(scope="module")
def lied_to(browser: Browser, modelled_address: str) -> Iterator[Page]:
    """One page for all modes: what a fault leaves behind, the next one meets."""
    with watched(browser) as opens:
        yield opens(modelled_address)


@pytest.fixture(scope="module")
def honest(browser: Browser, address: str) -> tuple[list[Seen], list[dict[str, Any]]]:
    """The talk without a model: on the page, and over HTTP."""
    with watched(browser) as opens:
        return shown_talk(opens(address)), told_talk(address)


def say_from_now_on(endpoint: ScriptedEndpoint, service: app.Service, script: Script) -> None:
    """The endpoint serves `script`, and the shop has forgotten what it did before."""
    endpoint.answer_with(script)
    breaker: Breaker = service.writers.guide._breaker  # type: ignore[attr-defined]
    breaker.succeeded()


def telltales(said: str) -> list[str]:
    """What of an answer would be seen, were it shown: its pieces between references and marks, long enough to be nobody else's words."""
    pieces = re.split(r"\{[^}]*\}|^\d: |[.\n]", said, flags=re.MULTILINE)
    return [piece.strip() for piece in dict.fromkeys(pieces) if len(piece.strip()) >= 12]


# ------------------------------------------------------------ the test


@pytest.mark.parametrize("mode", MODES)
def test_nothing_of_it_is_shown(
    mode: str,
    endpoint: ScriptedEndpoint,
    modelled: app.Service,
    modelled_address: str,
    lied_to: Page,
    honest: tuple[list[Seen], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if mode in SLOW:
        monkeypatch.setattr("assistant.agent.TURN_SECONDS", 1.0)
        monkeypatch.setattr("assistant.agent.UNDERSTANDING_SECONDS", 0.3)
    script, page = MODES[mode], lied_to
    said = telltales(script.said({"stream": True})) if script.status == 200 and mode not in HALF_TRUE else []
    asked = len(endpoint.requests)

    say_from_now_on(endpoint, modelled, script)
    for mine, own in zip(shown_talk(page), honest[0], strict=True):
        assert mine["facts"] == own["facts"]
        assert mine["text"].replace(mine["opening"], "", 1) == own["text"].replace(own["opening"], "", 1)
        assert mine["opening"] == own["opening"] or mode in HALF_TRUE
    everything = page.evaluate("document.querySelector('.sg-page').textContent")
    assert [words for words in said if words in everything] == []

    say_from_now_on(endpoint, modelled, script)
    for turn, own_turn in zip(told_talk(modelled_address), honest[1], strict=True):
        assert facts(turn) == facts(own_turn)
        assert turn["reply"] == own_turn["reply"] or mode in HALF_TRUE
        assert {section["shown_writer"] for section in turn["sections"]} == {"composer"} or mode in HALF_TRUE
        assert [words for words in said if words in turn["reply"]] == []
    assert len(endpoint.requests) > asked, "the endpoint was never asked"

    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".sg-turn")).to_have_count(0)
    expect(page.locator(LIVE)).to_have_text("")
    expect(page.locator("textarea")).to_be_editable()


def test_it_goes_on_once_the_model_is_well_again(endpoint: ScriptedEndpoint, modelled: app.Service, lied_to: Page) -> None:
    say_from_now_on(endpoint, modelled, FAULTS["error_500"])
    failed = say(lied_to, TALK[0])
    assert "cannot be reached just now" in " ".join(seen(failed)["notices"])
    say_from_now_on(endpoint, modelled, Script("0: You asked for a dress, so here it is.\n"))
    again = answered(lied_to, lied_to.get_by_role("button", name="Ask again").click)
    assert seen(again)["opening"] == "You asked for a dress, so here it is."
    assert seen(again)["notices"] == []


@pytest.mark.parametrize("kind", LIE_LINES)
def test_each_lie_by_itself(
    kind: str,
    endpoint: ScriptedEndpoint,
    modelled: app.Service,
    modelled_address: str,
    honest: tuple[list[Seen], list[dict[str, Any]]],
) -> None:
    """So that no lie is held back only by what stands beside it."""
    say_from_now_on(endpoint, modelled, Script(answer_of([LIE_LINES[kind]])))
    with Client(base_url=modelled_address, timeout=30, trust_env=False) as client:
        where, key = client.begin()
        turn = client.say(where, key, TALK[0]).json()
    assert turn["reply"] == honest[1][0]["reply"]
    verdicts = [each["verdict"] for each in turn["verification"]]
    assert verdicts.count("withheld") == 1, "the sentence did not come to be checked"
    assert set(verdicts) == {"pass", "withheld"}


def test_lies_of_harmless_words(
    endpoint: ScriptedEndpoint,
    modelled: app.Service,
    modelled_address: str,
    honest: tuple[list[Seen], list[dict[str, Any]]],
) -> None:
    """What no single word gives away: given, remembered, reported, promised."""
    for line in HARMLESS_WORDS:
        say_from_now_on(endpoint, modelled, Script(answer_of([line])))
        with Client(base_url=modelled_address, timeout=30, trust_env=False) as client:
            where, key = client.begin()
            turn = client.say(where, key, TALK[0]).json()
        assert turn["reply"] == honest[1][0]["reply"], line
        assert [each["verdict"] for each in turn["verification"]].count("withheld") == 1, line


def test_true_words_of_another_item(
    endpoint: ScriptedEndpoint,
    modelled: app.Service,
    modelled_address: str,
    honest: tuple[list[Seen], list[dict[str, Any]]],
) -> None:
    """What is true of the item beside it, said of the wrong one."""
    by_id, vocabulary = modelled.retrieval.catalog.by_id, modelled.retrieval.vocabulary
    products = [by_id[card["product_id"]] for card in honest[1][0]["products"]][:4]
    lines = list(crossed(products, vocabulary))
    assert len(lines) >= 4
    for line in lines:
        say_from_now_on(endpoint, modelled, Script(line))
        with Client(base_url=modelled_address, timeout=30, trust_env=False) as client:
            where, key = client.begin()
            assert client.say(where, key, TALK[0]).json()["reply"] == honest[1][0]["reply"], line


def crossed(products: Sequence[Product], vocabulary: Vocabulary) -> Iterator[str]:
    """For each item a line that gives it a material or a colour of another, of which it has nothing alike."""
    slots: tuple[ValueSlot, ...] = ("material", "color")
    for slot, (number, item) in product(slots, enumerate(products, 1)):
        held = {each for value in item.values(slot) for each in vocabulary.expand(slot, value)}
        for value in dict.fromkeys(value for other in products for value in other.values(slot)):
            if not held & vocabulary.expand(slot, value):
                yield f"{number}: {{{number}}} is a dress in {value}.\n"
