"""Limits that HTTP sets before anything is read or done: the size of a body, and who counts as one client."""

from __future__ import annotations

import ipaddress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.interface.problems import http_problem, response_of

BODY_BYTES = 64 * 1024
LARGER_BODIES = {"/v1/": 256 * 1024, "/gradio_api/": 256 * 1024}
"""A client of the OpenAI form sends all earlier messages with each; the page sends its chat."""


class BodyLimit:
    """Refuses a body that is larger than `limit_of` its path: by what Content-Length says before a byte is read, else (chunked) at the
    first byte too many. Pure ASGI: nothing is buffered here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, read = limit_of(scope["path"]), 0
        if _declared(scope) > limit:
            await response_of(http_problem(413, {"Connection": "close"}), scope["path"])(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self.app(scope, counted, send)


def limit_of(path: str) -> int:
    """The largest body that `path` takes, in bytes."""
    return next((limit for prefix, limit in LARGER_BODIES.items() if path.startswith(prefix)), BODY_BYTES)


def _declared(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(value) for value in lengths if value.isdigit()), default=0)


def client_of(request: Request) -> str:
    """The key of the client for rate limits: its IPv4 address, or the /64 that its IPv6 address is in. Never logged or kept."""
    host = request.client.host if request.client is not None else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)
