"""Where one could go and sample: the places known, and the foot of each reach between the suspects and the stations."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from riverchief.place import Location
from riverchief.tracing.next_sample import NextSample, next_samples
from riverchief.tracing.result import Trace

STEP_H = 2.0
#: Less of what is not known than this is not worth a journey.
LEAST_SHARE = 0.02


def advise(
    found: Trace,
    sites: Mapping[str, Location],
    hours: float,
    *,
    after_s: float | None = None,
    seed: int = 0,
) -> tuple[NextSample, ...]:
    """Samples of the next ``hours`` [h] by falling expected gain, at ``sites`` and at the foot of every reach below the
    90 % set (named ``reach:ID``); empty where nothing was found or nothing is left to be told apart.

    ``after_s`` [s since 1970 UTC]: when the hours begin, default the last sample. Raises as :func:`next_samples`.
    """
    if found.state is None or hours <= 0 or len(found.set90) <= len(found.sources):
        return ()
    network = found.state.network
    suspects = {one.id: one.location for one in found.candidates}
    everywhere = dict(sites)
    for name in found.set90:
        reach = network.index_of(suspects[name].reach)
        while reach >= 0:
            own = network.ids[[reach]].tolist()[0]
            everywhere.setdefault(f"reach:{own}", Location(own, float(network.length_m[reach])))
            reach = int(network.down[reach])
    times = np.arange(STEP_H, hours + 1e-9, STEP_H).tolist() or [hours]
    return next_samples(found, everywhere, times, after_s=after_s, seed=seed)
