"""What a search engine is put together from: where its index goes, and the weights that are kept between starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog_data.schema import Catalog
from retrieval.assembly import KeptWeights, build_search, index_home, kept_weights
from retrieval.fake_embedding import HashingEmbedder
from retrieval.index_home import FolderHome, ServerHome
from retrieval.protocols import Floats
from retrieval.reranker import DEFAULT_WEIGHTS, Weights
from retrieval.schema import ItemQuery
from tests.retrieval.ranking_fixtures import two_tastes, vocabulary

OTHER = Weights(similarity=0.5, collaborative=0.25, preference=0.25, popularity=0)


class OtherEmbedder(HashingEmbedder):
    """The same vectors under another name."""

    model_id = "another-model"


@pytest.fixture(scope="module")
def shop() -> Catalog:
    """A shop with enough purchases to learn from."""
    return two_tastes().model_copy(update={"digest": "shop-1"})


@pytest.fixture(scope="module")
def vectors(shop: Catalog) -> Floats:
    return HashingEmbedder().embed([product.title for product in shop.products])


def weights_of(path: Path, shop: Catalog, vectors: Floats, embedder: HashingEmbedder | None = None) -> Weights:
    return kept_weights(path, shop, vocabulary(), vectors, embedder or HashingEmbedder())


def stored(path: Path) -> KeptWeights:
    return KeptWeights.model_validate_json(path.read_bytes())


def put(path: Path, shop: Catalog, weights: Weights = OTHER) -> None:
    kept = KeptWeights(catalog_digest=shop.digest, model_id=HashingEmbedder().model_id, weights=weights)
    path.write_text(kept.model_dump_json(), encoding="utf-8")


def test_weights_are_fitted_once_and_kept(tmp_path: Path, shop: Catalog, vectors: Floats) -> None:
    path = tmp_path / "new folder" / "weights.json"
    fitted = weights_of(path, shop, vectors)
    assert fitted != DEFAULT_WEIGHTS, "there is something to learn here"
    assert stored(path) == KeptWeights(catalog_digest="shop-1", model_id=HashingEmbedder().model_id, weights=fitted)
    assert list(path.parent.iterdir()) == [path], "nothing is left beside it"
    put(path, shop)
    assert weights_of(path, shop, vectors) == OTHER, "what is kept is not fitted again"


def test_another_catalog_or_model_is_fitted_anew(tmp_path: Path, shop: Catalog, vectors: Floats) -> None:
    path = tmp_path / "weights.json"
    put(path, shop)
    changed = shop.model_copy(update={"digest": "shop-2"})
    assert weights_of(path, changed, vectors) != OTHER
    assert stored(path).catalog_digest == "shop-2"
    put(path, shop)
    assert weights_of(path, shop, vectors, OtherEmbedder()) != OTHER
    assert stored(path).model_id == "another-model"


@pytest.mark.parametrize(
    "torn", [b"", b'{"catalog_digest": "shop-1"', b"[]", b"\xff\xfe", b'{"catalog_digest": "shop-1", "model_id": 3}']
)
def test_a_torn_file_is_made_anew(tmp_path: Path, shop: Catalog, vectors: Floats, torn: bytes) -> None:
    path = tmp_path / "weights.json"
    path.write_bytes(torn)
    assert weights_of(path, shop, vectors) == stored(path).weights


def test_processes_that_start_together_do_not_take_each_others_file(tmp_path: Path, shop: Catalog, vectors: Floats) -> None:
    path = tmp_path / "weights.json"
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: weights_of(path, shop, vectors), range(8)))
    assert len({each.model_dump_json() for each in found}) == 1
    assert stored(path).weights == found[0]
    assert list(tmp_path.iterdir()) == [path]


def test_the_engine_ranks_by_the_kept_weights(tmp_path: Path, shop: Catalog) -> None:
    path = tmp_path / "weights.json"
    totals = []
    for weights in (OTHER, Weights(similarity=0, collaborative=0, preference=0, popularity=1)):
        put(path, shop, weights)
        home = index_home(tmp_path / "data")
        with build_search(shop, vocabulary(), home, HashingEmbedder(), weights_file=path) as engine:
            totals.append([found.scores.total for found in engine.search(ItemQuery(text=shop.products[0].title)).items])
    assert totals[0] != totals[1]


def test_an_index_lies_in_the_data_folder_or_on_the_server_named(tmp_path: Path) -> None:
    assert isinstance(index_home(tmp_path), FolderHome)
    assert isinstance(index_home(tmp_path, ""), FolderHome)
    assert isinstance(index_home(tmp_path, "http://127.0.0.1:9"), ServerHome)
