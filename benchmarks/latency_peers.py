"""Plain langchain-chroma beside the product: its own collection with its own settings, filtered as its documentation shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.latency_shop import Wish
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary
from retrieval.protocols import Floats, Rows

BATCH = 5_000


class LangchainShop:
    """A `langchain_chroma.Chroma` over a catalog's vectors. Metadata are one value a field, as a flat filter reads them."""

    def __init__(self, store: Any, vocabulary: Vocabulary) -> None:
        self._store = store
        self._vocabulary = vocabulary

    def nearest(self, vector: Floats, wish: Wish, k: int) -> Rows:
        """int64: the rows of the about `k` nearest that the filter keeps."""
        documents = self._store.similarity_search_by_vector(vector.tolist(), k=k, filter=self._filter(wish))
        return np.array([document.metadata["row"] for document in documents], dtype=np.int64)

    def _filter(self, wish: Wish) -> dict[str, Any]:
        clauses: list[dict[str, Any]] = [
            {one.slot: {"$in": sorted(frozenset().union(*(self._vocabulary.expand(one.slot, value) for value in one.values)))}}
            for one in wish.values
        ]
        clauses += [{"price": {"$lte": wish.bound}}] if wish.bound is not None else []
        return clauses[0] if len(clauses) == 1 else {"$and": clauses}


def langchain_shop(catalog: Catalog, vectors: Floats, vocabulary: Vocabulary, folder: Path) -> LangchainShop | None:
    """The peer over these items, their vectors given; None where its package is not installed."""
    try:
        # A peer that the product neither needs nor installs.
        from langchain_chroma import Chroma
    except ImportError:
        return None
    given: Any = _Given(vectors)
    store = Chroma("peer", embedding_function=given, persist_directory=str(folder))
    products = catalog.products
    for start in range(0, len(products), BATCH):
        rows = range(start, min(start + BATCH, len(products)))
        store.add_texts(
            [f"{row}" for row in rows],
            metadatas=[
                {
                    "row": row,
                    "category": products[row].product_type,
                    "color": products[row].colors[0],
                    "gender": products[row].gender[0],
                    "price": money.amount_minor if (money := products[row].price) is not None else -1,
                }
                for row in rows
            ],
            ids=[products[row].product_id for row in rows],
        )
    return LangchainShop(store, vocabulary)


class _Given:
    """langchain's embedding interface over vectors that are known: a text is a row's number."""

    def __init__(self, vectors: Floats) -> None:
        self._vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of these rows."""
        return [self._vectors[int(text)].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a row."""
        return self.embed_documents([text])[0]
