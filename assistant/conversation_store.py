"""The store of conversations, turns, feedback and events.

Everything of a turn is written in one transaction. A change names the version of the conversation that it was made from; where another
process was faster nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.schema import Conversation, TurnRecord
from assistant.store import (
    SCRUB_BYTES,
    Connection,
    Database,
    TooLate,
    conversations,
    events,
    feedback,
    metadata,
    open_database,
    select,
    turns,
)
from assistant.store_records import Export, Feedback, Saved, StoredTurn, StoreEvent

_EPOCH = datetime.fromtimestamp(0, UTC)


def _micros(at: datetime) -> int:
    """Whole microseconds since 1970: the same in every database, and exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


class Store:
    """Conversations in a database. Safe for threads, and for several processes on one database.

    Every method raises `Busy` where the database cannot be read or written now; then nothing was changed."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(self, conversation: Conversation, at: datetime) -> None:
        """Adds a new conversation."""
        with self.database.writing() as connection:
            _insert_conversation(connection, conversation, at, turns_so_far=0)
            _insert_event(connection, conversation.conversation_id, StoreEvent(kind="created", at=at))

    def load(self, conversation_id: str) -> Saved | None:
        """The conversation as it is now, or None."""
        with self.database.reading() as connection:
            row = connection.execute(conversations.select().where(conversations.c.conversation_id == conversation_id)).first()
        if row is None:
            return None
        return Saved(
            conversation=Conversation.model_validate_json(row.state),
            version=row.version,
            turns=row.turns,
            updated_at=_moment(row.updated_at),
        )

    def turn(self, conversation_id: str, turn_id: str) -> TurnRecord | None:
        """The record of this turn, or None where it was not answered yet."""
        wanted = select(turns.c.record).where(turns.c.conversation_id == conversation_id, turns.c.turn_id == turn_id)
        with self.database.reading() as connection:
            text = connection.execute(wanted).scalar()
        return TurnRecord.model_validate_json(text) if text is not None else None

    def save_turn(self, saved: Saved, conversation: Conversation, record: TurnRecord, at: datetime) -> bool:
        """Writes the turn and the conversation after it together. False, and nothing written, where `saved` is not the newest any
        more, or the turn was written meanwhile."""
        product_ids = tuple(card.product_id for card in record.products)
        with self.database.attempt() as attempt:
            _advance(attempt.connection, saved, conversation, at, turns_more=1)
            _insert_turn(
                attempt.connection,
                conversation.conversation_id,
                StoredTurn(turn_id=record.turn_id, number=saved.turns + 1, at=at, record=record),
            )
            happened = StoreEvent(kind="turn", at=at, ids=product_ids)
            _insert_event(attempt.connection, conversation.conversation_id, happened)
        return attempt.done

    def save_change(self, saved: Saved, conversation: Conversation, happened: StoreEvent, said: Feedback | None = None) -> bool:
        """Writes a change that is no turn, with the feedback that caused it if any did. False, and nothing written, where `saved` is
        not the newest any more."""
        with self.database.attempt() as attempt:
            _advance(attempt.connection, saved, conversation, happened.at, turns_more=0)
            if said is not None:
                _put_feedback(attempt.connection, conversation.conversation_id, said)
            _insert_event(attempt.connection, conversation.conversation_id, happened)
        return attempt.done

    def export(self, conversation_id: str) -> Export | None:
        """All that is kept of the conversation, read at one moment; None where there is none."""
        with self.database.reading() as connection:
            row = connection.execute(conversations.select().where(conversations.c.conversation_id == conversation_id)).first()
            if row is None:
                return None
            return Export(
                conversation=Conversation.model_validate_json(row.state),
                updated_at=_moment(row.updated_at),
                turns=tuple(_read_turns(connection, conversation_id)),
                feedback=tuple(_read_feedback(connection, conversation_id)),
                events=tuple(_read_events(connection, conversation_id)),
            )

    def restore(self, export: Export) -> bool:
        """Reads an export in. False, and nothing written, where a conversation of this id is there already."""
        conversation_id = export.conversation.conversation_id
        with self.database.attempt() as attempt:
            _insert_conversation(attempt.connection, export.conversation, export.updated_at, turns_so_far=len(export.turns))
            for stored in export.turns:
                _insert_turn(attempt.connection, conversation_id, stored)
            for said in export.feedback:
                _put_feedback(attempt.connection, conversation_id, said)
            for happened in export.events:
                _insert_event(attempt.connection, conversation_id, happened)
        return attempt.done

    def erase(self, conversation_id: str) -> bool:
        """Removes the conversation from every table, and its words from the database's files. False where there was none."""
        with self.database.writing() as connection:
            found = _erase(connection, [conversation_id])
            if found:
                self.database.erased(connection)
        if found:  # else an id that is not there would have the whole file rewritten
            self.database.scrub(SCRUB_BYTES)
        return found > 0

    def expire(self, before: datetime) -> int:
        """Erases what was last touched before this moment; how many conversations that were. Then scrubs what
        earlier erasures left, however large the file: for quiet hours."""
        with self.database.writing() as connection:
            old = select(conversations.c.conversation_id).where(conversations.c.updated_at < _micros(before))
            found = _erase(connection, list(connection.execute(old).scalars()))
            if found:
                self.database.erased(connection)
        self.database.scrub()
        return found

    def ping(self) -> None:
        """Reads one row. Raises `Busy` where that fails."""
        with self.database.reading() as connection:
            connection.execute(select(conversations.c.version).limit(1)).first()

    def close(self) -> None:
        """Closes all connections."""
        self.database.engine.dispose()


