"""The real HTTP interface on loopback: uvicorn in a thread, on a port of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from assistant.interface.api import create_api
from assistant.settings import Settings

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


def api_of(house: Any, settings: Settings | None = None, ready: Callable[[], bool] = lambda: True) -> FastAPI:
    """The application over a shop of the tests. Only p1 has a picture."""
    return create_api(
        house.sessions,
        house.catalog,
        lambda product_id: SVG if product_id == "p1" else None,
        settings if settings is not None else Settings(data_dir=house.data_dir),
        house.clock,
        ready,
        house.metrics,
        house.observer,
    )


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Runs the application; its address. Ends the server afterwards."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended before it listened"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


class Client(httpx.Client):
    """An HTTP client with the few calls that most tests make."""

    def begin(self, **body: Any) -> tuple[str, dict[str, str]]:
        """A new conversation: its address and the header that opens it."""
        made = self.post("/api/conversations", json=body)
        assert made.status_code == 201, made.text
        given = made.json()
        return f"/api/conversations/{given['conversation_id']}", {"Authorization": f"Bearer {given['token']}"}

    def say(self, where: str, key: dict[str, str], message: str, **more: Any) -> httpx.Response:
        """One turn."""
        return self.post(f"{where}/turns", headers=key, json={"message": message, **more})


@contextmanager
def client_of(app: FastAPI) -> Iterator[Client]:
    """The application served, and a client of it."""
    with serve(app) as address, Client(base_url=address, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def client(house: Any) -> Iterator[Client]:
    """A client of a shop with the product's limits."""
    with client_of(api_of(house)) as made:
        yield made
