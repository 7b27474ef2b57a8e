"""The door to Chroma: one collection of vectors with metadata, in a folder of this machine or on a server.

Every failure of Chroma's becomes `IndexUnusable`. Vectors are always passed in: Chroma's own embedding function would download.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration
from chromadb.config import Settings
from chromadb.errors import NotFoundError
from numpy.typing import NDArray

from retrieval.columns import Record, Where
from retrieval.errors import IndexUnusable
from retrieval.protocols import Floats

PAGE = 5_000
"""Rows read or written at a time; Chroma takes at most 5,461."""
SERVER_SECONDS = 30.0
"""How long a server may take over one call."""
DIGEST = "digest"
"""The metadata key that names a record's text and model, so that its vector can be used again."""
GRAPH = CreateHNSWConfiguration(space="cosine", ef_construction=200, ef_search=800, max_neighbors=32)
"""On 20,185 items these find all of the 50 nearest in 4 ms, half the search effort .996 in 3 ms, Chroma's own values .95 in 2 ms."""


class Page(NamedTuple):
    """Some stored rows: ids, the digests of their texts ("" where not asked for), vectors (n, dimension) float32."""

    ids: list[str]
    digests: list[str]
    vectors: Floats


@contextmanager
def _failures_named(place: str, doing: str) -> Iterator[None]:
    try:
        yield
    except IndexUnusable:
        raise
    except (
        Exception
    ) as error:  # Chroma raises its own errors, httpx's, ValueError and AttributeError for a broken or absent store
        raise IndexUnusable(f"{doing} the vectors in {place} failed: {type(error).__name__}: {error}") from error


class ChromaStore:
    """One open collection. `place` says where it is, for messages. Close it when done: the files stay open until then."""

    def __init__(self, client: ClientAPI, name: str, place: str, create: bool) -> None:
        self.place = place
        self._client = client
        if create:
            cosine = CreateCollectionConfiguration(hnsw=GRAPH)
            self._collection = client.get_or_create_collection(name, embedding_function=None, configuration=cosine)
        else:
            self._collection = client.get_collection(name, embedding_function=None)

    def count(self) -> int:
        """How many rows are stored."""
        with _failures_named(self.place, "counting"):
            return self._collection.count()

    def add(self, ids: Sequence[str], digests: Sequence[str], vectors: Floats, records: Sequence[Record]) -> None:
        """Stores up to `PAGE` rows, over any of the same ids. What has been stored outlives a kill."""
        metadatas: list[Any] = [{**record, DIGEST: digest} for record, digest in zip(records, digests, strict=True)]
        with _failures_named(self.place, "storing"):
            self._collection.upsert(ids=list(ids), embeddings=vectors, metadatas=metadatas)

    def pages(self, with_digests: bool) -> Iterator[Page]:
        """Every stored row."""
        for offset in range(0, self.count(), PAGE):
            with _failures_named(self.place, "reading"):
                include: list[Any] = ["embeddings", "metadatas"] if with_digests else ["embeddings"]
                got = self._collection.get(include=include, limit=PAGE, offset=offset)
                metadatas = got["metadatas"] or [{} for _ in got["ids"]]
                digests = [str(metadata.get(DIGEST, "")) for metadata in metadatas]
                page = Page(got["ids"], digests, np.asarray(got["embeddings"], dtype=np.float32))
            yield page

    def stored_ids(self, where: Where | None = None) -> set[str]:
        """The ids of every stored row, or of those that `where` keeps."""
        with _failures_named(self.place, "reading"):
            return set(self._collection.get(where=where, include=[])["ids"])

    def query(self, vector: Floats, k: int, where: Where | None) -> tuple[list[str], Floats]:
        """The ids of the (about) `k` nearest rows to `vector` (dimension,) that `where` keeps, and their cosines, nearest first."""
        with _failures_named(self.place, "querying"):
            got = self._collection.query(query_embeddings=[vector.tolist()], n_results=k, where=where, include=["distances"])
            distances: NDArray[np.float32] = np.asarray((got["distances"] or [[]])[0], dtype=np.float32)
            return got["ids"][0], 1 - distances

    def note(self) -> Mapping[str, Any]:
        """What `write_note` last stored beside the rows; empty at first."""
        return dict(self._collection.metadata or {})

    def write_note(self, note: Mapping[str, str]) -> None:
        """Stores words beside the rows."""
        with _failures_named(self.place, "marking"):
            self._collection.modify(metadata=dict(note))

    def close(self) -> None:
        """Lets go of files and connections. A second call does nothing."""
        _close(self._client)


def _sessions(client: ClientAPI) -> list[httpx.Client]:
    """The connections of a client of a server and of the administrator inside it; none for a folder. Chroma 1.5 neither closes them nor
    lets them time out, and shows no way to do so."""
    whole = cast(Client, client)  # what both makers give, whatever they declare
    found = [getattr(getattr(one, "_server", None), "_session", None) for one in (whole, whole._admin_client)]
    return [session for session in found if isinstance(session, httpx.Client)]


def _close(client: ClientAPI) -> None:
    for session in _sessions(client):
        session.close()
    cast(Client, client).close()


def _settings() -> Settings:
    return Settings(anonymized_telemetry=False)


def open_folder(folder: Path, create: bool) -> ChromaStore:
    """The collection in `folder`, in process. Raises `IndexUnusable` where it is broken, or absent and `create` is False."""
    with _failures_named(str(folder), "opening"):
        if not create and not (folder / "chroma.sqlite3").is_file():
            raise IndexUnusable(f"no vectors in {folder}; run: shopguide index")
        return _open(chromadb.PersistentClient(str(folder), settings=_settings()), "items", str(folder), create)


def open_server(url: str, name: str, create: bool) -> ChromaStore:
    """The collection `name` of the Chroma server at `url` (http://host:port). Raises `IndexUnusable` where the server cannot be
    reached, where it lacks the collection and `create` is False, and where `url` is no address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise IndexUnusable(
            f"the Chroma server's address is {url!r}; allowed: http://host:port or https://host:port; mend CHROMA_URL"
        )
    port = parts.port or (443 if parts.scheme == "https" else 8000)
    place = f"{parts.scheme}://{parts.hostname}:{port}/{name}"
    with _failures_named(place, "opening"):
        client = chromadb.HttpClient(parts.hostname, port, ssl=parts.scheme == "https", settings=_settings())
        for session in _sessions(client):
            session.timeout = httpx.Timeout(SERVER_SECONDS)
        try:
            return _open(client, name, place, create)
        except NotFoundError as error:
            raise IndexUnusable(f"the Chroma server has no collection {place}; run: shopguide index") from error


def _open(client: ClientAPI, name: str, place: str, create: bool) -> ChromaStore:
    try:
        return ChromaStore(client, name, place, create)
    except Exception:
        _close(client)
        raise
