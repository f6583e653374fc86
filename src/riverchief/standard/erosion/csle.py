"""The Chinese Soil Loss Equation, A = R K L S B E T (Liu Baoyuan 2002), over arrays.

Slope and length factors are pieces of ``csle_factors.csv``. Cropland uses T with B = 1, other land B with T = 1: that
is for the caller, who knows the land.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.table import read_table

Floats = NDArray[np.float64]
UNIT_PLOT_M = 22.13
HECTARES_PER_KM2 = 100.0


def slope_factor(slope_deg: Floats) -> Floats:
    """S of ``slope_deg`` [degrees]: 10.8 sin θ + 0.03 below 5°, 16.8 sin θ − 0.5 below 10°, 21.91 sin θ − 0.96 above.

    NaN stays NaN. Limits: two papers; one joins the pieces at 5.1428° and 14.0362° instead.
    """
    sine = np.sin(np.radians(slope_deg))
    piece = _piece("S", slope_deg)
    a, b = (np.array([float(row[c]) for row in _rows("S")])[piece] for c in ("a", "b"))
    return np.where(np.isnan(slope_deg), np.nan, a * sine + b)


def length_factor(slope_length_m: Floats, slope_deg: Floats) -> Floats:
    """L = (λ / 22.13)^m of ``slope_length_m`` [m]; m is 0.2, 0.3, 0.4 or 0.5 up to 1°, 3°, 5° and above."""
    exponent = np.array([float(row["a"]) for row in _rows("L")])[_piece("L", slope_deg)]
    return np.where(np.isnan(slope_deg), np.nan, (slope_length_m / UNIT_PLOT_M) ** exponent)


def soil_loss(r: Floats, k: Floats, ls: Floats, b: Floats, e: Floats, t: Floats) -> Floats:
    """A [t/(km2·a)] = R K LS B E T · 100.

    ``r`` [MJ·mm/(ha·h·a)], ``k`` [t·ha·h/(ha·MJ·mm)], the rest without unit. NaN stays NaN.
    """
    # MJ·mm/(ha·h·a) · t·ha·h/(ha·MJ·mm) = t/(ha·a); · 100 ha/km² -> t/(km²·a)
    return r * k * ls * b * e * t * HECTARES_PER_KM2


def rain_erosivity_census(rain_mm: Floats, month: NDArray[np.int64]) -> Floats:
    """R of each day [MJ·mm/(ha·h)] = a P^1.7265 for days with P >= 10 mm, a = 0.3937 May to September, else 0.3101.

    Daily model of the national census; its coefficients are **unverified**. NaN stays NaN.
    """
    warm, cold = _rows("R_census")
    is_warm = np.isin(month, [int(m) for m in warm["months"].split("|")])
    a = np.where(is_warm, float(warm["a"]), float(cold["a"]))
    wet = np.where(rain_mm >= 10.0, rain_mm, 0.0)
    return np.where(np.isnan(rain_mm), np.nan, a * wet ** float(warm["b"]))


def rain_erosivity_zhang(rain_mm: Floats, mean_wet_day_mm: float, mean_wet_year_mm: float) -> float:
    """R of a half-month [MJ·mm/(ha·h)] = α Σ P^β over its days with P >= 12 mm (Zhang Wenbo).

    ``β = 0.8363 + 18.144 / Pd12 + 24.455 / Py12``, ``α = 21.586 β^-7.1891``; Pd12 [mm] the mean of days with at least
    12 mm, Py12 [mm] the mean annual sum of such days. Two papers. NaN days are left out.
    """
    beta = 0.8363 + 18.144 / mean_wet_day_mm + 24.455 / mean_wet_year_mm
    alpha = 21.586 * beta**-7.1891
    wet = rain_mm[rain_mm >= 12.0]
    return float(alpha * np.sum(wet**beta))


def _piece(factor: str, slope_deg: Floats) -> NDArray[np.intp]:
    """The row of a factor's table in which each slope lies."""
    rows = _rows(factor)[:-1]
    ends = np.array([float(row["to_deg"]) for row in rows])
    side = "left" if rows[0]["to_inclusive"] == "1" else "right"
    return np.searchsorted(ends, np.where(np.isnan(slope_deg), 0.0, slope_deg), side=side)  # type: ignore[call-overload, no-any-return]


@cache
def _rows(factor: str) -> tuple[dict[str, str], ...]:
    return tuple(r for r in read_table("riverchief.standard.erosion", "csle_factors.csv") if r["factor"] == factor)
