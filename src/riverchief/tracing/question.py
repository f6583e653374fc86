"""A trace as plain data: the question with all it depends on, and the answer. What can be stored can be asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from riverchief.place import Location, Network
from riverchief.tracing.advice import advise
from riverchief.tracing.assumptions import assumptions_of
from riverchief.tracing.candidate import Candidate
from riverchief.tracing.inputs import read_inputs, write_inputs
from riverchief.tracing.samples import StationSamples
from riverchief.tracing.trace import ONE_READING, SURE, trace
from riverchief.transport.conditions import Conditions
from riverchief.transport.physics import Floats
from riverchief.transport.river_data import river_data, river_of

MOST_SOURCES = 4
ADVISE_H = 24.0
MOST_ADVICE = 5
TRACED_SHARE = 0.8


def trace_question(
    network: Network,
    conditions: Conditions,
    candidates: Sequence[Candidate],
    samples: Sequence[StationSamples],
    sites: Mapping[str, Location],
    *,
    now_s: float,
    given: Mapping[str, float] | None = None,
    rain: tuple[Floats, Floats] | None = None,
) -> dict[str, Any]:
    """The question as plain data: the rivers the stations stand on, whole, and what lies on them.

    ``sites``: where one could sample next. ``given``: assumptions by name in place of the river's own. ``now_s``
    [s since 1970 UTC]: no release begins later, and advice is for the hours after it. ``rain`` times [s since 1970 UTC]
    and depths [mm], where it was measured.
    """
    outlets = {int(network.outlet[network.index_of(one.location.reach)]) for one in samples}
    positions = np.flatnonzero(np.isin(network.outlet, list(outlets)))
    here = set(positions.tolist())

    def is_here(place: Location) -> bool:
        return network.index_of(place.reach) in here

    places = [one.location for one in samples]
    assumptions = assumptions_of(network, conditions.doubt, places, given)
    near = [one for one in candidates if is_here(one.location)]
    return {
        **river_data(network, conditions, positions),
        **write_inputs(network, conditions.physics, near, samples, assumptions, now_s, MOST_SOURCES, rain),
        "sites": {
            name: {"reach": place.reach, "chainage_m": float(place.chainage_m)}
            for name, place in sites.items()
            if is_here(place)
        },
    }


def answer_trace(question: Mapping[str, Any], seed: int, tell: Callable[[float], None]) -> dict[str, Any]:
    """The answer as plain data: ``Trace.as_dict()`` without its inputs, the ``next_samples``, and in ``summary`` what a
    list shows.

    ``tell`` hears the share of the work done and may raise to end it. Raises ``BadInput`` as :func:`trace` does.
    """
    network, physics, _ = river_of(question)
    inputs = read_inputs(question)
    tell(0.05)
    found = trace(
        network,
        physics,
        inputs.candidates,
        inputs.samples,
        assumptions=inputs.assumptions,
        now_s=inputs.now_s,
        seed=seed,
        most_sources=inputs.most_sources,
        rain=inputs.rain,
    )
    tell(TRACED_SHARE)
    sites = {name: Location(at["reach"], at["chainage_m"]) for name, at in question["sites"].items()}
    advice = advise(found, sites, ADVISE_H, after_s=inputs.now_s, seed=seed)
    tell(1.0)
    told = found.as_dict()
    del told["inputs"]
    best = told["candidates"][0] if told["candidates"] else None
    return told | {
        "next_samples": [one.as_dict() for one in advice[:MOST_ADVICE]],
        "summary": {
            "verdict": told["verdict"],
            "hypotheses": told["hypotheses"],
            "is_open": found.hypotheses.get("release", 0.0) < SURE or found.evidence["readings"] < ONE_READING,
            "set90": told["set90"],
            "best": {name: best[name] for name in ("id", "name", "probability")} if best else None,
        },
    }
