"""The shop's own form: a folder with catalog.yaml and products.jsonl, and whatever else the shop has.

    catalog.yaml        what the catalog says of itself (`Manifest`)
    products.jsonl      one `Product` a line, as a JSON object
    interactions.csv    user_id,kind,at,product_id,query,size,price_minor; one event a line, no line feeds inside quotes
    links.csv           src,dst,relation,weight
    reviews.jsonl       one `Review` a line
    promotions.yaml     a list of `Promotion`
    policy.md           `## Heading` sections

All but the first two may be missing. Rows that are wrong are reported and left out; the others load. All texts are cleaned
(`catalog_data/cleaning.py`). Words of the closed slots may be any English word of the vocabulary ("trainers" becomes "sneakers");
one that it lacks is dropped and counted in `LoadReport.unmapped`. An item for all four seasons is also one for "all season".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from catalog_data.errors import CatalogEmpty
from catalog_data.native.events import INTERACTIONS, LINKS, REVIEWS, read_interactions, read_links, read_reviews
from catalog_data.native.products import PRODUCTS, read_products
from catalog_data.native.terms import MANIFEST, POLICY, PROMOTIONS, read_manifest, read_policy, read_promotions
from catalog_data.reading import Folder
from catalog_data.schema import Catalog, LoadReport
from catalog_data.vocabulary import Vocabulary

__all__ = ["MANIFEST", "load", "recognises"]

FILES = (PRODUCTS, INTERACTIONS, LINKS, REVIEWS, PROMOTIONS, POLICY)


def recognises(path: Path) -> bool:
    """Whether `path` is a folder in the shop's own form."""
    return (path / MANIFEST).is_file()


def load(path: Path, vocabulary: Vocabulary, now: datetime | None = None) -> Catalog:
    """Reads a folder. Events and reviews after `now` are reported and left out; `None` lets all times pass.

    Raises `CatalogUnreadable` where the manifest or a whole file cannot be read, `CatalogEmpty` where not one good product is left.
    """
    folder = Folder(path)
    manifest = read_manifest(folder)
    unmapped: dict[str, Counter[str]] = defaultdict(Counter)
    products = read_products(folder, manifest, vocabulary, unmapped)
    if not products:
        first = "; ".join(str(problem) for problem in folder.problems.all()[:5]) or f"no {PRODUCTS}"
        raise CatalogEmpty(f"{path}: not one good product in {PRODUCTS}; mend its lines. First problems: {first}")
    known = frozenset(product.product_id for product in products)
    interactions = read_interactions(folder, known, now)
    links = read_links(folder, known)
    reviews = read_reviews(folder, known, now)
    promotions = read_promotions(folder, known, vocabulary)
    policy = read_policy(folder)
    lists = (products, interactions, links, reviews, promotions, policy)
    return Catalog(
        manifest=manifest,
        products=products,
        interactions=interactions,
        links=links,
        reviews=reviews,
        promotions=promotions,
        policy=policy,
        digest=folder.digest,
        report=LoadReport(
            counts=dict(zip(FILES, map(len, lists), strict=True)),
            problems=folder.problems.all(),
            unmapped={slot: dict(words) for slot, words in unmapped.items()},
        ),
    )
