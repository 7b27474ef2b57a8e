"""The vectors of a catalog: built once, kept by Chroma, held in memory in catalog order, searched either way.

An index is built beside the one that serves, checked, and swapped in. A build that was stopped goes on where it was, and a text that
any index at hand has a vector for is not embedded again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Catalog
from retrieval.chroma_store import GRAPH, ChromaStore
from retrieval.columns import Columns, Record, Where, records_digest
from retrieval.errors import IndexUnusable
from retrieval.index_home import IndexHome, OpenIndex
from retrieval.item_text import item_text, text_digest
from retrieval.manifest import IndexIdentity, digest_of
from retrieval.protocols import Embedder, Floats, Progress, Rows
from retrieval.warming import WarmingEmbedder

LOG = logging.getLogger(__name__)

BATCH = 256
"""Texts embedded and stored at a time: about four seconds of work, all that a kill can lose."""
SAMPLE = 32
"""Rows that a new index is asked for by their own vectors."""
NEAR = 1e-3
"""Two vectors of one text differ by no more cosine than this, whatever the batch or the number of threads."""


class Contents:
    """What an index of this catalog must hold, in catalog order: ids, texts, their digests, metadata, and the identity of it all."""

    def __init__(self, catalog: Catalog, columns: Columns, embedder: Embedder) -> None:
        self.ids = [product.product_id for product in catalog.products]
        self.texts = [item_text(product) for product in catalog.products]
        self.digests = [text_digest(embedder.model_id, text) for text in self.texts]
        self.records: list[Record] = columns.records()
        self.identity = IndexIdentity(
            catalog_digest=catalog.digest,
            text_digest=digest_of(self.texts),
            filter_digest=records_digest(self.ids, self.records),
            model_id=embedder.model_id,
            dimension=embedder.dimension,
            graph=json.dumps(GRAPH, sort_keys=True),
            count=len(self.ids),
        )


class VectorIndex:
    """An open index. `vectors` (n, dimension) float32 of length 1, in catalog order; `query` asks Chroma. Read-only, safe to share.

    Raises `IndexUnusable` on opening where rows are missing or vectors are damaged or another model's.
    """

    def __init__(self, opened: OpenIndex, contents: Contents, embedder: Embedder) -> None:
        self._opened = opened
        self._row_of = {product_id: row for row, product_id in enumerate(contents.ids)}
        self.vectors = _read_all(opened.store, self._row_of, embedder.dimension)
        self._check_model(contents.texts, embedder)
        self.vectors.flags.writeable = False

    def _check_model(self, texts: Sequence[str], embedder: Embedder) -> None:
        if isinstance(embedder, WarmingEmbedder) and not embedder.ready:
            return  # it vouches for itself: its id names its weights' hash, which is checked as it loads; a start need not wait for that
        rows = np.unique(np.linspace(0, max(0, len(texts) - 1), min(4, len(texts))).astype(np.int64))
        again = embedder.embed([texts[row] for row in rows])
        if len(rows) and float(np.min(np.sum(again * self.vectors[rows], axis=1))) < 1 - NEAR:
            raise IndexUnusable(
                f"{self._opened.store.place} holds other vectors than {embedder.model_id} gives; run: shopguide index"
            )

    def query(self, vector: Floats, k: int, where: Where | None) -> tuple[Rows, Floats]:
        """Rows (m,) int64 and cosines (m,) float32 of the `k` nearest items that `where` keeps, nearest first; approximate, and
        sometimes fewer than exist. Raises `IndexUnusable` where Chroma fails; `vectors` then still serve."""
        ids, cosines = self._opened.store.query(vector, k, where)
        try:
            return np.array([self._row_of[product_id] for product_id in ids], dtype=np.int64), cosines
        except KeyError as error:
            raise IndexUnusable(f"{self._opened.store.place} answered with an item that the catalog lacks: {error}") from error

    def close(self) -> None:
        """Lets go of the files. `vectors` stay usable."""
        self._opened.close()


def _read_all(store: ChromaStore, row_of: dict[str, int], dimension: int) -> Floats:
    vectors = np.full((len(row_of), dimension), np.nan, dtype=np.float32)
    for page in store.pages(with_digests=False):
        unknown = [product_id for product_id in page.ids if product_id not in row_of]
        if unknown or page.vectors.shape != (len(page.ids), dimension):
            found = f"the unknown item {unknown[0]!r}" if unknown else f"vectors of shape {page.vectors.shape}"
            raise IndexUnusable(f"{store.place} holds {found}; run: shopguide index")
        vectors[[row_of[product_id] for product_id in page.ids]] = page.vectors
    lengths = np.linalg.norm(vectors, axis=1)
    bad = int(np.count_nonzero(~(np.abs(lengths - 1) < NEAR)))
    if bad:
        raise IndexUnusable(f"{bad} of {len(row_of)} vectors in {store.place} are missing or damaged; run: shopguide index")
    return vectors


def open_index(home: IndexHome, contents: Contents, embedder: Embedder) -> VectorIndex:
    """Opens the finished index of exactly these contents. Raises `IndexUnusable` that says why it cannot serve."""
    opened = home.finished(contents.identity)
    try:
        return VectorIndex(opened, contents, embedder)
    except BaseException:
        opened.close()
        raise


def open_or_build(home: IndexHome, contents: Contents, embedder: Embedder, progress: Progress | None = None) -> VectorIndex:
    """Opens the index of these contents; where it is absent, stale or broken, builds it first. `progress(done, total)` counts items
    while it builds. Raises `IndexUnusable` where it cannot be built either (folder not writable, server away, another builder)."""
    try:
        return open_index(home, contents, embedder)
    except IndexUnusable as reason:
        LOG.info("building the index: %s", reason)
    with home.building():
        _build(home, contents, embedder, progress or _silent)
    return open_index(home, contents, embedder)


def _silent(done: int, total: int) -> None:
    """No progress is shown."""


def _build(home: IndexHome, contents: Contents, embedder: Embedder, progress: Progress) -> None:
    built = home.unfinished(contents.identity)
    try:
        stored = built.store.stored_ids()
        todo = [row for row, product_id in enumerate(contents.ids) if product_id not in stored]
        known = _known_vectors(home, built.store, {contents.digests[row] for row in todo}, embedder.dimension)
        total = len(contents.ids)
        progress(total - len(todo), total)
        for start in range(0, len(todo), BATCH):
            _store(built.store, contents, embedder, todo[start : start + BATCH], known)
            progress(total - len(todo) + min(start + BATCH, len(todo)), total)
        _check(built.store, contents, embedder.dimension)
    except BaseException:
        built.close()
        raise
    home.finish(built, contents.identity)


def _known_vectors(home: IndexHome, building: ChromaStore, wanted: set[str], dimension: int) -> dict[str, Floats]:
    """Vectors by text digest, from every index at hand; none is asked once all are found."""
    known: dict[str, Floats] = {}
    for store in home.others():
        if len(known) == len(wanted):
            break
        _gather(store, wanted, dimension, known)
    if len(known) < len(wanted):
        _gather(building, wanted, dimension, known)
    return known


def _gather(store: ChromaStore, wanted: set[str], dimension: int, known: dict[str, Floats]) -> None:
    try:
        for page in store.pages(with_digests=True):
            for digest, vector in zip(page.digests, page.vectors, strict=True):
                if digest in wanted and vector.shape == (dimension,) and abs(float(np.linalg.norm(vector)) - 1) < NEAR:
                    known[digest] = vector
    except IndexUnusable as broken:
        LOG.info("not used again: %s", broken)


def _store(store: ChromaStore, contents: Contents, embedder: Embedder, rows: Sequence[int], known: dict[str, Floats]) -> None:
    fresh = {contents.digests[row]: contents.texts[row] for row in rows if contents.digests[row] not in known}
    if fresh:
        known.update(zip(fresh, embedder.embed(list(fresh.values())), strict=True))
    vectors = np.stack([known[contents.digests[row]] for row in rows])
    ids, digests = [contents.ids[row] for row in rows], [contents.digests[row] for row in rows]
    store.add(ids, digests, vectors, [contents.records[row] for row in rows])


def _check(store: ChromaStore, contents: Contents, dimension: int) -> None:
    """Every row is there, and rows are found by their own vectors (the graph is approximate: one in ten may hide)."""
    row_of = {product_id: row for row, product_id in enumerate(contents.ids)}
    vectors = _read_all(store, row_of, dimension)
    sample: NDArray[np.int64] = (
        np.unique(np.linspace(0, len(vectors) - 1, SAMPLE).astype(np.int64)) if len(vectors) else np.zeros(0, np.int64)
    )
    near = [store.query(vectors[row], 1, None)[1] for row in sample]
    found = sum(1 for cosines in near if len(cosines) and cosines[0] > 1 - NEAR)
    if found < 0.9 * len(sample):
        raise IndexUnusable(
            f"only {found} of {len(sample)} items are found by their own vectors in {store.place}; delete it and build again"
        )
