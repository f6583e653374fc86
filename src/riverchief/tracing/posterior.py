"""From samples to probabilities for one source: every candidate coarsely, the plausible ones exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from riverchief.tracing import fit
from riverchief.tracing.assumptions import Assumptions
from riverchief.tracing.curves import quick_curves
from riverchief.tracing.draws import FIRST_ARRIVAL, Prior, draw
from riverchief.tracing.lags import lag_errors, lags_of, shape_error, stretch_errors
from riverchief.tracing.observed import Observed
from riverchief.tracing.pairs import Pairs
from riverchief.tracing.sums import Curves, Ints, Weighed, products
from riverchief.transport.physics import Floats

Exact = Callable[[Ints, Pairs], Curves]
NO_WEIGHT = -1e30
#: A candidate so many nats below the best after the quick look, or after its exact fit, is not looked at again; in
#: the quick look a share ``FAR`` of the best score comes on top, since there curves and widths are rough.
MARGIN, FAR, FINE_MARGIN = 25.0, 0.06, 14.0
MOST_FINALISTS = 40
#: One that lies so many nats below the best by its fit, brought to the scale of the draws, needs no draws of its own.
NEAR_MARGIN = 6.0
DRAWS = 512
_SLACK = 20.0  # nats that a candidate may gain beyond what its stations show
# nats beyond what noise shows in all samples, or of one sample: where there is less nothing is looked for
_LEAST_SHOWN, _LEAST_OF_ONE = 1.0, 6.0
_GLANCED = 3  # candidates that a glance refines
_NEAR = 4  # column of a fit beside those of fit.py: arrival at the anchor after the quick look [s]
_STRETCHED = 3.2  # standard errors of stretch on either side
_MOST_STRETCHES = 31


class Null(NamedTuple):
    """If nothing (more) was released: log evidence of each station, and what it leaves unexplained, in all and of one
    sample at most [nats]; beside it the plain weights of a first fit, and of each station the probability that some
    reading far off is a stray one [-]."""

    weights: fit.Weights
    weighed: Weighed
    stray: Floats
    evidence: Floats
    shown: Floats
    highest: Floats


@dataclass(frozen=True)
class Scene:
    """One observation under its assumptions; times in seconds from the trace's zero."""

    observed: Observed
    assumptions: Assumptions
    begin_from_s: float
    begin_to_s: float
    errors: fit.Errors
    null: Null

    @classmethod
    def of(cls, observed: Observed, assumptions: Assumptions, begin_to_s: float) -> Scene:
        """The scene with its null hypothesis worked out."""
        span = max(float(observed.value.max() - observed.value.min()), float(observed.floor_of.max()))
        errors = fit.Errors(
            assumptions.noise,
            assumptions.model,
            shape_error(assumptions),
            assumptions.degrees_of_freedom,
            assumptions.wild,
            math.log(span),
        )
        begin_from = float(observed.time_s.min()) - assumptions.lookback_s
        return cls(observed, assumptions, begin_from, begin_to_s, errors, _null(observed, errors))

    def beside(self, added: Floats, error: Floats) -> Scene:
        """The same where other sources add ``added`` ± ``error`` to each sample [mg/L]."""
        observed = self.observed._replace(added=added, added_error=error)
        return replace(self, observed=observed, null=_null(observed, self.errors))


class Finalist(NamedTuple):
    """One candidate looked at exactly: log evidence over that of nothing (more) released, its draws (columns of
    :mod:`.draws`) with their log weights, what they are worth, and the rows of ``curves`` they belong to."""

    candidate: int
    log_evidence: float
    log_evidence_error: float
    draws: Floats
    log_weight: Floats
    low: int
    high: int


class Posterior(NamedTuple):
    """``log_weight`` [nats] of every candidate, prior included, over nothing released; :data:`NO_WEIGHT` where it
    explains nothing. ``finalists`` by falling weight, with the ``pairs`` and ``curves`` they were weighed by."""

    log_weight: Floats
    finalists: list[Finalist]
    pairs: Pairs
    curves: Curves

    @property
    def probability(self) -> Floats:
        """Probability of each candidate, given that it was one of them [-]; all 0 where none explains anything."""
        top = float(self.log_weight.max()) if self.log_weight.size else NO_WEIGHT
        if top <= NO_WEIGHT:
            return np.zeros_like(self.log_weight)
        weight = np.exp(self.log_weight - top)
        share: Floats = weight / weight.sum()
        return share

    @property
    def log_evidence(self) -> float:
        """Of "one of the candidates released something" over "nothing was released" [nats]."""
        top = float(self.log_weight.max()) if self.log_weight.size else NO_WEIGHT
        if top <= NO_WEIGHT:
            return NO_WEIGHT
        return top + math.log(float(np.exp(self.log_weight - top).sum()))


