"""What a known shopper's own purchases say of her: tastes, usual sizes, price level, how often she buys. Pure.

Everything here is `inferred` and soft: it orders, it never forbids, and any stated word beats it. The evidence is the purchases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median, quantiles

from assistant.schema import Preference, PriceRange, Profile
from catalog_data.schema import Interaction, Product, SizeSystem, Slot, ValueSlot

TASTE_SLOTS: tuple[ValueSlot, ...] = ("color", "style", "brand", "material", "fit")
LEAST_PURCHASES = 3
"""Fewer say nothing about taste."""
TASTE_SHARE = 0.34
"""A value counts as a taste when at least this share of the purchases that state the slot has it, three of them at least."""


def purchases(interactions: Iterable[Interaction], shopper_id: str) -> tuple[Interaction, ...]:
    """What this shopper bought and kept, oldest first; what she sent back is left out."""
    own = [event for event in interactions if event.user_id == shopper_id and event.product_id is not None]
    returned = {event.product_id for event in own if event.kind == "return"}
    bought = [event for event in own if event.kind == "purchase" and event.product_id not in returned]
    return tuple(sorted(bought, key=lambda event: event.at))


def infer(bought: Sequence[Interaction], by_id: Mapping[str, Product]) -> Profile:
    """The starting profile of a shopper with these purchases; an empty one below `LEAST_PURCHASES`."""
    pairs = [(event, by_id[event.product_id]) for event in bought if event.product_id is not None and event.product_id in by_id]
    if len(pairs) < LEAST_PURCHASES:
        return Profile()
    products = [product for _, product in pairs]
    found = [*_tastes(products), *_price_level(pairs)]
    sizes, size_preferences = _sizes(pairs)
    numbered = tuple(
        preference.model_copy(update={"preference_id": f"h{index}"})
        for index, preference in enumerate([*found, *size_preferences], 1)
    )
    return Profile(preferences=numbered, sizes={"me": sizes} if sizes else {}, version=1)


def rhythm(bought: Sequence[Interaction]) -> str | None:
    """How often she buys, in words: "about every 24 days"; None below three purchases on different days."""
    days = sorted({event.at.date() for event in bought})
    if len(days) < LEAST_PURCHASES:
        return None
    gap = median((later - earlier).days for earlier, later in pairwise(days))
    return f"about every {round(gap)} days"


def _preference(slot: Slot, value: str | PriceRange, evidence: str, size_system: SizeSystem | None = None) -> Preference:
    return Preference(
        preference_id="h0",
        slot=slot,
        value=value,
        strength="soft",
        source="inferred",
        evidence=evidence,
        turn=0,
        size_system=size_system,
    )


def _tastes(products: Sequence[Product]) -> list[Preference]:
    found = []
    for slot in TASTE_SLOTS:
        stating = [product for product in products if product.values(slot)]
        counts = Counter(value for product in stating for value in product.values(slot))
        best = min(counts.items(), key=lambda pair: (-pair[1], pair[0]), default=None)
        if best is None or best[1] < LEAST_PURCHASES or best[1] < TASTE_SHARE * len(stating):
            continue
        titles = [product.title for product in stating if best[0] in product.values(slot)]
        found.append(_preference(slot, best[0], f"{best[1]} of {len(stating)} purchases: {_listed(titles)}"))
    return found


def _price_level(pairs: Sequence[tuple[Interaction, Product]]) -> list[Preference]:
    paid = [
        event.price_minor if event.price_minor is not None else product.price.amount_minor if product.price else None
        for event, product in pairs
    ]
    known = sorted(amount for amount in paid if amount is not None)
    if len(known) < LEAST_PURCHASES:
        return []
    upper = round(quantiles(known, n=10, method="inclusive")[-1])
    return [
        _preference(
            "price",
            PriceRange(max=upper),
            f"nine of ten of {len(known)} purchases cost no more; {rhythm([e for e, _ in pairs]) or 'now and then'}",
        )
    ]


def _sizes(pairs: Sequence[tuple[Interaction, Product]]) -> tuple[dict[str, str], list[Preference]]:
    by_system: dict[SizeSystem, Counter[str]] = {}
    for event, product in pairs:
        system = next((size.system for size in product.sizes if size.label == event.size), None)
        if event.size is not None and system is not None and system != "one":
            by_system.setdefault(system, Counter())[event.size] += 1
    sizes: dict[str, str] = {}
    preferences = []
    for system, counts in sorted(by_system.items()):
        label, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if count < 2:
            continue
        sizes.setdefault("shoes" if system == "eu_shoe" else "clothing", label)
        preferences.append(_preference("size", label, f"bought in {label} {count} of {counts.total()} times", system))
    return sizes, preferences


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(titles[:3]) + (" and more" if len(titles) > 3 else "")
