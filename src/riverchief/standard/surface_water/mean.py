"""Means as the law takes them: of pH over the hydrogen ion, of everything else plainly, rounded half to even."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.standard.evidence import Origin
from riverchief.standard.rounding import round_half_even
from riverchief.standard.surface_water.rounding import Stage, decimals_of


@dataclass(frozen=True)
class EvaluatedValue:
    """A value as it is judged, and how it came about."""

    value: float
    origin: Origin


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
    parameter: str,
    values: NDArray[np.float64],
    *,
    censored: NDArray[np.bool_] | None = None,
    rule: str = "",
    stage: Stage = "evaluation",
) -> EvaluatedValue | None:
    """The mean of ``values`` rounded for evaluation; ``None`` where there is no value.

    ``censored`` marks values that stand for "below the detection limit" (already replaced by ``rule``).
    """
    mean = plain_mean(parameter, values)
    if np.isnan(mean):
        return None
    present = ~np.isnan(values)
    count = int(present.sum())
    below = int((censored & present).sum()) if censored is not None else 0
    decimals = decimals_of(parameter, stage)
    rounded = mean if decimals is None else round_half_even(mean, decimals, keep_a_digit=True)
    statistic = "sample" if count == 1 else "mean of H+" if parameter == "PH" else "mean"
    return EvaluatedValue(rounded, Origin(statistic, count, below, rule if below else "", mean, decimals))
