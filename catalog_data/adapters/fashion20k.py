"""fashion20k: 20,185 items of H&M and Net-a-Porter as `items.parquet`, and the ties between them as `edges.parquet`.

How a row becomes a `Product` stands in fashion20k_rows.py. Items that are colours of one style share a `style_id`: for H&M the first
seven digits of the article number, for Net-a-Porter all that `otherColors` ties. Sizes, ratings, reviews, promotions, shoppers and
pictures are not in the source, so they are absent (its image addresses are remote, and nothing is fetched).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from math import inf
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from catalog_data.adapters.fashion20k_rows import CURRENCY, RowReader, load_rules
from catalog_data.adapters.stating import load_text
from catalog_data.errors import CatalogEmpty, CatalogUnreadable
from catalog_data.reading import Folder, shortened, shown, validated
from catalog_data.schema import Catalog, Link, LoadReport, Manifest, Product
from catalog_data.vocabulary import Vocabulary

ITEMS = "items.parquet"
EDGES = "edges.parquet"
COLUMNS = (
    "item_id",
    "source",
    "title",
    "description",
    "brand",
    "category",
    "colour",
    "pattern",
    "department",
    "gender",
    "price",
    "size_notes",
)
OPTIONAL = ("size_notes",)
NUMBERS = ("price", "weight")
LONGEST = {"title": 300, "description": 20_000}
EDGE_COLUMNS = ("src", "dst", "relation", "weight")

_LINKS = TypeAdapter(tuple[Link, ...])

MANIFEST = Manifest(
    catalog_id="fashion20k",
    name="fashion20k: H&M and Net-a-Porter",
    currency=CURRENCY,
    # Each row states one category, one colour and one brand. A list of materials, features or occasions read from prose is never known
    # to be whole, and 2,101 rows state no gender.
    closed_slots=("category", "color", "brand"),
)


def recognises(path: Path) -> bool:
    """Whether `path` is a folder of fashion20k."""
    return (path / ITEMS).is_file()


def load(path: Path, vocabulary: Vocabulary, now: datetime | None = None) -> Catalog:
    """Reads the folder. Nothing in it has a time, so `now` changes nothing.

    Raises `CatalogUnreadable` where a file is no Parquet or lacks columns, `CatalogEmpty` where not one good item is left.
    """
    folder = Folder(path)
    reader = RowReader(vocabulary, load_rules(vocabulary), load_text(vocabulary))
    edges = _table(folder, EDGES, EDGE_COLUMNS)
    products = _products(folder, reader, _styles(edges))
    if not products:
        raise CatalogEmpty(f"{path}: not one good item in {ITEMS}; mend its rows")
    links = _links(folder, edges, frozenset(product.product_id for product in products))
    report = LoadReport(
        counts={ITEMS: len(products), EDGES: len(links)},
        problems=folder.problems.all(),
        unmapped={column: dict(words.most_common()) for column, words in reader.unmapped.items()},
        notes=_notes(products, links),
    )
    return Catalog(manifest=MANIFEST, products=products, links=links, digest=folder.digest, report=report)


def _table(folder: Folder, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a Parquet file, none where it is not there: numbers as floats, all else as text. Raises `CatalogUnreadable` where
    columns are missing or hold something else."""
    data = folder.read(name)
    if data is None:
        return []
    try:
        file = pq.ParquetFile(BytesIO(data))
        there = [column for column in columns if column in file.schema_arrow.names]
        missing = [column for column in columns if column not in (*there, *OPTIONAL)]
        if missing:
            allowed = f"the columns {', '.join(columns)}"
            raise CatalogUnreadable(f"{folder.path / name}: found no column {', '.join(missing)}; allowed: {allowed}")
        types = {column: pa.float64() if column in NUMBERS else pa.string() for column in there}
        rows: list[dict[str, Any]] = file.read(columns=there).select(there).cast(pa.schema(types.items())).to_pylist()
    except (pa.ArrowException, OSError) as error:
        allowed = f"a Parquet file whose columns hold text ({', '.join(NUMBERS)}: numbers)"
        raise CatalogUnreadable(f"{folder.path / name}: found {error}; allowed: {allowed}") from error
    return rows


def _products(folder: Folder, reader: RowReader, styles: Mapping[str, str]) -> tuple[Product, ...]:
    """The good rows in the file's order; a problem's line is the row's number from 1."""
    kept: dict[str, Product] = {}
    for line, row in enumerate(_table(folder, ITEMS, COLUMNS), 1):
        item = row["item_id"] or ""
        style = item[: len("hm:") + 7] if item.startswith("hm:") else styles.get(item)
        row = shortened(row, LONGEST, ITEMS, line, folder.problems)
        product = validated(Product, {**reader.fields(row), "style_id": style}, ITEMS, line, folder.problems, many=True)
        if product is not None and product.product_id in kept:
            allowed = "an id once; the first stays"
            folder.problems.add(ITEMS, f"{shown(product.product_id)} again", allowed, line=line, at="item_id", many=True)
        elif product is not None:
            kept[product.product_id] = product
    return tuple(kept.values())


def _links(folder: Folder, edges: Iterable[dict[str, Any]], known: frozenset[str]) -> tuple[Link, ...]:
    good: list[dict[str, Any]] = []
    for line, row in enumerate(edges, 1):
        wrong = "src" if row["src"] not in known else "dst" if row["dst"] not in known else None
        if wrong is not None:
            folder.problems.add(EDGES, shown(row[wrong]), f"an id of {ITEMS}", line=line, at=wrong, many=True)
        elif row["src"] == row["dst"]:
            folder.problems.add(EDGES, shown(row["dst"]), "two different items", line=line, at="dst", many=True)
        elif row["weight"] is not None and 0 < row["weight"] < inf and row["relation"] is not None:
            good.append(row)
        else:
            validated(Link, row, EDGES, line, folder.problems, many=True)
    return _LINKS.validate_python(good)  # at once: 128,000 rows


def _styles(edges: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Item id -> style id for the items that `otherColors` ties: the connected parts, each named after its least id (union-find with
    path halving)."""
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for edge in edges:
        if edge["relation"] == "otherColors" and edge["src"] and edge["dst"]:
            one, other = sorted((root(edge["src"]), root(edge["dst"])))
            parent[other] = one
    return {item: root(item) for item in tuple(parent)}


def _notes(products: Sequence[Product], links: Sequence[Link]) -> tuple[str, ...]:
    brands = Counter("H&M" if product.product_id.startswith("hm:") else "Net-a-Porter" for product in products)
    unpriced = sum(product.price is None for product in products)
    ungendered = sum(not product.gender for product in products)
    relations = Counter(link.relation for link in links)
    return (
        f"{brands['H&M']:,} items of H&M, {brands['Net-a-Porter']:,} of Net-a-Porter",
        "H&M prices have no stated currency and are known to within about 3 units; they are shown as USD",
        "Net-a-Porter prices are USD list prices of 2013",
        "each row states one main colour; Net-a-Porter's texts may name more, H&M's prints have others that are not stated",
        f"{unpriced:,} items have no price; {ungendered:,} do not say for whom they are",
        "materials, features, fits and occasions are read from titles and descriptions; what these do not say is unknown",
        f"ties: {', '.join(f'{count:,} {relation}' for relation, count in relations.most_common())}"
        if links
        else f"no {EDGES}: no ties",
        "the source has no sizes, stock, ratings, reviews, promotions, shoppers or policy; its pictures are remote and not fetched",
    )