def weigh_candidates(
    scene: Scene, pairs: Pairs, log_prior: Floats, exact: Exact, *, seed: int = 0, draws: int = DRAWS
) -> Posterior:
    """Posterior over candidates for one source.

    ``log_prior`` [nats] of each candidate; ``exact(candidates, pairs)`` gives exact curves of some of them. The same
    seed gives the same draws.
    """
    count = pairs.first.size - 1
    chosen, fits = _plausible(scene, pairs, log_prior)
    few = pairs.take(chosen)
    curves = exact(chosen, few)
    look = _Look(scene, few, curves)
    scores = np.array([look.refine(row, fits[c]) for row, c in enumerate(chosen.tolist())])
    random = np.random.default_rng(seed)
    most = int(np.diff(few.first).max()) if chosen.size else 0
    uniform, normal = random.random((draws, most + 2)), random.standard_normal(draws)
    log_weight = np.full(count, NO_WEIGHT)
    finalists: list[Finalist] = []
    weights = scores + log_prior[chosen]
    close = (scores > NO_WEIGHT) & (weights >= weights.max(initial=NO_WEIGHT) - FINE_MARGIN)
    ranked = np.flatnonzero(close)
    ranked = ranked[np.argsort(-weights[ranked], kind="stable")]
    weights_of = dict(zip(chosen.tolist(), weights.tolist(), strict=True))
    drawn = 0.0
    for row in ranked.tolist():
        c = int(chosen[row])
        if finalists and weights[row] + drawn < max(log_weight.max(), NO_WEIGHT) - NEAR_MARGIN:
            log_weight[c] = weights[row] + drawn  # about what its draws would say; nobody will look at them
            continue
        finalist = look.exact(row, fits[c], uniform, normal)
        if finalist is not None:
            log_weight[c] = finalist.log_evidence + log_prior[c]
            finalists.append(finalist._replace(candidate=c))
            drawn = float(np.median([log_weight[one.candidate] - weights_of[one.candidate] for one in finalists]))
    finalists.sort(key=lambda one: -log_weight[one.candidate])
    return Posterior(log_weight, finalists, few, curves)


def glance(scene: Scene, pairs: Pairs, log_prior: Floats) -> tuple[float, Floats]:
    """The quick look alone: about the log evidence of the best candidate at its best [nats] (no price paid for what it
    was fitted by, so an upper bound), and what it adds to each sample [mg/L]; nothing where none explains anything."""
    order, fits = _plausible(scene, pairs, log_prior)
    added = np.zeros(scene.observed.value.size)
    if not order.size:
        return NO_WEIGHT, added
    look = _Look(scene, pairs, quick_curves(pairs))
    scores = [(look.refine(c, fits[c]), c) for c in order[:_GLANCED].tolist()]
    score, c = max(scores)
    if score <= NO_WEIGHT:
        return NO_WEIGHT, added
    look.refine(c, fits[c])
    look.add(c, fits[c], added)
    return score, added


def _plausible(scene: Scene, pairs: Pairs, log_prior: Floats) -> tuple[Ints, Floats]:
    """The candidates worth an exact look, likeliest first, and the quick fits of all (last column: the arrival at the
    anchor [s])."""
    look = _Look(scene, pairs, quick_curves(pairs))
    count = pairs.first.size - 1
    # noise alone shows a quarter of a nat for each sample, ± 0.56 for the root of their number; as much lies below
    samples = np.diff(scene.observed.offset)
    beyond = np.maximum(scene.null.shown - 0.25 * samples - 0.56 * np.sqrt(samples), 0.0)
    of_row = np.repeat(np.arange(count), np.diff(pairs.first))
    bound, sure = np.zeros(count), np.zeros(count)
    np.add.at(bound, of_row, np.maximum(1.15 * (scene.null.shown - 0.25 * samples), 0.0)[pairs.station])
    bound += _SLACK
    np.add.at(sure, of_row, beyond[pairs.station])
    stands_out = np.zeros(count, np.bool_)
    np.logical_or.at(stands_out, of_row, (scene.null.highest > _LEAST_OF_ONE)[pairs.station])
    score = np.full(count, NO_WEIGHT)
    fits = np.zeros((count, 5))
    best = 0.0
    for c in np.argsort(-(bound + log_prior), kind="stable").tolist():
        if (sure[c] < _LEAST_SHOWN and not stands_out[c]) or bound[c] + log_prior[c] < best - MARGIN - FAR * best:
            continue
        found = look.quick(c, fits[c])
        if found > 0.0:
            score[c] = found + log_prior[c]
            best = max(best, score[c])
    order = np.argsort(-score, kind="stable")
    order = order[(score[order] > best - MARGIN - FAR * best) & (score[order] > NO_WEIGHT)]
    return order[:MOST_FINALISTS].astype(np.int64), fits


