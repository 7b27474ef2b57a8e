"""The store on real SQLite: whole turns or none, once; erased is erased; what is exported comes back; damage is told."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from assistant.conversation_store import Store, open_store
from assistant.errors import Busy, DataDirUnwritable, SettingInvalid
from assistant.schema import Conversation, DialogueState, Profile, TurnRecord
from assistant.store import DATABASE_FILE, SCRUB_BYTES, metadata
from assistant.store_records import Feedback, StoreEvent
from catalog_data.schema import Catalog
from tests.assistant.conftest import NOW, House

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(None, tmp_path)
    yield made
    made.close()


def conversation(name: str = "c1", **fields: object) -> Conversation:
    return Conversation.model_validate({"conversation_id": name, "created_at": NOW, **fields})


def record(turn_id: str, name: str = "c1", reply: str = "Here you are.") -> TurnRecord:
    return TurnRecord(turn_id=turn_id, conversation_id=name, turn=1, message="a hat", reply=reply, profile=Profile())


def files_with(folder: Path, words: str) -> list[str]:
    return [path.name for path in folder.iterdir() if words.encode() in path.read_bytes()]


def test_a_turn_is_kept_with_the_conversation_after_it(store: Store) -> None:
    store.create(conversation(), NOW)
    saved = store.load("c1")
    assert saved is not None
    assert (saved.version, saved.turns) == (1, 0)
    after = saved.conversation.model_copy(update={"state": DialogueState(turn=1, topic="hats")})
    later = NOW + timedelta(microseconds=1)
    assert store.save_turn(saved, after, record("t1"), later)
    again = store.load("c1")
    assert again is not None
    assert (again.conversation, again.version, again.turns, again.updated_at) == (after, 2, 1, later)
    assert store.turn("c1", "t1") == record("t1")
    assert store.turn("c1", "t2") is None
    assert store.turn("c2", "t1") is None
    assert store.load("c2") is None


def test_what_was_made_from_an_older_version_is_not_kept(store: Store) -> None:
    store.create(conversation(), NOW)
    old = store.load("c1")
    assert old is not None
    assert store.save_turn(old, old.conversation, record("t1"), NOW)
    assert not store.save_turn(old, old.conversation, record("t2"), NOW)
    assert not store.save_change(old, old.conversation, StoreEvent(kind="cart", at=NOW))
    assert store.turn("c1", "t2") is None
    export = store.export("c1")
    assert export is not None
    assert [turn.turn_id for turn in export.turns] == ["t1"]
    assert [event.kind for event in export.events] == ["created", "turn"]


def test_a_turn_id_is_kept_once_even_from_the_newest_version(store: Store) -> None:
    store.create(conversation(), NOW)
    first = store.load("c1")
    assert first is not None
    assert store.save_turn(first, first.conversation, record("t1"), NOW)
    newest = store.load("c1")
    assert newest is not None
    changed = newest.conversation.model_copy(update={"state": DialogueState(turn=9)})
    assert not store.save_turn(newest, changed, record("t1", reply="other"), NOW)
    assert store.load("c1") == newest
    assert store.turn("c1", "t1") == record("t1")


def test_of_many_at_once_one_is_kept(tmp_path: Path) -> None:
    """Several stores on one file, as several processes would be."""
    stores = [open_store(None, tmp_path) for _ in range(4)]
    stores[0].create(conversation(), NOW)
    saved = stores[0].load("c1")
    assert saved is not None
    kept: list[bool] = []

    def save(store: Store, number: int) -> None:
        kept.append(store.save_turn(saved, saved.conversation, record(f"t{number}"), NOW))

    threads = [threading.Thread(target=save, args=(stores[n % 4], n)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    export = stores[0].export("c1")
    for each in stores:
        each.close()
    assert sorted(kept) == [False] * 11 + [True]
    assert export is not None
    assert len(export.turns) == 1


def test_feedback_on_the_same_thing_is_replaced(store: Store) -> None:
    store.create(conversation(), NOW)
    for value, product_id in (("up", None), ("down", "p1"), ("up", "p1")):
        saved = store.load("c1")
        assert saved is not None
        said = Feedback.model_validate({"turn_id": "t1", "product_id": product_id, "value": value, "at": NOW})
        assert store.save_change(saved, saved.conversation, StoreEvent(kind="feedback", at=NOW), said)
    export = store.export("c1")
    assert export is not None
    assert {(each.product_id, each.value) for each in export.feedback} == {(None, "up"), ("p1", "up")}


words = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_export_read_in_elsewhere_is_the_same(
    data: st.DataObject, store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = uuid.uuid4().hex
    store.create(conversation(name), NOW)
    for number, message in enumerate(data.draw(st.lists(words, max_size=4))):
        saved = store.load(name)
        assert saved is not None
        state = DialogueState(turn=number, topic=message)
        at = NOW + timedelta(microseconds=data.draw(st.integers(0, 10**15)))
        kept = record(f"t{number}", name, reply=message)
        assert store.save_turn(saved, saved.conversation.model_copy(update={"state": state}), kept, at)
        said = Feedback(turn_id=f"t{number}", value="up", at=at)
        newer = store.load(name)
        assert newer is not None
        assert store.save_change(newer, newer.conversation, StoreEvent(kind="feedback", at=at, ids=("p1",)), said)
    export = store.export(name)
    assert export is not None
    other = open_store(None, tmp_path_factory.mktemp("other"))
    assert other.restore(export)
    assert other.export(name) == export
    assert not other.restore(export), "a conversation that is there is not written over"
    assert other.export(name) == export
    other.close()


def test_what_is_erased_is_in_no_file(store: Store, tmp_path: Path) -> None:
    """Conversations that grow side by side, so that rows move between pages and leave copies in their unused space."""
    random = Random(2)
    names = [f"{number:032x}" for number in range(40)]
    marks = {name: f"MARK{random.getrandbits(60):x}" for name in names}
    for name in names:
        store.create(conversation(name), NOW)
    for turn in range(6):
        for name in random.sample(names, len(names)):
            saved = store.load(name)
            assert saved is not None
            state = DialogueState(topic=marks[name] * random.randint(1, 60))
            kept = record(f"t{turn}", name, reply=marks[name] * random.randint(1, 200))
            assert store.save_turn(saved, saved.conversation.model_copy(update={"state": state}), kept, NOW)
    assert files_with(tmp_path, marks[names[0]])
    for name in random.sample(names, 25):
        assert store.erase(name)
        assert files_with(tmp_path, marks.pop(name)) == []
        assert store.load(name) is None
        assert not store.erase(name)
    for name, mark in marks.items():
        export = store.export(name)
        assert export is not None
        assert all(mark in turn.record.reply for turn in export.turns)


def test_in_a_large_file_the_sweeper_scrubs(store: Store, tmp_path: Path) -> None:
    store.create(conversation("gone", state=DialogueState(topic="MARKED")), NOW)
    store.create(conversation("stays"), NOW)
    with store.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM events")
        connection.exec_driver_sql("DELETE FROM conversations WHERE conversation_id = 'gone'")
        store.database.erased(connection)
    assert not store.database.scrub(most_bytes=1)
    reopened = open_store(None, tmp_path)
    assert reopened.expire(NOW - timedelta(days=1)) == 0
    assert files_with(tmp_path, "MARKED") == []
    with reopened.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == 0
    assert reopened.load("stays") is not None
    reopened.close()
    assert SCRUB_BYTES > 1


def test_an_erasure_waits_for_no_reader_but_finishes_later(store: Store, tmp_path: Path) -> None:
    store.create(conversation("gone", state=DialogueState(topic="MARKED")), NOW)
    reader = sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM conversations").fetchone() == (1,)
    assert store.erase("gone")
    assert store.load("gone") is None
    reader.execute("COMMIT")
    reader.close()
    assert store.database.scrub()
    assert files_with(tmp_path, "MARKED") == []


def test_erasing_what_is_not_there_rewrites_nothing(store: Store, tmp_path: Path) -> None:
    store.create(conversation("stays"), NOW)
    store.database.scrub()
    before = (tmp_path / DATABASE_FILE).read_bytes()
    assert not store.erase("gone")
    assert (tmp_path / DATABASE_FILE).read_bytes() == before
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == 0
    assert store.load("stays") is not None


def test_old_conversations_expire(store: Store) -> None:
    for name, age in (("old", 40), ("young", 10)):
        store.create(conversation(name), NOW - timedelta(days=age))
    assert store.expire(NOW - timedelta(days=30)) == 1
    assert store.load("old") is None
    assert store.load("young") is not None
    assert store.expire(NOW - timedelta(days=30)) == 0


def test_a_process_killed_at_any_step_leaves_whole_turns(small_catalog: Catalog, tmp_path: Path) -> None:
    """`kill -9` at every statement, commit and stage; then the same turn again: one effect, and a history without gaps."""
    catalog_file, data_dir = tmp_path / "catalog.json", tmp_path / "data"
    catalog_file.write_text(small_catalog.model_dump_json(exclude={"report"}), encoding="utf-8")
    house = House(small_catalog, data_dir)
    begun, token = house.sessions.create()
    name = begun.conversation_id
    house.store.close()
    command = [sys.executable, "-m", "tests.assistant.crash_child", str(data_dir), name, str(catalog_file)]
    run = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=100
    )
    trials = run.stdout.split()
    assert len(trials) >= 20, run.stderr
    assert trials == ["killed"] * (len(trials) - 1) + ["survived"], run.stderr

    house = House(small_catalog, data_dir)
    before = house.sessions.record(name, token)
    kept = [turn.turn_id for turn in before.turns]
    assert [turn.number for turn in before.turns] == list(range(1, len(kept) + 1))
    assert before.conversation.state.turn == len(kept) == len(before.conversation.profile.preferences)
    assert sum(event.kind == "turn" for event in before.events) == len(kept)
    assert 1 <= len(kept) < len(trials), "some were killed before the commit, some after"
    for k in (1, len(trials) // 2, len(trials)):
        list(house.sessions.turn(name, token, f"a red dress, trial {k}", f"t-{k}"))
    after = house.sessions.record(name, token)
    ids = [turn.turn_id for turn in after.turns]
    assert len(ids) == len(set(ids)) == after.conversation.state.turn
    assert after.turns[: len(kept)] == before.turns
    house.store.close()


def test_the_tables_are_sql_that_postgresql_takes() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made = {table.name: str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables}
    assert set(made) == {"conversations", "turns", "feedback", "events"}
    assert "event_id BIGSERIAL" in made["events"]
    assert "ON DELETE CASCADE" in made["turns"]


def test_the_database_is_readable_by_its_owner_alone(store: Store, tmp_path: Path) -> None:
    store.create(conversation(), NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert DATABASE_FILE in modes
    assert set(modes.values()) == {0o600}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirUnwritable, match=r"cannot be written.*SHOPGUIDE_DATA_DIR"):
        open_store(None, tmp_path / "file" / "data")
    (tmp_path / DATABASE_FILE).mkdir()
    with pytest.raises(DataDirUnwritable, match="cannot be opened for writing"):
        open_store(None, tmp_path)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / DATABASE_FILE).write_bytes(b"this is no database" * 1_000)
    with pytest.raises(DataDirUnwritable, match="cannot be opened"):
        open_store(None, tmp_path / "damaged")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("no url", "no SQLAlchemy URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("nosuchdb://host/name", "driver that is not installed"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match=says):
        open_store(url, tmp_path)
    with pytest.raises(SettingInvalid) as caught:
        open_store("nosuchdb://user:hunter2@host/name", tmp_path)
    assert "hunter2" not in str(caught.value)


def test_a_store_that_fails_says_busy_without_words(store: Store, tmp_path: Path) -> None:
    store.create(conversation(), NOW)
    saved = store.load("c1")
    assert saved is not None
    with store.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE turns")
    with pytest.raises(Busy) as caught:
        store.save_turn(saved, saved.conversation, record("t1", reply="SECRET WORDS"), NOW)
    chain = f"{caught.value} {caught.value.__cause__}"
    assert "nothing was changed" in chain
    assert "SECRET WORDS" not in chain
    assert store.load("c1") == saved
