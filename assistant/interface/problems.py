"""Errors over HTTP: RFC 9457 problem+json, and OpenAI's form under /v1. What a caller sent is never said back; of our own failures
nothing but that one happened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from assistant.errors import ShopperError
from assistant.events import ErrorEvent
from catalog_data.schema import Frozen

OPENAI_PREFIX = "/v1"
DEFAULT_RETRY_S = 2
SHOWN_ERRORS = 5
NO_OBJECT = frozenset(("missing", "model_type", "model_attributes_type", "dict_type"))
"""What pydantic calls it when there is no body, or one that is no object."""


class Problem(Frozen):
    """What went wrong (`title`), and what to do (`detail`)."""

    status: int
    title: str
    detail: str
    headers: Mapping[str, str] = {}


FAILED = Problem(
    status=500,
    title="Internal error",
    detail="Something went wrong on our side; nothing was changed. Try again in a moment; if it goes on, tell the shop.",
)


def problem_of(error: ShopperError | ErrorEvent) -> Problem:
    """The problem that says what `error` says, with Retry-After where waiting helps."""
    wait = error.retry_after_s if isinstance(error, ShopperError) else None
    if wait is None and error.status == 503:
        wait = DEFAULT_RETRY_S
    headers = {"Retry-After": str(wait)} if wait is not None else {}
    return Problem(status=error.status, title=error.title, detail=error.detail, headers=headers)


def response_of(problem: Problem, path: str) -> Response:
    """The problem in the form that callers of `path` read."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    if path == OPENAI_PREFIX or path.startswith(f"{OPENAI_PREFIX}/"):
        body = json.dumps({"error": openai_error(problem)})
        return Response(body, problem.status, headers, media_type="application/json")
    body = json.dumps({"type": "about:blank", **problem.model_dump(exclude={"headers"})})
    return Response(body, problem.status, headers, media_type="application/problem+json")


def openai_error(problem: Problem) -> dict[str, Any]:
    """OpenAI's error object."""
    kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = "server_error" if problem.status >= 500 else kinds.get(problem.status, "invalid_request_error")
    return {"message": f"{problem.title}. {problem.detail}", "type": kind, "param": None, "code": str(problem.status)}


def handle_problems(app: FastAPI) -> None:
    """Makes `app` answer every foreseen error with a problem. The unforeseen ones are the guard's (see `security`)."""

    def shopper(request: Request, error: Exception) -> Response:
        assert isinstance(error, ShopperError)
        return response_of(problem_of(error), request.url.path)

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return response_of(invalid_problem(error.errors()), request.url.path)

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return response_of(http_problem(error.status_code, error.headers or {}), request.url.path)

    app.add_exception_handler(ShopperError, shopper)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def invalid_problem(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What is wrong with a request that is not of the documented form: where, and what is expected there."""
    broken = next((each for each in errors if each["type"] == "json_invalid"), None)
    if broken is not None:
        return Problem(
            status=400,
            title="The body is not JSON",
            detail=f"It stops being JSON at character {broken['loc'][-1]}; send one JSON object, such as "
            '{"message": "a red dress"}, with the header Content-Type: application/json.',
        )
    if any(tuple(each["loc"]) == ("body",) and each["type"] in NO_OBJECT for each in errors):
        return Problem(
            status=422,
            title="The request is not understood",
            detail="The body must be one JSON object, sent with the header Content-Type: application/json.",
        )
    said = [_said(each) for each in errors[:SHOWN_ERRORS]]
    more = f"; and {len(errors) - SHOWN_ERRORS} more" if len(errors) > SHOWN_ERRORS else ""
    return Problem(
        status=422, title="The request is not understood", detail=f"{'; '.join(said)}{more}. Correct this and send it again."
    )


def _said(error: Mapping[str, Any]) -> str:
    """`lines[0].quantity: less than or equal to 99 is expected`. Of keys only those that we know; a stranger's may be anything."""
    if error["type"] == "extra_forbidden":
        return f"{_place(error['loc'][1:-1])} has a field that is not known here; leave it out"
    return f"{_place(error['loc'][1:])}: {error['msg']}"


def _place(parts: Sequence[str | int]) -> str:
    place = ""
    for part in parts:
        place += f"[{part}]" if isinstance(part, int) else f"{'.' if place else ''}{part[:40]}"
    return place or "the body"


def http_problem(status: int, headers: Mapping[str, str]) -> Problem:
    """The problem for a status that the framework found."""
    said = {
        400: ("The request cannot be read", "The body could not be read to its end; send it again."),
        404: ("Not found", "There is nothing at this address; the interface is described in /openapi.json."),
        405: ("The method is not allowed", f"This address answers to {headers.get('Allow', 'other methods')} alone; use that."),
        406: ("Not acceptable", "Ask for application/json or text/event-stream."),
        408: ("The body came too slowly", "It was not complete in time; send it again, whole, over a better connection."),
        413: ("The body is too large", "Send a smaller body; a message has 2,000 characters at most."),
        415: ("The media type is not supported", "Send JSON, with the header Content-Type: application/json."),
    }
    title, detail = said.get(status, ("The request cannot be done", "Check it against /openapi.json and send it again."))
    if status >= 500:
        return FAILED
    return Problem(status=status, title=title, detail=detail, headers=headers)
