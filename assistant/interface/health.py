"""Whether a turn can be answered now."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from assistant.errors import Busy
from assistant.interface.metrics import CONTENT_TYPE, Metrics
from assistant.session import Sessions


def health_routes(sessions: Sessions, metrics: Metrics, ready: Callable[[], bool]) -> APIRouter:
    """/healthz: 200 only where the shop is loaded and its store answers, else 503. /metrics: Prometheus' text."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz", responses={503: {"description": "Not now"}})
    @router.head("/healthz", include_in_schema=False)
    def healthz() -> Response:
        if not ready():
            raise Busy("The shop is still being loaded; ask again in a few seconds.", retry_after_s=2)
        sessions.ping()
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    @router.get("/metrics", response_class=PlainTextResponse)
    def figures() -> Response:
        return Response(metrics.render(sessions.running), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    return router
