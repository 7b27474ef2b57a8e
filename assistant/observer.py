"""Who watches the conversation: the log and the metrics. They are told figures and ids, never words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assistant.errors import ShopperError
from assistant.schema import TurnRecord
from assistant.store_records import EventKind


class Observer(Protocol):
    """Is told what happened, after it happened. Must not raise. Takes of a record its figures alone."""

    def answered(self, conversation_id: str, record: TurnRecord, seconds: float) -> None:
        """A turn went well and, where there is anything to keep, was kept."""
        ...

    def failed(self, conversation_id: str, error: Exception, seconds: float) -> None:
        """A turn ended in an error of ours; nothing of it was kept."""
        ...

    def refused(self, error: ShopperError) -> None:
        """Something was not done, for a reason that the shopper was told."""
        ...

    def changed(self, conversation_id: str, kind: EventKind) -> None:
        """A conversation was begun, or its profile, cart or feedback changed."""
        ...

    def unexpected(self, error: BaseException) -> None:
        """An error of ours outside any turn."""
        ...


class Observers:
    """Several observers as one; none at all is fine."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = tuple(observers)

    def answered(self, conversation_id: str, record: TurnRecord, seconds: float) -> None:
        """See `Observer`."""
        for observer in self._observers:
            observer.answered(conversation_id, record, seconds)

    def failed(self, conversation_id: str, error: Exception, seconds: float) -> None:
        """See `Observer`."""
        for observer in self._observers:
            observer.failed(conversation_id, error, seconds)

    def refused(self, error: ShopperError) -> None:
        """See `Observer`."""
        for observer in self._observers:
            observer.refused(error)

    def changed(self, conversation_id: str, kind: EventKind) -> None:
        """See `Observer`."""
        for observer in self._observers:
            observer.changed(conversation_id, kind)

    def unexpected(self, error: BaseException) -> None:
        """See `Observer`."""
        for observer in self._observers:
            observer.unexpected(error)
