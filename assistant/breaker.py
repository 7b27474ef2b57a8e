"""A circuit breaker (Nygard, Release It!, 2007): after some failures in a row nothing is asked for a while, then one trial is let through."""

from __future__ import annotations

import threading

from assistant.protocols import Clock

FAILURES = 3
OPEN_SECONDS = 30.0
LONGEST_SECONDS = 300.0
"""However long an endpoint asks us to wait."""


class Breaker:
    """Counts failures in a row. Safe to share between threads."""

    def __init__(self, clock: Clock, failures: int = FAILURES, open_seconds: float = OPEN_SECONDS) -> None:
        self._clock = clock
        self._limit = failures
        self._open_seconds = open_seconds
        self._lock = threading.Lock()
        self._failed = 0
        self._shut_until: float | None = None

    def allows(self) -> bool:
        """True when a call may be made. Once the time is over, each `open_seconds` lets one trial through."""
        with self._lock:
            now = self._clock.monotonic()
            if self._shut_until is None:
                return True
            if now < self._shut_until:
                return False
            self._shut_until = now + self._open_seconds
            return True

    def succeeded(self) -> None:
        """Lets every call through again."""
        with self._lock:
            self._failed, self._shut_until = 0, None

    def failed(self, retry_after: float | None = None) -> None:
        """Counts a failure; at the limit nothing is let through for `open_seconds`, and where the endpoint itself asks us to wait nothing
        for that long at once (seconds, `LONGEST_SECONDS` at most)."""
        with self._lock:
            self._failed += 1
            wait = min(retry_after or 0.0, LONGEST_SECONDS)
            if self._failed >= self._limit:
                wait = max(wait, self._open_seconds)
            if wait > 0:
                self._shut_until = max(self._shut_until or 0.0, self._clock.monotonic() + wait)
