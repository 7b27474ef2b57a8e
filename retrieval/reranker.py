"""The order of the candidates: four parts, brought to one scale, weighed into one probability.

similarity      cosine of the item's text to what was asked
collaborative   the scorer's word on this visitor, below 0 near what she rejected
preference      the share of the soft constraints that the item meets
popularity      log(1 + count) of what everyone did

Each part becomes a z-score over the candidates at hand, cut to [-3, 3]: a part that most items lack (a co-purchase) would otherwise
drown the rest by a single outlier. A part that is equal for all says nothing and becomes 0. The z-scores are weighed and summed, and
the logistic function of the sum is the probability that of this item and an average candidate this one is taken (Bradley and Terry,
"Rank analysis of incomplete block designs", 1952): .5 where nothing tells them apart. To the sum is added what the shopper's own word on
single items says of those like them (`retrieval/thumbs.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field
from scipy.special import expit

from catalog_data.schema import Catalog, Frozen, Product
from catalog_data.vocabulary import Vocabulary
from retrieval.diversity import spread
from retrieval.filters import checker
from retrieval.interactions import popularity
from retrieval.protocols import Floats, Rows
from retrieval.schema import Check, Constraint, ItemQuery, RankedItem, Scores, ValueConstraint
from retrieval.scorer import Scorer, Values, Visitor
from retrieval.thumbs import Thumbs

CUT = 3.0


class Weights(Frozen):
    """What one standard deviation of each part adds to the log odds. Never negative: what is liked more is never shown later for it."""

    similarity: float = Field(ge=0)
    collaborative: float = Field(ge=0)
    preference: float = Field(ge=0)
    popularity: float = Field(ge=0)
    source: Literal["default", "fitted"] = "default"

    @property
    def vector(self) -> Values:
        """float64 (4,), in the order of this module's parts."""
        return np.array([self.similarity, self.collaborative, self.preference, self.popularity])


DEFAULT_WEIGHTS = Weights(similarity=1.0, collaborative=0.8, preference=1.0, popularity=0.3)
"""For a shop without interactions to fit on: words and stated tastes lead, taste by others follows, fame breaks ties."""


def standardise(parts: Values) -> Values:
    """Each column of `parts`, float64 (n, k), as z-scores over its rows (population deviation), cut to [-3, 3]; a constant one as 0."""
    spans = np.ptp(parts, axis=0) if len(parts) else np.zeros(parts.shape[1])
    deviation = parts.std(axis=0) if len(parts) else spans
    varied = (spans > 1e-12) & (deviation > 0)
    centred = parts - (parts.mean(axis=0) if len(parts) else 0.0)
    scaled = np.divide(centred, deviation, out=np.zeros_like(parts), where=varied)
    cut: Values = np.clip(scaled, -CUT, CUT)
    return cut


def log_odds(parts: Values, weights: Weights) -> Values:
    """float64 (n,): the sum of weight times z-score. Finite; orders as the probability does, without its rounding near 1."""
    odds: Values = standardise(parts) @ weights.vector
    return odds


