"""How one item stands to one constraint, and whether that lets it through. Pure; the truth that every faster form is tested against.

A positive constraint is met when the item states a wanted value (or one that a wanted value includes). A negative one is unmet when
it states an unwanted value. Where the item is silent the answer is `unknown`, unless the slot is closed in this catalog: there
silence means that it does not hold. Hard positive constraints let only `met` through, hard negative ones all but `unmet`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import get_args

from catalog_data.schema import Product, Slot, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import Check, Constraint, RangeConstraint, SizeConstraint, Status, ValueConstraint
from retrieval.sizes import audiences, fits, size_group

STATUSES: tuple[Status, ...] = get_args(Status)

SINGLE_VALUED: frozenset[ValueSlot] = frozenset(("category", "brand"))
"""An item has one of these: to state it is to deny every other."""

ADDITIVE: frozenset[ValueSlot] = frozenset(("material", "occasion", "season", "style", "feature"))
"""Lists that nobody writes out in full: outside closed slots, an item that states some may well have others."""


def describe(constraint: Constraint) -> str:
    """The constraint's value as one string: "red or blue", "not lace", "5000..8000" (minor units), "eu 38", "alpha M/L" (either)."""
    if isinstance(constraint, ValueConstraint):
        return f"{'not ' if constraint.negative else ''}{' or '.join(constraint.values)}"
    if isinstance(constraint, SizeConstraint):
        return f"{constraint.system} {'/'.join(constraint.labels)}"
    return f"{_bound(constraint.minimum)}..{_bound(constraint.maximum)}"


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def check(product: Product, constraint: Constraint, vocabulary: Vocabulary, closed_slots: Collection[Slot]) -> Check:
    """How `product` stands to `constraint`: met, unmet or unknown. For many products, `checker` is faster."""
    status = _status_of(constraint, vocabulary, constraint.slot in closed_slots)(product)
    return Check(slot=constraint.slot, value=describe(constraint), status=status)


def checker(constraint: Constraint, vocabulary: Vocabulary, closed_slots: Collection[Slot]) -> Callable[[Product], Check]:
    """`check` with all that does not depend on the product done once."""
    status_of = _status_of(constraint, vocabulary, constraint.slot in closed_slots)
    value = describe(constraint)
    results = {status: Check(slot=constraint.slot, value=value, status=status) for status in STATUSES}
    return lambda product: results[status_of(product)]


def _status_of(constraint: Constraint, vocabulary: Vocabulary, closed: bool) -> Callable[[Product], Status]:
    if isinstance(constraint, RangeConstraint):
        return lambda product: _range_status(product, constraint)
    if isinstance(constraint, SizeConstraint):
        asked, spared = (_kinds(named, vocabulary) for named in (constraint.categories, constraint.except_categories))
        return lambda product: _size_status(product, constraint, asked, spared)
    union = union_of(constraint, vocabulary)
    if not constraint.negative:
        return lambda product: _wanted_status(product.values(constraint.slot), union, constraint.slot, closed)
    return lambda product: _unwanted_status(product.values(constraint.slot), union, constraint.slot, closed, vocabulary)


def _wanted_status(stated: tuple[str, ...], union: frozenset[str], slot: ValueSlot, closed: bool) -> Status:
    if not union.isdisjoint(stated):
        return "met"
    return "unknown" if not closed and (not stated or slot in ADDITIVE) else "unmet"


def _unwanted_status(
    stated: tuple[str, ...], union: frozenset[str], slot: ValueSlot, closed: bool, vocabulary: Vocabulary
) -> Status:
    if not union.isdisjoint(stated):
        return "unmet"
    # "blue" of an item may be the navy that is not wanted: a word too coarse to tell is no evidence.
    if any(vocabulary.expand(slot, value) & union for value in stated):
        return "unknown"
    return "met" if closed or (stated and slot in SINGLE_VALUED) else "unknown"


def union_of(constraint: ValueConstraint, vocabulary: Vocabulary) -> frozenset[str]:
    """Every value that the constraint names, each with all that it includes."""
    return frozenset().union(*(vocabulary.expand(constraint.slot, value) for value in constraint.values))


def _range_status(product: Product, constraint: RangeConstraint) -> Status:
    price = product.price.amount_minor if product.price is not None else None
    value = price if constraint.slot == "price" else product.rating
    if value is None:
        return "unknown"
    above = constraint.minimum is None or value >= constraint.minimum
    below = constraint.maximum is None or value <= constraint.maximum
    return "met" if above and below else "unmet"


def _kinds(categories: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset().union(*(vocabulary.expand("category", category) for category in categories))


def concerns(product: Product, constraint: Constraint, vocabulary: Vocabulary) -> bool:
    """False where a size says nothing of the item: of another kind, of another sort of size, or judged by another size of the same person.
    Such an item is let through, and must not be said to be there in that size."""
    if not isinstance(constraint, SizeConstraint):
        return True
    asked, spared = (_kinds(named, vocabulary) for named in (constraint.categories, constraint.except_categories))
    return _is_asked(product, constraint, asked, spared)


def _is_asked(product: Product, constraint: SizeConstraint, asked: frozenset[str], spared: frozenset[str]) -> bool:
    """An item of unknown type is asked: it may be one of `categories`; so is one without sizes."""
    elsewhere = bool(constraint.categories) and product.product_type is not None and product.product_type not in asked
    if elsewhere or product.product_type in spared:
        return False
    comparable = any(size_group(piece.system) in (size_group(constraint.system), "one") for piece in product.sizes)
    beside = any(piece.in_stock and piece.system in constraint.beside for piece in product.sizes)
    return not product.sizes or (comparable and not beside)


def _size_status(product: Product, constraint: SizeConstraint, asked: frozenset[str], spared: frozenset[str]) -> Status:
    """Items that are not asked count as met."""
    if not _is_asked(product, constraint, asked, spared):
        return "met"
    if not product.sizes:
        return "unknown"
    comparable = [piece for piece in product.sizes if size_group(piece.system) in (size_group(constraint.system), "one")]
    audience = audiences(product.gender)
    found = any(
        piece.in_stock and fits(constraint.system, label, piece, audience) for piece in comparable for label in constraint.labels
    )
    return "met" if found else "unmet"


def passes(result: Check, constraint: Constraint) -> bool:
    """True when a hard constraint lets an item with this check through. A soft one lets everything through."""
    if constraint.strength == "soft":
        return True
    if isinstance(constraint, ValueConstraint) and constraint.negative:
        return result.status != "unmet"
    return result.status == "met"


def satisfies(
    product: Product, constraints: Iterable[Constraint], vocabulary: Vocabulary, closed_slots: Collection[Slot] = ()
) -> bool:
    """True when every hard constraint lets the item through."""
    return all(passes(check(product, one, vocabulary, closed_slots), one) for one in constraints if one.strength == "hard")
