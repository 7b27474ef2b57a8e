"""The door of the conversations: tokens, rate limits, one thing at a time, and changes that are kept whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assistant.conversation_store import Store
from assistant.errors import Busy, NotFound, ShopperError
from assistant.limits import Limits, TokenBuckets, TurnGate
from assistant.observer import Observer
from assistant.protocols import Clock
from assistant.schema import Conversation
from assistant.session_caps import capped
from assistant.store_records import EventKind, Feedback, Saved, StoreEvent
from assistant.tokens import Tokens


class Door:
    """Lets in whoever has the token, as often as the limits allow. Safe for threads; several processes may share one store."""

    def __init__(self, store: Store, tokens: Tokens, clock: Clock, observer: Observer, limits: Limits) -> None:
        self.store, self.tokens, self.clock, self.observer, self.limits = store, tokens, clock, observer, limits
        self.by_conversation = TokenBuckets(limits.conversation_burst, limits.conversation_per_second, clock)
        self.by_client = TokenBuckets(limits.client_burst, limits.client_per_second, clock)
        self.erasures = TokenBuckets(
            limits.erasure_burst, limits.erasures_per_second, clock, refusal="Many conversations were erased from your address"
        )
        self.unknown_codes = TokenBuckets(
            limits.unknown_code_burst,
            limits.unknown_codes_per_second,
            clock,
            refusal="Many codes that this shop does not know came from your address; use those that you were given",
        )
        self.gate = TurnGate(limits.concurrent, limits.waiting, limits.wait_s)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Tells the observer of every refusal within."""
        try:
            yield
        except ShopperError as error:
            self.observer.refused(error)
            raise

    def count(self, client: str | None) -> None:
        """Counts a call of this client. Raises `TooMany`."""
        if client is not None:
            self.by_client.take(client)

    def admit(self, conversation_id: str, token: str) -> None:
        """Raises `NotFound` unless the token is this conversation's."""
        if not self.tokens.opens(conversation_id, token):
            raise no_conversation()

    def read(self, conversation_id: str, token: str, client: str | None) -> None:
        """Admits who reads or erases. A client is counted as for a message; without one it is the shop's own page, which reads what it
        has just kept. Raises `NotFound`, `TooMany`."""
        self.count(client)
        self.admit(conversation_id, token)
        if client is not None:
            self.by_conversation.take(conversation_id)

    def loaded(self, conversation_id: str) -> Saved:
        """The conversation as it is now. Raises `NotFound`."""
        saved = self.store.load(conversation_id)
        if saved is None:
            raise no_conversation()
        return saved

    def change(
        self,
        conversation_id: str,
        token: str,
        kind: EventKind,
        change: Callable[[Conversation], Conversation],
        said: Feedback | None = None,
        client: str | None = None,
    ) -> Conversation:
        """Keeps what `change` makes of the conversation, with the feedback that caused it if any did. Raises as `change` does."""
        with self.noting():
            self.count(client)
            self.admit(conversation_id, token)
            self.by_conversation.take(conversation_id)
            with self.gate.hold(conversation_id, turn=False):
                saved = self.loaded(conversation_id)
                changed = capped(change(saved.conversation), self.limits)
                ids = (said.product_id,) if said is not None and said.product_id is not None else ()
                happened = StoreEvent(kind=kind, at=self.clock.now(), ids=ids)
                if not self.store.save_change(saved, changed, happened, said):
                    raise changed_elsewhere()
        self.observer.changed(conversation_id, kind)
        return changed


def no_conversation() -> NotFound:
    """The same answer for a wrong token as for an unknown id."""
    return NotFound(
        "There is no conversation that this id and token open; it may have been erased. Begin a new one with POST /api/conversations."
    )


def changed_elsewhere() -> Busy:
    """What is said where another process was faster."""
    return Busy("The conversation was changed elsewhere meanwhile; send it again.", retry_after_s=1)
