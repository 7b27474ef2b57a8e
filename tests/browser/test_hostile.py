"""Script in the texts of a catalog and of a chat: shown as it is written, never run. The server is the command itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, say
from tests.end_to_end import NOW

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = ROOT / "../shared/data/attacks/xss_payloads.txt"
LINES_A_MESSAGE = 24
OWN_PAGE = "https://shop.example/dress?size=M&x=<i>"
PAYLOADS = (
    "<script>window.__pwn=1</script>",
    "<img src=x onerror=window.__pwn=1>",
    "<svg onload=window.__pwn=1>",
    "${window.__pwn=1}",
    "`+(window.__pwn=1)+`",
    "{{#with (lookup this 'constructor')}}{{this 'window.__pwn=1'}}{{/with}}",
    "</script><script>window.__pwn=1</script>",
    "\"'><img src=x onerror=window.__pwn=1>",
    "<details open ontoggle=window.__pwn=1>",
    "[x](javascript:window.__pwn=1)",
    "\\${window.__pwn=1}",
    "\\`;window.__pwn=1;//",
)


def product(number: int, payload: str) -> dict[str, object]:
    """A dress whose every free text is an attack."""
    return {
        "product_id": f"h{number}",
        "title": f"Dress {number} {payload}",
        "description": f"A red dress. {payload}",
        "product_type": "dress",
        "brand": f"Brand {payload}",
        "gender": ["women"],
        "colors": ["red"],
        "color_name": f"Red {payload}",
        "price": {"amount_minor": 1000 + number, "currency": "EUR"},
        "url": OWN_PAGE if number == 0 else "javascript:window.__pwn=1",
        "image": "javascript:window.__pwn=1" if number % 2 else "https://evil.example/x.png",
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`shopguide serve` over a catalog of attacks; its address."""
    folder, data_dir = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("data")
    rows = [json.dumps(product(number, payload)) for number, payload in enumerate(PAYLOADS)]
    (folder / "products.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (folder / "catalog.yaml").write_text(
        f"catalog_id: hostile\nname: {json.dumps('Shop ' + PAYLOADS[3] + PAYLOADS[1])}\ncurrency: EUR\nlanguage: en\n",
        encoding="utf-8",
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environ = {
        **os.environ,
        "SHOPGUIDE_CATALOG": str(folder),
        "SHOPGUIDE_DATA_DIR": str(data_dir),
        "SHOPGUIDE_MODEL": "none",
        "SHOPGUIDE_NOW": NOW,
        "SHOPGUIDE_PORT": str(port),
    }
    with (data_dir / "server.log").open("w") as log:
        server = subprocess.Popen([sys.executable, "app.py", "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            yield ready(server, f"http://127.0.0.1:{port}", data_dir / "server.log")
        finally:
            server.terminate()
            server.wait(20)


def ready(server: subprocess.Popen[bytes], address: str, log: Path) -> str:
    """The address, once it answers."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            httpx.get(f"{address}/healthz", trust_env=False, timeout=2)
            return address
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the server does not answer: {log.read_text()}")


def test_catalog_texts_are_only_text(open_page: OpenPage, hostile: str) -> None:
    page = open_page(hostile)
    seen = set()
    for message in (
        "a red dress",
        "show me more",
        "more",
        "compare the first two",
        "tell me about the first one",
        "add the first one",
    ):
        turn = say(page, message)
        seen |= {words for words in PAYLOADS if words in turn.inner_text()}
    assert len(seen) >= 6
    assert page.locator(".sg-page [onerror], .sg-page [onload], .sg-page [ontoggle], .sg-page script").count() == 0
    links = page.locator(".sg-page [href], .sg-page [src]").evaluate_all(
        "all => all.map(each => each.getAttribute('href') ?? each.getAttribute('src'))"
    )
    assert {link for link in links if not link.startswith("/")} == {OWN_PAGE}
    assert page.locator(f'a[href="{OWN_PAGE}"]').first.get_attribute("rel") == "noopener noreferrer"
    page.reload()
    expect(page.locator(".sg-past .sg-turn")).to_have_count(6)


def test_messages_are_only_text(open_page: OpenPage, hostile: str) -> None:
    page = open_page(hostile)
    for payload in PAYLOADS:
        turn = say(page, f"a dress {payload}")
        assert turn.locator(".sg-user").inner_text() == f"a dress {payload}"
    page.reload()
    expect(page.locator(".sg-user")).to_have_text([f"a dress {payload}" for payload in PAYLOADS])


def test_listed_attacks(open_page: OpenPage, hostile: str) -> None:
    if not ATTACKS.exists():
        pytest.skip("the list of attacks is not on this machine")
    lines = ATTACKS.read_text(encoding="utf-8").splitlines()
    page = open_page(hostile)
    page.evaluate("() => { window.alert = window.prompt = window.confirm = () => { window.__pwn = 1; }; }")
    for start in range(0, len(lines), LINES_A_MESSAGE):
        said = " ".join(line[:150] for line in lines[start : start + LINES_A_MESSAGE])
        turn = say(page, f"a dress {said}"[:1900])
        assert turn.locator(".sg-user").inner_text().startswith("a dress")
