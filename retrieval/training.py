"""How much each part of the score weighs, learnt from what shoppers did next.

Of each shopper's interactions the last purchase is held back, with all else she did with that item and all that she did later. The
scorer is fitted on the rest. Then her purchase is asked for, with the words of its type as the query, her earlier purchases as her
history and the tastes that they show as soft constraints, among candidates as the shop would have them: all of that type (as when the
type was understood) and, in every other case, the nearest by text (as when it was not). A logistic regression over differences of the
parts' z-scores then tells the item that was taken from each of some that were not (so there is no intercept to fit).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from catalog_data.schema import Catalog, Frozen, Interaction, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.collaborative import fit_default
from retrieval.filters import check
from retrieval.interactions import item_rows, popularity
from retrieval.protocols import Embedder, Floats, Rows
from retrieval.reranker import DEFAULT_WEIGHTS, Weights, join_parts, standardise
from retrieval.schema import ValueConstraint
from retrieval.scorer import Scorer, Values, Visitor

MINIMUM_CASES = 100
CANDIDATES = 200
NEGATIVES = 20
TASTE_SLOTS: tuple[ValueSlot, ...] = ("color", "brand", "material", "pattern", "style", "fit")

LEAST = Weights(similarity=0.25, collaborative=0.25, preference=DEFAULT_WEIGHTS.preference, popularity=0.0)
"""What a fitted weight does not fall below. The held-back queries say less than shoppers do: the words are of the type alone, so the
text's weight comes out low, and tastes are guessed from purchases, where a shopper states hers."""


class HeldBack(Frozen):
    """A purchase to predict: `target` is its row, `history` the rows bought before it, oldest first."""

    history: tuple[int, ...]
    target: int


def hold_back(catalog: Catalog) -> tuple[Catalog, tuple[HeldBack, ...]]:
    """The catalog without each shopper's last purchase, and those purchases. Left out with it: all that she did with the item, and all
    that she did after. Shoppers who bought fewer than two different known items keep theirs and give no case."""
    rows = item_rows(catalog)
    by_user: dict[str, list[Interaction]] = {}
    for act in sorted(catalog.interactions, key=lambda act: (act.user_id, act.at)):
        by_user.setdefault(act.user_id, []).append(act)
    kept: list[Interaction] = []
    cases: list[HeldBack] = []
    for acts in by_user.values():
        bought = [(place, act.product_id) for place, act in enumerate(acts) if act.kind == "purchase" and act.product_id in rows]
        last, target = bought[-1] if bought else (len(acts), None)
        history = [rows[item] for _, item in bought if item is not None and item != target]
        if target is None or not history:
            kept.extend(acts)
            continue
        kept.extend(act for act in acts[:last] if act.product_id != target)
        cases.append(HeldBack(history=tuple(history), target=rows[target]))
    return catalog.model_copy(update={"interactions": tuple(kept)}), tuple(cases)


def tastes(bought: Sequence[Product]) -> tuple[ValueConstraint, ...]:
    """Soft constraints that purchases show: for each of some slots the commonest value, if two items and a third of them have it."""
    found = []
    for slot in TASTE_SLOTS:
        counts = Counter(value for product in bought for value in product.values(slot))
        value, count = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
        if count >= 2 and count * 3 >= len(bought):
            found.append(ValueConstraint(slot=slot, values=(value,), strength="soft"))
    return tuple(found)


