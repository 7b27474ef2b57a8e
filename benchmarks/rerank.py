"""What a shopper's history adds to her words: real titles and real purchase sequences on the same items.

Of each user with three purchases or more the last is to be found, with the words of its type (`benchmarks/item_types.py`) as the query and
her earlier purchases as history; models of taste are fitted without the last two of each user, and the weights of what is blended are
found on the last but one, asked in the same way. All items compete but those in the history; ties share their average rank. Purchases
whose title shows no type, or that the user had bought before, are not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.settings import Settings
from benchmarks.errors import BenchmarkRefused
from benchmarks.histories import ITEMS, Histories, cases_of, read_content, read_histories, read_items, read_or_refuse
from benchmarks.item_types import item_types
from benchmarks.systems_taste import CONTENT, Material, fit_item_to_item, one_thread
from benchmarks.table import Row, Table
from retrieval.blend import pool, search_weights, z_scores
from retrieval.embedding import SentenceEmbedder
from retrieval.interactions import Events
from retrieval.lexical import Lexical
from retrieval.metrics import Case, next_item_figures, target_rank
from retrieval.neighbours import Popularity
from retrieval.protocols import Embedder, Floats
from retrieval.reranker import DEFAULT_WEIGHTS, join_parts, log_odds
from retrieval.scorer import Scorer, Values

VECTORS, BM25, TASTE, WORDS, LABELS, FAME = "sentence model", "BM25", "item-to-item", "words", "labels", "popularity"
TEXT, HISTORY = (VECTORS, BM25), (TASTE, WORDS, LABELS)
ROWS: Mapping[str, tuple[str, ...]] = {
    "popularity": (FAME,),
    "text: sentence model": (VECTORS,),
    "text: BM25": (BM25,),
    "text": TEXT,
    "text and popularity": (*TEXT, FAME),
    "history: item-to-item": (TASTE,),
    "history": HISTORY,
    "history and popularity": (*HISTORY, FAME),
    "text and item-to-item": (*TEXT, TASTE),
    "text and history": (*TEXT, *HISTORY),
    "text, history and popularity": (*TEXT, *HISTORY, FAME),
}
ALL_PARTS = "text, history and popularity"
SEARCHED = f"{ALL_PARTS}, weights by coordinate search"
NEGATIVES = 20
STATED = "sentence model, item-to-item and popularity, by the stated weights of the re-ranker"


class Shop(NamedTuple):
    """Histories, and the title and type of each item."""

    histories: Histories
    titles: tuple[str, ...]
    types: tuple[str | None, ...]
    content: Mapping[str, Sequence[Sequence[str]]]


class Asked(NamedTuple):
    """One case: each part's scores of all items, float64 (n,)."""

    case: Case
    scores: Mapping[str, Values]


def read_shop(path: Path) -> Shop:
    """Histories with `items.json` beside them. Raises KeyError where an item of a history is not in it, OSError where there is no such
    file."""
    histories = read_histories(path)
    items = read_items(path.parent)
    if not items:
        raise FileNotFoundError(f"{path.parent / ITEMS}, which gives the titles, is not there")
    titles = tuple(items[item]["title"] for item in histories.ids)
    types = item_types(titles, [items[item]["brand"] for item in histories.ids])
    return Shop(histories, titles, tuple(types), read_content(path.parent, histories.ids))


class Parts:
    """Scores every part of a case. `vectors` float32 (n, d) of length 1 are the titles'."""

    def __init__(self, shop: Shop, embedder: Embedder, vectors: Floats, events: Events) -> None:
        material = Material(shop.histories.ids, events, shop.content)
        self._types = shop.types
        self._lexical = Lexical(shop.titles)
        self._vectors = vectors
        queries = sorted({kind for kind in shop.types if kind is not None})
        self._queries = dict(zip(queries, embedder.embed(queries), strict=True)) if queries else {}
        self._rows = np.arange(len(shop.titles), dtype=np.int64)
        self._taste: dict[str, Scorer] = {TASTE: fit_item_to_item(material), FAME: Popularity(events)}
        for system in CONTENT:
            if system.name in (WORDS, LABELS) and system.fit is not None and system.name in shop.content:
                self._taste[system.name] = system.fit(material)

    def score(self, case: Case) -> Asked:
        """The parts of one case; its query is the target's type."""
        query = self._types[case.target] or ""
        scores: dict[str, Values] = {name: scorer.score(case.visitor, self._rows) for name, scorer in self._taste.items()}
        scores[VECTORS] = (self._vectors @ self._queries[query]).astype(np.float64)
        scores[BM25] = self._lexical.scores(query).astype(np.float64)
        return Asked(case, scores)


