"""Where and when to sample next: what is expected to be learned about who it was.

For each place and hour the draws of a trace predict what would be measured there if it was this candidate or that. The
information that one more sample is expected to give about the source is (Lindley 1956)

    I = Σ_c P(c) ∫ p(y | c) log (p(y | c) / p(y)) dy      [nats]

0 where all candidates predict the same, log 2 where one sample tells two equal candidates apart for certain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from riverchief.errors import BadInput, Fault
from riverchief.place import Location, locate
from riverchief.tracing.curves import exact_curves
from riverchief.tracing.draws import BEGIN_S, FIRST_ARRIVAL, RELEASED_S
from riverchief.tracing.lags import CLOCK_S, local_covariance, pace_error
from riverchief.tracing.pairs import Pairs, find_pairs
from riverchief.tracing.posterior import Finalist, Posterior
from riverchief.tracing.result import State, Trace, iso, number, place_dict
from riverchief.tracing.several import added_at
from riverchief.tracing.sums import Curves
from riverchief.transport import Range
from riverchief.transport.physics import Floats

DRAWS = 64
_LEAST_PROBABILITY = 0.005
_LEVELS = 300


@dataclass(frozen=True)
class NextSample:
    """One possible sample: expected information about the source ``gain`` [nats], ``share`` of what is not known now
    that it would settle [-], and what it will probably read: median and 90 % range [mg/L]."""

    site: str
    location: Location
    time_s: float
    hour: float
    gain: float
    share: float
    expected_mg_l: Range

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "site": self.site,
            "location": place_dict(self.location),
            "time": iso(self.time_s),
            "hour": number(self.hour),
            "gain": number(self.gain),
            "share": number(self.share),
            "expected_mg_l": [number(value) for value in self.expected_mg_l],
        }


def next_samples(
    trace: Trace, sites: Mapping[str, Location], hours: Sequence[float], *, after_s: float | None = None, seed: int = 0
) -> tuple[NextSample, ...]:
    """Every site and hour by falling expected gain.

    ``sites`` places where a sample can be taken, stations or not; ``hours`` after ``after_s`` [s since 1970 UTC],
    default the last sample. Empty where the trace found no source. Background and scatter at a site without a station
    are the median of the stations'. Raises ``BadInput``: ``unknown_reach``, ``out_of_range`` for a site off the network
    or an hour that is no number, ``empty_file`` without site or hour; all that apply.

    What was assumed for the trace holds here too: if the source is on no list, no advice about the list helps.
    """
    state = trace.state
    faults = []
    for name, place in sites.items():
        if state is not None:
            try:
                locate(state.network, place.reach, place.chainage_m)
            except BadInput as refused:
                faults += [fault.at(name) for fault in refused.faults]
    if not sites or not hours:
        faults.append(Fault("empty_file", column="sites" if not sites else "hours", details={"allowed": "1 …"}))
    faults += [
        Fault("out_of_range", column="hours", details={"given": str(hour), "allowed": "h"})
        for hour in hours
        if not math.isfinite(hour)
    ]
    if faults:
        raise BadInput(faults)
    if state is None or not state.posteriors:
        return ()
    start = after_s if after_s is not None else state.last_s
    times = start - state.zero_s + 3600.0 * np.asarray(hours, np.float64)
    names, places = list(sites), list(sites.values())
    levels = np.array([_level(state, place) for place in places])
    rng = np.random.default_rng(seed)
    predicted = [_Predicted(state, posterior, places, times, rng) for posterior in state.posteriors]
    gain = np.zeros((len(places), times.size))
    unknown = 0.0
    for own in predicted:
        others = [other.mixed(rng) for other in predicted if other is not own]
        added = own.added + sum(others, np.zeros(own.added.shape[1:]))
        level = levels[:, 0][:, None] + added
        error = np.sqrt((state.assumptions.noise * level) ** 2 + levels[:, 1][:, None] ** 2 + (own.doubt * added) ** 2)
        gain += _information(level, error, own.probability)
        unknown += float(-(own.probability * np.log(own.probability)).sum())
    whole = predicted[0].mixed(rng) + sum((other.mixed(rng) for other in predicted[1:]), np.zeros(gain.shape))
    low, median, high = np.quantile(levels[:, 0][:, None] + whole, [0.05, 0.5, 0.95], axis=0)
    found = [
        NextSample(
            name,
            places[k],
            float(times[j]) + state.zero_s,
            float(hours[j]),
            float(gain[k, j]),
            min(float(gain[k, j]) / unknown, 1.0) if unknown > 1e-9 else 0.0,
            Range(float(median[k, j]), float(low[k, j]), float(high[k, j])),
        )
        for k, name in enumerate(names)
        for j in range(times.size)
    ]
    found.sort(key=lambda one: (-one.gain, one.time_s, one.site))
    return tuple(found)


class _Predicted:
    """What one source would add at the sites, by candidate and draw: ``added[c, d, site, time]`` [mg/L]."""

    def __init__(
        self, state: State, posterior: Posterior, places: list[Location], times: Floats, rng: np.random.Generator
    ):
        probability = posterior.probability
        likely = [one for one in posterior.finalists if probability[one.candidate] > _LEAST_PROBABILITY]
        weight = np.array([probability[one.candidate] for one in likely])
        self.probability: Floats = weight / weight.sum()
        self.doubt = math.hypot(state.assumptions.discharge, state.assumptions.model)
        self.added = np.zeros((len(likely), DRAWS, len(places), times.size))
        where = [state.candidates[one.candidate].location for one in likely]
        pairs = find_pairs(state.network, state.physics, where, places)
        curves = exact_curves(state.network, state.physics, where, places, pairs)
        for c, one in enumerate(likely):
            draws = one.draws[_typical(one, rng)]
            for row in range(int(pairs.first[c]), int(pairs.first[c + 1])):
                arrivals = _arrivals(state, posterior, one, draws, pairs, row, rng)
                self._add(curves, row, draws, arrivals, times, self.added[c, :, int(pairs.station[row])])

    @staticmethod
    def _add(curves: Curves, row: int, draws: Floats, arrivals: Floats, times: Floats, out: Floats) -> None:
        for d in range(draws.shape[0]):
            added_at(curves, row, draws[d], arrivals[d], times, out[d])

    def mixed(self, rng: np.random.Generator) -> Floats:
        """Draws of whichever candidate, as likely as it is, shape (draws, sites, times)."""
        who = rng.choice(self.probability.size, DRAWS, p=self.probability)
        mixed: Floats = self.added[who, rng.permutation(DRAWS)]
        return mixed


def _typical(one: Finalist, rng: np.random.Generator) -> Floats:
    weight = np.exp(one.log_weight - one.log_weight.max())
    cumulative = np.cumsum(weight)
    found = np.searchsorted(cumulative, (np.arange(DRAWS) + rng.random()) / DRAWS * cumulative[-1])
    chosen: Floats = np.minimum(found, weight.size - 1)
    return chosen


def _arrivals(
    state: State, posterior: Posterior, one: Finalist, draws: Floats, pairs: Pairs, row: int, rng: np.random.Generator
) -> Floats:
    """Mean arrival at a site [s] of each draw: what the travel times to the stations say about that to the site (all
    lie on one way), by the covariance of :mod:`.lags`, with what stays open drawn."""
    known = slice(one.low, one.high)
    mean = np.concatenate([posterior.pairs.mean_s[known], pairs.mean_s[row : row + 1]])
    way = np.concatenate([posterior.pairs.distance_m[known], pairs.distance_m[row : row + 1]])
    order = np.argsort(mean, kind="stable")
    assumptions = state.assumptions
    covariance = np.empty((mean.size, mean.size))
    covariance[np.ix_(order, order)] = local_covariance(
        way[order], mean[order], pace_error(assumptions), assumptions.correlation_m
    )
    covariance += assumptions.velocity**2 * np.outer(mean, mean)
    covariance[np.diag_indices(mean.size)] += 0.5 * CLOCK_S**2
    told = np.linalg.solve(covariance[:-1, :-1], covariance[:-1, -1])
    rest = max(float(covariance[-1, -1] - told @ covariance[:-1, -1]), 0.0)
    middle = draws[:, BEGIN_S] + 0.5 * draws[:, RELEASED_S]
    off = draws[:, FIRST_ARRIVAL:] - middle[:, None] - mean[:-1]
    arrivals: Floats = middle + mean[-1] + off @ told + math.sqrt(rest) * rng.standard_normal(draws.shape[0])
    return arrivals


def _level(state: State, place: Location) -> tuple[float, float]:
    """Background and scatter at a place [mg/L]: its station's, else the stations' median."""
    for location, level, scatter in state.levels_mg_l.values():
        if location.reach == place.reach and abs(location.chainage_m - place.chainage_m) < 1.0:
            return level, scatter
    levels = list(state.levels_mg_l.values())
    return float(np.median([one[1] for one in levels])), float(np.median([one[2] for one in levels]))


@njit(cache=True, nogil=True, error_model="numpy")
def _information(level, error, probability):  # type: ignore[no-untyped-def]
    """``gain[site, time]`` [nats] from ``level`` ± ``error`` [mg/L], shape (candidates, draws, sites, times)."""
    candidates, draws, sites, times = level.shape
    gain = np.zeros((sites, times))
    density = np.empty(candidates)
    for k in range(sites):
        for j in range(times):
            least = np.inf
            low = np.inf
            high = -np.inf
            for c in range(candidates):
                for d in range(draws):
                    least = min(least, error[c, d, k, j])
                    low = min(low, level[c, d, k, j] - 5.0 * error[c, d, k, j])
                    high = max(high, level[c, d, k, j] + 5.0 * error[c, d, k, j])
            # equal steps in asinh: fine near the background, coarse where errors are large
            start, end = math.asinh(low / (4.0 * least)), math.asinh(high / (4.0 * least))
            step = (end - start) / (_LEVELS - 1)
            total = 0.0
            for i in range(_LEVELS):
                u = start + i * step
                y = 4.0 * least * math.sinh(u)
                width = 4.0 * least * math.cosh(u) * step
                mixed = 0.0
                for c in range(candidates):
                    density[c] = 0.0
                    for d in range(draws):
                        z = (y - level[c, d, k, j]) / error[c, d, k, j]
                        if abs(z) < 8.0:
                            density[c] += math.exp(-0.5 * z * z) / error[c, d, k, j]
                    density[c] /= draws * math.sqrt(2.0 * math.pi)
                    mixed += probability[c] * density[c]
                for c in range(candidates):
                    if density[c] > 0.0:
                        total += probability[c] * density[c] * math.log(density[c] / mixed) * width
            gain[k, j] = max(total, 0.0)
    return gain