class Reranker:
    """Keeps the protocol of the same name. Rows are places in `catalog.products`; `prior` (n,) is the items' popularity, where it is at hand;
    `vectors` float32 (n, d) of length 1 are theirs, by which a like or a rejection reaches what reads like its item."""

    def __init__(
        self,
        catalog: Catalog,
        vocabulary: Vocabulary,
        scorer: Scorer,
        weights: Weights = DEFAULT_WEIGHTS,
        prior: Values | None = None,
        vectors: Floats | None = None,
    ) -> None:
        self._products = catalog.products
        self._closed = catalog.manifest.closed_slots
        self._popularity = popularity(catalog) if prior is None else prior
        self._vocabulary = vocabulary
        self._scorer = scorer
        self._weights = weights
        self._thumbs = Thumbs(catalog, vectors)

    def rank(
        self, query: ItemQuery, rows: Rows, similarity: Floats, vectors: Floats, limit: int | None = None
    ) -> tuple[RankedItem, ...]:
        """A permutation of the items at `rows` (n,), or its first `limit`. `similarity` (n,), `vectors` (n, d) of length 1. By `query.sort`: "best" is by the
        probability, equal ones by row, then spread so that the first six differ; the others are by price or stars alone, equal ones as
        "best" has them before spreading, items without the value last. Raises ValueError where the arrays' lengths differ."""
        if not len(rows) == len(similarity) == len(vectors):
            found = f"{len(rows)} rows, {len(similarity)} similarities, {len(vectors)} vectors"
            raise ValueError(f"found {found}; allowed: one of each for every candidate")
        products = [self._products[row] for row in rows]
        preference = self._preferences(query.constraints, products)
        parts = join_parts(similarity, self._scorer.score(_visitor(query), rows), preference, self._popularity[rows])
        odds = log_odds(parts, self._weights) + self._thumbs.shift(query, rows)
        best = [int(place) for place in np.lexsort((rows, -odds))]
        order = spread(best, products, vectors) if query.sort == "best" else sort_by_key(best, products, query.sort)
        totals, checkers = expit(odds), [checker(one, self._vocabulary, self._closed) for one in query.constraints]
        return tuple(
            RankedItem(
                product=products[place],
                checks=tuple(check_of(products[place]) for check_of in checkers),
                scores=_scores(parts[place], totals[place]),
            )
            for place in order[:limit]
        )

    def _preferences(self, constraints: Sequence[Constraint], products: Sequence[Product]) -> Values:
        """float64 (n,): of each item the share of what is only wished for that it meets."""
        soft = [one for one in constraints if one.strength == "soft"]
        colored = any(isinstance(one, ValueConstraint) and one.slot == "color" and not one.negative for one in constraints)
        if not soft and not colored:
            return np.zeros(len(products))
        checkers = [checker(one, self._vocabulary, self._closed) for one in soft]
        shares = (
            preference_share(soft, [check_of(each) for check_of in checkers], self._main_colors(each, constraints))
            for each in products
        )
        return np.fromiter(shares, dtype=np.float64, count=len(products))

    def _main_colors(self, product: Product, constraints: Sequence[Constraint]) -> tuple[bool, ...]:
        """Of each colour wanted, whether it is the main one of an item in several: who asks for blue means more than dots of it."""
        wanted = (one for one in constraints if isinstance(one, ValueConstraint) and one.slot == "color" and not one.negative)
        return tuple(
            any(product.colors[0] in self._vocabulary.expand("color", value) for value in one.values)
            for one in wanted
            if product.colors
        )


def _visitor(query: ItemQuery) -> Visitor:
    return Visitor(history=query.history, liked=query.liked, rejected=tuple(each.product_id for each in query.turned_down))


def join_parts(similarity: Floats, collaborative: Values, preference: Values, popular: Values) -> Values:
    """float64 (n, 4): the parts of n candidates, each (n,), in the order of this module's docstring, before standardising."""
    return np.column_stack((np.asarray(similarity, dtype=np.float64), collaborative, preference, popular))


def preference_share(constraints: Sequence[Constraint], checks: Sequence[Check], more: Sequence[bool] = ()) -> float:
    """The share of the soft constraints whose check says met, and of `more` that is true, in [0, 1]; 0 where there are none of either.
    Unknown is not met."""
    met = [one.status == "met" for constraint, one in zip(constraints, checks, strict=True) if constraint.strength == "soft"]
    counted = (*met, *more)
    return sum(counted) / len(counted) if counted else 0.0


def sort_by_key(
    best: Sequence[int], products: Sequence[Product], sort: Literal["price_ascending", "price_descending", "rating"]
) -> list[int]:
    """The places in `best` by price or by stars (most first); stable, items without the value last."""

    def key(place: int) -> tuple[bool, float]:
        product = products[place]
        value = product.rating if sort == "rating" else product.price.amount_minor if product.price is not None else None
        if value is None:
            return True, 0.0
        return False, value if sort == "price_ascending" else -value

    return sorted(best, key=key)


def _scores(parts: Values, total: float) -> Scores:
    similarity, collaborative, preference, popular = (float(part) for part in parts)
    return Scores(
        similarity=similarity, collaborative=collaborative, preference=preference, popularity=popular, total=float(total)
    )
