"""The rivers of the demonstration county as the engines take them: a network, and one state of its water."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from riverchief.example import chengkou
from riverchief.place import Network, ReachKind
from riverchief.transport import Physics

Floats = NDArray[np.float64]

GRAVITY_M_S2 = 9.81
#: Velocity grows with the flow at one place by this power (Leopold and Maddock 1953, USGS Prof. Paper 252).
VELOCITY_POWER = 0.34
#: Fischer's estimate runs off in wide and in tiny streams; measured mountain rivers stay within [m²/s].
DISPERSION_M2_S = (3.0, 120.0)


@cache
def network() -> Network:
    """The 98 reaches in post-order."""
    facts = [feature["properties"] for feature in chengkou.features_of("network.geojson")]
    return Network.build(
        [reach["id"] for reach in facts],
        [reach["down"] for reach in facts],
        [reach["length_m"] for reach in facts],
        kind=[ReachKind.RESERVOIR if reach["kind"] == "lake" else ReachKind.RIVER for reach in facts],
        storage_m3=[reach["storage_m3"] or np.nan for reach in facts],
        grows_downstream=[reach["flow_m3_s"] for reach in facts],
    )


def facts_of(column: str) -> Floats:
    """The number ``column`` (such as ``"flow_m3_s"``) of every reach, in the order of :func:`network`."""
    facts = [feature["properties"][column] for feature in chengkou.features_of("network.geojson")]
    return np.array(facts, np.float64)[network().row_of_position]


def physics(flow_share: float = 1.0, decay_per_s: float = 0.0) -> Physics:
    """The water of every reach when it carries ``flow_share`` [-] of its mean flow.

    Flow Q and velocity v follow the share and its power 0.34; the dispersion is Fischer's (1975, J. Environ. Eng. Div.
    101(3)) D = 0.011 v² w² / (h u*) with u* = √(g h S), kept within 3–120 m²/s; the lake is one tank of V/Q.
    """
    flow = facts_of("flow_m3_s") * flow_share
    velocity = facts_of("velocity_m_s") * flow_share**VELOCITY_POWER
    width, slope, lake = facts_of("width_m"), facts_of("slope"), network().kind != ReachKind.RIVER
    depth = flow / (velocity * width)
    shear = np.sqrt(GRAVITY_M_S2 * depth * np.where(lake, np.nan, slope))
    dispersion = np.clip(0.011 * velocity**2 * width**2 / (depth * shear), *DISPERSION_M2_S)
    return Physics.of(
        network().length_m,
        np.where(lake, np.nan, velocity),
        dispersion,
        flow,
        decay_per_s=decay_per_s,
        residence_s=np.where(lake, network().storage_m3 / flow, np.nan),  # m³ / (m³/s) → s
    )
