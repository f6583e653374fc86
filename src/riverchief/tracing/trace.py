"""The question itself: which of the candidates did it, when, how much, and how sure is that."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import riverchief
from riverchief.errors import BadInput, Fault
from riverchief.place import Location, Network, locate
from riverchief.tracing.assumptions import Assumptions
from riverchief.tracing.background import Series
from riverchief.tracing.candidate import Candidate, candidate_faults, every_reach, is_unlisted
from riverchief.tracing.curves import exact_curves
from riverchief.tracing.explain import explain
from riverchief.tracing.inputs import write_inputs
from riverchief.tracing.observed import series_of
from riverchief.tracing.pairs import Pairs, find_pairs
from riverchief.tracing.posterior import Posterior, Scene, glance
from riverchief.tracing.result import State, Trace
from riverchief.tracing.samples import StationSamples
from riverchief.tracing.several import added_mean, find_sources
from riverchief.tracing.summary import fitted_stations, rank
from riverchief.tracing.sums import Curves, Ints
from riverchief.tracing.verdict import LEAST_SAMPLES, MOST_IN_SET, Said, sentence
from riverchief.transport import Physics
from riverchief.transport.physics import Floats

#: From this probability of a release on somebody may be named; from ``POSSIBLE`` on the question is left open.
SURE, POSSIBLE = 0.8, 0.4
#: At most about so many reaches stand for the sources that are on no list.
MOST_UNLISTED = 120
#: Fewer readings than this that carry a release are one; a reading counts up to so many squared standard errors.
ONE_READING, _PLAIN_STRENGTH = 1.6, 100.0
_FEW_DRAWS = 20.0


def trace(
    network: Network,
    physics: Physics,
    candidates: Sequence[Candidate],
    samples: Sequence[StationSamples],
    *,
    assumptions: Assumptions | None = None,
    now_s: float | None = None,
    seed: int = 0,
    most_sources: int = 4,
    rain: tuple[Floats, Floats] | None = None,
) -> Trace:
    """Where the pollution came from: ranked candidates with probabilities, times and masses.

    Parameters
    ----------
    network, physics
        The river and its steady state over the episode; what lies on no way from a candidate to a station may be
        unknown.
    candidates
        Known possible sources; none: every river reach, its middle standing for it.
    samples
        One series of a conservative or first-order substance for each station, clean ones included. Values are
        concentrations with whatever background; what is measured at one station never touches another but through the
        physics.
    assumptions
        Errors and ranges; default :class:`Assumptions`.
    now_s
        No release begins later than this [s since 1970 UTC]; default: the last sample.
    seed
        Of the draws; the same inputs, version and seed give the same answer to the last digit.
    most_sources
        More are not looked for.
    rain
        Times [s since 1970 UTC] and depths [mm] of what fell, each until the next time; None: not measured.

    Raises
    ------
    BadInput
        With all faults: ``unknown_reach``, ``out_of_range`` (chainage, negative values, odds, ``now_s``), ``duplicate``
        (station, candidate or time), ``bad_time``, ``wrong_shape``, ``empty_file`` (no station), ``bad_reach_values``
        (flow, velocity … zero or missing on a way that matters), ``no_way`` (no station below any candidate).

    Too few samples, nothing released and "the data cannot tell" are answers and not errors: see ``verdict``.

    Limits: steady flow, full mixing across the section, first-order decay, even releases, sources independent of each
    other. Source: docs/decisions/0040-tracing-by-weighted-draws.md.
    """
    assumptions = assumptions or Assumptions()
    listed = list(candidates)
    used, notes = _checked(network, listed, samples, now_s, most_sources)
    suspects = list(listed)
    if not listed or assumptions.listed < 1.0:
        suspects += every_reach(network, _above(network, samples) if listed else None)
    inputs = write_inputs(network, physics, listed, samples, assumptions, now_s, most_sources, rain)
    if not used:
        return _too_few(0, suspects, notes, inputs, seed)
    zero = math.floor(min(float(one.time_s[one.known].min()) for one in used))
    _check_physics(network, physics, listed or suspects, used)
    pairs = find_pairs(network, physics, [one.location for one in suspects], [one.location for one in used])
    series = _series(used, zero, assumptions)
    informative = _informative(used, pairs, len(listed or suspects), notes)
    if informative < LEAST_SAMPLES:
        return _too_few(informative, suspects, notes, inputs, seed)
    begin_to = (now_s - zero) if now_s is not None else max(float(one.time_s[-1]) for one in series)
    ways = _Ways(network, physics, used)
    log_prior = _log_prior(suspects, assumptions.listed)

    def find(scene: Scene, most: int) -> tuple[list[Posterior], float]:
        return find_sources(scene, pairs, log_prior, exact, seed=seed, most=most)

    def look(scene: Scene) -> tuple[float, Floats]:
        return glance(scene, pairs, log_prior)

    exact = ways.exact(suspects)
    explained = explain(series, assumptions, begin_to, find, look, most_sources, _since(rain, zero))
    released = explained.probability["release"]
    unseen = int((np.diff(pairs.first[: len(listed) + 1]) == 0).sum())
    if listed and unseen:
        notes.append(sentence("notes", "unseen_candidates", count=unseen))
    chosen = explained.unreleased
    if explained.released is not None and released >= POSSIBLE:
        chosen = explained.released
    scene, posteriors = chosen.scene, chosen.posteriors
    ranked, sources, groups, draws = rank(suspects, posteriors, [one.station for one in used], zero, assumptions.flow)
    if posteriors and draws < _FEW_DRAWS:
        notes.append(sentence("notes", "weak_evidence", count=int(draws)))
    set90 = tuple(dict.fromkeys(member for source in sources for member in source.set90))
    fits = fitted_stations(scene, used, posteriors, zero, seed)
    evident = _evident(scene, posteriors)
    statement = _verdict(explained.probability, posteriors, suspects, len(listed), evident, set90)
    levels = {
        one.station: (one.location, fit.background_mg_l, series[k].floor)
        for k, (one, fit) in enumerate(zip(used, fits, strict=True))
    }
    return Trace(
        candidates=ranked,
        set90=set90,
        verdict=statement.code,
        statement=statement,
        sources=sources,
        groups=groups,
        stations=fits,
        hypotheses=explained.probability,
        evidence={
            "log_evidence": posteriors[0].log_evidence if posteriors else 0.0,
            "candidates": float(len(suspects)),
            "close": float(len(ranked)),
            "samples": float(informative),
            "effective_draws": draws,
            "readings": evident,
        },
        notes=tuple(notes),
        inputs=inputs,
        seed=seed,
        version=riverchief.__version__,
        state=State(
            network,
            physics,
            zero,
            zero + max(float(one.time_s[-1]) for one in series),
            assumptions,
            tuple(suspects),
            tuple(posteriors),
            levels,
        ),
    )


class _Ways:
    """The ways between candidates and the stations of one trace."""

    def __init__(self, network: Network, physics: Physics, stations: Sequence[StationSamples]):
        self.network, self.physics = network, physics
        self.stations = [one.location for one in stations]

    def exact(self, suspects: Sequence[Candidate]):  # type: ignore[no-untyped-def]
        def curves(chosen: Ints, pairs: Pairs) -> Curves:
            places = [suspects[c].location for c in chosen.tolist()]
            return exact_curves(self.network, self.physics, places, self.stations, pairs)

        return curves


def _checked(
    network: Network,
    candidates: Sequence[Candidate],
    samples: Sequence[StationSamples],
    now_s: float | None,
    most_sources: int,
) -> tuple[list[StationSamples], list[Said]]:
    """The stations that have values; raises with every fault of candidates and samples."""
    faults = candidate_faults(candidates)
    seen: set[str] = set()
    for one in samples:
        faults += one.faults()
        faults += _placed(network, one.station, one.location)
        if one.station in seen:
            faults.append(Fault("duplicate", one.station, column="station", details={"given": one.station}))
        seen.add(one.station)
    for candidate in candidates:
        faults += _placed(network, candidate.id, candidate.location)
    if not samples:
        faults.append(Fault("empty_file", column="samples", details={"allowed": "station, time, value"}))
    if most_sources < 1:
        details = {"given": str(most_sources), "allowed": ">= 1"}
        faults.append(Fault("out_of_range", column="most_sources", details=details))
    if now_s is not None and not math.isfinite(now_s):
        faults.append(Fault("out_of_range", column="now_s", details={"given": str(now_s), "allowed": "s since 1970"}))
    if faults:
        raise BadInput(faults)
    notes = []
    used = [one for one in samples if one.known.any()]
    empty = [one.station for one in samples if not one.known.any()]
    if empty:
        notes.append(sentence("notes", "no_values", count=len(empty), given=", ".join(empty)))
    missing = sum(int((~one.known).sum()) for one in used)
    if missing:
        notes.append(sentence("notes", "missing_values", count=missing))
    return used, notes


def _placed(network: Network, name: str, location: Location) -> list[Fault]:
    try:
        locate(network, location.reach, location.chainage_m, location.bank)
    except BadInput as refused:
        return [fault.at(name) for fault in refused.faults]
    return []


def _check_physics(
    network: Network, physics: Physics, suspects: Sequence[Candidate], stations: Sequence[StationSamples]
) -> None:
    """Raises where the water on a way from a suspect to a station is not known."""
    if physics.length_m.size != network.n:
        details = {"given": str(physics.length_m.shape), "allowed": f"({network.n},)"}
        raise BadInput([Fault("wrong_shape", column="physics", details=details)])
    sources = np.zeros(network.n)
    sources[[network.index_of(one.location.reach) for one in suspects]] = 1.0
    above = np.zeros(network.n, np.bool_)
    for one in stations:
        for first, last in network.upstream_intervals(network.index_of(one.location.reach)):
            above[first : last + 1] = True
    rows = np.flatnonzero(above & (network.accumulate(sources) > 0))
    wrong = physics.take(rows).faults(network.ids[rows].tolist())
    if wrong:
        raise BadInput(wrong)


def _informative(used: Sequence[StationSamples], pairs: Pairs, count: int, notes: list[Said]) -> int:
    """How many samples lie on the way of the water of the first ``count`` candidates; raises where none is.

    Stations off every way say nothing about the list, but they may say that the list is not all.
    """
    reached = set(pairs.station[: pairs.first[count]].tolist())
    if not reached:
        given = ", ".join(one.station for one in used[:5])
        raise BadInput([Fault("no_way", column="samples", details={"given": given})])
    off = [one.station for k, one in enumerate(used) if k not in reached]
    if off:
        notes.append(sentence("notes", "off_the_way", count=len(off), given=", ".join(off)))
    return sum(int(one.known.sum()) for k, one in enumerate(used) if k in reached)


def _since(rain: tuple[Floats, Floats] | None, zero: float) -> tuple[Floats, Floats] | None:
    return None if rain is None else (rain[0] - zero, rain[1])


def _series(used: Sequence[StationSamples], zero: float, assumptions: Assumptions) -> list[Series]:
    return series_of(
        [one.time_s[one.known] - zero for one in used],
        [one.value_mg_l[one.known] for one in used],
        [one.censor[one.known] for one in used],
        assumptions.noise,
        assumptions.floor_mg_l,
    )


def _above(network: Network, samples: Sequence[StationSamples]) -> list[int]:
    """The reaches whose water passes a station, by position; of many every so manieth, for its neighbours."""
    found: set[int] = set()
    for one in samples:
        for first, last in network.upstream_intervals(network.index_of(one.location.reach)):
            found.update(range(first, last + 1))
    every = sorted(found)
    return every[:: max(len(every) // MOST_UNLISTED, 1)]


def _log_prior(suspects: Sequence[Candidate], listed: float) -> Floats:
    """Of each suspect [nats]: those on the list share ``listed`` by their odds, the reaches the rest by length."""
    odds = np.array([one.prior for one in suspects])
    is_reach = np.array([is_unlisted(one) for one in suspects])
    share = np.where(is_reach, 1.0 - listed, listed) if is_reach.any() and not is_reach.all() else np.ones(odds.size)
    for kind in (True, False):
        here = is_reach == kind
        if here.any():
            odds[here] /= odds[here].sum()
    found: Floats = np.log(odds * share)
    return found


def _evident(scene: Scene, posteriors: Sequence[Posterior]) -> float:
    """How many readings carry a release, each as much as the strongest would: 1 where a single one stands out."""
    if not posteriors or not posteriors[0].finalists:
        return 0.0
    observed = scene.observed
    added = added_mean(scene, list(posteriors))
    error2 = (scene.errors.noise * (np.repeat(observed.background, np.diff(observed.offset)) + added)) ** 2
    strength = added**2 / (error2 + observed.floor_of**2)
    strength = np.minimum(strength, _PLAIN_STRENGTH) * (strength > 4.0)
    return float(strength.sum() ** 2 / (strength**2).sum()) if strength.any() else 0.0


def _verdict(
    probability: Mapping[str, float],
    posteriors: Sequence[Posterior],
    suspects: Sequence[Candidate],
    listed: int,
    evident: float,
    set90: Sequence[str],
) -> Said:
    percent = {name: f"{100 * value:.0f}" for name, value in probability.items()}
    if not posteriors:
        best = max(("none", "diffuse", "instrument"), key=lambda name: probability[name])
        return sentence("verdicts", "no_release" if best == "none" else best, **percent)
    if probability["release"] < SURE:
        return sentence("verdicts", "cannot_tell", row="perhaps", **percent)
    if evident < ONE_READING:
        return sentence("verdicts", "cannot_tell", row="one_reading", **percent)
    share = posteriors[0].probability
    if listed and float(share[listed:].sum()) > 0.5:
        reaches = sum(name.startswith("reach:") for name in set90)
        return sentence("verdicts", "outside", count=reaches, best=suspects[int(np.argmax(share))].id)
    if len(posteriors) > 1:
        return sentence("verdicts", "several", count=len(posteriors))
    # the reaches beside a list are one answer: "somebody else"
    others = listed > 0 and any(name.startswith("reach:") for name in set90)
    members = sum(not name.startswith("reach:") for name in set90) + others if listed else len(set90)
    first = f"{100 * float(share.max()):.0f}"
    return sentence("verdicts", "one" if members <= MOST_IN_SET else "cannot_tell", count=members, first=first)


def _too_few(
    count: int, suspects: Sequence[Candidate], notes: Sequence[Said], inputs: Mapping[str, Any], seed: int
) -> Trace:
    statement = sentence("verdicts", "too_few", count=count, allowed=LEAST_SAMPLES)
    evidence = dict.fromkeys(("log_evidence", "close", "effective_draws", "readings"), 0.0)
    evidence |= {"candidates": float(len(suspects)), "samples": float(count)}
    return Trace(
        (), (), statement.code, statement, (), (), (), {}, evidence, tuple(notes), inputs, seed,
        riverchief.__version__,
    )  # fmt: skip
