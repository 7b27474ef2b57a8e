"""The HTTP interface of the shop, as one FastAPI application; the Gradio page is mounted in it afterwards."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.responses import Response
from starlette.routing import Match, Mount

from assistant.errors import NotFound
from assistant.events import DoneEvent, ErrorEvent, TurnEvent
from assistant.interface.health import health_routes
from assistant.interface.limits import client_of
from assistant.interface.metrics import Metrics
from assistant.interface.openai_wire import openai_routes
from assistant.interface.problems import FAILED, handle_problems, http_problem, problem_of, response_of
from assistant.interface.security import protect
from assistant.interface.streaming import EventStream, primed
from assistant.interface.wire import (
    CartIn,
    CartOut,
    Created,
    CreateIn,
    FeedbackIn,
    ProfileIn,
    TurnIn,
    cart_view,
    error_sse,
    product_view,
    record_json,
    server_sent,
)
from assistant.observer import Observer
from assistant.protocols import Clock
from assistant.schema import Profile, TurnRecord
from assistant.session import Sessions
from assistant.settings import Settings
from assistant.store_records import Export
from catalog_data.schema import Catalog

SWEEP_EVERY_S = 3_600.0
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OUR_PATHS = ("/api", "/api/{rest:path}", "/v1", "/v1/{rest:path}", "/healthz", "/metrics", "/media/{rest:path}")
PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"description": "A problem (RFC 9457); `detail` says what to do", "content": {"application/problem+json": {}}}
}


def create_api(
    sessions: Sessions,
    catalog: Catalog,
    pictures: Callable[[str], str | None],
    settings: Settings,
    clock: Clock,
    ready: Callable[[], bool],
    metrics: Metrics,
    observer: Observer,
) -> FastAPI:
    """The application. `pictures`: the SVG text of an item's picture by its id, None where it has none. `metrics` is among what
    `observer` tells, and renders /metrics. Erases expired conversations every hour while it runs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep(sessions, observer))
        yield
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper

    app = FastAPI(title="Shopguide", docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan)
    handle_problems(app)
    app.include_router(conversation_routes(sessions, observer))
    app.include_router(edit_routes(sessions, catalog))
    app.include_router(shop_routes(catalog, pictures))
    app.include_router(openai_routes(sessions, clock, observer.unexpected))
    app.include_router(health_routes(sessions, metrics, ready))
    _answer_the_rest(app)
    protect(app, settings, observer.unexpected, metrics.responded)
    return app


async def _sweep(sessions: Sessions, observer: Observer) -> None:
    while True:
        try:
            await run_sync(sessions.sweep)
        except Exception as error:  # the next hour tries again; the observer knows
            observer.unexpected(error)
        await asyncio.sleep(SWEEP_EVERY_S)


def bearer(authorization: Annotated[str | None, Header()] = None) -> str:
    """The token of a call on a conversation. Without one the conversation is as good as unknown."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotFound(
            "A conversation is opened by its token: send Authorization: Bearer <token>, as POST /api/conversations gave it."
        )
    return token.strip()


Token = Annotated[str, Depends(bearer)]


def conversation_routes(sessions: Sessions, observer: Observer) -> APIRouter:
    """A conversation's life and its turns."""
    router = APIRouter(prefix="/api/conversations", tags=["conversation"], responses=PROBLEM)

    @router.post("", status_code=201)
    def create(request: Request, body: CreateIn | None = None) -> Created:
        conversation, token = sessions.create(body.shopper_id if body is not None else None, client_of(request))
        return Created(conversation_id=conversation.conversation_id, token=token)

    @router.post("/{conversation_id}/turns", response_model=TurnRecord)
    def turn(conversation_id: str, body: TurnIn, request: Request, token: Token) -> Response:
        events = primed(
            sessions.turn(conversation_id, token, body.message, body.turn_id, body.context.context(), client_of(request))
        )
        if isinstance(events.first, ErrorEvent):
            return response_of(problem_of(events.first), request.url.path)
        if wants_stream(request.headers.get("accept", "")):
            broken = error_sse(FAILED.status, FAILED.title, FAILED.detail)
            return EventStream(events, lambda event: (server_sent(event),), broken, observer.unexpected)
        return _whole(events, request.url.path)

    @router.get("/{conversation_id}")
    def export(conversation_id: str, request: Request, token: Token) -> Export:
        return sessions.record(conversation_id, token, client_of(request))

    @router.delete("/{conversation_id}", status_code=204)
    def erase(conversation_id: str, request: Request, token: Token) -> None:
        sessions.delete(conversation_id, token, client_of(request))

    return router


