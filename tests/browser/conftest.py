"""A headless Chromium on pages that the real application serves on loopback. Skipped where there is no Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright

import app
from tests.assistant.conftest import make_house, small_catalog
from tests.assistant.interface.conftest import serve
from tests.end_to_end import whole_app

__all__ = ["make_house", "small_catalog"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")
WAIT_MS = 20_000

GRADIO_WARNS = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]
"""Gradio's queue asks pandas in ways that the installed pandas deprecates."""

ENDED_STREAM = "AbortError: signal is aborted without reason"
"""What gradio's client says of a stream that it ends itself as the page is left."""

PAST, LIVE = ".block.sg-past", ".block.sg-live"

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (chromium, chromium-browser or google-chrome)")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages, each a visitor of her own."""
    with watched(browser) as opens:
        yield opens


@contextmanager
def watched(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages. Afterwards none may have written an error, asked another host, or been taken over."""
    pages: list[Page] = []
    faults: list[str] = []

    def asked(dialog: Dialog) -> None:
        faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def watch(page: Page) -> None:
        page.on("console", lambda line: faults.extend([line.text] if line.type == "error" else []))
        page.on("pageerror", lambda error: faults.extend([] if str(error).startswith(ENDED_STREAM) else [str(error)]))
        page.on("dialog", asked)
        page.on("request", lambda request: faults.extend([request.url] if is_foreign(request.url) else []))

    def open_at(address: str, width: int = 1280, height: int = 900, *, dark: bool = False) -> Page:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
        page.set_default_timeout(WAIT_MS)
        watch(page)
        pages.append(page)
        page.goto(address)
        page.wait_for_selector("textarea")
        page.wait_for_selector(".sg-welcome, .sg-past .sg-turn")
        page.wait_for_load_state("networkidle")
        return page

    yield open_at
    taken = [page.evaluate("window.__pwn") for page in pages]
    for page in pages:
        page.context.close()
    assert faults == []
    assert set(taken) <= {None}


def is_foreign(url: str) -> bool:
    """True for an address that is on another machine."""
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1"


@pytest.fixture(scope="session")
def address(demo: app.Service) -> Iterator[str]:
    """Where the demo shop is open."""
    with serve(whole_app(demo)) as at:
        yield at


@pytest.fixture
def page(open_page: OpenPage, address: str) -> Page:
    """A new visitor on a wide page of the demo shop."""
    return open_page(address)


def say(page: Page, message: str) -> Locator:
    """Types a message; its turn, once it is answered."""
    page.fill("textarea", message)
    return answered(page, lambda: page.press("textarea", "Enter"))


def answered(page: Page, does: Callable[[], None]) -> Locator:
    """The turn that comes of what `does` does, once it is answered."""
    turns = page.locator(f"{PAST} .sg-turn")
    before = turns.count()
    does()
    expect(turns).to_have_count(before + 1)
    expect(page.locator(f"{LIVE} .sg-turn")).to_have_count(0)
    return turns.last


def product_ids(turn: Locator) -> list[str]:
    """The items of a turn's cards, in their order."""
    return [json.loads(button.get_attribute("data-act") or "")["product_id"] for button in turn.locator(".sg-basket").all()]


def reloaded(page: Page) -> tuple[str, str]:
    """Loads the page again; the id and the token with which the browser asks for its conversation."""
    with page.expect_request(lambda request: request.url.split("?")[0].endswith("/queue/join")) as asked:
        page.reload()
    page.wait_for_selector(".sg-welcome, .sg-past .sg-turn")
    page.wait_for_load_state("networkidle")
    held = (asked.value.post_data_json or {})["data"][0]
    return held["id"], held["token"]


def wishes(page: Page) -> list[str]:
    """The profile's chips."""
    return page.locator(".sg-wish-text").all_inner_texts()
