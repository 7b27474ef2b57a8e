"""How much one conversation, one client and all together may ask: numbers, token buckets, and the gate through which turns pass."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

from pydantic import Field

from assistant.errors import Busy, TooMany
from assistant.protocols import Clock
from catalog_data.schema import Frozen


class Limits(Frozen):
    """Every cap. `*_burst` may come at once, `*_per_second` is what comes back. `concurrent` turns run, `waiting` more wait for at most
    `wait_s` seconds; the rest is told to come back. `retention_days`: how long an untouched conversation is kept.

    Erasures and unknown codes are counted by client: an erasure rewrites SQLite's file, and codes could be guessed, so that at most 30 pass
    in any hour, the burst and what comes back. A profile holds so many `preferences` in force, for so many `scopes`, so many
    `superseded` (the oldest go) and so many items liked, and as many rejected (`thumbs`)."""

    message_characters: int = Field(default=2_000, ge=1)
    turns: int = Field(default=500, ge=1)
    replayed_messages: int = Field(default=20, ge=0)
    undo_steps: int = Field(default=20, ge=1)
    conversation_burst: int = Field(default=30, ge=1)
    conversation_per_second: float = Field(default=2.0, gt=0)
    client_burst: int = Field(default=240, ge=1)
    client_per_second: float = Field(default=20.0, gt=0)
    erasure_burst: int = Field(default=20, ge=1)
    erasures_per_second: float = Field(default=1 / 30, gt=0)
    unknown_code_burst: int = Field(default=15, ge=1)
    unknown_codes_per_second: float = Field(default=15 / 3_600, gt=0)
    preferences: int = Field(default=200, ge=1)
    scopes: int = Field(default=20, ge=1)
    superseded: int = Field(default=200, ge=1)
    thumbs: int = Field(default=500, ge=1)
    concurrent: int = Field(default=8, ge=1)
    waiting: int = Field(default=16, ge=0)
    wait_s: float = Field(default=10.0, ge=0)
    retention_days: int = Field(default=30, ge=1)


class TokenBuckets:
    """One bucket a key: `burst` tokens at most, `per_second` come back. Keeps the `most_keys` used last; who is forgotten starts full.
    `refusal`: what happened, in words for the shopper."""

    def __init__(
        self,
        burst: int,
        per_second: float,
        clock: Clock,
        most_keys: int = 10_000,
        refusal: str = "That was faster than this shop answers",
    ) -> None:
        self._burst, self._rate, self._clock, self._most = float(burst), per_second, clock, most_keys
        self._refusal = refusal
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, tokens: int = 1) -> None:
        """Takes so many tokens, of which a full bucket may hold fewer: then all. Raises `TooMany` with the whole seconds until they are
        there, and takes none."""
        now = self._clock.monotonic()
        wanted = min(float(tokens), self._burst)
        with self._lock:
            level, since = self._levels.pop(key, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            left = level - wanted if level >= wanted else level
            self._levels[key] = (left, now)
            while len(self._levels) > self._most:
                self._levels.popitem(last=False)
        if level < wanted:
            wait = max(1, ceil((wanted - level) / self._rate))
            raise TooMany(f"{self._refusal}; wait {wait} s and send it again.", retry_after_s=wait)

    def give_back(self, key: str, tokens: int = 1) -> None:
        """Gives back tokens that turned out not to be needed. A key that is not known is full already."""
        with self._lock:
            if key in self._levels:
                level, since = self._levels[key]
                self._levels[key] = (min(self._burst, level + tokens), since)

    def forget(self, key: str) -> None:
        """Drops what is known of `key`."""
        with self._lock:
            self._levels.pop(key, None)

    def __len__(self) -> int:
        return len(self._levels)


class TurnGate:
    """Lets one caller at a time into a conversation, and `concurrent` turns at a time into the shop. Holds no thread for longer than
    `wait_s`, nor more than `waiting` of them."""

    def __init__(self, concurrent: int, waiting: int, wait_s: float) -> None:
        self._concurrent, self._most_waiting, self._wait_s = concurrent, waiting, wait_s
        self._free = threading.Condition()
        self._held: set[str] = set()
        self._running = 0
        self._waiting = 0

    @property
    def running(self) -> int:
        """How many turns run now."""
        return self._running

    @contextmanager
    def hold(self, conversation_id: str, *, turn: bool) -> Iterator[None]:
        """Keeps the conversation to the caller, and a place among the turns where it is one. Raises `Busy`. May be left by another thread."""
        self._enter(conversation_id, turn)
        try:
            yield
        finally:
            with self._free:
                self._held.discard(conversation_id)
                self._running -= turn
                self._free.notify_all()

    def _enter(self, conversation_id: str, turn: bool) -> None:
        def is_free() -> bool:
            return conversation_id not in self._held and (not turn or self._running < self._concurrent)

        with self._free:
            if not is_free():
                self._wait(is_free)
            self._held.add(conversation_id)
            self._running += turn

    def _wait(self, is_free: Callable[[], bool]) -> None:
        if self._waiting >= self._most_waiting:
            raise Busy("Many shoppers are being answered just now; send it again in a few seconds.", retry_after_s=2)
        self._waiting += 1
        try:
            if not self._free.wait_for(is_free, self._wait_s):
                raise Busy("An earlier message is still being answered; send it again in a few seconds.", retry_after_s=2)
        finally:
            self._waiting -= 1
