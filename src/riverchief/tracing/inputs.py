"""All that a trace was computed from, as JSON keeps it, and back: what makes a run repeatable."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from riverchief.place import Bank, Location, Network
from riverchief.tracing.assumptions import Assumptions
from riverchief.tracing.candidate import Candidate
from riverchief.tracing.result import place_dict
from riverchief.tracing.samples import StationSamples
from riverchief.transport import Physics
from riverchief.transport.physics import Floats


def write_inputs(
    network: Network,
    physics: Physics,
    candidates: Sequence[Candidate],
    samples: Sequence[StationSamples],
    assumptions: Assumptions,
    now_s: float | None,
    most_sources: int,
    rain: tuple[Floats, Floats] | None = None,
) -> dict[str, Any]:
    """``Trace.inputs``: river and water stand in it as a digest."""
    digest = hashlib.sha256()
    for column in (network.down, network.length_m, *physics.__dict__.values()):
        digest.update(np.ascontiguousarray(column).tobytes())
    digest.update("\n".join(str(reach) for reach in network.ids.tolist()).encode())
    return {
        "candidates": [
            {
                "id": one.id,
                "location": place_dict(one.location) | {"chainage_m": one.location.chainage_m},
                "prior": one.prior,
                "kind": one.kind,
                "name": one.name,
            }
            for one in candidates
        ],
        "samples": [
            {
                "station": one.station,
                "location": place_dict(one.location) | {"chainage_m": one.location.chainage_m},
                "time_s": one.time_s.tolist(),
                "value_mg_l": [value if math.isfinite(value) else None for value in one.value_mg_l.tolist()],
                "censor": one.censor.tolist(),
            }
            for one in samples
        ],
        "assumptions": assumptions.as_dict(),
        "now_s": now_s,
        "most_sources": most_sources,
        "rain": None if rain is None else {"time_s": rain[0].tolist(), "mm": rain[1].tolist()},
        "river_sha256": digest.hexdigest(),
    }


@dataclass(frozen=True, eq=False)
class TraceInputs:
    """What :func:`~riverchief.tracing.trace` needs to repeat a run, beside network, physics and seed."""

    candidates: list[Candidate]
    samples: list[StationSamples]
    assumptions: Assumptions
    now_s: float | None
    most_sources: int
    rain: tuple[Floats, Floats] | None = None


def read_inputs(inputs: Mapping[str, Any]) -> TraceInputs:
    """From ``Trace.inputs`` or its JSON."""

    def place(given: Mapping[str, Any]) -> Location:
        return Location(given["reach"], given["chainage_m"], Bank(given["bank"]))

    candidates = [
        Candidate(one["id"], place(one["location"]), one["prior"], one["kind"], one["name"])
        for one in inputs["candidates"]
    ]
    samples = [
        StationSamples(
            one["station"],
            place(one["location"]),
            np.array(one["time_s"], np.float64),
            np.array([np.nan if value is None else value for value in one["value_mg_l"]], np.float64),
            np.array(one["censor"], np.int8),
        )
        for one in inputs["samples"]
    ]
    rain = inputs.get("rain")
    return TraceInputs(
        candidates,
        samples,
        Assumptions.from_dict(inputs["assumptions"]),
        inputs["now_s"],
        inputs["most_sources"],
        None if rain is None else (np.array(rain["time_s"], np.float64), np.array(rain["mm"], np.float64)),
    )
