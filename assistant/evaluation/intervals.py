"""How sure the difference of two shares is, and quantiles. Pure arithmetic; the sources stand with the formulas. How sure one share is says
`sim_stats.wilson`."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, comb, sqrt

from assistant.evaluation.sim_stats import Z95, wilson
from catalog_data.schema import Frozen


class Interval(Frozen):
    """From `low` to `high`, both in [-1, 1]."""

    low: float
    high: float


class Pairs(Frozen):
    """Things tried twice: how many succeeded both times, only the first, only the second, neither time."""

    both: int = 0
    first_only: int = 0
    second_only: int = 0
    neither: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def difference(self) -> float:
        """The second share less the first, -1 to 1; 0 of nothing."""
        return (self.second_only - self.first_only) / self.count if self.count else 0.0


def paired_difference(pairs: Pairs, z: float = Z95) -> Interval:
    """The interval of `pairs.difference`: method 10 of Newcombe, Statistics in Medicine 17, 1998, 2635-2650: Wilson's intervals of the two
    shares, joined by their correlation, which is corrected for continuity. Of nothing: [-1, 1]."""
    n = pairs.count
    if n == 0:
        return Interval(low=-1.0, high=1.0)
    firsts, seconds = pairs.both + pairs.first_only, pairs.both + pairs.second_only
    first, second = wilson(firsts, n, z), wilson(seconds, n, z)
    related = _correlation(pairs)

    def spread(above: float, below: float) -> float:
        return sqrt(max(0.0, above * above - 2 * related * above * below + below * below))

    down = spread(seconds / n - second.low, first.high - firsts / n)
    up = spread(second.high - seconds / n, firsts / n - first.low)
    return Interval(low=max(-1.0, pairs.difference - down), high=min(1.0, pairs.difference + up))


def _correlation(pairs: Pairs) -> float:
    """Phi of the two outcomes, its numerator lowered by n/2 where it is positive; 0 where one outcome never varied."""
    a, b, c, d = pairs.both, pairs.first_only, pairs.second_only, pairs.neither
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    above = float(a * d - b * c)
    return (max(0.0, above - pairs.count / 2) if above > 0 else above) / sqrt(margins)


def mcnemar_p(first_only: int, second_only: int) -> float:
    """The exact two-sided probability of pairs that changed being at least so lopsided by chance alone (McNemar, Psychometrika 12, 1947,
    153-157; exact by the binomial, as in Fay and Lumbard, Statistics in Medicine 40, 2021, 1147-1159). 1 where none changed."""
    changed = first_only + second_only
    tail = sum(comb(changed, k) for k in range(min(first_only, second_only) + 1))
    return min(1.0, 2 * tail / (1 << changed))


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all are not above (nearest rank); 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0
