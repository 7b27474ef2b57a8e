"""Counters in Prometheus' text form. Labels are outcomes and kinds, never a shopper, a conversation or an item."""

from __future__ import annotations

import threading
from collections import Counter

from assistant.errors import ShopperError
from assistant.schema import TurnRecord
from assistant.store_records import EventKind

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

HELP = {
    "shopguide_turns_total": "Turns by outcome.",
    "shopguide_refused_total": "Calls that were refused, by status; 429 is the rate limit, 503 the cap on turns.",
    "shopguide_errors_total": "Failures of ours, in a turn or outside.",
    "shopguide_model_calls_total": "Calls of a language model.",
    "shopguide_tokens_total": "Tokens of language models by direction.",
    "shopguide_sections_total": "Sections of guides by verdict of the verification.",
    "shopguide_changes_total": "Conversations begun, and changes of profile, cart and feedback.",
    "shopguide_http_responses_total": "HTTP responses by class of status.",
}


class Metrics:
    """Counts since the start of the process. An `Observer`. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._buckets = [0] * len(SECONDS)
        self._turns, self._seconds = 0, 0.0

    def answered(self, conversation_id: str, record: TurnRecord, seconds: float) -> None:
        """See `Observer`."""
        with self._lock:
            self._count("shopguide_turns_total", "outcome", "answered")
            self._count("shopguide_model_calls_total", "", "", record.usage.model_calls)
            self._count("shopguide_tokens_total", "direction", "prompt", record.usage.prompt_tokens)
            self._count("shopguide_tokens_total", "direction", "completion", record.usage.completion_tokens)
            for section in record.verification:
                self._count("shopguide_sections_total", "verdict", section.verdict)
            self._turns += 1
            self._seconds += seconds
            for index, bound in enumerate(SECONDS):
                self._buckets[index] += seconds <= bound

    def failed(self, conversation_id: str, error: Exception, seconds: float) -> None:
        """See `Observer`."""
        with self._lock:
            self._count("shopguide_turns_total", "outcome", "failed")
            self._count("shopguide_errors_total", "where", "turn")

    def refused(self, error: ShopperError) -> None:
        """See `Observer`."""
        with self._lock:
            self._count("shopguide_refused_total", "status", str(error.status))

    def changed(self, conversation_id: str, kind: EventKind) -> None:
        """See `Observer`."""
        with self._lock:
            self._count("shopguide_changes_total", "kind", kind)

    def unexpected(self, error: BaseException) -> None:
        """See `Observer`."""
        with self._lock:
            self._count("shopguide_errors_total", "where", "outside")

    def responded(self, status: int) -> None:
        """Counts one HTTP response."""
        with self._lock:
            self._count("shopguide_http_responses_total", "status", f"{status // 100}xx")

    def _count(self, name: str, label: str, value: str, more: int = 1) -> None:
        self._counts[name, label, value] += more

    def render(self, running: int) -> str:
        """All of it, and how many turns run now, as one page."""
        with self._lock:
            counts, buckets, turns, seconds = dict(self._counts), list(self._buckets), self._turns, self._seconds
        lines = ["# HELP shopguide_turns_running Turns that run now.", "# TYPE shopguide_turns_running gauge"]
        lines.append(f"shopguide_turns_running {running}")
        for name, meaning in HELP.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} counter"]
            rows = sorted((label, value, count) for (each, label, value), count in counts.items() if each == name)
            lines += [f'{name}{{{label}="{value}"}} {count}' if label else f"{name} {count}" for label, value, count in rows]
        lines += ["# HELP shopguide_turn_seconds Seconds from message to kept answer.", "# TYPE shopguide_turn_seconds histogram"]
        lines += [
            f'shopguide_turn_seconds_bucket{{le="{bound:g}"}} {count}' for bound, count in zip(SECONDS, buckets, strict=True)
        ]
        lines += [f'shopguide_turn_seconds_bucket{{le="+Inf"}} {turns}']
        lines += [f"shopguide_turn_seconds_sum {seconds:.6f}", f"shopguide_turn_seconds_count {turns}"]
        return "\n".join(lines) + "\n"
