"""What is on its way: the anomalies of stations upstream, carried down by the river engine.

The travel time from a station upstream is a density (:func:`riverchief.transport.kernel`: advection, dispersion, dead
zones, decay), so that what arrives in step t is

    u(t) = share · Σ_k w_k a_up(t − k),     w_k = K((k + 1) Δ) − K(k Δ),     K the share that has arrived by then

with ``share`` the part of the water here that comes from there. At the origin t of a forecast for t + h the anomaly
upstream is known up to t only: the part w_k, k < h, that would have to leave later is taken from the newest one, fading
as anomalies there do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.transport import Cumulants, kernel_cdf

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SPREAD = 0.25  # standard deviation over mean of a travel time that was stated as one number
LONGEST_TAIL = 4.0  # standard deviations behind the mean at which a kernel is cut
ENOUGH = 0.5  # of a kernel's weight must fall on known values


@dataclass(frozen=True)
class Upstream:
    """``source`` lies upstream of ``place``: cumulants of the travel time of what survives, and ``share`` [1] of the
    water at ``place`` that comes from ``source``."""

    place: str
    source: str
    mean_s: float
    variance_s2: float
    third_s3: float
    log_survival: float = 0.0
    share: float = 1.0

    @classmethod
    def after(cls, place: str, source: str, travel_s: float, share: float = 1.0) -> Upstream:
        """From one stated travel time [s]: a gamma density with a standard deviation of a quarter of the mean."""
        variance = (SPREAD * travel_s) ** 2
        return cls(place, source, travel_s, variance, 2.0 * variance**2 / travel_s, 0.0, share)

    def weights(self, step_s: float) -> Floats:
        """w_k [1] of each step of delay, from 0 on; their sum is what survives."""
        longest = self.mean_s + LONGEST_TAIL * math.sqrt(self.variance_s2) + step_s
        edges = step_s * np.arange(math.ceil(longest / step_s) + 2)
        arrived = kernel_cdf(
            edges, Cumulants(*(np.array(each) for each in (self.mean_s, self.variance_s2, self.third_s3, 0.0)))
        )
        return np.diff(arrived) * math.exp(self.log_survival)


@dataclass(frozen=True, eq=False)
class Carried:
    """The anomalies that arrive. ``share`` (lead → (places, 1)) [1] is β, how much of the carried anomaly is found here
    (1 where the engine is right; 0 where nothing lies upstream)."""

    anomalies: Floats
    fading: Floats
    kernels: Mapping[int, Sequence[tuple[int, Floats]]]
    share: Mapping[int, Floats]

    def anomaly(self, at: Ints, lead: int) -> Floats:
        """(places, times): what is carried to ``lead`` steps after the steps ``at``; NaN where too little is known."""
        found = np.full((len(self.anomalies), len(at)), np.nan)
        for place, sources in self.kernels.items():
            total = np.zeros(self.anomalies.shape[1])
            known = np.zeros_like(total)
            whole = 0.0
            for source, weights in sources:
                response = _known_part(weights, lead, float(self.fading[source, 0]))
                row = self.anomalies[source]
                there = ~np.isnan(row)
                total += np.convolve(np.where(there, row, 0.0), response)[: len(row)]
                known += np.convolve(there.astype(np.float64), np.abs(response))[: len(row)]
                whole += float(np.abs(response).sum())
            arriving = np.where(known >= ENOUGH * whole, total, np.nan) if whole > 0 else np.full_like(total, np.nan)
            found[place] = arriving[at]
        return found


def carry(
    anomalies: Floats,
    fading: Floats,
    places: Sequence[str],
    relations: Sequence[Upstream],
    *,
    step_s: float,
    leads: Sequence[int],
    end: int,
) -> Carried | None:
    """What ``relations`` carry between ``places``; None where none of them joins two of the places.

    ``anomalies`` (places, steps), ``fading`` φ (places, 1). β of each lead is the slope of the anomaly found on the one
    carried, over the steps before ``end``, between 0 and 2.
    """
    kernels: dict[int, list[tuple[int, Floats]]] = {}
    for relation in relations:
        if relation.place in places and relation.source in places:
            weights = relation.share * relation.weights(step_s)
            kernels.setdefault(places.index(relation.place), []).append((places.index(relation.source), weights))
    if not kernels:
        return None
    plain = Carried(anomalies, fading, kernels, {})
    share: dict[int, Floats] = {}
    for lead in leads:
        at = np.arange(max(0, end - lead), dtype=np.int64)
        carried, found = plain.anomaly(at, lead), anomalies[:, at + lead]
        both = ~np.isnan(carried) & ~np.isnan(found)
        x, y = np.where(both, carried, 0.0), np.where(both, found, 0.0)
        square = (x * x).sum(axis=1)
        slope = np.divide((x * y).sum(axis=1), square, out=np.zeros(len(x)), where=square > 0)
        share[lead] = np.clip(slope, 0.0, 2.0)[:, None]
    return Carried(anomalies, fading, kernels, share)


def _known_part(weights: Floats, lead: int, fading: float) -> Floats:
    """The weights of the anomalies 0, 1, 2 … steps before the origin."""
    late = weights[lead:] if lead < len(weights) else np.zeros(0)
    response = np.zeros(max(1, len(late)))
    response[: len(late)] = late
    early = weights[:lead]
    response[0] += float(np.sum(early * fading ** (lead - np.arange(len(early)))))
    return response
