"""Who is talked to: the service in this process, or a running server over HTTP. Both are used in the same way."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import httpx
from pydantic import ValidationError

from assistant.errors import ShopperError
from assistant.evaluation.errors import ServerUnfit
from assistant.evaluation.script import PageContext
from assistant.events import DoneEvent, ErrorEvent
from assistant.schema import Cart, CartLine, TurnContext, TurnRecord
from assistant.session import Sessions

PATIENCE = 60.0
"""Seconds that a server may take over one answer."""

TRIES = 4
LONGEST_WAIT = 10.0
"""Seconds to wait at most where a server says that it is asked too fast."""


class TurnFailed(Exception):
    """No record came; the message is what the shopper would have read."""


class Talk(Protocol):
    """One conversation."""

    def say(self, message: str, context: PageContext | None = None) -> TurnRecord:
        """The record of the turn. Raises `TurnFailed` where none came."""

    def cart(self) -> Cart:
        """The basket as it is now. Raises `TurnFailed` where it cannot be read."""


class Player(Protocol):
    """Opens conversations. Safe for threads."""

    def open(self, now: datetime, shopper: str | None = None) -> Talk:
        """A new conversation at the moment `now`. Raises `ServerUnfit` where none can be opened."""


class PlayedClock:
    """A clock that stands, for each thread, at the moment of the conversation that it plays; `monotonic` runs on with the machine."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._here = threading.local()

    def now(self) -> datetime:
        """This thread's moment."""
        moment: datetime = getattr(self._here, "moment", self._start)
        return moment

    def monotonic(self) -> float:
        """Seconds from some fixed start."""
        return time.monotonic()

    def stand_at(self, moment: datetime) -> None:
        """From here on it is `moment` in this thread."""
        self._here.moment = moment


class InProcess:
    """Plays against the service in this process, whose clock must be `clock`."""

    def __init__(self, sessions: Sessions, clock: PlayedClock) -> None:
        self._sessions = sessions
        self._clock = clock

    def open(self, now: datetime, shopper: str | None = None) -> Talk:
        """A new conversation in this thread."""
        self._clock.stand_at(now)
        try:
            conversation, token = self._sessions.create(shopper)
        except ShopperError as error:
            raise ServerUnfit(f"no conversation could be opened: {error.detail}") from error
        return _OwnTalk(self._sessions, conversation.conversation_id, token)


class _OwnTalk:
    def __init__(self, sessions: Sessions, conversation_id: str, token: str) -> None:
        self._sessions = sessions
        self._key = (conversation_id, token)

    def say(self, message: str, context: PageContext | None = None) -> TurnRecord:
        try:
            events = self._sessions.turn(*self._key, message, context=_context(context))
            last = next(iter(deque(events, maxlen=1)), None)
        except ShopperError as error:
            raise TurnFailed(error.detail) from error
        if isinstance(last, DoneEvent):
            return last.record
        raise TurnFailed(last.detail if isinstance(last, ErrorEvent) else "the turn ended without a record")

    def cart(self) -> Cart:
        try:
            return self._sessions.cart(*self._key)[0]
        except ShopperError as error:
            raise TurnFailed(error.detail) from error


def _context(context: PageContext | None) -> TurnContext | None:
    return None if context is None else TurnContext(product_id=context.product_id, page_url=context.page_url)


class OverHttp:
    """Plays against a server. The server's clock is its own: start it with SHOPGUIDE_NOW for conversations of a fixed day."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=PATIENCE)

    def open(self, now: datetime, shopper: str | None = None) -> Talk:
        """A new conversation on the server."""
        del now
        body = {"shopper_id": shopper} if shopper else {}
        try:
            answer = _patiently(lambda: self._client.post("/api/conversations", json=body))
            answer.raise_for_status()
            made = answer.json()
            return _HttpTalk(self._client, str(made["conversation_id"]), str(made["token"]))
        except (httpx.HTTPError, httpx.InvalidURL, KeyError, TypeError, ValueError) as error:
            raise ServerUnfit(
                f"{self._client.base_url}: no conversation could be opened ({error}); is Shopguide served there?"
            ) from error

    def close(self) -> None:
        """Lets go of the connections."""
        self._client.close()


class _HttpTalk:
    def __init__(self, client: httpx.Client, conversation_id: str, token: str) -> None:
        self._client = client
        self._path = f"/api/conversations/{conversation_id}"
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def say(self, message: str, context: PageContext | None = None) -> TurnRecord:
        body: dict[str, Any] = {"message": message}
        if context is not None:
            body["context"] = context.model_dump(exclude_none=True)
        try:
            return TurnRecord.model_validate(self._call("POST", "/turns", body))
        except ValidationError as error:
            raise TurnFailed(f"an answer that is no turn record: {error.errors()[0]['msg']}") from error

    def cart(self) -> Cart:
        found = self._call("GET", "/cart")
        try:
            lines = [
                CartLine(product_id=line["product_id"], quantity=line["quantity"], size=line["size"]) for line in found["lines"]
            ]
            return Cart(lines=tuple(lines), codes=tuple(found["codes"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TurnFailed(f"an answer that is no basket: {error!r}") from error

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of the answer. Raises `TurnFailed` for any answer but a good one."""
        try:
            answer = _patiently(lambda: self._client.request(method, f"{self._path}{path}", json=body, headers=self._headers))
        except httpx.HTTPError as error:
            raise TurnFailed(f"the server did not answer: {error}") from error
        if answer.status_code != httpx.codes.OK:
            raise TurnFailed(f"{answer.status_code}: {_detail(answer)}")
        try:
            return answer.json()
        except ValueError as error:
            raise TurnFailed(f"an answer that is no JSON: {answer.text[:200]!r}") from error


def _patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Asks again while the server says that it is asked too fast, after the seconds that it names; at most `TRIES` times in all."""
    for _ in range(TRIES - 1):
        answer = ask()
        if answer.status_code not in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
            return answer
        named = answer.headers.get("Retry-After", "")
        time.sleep(min(float(named) if named.isdecimal() else 1.0, LONGEST_WAIT))
    return ask()


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("detail", answer.text))
    except (ValueError, AttributeError):
        return answer.text[:200]
