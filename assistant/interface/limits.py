"""Limits that HTTP sets before anything is read or done: the size of a body, how long it may take, and who counts as one client."""

from __future__ import annotations

import asyncio
import ipaddress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.interface.problems import http_problem, response_of

BODY_BYTES = 64 * 1024
LARGER_BODIES = {"/v1/": 256 * 1024, "/gradio_api/": 256 * 1024}
"""A client of the OpenAI form sends all earlier messages with each; the page sends its chat."""


LONGEST_NAME = 64
"""Characters kept of a client's name that is no address."""
BODY_SECONDS = 10.0
"""From the end of a request's headers to the end of its body."""


class BodyLimit:
    """Refuses a body that is larger than `limit_of` its path: by what Content-Length says before a byte is read, else (chunked) at the
    first byte too many. And one that has not come whole after `BODY_SECONDS`, however it trickles: the server itself would wait for ever.
    Pure ASGI: nothing is buffered here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, read, whole = limit_of(scope["path"]), 0, False
        if _declared(scope) > limit:
            await response_of(http_problem(413, {"Connection": "close"}), scope["path"])(scope, receive, send)
            return
        stop_at = asyncio.get_running_loop().time() + BODY_SECONDS

        async def counted() -> Message:
            nonlocal read, whole
            try:
                async with asyncio.timeout_at(None if whole else stop_at):  # what comes after the body is the client's going
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            read += len(message.get("body", b""))
            whole = whole or not message.get("more_body", False)
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
    """The key of the client for rate limits: its IPv4 address, or the /64 that its IPv6 address is in. Never logged or kept.

    X-Forwarded-For has been read by then (uvicorn): from a proxy on this machine alone, unless the owner names others to uvicorn, and of
    its entries the last that is no such proxy: what a client writes there itself stands before it, and counts for nothing."""
    host = request.client.host if request.client is not None else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:LONGEST_NAME]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:  # how a socket for both families shows IPv4
        return str(address.ipv4_mapped)
    return f"{ipaddress.IPv6Address(int(address) >> 64 << 64)}/64"
