"""What history adds to words: each combination of parts, its weights found on earlier purchases than it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.errors import BenchmarkRefused
from benchmarks.histories import read_or_refuse
from benchmarks.rerank import ROWS, SEARCHED, STATED, Asked, compare, read_shop, regress, search
from retrieval.fake_embedding import HashingEmbedder
from retrieval.metrics import Case
from retrieval.scorer import Visitor

THINGS = ("pen", "stapler", "binder", "folder")
MAKERS = ("Acme", "Bolt")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four kinds of thing in six variants of each maker; each user buys one maker's, five things a user, in any order."""
    items = {
        f"{maker}-{thing}-{number}": {"title": f"{maker} {thing}, no {number}", "brand": maker, "description": ""}
        for maker in MAKERS
        for thing in THINGS
        for number in range(6)
    }
    random = np.random.default_rng(2)
    rows = []
    for user in range(120):
        maker, bought = MAKERS[user % 2], []
        for thing in random.permutation([*THINGS, "pen"]):
            bought.append(f"{maker}-{thing}-{random.integers(0, 6)}")
        rows += [{"user_id": f"u{user}", "history_item_ids": bought[:end], "next_item_id": bought[end]} for end in range(1, 5)]
    (tmp_path / "items.json").write_text(json.dumps(items), encoding="utf-8")
    path = tmp_path / "next_purchases.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_history_adds_to_words_where_it_tells_the_maker(data: Path) -> None:
    table = compare(read_shop(data), HashingEmbedder())
    rows = {row.system: row.figures for row in table.rows}
    assert list(rows) == [*ROWS, SEARCHED, STATED]
    assert all(0 <= row["ndcg@10"] <= row["hr@10"] <= 1 for row in rows.values())
    assert len({row["n"] for row in rows.values()}) == 1
    assert rows["text and history"]["ndcg@10"] > 1.25 * rows["text"]["ndcg@10"]
    assert rows[SEARCHED]["ndcg@10"] > 1.25 * rows["text"]["ndcg@10"]
    assert any("times the best of text alone" in note for note in table.notes)


def test_a_part_that_tells_gets_weight_and_noise_gets_little() -> None:
    random = np.random.default_rng(0)
    asked = []
    for _ in range(60):
        good, noise, wrong = random.normal(size=(3, 100))
        good[0] += 4
        wrong[0] -= 4
        asked.append(Asked(Case(visitor=Visitor(), target=0, excluded=(5,)), {"good": good, "noise": noise, "wrong": wrong}))
    parts = ("good", "noise", "wrong")
    for fitted in (regress, search):
        good, noise, wrong = fitted(asked, parts)
        assert good > 0
        assert 0 <= noise < good / 2
        assert 0 <= wrong < good / 2
        assert fitted(asked, ("good",)).tolist() == [1]


def test_a_shop_without_titles_is_refused(data: Path) -> None:
    (data.parent / "items.json").unlink()
    with pytest.raises(BenchmarkRefused, match=r"items\.json, which gives the titles, is not there"):
        read_or_refuse(read_shop, data, "rerank")


def test_an_item_without_a_title_is_refused(data: Path) -> None:
    (data.parent / "items.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BenchmarkRefused, match="cannot be read"):
        read_or_refuse(read_shop, data, "rerank")


def test_titles_that_show_no_type_leave_nothing_to_ask(data: Path) -> None:
    items = json.loads((data.parent / "items.json").read_text(encoding="utf-8"))
    nameless = {item: entry | {"title": str(number)} for number, (item, entry) in enumerate(items.items())}
    (data.parent / "items.json").write_text(json.dumps(nameless), encoding="utf-8")
    with pytest.raises(BenchmarkRefused, match="titles that show their type"):
        compare(read_shop(data), HashingEmbedder())
