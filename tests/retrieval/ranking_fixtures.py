"""Small catalogs whose interactions are counted by hand, and a shop of two tastes to fit on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from catalog_data.schema import Catalog, Interaction, InteractionKind, Link, Manifest, Money, Product
from catalog_data.vocabulary import Entry, Vocabulary

START = datetime(2026, 1, 1, tzinfo=UTC)


def vocabulary() -> Vocabulary:
    """Two types, two colours."""
    return Vocabulary(
        {
            "category": {"shirt": Entry(role="top"), "dress": Entry(role="dress")},
            "color": {"red": Entry(), "blue": Entry()},
        }
    )


def item(product_id: str, **fields: object) -> Product:
    """A shirt of no brand, but for what is given. `price` is in minor units."""
    price = fields.pop("price", None)
    given = {"product_id": product_id, "title": product_id, "product_type": "shirt"} | fields
    return Product.model_validate(
        given | {"price": None if price is None else Money(amount_minor=int(str(price)), currency="EUR")}
    )


def catalog(products: Sequence[Product], interactions: Sequence[Interaction] = (), links: Sequence[Link] = ()) -> Catalog:
    """A catalog of these items in this order; colours are closed."""
    manifest = Manifest(catalog_id="small", name="Small", currency="EUR", closed_slots=("color", "category"))
    return Catalog(
        manifest=manifest, products=tuple(products), interactions=tuple(interactions), links=tuple(links), digest="0" * 64
    )


def act(user: str, product_id: str | None, kind: InteractionKind = "purchase", hour: int = 0) -> Interaction:
    """One act, so many hours after the start."""
    query = "shirts" if kind == "search" else None
    return Interaction(user_id=user, kind=kind, at=START + timedelta(hours=hour), product_id=product_id, query=query)


def purchases(baskets: Sequence[str]) -> list[Interaction]:
    """One user a string, one purchase a letter, an hour apart: "abc" bought a, then b, then c."""
    return [act(f"u{user}", letter, hour=hour) for user, letters in enumerate(baskets) for hour, letter in enumerate(letters)]


def two_tastes(shoppers: int = 150) -> Catalog:
    """40 red and 40 blue shirts, 80 dresses likewise. Half of the shoppers buy eight red things each, half blue ones, within a taste of
    small circles of items that are bought together; nothing else ties an item to another."""
    products = [
        item(f"{kind}-{color}-{number}", product_type=kind, colors=(color,), title=f"{color} {kind}")
        for kind in ("shirt", "dress")
        for color in ("red", "blue")
        for number in range(40)
    ]
    random = np.random.default_rng(7)
    interactions = []
    for user in range(shoppers):
        color = ("red", "blue")[user % 2]
        circle = int(random.integers(0, 8))
        for hour in range(8):
            kind = ("shirt", "dress")[int(random.integers(0, 2))]
            number = circle * 5 + int(random.integers(0, 5))
            interactions.append(act(f"u{user:03}", f"{kind}-{color}-{number}", hour=hour))
    return catalog(products, interactions)


def seasons(shoppers: int = 450) -> Catalog:
    """Twelve brands of thirty items. Who bought of a brand buys of the next one, whichever item: pairs of items hardly recur, so that
    counts of them know little; the order of the brands tells."""
    random = np.random.default_rng(3)
    acts = []
    for user in range(shoppers):
        first = int(random.integers(0, 12))
        bought = [f"b{(first + step) % 12}-{int(random.integers(0, 30))}" for step in range(5)]
        acts += [act(f"u{user:03}", one, hour=hour) for hour, one in enumerate(bought)]
    return catalog(
        [item(f"b{brand}-{place}", brand=f"b{brand}", title="thing") for brand in range(12) for place in range(30)], acts
    )