def compare(shop: Shop, embedder: Embedder) -> Table:
    """Every combination of parts. Raises `BenchmarkRefused` where no purchase can be asked."""
    histories = shop.histories
    tuning, test = (
        [case for case in cases_of(histories, ordered=True, held_back=held_back, users=None) if shop.types[case.target]]
        for held_back in (2, 1)
    )
    if not test or not tuning:
        raise BenchmarkRefused("no user of the file has three items of which the last two have titles that show their type")
    parts = Parts(shop, embedder, embedder.embed(shop.titles), histories.training())
    with one_thread():
        tuned, asked = [parts.score(case) for case in tuning], [parts.score(case) for case in test]
    rows, notes = [], []
    for name, wanted in ROWS.items():
        used = [part for part in wanted if part in asked[0].scores]
        weights = regress(tuned, used)
        rows.append(row(name, asked, [combine(one, used, weights) for one in asked]))
        if len(used) > 1:
            notes.append(said(name, used, weights))
    used = [part for part in ROWS[ALL_PARTS] if part in asked[0].scores]
    searched = search(tuned, used)
    rows.append(row(SEARCHED, asked, [combine(one, used, searched) for one in asked]))
    notes.append(said(SEARCHED, used, searched))
    rows.append(row(STATED, asked, [as_stated(one) for one in asked]))
    return Table(
        bench="rerank", rows=tuple(rows), notes=(*explanation(shop, test, rows), *notes), hidden=frozenset(("hr@10_se",))
    )


def said(name: str, parts: Sequence[str], weights: Values) -> str:
    """A note of the weights, the largest 1."""
    relative = weights / max(weights.max(), 1e-12)
    return f"{name}: weights {', '.join(f'{part} {weight:.2f}' for part, weight in zip(parts, relative, strict=True))}"


def regress(tuned: Sequence[Asked], parts: Sequence[str]) -> Values:
    """The weights, none negative, by which a logistic regression tells the targets of these cases from items that any part ranks high,
    from differences of their z-scores, as `retrieval/training.py` does for the product."""
    if len(parts) == 1:
        return np.ones(1)
    random = np.random.default_rng(0)
    differences = []
    for one in tuned:
        target, others = np.split(pool(_standard(one, parts), one.case.target, one.case.excluded), [1])
        differences.append(target - others[random.permutation(len(others))[:NEGATIVES]])
    stacked = np.concatenate(differences)
    first = np.repeat([True, False], len(stacked))
    model = LogisticRegression(fit_intercept=False).fit(np.concatenate((stacked, -stacked)), first)
    weights: Values = np.maximum(model.coef_[0], 0.0).astype(np.float64)
    return weights


def search(tuned: Sequence[Asked], parts: Sequence[str]) -> Values:
    """The weights of the parts by which the targets of these cases come first most, as `retrieval/blend.py` finds them."""
    pools = [pool(_standard(one, parts), one.case.target, one.case.excluded) for one in tuned]
    return search_weights(pools, len(parts))


def combine(one: Asked, parts: Sequence[str], weights: Values) -> Values:
    """float64 (n,): the weighted sum of the parts' z-scores."""
    combined: Values = _standard(one, parts) @ weights
    return combined


def _standard(one: Asked, parts: Sequence[str]) -> Values:
    return np.stack([z_scores(one.scores[part]) for part in parts], axis=1)


def as_stated(one: Asked) -> Values:
    """float64 (n,): as the re-ranker of the product weighs its parts for a shop that it knows nothing of yet."""
    nothing_asked = np.zeros(len(one.scores[FAME]))
    similarity = one.scores[VECTORS].astype(np.float32)
    return log_odds(join_parts(similarity, one.scores[TASTE], nothing_asked, one.scores[FAME]), DEFAULT_WEIGHTS)


def row(name: str, asked: Sequence[Asked], scores: Sequence[Values]) -> Row:
    """One line: `hr@k` and `ndcg@k` with standard errors, `n` (cases)."""
    excluded = [np.array(one.case.excluded, dtype=np.int64) for one in asked]
    ranks = [target_rank(own, one.case.target, without) for one, own, without in zip(asked, scores, excluded, strict=True)]
    figures: dict[str, float] = {}
    for key, figure in next_item_figures(np.array(ranks), cuts=(10,)).items():
        figures |= {key: round(figure.mean, 5), f"{key}_se": round(figure.error, 5)}
    return Row(system=name, ours=True, figures=figures | {"n": len(asked)})


def explanation(shop: Shop, test: Sequence[Case], rows: Sequence[Row]) -> tuple[str, ...]:
    """What one must know to read the table, and what history adds."""
    gains = {each.system: each.figures["ndcg@10"] for each in rows}
    text = max(gains[name] for name in ("text: sentence model", "text: BM25", "text"))
    asked = [kind for kind in (shop.types[case.target] for case in test) if kind is not None]
    return (
        f"the last purchase of each user is asked for in the words of its type: {len(set(asked))} types, of which an item is one of "
        f"{np.mean([shop.types.count(kind) for kind in asked]):.0f} on average; {len(shop.titles):,} items compete",
        f"ndcg@10 of {ALL_PARTS}: {_times(gains[ALL_PARTS], text)} the best of text alone, "
        f"{_times(gains[ALL_PARTS], gains['text and popularity'])} text and popularity",
        f"ndcg@10 of text and history: {_times(gains['text and history'], text)} the best of text alone",
    )


def _times(gain: float, other: float) -> str:
    return f"{gain / other:.2f} times" if other else "not to be held against 0,"


def rerank(_: Settings, data: Path | None) -> Table:
    """The benchmark of that name over the file `data`. Raises `BenchmarkRefused` where that cannot be read."""
    return compare(read_or_refuse(read_shop, data, "rerank"), SentenceEmbedder())