class _Examples:
    """Turns cases into rows of z-scores. What it reads of the catalog is the catalog without the held-back purchases."""

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary, vectors: Floats, scorer: Scorer) -> None:
        self._products = catalog.products
        self._closed = catalog.manifest.closed_slots
        self._vocabulary = vocabulary
        self._vectors = vectors
        self._scorer = scorer
        self._popularity = popularity(catalog)
        self._types = np.array([product.product_type or "" for product in catalog.products])
        self._met: Callable[[ValueConstraint], NDArray[np.bool_]] = cache(self._all_met)

    def _all_met(self, taste: ValueConstraint) -> NDArray[np.bool_]:
        """bool (n,): which items of the catalog meet a taste. Asked for again and again, so kept."""
        checks = (check(product, taste, self._vocabulary, self._closed) for product in self._products)
        return np.array([one.status == "met" for one in checks])

    def candidates(self, case: HeldBack, similarity: Floats, typed: bool) -> Rows:
        """int64 (n,): the target's own type where `typed`, else the catalog; the nearest by text of it and the target, nothing bought."""
        allowed = self._types == self._types[case.target] if typed else np.ones(len(self._types), dtype=bool)
        allowed[list(case.history)] = False
        rows = np.flatnonzero(allowed)
        nearest = rows[np.argsort(-similarity[rows], kind="stable")[:CANDIDATES]]
        return np.union1d(nearest, [case.target]).astype(np.int64)

    def z_scores(self, case: HeldBack, rows: Rows, similarity: Floats) -> Values:
        """float64 (len(rows), 4): the parts of the candidates as the re-ranker sees them."""
        bought = [self._products[row] for row in case.history]
        visitor = Visitor(history=tuple(product.product_id for product in bought))
        wanted = tastes(bought)
        met = np.mean([self._met(taste)[rows] for taste in wanted], axis=0) if wanted else np.zeros(len(rows))
        collaborative = self._scorer.score(visitor, rows)
        return standardise(join_parts(similarity[rows], collaborative, met, self._popularity[rows]))


def fit_weights(
    catalog: Catalog,
    vocabulary: Vocabulary,
    vectors: Floats,
    embedder: Embedder,
    fit: Callable[[Catalog], Scorer] = fit_default,
    limit: int = 3000,
    seed: int = 0,
) -> Weights:
    """The weights for this shop: of at most `limit` held-back purchases, each against 20 candidates that were not taken. `vectors`
    float32 (n, d) of length 1 are the items', in the catalog's order; `embedder` is the one that made them. `DEFAULT_WEIGHTS` where
    fewer than 100 purchases can be held back. Equal arguments give equal weights."""
    kept, cases = hold_back(catalog)
    usable = [case for case in cases if catalog.products[case.target].product_type is not None]
    if len(usable) < MINIMUM_CASES:
        return DEFAULT_WEIGHTS
    random = np.random.default_rng(seed)
    drawn = [usable[place] for place in np.sort(random.permutation(len(usable))[:limit])]
    examples = _Examples(kept, vocabulary, vectors, fit(kept))
    by_type = _similarities(catalog, vectors, embedder, drawn)
    differences = []
    for number, case in enumerate(drawn):
        similarity = by_type[catalog.products[case.target].product_type or ""]
        rows = examples.candidates(case, similarity, typed=number % 2 == 0)
        scores = examples.z_scores(case, rows, similarity)
        others = np.flatnonzero(rows != case.target)
        sample = random.choice(others, min(NEGATIVES, len(others)), replace=False)
        differences.append(scores[rows == case.target] - scores[sample])
    return _regress(np.concatenate(differences))


def _similarities(catalog: Catalog, vectors: Floats, embedder: Embedder, cases: Sequence[HeldBack]) -> Mapping[str, Floats]:
    """For each type among the targets: float32 (n,), every item's cosine to the type's words."""
    types = sorted({catalog.products[case.target].product_type or "" for case in cases})
    return dict(zip(types, embedder.embed(types) @ vectors.T, strict=True))


def _regress(differences: Values) -> Weights:
    """The weights by which the taken item leads: `differences` float64 (m, 4) are its z-scores less another's. Each is shown both ways
    round, so that the classes are even. The default weights where there is nothing to tell apart."""
    if not len(differences):
        return DEFAULT_WEIGHTS
    mirrored = np.concatenate((differences, -differences))
    first = np.repeat([True, False], len(differences))
    # Imported here: it takes a second, and a shop whose weights are kept never fits.
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(fit_intercept=False).fit(mirrored, first)
    fitted = np.maximum(model.coef_[0], LEAST.vector)
    similarity, collaborative, preference, popular = (float(weight) for weight in fitted)
    return Weights(similarity=similarity, collaborative=collaborative, preference=preference, popularity=popular, source="fitted")
