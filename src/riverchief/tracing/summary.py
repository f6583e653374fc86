"""From posteriors to what a person reads: ranked candidates with ranges, sets, groups that are alike, fitted curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from riverchief.tracing.candidate import Candidate, is_unlisted
from riverchief.tracing.draws import BEGIN_S, FIRST_ARRIVAL, MASS_KG, RELEASED_S, effective
from riverchief.tracing.observed import Observed
from riverchief.tracing.posterior import Finalist, Posterior, Scene
from riverchief.tracing.result import RankedCandidate, SourceSet, StationFit
from riverchief.tracing.samples import StationSamples
from riverchief.tracing.several import SHOWN_DRAWS, curves_of_draws
from riverchief.transport import Range
from riverchief.transport.physics import Floats

#: Candidates whose evidence differs by less than this [nats] and that the same stations see are alike: the odds between
#: them are below 3 to 1 either way.
ALIKE = 1.1
_LEAST_PROBABILITY = 1e-4
_CURVE_TIMES = 145


def set_of(probability: Floats, share: float = 0.9) -> list[int]:
    """The smallest set of positions that holds ``share`` of the probability, likeliest first; empty where all are 0."""
    if not probability.sum() > 0:
        return []
    order = np.argsort(-probability, kind="stable")
    count = int(np.searchsorted(np.cumsum(probability[order]), share * (1.0 - 1e-12))) + 1
    return [int(i) for i in order[:count]]


def rank(
    candidates: Sequence[Candidate],
    posteriors: Sequence[Posterior],
    stations: Sequence[str],
    zero_s: float,
    flow: float = 0.0,
) -> tuple[tuple[RankedCandidate, ...], tuple[SourceSet, ...], tuple[tuple[str, ...], ...], float]:
    """Ranked candidates of all sources, the sources' sets, the groups that are alike, and the least effective number of
    draws behind a member of a set. ``flow`` [-] as in the assumptions."""
    innocent: dict[int, float] = {}
    best: dict[int, tuple[float, RankedCandidate]] = {}
    sets, groups, least = [], set(), float(10**9)
    for source, posterior in enumerate(posteriors):
        probability = posterior.probability
        members = set_of(probability)
        sets.append(SourceSet(tuple(candidates[i].id for i in members), posterior.log_evidence))
        alike = _alike(candidates, posterior)
        for finalist in posterior.finalists:
            c = finalist.candidate
            if probability[c] < _LEAST_PROBABILITY and len(best) >= 1:
                continue
            if c in members:
                least = min(least, effective(finalist.log_weight))
            ids = tuple(candidates[i].id for i in alike[c])
            if len(ids) > 1 and c in members:
                groups.add(ids)
            innocent[c] = innocent.get(c, 1.0) * (1.0 - float(probability[c]))
            others = tuple(name for name in ids if name != candidates[c].id)
            one = _ranked(candidates[c], finalist, posterior, stations, zero_s, others, source, flow)
            if c not in best or probability[c] > best[c][0]:
                best[c] = (float(probability[c]), one)
    ranked = [RankedCandidate(**{**one.__dict__, "probability": 1.0 - innocent[c]}) for c, (_, one) in best.items()]
    ranked.sort(key=lambda one: (-one.probability, one.source, one.id))
    return tuple(ranked), tuple(sets), tuple(sorted(groups)), least if least < 10**9 else 0.0


def _ranked(
    candidate: Candidate,
    finalist: Finalist,
    posterior: Posterior,
    stations: Sequence[str],
    zero_s: float,
    alike: tuple[str, ...],
    source: int,
    flow: float,
) -> RankedCandidate:
    draws, weight = finalist.draws, np.exp(finalist.log_weight - finalist.log_weight.max())
    middle = draws[:, BEGIN_S] + 0.5 * draws[:, RELEASED_S]
    travel = {}
    for r in range(finalist.low, finalist.high):
        arrival = draws[:, FIRST_ARRIVAL + r - finalist.low]
        travel[stations[int(posterior.curves.station[r])]] = weighted_range(arrival - middle, weight)
    begin = weighted_range(draws[:, BEGIN_S], weight)
    return RankedCandidate(
        candidate=candidate,
        probability=float(posterior.probability[finalist.candidate]),
        log_evidence=finalist.log_evidence,
        time_s=Range(*(zero_s + value for value in begin)),
        mass_kg=_widened(weighted_range(draws[:, MASS_KG], weight), flow),
        duration_s=weighted_range(draws[:, RELEASED_S], weight),
        travel_s=travel,
        alike=alike,
        source=source,
    )


def weighted_range(value: Floats, weight: Floats) -> Range:
    """Median and 90 % range of weighted draws."""
    order = np.argsort(value, kind="stable")
    cumulative = np.cumsum(weight[order])
    middle = (cumulative - 0.5 * weight[order]) / cumulative[-1]
    low, median, high = np.interp([0.05, 0.5, 0.95], middle, value[order])
    return Range(float(median), float(low), float(high))


def _widened(mass: Range, error: float) -> Range:
    """A range in which a further factor with a standard error of the logarithm is unknown: 1.645 of them make 90 %."""
    low, high = (math.hypot(math.log(end / mass.median), 1.645 * error) for end in (mass.p05, mass.p95))
    return Range(mass.median, mass.median * math.exp(-low), mass.median * math.exp(high))


def _alike(candidates: Sequence[Candidate], posterior: Posterior) -> dict[int, tuple[int, ...]]:
    """For each finalist the candidates, itself among them, that the same stations see and that explain as well; what is
    on the list is compared with what is on it."""
    kinds = {
        one.candidate: (
            is_unlisted(candidates[one.candidate]),
            *sorted(posterior.curves.station[one.low : one.high].tolist()),
        )
        for one in posterior.finalists
    }
    said = {one.candidate: one.log_evidence for one in posterior.finalists}
    return {c: tuple(sorted(d for d in said if kinds[d] == kinds[c] and abs(said[d] - said[c]) < ALIKE)) for c in said}


def fitted_stations(
    scene: Scene, series: Sequence[StationSamples], posteriors: Sequence[Posterior], zero_s: float, seed: int
) -> tuple[StationFit, ...]:
    """What the sources together say each station saw."""
    observed = scene.observed
    first, last = float(observed.time_s.min()), float(observed.time_s.max())
    grid = np.linspace(first, last, _CURVE_TIMES)
    count = len(series)
    at_samples = [observed.time_s[observed.offset[k] : observed.offset[k + 1]] for k in range(count)]
    shown = [np.zeros((SHOWN_DRAWS, grid.size)) for _ in range(count)]
    there = [np.zeros((SHOWN_DRAWS, time.size)) for time in at_samples]
    random = np.random.default_rng(seed)
    for posterior in posteriors:
        turn = random.permutation(SHOWN_DRAWS)
        for k, curve in enumerate(curves_of_draws(posterior, count, [grid] * count)):
            shown[k] += curve[turn]
        for k, curve in enumerate(curves_of_draws(posterior, count, at_samples)):
            there[k] += curve[turn]
    fits = []
    for k, one in enumerate(series):
        middle = np.median(there[k], axis=0)
        background, spread = _background(observed, scene.assumptions.noise, k, middle)
        level = float(np.median(background))
        under = np.interp(grid, at_samples[k], background)
        curves = shown[k] + np.maximum(under + spread * random.standard_normal(SHOWN_DRAWS)[:, None], 0.0)
        low, median, high = np.quantile(curves, [0.05, 0.5, 0.95], axis=0)
        misfit = _misfit(observed, scene.assumptions.noise, k, middle + background)
        shows = float(scene.null.shown[k])
        fits.append(StationFit(one.station, one.location, grid + zero_s, median, low, high, level, shows, misfit))
    return tuple(fits)


def _background(observed: Observed, noise: float, k: int, added: Floats) -> tuple[Floats, float]:
    """Background of station k at its samples once the sources' part is taken off, and its error [mg/L]; measured
    values only."""
    here = slice(observed.offset[k], observed.offset[k + 1])
    prior = float(observed.background[k])
    basis = observed.basis[here, : observed.modes[k]]
    measured = observed.kind[here] == 0
    error = np.hypot(noise * (prior + added), observed.floor_of[here])
    off = observed.value[here] - added - prior
    curve = np.zeros(off.size)
    inner = np.eye(basis.shape[1])
    for _ in range(3):
        weight = np.where(measured, 1.0 / error**2, 0.0)
        inner = np.eye(basis.shape[1]) + basis.T @ (weight[:, None] * basis)
        near = np.clip(off, curve - 3.0 * error, curve + 3.0 * error)
        curve = basis @ np.linalg.solve(inner, basis.T @ (weight * near))
    spread = float(np.sqrt(np.mean(np.einsum("ij,ji->i", basis, np.linalg.solve(inner, basis.T))))) if off.size else 0.0
    return np.maximum(prior + curve, 0.0), spread


def _misfit(observed: Observed, noise: float, k: int, expected: Floats) -> float:
    here = slice(observed.offset[k], observed.offset[k + 1])
    measured = observed.kind[here] == 0
    if not measured.any():
        return float("nan")
    error = np.hypot(noise * expected, observed.floor_of[here])
    return float(np.sqrt(np.mean(((observed.value[here] - expected) / error)[measured] ** 2)))
