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
from riverchief.tracing.candidate import Candidate, candidate_faults, every_reach
from riverchief.tracing.curves import exact_curves
from riverchief.tracing.inputs import write_inputs
from riverchief.tracing.observed import Observed, observe
from riverchief.tracing.pairs import Pairs, find_pairs
from riverchief.tracing.posterior import Posterior, Scene, weigh_candidates
from riverchief.tracing.result import RankedCandidate, State, Trace
from riverchief.tracing.samples import StationSamples
from riverchief.tracing.several import LEAST_GAIN, find_sources
from riverchief.tracing.summary import fitted_stations, rank
from riverchief.tracing.sums import Curves, Ints
from riverchief.tracing.verdict import LEAST_SAMPLES, MOST_IN_SET, Said, sentence
from riverchief.transport import Physics
from riverchief.transport.physics import Floats

#: Less log evidence than this of any release over none is called "no release seen".
LEAST_EVIDENCE = 0.0
#: Odds against a source that is on no list, where there is a list.
_UNLISTED = math.log(20.0)
#: Where the list explains less than this share of what the stations show, every reach is asked as well.
_EXPLAINED = 0.8
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
    suspects = listed or every_reach(network)
    inputs = write_inputs(network, physics, listed, samples, assumptions, now_s, most_sources)
    if not used:
        return _too_few(0, suspects, notes, inputs, seed)
    zero = math.floor(min(float(one.time_s[one.known].min()) for one in used))
    _check_physics(network, physics, suspects, used)
    pairs = find_pairs(network, physics, [one.location for one in suspects], [one.location for one in used])
    observed = _observed(used, zero, assumptions)
    informative = _informative(used, pairs, notes)
    if informative < LEAST_SAMPLES:
        return _too_few(informative, suspects, notes, inputs, seed)
    begin_to = (now_s - zero) if now_s is not None else float(observed.time_s.max())
    scene = Scene.of(observed, assumptions, begin_to)
    ways = _Ways(network, physics, used)
    posteriors = find_sources(scene, pairs, _log_prior(suspects), ways.exact(suspects), seed=seed, most=most_sources)
    if listed and _is_unexplained(scene, posteriors):
        other = _any_reach(scene, ways, posteriors[0].log_evidence, seed)
        if other is not None:
            suspects, posteriors = other
            listed = []
    unseen = int((np.diff(pairs.first) == 0).sum())
    if listed and unseen:
        notes.append(sentence("notes", "unseen_candidates", count=unseen))
    if posteriors[0].log_evidence < LEAST_EVIDENCE:
        posteriors = []
    ranked, sources, groups, draws = rank(suspects, posteriors, [one.station for one in used], zero)
    if posteriors and draws < _FEW_DRAWS:
        notes.append(sentence("notes", "weak_evidence", count=int(draws)))
    set90 = tuple(dict.fromkeys(member for source in sources for member in source.set90))
    fits = fitted_stations(scene, used, posteriors, zero, seed)
    statement = _verdict(bool(candidates) and not listed, len(sources), len(set90))
    levels = {
        one.station: (one.location, fit.background_mg_l, float(observed.floor_of[observed.offset[k]]))
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
        evidence={
            "log_evidence": posteriors[0].log_evidence if posteriors else 0.0,
            "candidates": float(len(suspects)),
            "close": float(len(ranked)),
            "samples": float(informative),
            "effective_draws": draws,
        },
        notes=tuple(notes),
        inputs=inputs,
        seed=seed,
        version=riverchief.__version__,
        state=State(
            network,
            physics,
            zero,
            zero + float(observed.time_s.max()),
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

    def pairs(self, suspects: Sequence[Candidate]) -> Pairs:
        return find_pairs(self.network, self.physics, [one.location for one in suspects], self.stations)


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


def _informative(used: Sequence[StationSamples], pairs: Pairs, notes: list[Said]) -> int:
    """How many samples lie on the way of some candidate's water; raises where there is no way at all.

    Stations off every way say nothing about the list, but they may say that the list is not all.
    """
    reached = set(pairs.station.tolist())
    if not reached:
        given = ", ".join(one.station for one in used[:5])
        raise BadInput([Fault("no_way", column="samples", details={"given": given})])
    off = [one.station for k, one in enumerate(used) if k not in reached]
    if off:
        notes.append(sentence("notes", "off_the_way", count=len(off), given=", ".join(off)))
    return sum(int(one.known.sum()) for k, one in enumerate(used) if k in reached)


def _observed(used: Sequence[StationSamples], zero: float, assumptions: Assumptions) -> Observed:
    return observe(
        [one.time_s[one.known] - zero for one in used],
        [one.value_mg_l[one.known] for one in used],
        [one.censor[one.known] for one in used],
        assumptions.noise,
        assumptions.floor_mg_l,
    )


def _log_prior(suspects: Sequence[Candidate]) -> Floats:
    odds = np.array([one.prior for one in suspects])
    found: Floats = np.log(odds / odds.sum())
    return found


def _is_unexplained(scene: Scene, posteriors: Sequence[Posterior]) -> bool:
    """Whether the listed candidates leave much of what the stations show: more than noise alone would."""
    counts = np.diff(scene.observed.offset)
    shown = float(np.maximum(scene.null.shown - 0.5 * counts, 0.0).sum())
    gained = sum(max(one.log_evidence, 0.0) for one in posteriors)
    return shown > 2.0 * LEAST_GAIN and gained < _EXPLAINED * shown


def _any_reach(
    scene: Scene, ways: _Ways, log_evidence: float, seed: int
) -> tuple[list[Candidate], list[Posterior]] | None:
    """Every reach as a suspect, if that explains more than the list does by a clear margin."""
    suspects = every_reach(ways.network)
    other = weigh_candidates(scene, ways.pairs(suspects), _log_prior(suspects), ways.exact(suspects), seed=seed)
    if other.log_evidence - _UNLISTED > max(log_evidence, LEAST_EVIDENCE) + LEAST_GAIN:
        return suspects, [other]
    return None


def _verdict(is_outside: bool, sources: int, members: int) -> Said:
    if sources == 0:
        return sentence("verdicts", "no_release")
    if is_outside:
        return sentence("verdicts", "outside", count=members)
    if sources > 1:
        return sentence("verdicts", "several", count=sources)
    return sentence("verdicts", "one" if members <= MOST_IN_SET else "cannot_tell", count=members)


def _too_few(
    count: int, suspects: Sequence[Candidate], notes: Sequence[Said], inputs: Mapping[str, Any], seed: int
) -> Trace:
    statement = sentence("verdicts", "too_few", count=count, allowed=LEAST_SAMPLES)
    none: tuple[RankedCandidate, ...] = ()
    evidence = {"log_evidence": 0.0, "candidates": float(len(suspects)), "close": 0.0, "samples": float(count)}
    return Trace(
        none, (), statement.code, statement, (), (), (), evidence | {"effective_draws": 0.0}, tuple(notes), inputs,
        seed, riverchief.__version__,
    )  # fmt: skip
