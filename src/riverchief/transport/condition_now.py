"""The river as it is today: mean flows of the register times a share, measured by gauges or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, unknown_name
from riverchief.place import Network
from riverchief.table import read_table
from riverchief.transport.conditions import Conditions, estimate_conditions
from riverchief.transport.physics import Floats

#: Velocity grows with the flow at one place by this power (Leopold and Maddock 1953, USGS Prof. Paper 252).
VELOCITY_POWER = 0.34


@dataclass(frozen=True)
class FlowCondition:
    """One row of ``flow_conditions.csv``; ``share`` [-] of the mean flow."""

    code: str
    zh: str
    en: str
    share: float

    def name(self, language: str) -> str:
        """The name in ``language`` (``"zh"`` or ``"en"``)."""
        return self.zh if language.startswith("zh") else self.en


@cache
def flow_conditions() -> dict[str, FlowCondition]:
    """Every row of ``flow_conditions.csv`` by its code, in the table's order."""
    rows = read_table("riverchief.transport", "flow_conditions.csv")
    return {
        row["condition"]: FlowCondition(row["condition"], row["zh"], row["en"], float(row["share"])) for row in rows
    }


def find_flow_condition(code: str) -> FlowCondition:
    """The condition of a code; raises ``BadInput`` (``unknown_quantity``) with the nearest."""
    found = flow_conditions().get(code)
    if found is None:
        raise BadInput([unknown_name("unknown_quantity", code, list(flow_conditions()), column="flow")])
    return found


def measured_share(measured_m3_s: ArrayLike, mean_m3_s: ArrayLike) -> float | None:
    """The median over gauges of measured over mean discharge [-]; None where no pair is usable.

    Pairs with NaN, zero or negative values are left out: a dry gauge says nothing of the others.
    """
    measured, mean = np.asarray(measured_m3_s, np.float64), np.asarray(mean_m3_s, np.float64)
    usable = np.isfinite(measured) & np.isfinite(mean) & (measured > 0) & (mean > 0)
    return float(np.median(measured[usable] / mean[usable])) if usable.any() else None


def conditions_at_share(
    network: Network,
    mean: Mapping[str, Floats],
    share: float,
    *,
    is_measured: bool,
    decay_per_s: float = 0.0,
) -> Conditions:
    """The state of ``network`` when its rivers carry ``share`` [-] of their mean flow.

    ``mean`` quantity of ``columns.csv`` → values at mean flow in canonical units, NaN where unknown, shape (reaches,);
    discharge goes with the share, velocity with its power 0.34, ``decay_per_s`` [1/s] holds everywhere. The discharge
    has the error of a measured or of an assumed share, the velocity that of hydraulic geometry: it was known at another
    flow. What nothing can tell stays NaN.
    """
    known = dict(mean)
    if "discharge" in known:
        known["discharge"] = known["discharge"] * share
    if "velocity" in known:
        known["velocity"] = known["velocity"] * share**VELOCITY_POWER
    known["decay"] = np.full(network.n, decay_per_s)
    methods = {
        "discharge": "discharge_measured_share" if is_measured else "discharge_assumed_share",
        "velocity": "velocity_geometry",
    }
    return estimate_conditions(network, known, methods=methods)
