"""Discharge in every reach over time, as the solvers take it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from riverchief.place import Network
from riverchief.transport.physics import Floats


@dataclass(frozen=True)
class Flow:
    """Discharge that changes in steps. From ``time_s[j]`` on, reach i lets ``foot_m3_s[j, i]`` go at its foot,
    gets ``head_m3_s[j, i]`` from outside at its head and ``lateral_m3_s[j, i]`` along it (negative: abstraction).

    All [m³/s], shape (steps, reaches). What comes from outside has the inflow's concentration.
    """

    time_s: Floats
    foot_m3_s: Floats
    head_m3_s: Floats
    lateral_m3_s: Floats

    @classmethod
    def steady(cls, network: Network, discharge_m3_s: ArrayLike) -> Flow:
        """Flow that does not change: what a reach carries more than those above bring comes in at its head; what it
        carries less is taken along it. ``discharge_m3_s`` at each foot [m³/s], shape (reaches,)."""
        foot = np.asarray(discharge_m3_s, np.float64)
        edges = network.secondary
        above = flow_through(network.down, foot, np.zeros(foot.size), edges.source, edges.target, edges.fraction)
        more = foot - above
        return cls(np.zeros(1), foot[None], np.maximum(more, 0.0)[None], np.minimum(more, 0.0)[None])


@njit(cache=True, nogil=True, error_model="numpy")
def flow_through(down, foot, head_inflow, source, target, fraction):  # type: ignore[no-untyped-def]
    """Discharge into each reach's head [m³/s]: what the reaches above let go, shared where they divide, and inflow."""
    head = head_inflow.copy()
    edge = 0
    for i in range(down.size):
        while edge < source.size and source[edge] < i:
            edge += 1
        main = 1.0
        while edge < source.size and source[edge] == i:
            head[target[edge]] += foot[i] * fraction[edge]
            main -= fraction[edge]
            edge += 1
        if down[i] >= 0:
            head[down[i]] += foot[i] * main
    return head
