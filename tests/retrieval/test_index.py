"""The index over a real Chroma: built once, resumed, swapped in, refused when stale or broken; `where` equal to the predicate."""

from __future__ import annotations

import contextlib
import logging
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from catalog_data.schema import Catalog, Manifest, Product
from catalog_data.vocabulary import Vocabulary
from retrieval import index as index_module
from retrieval.chroma_store import ChromaStore, open_folder, open_server
from retrieval.columns import Columns
from retrieval.errors import IndexUnusable
from retrieval.fake_embedding import HashingEmbedder
from retrieval.filters import satisfies
from retrieval.index import Contents, VectorIndex, open_index, open_or_build
from retrieval.index_home import FolderHome, ServerHome
from retrieval.protocols import Floats
from retrieval.schema import Constraint, RangeConstraint, SizeConstraint


class Killed(BaseException):
    """Stands for a kill: nothing may catch it and carry on."""


class Stopping(HashingEmbedder):
    """Is killed at its `calls`-th call."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self._left = calls

    def embed(self, texts: Sequence[str]) -> Floats:
        self._left -= 1
        if self._left < 0:
            raise Killed
        return super().embed(texts)


class OtherModel(HashingEmbedder):
    """Gives other vectors under the same name."""

    def embed(self, texts: Sequence[str]) -> Floats:
        return super().embed([f"{text} other" for text in texts])


def contents(catalog: Catalog, vocabulary: Vocabulary, embedder: HashingEmbedder) -> Contents:
    return Contents(catalog, Columns(catalog.products, vocabulary), embedder)


def build(root: Path, catalog: Catalog, vocabulary: Vocabulary, embedder: HashingEmbedder) -> VectorIndex:
    return open_or_build(FolderHome(root), contents(catalog, vocabulary, embedder), embedder)


def renamed(catalog: Catalog, count: int) -> Catalog:
    """The catalog with `count` titles changed."""
    changed = [p.model_copy(update={"title": f"New {p.title}"}) if row < count else p for row, p in enumerate(catalog.products)]
    return catalog.model_copy(update={"products": tuple(changed), "digest": f"{count:064x}"})


def folders(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.is_dir())


def test_vectors_stand_in_catalog_order(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    embedder = HashingEmbedder()
    made = contents(shop, vocabulary, embedder)
    index = build(tmp_path, shop, vocabulary, embedder)
    assert index.vectors.dtype == np.float32
    assert np.allclose(index.vectors, embedder.embed(made.texts), atol=1e-6)
    rows, cosines = index.query(index.vectors[4], 3, None)
    assert rows[0] == 4
    assert np.allclose(cosines, index.vectors[rows] @ index.vectors[4], atol=1e-5)
    index.close()


def test_progress_counts_to_the_end(
    tmp_path: Path, shop: Catalog, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "BATCH", 5)
    embedder, seen = HashingEmbedder(), []
    made = contents(shop, vocabulary, embedder)
    open_or_build(FolderHome(tmp_path), made, embedder, lambda done, total: seen.append((done, total))).close()
    assert seen == [(0, 14), (5, 14), (10, 14), (14, 14)]


def test_second_start_embeds_nothing_but_the_sample(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    build(tmp_path, shop, vocabulary, HashingEmbedder()).close()
    again = HashingEmbedder()
    build(tmp_path, shop, vocabulary, again).close()
    assert again.texts_embedded == 4


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_killed_build_goes_on(
    tmp_path: Path, shop: Catalog, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    monkeypatch.setattr(index_module, "BATCH", 5)
    stopped = Stopping(calls)
    with pytest.raises(Killed):
        build(tmp_path, shop, vocabulary, stopped)
    with pytest.raises(IndexUnusable, match="no index has been built"):
        open_index(FolderHome(tmp_path), contents(shop, vocabulary, stopped), stopped)
    rest = HashingEmbedder()
    index = build(tmp_path, shop, vocabulary, rest)
    assert stopped.texts_embedded == 5 * calls
    assert stopped.texts_embedded + rest.texts_embedded == len(shop.products) + 4
    assert np.allclose(index.vectors, HashingEmbedder().embed(contents(shop, vocabulary, rest).texts), atol=1e-6)
    index.close()


def test_no_text_is_embedded_twice(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    twins = shop.model_copy(
        update={
            "products": (*shop.products, *(p.model_copy(update={"product_id": f"twin-{p.product_id}"}) for p in shop.products))
        }
    )
    first = HashingEmbedder()
    build(tmp_path, twins, vocabulary, first).close()
    assert first.texts_embedded == len(shop.products) + 4
    changed = HashingEmbedder()
    index = build(tmp_path, renamed(twins, 3), vocabulary, changed)
    assert changed.texts_embedded == 3 + 4
    assert np.allclose(index.vectors, HashingEmbedder().embed(contents(renamed(twins, 3), vocabulary, changed).texts), atol=1e-6)
    index.close()


def test_an_unfinished_build_of_another_catalog_is_used_too(
    tmp_path: Path, shop: Catalog, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "BATCH", 5)
    with pytest.raises(Killed):
        build(tmp_path, shop, vocabulary, Stopping(1))
    rest = HashingEmbedder()
    build(tmp_path, shop.model_copy(update={"digest": "f" * 64}), vocabulary, rest).close()
    assert rest.texts_embedded == len(shop.products) - 5 + 4
    assert len(folders(tmp_path)) == 1, "what is done with is deleted"


@pytest.mark.parametrize("change", ["catalog", "words", "model"])
def test_stale_is_rebuilt_beside_the_old_and_swapped_in(
    tmp_path: Path, shop: Catalog, vocabulary: Vocabulary, change: str
) -> None:
    embedder = HashingEmbedder()
    old = build(tmp_path, shop, vocabulary, embedder)
    before = folders(tmp_path)
    new_catalog = shop.model_copy(update={"digest": "1" * 64}) if change == "catalog" else shop
    new_words = Vocabulary({}) if change == "words" else vocabulary
    new_embedder = HashingEmbedder(32) if change == "model" else embedder
    made = contents(new_catalog, new_words, new_embedder)
    with pytest.raises(IndexUnusable, match=r"is of .* and not"):
        open_index(FolderHome(tmp_path), made, new_embedder)
    new = open_or_build(FolderHome(tmp_path), made, new_embedder)
    assert set(before) < set(folders(tmp_path)), "the old one is open still, so it stays"
    assert old.query(old.vectors[0], 1, None)[0].tolist() == [0]
    old.close()
    new.close()
    build(tmp_path, renamed(shop, 1), vocabulary, embedder).close()
    assert len(folders(tmp_path)) == 1


def test_other_vectors_under_the_same_name_are_refused(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    build(tmp_path, shop, vocabulary, HashingEmbedder()).close()
    other = OtherModel()
    with pytest.raises(IndexUnusable, match="other vectors than hashing-64 gives"):
        open_index(FolderHome(tmp_path), contents(shop, vocabulary, other), other)


@pytest.fixture(scope="module")
def big(many_products: tuple[Product, ...]) -> Catalog:
    """1,200 items: Chroma writes its graph to files from 1,000 rows on, so a smaller index has none to truncate."""
    copies = [p.model_copy(update={"product_id": f"{p.product_id}-{copy}"}) for copy in range(4) for p in many_products]
    manifest = Manifest(catalog_id="big", name="Big", currency="EUR")
    return Catalog(manifest=manifest, products=tuple(copies), digest="d")


@pytest.fixture(scope="module")
def big_root(tmp_path_factory: pytest.TempPathFactory, big: Catalog, vocabulary: Vocabulary) -> Path:
    root = tmp_path_factory.mktemp("big")
    build(root, big, vocabulary, HashingEmbedder()).close()
    return root


@pytest.mark.parametrize("name", ["chroma.sqlite3", "data_level0.bin", "index_metadata.pickle", "manifest.json"])
def test_truncated_files_are_noticed(tmp_path: Path, big: Catalog, big_root: Path, vocabulary: Vocabulary, name: str) -> None:
    root = tmp_path / "index"
    shutil.copytree(big_root, root)
    victim = next(root.rglob(name))
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size * 6 // 10])
    embedder = HashingEmbedder()
    made = contents(big, vocabulary, embedder)
    with pytest.raises(IndexUnusable):
        open_index(FolderHome(root), made, embedder)
    if name == "data_level0.bin":  # once is enough: what is unusable is rebuilt, whatever made it so
        index = open_or_build(FolderHome(root), made, embedder)
        assert np.allclose(index.vectors, HashingEmbedder().embed(made.texts), atol=1e-6)
        index.close()


BUILD = """
import sys, time
from pathlib import Path
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary
from retrieval.columns import Columns
from retrieval.fake_embedding import HashingEmbedder
from retrieval.index import Contents, open_or_build
from retrieval.index_home import FolderHome