def open_store(database_url: str | None, data_dir: Path) -> Store:
    """The store at `database_url`, or in SQLite in `data_dir`. Raises `DataDirUnwritable` or `SettingInvalid`."""
    return Store(open_database(database_url, data_dir))


def _insert_conversation(connection: Connection, conversation: Conversation, at: datetime, turns_so_far: int) -> None:
    connection.execute(
        conversations.insert().values(
            conversation_id=conversation.conversation_id,
            shopper_id=conversation.shopper_id,
            created_at=_micros(conversation.created_at),
            updated_at=_micros(at),
            version=1,
            turns=turns_so_far,
            state=conversation.model_dump_json(by_alias=True),
        )
    )


def _advance(connection: Connection, saved: Saved, conversation: Conversation, at: datetime, turns_more: int) -> None:
    """Writes `conversation` over `saved`. Raises `TooLate` where that is not what lies there."""
    changed = connection.execute(
        conversations.update()
        .where(conversations.c.conversation_id == conversation.conversation_id, conversations.c.version == saved.version)
        .values(
            state=conversation.model_dump_json(by_alias=True),
            version=saved.version + 1,
            turns=saved.turns + turns_more,
            updated_at=_micros(at),
        )
    )
    if changed.rowcount != 1:
        raise TooLate


def _insert_turn(connection: Connection, conversation_id: str, stored: StoredTurn) -> None:
    connection.execute(
        turns.insert().values(
            conversation_id=conversation_id,
            number=stored.number,
            turn_id=stored.turn_id,
            at=_micros(stored.at),
            record=stored.record.model_dump_json(by_alias=True),
        )
    )


def _put_feedback(connection: Connection, conversation_id: str, said: Feedback) -> None:
    """Writes it in place of what was said of the same before."""
    key = {"conversation_id": conversation_id, "turn_id": said.turn_id, "product_id": said.product_id or ""}
    connection.execute(feedback.delete().where(*(feedback.c[name] == value for name, value in key.items())))
    connection.execute(feedback.insert().values(**key, value=said.value, reason=said.reason, at=_micros(said.at)))


def _insert_event(connection: Connection, conversation_id: str, happened: StoreEvent) -> None:
    row = {"conversation_id": conversation_id, "kind": happened.kind, "at": _micros(happened.at)}
    connection.execute(events.insert().values(**row, ids="\n".join(happened.ids)))


def _read_turns(connection: Connection, conversation_id: str) -> Iterator[StoredTurn]:
    rows = connection.execute(turns.select().where(turns.c.conversation_id == conversation_id).order_by(turns.c.number))
    for row in rows:
        record = TurnRecord.model_validate_json(row.record)
        yield StoredTurn(turn_id=row.turn_id, number=row.number, at=_moment(row.at), record=record)


def _read_feedback(connection: Connection, conversation_id: str) -> Iterator[Feedback]:
    order = (feedback.c.at, feedback.c.turn_id, feedback.c.product_id)
    for row in connection.execute(feedback.select().where(feedback.c.conversation_id == conversation_id).order_by(*order)):
        yield Feedback.model_validate(
            {
                "turn_id": row.turn_id,
                "product_id": row.product_id or None,
                "value": row.value,
                "reason": row.reason,
                "at": _moment(row.at),
            }
        )


def _read_events(connection: Connection, conversation_id: str) -> Iterator[StoreEvent]:
    rows = connection.execute(events.select().where(events.c.conversation_id == conversation_id).order_by(events.c.event_id))
    for row in rows:
        ids = row.ids.split("\n") if row.ids else ()
        yield StoreEvent.model_validate({"kind": row.kind, "at": _moment(row.at), "ids": ids})


def _erase(connection: Connection, conversation_ids: Sequence[str]) -> int:
    """Removes these conversations from every table that names conversations, children first; how many there were."""
    found = 0
    for start in range(0, len(conversation_ids), 500):  # databases bound the number of parameters
        batch = conversation_ids[start : start + 500]
        for table in reversed(metadata.sorted_tables):
            removed = connection.execute(table.delete().where(table.c.conversation_id.in_(batch)))
            found += removed.rowcount if table is conversations else 0
    return found
