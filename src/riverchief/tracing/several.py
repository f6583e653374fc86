"""How many sources, and which: one more is believed only where the samples ask for it.

Sources are found one after the other, each in what the others leave, and then in turn again until they have settled
(as Yee 2012 does for the air): a further one must gain more than :data:`LEAST_GAIN` nats of evidence.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from riverchief.tracing.draws import FIRST_ARRIVAL, LOG_STRETCH, MASS_KG, RELEASED_S
from riverchief.tracing.pairs import Pairs
from riverchief.tracing.posterior import Exact, Posterior, Scene, weigh_candidates
from riverchief.tracing.sums import seen
from riverchief.transport.physics import Floats

LEAST_GAIN = 5.0
ROUNDS = 2
SHOWN_DRAWS = 128


def find_sources(
    scene: Scene, pairs: Pairs, log_prior: Floats, exact: Exact, *, seed: int = 0, most: int = 4
) -> tuple[list[Posterior], float]:
    """A posterior for each source, the first the one that explains most (at least one, whatever its evidence), and the
    log evidence of all of them together over none [nats]."""
    found = [weigh_candidates(scene, pairs, log_prior, exact, seed=seed)]
    gain = found[0].log_evidence
    while len(found) < most and found[-1].finalists:
        one_more = _without(scene, found)
        extra = weigh_candidates(one_more, pairs, log_prior, exact, seed=seed + len(found))
        if extra.log_evidence <= LEAST_GAIN:
            break
        trial = [*found, extra]
        for _ in range(ROUNDS):
            for number in range(len(trial)):
                others = trial[:number] + trial[number + 1 :]
                again = weigh_candidates(_without(scene, others), pairs, log_prior, exact, seed=seed + number)
                if again.finalists:
                    trial[number] = again
        if min(one.log_evidence for one in trial) <= LEAST_GAIN:
            break
        found = trial
        gain += extra.log_evidence
    return found, gain


def added_mean(scene: Scene, posteriors: list[Posterior]) -> Floats:
    """What all sources together add to each sample, on average [mg/L]."""
    observed = scene.observed
    count = observed.background.size
    times = [observed.time_s[observed.offset[k] : observed.offset[k + 1]] for k in range(count)]
    total = np.zeros(observed.value.size)
    for one in posteriors:
        total += np.concatenate([curve.mean(axis=0) for curve in curves_of_draws(one, count, times)])
    return total


def typical_draws(posterior: Posterior, number: int = SHOWN_DRAWS) -> list[tuple[int, Floats, int, int]]:
    """So many equally likely explanations: (candidate, draw, first row, row after the last) each; empty without a
    finalist. Systematic resampling, so that the same posterior gives the same list."""
    finalists = posterior.finalists
    if not finalists:
        return []
    top = max(float(posterior.log_weight[one.candidate]) for one in finalists)
    weights = []
    for one in finalists:
        own = np.exp(one.log_weight - one.log_weight.max())
        weights.append(own / own.sum() * np.exp(posterior.log_weight[one.candidate] - top))
    cumulative = np.cumsum(np.concatenate(weights))
    picked = np.searchsorted(cumulative, (np.arange(number) + 0.5) / number * cumulative[-1])
    sizes = np.cumsum([0] + [weight.size for weight in weights])
    chosen = []
    for place in np.minimum(picked, cumulative.size - 1).tolist():
        which = int(np.searchsorted(sizes, place, "right")) - 1
        one = finalists[which]
        chosen.append((one.candidate, one.draws[place - sizes[which]], one.low, one.high))
    return chosen


def curves_of_draws(
    posterior: Posterior, stations: int, times: list[Floats], number: int = SHOWN_DRAWS
) -> list[Floats]:
    """What the source adds at ``times[k]`` of station k [mg/L], shape (draws, times) for each station."""
    out = [np.zeros((number, times[k].size)) for k in range(stations)]
    for n, (_, draw, low, high) in enumerate(typical_draws(posterior, number)):
        for r in range(low, high):
            k = int(posterior.curves.station[r])
            added_at(posterior.curves, r, draw, draw[FIRST_ARRIVAL + r - low], times[k], out[k][n])
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def added_at(curves, row, draw, arrival, times, out):  # type: ignore[no-untyped-def]
    """What one draw adds at ``times`` [s] at the station of a row, into ``out`` [mg/L]."""
    factor = draw[MASS_KG] * curves.mg_l_per_kg_s[row]
    width = curves.sd_s[row] * np.exp(draw[LOG_STRETCH])
    for j in range(times.size):
        out[j] += factor * seen(times[j], arrival, width, draw[RELEASED_S], curves.density, curves.share, row)


def _without(scene: Scene, others: list[Posterior]) -> Scene:
    """The scene with what other sources add taken as known, within its error."""
    observed = scene.observed
    stations = observed.background.size
    times = [observed.time_s[observed.offset[k] : observed.offset[k + 1]] for k in range(stations)]
    added, variance = np.zeros(observed.value.size), np.zeros(observed.value.size)
    model = scene.assumptions.model
    for other in others:
        curves = curves_of_draws(other, stations, times)
        mean = np.concatenate([curve.mean(axis=0) for curve in curves])
        added += mean
        variance += np.concatenate([curve.var(axis=0) for curve in curves]) + (model * mean) ** 2
    return scene.beside(added, np.sqrt(variance))
