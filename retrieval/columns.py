"""The catalog by columns: the same filter as `retrieval/filters.py`, for all items at once, as a numpy mask or as a Chroma `where`.

A Chroma record holds, for each slot, an item's values together with every value that includes them, so that a `where` names a
constraint's own values only. Sizes are held as tokens "audience|system|label" of the pieces in stock.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import VALUE_SLOTS, Product, SizeStock, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.filters import union_of
from retrieval.schema import Constraint, RangeConstraint, SizeConstraint, ValueConstraint
from retrieval.sizes import Audience, audiences, fits, size_group

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Where = dict[str, Any]
Record = dict[str, str | float | bool | list[str]]
Piece = tuple[frozenset[Audience], SizeStock]

MASKS_KEPT = 512
MASK_BYTES = 64_000_000
"""At most so many constraints' masks are kept, and no more than fill so many bytes (n each)."""


def _token(audience: frozenset[Audience], piece: SizeStock) -> str:
    return "|".join((",".join(sorted(audience)), piece.system, piece.label))


def _groups(product: Product) -> set[str]:
    return {size_group(piece.system) for piece in product.sizes}


def _price(product: Product) -> float:
    return float(product.price.amount_minor) if product.price is not None else np.nan


class Columns:
    """`products` in catalog order: row i of every array here is `products[i]`. Read-only and safe to share between threads.

    `price` (n,) float64 minor units and `rating` (n,) float64 stars: NaN where absent. `in_stock` (n,) bool.
    """

    def __init__(self, products: Sequence[Product], vocabulary: Vocabulary) -> None:
        self._products = products
        self._vocabulary = vocabulary
        self.price = np.array([_price(product) for product in products], dtype=np.float64)
        self.rating = np.array([np.nan if p.rating is None else p.rating for p in products], dtype=np.float64)
        self.in_stock: Mask = np.array([product.in_stock for product in products], dtype=np.bool_)
        self._rows = {slot: self._index(product.values(slot) for product in products) for slot in VALUE_SLOTS}
        self._size_groups = self._index(_groups(product) for product in products)
        self._size_rows = self._index(self._size_tokens(product) for product in products)
        self._pieces: dict[str, Piece] = {
            _token(audiences(p.gender), piece): (audiences(p.gender), piece) for p in products for piece in p.sizes
        }
        self._typed = self._mask_of(self._rows["category"].values())
        kept = max(1, min(MASKS_KEPT, MASK_BYTES // max(1, len(products))))
        self._cached = lru_cache(maxsize=kept)(self._constraint_mask)

    @staticmethod
    def _index(values: Iterable[Iterable[str]]) -> dict[str, Rows]:
        found: dict[str, list[int]] = defaultdict(list)
        for row, stated in enumerate(values):
            for value in stated:
                found[value].append(row)
        return {value: np.array(rows, dtype=np.int64) for value, rows in found.items()}

    @staticmethod
    def _size_tokens(product: Product) -> list[str]:
        return sorted({_token(audiences(product.gender), piece) for piece in product.sizes if piece.in_stock})

    def __len__(self) -> int:
        return len(self._products)

    def _mask_of(self, groups: Iterable[Rows]) -> Mask:
        mask = np.zeros(len(self._products), dtype=np.bool_)
        for rows in groups:
            mask[rows] = True
        return mask

    def present(self, slot: ValueSlot) -> Mapping[str, Rows]:
        """Every value that some item states for `slot`, with the rows of those items, ascending."""
        return self._rows[slot]

    def pieces(self) -> Iterable[SizeStock]:
        """One piece of every distinct size that some item comes in, in stock or not."""
        return [piece for _, piece in self._pieces.values()]

    def mask(self, constraints: Iterable[Constraint], in_stock_only: bool) -> Mask:
        """(n,) bool: the items that every hard constraint lets through, equal to `filters.satisfies`. A fresh array."""
        kept = self.in_stock.copy() if in_stock_only else np.ones(len(self), dtype=np.bool_)
        for constraint in constraints:
            if constraint.strength == "hard":
                kept &= self._cached(constraint)
        return kept

    def _constraint_mask(self, constraint: Constraint) -> Mask:
        if isinstance(constraint, ValueConstraint):
            hit = self._stating(constraint.slot, union_of(constraint, self._vocabulary))
            mask = ~hit if constraint.negative else hit
        elif isinstance(constraint, RangeConstraint):
            values = self.price if constraint.slot == "price" else self.rating
            low = -np.inf if constraint.minimum is None else constraint.minimum
            high = np.inf if constraint.maximum is None else constraint.maximum
            mask = (values >= low) & (values <= high)
        else:
            mask = self._size_mask(constraint)
        mask.flags.writeable = False
        return mask

    def _stating(self, slot: ValueSlot, values: Iterable[str]) -> Mask:
        stated = self._rows[slot]
        return self._mask_of(stated[value] for value in values if value in stated)

    def _size_mask(self, constraint: SizeConstraint) -> Mask:
        asked = np.ones(len(self), dtype=np.bool_)
        if constraint.categories:
            asked = self._of_kinds(constraint.categories) | ~self._typed
        asked &= ~self._of_kinds(constraint.except_categories)
        sized = self._mask_of(self._size_groups.values())
        groups = {size_group(constraint.system), "one"}
        comparable = self._mask_of(rows for group, rows in self._size_groups.items() if group in groups)
        let_through = (*self._fitting(constraint), *self._beside(constraint))
        found = self._mask_of(self._size_rows[token] for token in let_through if token in self._size_rows)
        return ~asked | (sized & (~comparable | found))

    def _of_kinds(self, categories: Iterable[str]) -> Mask:
        return self._stating("category", [kind for value in categories for kind in self._vocabulary.expand("category", value)])

    def _fitting(self, constraint: SizeConstraint) -> list[str]:
        """The tokens of this catalog that mean a wanted size, sorted."""
        return sorted(
            token
            for token, (audience, piece) in self._pieces.items()
            if any(fits(constraint.system, label, piece, audience) for label in constraint.labels)
        )

    def _beside(self, constraint: SizeConstraint) -> list[str]:
        """The tokens of this catalog that are judged by another size of the same person, sorted."""
        return sorted(token for token, (_, piece) in self._pieces.items() if piece.system in constraint.beside)

    def records(self) -> list[Record]:
        """The Chroma metadata of every item, in catalog order: what `where` reads. Empty lists are left out: Chroma refuses them."""
        above = {slot: self._including(slot) for slot in VALUE_SLOTS}
        return [self._record(product, above) for product in self._products]

    def _including(self, slot: ValueSlot) -> dict[str, set[str]]:
        above: dict[str, set[str]] = defaultdict(set)
        for value in self._vocabulary.values(slot):
            for inner in self._vocabulary.expand(slot, value):
                above[inner].add(value)
        return above

    def _record(self, product: Product, above: Mapping[ValueSlot, Mapping[str, set[str]]]) -> Record:
        record: Record = {"in_stock": product.in_stock, "typed": product.product_type is not None, "sized": bool(product.sizes)}
        lists: dict[str, Iterable[str]] = {"size_group": _groups(product), "size": self._size_tokens(product)}
        for slot in VALUE_SLOTS:
            lists[slot] = {up for value in product.values(slot) for up in above[slot].get(value, set()) | {value}}
        record.update({key: sorted(values) for key, values in lists.items() if values})
        if product.price is not None:
            record["price"] = _price(product)
        if product.rating is not None:
            record["rating"] = float(product.rating)
        return record

    def where(self, constraints: Iterable[Constraint], in_stock_only: bool) -> Where | None:
        """The Chroma filter over `records()` that keeps the same items as `mask`; None when nothing is asked."""
        clauses: list[Where] = [{"in_stock": True}] if in_stock_only else []
        clauses += [self._clause(constraint) for constraint in constraints if constraint.strength == "hard"]
        return _join("$and", clauses) if clauses else None

    def _clause(self, constraint: Constraint) -> Where:
        if isinstance(constraint, ValueConstraint):
            operator, joint = ("$not_contains", "$and") if constraint.negative else ("$contains", "$or")
            return _join(joint, [{constraint.slot: {operator: value}} for value in dict.fromkeys(constraint.values)])
        if isinstance(constraint, RangeConstraint):
            bounds = (("$gte", constraint.minimum), ("$lte", constraint.maximum))
            return _join("$and", [{constraint.slot: {op: float(bound)}} for op, bound in bounds if bound is not None])
        return self._size_clause(constraint)

    def _size_clause(self, constraint: SizeConstraint) -> Where:
        groups = sorted({size_group(constraint.system), "one"})
        incomparable = _join("$and", [{"size_group": {"$not_contains": group}} for group in groups])
        tokens = dict.fromkeys((*self._fitting(constraint), *self._beside(constraint)))
        found = [{"size": {"$contains": token}} for token in tokens]
        ways = [_join("$and", [{"sized": True}, _join("$or", [incomparable, *found])])]
        ways += [{"category": {"$contains": value}} for value in dict.fromkeys(constraint.except_categories)]
        if constraint.categories:
            elsewhere = [{"category": {"$not_contains": value}} for value in dict.fromkeys(constraint.categories)]
            ways.append(_join("$and", [{"typed": True}, *elsewhere]))
        return _join("$or", ways)


def _join(operator: str, clauses: list[Where]) -> Where:
    return clauses[0] if len(clauses) == 1 else {operator: clauses}


def records_digest(ids: Sequence[str], records: Sequence[Record]) -> str:
    """SHA-256 over ids and records in order: equal digest, equal filters."""
    digest = hashlib.sha256()
    for product_id, record in zip(ids, records, strict=True):
        digest.update(json.dumps([product_id, record], sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
