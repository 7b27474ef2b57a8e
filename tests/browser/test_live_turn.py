"""What a turn looks like while it comes, and how it ends early: the real page over an agent that waits where the test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from assistant.interface.chat_screen import Screen, mount
from assistant.limits import Limits
from catalog_data.vocabulary import Vocabulary
from tests.assistant.conftest import House, MakeHouse
from tests.assistant.interface.conftest import api_of, serve
from tests.browser.conftest import GRADIO_WARNS, LIVE, PAST, OpenPage, answered, reloaded, say

pytestmark = GRADIO_WARNS

LIMITS = Limits(conversation_burst=6, conversation_per_second=0.01)


@pytest.fixture
def slow(make_house: MakeHouse) -> House:
    """A small shop with tight limits."""
    return make_house(LIMITS)


@pytest.fixture
def at(slow: House) -> Iterator[str]:
    """Where it is open."""
    screen = Screen(slow.sessions, Vocabulary({}), "Small", "EUR")
    with serve(mount(api_of(slow), screen)) as address:
        yield address


class Hold:
    """Lets the agent go on from each of these stages only when it is told to."""

    def __init__(self, house: House, *stages: str) -> None:
        self._go = {stage: threading.Event() for stage in stages}
        self.reached = {stage: threading.Event() for stage in stages}
        house.at = self

    def __call__(self, stage: str) -> None:
        if stage in self._go:
            self.reached[stage].set()
            assert self._go[stage].wait(20), f"nobody let the agent go on from {stage}"

    def let_go(self, stage: str) -> None:
        self._go[stage].set()


def test_cards_before_words(open_page: OpenPage, at: str, slow: House) -> None:
    page = open_page(at)
    hold = Hold(slow, "writing", "finished")
    page.fill("textarea", "red dress")
    page.press("textarea", "Enter")
    live = page.locator(LIVE)
    expect(live.locator(".sg-card .sg-title")).to_have_text(["Red Dress"])
    expect(live.locator(".sg-status")).to_be_visible()
    expect(live.get_by_text("You said: red dress")).to_have_count(0)
    assert page.input_value("textarea") == ""
    assert live.locator(".sg-user").evaluate("line => line.getBoundingClientRect().top") <= 120
    assert page.locator("#sg-announcer").inner_text() == ""
    hold.let_go("writing")
    expect(live.get_by_text("You said: red dress")).to_be_visible()
    hold.let_go("finished")
    expect(page.locator(PAST).locator(".sg-card .sg-title")).to_have_text(["Red Dress"])
    expect(page.locator(".sg-status")).to_have_count(0)
    expect(page.locator("#sg-announcer")).to_have_text("1 item is shown.")


def test_stop(open_page: OpenPage, at: str, slow: House) -> None:
    page = open_page(at)
    stop = page.get_by_role("button", name="Stop")
    say(page, "straw hat")
    expect(stop).to_be_hidden()
    hold = Hold(slow, "writing")
    page.fill("textarea", "red dress")
    page.press("textarea", "Enter")
    assert hold.reached["writing"].wait(20)
    expect(page.locator(f"{LIVE} .sg-card")).to_have_count(1)
    stop.click()
    expect(page.locator("textarea")).to_have_value("red dress")
    expect(page.locator(f"{LIVE} .sg-turn")).to_have_count(0)
    expect(stop).to_be_hidden()
    page.press("textarea", "Enter")
    page.press("textarea", "Enter")
    expect(page.locator(".sg-live .sg-user").last).to_have_text("red dress")
    hold.let_go("writing")
    expect(page.locator(f"{PAST} .sg-user")).to_have_text(["straw hat", "red dress"])
    expect(page.locator(".sg-status")).to_have_count(0)
    key = reloaded(page)
    record = slow.sessions.record(*key)
    assert [turn.record.message for turn in record.turns] == ["straw hat", "red dress"]
    assert [preference.value for preference in record.conversation.profile.preferences] == ["straw hat", "red dress"]
    assert slow.sessions.running == 0


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("", "There is nothing to read"),
        ("x" * 2001, "longer than 2000 characters"),
        ("x" * 1_000_000, "longer than 2000 characters"),
    ],
    ids=["empty", "long", "huge"],
)
def test_refused_in_words(open_page: OpenPage, at: str, message: str, says: str) -> None:
    page = open_page(at)
    page.fill("textarea", message)
    page.press("textarea", "Enter")
    expect(page.get_by_role("alert")).to_contain_text(says)
    assert page.input_value("textarea") == message


def test_a_refusal_is_in_view_and_the_words_outlive_a_reload(open_page: OpenPage, at: str) -> None:
    page = open_page(at, 360, 740)
    for hat in ("straw hat", "red dress"):
        say(page, hat)
    page.fill("textarea", "x" * 2001)
    page.press("textarea", "Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_be_in_viewport(ratio=1)
    box = page.locator(".sg-input")
    below = [part.evaluate("part => part.getBoundingClientRect().toJSON()") for part in (alert, box)]
    assert below[0]["bottom"] <= below[1]["top"], "the refusal is under the box"
    page.fill("textarea", "half a sent")
    reloaded(page)
    expect(page.locator("textarea")).to_have_value("half a sent")
    answered(page, lambda: page.press("textarea", "Enter"))
    reloaded(page)
    expect(page.locator("textarea")).to_have_value("")
    expect(page.locator(".sg-user")).to_have_text(["straw hat", "red dress", "half a sent"])


def test_too_fast_is_said_and_the_words_stay(open_page: OpenPage, at: str) -> None:
    page = open_page(at)
    for number in range(LIMITS.conversation_burst):
        say(page, f"hat {number}")
    page.fill("textarea", "one hat more")
    page.press("textarea", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("faster than this shop answers")
    assert page.input_value("textarea") == "one hat more"
    expect(page.locator(f"{PAST} .sg-turn")).to_have_count(LIMITS.conversation_burst)


def test_failed_turn_can_be_asked_again(open_page: OpenPage, at: str, slow: House) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("the agent of the test fails")

    page = open_page(at)
    slow.at = fail
    page.fill("textarea", "red dress")
    page.press("textarea", "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    slow.at = lambda stage: None
    answered(page, page.get_by_role("button", name="Ask again").click)
    expect(page.locator(".sg-user")).to_have_text(["red dress"])


def test_nothing_by_name_and_nothing_without_the_token(at: str, slow: House) -> None:
    conversation, token = slow.sessions.create()
    list(slow.sessions.turn(conversation.conversation_id, token, "a secret hat"))
    with httpx.Client(base_url=at, timeout=20, trust_env=False) as client:
        page = client.get("/")
        assert "script-src 'self'" in page.headers["content-security-policy"]
        info = client.get("/gradio_api/info?all_endpoints=true").json()
        assert info["named_endpoints"] == {}
        handlers = client.get("/config").json()["dependencies"]
        for number, handler in enumerate(handlers):
            forged = [{"id": conversation.conversation_id, "token": "forged"}]
            data = (["hello"] if len(handler["inputs"]) == 2 else []) + forged if handler["inputs"] else []
            asked = {
                "data": data,
                "fn_index": handler["id"],
                "session_hash": f"thief{number}",
                "event_data": {"act": "forget_me"},
            }
            assert client.post("/gradio_api/queue/join", json=asked).status_code == 200
            with client.stream("GET", f"/gradio_api/queue/data?session_hash=thief{number}") as events:
                heard = "".join(line for line in events.iter_lines())
            assert "process_completed" in heard
            assert "secret" not in heard
        assert client.get("/gradio_api/deep_link?session_hash=thief0").status_code == 404
    assert len(slow.sessions.record(conversation.conversation_id, token).turns) == 1
    assert json.loads(page.text.split("window.gradio_config = ")[1].split(";</script>")[0])["api_prefix"]
