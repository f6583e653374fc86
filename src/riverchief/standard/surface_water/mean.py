"""Means as the law takes them: of pH over the hydrogen ion, of everything else plainly, rounded half to even.

Values that are known by a bound only make a mean that lies between two: each of them as low and as high as it can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.standard.censored import ABOVE, BELOW, Censored, CensoredRule
from riverchief.standard.evidence import Origin
from riverchief.standard.rounding import round_half_even
from riverchief.standard.surface_water.rounding import Stage, decimals_of

LOWEST, HIGHEST = {"PH": 0.0}, {"PH": 14.0}  # of what is bounded by its definition; else 0 and no end


@dataclass(frozen=True)
class EvaluatedValue:
    """A value as it is judged, and how it came about."""

    value: float | Censored
    origin: Origin


class Spread(NamedTuple):
    """n values of one item, each somewhere between ``least`` and ``most``; ``taken`` is what a rule puts there.

    All are in the item's canonical unit, NaN where there is no value; the three are equal where a value was measured.
    """

    least: NDArray[np.float64]
    most: NDArray[np.float64]
    taken: NDArray[np.float64]

    @property
    def is_bound(self) -> NDArray[np.bool_]:
        """Which of the values are known by a bound only."""
        bound: NDArray[np.bool_] = (self.least != self.most) & ~np.isnan(self.taken)
        return bound

    def part(self, rows: list[int]) -> Spread:
        """Some of the values."""
        return Spread(self.least[rows], self.most[rows], self.taken[rows])


def spread_of(
    parameter: str, values: NDArray[np.float64], bounds: NDArray[np.uint8] | None, rule: CensoredRule
) -> Spread:
    """What is known of ``values`` [canonical unit]; ``bounds`` says which are upper (1) or lower bounds (2).

    A negative value is none (but a temperature).
    """
    valid = np.where(values < 0.0, np.nan, values) if parameter != "WT" else np.asarray(values, np.float64)
    if bounds is None or not bounds.any():
        return Spread(valid, valid, valid)
    here = ~np.isnan(valid)
    below, above = here & (bounds == BELOW), here & (bounds == ABOVE)
    least = np.where(below, LOWEST.get(parameter, 0.0), valid)
    most = np.where(above, HIGHEST.get(parameter, np.inf), valid)
    return Spread(least, most, np.where(below, valid * rule.factor if parameter != "PH" else valid, valid))


def mean_of(parameter: str, spread: Spread) -> tuple[float, float, float]:
    """The mean of ``spread`` at least, at most and as taken."""
    if spread.least is spread.most:
        mean = plain_mean(parameter, spread.taken)
        return mean, mean, mean
    least, most, taken = (plain_mean(parameter, column) for column in spread)
    return least, most, taken


def plain_mean(parameter: str, values: NDArray[np.float64]) -> float:
    """The mean of ``values`` [canonical unit]; of pH ``-log10(mean(10^-pH))``. NaN are left out; NaN if none is left.

    Source of the pH rule: programs that cite 环办监测函〔2020〕82号; 6.8, 7.6, 8.4 gives 7.204 and not 7.60.
    """
    present = values[~np.isnan(values)]
    if not present.size:
        return float("nan")
    if parameter == "PH":
        return float(-np.log10(np.mean(10.0**-present)))
    return float(np.mean(present))


def evaluated_mean(
    parameter: str, spread: Spread, rule: CensoredRule, *, stage: Stage = "evaluation"
) -> EvaluatedValue | None:
    """The mean of ``spread`` rounded for evaluation; ``None`` where there is no value."""
    least, most, taken = mean_of(parameter, spread)
    if np.isnan(taken):
        return None
    count = int((~np.isnan(spread.taken)).sum())
    bound = spread.is_bound
    censored = int(bound.sum())
    decimals = decimals_of(parameter, stage)
    statistic = "sample" if count == 1 else "mean of H+" if parameter == "PH" else "mean"
    origin = Origin(statistic, count, censored, rule.name if censored else "", taken, decimals)
    if not censored:
        return EvaluatedValue(_rounded(taken, decimals), origin)
    known = Censored(_rounded(least, decimals), _rounded(most, decimals), _rounded(taken, decimals))
    if count == 1:
        single = known if np.isfinite(most) or parameter == "PH" else Censored(known.least, np.inf)
        origin = Origin(
            statistic, count, censored, origin.rule, operator=single.operator, bound=single.bound, unrounded=None
        )
    return EvaluatedValue(known, origin)


def _rounded(value: float, decimals: int | None) -> float:
    if decimals is None or not np.isfinite(value):
        return value
    return round_half_even(value, decimals, keep_a_digit=True)
