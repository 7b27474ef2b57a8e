"""Ids and tokens: unguessable, bound to one conversation and one secret; the secret is kept safe."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import DataDirUnwritable, SettingInvalid
from assistant.tokens import SECRET_FILE, Tokens, kept_secret

SECRET = "x" * 32


@given(st.text(max_size=40), st.text(max_size=60))
def test_only_the_signed_token_opens(conversation_id: str, other: str) -> None:
    tokens = Tokens(SECRET)
    token = tokens.sign(conversation_id)
    assert tokens.opens(conversation_id, token)
    assert tokens.opens(conversation_id, other) == (other == token)
    assert tokens.opens(other, token) == (other == conversation_id)
    assert not Tokens(SECRET + "y").opens(conversation_id, token)


@given(st.integers(0, 45), st.characters(codec="ascii"))
def test_a_changed_letter_closes(place: int, letter: str) -> None:
    token = Tokens(SECRET).sign("c")
    changed = token[:place] + letter + token[place + 1 :]
    assert Tokens(SECRET).opens("c", changed) == (changed == token)


def test_ids_are_long_and_never_the_same() -> None:
    made = {Tokens(SECRET).new_id() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(each) == 32 and int(each, 16) >= 0 for each in made)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="31 characters; 32 or more"):
        Tokens("x" * 31)


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    first = kept_secret(folder)
    assert len(first) >= 32
    assert kept_secret(folder) == first
    assert (folder / SECRET_FILE).stat().st_mode & 0o777 == 0o600
    (folder / SECRET_FILE).chmod(0o644)
    assert kept_secret(folder) == first
    assert (folder / SECRET_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == [SECRET_FILE]


def test_all_that_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(kept_secret(tmp_path))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1


def test_a_damaged_or_unwritable_secret_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / SECRET_FILE).write_text("short")
    with pytest.raises(SettingInvalid, match="delete it"):
        kept_secret(tmp_path)
    (tmp_path / SECRET_FILE).write_bytes(b"\xff" * 40)
    with pytest.raises(DataDirUnwritable, match="cannot be made or read"):
        kept_secret(tmp_path)
    with pytest.raises(DataDirUnwritable, match="SHOPGUIDE_DATA_DIR"):
        kept_secret(tmp_path / SECRET_FILE / "below a file")
