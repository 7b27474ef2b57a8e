"""What a simulated shopper wants, and whether an item answers it.

`meets` is written apart from `retrieval.filters`, as a second opinion on the same meaning: a positive constraint wants one of the stated
values, silence fails it; a negative one fails on a stated value, silence passes it; a size must be there and in stock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from assistant.schema import ME
from catalog_data.schema import Frozen, Product
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import Constraint, RangeConstraint, SizeConstraint
from retrieval.sizes import audiences, fits, size_group

Request = Literal["care", "size", "material"]


class Need(Frozen):
    """What a shopper is after. `constraints` start with the category. `target_product_id` names the item that it was drawn from; None
    for an impossible need, whose hard constraints no item in stock meets. `requests` are asked of an item before it is taken."""

    kind: Literal["target", "impossible"]
    recipient: str = ME
    constraints: tuple[Constraint, ...]
    requests: tuple[Request, ...] = ()
    target_product_id: str | None = None

    def with_constraints(self, constraints: Iterable[Constraint], target: Product | None) -> Need:
        """The same need with other constraints, drawn from `target`; None: no item meets them."""
        return self.model_copy(
            update={
                "constraints": tuple(constraints),
                "target_product_id": target.product_id if target is not None else None,
                "kind": "target" if target is not None else "impossible",
            }
        )

    def dropping(self, constraint: Constraint) -> Need:
        """The same need, of the same item, without one wish."""
        return self.model_copy(update={"constraints": tuple(one for one in self.constraints if one != constraint)})


def breaks(product: Product, constraint: Constraint, vocabulary: Vocabulary) -> bool:
    """True when the item does not hold to the constraint, read as a hard one. Of a size, `system` and `labels` count: a need is about one
    kind of thing."""
    if isinstance(constraint, RangeConstraint):
        money = product.price.amount_minor if product.price is not None else None
        value = money if constraint.slot == "price" else product.rating
        low = constraint.minimum if constraint.minimum is not None else -math.inf
        high = constraint.maximum if constraint.maximum is not None else math.inf
        return value is None or not low <= value <= high
    if isinstance(constraint, SizeConstraint):
        return _size_breaks(product, constraint)
    wanted = {word for value in constraint.values for word in vocabulary.expand(constraint.slot, value)}
    return bool(wanted & set(product.values(constraint.slot))) == constraint.negative


def _size_breaks(product: Product, constraint: SizeConstraint) -> bool:
    group = size_group(constraint.system)
    pieces = [piece for piece in product.sizes if piece.system == "one" or size_group(piece.system) == group]
    if not pieces:
        return not product.sizes
    audience = audiences(product.gender)
    return not any(
        piece.in_stock and fits(constraint.system, label, piece, audience) for piece in pieces for label in constraint.labels
    )


def meets(need: Need, product: Product, vocabulary: Vocabulary) -> bool:
    """True when the item is in stock and holds to every hard constraint of the need."""
    return product.in_stock and not any(
        breaks(product, constraint, vocabulary) for constraint in need.constraints if constraint.strength == "hard"
    )


def matching(pool: Iterable[Product], constraints: Sequence[Constraint], vocabulary: Vocabulary) -> list[Product]:
    """The items of `pool` that hold to every hard one of `constraints`."""
    hard = [constraint for constraint in constraints if constraint.strength == "hard"]
    return [product for product in pool if not any(breaks(product, constraint, vocabulary) for constraint in hard)]
