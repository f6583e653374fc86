"""Concentrations at which the individual index is 0, 50, 100, 150, 200, 300, 400 and 500: ``breakpoints.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.table import read_table

INDICES = (0, 50, 100, 150, 200, 300, 400, 500)
_NOISE = 1e-9  # an index of 100.0000000001 is 100 and not 101


@dataclass(frozen=True)
class Breakpoints:
    """One row: ``concentrations`` [``unit``] at ``indices``; a row may end before 500 (SO2 1 h, O3 8 h)."""

    pollutant: str
    period: str
    unit: str
    indices: tuple[int, ...]
    concentrations: tuple[float, ...]
    clause: str
    edition: str
    verification: str

    def index(self, concentration: NDArray[np.float64]) -> NDArray[np.float64]:
        """IAQI of each concentration [``unit``], linear between the points and rounded up (HJ 633 formula 1).

        Above the last point it is the index of the last point. NaN and negative concentrations give NaN.
        """
        within = np.interp(concentration, self.concentrations, self.indices)
        valid = concentration >= 0.0
        return np.where(valid, np.ceil(within - _NOISE), np.nan) + 0.0


@cache
def breakpoints(edition: str) -> dict[tuple[str, str], Breakpoints]:
    """The rows of ``HJ 633-2012`` or ``HJ 633-2026`` by pollutant code and period (``1h``, ``8h``, ``24h``)."""
    found = {}
    for row in read_table("riverchief.standard.air", "breakpoints.csv"):
        if row["edition"] != edition:
            continue
        points = [(index, float(row[f"iaqi_{index}"])) for index in INDICES if row[f"iaqi_{index}"]]
        found[row["pollutant"], row["period"]] = Breakpoints(
            row["pollutant"],
            row["period"],
            row["unit"],
            tuple(index for index, _ in points),
            tuple(concentration for _, concentration in points),
            row["clause"],
            row["edition"],
            row["verification"],
        )
    return found
