"""Checks of one series against another: another parameter at the same place, or the same parameter at another place."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riverchief.observation.checks import kernels
from riverchief.observation.checks.outcome import (
    FAIL,
    MISSING,
    NOT_EVALUATED,
    PASS,
    SUSPECT,
    Floats,
    Outcome,
    as_floats,
    evidence,
)


def oxygen_saturation_mg_l(temperature_c: ArrayLike) -> Floats:
    """Dissolved oxygen at saturation [mg/L] in fresh water of ``temperature_c`` (n,) [°C] at sea level.

    468 / (31.6 + T), HJ 2.3-2018; within 2 % of Benson and Krause between 0 and 35 °C. At height h [m] less by about
    h / 8,400 of it, which the check leaves to its threshold.
    """
    return np.asarray(468.0 / (31.6 + as_floats(temperature_c)))


def oxygen(
    oxygen_mg_l: ArrayLike,
    temperature_c: ArrayLike,
    *,
    suspect_share: float = 1.5,
    fail_share: float = 2.5,
) -> Outcome:
    """Oxygen against its saturation at the water's temperature: suspect above ``suspect_share`` of it, fail above
    ``fail_share`` [1].

    Algae raise it above 1 on sunny days, to 1.5 rarely and to 2.5 never. Code 2 where the temperature is missing.
    """
    found = as_floats(oxygen_mg_l)
    share = found / oxygen_saturation_mg_l(temperature_c)
    codes = np.full(found.shape, PASS, np.uint8)
    codes[np.isnan(share)] = NOT_EVALUATED
    codes[share > suspect_share] = SUSPECT
    codes[share > fail_share] = FAIL
    codes[np.isnan(found)] = MISSING
    return Outcome("oxygen", codes, evidence(suspect_share=suspect_share, fail_share=fail_share))


def ice(values: ArrayLike, temperature_c: ArrayLike, *, below_c: float) -> Outcome:
    """Suspect where the water beside is at its freezing point, at or below ``below_c`` [°C].

    Ice at the gauge and under the probe lifts the level without more flow; the technicians of the Logan River took out
    93 of 100 levels of such hours. Code 2 where the temperature is missing.
    """
    found, temperature = as_floats(values), as_floats(temperature_c)
    codes = np.full(found.shape, PASS, np.uint8)
    codes[np.isnan(temperature)] = NOT_EVALUATED
    codes[temperature <= below_c] = SUSPECT
    codes[np.isnan(found)] = MISSING
    return Outcome("ice", codes, evidence(below_c=below_c))


def part_of_whole(
    part: ArrayLike, whole: ArrayLike, *, tolerance_share: float = 0.1, tolerance: float = 0.0
) -> Outcome:
    """Suspect where a part is more than its whole: part > whole · (1 + ``tolerance_share``) + ``tolerance`` [unit].

    Which of the two is wrong the check cannot say: give its verdict to both. Code 2 where the other is missing.
    """
    parts, wholes = as_floats(part), as_floats(whole)
    codes = np.full(parts.shape, PASS, np.uint8)
    codes[np.isnan(wholes)] = NOT_EVALUATED
    codes[parts > wholes * (1.0 + tolerance_share) + tolerance] = SUSPECT
    codes[np.isnan(parts)] = MISSING
    return Outcome("part_of_whole", codes, evidence(tolerance_share=tolerance_share, tolerance=tolerance))


def neighbour(
    times_s: ArrayLike,
    values: ArrayLike,
    other_times_s: ArrayLike,
    other_values: ArrayLike,
    *,
    lag_s: float,
    difference: float,
    share: float = 0.0,
    max_gap_s: float,
) -> Outcome:
    """Suspect where a value is further from the neighbour's than ``difference`` [unit] and ``share`` [1] of it allow.

    The neighbour is read at t − ``lag_s`` [s]: the travel time from it, negative for a neighbour downstream; between
    readings by a line, over no more than ``max_gap_s`` [s]. It never fails a value, for a spill looks like this at the
    first station that it passes. Code 2 where the neighbour has nothing to say.
    """
    found = as_floats(values)
    asked_s = as_floats(times_s) - lag_s
    expected = kernels.at_times(asked_s, as_floats(other_times_s), as_floats(other_values), max_gap_s)
    codes = np.full(found.shape, PASS, np.uint8)
    codes[np.isnan(expected)] = NOT_EVALUATED
    codes[np.abs(found - expected) > np.maximum(difference, share * np.abs(expected))] = SUSPECT
    codes[np.isnan(found)] = MISSING
    return Outcome("neighbour", codes, evidence(lag_s=lag_s, difference=difference, share=share))
