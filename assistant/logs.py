"""The event log: one JSON object a line, with ids, figures and names from our own code. No word of a shopper's, no address, no error text.

Two walls: nothing is passed in but ids that we made and figures; and whatever is written passes `redact` all the same.
"""

from __future__ import annotations

import json
import re
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from assistant.errors import ShopperError
from assistant.protocols import Clock
from assistant.schema import TurnRecord
from assistant.store_records import EventKind

OUR_ID = re.compile(r"[0-9a-f]{32}")
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(\.[\w-]+)+"  # mail
    r"|[+(]?\d(?:[\s()./-]{0,2}\d){6,}"  # telephone, card and account numbers: seven digits or more
    r"|\b(?:https?|ftp)://\S+"
)
REDACTED = "[redacted]"
FRAMES = 5


def redact(text: str) -> str:
    """`text` with addresses, numbers of seven digits or more, and links struck out. Ids of ours pass."""
    return text if OUR_ID.fullmatch(text) else _PERSONAL.sub(REDACTED, text)


def places(error: BaseException) -> str:
    """Where an error came from, innermost last: `store.py:88 session.py:120`. Not what it says: that may quote a shopper."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


class EventLog:
    """Writes events to `sink`. An `Observer`. A sink that cannot be written loses events, never a turn."""

    def __init__(self, sink: TextIO, clock: Clock) -> None:
        self._sink, self._clock = sink, clock
        self._lock = threading.Lock()

    def answered(self, conversation_id: str, record: TurnRecord, seconds: float) -> None:
        """A turn: its number, time, results and cost."""
        figures = {
            "turn": record.turn,
            "ms": round(seconds * 1000, 1),
            "products": len(record.products),
            "outfits": len(record.outfits),
            "withheld": sum(section.verdict == "withheld" for section in record.verification),
            "model_calls": record.usage.model_calls,
            "prompt_tokens": record.usage.prompt_tokens,
            "completion_tokens": record.usage.completion_tokens,
        }
        self._write("turn", {"conversation_id": conversation_id}, figures)

    def failed(self, conversation_id: str, error: Exception, seconds: float) -> None:
        """A turn that failed: the error's name and place."""
        names = {"conversation_id": conversation_id, "error": type(error).__name__, "at_line": places(error)}
        self._write("turn_failed", names, {"ms": round(seconds * 1000, 1)})

    def refused(self, error: ShopperError) -> None:
        """A refusal: its name and status."""
        self._write("refused", {"error": type(error).__name__}, {"status": error.status})

    def changed(self, conversation_id: str, kind: EventKind) -> None:
        """A change that is no turn."""
        self._write(kind, {"conversation_id": conversation_id}, {})

    def unexpected(self, error: BaseException) -> None:
        """An error outside any turn: its name and place."""
        self._write("unexpected", {"error": type(error).__name__, "at_line": places(error)}, {})

    def note(self, event: str, figures: Mapping[str, float]) -> None:
        """An event of ours with figures alone: `started`, `swept`."""
        self._write(event, {}, figures)

    def _write(self, event: str, names: Mapping[str, str], figures: Mapping[str, float]) -> None:
        safe = {key: redact(value) for key, value in names.items()}
        line = json.dumps({"time": self._clock.now().isoformat(), "event": event, **safe, **figures}, ensure_ascii=True)
        try:
            with self._lock:
                self._sink.write(f"{line}\n")
                self._sink.flush()
        except (OSError, ValueError):
            return  # a full disk or a closed pipe; the shopper's turn matters more than its line
