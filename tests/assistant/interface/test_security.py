"""Headers, origins, hosts and blocked routes, on the interface and on a Gradio page mounted in the same application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from assistant.interface.security import same_origin
from assistant.settings import Settings
from tests.assistant.conftest import NOW, House, MakeHouse
from tests.assistant.interface.conftest import Client, api_of, client_of

SHOP, EVIL = "https://shop.example", "https://evil.example"


@pytest.fixture
def open_client(house: House) -> Iterator[Client]:
    """A client of a shop that one other origin may embed."""
    with client_of(api_of(house, Settings(data_dir=house.data_dir, allowed_origins=(SHOP,)))) as made:
        yield made


@pytest.mark.parametrize(
    "path", ["/healthz", "/metrics", "/api/products/p1", "/api/nothing", "/v1/models", "/media/p1.svg", "/nothing"]
)
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy or path == "/nothing"
    assert "frame-ancestors" in policy or path == "/media/p1.svg"


def test_only_configured_shops_may_frame_or_read(open_client: Client) -> None:
    page = open_client.get("/nothing").headers["content-security-policy"]
    assert page.endswith(f"frame-ancestors 'self' {SHOP}")
    allowed = open_client.get("/api/products/p1", headers={"Origin": SHOP})
    assert allowed.headers["access-control-allow-origin"] == SHOP
    assert "Origin" in allowed.headers["vary"]
    assert "access-control-allow-credentials" not in allowed.headers
    for origin in (EVIL, "null", f"{SHOP}.evil.example", "http://shop.example"):
        answer = open_client.get("/api/products/p1", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers


def test_a_post_from_a_wrong_origin_is_refused_before_any_work(open_client: Client, house: House) -> None:
    where, key = open_client.begin()
    here = str(open_client.base_url).rstrip("/")
    for method, path in (
        ("POST", "/api/conversations"),
        ("POST", f"{where}/turns"),
        ("DELETE", where),
        ("PATCH", f"{where}/cart"),
    ):
        for origin in (EVIL, "null", "https://127.0.0.1:1", "", "http://[bad"):
            answer = open_client.request(method, path, headers={**key, "Origin": origin}, json={"message": "a hat"})
            assert answer.status_code == 403, (method, path, origin)
            assert answer.headers["content-type"] == "application/problem+json"
            assert "SHOPGUIDE_ALLOWED_ORIGINS" in answer.json()["detail"]
            assert "access-control-allow-origin" not in answer.headers
    assert open_client.get(where, headers=key).json()["turns"] == []
    for origin in (SHOP, here):
        assert open_client.post("/api/conversations", headers={"Origin": origin}).status_code == 201
    assert open_client.post("/v1/chat/completions", headers={"Origin": EVIL}, json={}).status_code == 403


def test_a_preflight_is_answered_for_configured_shops_alone(open_client: Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = open_client.options("/api/conversations", headers={"Origin": SHOP, **asked})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, SHOP)
    refused = open_client.options("/api/conversations", headers={"Origin": EVIL, **asked})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://127.0.0.1:7860", "127.0.0.1:7860", True),
        ("http://127.0.0.1:7860", "127.0.0.1", False),
        ("https://shop.example", "shop.example", True),
        ("https://shop.example:443", "shop.example", True),
        ("https://SHOP.example", "shop.EXAMPLE", True),
        ("https://shop.example", "shop.example.evil", False),
        ("https://shop.example", "other.example", False),
        ("http://[::1]:7860", "[::1]:7860", True),
        ("null", "null", False),
        ("file://shop.example", "shop.example", False),
        ("http://shop.example:nan", "shop.example", False),
        ("", "", False),
    ],
)
def test_origins_are_compared_by_host_and_port(origin: str, host: str, same: bool) -> None:
    assert same_origin(origin, host) is same


def test_on_loopback_a_foreign_name_is_not_answered(open_client: Client) -> None:
    port = open_client.base_url.port
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "", "[bad"):
        answer = open_client.get("/api/products/p1", headers={"Host": host})
        assert answer.status_code in (400, 421), host
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", "[::1]:1", "shop.example"):
        assert open_client.get("/api/products/p1", headers={"Host": host}).status_code == 200


def test_on_a_public_address_any_name_is_answered(make_house: MakeHouse) -> None:
    house = make_house()
    with client_of(api_of(house, Settings(data_dir=house.data_dir, host="0.0.0.0"))) as client:
        assert client.get("/api/products/p1", headers={"Host": "shop.example"}).status_code == 200


def test_answers_about_a_conversation_are_not_cached(client: Client) -> None:
    where, key = client.begin()
    for answer in (client.get(where, headers=key), client.get(where), client.say(where, key, "a hat")):
        assert answer.headers["cache-control"] == "no-store"


async def with_page(app: FastAPI) -> FastAPI:
    """`app` with a Gradio page mounted at /, as the product has it. In a loop: outside of one Gradio makes loops that nobody closes."""
    import gradio  # heavy, and for this alone

    with gradio.Blocks(analytics_enabled=False) as blocks:
        box, state = gradio.Textbox(), gradio.State(str(NOW))
        box.submit(lambda text, _: text, [box, state], [box], api_name="say")
    mounted: FastAPI = gradio.mount_gradio_app(app, blocks, "/", run_history=False, footer_links=[], ssr_mode=False)
    return mounted


@pytest.fixture
def page_client(house: House) -> Iterator[Client]:
    """The interface with a Gradio page in it."""
    app = api_of(house, Settings(data_dir=house.data_dir, allowed_origins=(SHOP,)))
    with client_of(asyncio.run(with_page(app))) as made:
        yield made


def test_a_mounted_gradio_page_is_guarded_too(page_client: Client) -> None:
    page = page_client.get("/", headers={"Origin": EVIL})
    assert page.status_code == 200
    assert "gradio" in page.text
    assert page.headers["content-security-policy"].endswith(f"frame-ancestors 'self' {SHOP}")
    assert page.headers["x-content-type-options"] == "nosniff"
    joined = page_client.get("/gradio_api/info", headers={"Origin": EVIL})
    assert joined.status_code == 200
    for answer in (page, joined):
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
    body = {"data": ["hello", None], "fn_index": 0, "session_hash": "abc"}
    assert page_client.post("/gradio_api/queue/join", headers={"Origin": EVIL}, json=body).status_code == 403
    assert page_client.post("/gradio_api/queue/join", json=body).status_code == 200
    assert page_client.post("/gradio_api/queue/join", content=b"x" * 300_000).status_code == 413
    for path in (
        "/gradio_api/deep_link?session_hash=abc",
        "//gradio_api//deep_link?session_hash=abc",
        "/gradio_api/%64eep_link?session_hash=abc",
        "/gradio_api/proxy=http://127.0.0.1:1/",
        "/gradio_api/file=http://evil.example/x.png",
        "/gradio_api/upload_progress?upload_id=1",
        "/gradio_api/runs",
        "/monitoring",
    ):
        assert page_client.get(path).status_code == 404, path
    assert page_client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 404
    for path in ("/api/nothing", "/healthz/", "/v1/nothing", "/media/x"):
        answer = page_client.get(path)
        assert answer.status_code == 404 or path == "/healthz/"
    assert page_client.post("/healthz").status_code == 405
    where, key = page_client.begin()
    assert page_client.say(where, key, "a hat").status_code == 200
