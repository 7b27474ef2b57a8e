"""Sessions: who may say what in which conversation, one thing at a time, each kept once. Between the interfaces and the agent.

Every method that names a conversation takes its token; a wrong one raises `NotFound`, as an unknown conversation does. `client` is an
opaque key of who calls (an address), for the rate limit alone; it is kept in memory and never written.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import timedelta

from assistant.cart_checks import checked_lines
from assistant.conversation_store import Store
from assistant.errors import BadRequest, Busy, MessageEmpty, MessageTooLong, TooMany
from assistant.events import DoneEvent, ErrorEvent, TurnEvent
from assistant.limits import Limits
from assistant.observer import Observer
from assistant.protocols import Agent, Clock, Message, TurnFinished, TurnRequest
from assistant.schema import Conversation, Profile, TurnContext
from assistant.session_caps import capped, trimmed
from assistant.session_door import Door, changed_elsewhere, no_conversation
from assistant.session_edits import Edits, Rules
from assistant.store_records import Export, Saved
from assistant.tokens import Tokens
from assistant.turns import AgentBroke, again, broken, guarded, told
from catalog_data.cleaning import clean_text
from catalog_data.schema import Catalog

__all__ = ["Rules", "Sessions"]

TURN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


class Sessions(Edits):
    """All conversations of one shop. Safe for threads; several processes may share one store."""

    def __init__(
        self,
        agent: Agent,
        store: Store,
        tokens: Tokens,
        clock: Clock,
        catalog: Catalog,
        rules: Rules,
        observer: Observer,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(Door(store, tokens, clock, observer, limits if limits is not None else Limits()), catalog, rules)
        self._agent = agent
        known = (event.user_id for event in catalog.interactions) if catalog.manifest.synthetic else ()
        self._shoppers = frozenset(known)

    @property
    def running(self) -> int:
        """How many turns run now."""
        return self._door.gate.running

    @property
    def limits(self) -> Limits:
        """The caps in force."""
        return self._door.limits

    # ------------------------------------------------------------ a conversation's life

    def create(self, shopper_id: str | None = None, client: str | None = None) -> tuple[Conversation, str]:
        """A new conversation and its token. `shopper_id`: one of the made-up shoppers of a synthetic catalog, whose history then starts
        the profile; anything else raises `BadRequest`, since nobody here can prove who she is."""
        with self._door.noting():
            self._door.count(client)
            if shopper_id is not None and shopper_id not in self._shoppers:
                raise BadRequest(
                    "shopper_id names no shopper of the demo shop; leave it out. Real shoppers cannot be named: nothing here proves who asks."
                )
            now = self._door.clock.now()
            conversation = Conversation(
                conversation_id=self._door.tokens.new_id(),
                shopper_id=shopper_id,
                created_at=now,
                profile=self._rules.infer(shopper_id) if shopper_id is not None else Profile(),
            )
            self._door.store.create(conversation, now)
        self._door.observer.changed(conversation.conversation_id, "created")
        return conversation, self._door.tokens.sign(conversation.conversation_id)

    def record(self, conversation_id: str, token: str, client: str | None = None) -> Export:
        """All that is kept of the conversation."""
        with self._door.noting():
            self._door.read(conversation_id, token, client)
            export = self._door.store.export(conversation_id)
            if export is None:
                raise no_conversation()
        return export

    def delete(self, conversation_id: str, token: str, client: str | None = None) -> None:
        """Erases the conversation everywhere, once the message that is being answered is answered."""
        with self._door.noting():
            self._door.read(conversation_id, token, client)
            with self._door.gate.hold(conversation_id, turn=False):
                self._door.loaded(conversation_id)
                if client is not None:
                    self._door.erasures.take(client)
                if not self._door.store.erase(conversation_id):
                    raise no_conversation()
                self._door.by_conversation.forget(conversation_id)

    def sweep(self) -> int:
        """Erases conversations untouched for `retention_days`; how many."""
        return self._door.store.expire(self._door.clock.now() - timedelta(days=self._door.limits.retention_days))

    def ping(self) -> None:
        """Raises `Busy` where the store does not answer."""
        self._door.store.ping()

    # ------------------------------------------------------------ turns

    def turn(
        self,
        conversation_id: str,
        token: str,
        message: str,
        turn_id: str | None = None,
        context: TurnContext | None = None,
        client: str | None = None,
    ) -> Iterator[TurnEvent]:
        """The events of one turn, ending with `DoneEvent` once it is kept, or with `ErrorEvent`, and then nothing of it is.

        Raises `ShopperError` at the call for what can be told at once, and at the first event where the conversation or the shop is
        busy, or the conversation full. The same `turn_id` again gives the same answer and no second effect.
        """
        with self._door.noting():
            self._door.count(client)
            self._door.admit(conversation_id, token)
            text = self._readable(message)
            if turn_id is not None and not TURN_ID.fullmatch(turn_id):
                raise BadRequest(
                    "turn_id may hold 1 to 64 letters, digits and _ . : - and starts with a letter or digit; or leave it out."
                )
            checked = self._checked_context(context if context is not None else TurnContext())
            self._door.by_conversation.take(conversation_id)
        return self._answer(conversation_id, turn_id or self._door.tokens.new_id(), text, checked)

    def _answer(self, conversation_id: str, turn_id: str, text: str, context: TurnContext) -> Iterator[TurnEvent]:
        last: TurnEvent | None = None
        with self._door.noting(), self._door.gate.hold(conversation_id, turn=True):
            saved = self._door.loaded(conversation_id)
            known = self._door.store.turn(conversation_id, turn_id)
            if known is None and saved.turns >= self._door.limits.turns:
                raise TooMany(f"This conversation has its {self._door.limits.turns} messages; start a new one to go on.")
            if known is None:
                request = TurnRequest(turn_id=turn_id, conversation=saved.conversation, message=text, context=context)
                started = self._door.clock.monotonic()
                with closing(self._played(self._agent.run_turn(request), conversation_id, started)) as events:
                    for event in events:
                        if isinstance(event, TurnFinished):
                            last = self._kept(saved, request, event, started)
                        else:
                            yield event
        if known is not None:
            yield from again(known)
        elif last is not None:
            yield last

    def stateless(self, messages: Sequence[Message], client: str | None = None) -> Iterator[TurnEvent]:
        """The events of one turn of a client that sends all messages each time: the shopper's earlier ones (the last 20) are read
        again for the profile, then the newest is answered. Nothing is kept. Raises as `turn` does."""
        with self._door.noting():
            self._door.count(client)
            said = [message.content for message in messages if message.role == "user"]
            if not said:
                raise BadRequest("There is no message of the role `user`; send one.")
            text = self._readable(said[-1])
        return self._answer_once(self._earlier(said[:-1]), text)

    def _earlier(self, said: Sequence[str]) -> list[str]:
        """The last of the shopper's earlier messages that can be read; longer or empty ones were never answered."""
        caps = self._door.limits
        cleaned = [clean_text(old).strip() for old in said if len(old) <= caps.message_characters]
        readable = [old for old in cleaned if old]
        return readable[max(0, len(readable) - caps.replayed_messages) :]

    def _answer_once(self, earlier: Sequence[str], text: str) -> Iterator[TurnEvent]:
        conversation_id = self._door.tokens.new_id()
        last: TurnEvent | None = None
        with self._door.noting(), self._door.gate.hold(conversation_id, turn=True):
            started = self._door.clock.monotonic()
            with closing(self._played(self._replayed(conversation_id, earlier, text), conversation_id, started)) as events:
                for event in events:
                    if isinstance(event, TurnFinished):
                        self._door.observer.answered(conversation_id, event.record, self._door.clock.monotonic() - started)
                        last = DoneEvent(record=event.record)
                    else:
                        yield event
        if last is not None:
            yield last

    def _replayed(self, conversation_id: str, earlier: Sequence[str], text: str) -> Iterator[TurnEvent | TurnFinished]:
        conversation = Conversation(conversation_id=conversation_id, created_at=self._door.clock.now())
        for old in earlier:
            conversation = self._agent.replay(conversation, old)
        yield from self._agent.run_turn(TurnRequest(turn_id=self._door.tokens.new_id(), conversation=conversation, message=text))

    def _played(
        self, events: Iterator[TurnEvent | TurnFinished], conversation_id: str, started: float
    ) -> Generator[TurnEvent | TurnFinished, None, None]:
        return guarded(events, lambda error: self._failed(conversation_id, error, started))

    def _failed(self, conversation_id: str, error: Exception, started: float) -> None:
        self._door.observer.failed(conversation_id, error, self._door.clock.monotonic() - started)

    def _kept(self, saved: Saved, request: TurnRequest, finished: TurnFinished, started: float) -> DoneEvent | ErrorEvent:
        """Keeps the turn, or finds that another process did; the event that ends it."""
        conversation_id, record = saved.conversation.conversation_id, finished.record
        record = record.model_copy(update={"profile": trimmed(record.profile, self._door.limits)})
        if (finished.conversation.conversation_id, record.turn_id) != (conversation_id, request.turn_id):
            self._failed(conversation_id, AgentBroke(), started)
            return broken()
        try:
            if not self._door.store.save_turn(saved, capped(finished.conversation, self.limits), record, self._door.clock.now()):
                known = self._door.store.turn(conversation_id, request.turn_id)
                return DoneEvent(record=known) if known is not None else told(changed_elsewhere())
        except Busy as error:
            self._failed(conversation_id, error, started)
            return told(error)
        self._door.observer.answered(conversation_id, record, self._door.clock.monotonic() - started)
        return DoneEvent(record=record)

    def _readable(self, message: str) -> str:
        """The message without invisible characters. Its length is looked at before anything is done with it, and after."""
        most = self._door.limits.message_characters
        if len(message) <= most:
            text = clean_text(message).strip()
            if not text:
                raise MessageEmpty(
                    "There is nothing to read in the message; say what you are looking for, such as: a red dress under 80."
                )
            if len(text) <= most:
                return text
        raise MessageTooLong(f"The message is longer than {most} characters; say it in fewer.")

    def _checked_context(self, context: TurnContext) -> TurnContext:
        if context.cart is None:
            return context
        return context.model_copy(update={"cart": checked_lines(context.cart, self._catalog.by_id)})
