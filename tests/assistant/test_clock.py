"""The clocks: aware, in UTC, never going back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assistant.clock import FixedClock, SystemClock
from assistant.protocols import Clock


def test_the_system_clock_is_aware_and_goes_on() -> None:
    clock: Clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.monotonic() <= clock.monotonic()


def test_a_fixed_clock_stands_in_utc_until_it_is_advanced() -> None:
    clock = FixedClock(datetime(2026, 11, 27, 11, 0, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == clock.now() == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
    clock.advance(90)
    assert clock.now() == datetime(2026, 11, 27, 10, 1, 30, tzinfo=UTC)


def test_deadlines_run_on_while_the_day_is_fixed_unless_it_is_still() -> None:
    moment = datetime(2026, 11, 27, tzinfo=UTC)
    running, still = FixedClock(moment), FixedClock(moment, still=True)
    start = running.monotonic()
    while running.monotonic() == start:
        pass
    assert still.monotonic() == still.monotonic() == 0.0
    still.advance(2.5)
    assert still.monotonic() == 2.5


def test_what_a_clock_cannot_do_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        FixedClock(datetime(2026, 11, 27))
    with pytest.raises(ValueError, match="cannot go back"):
        FixedClock(datetime(2026, 11, 27, tzinfo=UTC)).advance(-1)
