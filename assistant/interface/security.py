"""What every response of the process carries and every request must pass, the Gradio page's included: pure ASGI, around all else.

The page's policy allows inline script and `eval`, without which Gradio's page does not start; the interface's own allows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.interface.limits import BodyLimit
from assistant.interface.problems import FAILED, Problem, http_problem, response_of
from assistant.settings import Settings

LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
UNSAFE_METHODS = frozenset(("POST", "PUT", "PATCH", "DELETE"))
OURS = re.compile(r"/(api|v1|media)(/|$)|/(healthz|metrics|openapi\.json)$")
BLOCKED = re.compile(
    r"/gradio_api/(deep_link|upload|upload_progress|proxy=|file=https?:|process_recording|(undo-)?vibe-|dev/|run-history|runs|profiling)"
    r"|^/monitoring"
)
"""Routes of Gradio that write a visitor's state or files to disk, fetch or redirect to any address, or show what others did."""

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}


class Guard:
    """Outermost: security headers on every response, and a problem instead of an error's text for whatever was not foreseen."""

    def __init__(
        self,
        app: ASGIApp,
        ancestors: tuple[str, ...],
        unexpected: Callable[[BaseException], None],
        responded: Callable[[int], None],
    ) -> None:
        self.app, self.unexpected, self.responded = app, unexpected, responded
        self.page_policy = PAGE_POLICY.format(ancestors=" ".join(("'self'", *ancestors)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(MutableHeaders(scope=message), scope["path"])
                self.responded(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, guarded)
        except ClientDisconnect:
            return
        except Exception as error:  # the server would print it, with what the shopper wrote in it
            self.unexpected(error)
            if not started:
                await response_of(FAILED, scope["path"])(scope, receive, guarded)

    def _dress(self, headers: MutableHeaders, path: str) -> None:
        for name, value in COMMON.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", DATA_POLICY if OURS.match(path) else self.page_policy)
        if path.startswith(("/api/conversations", "/v1/")):
            headers.setdefault("Cache-Control", "no-store")


class Gatekeeper:
    """Refuses requests by Host (against DNS rebinding, on loopback alone), by Origin, and for Gradio's routes that nothing here needs."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, origins: tuple[str, ...]) -> None:
        self.app, self.hosts, self.origins = app, hosts, frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        problem = self._refusal(scope)
        if problem is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await response_of(problem, scope["path"])(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.hosts is not None and _hostname(f"//{host}") not in self.hosts:
            return Problem(
                status=421,
                title="Wrong host",
                detail="This server listens on this machine alone and does not answer to the name in Host; use http://127.0.0.1 or, "
                "behind a proxy, name the public origin in SHOPGUIDE_ALLOWED_ORIGINS.",
            )
        if BLOCKED.search(re.sub(r"/+", "/", scope["path"])):
            return http_problem(404, {})
        changes = scope["type"] == "websocket" or scope["method"] in UNSAFE_METHODS
        if changes and origin is not None and origin not in self.origins and not same_origin(origin, host):
            return Problem(
                status=403,
                title="Wrong origin",
                detail="Pages of this origin may not call this shop; the shop owner can name it in SHOPGUIDE_ALLOWED_ORIGINS.",
            )
        return None


def same_origin(origin: str, host: str) -> bool:
    """True where a page of `origin` was served under `host`. Schemes are not compared: a proxy may take TLS off."""
    try:
        page, default = urlsplit(origin), {"http": 80, "https": 443}
        here = urlsplit(f"//{host}")
        port = default.get(page.scheme)
        if port is None or page.hostname is None:
            return False
        return (page.hostname, page.port or port) == (here.hostname, here.port or port)
    except ValueError:  # a port that is none
        return False


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def protect(
    app: FastAPI, settings: Settings, unexpected: Callable[[BaseException], None], responded: Callable[[int], None]
) -> None:
    """Puts the guards around `app` and whatever is mounted in it. Gradio leaves CORS to its parent where that has a CORSMiddleware."""
    named = (_hostname(origin) for origin in settings.allowed_origins)
    hosts = frozenset((*LOOPBACK, *(name for name in named if name is not None))) if settings.host in LOOPBACK else None
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=("GET", "POST", "PATCH", "DELETE"),
        allow_headers=("Authorization", "Content-Type", "Accept"),
        expose_headers=("Retry-After",),
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(Gatekeeper, hosts=hosts, origins=settings.allowed_origins)
    app.add_middleware(Guard, ancestors=settings.allowed_origins, unexpected=unexpected, responded=responded)
