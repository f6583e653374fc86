"""Dissolved oxygen as a share of saturation, the second way to class I (GB 3838-2002 table 1 item 3: 90 %, or 7.5).

Source of the formula: HJ 2.3, DOf = 468 / (31.6 + T) for fresh water at sea level. It was not read in the document, so
its verification level is ``own_knowledge``; up a mountain the true saturation is lower than computed here, so the share
is never overstated.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = TypeVar("Numbers", float, NDArray[np.float64])

CLASS_I_SATURATION = 90.0  # %, GB 3838-2002 table 1 item 3
VERIFICATION = "own_knowledge"
COLDEST, WARMEST = 0.0, 45.0  # degC, outside which a thermometer in a river is wrong


def saturation_concentration(temperature: Numbers) -> Numbers:
    """Oxygen that fresh water holds at saturation [mg/L] at ``temperature`` [degC]; NaN stays NaN."""
    return 468.0 / (31.6 + temperature)


def saturation_share(oxygen: Numbers, temperature: Numbers) -> Numbers:
    """``oxygen`` [mg/L] as a share of saturation [%] at ``temperature`` [degC]; NaN stays NaN."""
    return 100.0 * oxygen / saturation_concentration(temperature)


def usable_share(
    oxygen: NDArray[np.float64],
    measured: NDArray[np.float64] | None,
    temperature: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """The share of saturation [%] that may be judged: measured, else computed from a plausible water temperature.

    NaN where there is neither; NaN compares false, so it never gives class I.
    """
    share = np.full(np.shape(oxygen), np.nan)
    if temperature is not None:
        plausible = (temperature >= COLDEST) & (temperature <= WARMEST)
        share = np.where(plausible, saturation_share(oxygen, temperature), share)
    return share if measured is None else np.where(np.isnan(measured), share, measured)
