"""Where indexes live: finished ones, unfinished ones, and which of them serves.

In a folder of this machine:

    <root>/current              the name of the folder that serves; replaced in one step
    <root>/building.lock        held while an index is built: one builder at a time
    <root>/<key>-<random>/      one index; complete once manifest.json stands in it
        chroma/  manifest.json  in-use.lock (shared by everyone who has it open)

A complete folder is never written again, so any number of processes may serve from it while one builds the next beside it.
On a server: one collection a key, complete once its note holds the manifest; older ones are left for the server's owner to delete.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from retrieval.chroma_store import ChromaStore, open_folder, open_server
from retrieval.errors import IndexUnusable
from retrieval.manifest import IndexIdentity, IndexManifest

LOG = logging.getLogger(__name__)


class OpenIndex:
    """An open store and the lock that keeps its folder from being deleted."""

    def __init__(self, store: ChromaStore, held: ExitStack) -> None:
        self.store = store
        self._held = held

    def close(self) -> None:
        """Closes the store, then lets go of its folder."""
        self.store.close()
        self._held.close()


class IndexHome(Protocol):
    """A place that keeps indexes."""

    def finished(self, identity: IndexIdentity) -> OpenIndex:
        """Opens the complete index with this identity. Raises `IndexUnusable` that says why there is none."""

    @contextmanager
    def building(self) -> Iterator[None]:
        """Held while an index is built. Raises `IndexUnusable` where another process builds."""

    def unfinished(self, identity: IndexIdentity) -> OpenIndex:
        """Opens what an earlier build of this identity left, or a new, empty index."""

    def others(self) -> Iterator[ChromaStore]:
        """Every index that may hold vectors worth using again, each open only until the next is asked for."""

    def finish(self, built: OpenIndex, identity: IndexIdentity) -> None:
        """Closes an unfinished index, marks it complete and makes it the one that serves."""


@contextmanager
def _locked(path: Path, shared: bool, blocked: str) -> Iterator[None]:
    try:
        stream = path.open("a+")
    except OSError as error:
        raise IndexUnusable(f"{path} cannot be written ({error}); choose another folder with SHOPGUIDE_DATA_DIR") from error
    with stream:
        try:
            fcntl.flock(stream, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexUnusable(blocked) from error
        yield


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, path)


class FolderHome:
    """Keeps indexes under `root`, which is made where it is absent. Raises `IndexUnusable` where it cannot be written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnusable(f"{root} cannot be made ({error}); choose another folder with SHOPGUIDE_DATA_DIR") from error

    def finished(self, identity: IndexIdentity) -> OpenIndex:
        """Opens the folder that `current` names, if it is complete, whole and has this identity."""
        pointer = self.root / "current"
        try:
            folder = self.root / pointer.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise IndexUnusable(f"no index has been built in {self.root}; run: shopguide index") from error
        held = self._hold(folder)
        try:
            manifest = self._manifest(folder)
            if manifest.identity != identity:
                raise IndexUnusable(
                    f"the index in {folder} is of {_difference(manifest.identity, identity)}; run: shopguide index"
                )
            self._whole(folder, manifest)
            return OpenIndex(open_folder(folder / "chroma", create=False), held)
        except BaseException:
            held.close()
            raise

    def _hold(self, folder: Path) -> ExitStack:
        held = ExitStack()
        if not folder.is_dir() or folder.name in ("", ".", "..") or folder.parent != self.root:
            raise IndexUnusable(f"{self.root}/current names {folder.name!r}, which is no folder there; run: shopguide index")
        held.enter_context(_locked(folder / "in-use.lock", True, f"{folder} is being deleted; start again"))
        return held

    @staticmethod
    def _manifest(folder: Path) -> IndexManifest:
        try:
            return IndexManifest.model_validate_json((folder / "manifest.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise IndexUnusable(f"{folder}/manifest.json is absent or broken; run: shopguide index") from error

    @staticmethod
    def _whole(folder: Path, manifest: IndexManifest) -> None:
        for name, size in manifest.files.items():
            found = (folder / name).stat().st_size if (folder / name).is_file() else 0
            if found < size:
                raise IndexUnusable(f"{folder / name} has {found} bytes of {size}; run: shopguide index")

    @contextmanager
    def building(self) -> Iterator[None]:
        """One builder at a time, across processes."""
        blocked = (
            f"another process is building the index in {self.root}; wait for it, or choose another folder with SHOPGUIDE_DATA_DIR"
        )
        with _locked(self.root / "building.lock", False, blocked):
            yield

    def unfinished(self, identity: IndexIdentity) -> OpenIndex:
        """What a killed build of this identity left, if it can be opened; else a new folder."""
        for folder in sorted(self.root.glob(f"{identity.key}-*")):
            if (folder / "manifest.json").exists():
                continue
            try:
                held = self._hold(folder)
                return OpenIndex(open_folder(folder / "chroma", create=True), held)
            except IndexUnusable:
                shutil.rmtree(folder, ignore_errors=True)
        folder = self.root / f"{identity.key}-{secrets.token_hex(4)}"
        folder.mkdir()
        return OpenIndex(open_folder(folder / "chroma", create=True), self._hold(folder))

    def others(self) -> Iterator[ChromaStore]:
        """Every folder that can be opened. A truncated one must not be: Chroma reads past the end of a short file and may crash."""
        for folder in self._folders():
            try:
                if (folder / "manifest.json").exists():
                    self._whole(folder, self._manifest(folder))
                store = open_folder(folder / "chroma", create=False)
            except IndexUnusable as broken:
                LOG.info("not used again: %s", broken)
                continue
            try:
                yield store
            finally:
                store.close()

    def _folders(self) -> list[Path]:
        return sorted(path for path in self.root.iterdir() if (path / "in-use.lock").exists())

    def finish(self, built: OpenIndex, identity: IndexIdentity) -> None:
        """Manifest, then pointer, each in one step; then deletes every other folder that nobody has open."""
        folder = Path(built.store.place).parent
        built.close()
        kept = [path for path in (folder / "chroma").rglob("*") if path.suffix in (".bin", ".pickle", ".sqlite3")]
        files = {str(path.relative_to(folder)): path.stat().st_size for path in kept}
        _write(folder / "manifest.json", IndexManifest(identity=identity, files=files).model_dump_json(indent=1))
        _write(self.root / "current", folder.name)
        for other in self._folders():
            if other != folder:
                self._delete(other)

    @staticmethod
    def _delete(folder: Path) -> None:
        try:
            with _locked(folder / "in-use.lock", False, "in use"):
                shutil.rmtree(folder, ignore_errors=True)
        except IndexUnusable:
            return  # another process serves from it; the next build deletes it


def _difference(found: IndexIdentity, wanted: IndexIdentity) -> str:
    pairs = [(name, getattr(found, name), value) for name, value in wanted.model_dump().items()]
    return ", ".join(f"{name} {str(had)[:12]} and not {str(value)[:12]}" for name, had, value in pairs if had != value)


class ServerHome:
    """Keeps indexes on the Chroma server at `url`. Several processes may build the same one: they store the same rows."""

    def __init__(self, url: str) -> None:
        self._url = url

    def _name(self, identity: IndexIdentity) -> str:
        return f"shopguide-{identity.key}"

    def finished(self, identity: IndexIdentity) -> OpenIndex:
        """The collection of this identity, if its note says that it is complete."""
        store = open_server(self._url, self._name(identity), create=False)
        try:
            manifest = IndexManifest.model_validate_json(str(store.note().get("manifest", "")))
        except ValidationError as error:
            store.close()
            raise IndexUnusable(f"{store.place} is not complete; run: shopguide index") from error
        if manifest.identity != identity:
            store.close()
            raise IndexUnusable(f"{store.place} is of {_difference(manifest.identity, identity)}; delete that collection")
        return OpenIndex(store, ExitStack())

    @contextmanager
    def building(self) -> Iterator[None]:
        """Nothing to hold: rows are stored over themselves."""
        yield

    def unfinished(self, identity: IndexIdentity) -> OpenIndex:
        """The collection of this identity, made where it is absent."""
        return OpenIndex(open_server(self._url, self._name(identity), create=True), ExitStack())

    def others(self) -> Iterator[ChromaStore]:
        """None: reading every collection of a shared server would cost more than it saves."""
        return iter(())

    def finish(self, built: OpenIndex, identity: IndexIdentity) -> None:
        """Marks the collection complete."""
        built.store.write_note({"manifest": IndexManifest(identity=identity).model_dump_json()})
        built.close()
