"""Oxygen from the air: how much water can hold, and how fast it takes it up."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table
from riverchief.transport.physics import Floats

SECONDS_PER_DAY = 86_400.0


def oxygen_saturation(temperature_c: ArrayLike, elevation_m: ArrayLike = 0.0) -> Floats:
    """Oxygen in fresh water in balance with the air [mg/L].

    ln c = -139.34411 + 1.575701e5/T - 6.642308e7/T² + 1.243800e10/T³ - 8.621949e11/T⁴ (T in kelvin; Benson and Krause
    1984, APHA 4500-O), times 1 - 1.148e-4 z for elevation z [m] (Zison et al. 1978). NaN stays NaN. 0 to 40 °C.
    """
    kelvin = np.asarray(temperature_c, np.float64) + 273.15
    logarithm = (
        -139.34411 + 1.575701e5 / kelvin - 6.642308e7 / kelvin**2 + 1.2438e10 / kelvin**3 - 8.621949e11 / kelvin**4
    )
    return np.exp(logarithm) * (1.0 - 1.148e-4 * np.asarray(elevation_m, np.float64))


def reaeration(velocity_m_s: ArrayLike, depth_m: ArrayLike, formula: str = "covar") -> Floats:
    """Reaeration rate at 20 °C [1/d]: factor · U^a / H^b by a row of ``reaeration.csv``.

    ``covar`` takes for each reach the formula made for its depth and velocity: Owens-Gibbs below 0.61 m, else
    O'Connor-Dobbins where H > 3.45 U^2.5, else Churchill (Covar 1976). Raises ``BadInput`` (``not_one_of``) for another
    name. NaN stays NaN.
    """
    u, h = np.asarray(velocity_m_s, np.float64), np.asarray(depth_m, np.float64)
    rates = {code: factor * u**a / h**b for code, (factor, a, b) in _formulas().items()}
    if formula == "covar":
        deep = np.where(h > 3.45 * u**2.5, rates["oconnor_dobbins"], rates["churchill"])
        return np.where(h < 0.61, rates["owens_gibbs"], deep)
    if formula not in rates:
        raise BadInput([unknown_name("unknown_formula", formula, ["covar", *rates])])
    return np.asarray(rates[formula])


@cache
def _formulas() -> dict[str, tuple[float, float, float]]:
    return {
        row["code"]: (float(row["factor"]), float(row["velocity_power"]), float(row["depth_power"]))
        for row in read_table("riverchief.transport", "reaeration.csv")
    }