def _null(observed: Observed, errors: fit.Errors) -> Null:
    n, stations = observed.value.size, observed.background.size
    weights = fit.Weights(np.empty(n), np.empty(n), np.empty(n))
    shown, highest = np.empty(stations), np.empty(stations)
    fit.null_weights(observed, errors, weights, shown, highest)
    stray = _stray(observed, errors, weights)
    evidence = fit.baseline(observed, weights)
    fit.plain_weights(observed, errors, weights)
    return Null(weights, fit.weighed(observed, weights), stray, evidence, shown, highest)


def _stray(observed: Observed, errors: fit.Errors, weights: fit.Weights) -> Floats:
    """For each station whether a reading lies so far above the rest that only a stray one would [-]: its weight under
    the mixture is gone."""
    found = np.zeros(observed.background.size)
    for k in range(found.size):
        here = slice(observed.offset[k], observed.offset[k + 1])
        level = observed.background[k]
        plain = 1.0 / ((errors.noise * level) ** 2 + observed.floor_of[here] ** 2)
        gone = (weights.w[here] < 0.02 * plain) & (observed.kind[here] == 0) & (observed.value[here] > 1.5 * level)
        found[k] = 0.9 if gone.any() else 0.0
    return found


class _Look:
    """Candidates looked at with one set of curves."""

    def __init__(self, scene: Scene, pairs: Pairs, curves: Curves):
        self.scene, self.pairs, self.curves = scene, pairs, curves
        self.weights = fit.Weights(*(part.copy() for part in scene.null.weights))
        self.arrivals = np.zeros(pairs.sd_s.size)
        a = scene.assumptions
        steps = max(math.ceil(math.log(a.longest_s / a.shortest_s) / 0.35), 1)
        self.durations = np.geomspace(a.shortest_s, a.longest_s, steps + 1 if a.longest_s > a.shortest_s else 1)

    def quick(self, c: int, found: Floats) -> float:
        """About the log evidence of a candidate at its best; leaves the fit in ``found``."""
        low, high = self._rows(c)
        if low == high:
            return NO_WEIGHT
        anchor = self._anchor(low, high)
        few = self.durations[:: max(1, self.durations.size // 3)]
        self._fit(low, high, anchor, few[:1], 0, self.scene.null.weighed, np.nan, found)
        if not (found[fit.MASS] > 0 and found[fit.SCORE] > 0):
            return NO_WEIGHT
        self._reweigh(low, high, found)
        self._fit(low, high, anchor, few, 3, None, self.arrivals[anchor], found)
        if not found[fit.MASS] > 0:
            return NO_WEIGHT
        found[_NEAR] = self.arrivals[anchor]
        return float(found[fit.SCORE]) + self._gain(low, high)

    def refine(self, c: int, found: Floats) -> float:
        """The same with all durations and finer stretches, from where ``found`` is."""
        low, high = self._rows(c)
        anchor = self._anchor(low, high)
        samples: Weighed | None = self.scene.null.weighed
        score = NO_WEIGHT
        for _ in range(2):
            self._fit(low, high, anchor, self.durations, 4, samples, found[_NEAR], found)
            if not (found[fit.MASS] > 0 and found[fit.SCORE] > -np.inf):
                return NO_WEIGHT
            score = float(found[fit.SCORE]) + (self._gain(low, high) if samples is None else 0.0)
            self._reweigh(low, high, found)
            samples = None
        return score

    def exact(self, c: int, found: Floats, uniform: Floats, normal: Floats) -> Finalist | None:
        """Evidence and draws of a candidate whose fit :meth:`refine` left in ``found``."""
        scene, pairs = self.scene, self.pairs
        low, high = self._rows(c)
        anchor = self._anchor(low, high)
        self._reweigh(low, high, found)
        order = np.arange(low, high)
        order = order[np.argsort(-scene.null.shown[pairs.station[order]], kind="stable")]
        lags = lags_of(pairs, low, high, order, scene.assumptions)
        weighed = fit.weighed(scene.observed, self.weights, pairs.station[low:high])
        strength = sum(
            found[fit.MASS] ** 2
            * products(self.curves, r, self.arrivals[r], math.exp(found[fit.STRETCH]), found[fit.DURATION], weighed)[1]
            for r in range(low, high)
        )
        out = np.zeros((normal.size, FIRST_ARRIVAL + high - low))
        log_weight = np.empty(normal.size)
        used = draw(
            self.curves, low, high, lags, self._prior(pairs, anchor, float(strength)), weighed,
            np.array(self._window(anchor)), found, self.arrivals, uniform, normal, out, log_weight,
        )  # fmt: skip
        top = float(log_weight.max())
        if not (used and math.isfinite(top)):
            return None
        weight = np.exp(log_weight - top)
        log_z = top + math.log(float(weight.mean()))
        error = float(weight.std() / weight.mean() / math.sqrt(weight.size))
        return Finalist(c, log_z + self._gain(low, high), error, out, log_weight, low, high)

    def add(self, c: int, found: Floats, added: Floats) -> None:
        """What the fit that :meth:`refine` just left adds to each sample [mg/L], into ``added``."""
        observed = self.scene.observed
        low, high = self._rows(c)
        fit.add_fit(self.curves, low, high, self.arrivals, found, observed, added)

    def _rows(self, c: int) -> tuple[int, int]:
        return int(self.pairs.first[c]), int(self.pairs.first[c + 1])

    def _anchor(self, low: int, high: int) -> int:
        return low + int(np.argmax(self.scene.null.shown[self.pairs.station[low:high]]))

    def _prior(self, pairs: Pairs, anchor: int, strength: float) -> Prior:
        a = self.scene.assumptions
        _, both = stretch_errors(pairs, anchor, a)
        fine = 0.7 / math.sqrt(1.0 / (both * both) + 0.6 * strength)
        count = min(max(2 * int(_STRETCHED * both / fine / 2.0) + 1, 7), _MOST_STRETCHES)
        nodes = np.linspace(-_STRETCHED, _STRETCHED, count)
        log_weight = -0.5 * nodes**2
        log_weight -= math.log(float(np.exp(log_weight).sum()))
        return Prior(
            self.durations, both * nodes, log_weight, a.least_mass_kg, a.greatest_mass_kg,
            self.scene.begin_from_s, self.scene.begin_to_s, math.hypot(a.discharge, a.model),
        )  # fmt: skip

    def _window(self, anchor: int) -> tuple[float, float]:
        """Arrivals at the anchor that are possible and can show [s]."""
        scene, pairs = self.scene, self.pairs
        sd, mean = float(pairs.sd_s[anchor]), float(pairs.mean_s[anchor])
        slack = 3.0 * math.hypot(scene.assumptions.velocity, scene.assumptions.local_velocity)
        k = int(pairs.station[anchor])
        longest = scene.assumptions.longest_s
        offset = scene.observed.offset
        first = float(scene.observed.time_s[offset[k]]) - 6 * sd - 0.5 * longest
        last = float(scene.observed.time_s[offset[k + 1] - 1]) + 4 * sd + 0.5 * longest
        earliest = scene.begin_from_s + mean * math.exp(-slack)
        latest = scene.begin_to_s + mean * math.exp(slack) + longest
        return max(first, earliest), min(last, latest)

    def _fit(
        self, low: int, high: int, anchor: int, durations: Floats, halvings: int, samples: Weighed | None, near: float,
        found: Floats,
    ) -> None:  # fmt: skip
        a = self.scene.assumptions
        _, both = stretch_errors(self.pairs, anchor, a)
        if samples is None:
            samples = fit.weighed(self.scene.observed, self.weights, self.pairs.station[low:high])
        lag = np.zeros(self.pairs.sd_s.size)
        lag[low:high] = lag_errors(self.pairs, low, high, anchor, a)
        first, last = self._window(anchor)
        found[fit.SCORE], found[fit.MASS] = -np.inf, 0.0
        if last > first:
            fit.fit_candidate(
                self.curves, low, high, anchor, lag, durations, both, halvings, samples, np.array([first, last, near]),
                a.greatest_mass_kg, self.arrivals, found,
            )  # fmt: skip

    def _reweigh(self, low: int, high: int, found: Floats) -> None:
        fit.reweigh(
            self.curves, low, high, self.arrivals, found, self.scene.observed, self.scene.errors, self.weights
        )  # fmt: skip

    def _gain(self, low: int, high: int) -> float:
        """Log evidence at mass 0 under the fit's weights over that of no release, at the candidate's stations."""
        at = self.pairs.station[low:high]
        evidence = fit.baseline(self.scene.observed, self.weights, at)
        return float(np.sum(evidence[at] - self.scene.null.evidence[at]))
