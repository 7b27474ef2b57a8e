"""The breaker: closed, open, one trial, closed again; and what holds in every order of events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.breaker import FAILURES, LONGEST_SECONDS, OPEN_SECONDS, Breaker
from assistant.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still until told."""
    return FixedClock(datetime(2026, 11, 27, tzinfo=UTC), still=True)


def test_opens_after_failures_in_a_row(clock: FixedClock) -> None:
    breaker = Breaker(clock)
    for _ in range(FAILURES - 1):
        breaker.failed()
        assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_a_success_between_starts_the_count_again(clock: FixedClock) -> None:
    breaker = Breaker(clock, failures=2)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()


def test_one_trial_after_its_time(clock: FixedClock) -> None:
    breaker = Breaker(clock, failures=1)
    breaker.failed()
    clock.advance(OPEN_SECONDS - 0.1)
    assert not breaker.allows()
    clock.advance(0.1)
    assert breaker.allows()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()


def test_a_failed_trial_opens_it_again(clock: FixedClock) -> None:
    breaker = Breaker(clock, failures=1)
    breaker.failed()
    clock.advance(OPEN_SECONDS)
    assert breaker.allows()
    clock.advance(5)
    breaker.failed()
    clock.advance(OPEN_SECONDS - 0.1)
    assert not breaker.allows()


def test_a_trial_that_never_ends_does_not_keep_it_open(clock: FixedClock) -> None:
    breaker = Breaker(clock, failures=1)
    breaker.failed()
    clock.advance(OPEN_SECONDS)
    assert breaker.allows()
    clock.advance(OPEN_SECONDS)
    assert breaker.allows()


def test_waits_at_once_as_long_as_it_is_asked_to(clock: FixedClock) -> None:
    breaker = Breaker(clock)
    breaker.failed(retry_after=12)
    clock.advance(11.9)
    assert not breaker.allows()
    clock.advance(0.1)
    assert breaker.allows()


def test_nobody_can_make_it_wait_for_ever(clock: FixedClock) -> None:
    breaker = Breaker(clock)
    breaker.failed(retry_after=10**9)
    clock.advance(LONGEST_SECONDS)
    assert breaker.allows()


def test_a_shorter_wait_does_not_end_a_longer_one(clock: FixedClock) -> None:
    breaker = Breaker(clock, failures=1)
    breaker.failed(retry_after=100)
    breaker.failed(retry_after=1)
    clock.advance(OPEN_SECONDS + 1)
    assert not breaker.allows()


EVENTS = st.lists(st.one_of(st.just("ok"), st.just("fail"), st.just("ask"), st.floats(0.1, 40.0)), max_size=40)


@given(events=EVENTS, failures=st.integers(1, 4))
def test_in_any_order(events: list[str | float], failures: int) -> None:
    """It never refuses with fewer failures in a row than the limit, always lets somebody through in the end, and never two callers in
    one `open_seconds` while it is open."""
    clock = FixedClock(datetime(2026, 11, 27, tzinfo=UTC), still=True)
    breaker = Breaker(clock, failures=failures, open_seconds=10)
    in_a_row, let_through = 0, -100.0
    for event in events:
        match event:
            case "ok":
                breaker.succeeded()
                in_a_row = 0
            case "fail":
                breaker.failed()
                in_a_row += 1
            case "ask":
                allowed = breaker.allows()
                assert allowed or in_a_row >= failures
                if allowed and in_a_row >= failures:
                    assert clock.monotonic() - let_through >= 10
                    let_through = clock.monotonic()
            case float():
                clock.advance(event)
    clock.advance(10)
    assert breaker.allows()
