"""Whether an item is what a script asks for, by the catalog's own row. Written apart from `retrieval.filters`, so that a fault there is
seen here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from assistant.evaluation.results import Shop
from assistant.evaluation.script import Bounds, ItemCondition, Words
from catalog_data.money import minor_digits
from catalog_data.schema import VALUE_SLOTS, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary

CENT = 1e-9


def listed(words: Words | None) -> tuple[str, ...]:
    """One word as a list of one; none as none."""
    return () if words is None else (words,) if isinstance(words, str) else words


def major(amount_minor: int, currency: str) -> float:
    """An amount in whole units: 4990 EUR -> 49.9."""
    return float(Decimal(amount_minor).scaleb(-minor_digits(currency)))


def minor(amount: float, currency: str) -> int:
    """An amount in minor units: 49.9 EUR -> 4990."""
    return int((Decimal(str(amount)).scaleb(minor_digits(currency))).to_integral_value())


def within(value: float | None, bounds: Bounds) -> bool:
    """An unknown value is within no bounds."""
    if value is None:
        return False
    return (
        (bounds.lt is None or value < bounds.lt - CENT)
        and (bounds.lte is None or value <= bounds.lte + CENT)
        and (bounds.gt is None or value > bounds.gt + CENT)
        and (bounds.gte is None or value >= bounds.gte - CENT)
        and (bounds.equals is None or abs(value - bounds.equals) <= CENT)
    )


def told(bounds: Bounds) -> str:
    """Bounds in a reader's words: "lte 50"."""
    return " ".join(f"{name} {value:g}" for name, value in bounds.model_dump(exclude_none=True).items())


def states_any(product: Product, slot: ValueSlot, words: Iterable[str], shop: Shop) -> bool:
    """The item states one of these words in `slot`, or a word that one of them includes; brands without regard to case."""
    stated = {value.casefold() for value in product.values(slot)}
    wanted = (value for word in words for value in shop.vocabulary.expand(slot, canonical(slot, word, shop.vocabulary)))
    return any(value.casefold() in stated for value in wanted)


def canonical(slot: ValueSlot, word: str, vocabulary: Vocabulary) -> str:
    """The vocabulary's own value for a word ("dresses": dress); a word that it lacks, such as a brand, stays."""
    terms = vocabulary.lookup(word, slot)
    return terms[0].value if terms and word not in vocabulary.values(slot) else word


def misses(product: Product, wanted: ItemCondition, shop: Shop) -> tuple[str, ...]:
    """The fields of `wanted` in which this item is not what it should be; none where it is."""
    found = [
        slot for slot in VALUE_SLOTS if (words := listed(getattr(wanted, slot))) and not states_any(product, slot, words, shop)
    ]
    plain = (
        ("product_id", wanted.product_id is None or product.product_id in listed(wanted.product_id)),
        ("title", wanted.title is None or re.search(wanted.title, product.title, re.IGNORECASE) is not None),
        ("size", wanted.size is None or has_size(product, wanted.size)),
        ("price", wanted.price is None or within(price_of(product), wanted.price)),
        ("rating", wanted.rating is None or within(product.rating, wanted.rating)),
        ("in_stock", wanted.in_stock is None or product.in_stock == wanted.in_stock),
        ("reduced", wanted.reduced is None or (product.struck_price is not None) == wanted.reduced),
    )
    return (*found, *(name for name, holds in plain if not holds))


def price_of(product: Product) -> float | None:
    """The catalog's own price, in whole units."""
    return None if product.price is None else major(product.price.amount_minor, product.price.currency)


def has_size(product: Product, label: str) -> bool:
    """That label is in stock, alone or as a part of one ("39" of "39/40"); an item of one size fits all."""
    wanted = label.casefold()
    return any(
        size.in_stock and (size.system == "one" or wanted in (size.label.casefold(), *size.label.casefold().split("/")))
        for size in product.sizes
    )


def asked_for(wanted: ItemCondition) -> str:
    """The condition in a reader's words."""
    parts = []
    for name, value in wanted.model_dump(exclude_none=True).items():
        shown = (
            told(Bounds(**value)) if isinstance(value, dict) else " or ".join(value) if isinstance(value, tuple) else str(value)
        )
        parts.append(f"{name} {shown}")
    return ", ".join(parts)
