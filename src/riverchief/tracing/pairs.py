"""Which station sees which candidate, how late and how spread: one backward pass a station."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.place import Location, Network, river_distance_m
from riverchief.tracing.standing import end_cumulants
from riverchief.transport import Physics, backward_cumulants, reach_cumulants
from riverchief.transport.physics import Floats

Ints = NDArray[np.int64]
_MORE = 1.05


class Pairs(NamedTuple):
    """One row for each candidate and station below it, by candidate, the nearest station first.

    Rows ``first[i]:first[i + 1]`` belong to candidate i. ``mean_s``, ``sd_s`` [s] and ``third_s3`` [s³] of the travel
    time; ``log_survival`` [-]; ``distance_m`` [m]; ``by_velocity`` and ``by_dispersion`` say how ``log(sd_s)`` goes
    with the logarithms of velocity and dispersion [-]; ``mg_l_per_kg_s`` [g/m³ · s/kg] turns a density [1/s] into mg/L
    for each kg released; ``release_s`` the delay of a release that spreads upstream too (:mod:`.standing`) [s].
    """

    first: Ints
    station: Ints
    mean_s: Floats
    sd_s: Floats
    third_s3: Floats
    log_survival: Floats
    distance_m: Floats
    by_velocity: Floats
    by_dispersion: Floats
    mg_l_per_kg_s: Floats
    release_s: Floats

    def take(self, candidates: Ints) -> Pairs:
        """The rows of some candidates only, in the order given."""
        counts = np.diff(self.first)[candidates]
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        own = [np.arange(self.first[c], self.first[c + 1]) for c in candidates.tolist()]
        rows = np.concatenate(own) if own else np.empty(0, np.int64)
        return Pairs(first, *(column[rows] for column in self[1:]))


def find_pairs(network: Network, physics: Physics, candidates: list[Location], stations: list[Location]) -> Pairs:
    """Pairs of candidates and the stations that their water passes; both must lie on the network.

    A candidate whose mass does not survive the way (less than e^-40 of it) makes no pair.
    """
    reach = np.array([network.index_of(place.reach) for place in candidates], np.int64)
    chainage = np.array([place.chainage_m for place in candidates])
    passed = chainage / network.length_m[reach]
    edges = network.secondary
    triple = (edges.source, edges.target, edges.fraction)
    states = (physics, physics.perturbed(velocity=_MORE), physics.perturbed(dispersion=_MORE))
    parts = [reach_cumulants(state) for state in states]
    ends = [end_cumulants(state) for state in states]
    to_mouth = network.distance_to_outlet_m[reach] + network.length_m[reach] - chainage
    lake = physics.is_lake
    found: list[tuple[Ints, ...]] = []
    for number, place in enumerate(stations):
        at = network.index_of(place.reach)
        share = 1.0 if lake[at] else place.chainage_m / float(network.length_m[at])
        tables = []
        for part in parts:
            upstream = backward_cumulants(network.down, network.size, part, at, share=share, secondary=triple)
            tables.append(np.stack(upstream.cumulants, axis=1))
        first = upstream.first
        here = np.flatnonzero((reach >= first) & (reach <= at) & ~((reach == at) & (passed > share)))
        rows = reach[here]
        taken = np.where(lake[rows], 0.0, passed[here])[:, None]
        (mean, variance, third, survival), (_, fast, _, _), (_, wide, _, _) = (
            (table[rows - first] - part[rows] * taken + release[rows] + probe[at]).T
            for table, part, (release, probe) in zip(tables, parts, ends, strict=True)
        )
        kept = np.isfinite(mean) & (survival > -40.0) & (variance > 0) & (mean > 0)
        if len(edges):
            far = np.array([river_distance_m(network, candidates[c], place) for c in here.tolist()])
        else:
            mouth = network.distance_to_outlet_m[at] + network.length_m[at] - place.chainage_m
            far = to_mouth[here] - mouth
        with np.errstate(invalid="ignore", divide="ignore"):
            columns = (
                here,
                np.full(here.size, number),
                mean,
                np.sqrt(variance),
                third,
                survival,
                far,
                0.5 * np.log(fast / variance) / math.log(_MORE),
                0.5 * np.log(wide / variance) / math.log(_MORE),
                np.exp(survival) * 1e3 / physics.discharge_m3_s[at],  # kg → g; g · 1/s / (m³/s) → g/m³
                ends[0][0][rows, 0],
            )
        found.append(tuple(column[kept] for column in columns))
    joined = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    order = np.lexsort((joined[2], joined[0]))
    of_candidate = joined[0][order].astype(np.int64)
    first_row = np.searchsorted(of_candidate, np.arange(len(candidates) + 1)).astype(np.int64)
    return Pairs(first_row, joined[1][order].astype(np.int64), *(column[order] for column in joined[2:]))


def forgotten(way_m: Floats, correlation_m: float) -> Floats:
    """Standard error of a mean over a way, relative to that at a point, when errors are forgotten as exp(-x/ℓ) [-]:
    √(2 (z - 1 + e^-z))/z with z = way/ℓ (Yaglom 1987, eq. 1.98); 1 for a short way."""
    z = np.maximum(np.asarray(way_m, np.float64) / correlation_m, 1e-6)
    exact = np.sqrt(2.0 * np.maximum(z - 1.0 + np.exp(-z), 0.0)) / z
    return np.where(z < 1e-3, 1.0 - z / 6.0, exact)
