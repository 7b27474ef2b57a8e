"""The time: the machine's, or one that tests and evals hold still."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from some fixed start; never goes back."""
        return time.monotonic()


class FixedClock:
    """A clock that stands at `moment` until it is told to `advance`.

    `monotonic` runs on with the machine unless `still`: a server that serves a fixed day must keep its deadlines and its rate limits.
    Raises `ValueError` for a moment without a zone, or for a step back.
    """

    def __init__(self, moment: datetime, *, still: bool = False) -> None:
        if moment.tzinfo is None:
            raise ValueError(f"the moment {moment.isoformat()} has no zone; give one, such as 2026-11-27T10:00:00+00:00")
        self._moment = moment.astimezone(UTC)
        self._still = still
        self._ahead = 0.0

    def now(self) -> datetime:
        """The moment at which the clock stands, in UTC."""
        return self._moment

    def monotonic(self) -> float:
        """Seconds from some fixed start, with all that `advance` added."""
        return self._ahead + (0.0 if self._still else time.monotonic())

    def advance(self, seconds: float) -> None:
        """Moves both readings on by `seconds`, zero or more."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back by {-seconds} s; give zero or more")
        self._moment += timedelta(seconds=seconds)
        self._ahead += seconds
