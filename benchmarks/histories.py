"""What the benchmarks of taste run on: files of histories, what lies beside them on the items' content, and the questions asked of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow.parquet as pq

from benchmarks.errors import BenchmarkRefused
from catalog_data.schema import Frozen
from retrieval.interactions import Events, sequence_events
from retrieval.lexical import tokens
from retrieval.metrics import Case
from retrieval.scorer import Visitor

FORM = "a file with a user and its items, oldest first, a line; or .parquet with user_id, history_item_ids, next_item_id"
KEYWORDS, ATTRIBUTES, ITEMS = "item_keywords.parquet", "item_attributes.json", "items.json"
"""Files beside the histories that say what the items are, all optional."""

Read = TypeVar("Read")
Terms = Sequence[Sequence[str]]
"""The words, or the labels, of each item."""


class Histories(Frozen):
    """What a file holds: `ids` name the items, `sequences` are rows of them, oldest first, one a user."""

    ids: tuple[str, ...]
    sequences: tuple[tuple[int, ...], ...]

    def training(self) -> Events:
        """The events that models are fitted on: each user's items without the last two, all of those that have fewer than three."""
        return sequence_events([own[:-2] if len(own) >= 3 else own for own in self.sequences], len(self.ids))


def read_or_refuse(read: Callable[[Path], Read], data: Path | None, bench: str) -> Read:
    """What `read` makes of `data`. Raises `BenchmarkRefused` where that cannot be read, or none is named."""
    if data is None:
        raise BenchmarkRefused(f"{bench} needs --data FILE: {FORM}")
    try:
        return read(data)
    except (OSError, ValueError, KeyError) as error:
        raise BenchmarkRefused(f"{data} cannot be read: {error}; give --data {FORM}") from error


def read_histories(path: Path) -> Histories:
    """Reads a file of either form. Raises ValueError naming the line that has a user and no item, or a missing column."""
    if path.suffix == ".parquet":
        return read_purchases(path)
    names: dict[str, int] = {}
    sequences = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        words = line.split()
        if len(words) == 1:
            raise ValueError(
                f"{path.name}:{number}: found a user and no item; allowed: a user and its items, oldest first; drop the line"
            )
        if words:
            sequences.append(tuple(names.setdefault(word, len(names)) for word in words[1:]))
    return Histories(ids=tuple(names), sequences=tuple(sequences))


def read_purchases(path: Path) -> Histories:
    """Reads rows of (user_id, history_item_ids, next_item_id), a user's in order of time: the first row's history, then what each row adds.
    Items that nobody took, but that stand in `items.json` beside the file, come last."""
    names: dict[str, int] = {}
    sequences: dict[str, list[int]] = {}
    for row in _rows(path, ("user_id", "history_item_ids", "next_item_id")):
        items = [names.setdefault(str(item), len(names)) for item in (*row["history_item_ids"], row["next_item_id"])]
        sequences.setdefault(row["user_id"], items[:-1]).append(items[-1])
    for item in read_items(path.parent):
        names.setdefault(item, len(names))
    return Histories(ids=tuple(names), sequences=tuple(tuple(own) for own in sequences.values()))


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    missing = [name for name in columns if name not in pq.read_schema(path).names]
    if missing:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}")
    rows: list[dict[str, Any]] = pq.read_table(path, columns=list(columns)).to_pylist()
    return rows


def read_items(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """`items.json` of the folder: title, description and brand by id; empty where there is no such file."""
    path = folder / ITEMS
    found: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def read_content(folder: Path, ids: Sequence[str]) -> dict[str, Terms]:
    """The terms of each item by kind, `words` and `labels`; without a kind that the folder says nothing of."""
    words = {item: entry["title"] for item, entry in read_items(folder).items()}
    labels: dict[str, Sequence[object]] = {item: [entry["brand"]] for item, entry in read_items(folder).items() if entry["brand"]}
    if (folder / KEYWORDS).exists():
        table = pq.read_table(folder / KEYWORDS)
        words |= {str(item): text or "" for item, text in zip(table[0].to_pylist(), table[-1].to_pylist(), strict=True)}
    if (folder / ATTRIBUTES).exists():
        labels |= json.loads((folder / ATTRIBUTES).read_text(encoding="utf-8"))
    found: dict[str, Terms] = {}
    if any(item in words for item in ids):
        found["words"] = [tokens(words.get(item, "")) for item in ids]
    if any(item in labels for item in ids):
        found["labels"] = [[str(label) for label in labels.get(item, ())] for item in ids]
    return found


def drawn_order(histories: Histories, seed: int = 0) -> Histories:
    """The same histories, each in an order drawn at random but for its last two items, the one that is asked and the one tuned on."""
    random = np.random.default_rng(seed)
    drawn = [(*random.permutation(own[:-2]).tolist(), *own[-2:]) if len(own) >= 3 else own for own in histories.sequences]
    return Histories(ids=histories.ids, sequences=tuple(drawn))


def cases_of(
    histories: Histories, ordered: bool, held_back: int, users: int | None, seed: int = 0, shuffled: bool = False
) -> tuple[Case, ...]:
    """The questions: the item `held_back` from the end (1: the test, 2: the validation) of each user with three items or more, of
    `users` drawn ones where a number is given. `shuffled`: the items before it come in an order that is drawn."""
    asked = [sequence for sequence in histories.sequences if len(sequence) >= 3]
    random = np.random.default_rng(seed)
    if users is not None and users < len(asked):
        asked = [asked[place] for place in np.sort(random.permutation(len(asked))[:users])]
    cases = []
    for sequence in asked:
        *before, target = sequence[: len(sequence) - held_back + 1]
        if target in before:
            continue
        shown = random.permutation(before).tolist() if shuffled else before
        names = tuple(histories.ids[row] for row in shown)
        visitor = Visitor(history=names) if ordered else Visitor(liked=names)
        cases.append(Case(visitor=visitor, target=target, excluded=tuple(sorted(set(before)))))
    return tuple(cases)


def ascends(cases: Sequence[Case], ids: Sequence[str]) -> list[bool]:
    """Whether the target's id comes after that of the newest item: by number where all ids are numbers, else as text."""
    numbers = all(item.isdecimal() for item in ids)
    rank = {item: (int(item), "") if numbers else (0, item) for item in ids}
    return [rank[ids[case.target]] > rank[case.visitor.history[-1]] for case in cases]