def progress(done, total):
    print(done, flush=True)
    time.sleep(0.2)

catalog = Catalog.model_validate_json(Path(sys.argv[1]).read_bytes())
embedder = HashingEmbedder()
made = Contents(catalog, Columns(catalog.products, Vocabulary({})), embedder)
open_or_build(FolderHome(Path(sys.argv[2])), made, embedder, progress)
"""


def test_kill_minus_nine_loses_no_stored_vector(tmp_path: Path, big: Catalog) -> None:
    part = big.model_copy(update={"products": big.products[:700]})
    (tmp_path / "catalog.json").write_text(part.model_dump_json())
    command = [sys.executable, "-c", BUILD, str(tmp_path / "catalog.json"), str(tmp_path / "index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2]) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 512:
            pass
        process.kill()
    made = contents(part, Vocabulary({}), HashingEmbedder())
    embedder, done = HashingEmbedder(), []
    index = open_or_build(FolderHome(tmp_path / "index"), made, embedder, lambda stored, total: done.append(stored))
    assert done[0] >= 512
    assert embedder.texts_embedded <= len(set(made.texts)) - 256
    assert np.allclose(index.vectors, HashingEmbedder().embed(made.texts), atol=1e-6)
    index.close()


def test_missing_rows_are_noticed(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    embedder = HashingEmbedder()
    build(tmp_path, shop, vocabulary, embedder).close()
    store = open_folder(tmp_path / folders(tmp_path)[0] / "chroma", create=False)
    store._collection.delete(ids=["item-03"])
    store.close()
    with pytest.raises(IndexUnusable, match=r"1 of 14 vectors in .* are missing or damaged"):
        open_index(FolderHome(tmp_path), contents(shop, vocabulary, embedder), embedder)


def test_pointer_to_elsewhere_is_refused(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    embedder = HashingEmbedder()
    build(tmp_path / "index", shop, vocabulary, embedder).close()
    (tmp_path / "index" / "current").write_text("..\n")
    with pytest.raises(IndexUnusable, match="which is no folder there"):
        open_index(FolderHome(tmp_path / "index"), contents(shop, vocabulary, embedder), embedder)


def test_one_builder_at_a_time(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    home = FolderHome(tmp_path)
    with home.building(), pytest.raises(IndexUnusable, match="another process is building"):
        build(tmp_path, shop, vocabulary, HashingEmbedder())


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnusable, match="SHOPGUIDE_DATA_DIR"):
        FolderHome(tmp_path / "file" / "index")


def test_empty_catalog(tmp_path: Path, shop: Catalog, vocabulary: Vocabulary) -> None:
    index = build(tmp_path, shop.model_copy(update={"products": ()}), vocabulary, HashingEmbedder())
    assert index.vectors.shape == (0, 64)
    assert index.query(np.ones(64, dtype=np.float32), 5, None)[0].tolist() == []
    index.close()


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "http://127.0.0.1:9"])
def test_server_that_is_not_there(url: str) -> None:
    with pytest.raises(IndexUnusable, match=r"127\.0\.0\.1:9|allowed: http://host:port"):
        open_server(url, "items", create=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Chroma server on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chroma = Path(sys.executable).with_name("chroma")
    if not chroma.exists():
        pytest.skip(f"{chroma} is not installed")
    command = [str(chroma), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(tmp_path_factory.mktemp("server"))]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        process.kill()


def test_a_server_keeps_the_same_index(
    server: str, shop: Catalog, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "BATCH", 5)
    made, stopped = contents(shop, vocabulary, HashingEmbedder()), Stopping(2)
    with pytest.raises(IndexUnusable, match="no collection"):
        open_index(ServerHome(server), made, HashingEmbedder())
    with pytest.raises(Killed):
        open_or_build(ServerHome(server), made, stopped)
    with pytest.raises(IndexUnusable, match="is not complete"):
        open_index(ServerHome(server), made, HashingEmbedder())
    rest = HashingEmbedder()
    index = open_or_build(ServerHome(server), made, rest)
    assert rest.texts_embedded == len(shop.products) - 10 + 4
    assert np.allclose(index.vectors, HashingEmbedder().embed(made.texts), atol=1e-6)
    columns = Columns(shop.products, vocabulary)
    cheap: list[Constraint] = [RangeConstraint(slot="price", maximum=4000), SizeConstraint(system="alpha", label="M")]
    rows, _ = index.query(index.vectors[0], 14, columns.where(cheap, True))
    assert sorted(rows.tolist()) == np.flatnonzero(columns.mask(cheap, True)).tolist()
    index.close()


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory, many_products: tuple[Product, ...], vocabulary: Vocabulary
) -> Iterator[tuple[ChromaStore, Columns]]:
    columns, embedder = Columns(many_products, vocabulary), HashingEmbedder()
    store = open_folder(tmp_path_factory.mktemp("where"), create=True)
    ids = [product.product_id for product in many_products]
    store.add(ids, [""] * len(ids), embedder.embed([product.title for product in many_products]), columns.records())
    yield store, columns
    store.close()


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_where_equals_mask_equals_predicate(
    data: DataObject,
    filled: tuple[ChromaStore, Columns],
    many_products: tuple[Product, ...],
    vocabulary: Vocabulary,
    constraint_lists: SearchStrategy[tuple[Constraint, ...]],
) -> None:
    store, columns = filled
    constraints, in_stock = data.draw(constraint_lists), data.draw(st.booleans())
    wanted = {p.product_id for p in many_products if satisfies(p, constraints, vocabulary) and (p.in_stock or not in_stock)}
    mask = columns.mask(constraints, in_stock)
    where = columns.where(constraints, in_stock)
    assert {p.product_id for p, kept in zip(many_products, mask, strict=True) if kept} == wanted
    assert store.stored_ids(where) == wanted
    found, _ = store.query(HashingEmbedder().embed(["red dress"])[0], 20, where)
    assert set(found) <= wanted


def test_failures_while_serving_are_one_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store = open_folder(tmp_path, create=True)
    store.close()
    with pytest.raises(IndexUnusable, match="querying the vectors"):
        store.query(np.ones(4, dtype=np.float32), 1, None)
