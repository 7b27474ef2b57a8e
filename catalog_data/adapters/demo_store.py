"""A Retail Demo Store's folder: products.yaml (items with stock, style and audience) and offers.json (codes that take a share off).

How a row becomes a `Product` stands in demo_store_rows.py. Brands, sizes of clothes, ratings, reviews, shoppers, ties and list prices are not
in the source, so they are absent; its pictures are names of files that it does not ship.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog_data.adapters.demo_store_rows import CURRENCY, RowReader, load_rules
from catalog_data.adapters.stating import load_text
from catalog_data.cleaning import clean
from catalog_data.errors import CatalogEmpty, CatalogUnreadable
from catalog_data.reading import Folder, shortened, shown, validated, yaml_items
from catalog_data.schema import Catalog, LoadReport, Manifest, Product, Promotion
from catalog_data.vocabulary import Vocabulary

PRODUCTS = "products.yaml"
OFFERS = "offers.json"
READ = ("id", "name", "category", "style", "description", "price", "current_stock", "gender_affinity")
NOT_READ = ("image", "image_license", "link", "promoted", "featured", "aliases", "where_visible")
KNOWN = frozenset((*READ, *NOT_READ))
LONGEST = {"name": 300, "description": 20_000}
_SHARE_OFF = re.compile(r"(\d{1,3}) ?% off any purchase", re.IGNORECASE)

# No slot is closed: types, colours and all else are read from prose, and what it does not say is unknown.
MANIFEST = Manifest(catalog_id="demo_store", name="Retail Demo Store", currency=CURRENCY)


def recognises(path: Path) -> bool:
    """Whether `path` is a folder of a Retail Demo Store."""
    return (path / PRODUCTS).is_file()


def load(path: Path, vocabulary: Vocabulary, now: datetime | None = None) -> Catalog:
    """Reads the folder. Nothing in it has a time, so `now` changes nothing.

    Raises `CatalogUnreadable` where products.yaml is no list in YAML, `CatalogEmpty` where not one good item is left.
    """
    folder = Folder(path)
    reader = RowReader(vocabulary, load_rules(vocabulary), load_text(vocabulary))
    products = _products(folder, reader)
    if not products:
        raise CatalogEmpty(f"{path}: not one good item in {PRODUCTS}; mend its rows")
    promotions = tuple(_promotions(folder))
    report = LoadReport(
        counts={PRODUCTS: len(products), OFFERS: len(promotions)},
        problems=folder.problems.all(),
        unmapped={column: dict(words.most_common()) for column, words in reader.unmapped.items()},
        notes=_notes(products),
    )
    return Catalog(manifest=MANIFEST, products=products, promotions=promotions, digest=folder.digest, report=report)


def _products(folder: Folder, reader: RowReader) -> tuple[Product, ...]:
    """The good rows in the file's order; a problem's line is the one on which its row begins."""
    kept: dict[str, Product] = {}
    for line, row in _rows(folder):
        if not isinstance(row, dict):
            folder.problems.add(PRODUCTS, shown(row), "a map of an item's fields", line=line, many=True)
            continue
        for name in sorted(str(each) for each in row if each not in KNOWN):
            known = "no such field; it is left out"
            folder.problems.add(
                PRODUCTS, "an unknown field", known, line=line, at=shown(name).strip('"'), severity="warning", many=True
            )
        wrong = [name for name in ("name", "description", "category", "style") if not isinstance(row.get(name, ""), str)]
        for name in wrong:
            folder.problems.add(PRODUCTS, shown(row[name]), "a text", line=line, at=name, many=True)
        row = shortened(row, LONGEST, PRODUCTS, line, folder.problems)
        product = None if wrong else validated(Product, reader.fields(row), PRODUCTS, line, folder.problems, many=True)
        if product is not None and product.product_id in kept:
            allowed = "an id once; the first stays"
            folder.problems.add(PRODUCTS, f"{shown(product.product_id)} again", allowed, line=line, at="id", many=True)
        elif product is not None:
            kept[product.product_id] = product
    return tuple(kept.values())


def _rows(folder: Folder) -> Sequence[tuple[int, Any]]:
    lines = folder.lines(PRODUCTS)
    here = folder.path / PRODUCTS
    damaged = [number for number, line in enumerate(lines, 1) if line is None]
    for number in damaged:
        folder.problems.add(
            PRODUCTS, "bytes that are not UTF-8", "text in UTF-8; they are left out", line=number, severity="warning", many=True
        )
    try:
        value, items = yaml_items("\n".join("" if line is None else line.rstrip("\r") for line in lines))
    except ValueError as error:
        raise CatalogUnreadable(f"{here}: found {error}; allowed: a YAML list of items") from error
    if not isinstance(value, list):
        raise CatalogUnreadable(f"{here}: found {type(value).__name__}; allowed: a YAML list of items")
    return items


def _promotions(folder: Folder) -> Iterator[Promotion]:
    """One promotion a code: "5% off any purchase" with three codes is three. An offer that says something else is reported."""
    data = folder.read(OFFERS)
    if data is None:
        return
    try:
        offers = clean(json.loads(data))
    except (ValueError, RecursionError) as error:
        folder.problems.add(OFFERS, f"no JSON ({type(error).__name__})", "a JSON list of offers")
        return
    for number, offer in enumerate(offers if isinstance(offers, list) else [offers], 1):
        said = offer.get("description") if isinstance(offer, dict) else None
        codes = offer.get("codes") if isinstance(offer, dict) else None
        share = _SHARE_OFF.fullmatch(said.strip()) if isinstance(said, str) else None
        if not isinstance(said, str) or share is None or not isinstance(codes, list) or offer.get("expiry") is not None:
            allowed = "an offer with codes, no expiry, and a description such as '5% off any purchase'"
            folder.problems.add(OFFERS, shown(offer), allowed, line=number)
            continue
        for code in codes:
            fields = {"promotion_id": f"offer-{number}-{code}", "title": said.strip(), "code": code}
            terms = {"kind": "percent", "promotion_class": "order", "percent": int(share[1])}
            promotion = validated(Promotion, {**fields, **terms}, OFFERS, number, folder.problems, many=False)
            if promotion is not None:
                yield promotion


def _notes(products: Sequence[Product]) -> tuple[str, ...]:
    typed = sum(product.product_type is not None for product in products)
    for_whom = sum(bool(product.gender) for product in products)
    colored = sum(bool(product.colors) for product in products)
    return (
        f"{len(products):,} items: {typed:,} of a known type, {for_whom:,} that say for whom they are, {colored:,} that name a colour",
        "prices have no stated currency; they are shown as USD",
        "types, colours, materials, patterns, features and occasions are read from names and descriptions; what these do not say is unknown",
        "stock is given without sizes, so it is shown only of items that come in one size",
        "the source has no brands, sizes, ratings, reviews, list prices, shoppers, ties or policy; its pictures are not shipped with it",
    )
