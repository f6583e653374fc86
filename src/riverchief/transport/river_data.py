"""A river and its water as plain data: what a stored question keeps, so that it can be asked again whatever becomes of
the county's network. Numbers are in canonical units; what is not known is None."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riverchief.place import Network
from riverchief.transport.conditions import Conditions
from riverchief.transport.doubt import Doubt
from riverchief.transport.physics import Floats, Physics

STATE = (
    "velocity_m_s",
    "dispersion_m2_s",
    "discharge_m3_s",
    "decay_per_s",
    "storage_ratio",
    "exchange_per_s",
    "residence_s",
)
DOUBTS = ("velocity", "dispersion", "decay", "discharge")


def river_data(network: Network, conditions: Conditions, positions: NDArray[np.int64]) -> dict[str, Any]:
    """``reaches`` and ``branches`` of the part of the river at ``positions``; a way out of that part is its end."""
    chosen = set(positions.tolist())
    physics, edges = conditions.physics, network.secondary
    doubts = {name: np.broadcast_to(np.asarray(getattr(conditions.doubt, name)), network.n) for name in DOUBTS}
    reaches = []
    for position in positions.tolist():
        down = int(network.down[position])
        reaches.append(
            {
                "id": network.ids[position].item(),
                "down": network.ids[down].item() if down in chosen else None,
                "length_m": float(network.length_m[position]),
                "kind": int(network.kind[position]),
                "storage_m3": _plain(network.storage_m3[position]),
                **{state: _plain(getattr(physics, state)[position]) for state in STATE},
                **{f"{name}_error": float(doubts[name][position]) for name in DOUBTS},
            }
        )
    branches = [
        [network.ids[source].item(), network.ids[target].item(), float(fraction)]
        for source, target, fraction in zip(
            edges.source.tolist(), edges.target.tolist(), edges.fraction.tolist(), strict=True
        )
        if source in chosen and target in chosen
    ]
    return {"reaches": reaches, "branches": branches}


def river_of(question: Mapping[str, Any]) -> tuple[Network, Physics, Doubt]:
    """The river of a stored question; reaches come in the network's own order."""
    rows = question["reaches"]
    branches = question["branches"]
    network = Network.build(
        [row["id"] for row in rows],
        [row["down"] for row in rows],
        [row["length_m"] for row in rows],
        secondary=tuple(zip(*branches, strict=True)) if branches else None,  # type: ignore[arg-type]
        kind=[row["kind"] for row in rows],
        storage_m3=[_number(row["storage_m3"]) for row in rows],
    )

    def column(name: str) -> Floats:
        return np.array([_number(rows[row][name]) for row in network.row_of_position], np.float64)

    physics = Physics(network.length_m, *(column(name) for name in STATE))
    return network, physics, Doubt(*(column(f"{name}_error") for name in DOUBTS))


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else value
