"""What a known shopper's own purchases say of her: tastes, usual sizes, price level, how often she buys. Pure.

Everything here is `inferred` and soft: it orders, it never forbids, and any stated word beats it. The evidence is the purchases. What she
bought for children says nothing of herself and is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil
from statistics import median

from assistant.schema import ME, Preference, PriceRange, Profile
from catalog_data.schema import Interaction, Product, SizeSystem, Slot, ValueSlot

Shares = Mapping[ValueSlot, Mapping[str, float]]
"""For each slot of taste and value: of the shop's items that state the slot, the share that has the value, 0 to 1."""

TASTE_SLOTS: tuple[ValueSlot, ...] = ("color", "style", "brand", "material", "fit")
LEAST_PURCHASES = 3
"""Fewer say nothing about taste."""
TASTE_SHARE, TASTE_LIFT = 0.25, 1.5
"""A value counts as a taste when at least this share of the purchases that state the slot has it, and this many times its share in the
shop: who buys black where most things are black has no taste for it."""
AUDIENCE_SHARE = 0.8
"""Of the purchases made for women or for men, the share that must be for one of them."""
PRICE_SHARE = 0.9
"""Of the purchases, the share that the price level covers."""
CHILDREN = frozenset({"girls", "boys", "kids", "baby"})

_NAME_OF_SIZE: Mapping[SizeSystem, str] = {"eu_shoe": "shoes", "waist": "trousers"}


def purchases(interactions: Iterable[Interaction], shopper_id: str) -> tuple[Interaction, ...]:
    """What this shopper bought and kept, oldest first. A return takes out the last purchase of the item before it, in its size if stated."""
    own = [e for e in interactions if e.user_id == shopper_id and e.product_id is not None and e.kind in ("purchase", "return")]
    kept: list[Interaction] = []
    for event in sorted(own, key=lambda event: (event.at, event.kind)):
        if event.kind == "purchase":
            kept.append(event)
            continue
        same = [e for e in kept if e.product_id == event.product_id and (e.size == event.size or None in (e.size, event.size))]
        if same:
            kept.remove(same[-1])
    return tuple(kept)


def shares(products: Sequence[Product]) -> Shares:
    """How common each value of a slot of taste is in the shop."""
    found: dict[ValueSlot, dict[str, float]] = {}
    for slot in TASTE_SLOTS:
        stated = [product.values(slot) for product in products if product.values(slot)]
        counts = Counter(value for values in stated for value in set(values))
        found[slot] = {value: count / len(stated) for value, count in counts.items()}
    return found


def infer(bought: Sequence[Interaction], by_id: Mapping[str, Product], usual: Shares) -> Profile:
    """The starting profile of a shopper with these purchases; an empty one below `LEAST_PURCHASES`. `usual`: `shares` of the shop."""
    known = [(event, by_id[event.product_id]) for event in bought if event.product_id is not None and event.product_id in by_id]
    pairs = [(event, product) for event, product in known if not (product.gender and CHILDREN.issuperset(product.gender))]
    if len(pairs) < LEAST_PURCHASES:
        return Profile()
    products = [product for _, product in pairs]
    sizes, size_preferences = _sizes(pairs)
    found = [*_audience(products), *_tastes(products, usual), *_price_level(pairs), *size_preferences]
    numbered = tuple(each.model_copy(update={"preference_id": f"h{number}"}) for number, each in enumerate(found, 1))
    return Profile(preferences=numbered, sizes={ME: sizes} if sizes else {}, version=1)


def rhythm(bought: Sequence[Interaction]) -> str | None:
    """How often she buys, in words: "about every 24 days"; None below three purchases on different days."""
    days = sorted({event.at.date() for event in bought})
    if len(days) < LEAST_PURCHASES:
        return None
    gap = round(median((later - earlier).days for earlier, later in pairwise(days)))
    return f"about every {gap} days" if gap > 1 else "about every day"


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


def _audience(products: Sequence[Product]) -> Iterable[Preference]:
    """For women or for men, where nearly all that is made for either is for one of them; unisex items say nothing."""
    counts = {each: sum(each in product.gender for product in products) for each in ("women", "men")}
    audience, count = max(counts.items(), key=lambda pair: pair[1])
    total = sum(counts.values())
    if count >= LEAST_PURCHASES and count >= AUDIENCE_SHARE * total:
        yield _preference("gender", audience, f"{count} of {total} purchases made for women or men are for {audience}")


def _tastes(products: Sequence[Product], usual: Shares) -> Iterable[Preference]:
    for slot in TASTE_SLOTS:
        stating = [product for product in products if product.values(slot)]
        counts = Counter(value for product in stating for value in set(product.values(slot)))
        tastes = {
            value: count
            for value, count in counts.items()
            if count
            >= max(LEAST_PURCHASES, TASTE_SHARE * len(stating), TASTE_LIFT * usual.get(slot, {}).get(value, 0) * len(stating))
        }
        if tastes:
            best, count = min(tastes.items(), key=lambda pair: (-pair[1], pair[0]))
            titles = [product.title for product in stating if best in product.values(slot)]
            yield _preference(slot, best, f"{count} of {len(stating)} purchases: {_listed(titles)}")


def _price_level(pairs: Sequence[tuple[Interaction, Product]]) -> Iterable[Preference]:
    """The least price that she paid which covers `PRICE_SHARE` of her purchases."""
    paid = [
        event.price_minor if event.price_minor is not None else product.price.amount_minor if product.price else None
        for event, product in pairs
    ]
    known = sorted(amount for amount in paid if amount is not None)
    if len(known) < LEAST_PURCHASES:
        return
    upper = known[ceil(PRICE_SHARE * len(known)) - 1]
    within = sum(amount <= upper for amount in known)
    often = rhythm([event for event, _ in pairs])
    evidence = f"{within} of {len(known)} purchases cost no more" + (f"; one {often}" if often else "")
    yield _preference("price", PriceRange(max=upper), evidence)


def _sizes(pairs: Sequence[tuple[Interaction, Product]]) -> tuple[dict[str, str], list[Preference]]:
    """Her usual size in each system: the label bought most often, at least twice; a span ("39/40", of socks) only where no single size is."""
    by_system: dict[SizeSystem, Counter[str]] = {}
    for event, product in pairs:
        system = next((size.system for size in product.sizes if size.label == event.size), None)
        if event.size is not None and system is not None and system != "one":
            by_system.setdefault(system, Counter())[event.size] += 1
    sizes: dict[str, str] = {}
    preferences = []
    for system, counts in sorted(by_system.items()):
        usual = [(label, count) for label, count in counts.items() if count >= 2]
        if not usual:
            continue
        label, count = min(usual, key=lambda pair: ("/" in pair[0], -pair[1], pair[0]))
        sizes.setdefault(_NAME_OF_SIZE.get(system, "clothing"), label)
        preferences.append(_preference("size", label, f"bought in {label} {count} of {counts.total()} times", system))
    return sizes, preferences


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(titles[:3]) + (" and more" if len(titles) > 3 else "")
