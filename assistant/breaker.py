"""A circuit breaker (Nygard, Release It!, 2007): after some failures in a row nothing is asked for a while, then one trial is let through."""

from __future__ import annotations

import threading

from assistant.protocols import Clock

FAILURES = 3
OPEN_SECONDS = 30.0


class Breaker:
    """Counts failures in a row. Safe to share between threads."""

    def __init__(self, clock: Clock, failures: int = FAILURES, open_seconds: float = OPEN_SECONDS) -> None:
        self._clock = clock
        self._limit = failures
        self._open_seconds = open_seconds
        self._lock = threading.Lock()
        self._failed = 0
        self._opened_at: float | None = None

    def allows(self) -> bool:
        """True when a call may be made. Once the time is over, each `open_seconds` lets one trial through."""
        with self._lock:
            if self._opened_at is None:
                return True
            if self._clock.monotonic() - self._opened_at < self._open_seconds:
                return False
            self._opened_at = self._clock.monotonic()
            return True

    def succeeded(self) -> None:
        """Closes it."""
        with self._lock:
            self._failed, self._opened_at = 0, None

    def failed(self) -> None:
        """Counts a failure; opens it at the limit."""
        with self._lock:
            self._failed += 1
            if self._failed >= self._limit:
                self._opened_at = self._clock.monotonic()
