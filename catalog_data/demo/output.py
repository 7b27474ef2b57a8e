"""Writes the shop's files. Every byte follows from what is handed in: fixed order, fixed separators, no clock."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from catalog_data.demo.tables import TABLES
from catalog_data.schema import Frozen, Interaction, Product, Review

COLUMNS = ("user_id", "kind", "at", "product_id", "query", "size", "price_minor")
_COPIED = ("catalog.yaml", "promotions.yaml", "policy.md")


def write_files(
    out: Path, seed: int, products: Sequence[Product], interactions: Sequence[Interaction], reviews: Sequence[Review]
) -> None:
    """Writes all files of the native form, and their README, into `out` (made where it is not there)."""
    out.mkdir(parents=True, exist_ok=True)
    texts = {name: (TABLES / name).read_text(encoding="utf-8") for name in _COPIED}
    texts |= {
        "products.jsonl": json_lines(products),
        "interactions.csv": interactions_csv(interactions),
        "reviews.jsonl": json_lines(reviews),
    }
    template = Template((TABLES / "readme.md").read_text(encoding="utf-8"))
    texts["README.md"] = template.substitute(_counts(seed, products, interactions, reviews, texts))
    for name, text in sorted(texts.items()):
        (out / name).write_text(text, encoding="utf-8", newline="\n")


def json_lines(rows: Sequence[Frozen]) -> str:
    """One compact JSON object a line, without the fields that are empty."""
    return "".join(json.dumps(_bare(row), ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def _bare(row: Frozen) -> dict[str, Any]:
    return {key: value for key, value in row.model_dump(mode="json").items() if value not in (None, [], "")}


def interactions_csv(rows: Sequence[Interaction]) -> str:
    """The events under their header; times in UTC to the second."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        at = row.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        writer.writerow([row.user_id, row.kind, at, row.product_id, row.query, row.size, row.price_minor])
    return buffer.getvalue()


def _counts(
    seed: int,
    products: Sequence[Product],
    interactions: Sequence[Interaction],
    reviews: Sequence[Review],
    texts: Mapping[str, str],
) -> dict[str, str]:
    kinds = Counter(event.kind for event in interactions)
    return {
        "seed": str(seed),
        "products": f"{len(products):,}",
        "styles": f"{len({product.style_id for product in products}):,}",
        "types": str(len({product.product_type for product in products})),
        "brands": str(len({product.brand for product in products})),
        "interactions": f"{len(interactions):,}",
        "shoppers": f"{len({event.user_id for event in interactions}):,}",
        "kinds": ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common()),
        "first": f"{interactions[0].at:%Y-%m-%d}",
        "last": f"{interactions[-1].at:%Y-%m-%d}",
        "reviews": f"{len(reviews):,}",
        "promotions": str(texts["promotions.yaml"].count("- promotion_id:")),
        "sections": str(texts["policy.md"].count("\n## ")),
    }