def edit_routes(sessions: Sessions, catalog: Catalog) -> APIRouter:
    """What the shopper changes by hand."""
    router = APIRouter(prefix="/api/conversations/{conversation_id}", tags=["profile and cart"], responses=PROBLEM)

    @router.get("/profile")
    def profile(conversation_id: str, request: Request, token: Token) -> Profile:
        return sessions.profile(conversation_id, token, client_of(request))

    @router.patch("/profile")
    def edit_profile(conversation_id: str, body: ProfileIn, request: Request, token: Token) -> Profile:
        if body.undo:
            return sessions.undo_profile(conversation_id, token, client_of(request)).profile
        added = [each.preference() for each in body.add]
        return sessions.edit_profile(conversation_id, token, added, body.remove, body.sizes, client_of(request)).profile

    @router.get("/cart")
    def cart(conversation_id: str, request: Request, token: Token) -> CartOut:
        return cart_view(*sessions.cart(conversation_id, token, client_of(request)), catalog.by_id)

    @router.patch("/cart")
    def edit_cart(conversation_id: str, body: CartIn, request: Request, token: Token) -> CartOut:
        lines = [each.line() for each in body.lines] if body.lines is not None else None
        return cart_view(*sessions.change_cart(conversation_id, token, lines, body.codes, client_of(request)), catalog.by_id)

    @router.post("/feedback", status_code=204)
    def feedback(conversation_id: str, body: FeedbackIn, request: Request, token: Token) -> None:
        sessions.feedback(conversation_id, token, body.turn_id, body.value, body.product_id, body.reason, client_of(request))

    return router


def shop_routes(catalog: Catalog, pictures: Callable[[str], str | None]) -> APIRouter:
    """The catalog's facts and pictures."""
    router = APIRouter(tags=["shop"], responses=PROBLEM)

    @router.get("/api/products/{product_id}")
    def product(product_id: str) -> dict[str, Any]:
        found = catalog.by_id.get(product_id)
        if found is None:
            raise NotFound("This shop has no item of this id; take ids from the cards of an answer.")
        return product_view(found, pictures(product_id) is not None)

    @router.get("/media/{product_id}.svg")
    def picture(product_id: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        svg = pictures(product_id) if product_id in catalog.by_id else None
        if svg is None:
            raise NotFound("There is no picture of this item.")
        tag = f'"{hashlib.sha256(svg.encode()).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "public, max-age=86400", "Content-Security-Policy": PICTURE_POLICY}
        if if_none_match is not None and tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(svg, headers=headers, media_type="image/svg+xml")

    return router


def _whole(events: Iterable[TurnEvent], path: str) -> Response:
    """The turn object once the turn is kept, or the problem it ended in."""
    for event in events:
        if isinstance(event, ErrorEvent):
            return response_of(problem_of(event), path)
        if isinstance(event, DoneEvent):
            return Response(record_json(event.record), media_type="application/json")
    return response_of(FAILED, path)


def wants_stream(accept: str) -> bool:
    """True where an Accept header prefers server-sent events to JSON; JSON where both are as good."""
    weights = {"text/event-stream": 0.0, "application/json": 0.0}
    for part in accept.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        if media in weights:
            quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
            weights[media] = float(quality) if quality.replace(".", "", 1).isdigit() else 1.0
    return weights["text/event-stream"] > weights["application/json"]


def _answer_the_rest(app: FastAPI) -> None:
    """404 or 405 under our own paths, before the page that is mounted at / answers with a page of its own."""
    known = list(app.router.routes)

    def unknown(request: Request) -> Response:
        allowed = [
            method
            for method in METHODS
            if any(
                route.matches({**request.scope, "method": method})[0] is Match.FULL
                for route in known
                if not isinstance(route, Mount)
            )
        ]
        problem = http_problem(405, {"Allow": ", ".join(allowed)}) if allowed else http_problem(404, {})
        return response_of(problem, request.url.path)

    for path in OUR_PATHS:
        app.add_route(path, unknown, methods=list(METHODS), include_in_schema=False)
