"""interactions.csv, links.csv and reviews.jsonl: what shoppers did and said, and which items belong together."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog_data.cleaning import clean_text
from catalog_data.native.products import LONGEST, PRODUCTS, mend
from catalog_data.reading import Folder, Problems, json_object, shown, validated
from catalog_data.schema import Interaction, Link, Review

INTERACTIONS = "interactions.csv"
LINKS = "links.csv"
REVIEWS = "reviews.jsonl"
EVENTS_A_USER = 2_000


def _table(folder: Folder, name: str, required: Sequence[str], optional: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file as column to cell, empty cells left out. Unknown columns are dropped with one warning each."""
    rows = folder.rows(name, many=True)
    first = next(rows, None)
    if first is None:
        return
    columns = [cell.strip().lower() for cell in _cells(clean_text(first[1])) or []]
    missing = [column for column in required if column not in columns]
    if missing:
        header = ",".join([*required, *optional])
        folder.problems.add(name, f"no column {', '.join(missing)}", f"a header {header}", line=first[0])
        return
    for column in columns:
        if column not in (*required, *optional):
            allowed = "no such column; it is left out"
            folder.problems.add(
                name, "an unknown column", allowed, line=first[0], at=shown(column).strip('"'), severity="warning"
            )
    used = [(index, column) for index, column in enumerate(columns) if column in (*required, *optional)]
    for line, text in rows:
        cells = _cells(text if text.isascii() and text.isprintable() else clean_text(text))
        if cells is None or len(cells) != len(columns):
            found = "a broken quotation" if cells is None else f"{len(cells)} cells"
            folder.problems.add(name, found, f"{len(columns)} cells, as the header has", line=line, many=True)
            continue
        yield line, {column: cells[index] for index, column in used if cells[index]}


def _cells(line: str) -> list[str] | None:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error:
        return None


def _late(at: datetime, now: datetime | None) -> bool:
    return now is not None and at > now


def read_interactions(folder: Folder, known: frozenset[str], now: datetime | None) -> tuple[Interaction, ...]:
    problems = folder.problems
    kept: list[Interaction] = []
    columns = ("product_id", "query", "size", "price_minor")
    for line, row in _table(folder, INTERACTIONS, ("user_id", "kind", "at"), columns):
        if len(row.get("query", "")) > LONGEST["query"]:
            mend(row, line, INTERACTIONS, problems)
        event = validated(Interaction, row, INTERACTIONS, line, problems, many=True)
        if event is None:
            continue
        if event.kind == "search":
            wrong = (
                None if event.query and not event.product_id else ("no query or an item", "a query alone for a search", "query")
            )
        elif event.query or not event.product_id:
            wrong = ("no item or a query", "an item alone for all kinds but search", "product_id")
        else:
            wrong = _unknown(event.product_id, known)
        if wrong is None and _late(event.at, now):
            wrong = (event.at.isoformat(), "a time that is past", "at")
        if wrong is None:
            kept.append(event)
        else:
            problems.add(INTERACTIONS, wrong[0], wrong[1], line=line, at=wrong[2], many=True)
    return _newest(kept, problems)


def _unknown(product_id: str, known: frozenset[str], at: str = "product_id") -> tuple[str, str, str] | None:
    return None if product_id in known else (shown(product_id), f"an id of {PRODUCTS}", at)


def _newest(events: list[Interaction], problems: Problems) -> tuple[Interaction, ...]:
    """At most `EVENTS_A_USER` events a user, the newest, in the file's order: no one shopper outweighs the others."""
    by_user: dict[str, list[int]] = defaultdict(list)
    for index, event in enumerate(events):
        by_user[event.user_id].append(index)
    dropped: set[int] = set()
    for user, mine in by_user.items():
        if len(mine) > EVENTS_A_USER:
            mine.sort(key=lambda index: events[index].at)
            dropped.update(mine[:-EVENTS_A_USER])
            allowed = f"at most {EVENTS_A_USER:,} a user; the newest are kept"
            problems.add(
                INTERACTIONS, f"{len(mine):,} events of {shown(user)}", allowed, at="user_id", severity="warning", many=True
            )
    return tuple(event for index, event in enumerate(events) if index not in dropped)


def read_links(folder: Folder, known: frozenset[str]) -> tuple[Link, ...]:
    kept: list[Link] = []
    for line, row in _table(folder, LINKS, ("src", "dst", "relation", "weight"), ()):
        link = validated(Link, row, LINKS, line, folder.problems, many=True)
        if link is None:
            continue
        wrong = _unknown(link.src, known, "src") or _unknown(link.dst, known, "dst")
        if wrong is None and link.src == link.dst:
            wrong = (shown(link.dst), "two different items", "dst")
        if wrong is None:
            kept.append(link)
        else:
            folder.problems.add(LINKS, wrong[0], wrong[1], line=line, at=wrong[2], many=True)
    return tuple(kept)


def read_reviews(folder: Folder, known: frozenset[str], now: datetime | None) -> tuple[Review, ...]:
    problems = folder.problems
    kept: dict[str, Review] = {}
    for line, text in folder.rows(REVIEWS, many=True):
        row, found = json_object(text)
        if row is None:
            problems.add(REVIEWS, found, "one JSON object a line", line=line, many=True)
            continue
        mend(row, line, REVIEWS, problems)
        review = validated(Review, row, REVIEWS, line, problems, many=True)
        if review is None:
            continue
        wrong = _unknown(review.product_id, known)
        if wrong is None and review.review_id in kept:
            wrong = (f"{shown(review.review_id)} again", "an id once; the first stays", "review_id")
        if wrong is None and _late(review.at, now):
            wrong = (review.at.isoformat(), "a time that is past", "at")
        if wrong is None:
            kept[review.review_id] = review
        else:
            problems.add(REVIEWS, wrong[0], wrong[1], line=line, at=wrong[2], many=True)
    return tuple(kept.values())
