"""Server-sent events out of a turn's generator, which runs in a thread of its own pace."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator

import anyio
from anyio.to_thread import run_sync
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.events import TurnEvent

KEEP_ALIVE_S = 10.0
KEEP_ALIVE = b": still here\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(Response):
    """Sends what `encode` makes of each event as it comes, and a comment every `keep_alive_s` seconds without one.

    The generator runs in one thread from end to end and is closed there: at its end, or at its next event after the client has gone,
    so that a turn nobody reads is not kept. What it raises goes to `unexpected`, and `broken` to the client.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        events: Iterator[TurnEvent],
        encode: Callable[[TurnEvent], Iterable[bytes]],
        broken: bytes,
        unexpected: Callable[[BaseException], None],
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._events, self._encode, self._broken = events, encode, broken
        self._unexpected, self._keep_alive_s = unexpected, keep_alive_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams to the end, or until the client goes."""
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        gone = threading.Event()
        loop = asyncio.get_running_loop()

        def put(piece: bytes | None) -> None:
            loop.call_soon_threadsafe(pieces.put_nowait, piece)

        async with anyio.create_task_group() as group:
            group.start_soon(run_sync, self._pump, put, gone)
            group.start_soon(_watch, receive, gone, pieces)
            try:
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await self._forward(pieces, send)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            except OSError:
                pass  # the client went away
            finally:
                gone.set()
                group.cancel_scope.cancel()  # ends the watch; the thread is waited for, it ends by `gone`
        self._close()  # where the thread never began

    async def _forward(self, pieces: asyncio.Queue[bytes | None], send: Send) -> None:
        while True:
            try:
                async with asyncio.timeout(self._keep_alive_s):
                    piece = await pieces.get()
            except TimeoutError:
                piece = KEEP_ALIVE
            if piece is None:
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})

    def _pump(self, put: Callable[[bytes | None], None], gone: threading.Event) -> None:
        try:
            for event in self._events:
                if gone.is_set():
                    break
                for piece in self._encode(event):
                    put(piece)
        except Exception as error:
            self._unexpected(error)
            put(self._broken)
        finally:
            self._close()
            put(None)

    def _close(self) -> None:
        close = getattr(self._events, "close", None)
        if close is not None:
            close()


async def _watch(receive: Receive, gone: threading.Event, pieces: asyncio.Queue[bytes | None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()
    pieces.put_nowait(None)


class Primed:
    """A turn's events whose `first` has been waited for: refusals have been raised by then, while a status can still be sent."""

    def __init__(self, first: TurnEvent, rest: Iterator[TurnEvent]) -> None:
        self.first, self._rest = first, rest
        self._said_first = False

    def __iter__(self) -> Iterator[TurnEvent]:
        return self

    def __next__(self) -> TurnEvent:
        if not self._said_first:
            self._said_first = True
            return self.first
        return next(self._rest)

    def close(self) -> None:
        """Ends the turn where it stands."""
        close = getattr(self._rest, "close", None)
        if close is not None:
            close()


def primed(events: Iterator[TurnEvent]) -> Primed:
    """Waits for the first event. Raises what comes instead of it."""
    return Primed(next(events), events)
