"""Search: filter, candidates, ranking, and what to change when next to nothing fits. The one thing that a conversation asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Catalog, Product
from catalog_data.vocabulary import Vocabulary
from retrieval.candidates import CandidateFinder, Candidates, SearchTuning, Vectors, Wish, cosines
from retrieval.columns import Columns, Mask
from retrieval.errors import UnknownProduct
from retrieval.lexical import Lexical, top_rows
from retrieval.protocols import Embedder, Floats, Reranker, Rows
from retrieval.relaxations import ENOUGH, relax
from retrieval.schema import Constraint, ItemQuery, RankedItem, SearchResult, ValueConstraint


@dataclass(frozen=True, eq=False)
class SearchParts:
    """What a search engine is put together from, all over the same catalog. `prior` (n,): how well known items are, higher first."""

    columns: Columns
    embedder: Embedder
    index: Vectors
    lexical: Lexical
    reranker: Reranker
    prior: NDArray[np.floating[Any]]
    tuning: SearchTuning | None = None


class SearchEngine:
    """Searches one catalog. Holds no conversation: the same query gives the same result. Safe to share between threads."""

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary, parts: SearchParts) -> None:
        self._catalog = catalog
        self._vocabulary = vocabulary
        self._parts = parts
        self._row_of = {product.product_id: row for row, product in enumerate(catalog.products)}
        self._finder = CandidateFinder(parts.index, parts.lexical, parts.prior, parts.tuning)

    def __enter__(self) -> SearchEngine:
        """For a `with` block, at whose end the engine is closed."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the index's files. Nothing may be searched after."""
        self._parts.index.close()

    def search(self, query: ItemQuery) -> SearchResult:
        """The best `query.limit` items that meet every hard constraint, are neither excluded nor rejected, and are not the item that
        they are to be like. Fewer come back only where no more exist. Relaxations where fewer than three match."""
        columns, left_out = self._parts.columns, self._left_out(query)
        eligible = columns.mask((), query.in_stock_only)
        mask = columns.mask(query.constraints, query.in_stock_only)
        where = None if mask.all() else columns.where(query.constraints, query.in_stock_only)
        eligible[left_out] = mask[left_out] = False
        vector = self._vector(query)
        if query.sort != "best" and (vector is None or _names_a_kind(query.constraints)):
            found = self._in_order(query, mask, vector)
        else:
            found = self._finder.find(Wish(vector, query.text, mask, where, len(left_out), query.limit))
        vectors = self._parts.index.vectors[found.rows]
        ranked = self._parts.reranker.rank(query, found.rows, found.similarity, vectors, query.limit)
        matching = int(mask.sum())
        relaxations = relax(query.constraints, eligible, columns, self._vocabulary) if matching < ENOUGH else ()
        return SearchResult(items=ranked, matching=matching, relaxations=relaxations, writer=found.writer)

    def _left_out(self, query: ItemQuery) -> Rows:
        rejected = (each.product_id for each in query.turned_down)
        named = {*query.excluded, *rejected, *([query.like_product_id] if query.like_product_id else [])}
        return np.array(sorted(self._row_of[one] for one in named if one in self._row_of), dtype=np.int64)

    def _vector(self, query: ItemQuery) -> Floats | None:
        """(dimension,) what is sought: the item to be like, else the text; None where neither is given."""
        if query.like_product_id in self._row_of:
            vector: Floats = self._parts.index.vectors[self._row_of[query.like_product_id]]
            return vector
        return self._parts.embedder.embed([query.text])[0] if query.text.strip() else None

    def _in_order(self, query: ItemQuery, mask: Mask, vector: Floats | None) -> Candidates:
        """The first `limit` of everything that passes, by price or stars, the better known of equal ones first."""
        columns, passing = self._parts.columns, np.flatnonzero(mask)
        values = columns.rating if query.sort == "rating" else columns.price
        key = values[passing] if query.sort == "price_ascending" else -values[passing]
        rows = passing[np.lexsort((-self._parts.prior[passing], np.where(np.isnan(key), np.inf, key)))][: query.limit]
        return Candidates(rows, self._finder.similarity(rows, vector), "exact")

    def rate(self, product_ids: Sequence[str], query: ItemQuery) -> tuple[RankedItem, ...]:
        """These items, in this order, as they stand to `query`, whether they meet it or not. Raises `UnknownProduct`."""
        unknown = [each for each in product_ids if each not in self._row_of]
        if unknown:
            raise UnknownProduct(
                f"no items have the ids {unknown}; allowed are those of the catalog {self._catalog.manifest.catalog_id}"
            )
        rows = np.array([self._row_of[each] for each in dict.fromkeys(product_ids)], dtype=np.int64)
        similarity = self._finder.similarity(rows, self._vector(query))
        ranked = self._parts.reranker.rank(query, rows, similarity, self._parts.index.vectors[rows])
        by_id = {item.product.product_id: item for item in ranked}
        return tuple(by_id[each] for each in dict.fromkeys(product_ids))

    @property
    def vectors(self) -> Floats:
        """(n, dimension) the items' vectors, of length 1, in the catalog's order."""
        return self._parts.index.vectors

    def matching(self, constraints: Iterable[Constraint], in_stock_only: bool = True) -> int:
        """How many items meet every hard constraint."""
        return int(self._parts.columns.mask(constraints, in_stock_only).sum())

    def product(self, product_id: str) -> Product | None:
        """The item of this id; None where the catalog has none."""
        return self._catalog.by_id.get(product_id)

    def similar(self, product_id: str, k: int) -> tuple[tuple[Product, float], ...]:
        """At most `k` other items in stock with their cosine to this one, nearest first. Raises `UnknownProduct`."""
        if product_id not in self._row_of:
            raise UnknownProduct(
                f"no item has the id {product_id!r}; allowed are the ids of the catalog {self._catalog.manifest.catalog_id}"
            )
        row = self._row_of[product_id]
        mask = self._parts.columns.mask((), True)
        mask[row] = False
        others = np.flatnonzero(mask)
        near = cosines(self._parts.index.vectors, others, self._parts.index.vectors[row])
        best = top_rows(near, np.arange(len(others)), k)
        return tuple((self._catalog.products[others[place]], float(near[place])) for place in best)


def _names_a_kind(constraints: Iterable[Constraint]) -> bool:
    """Whether "the cheapest" has a meaning over all that passes: a kind of item must be asked for. Else it is the cheapest of what comes
    near to the words."""
    kinds = [one for one in constraints if isinstance(one, ValueConstraint) and one.slot == "category"]
    return any(one.strength == "hard" and not one.negative for one in kinds)
