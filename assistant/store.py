"""The database: its tables, its connections and its transactions. The one file that imports SQLAlchemy.

SQLite by default, any other database by URL; the SQL is the common part of SQLite and PostgreSQL.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
    select,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from assistant.errors import Busy, DataDirUnwritable, SettingInvalid

__all__ = [
    "Attempt",
    "Connection",
    "Database",
    "TooLate",
    "conversations",
    "events",
    "feedback",
    "metadata",
    "open_database",
    "select",
    "turns",
]

DATABASE_FILE = "shopguide.sqlite3"
BUSY_TIMEOUT_MS = 5_000
SCRUB_WAIT_MS = 1_000
"""How long an erasure waits for readers of older pages before the rest is left to the next one."""
SCRUB_BYTES = 64 * 2**20
"""Up to this size an erasure rewrites the whole SQLite file at once; above it the sweeper does."""

metadata = MetaData()
_row_id = BigInteger().with_variant(Integer, "sqlite")

conversations = Table(
    "conversations",
    metadata,
    Column("conversation_id", String(64), primary_key=True),
    Column("shopper_id", String(120)),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("state", Text, nullable=False),
)
turns = Table(
    "turns",
    metadata,
    Column("conversation_id", String(64), ForeignKey("conversations.conversation_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("turn_id", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
    UniqueConstraint("conversation_id", "turn_id"),
)
feedback = Table(
    "feedback",
    metadata,
    Column("conversation_id", String(64), ForeignKey("conversations.conversation_id", ondelete="CASCADE"), primary_key=True),
    Column("turn_id", String(64), primary_key=True),
    Column("product_id", String(120), primary_key=True),  # "" where it is about the whole answer
    Column("value", String(8), nullable=False),
    Column("reason", String(16)),
    Column("at", BigInteger, nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("event_id", _row_id, primary_key=True),
    Column(
        "conversation_id", String(64), ForeignKey("conversations.conversation_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("kind", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("ids", Text, nullable=False),  # one a line
)


class TooLate(Busy):
    """Someone else wrote first: nothing of this transaction is kept."""

    def __init__(self) -> None:
        super().__init__("The conversation was changed elsewhere meanwhile; send it again.", retry_after_s=1)


@dataclass
class Attempt:
    """A transaction that may come too late, and whether it was kept."""

    connection: Connection
    done: bool = False


class Database:
    """Connections and transactions. Safe for threads. Every method raises `Busy` where the database cannot be read or written now."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        with self._translated():
            metadata.create_all(engine)
        self.scrub(SCRUB_BYTES)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment."""
        with self._translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is kept whole or not at all. Raises `TooLate` where a key is taken already."""
        with self._translated(), self.engine.connect() as plain:
            connection = plain.execution_options(shopguide_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """As `writing`, but where it comes too late it is rolled back without an error, and is not `done`."""
        try:
            with self.writing() as connection:
                attempt = Attempt(connection)
                yield attempt
        except TooLate:
            return
        attempt.done = True

    def erased(self, connection: Connection) -> None:
        """Notes, in the same transaction, that rows were erased whose words may still lie in the file (SQLite's `user_version` is 1)."""
        if self._sqlite:
            connection.exec_driver_sql("PRAGMA user_version=1")

    def scrub(self, most_bytes: int | None = None) -> bool:
        """Makes sure that nothing erased stays in SQLite's files. False where that must wait: for a reader of older pages, or, in a file
        of more than `most_bytes`, for the next call without that bound (all is rewritten, about 1 s for 100 MB, and writers wait).

        `secure_delete` alone does not do: a row that moved between pages in its life leaves copies in their unused space.
        """
        if not self._sqlite:
            return True
        with self._translated(), self.engine.connect() as plain:
            connection = plain.execution_options(shopguide_begin="")
            if connection.exec_driver_sql("PRAGMA user_version").scalar_one() == 1:
                size = connection.exec_driver_sql(
                    "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
                ).scalar_one()
                if most_bytes is not None and size > most_bytes:
                    return False
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA user_version=0")
            return self._empty_log(connection)

    def _empty_log(self, connection: Connection) -> bool:
        """Folds the write-ahead log into the file and cuts it to nothing, once its readers have ended."""
        connection.exec_driver_sql(f"PRAGMA busy_timeout={SCRUB_WAIT_MS}")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return not busy

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise TooLate from error
        except SQLAlchemyError as error:
            raise Busy("The shop cannot read or write its notes just now; nothing was changed. Send it again.", 5) from error


def open_database(database_url: str | None, data_dir: Path) -> Database:
    """The database at `database_url`, or SQLite in `data_dir`, with its tables made.

    Raises `DataDirUnwritable` where the folder or file cannot be written, `SettingInvalid` where the URL cannot be used.
    """
    if database_url is None:
        _make_writable(data_dir)
        return _opened(URL.create("sqlite", database=str(data_dir / DATABASE_FILE)))
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise SettingInvalid(
            "DATABASE_URL is no SQLAlchemy URL; such as postgresql+psycopg://user:password@host/name is allowed; unset it for SQLite"
        ) from error
    if url.get_backend_name() == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise SettingInvalid("DATABASE_URL names an SQLite in memory, which threads cannot share; name a file, or unset it")
    return _opened(url)


def _opened(url: URL) -> Database:
    shown = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(url, hide_parameters=True, pool_size=20, max_overflow=20, pool_pre_ping=not _is_sqlite(url))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise SettingInvalid(
            f"DATABASE_URL {shown} needs a driver that is not installed ({error}); install it, or unset it"
        ) from error
    if _is_sqlite(url):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        return Database(engine)
    except Busy as error:
        engine.dispose()
        if _is_sqlite(url):
            raise DataDirUnwritable(
                f"the database {url.database} cannot be opened for writing ({error.__cause__ and type(error.__cause__).__name__}); "
                "make it and its folder writable for this user, or set SHOPGUIDE_DATA_DIR to another folder"
            ) from error
        raise SettingInvalid(f"the database {shown} does not answer; start it, or correct DATABASE_URL, or unset it") from error


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _make_writable(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
        (data_dir / DATABASE_FILE).touch(mode=0o600)  # readable by its owner alone, as the log beside it will be
    except OSError as error:
        raise DataDirUnwritable(
            f"the data folder {data_dir} cannot be written ({error.strerror}); make it writable for this user, "
            "or set SHOPGUIDE_DATA_DIR to a folder that is"
        ) from error


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    """Every connection: readers beside one writer (WAL), ties enforced, erased content overwritten, waits bounded."""
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: two that read first and write later would block each other for good."""
    begin = connection.get_execution_options().get("shopguide_begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)
