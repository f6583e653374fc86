"""What a trace found, in words that a page, a file and a case can show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from riverchief.place import Location, Network
from riverchief.tracing.assumptions import Assumptions
from riverchief.tracing.candidate import Candidate
from riverchief.tracing.posterior import Posterior
from riverchief.tracing.verdict import Said
from riverchief.transport import Physics, Range
from riverchief.transport.physics import Floats


@dataclass(frozen=True)
class RankedCandidate:
    """One possible source. ``probability`` that it is one of the sources [-]; ``log_evidence`` of its release over
    none [nats], prior not counted. Beginning ``time_s`` [s since 1970 UTC], ``mass_kg`` [kg], ``duration_s`` [s] and
    mean travel time to each station below ``travel_s`` [s]: median and 90 % range, given that it was this candidate.
    ``alike`` are the ids that the samples cannot tell from it; ``source`` counts from 0 which source it is one for."""

    candidate: Candidate
    probability: float
    log_evidence: float
    time_s: Range
    mass_kg: Range
    duration_s: Range
    travel_s: Mapping[str, Range]
    alike: tuple[str, ...]
    source: int = 0

    @property
    def id(self) -> str:
        """The candidate's id."""
        return self.candidate.id

    @property
    def location(self) -> Location:
        """Where it is."""
        return self.candidate.location


@dataclass(frozen=True)
class SourceSet:
    """One source: the smallest set of candidates that holds 90 % of its probability, and the evidence for there being
    this source beside the others [nats]."""

    set90: tuple[str, ...]
    log_evidence: float


@dataclass(frozen=True, eq=False)
class StationFit:
    """What the explanation says a station sees, background included: median and 90 % band over ``time_s`` [s since
    1970 UTC], all [mg/L]. ``shows`` [nats] how much of what was measured there the background leaves unexplained;
    ``misfit`` root mean square of the standardised residuals about the median [-], about 1 where all is explained."""

    station: str
    location: Location
    time_s: Floats
    median_mg_l: Floats
    p05_mg_l: Floats
    p95_mg_l: Floats
    background_mg_l: float
    shows: float
    misfit: float


@dataclass(frozen=True, eq=False)
class State:
    """What a trace keeps for advice on further samples; no part of its JSON."""

    network: Network
    physics: Physics
    zero_s: float
    last_s: float
    assumptions: Assumptions
    candidates: tuple[Candidate, ...]
    posteriors: tuple[Posterior, ...]
    levels_mg_l: Mapping[str, tuple[Location, float, float]]


@dataclass(frozen=True, eq=False)
class Trace:
    """Where the pollution came from, as far as the data can tell.

    ``candidates`` by falling probability (those that were looked at closely); ``set90`` the ids that hold 90 % of the
    probability, of all sources together; ``verdict`` a code of ``verdicts.csv`` and ``statement`` its sentence;
    ``sources`` one for each source that the evidence asks for. ``groups`` are ids that cannot be told apart.
    ``hypotheses`` probability [-] of a ``release``, of rain washing it in everywhere (``diffuse``), of an
    ``instrument`` and of ``none`` of these; those of candidates hold given that there was a release.
    ``evidence`` numbers: ``log_evidence`` of a release over none [nats], ``candidates`` considered, ``close`` looked at
    closely, ``samples`` used, ``effective_draws`` the least of the 90 % set, ``readings`` that
    carry the release. ``inputs`` with ``seed`` and ``version`` repeat it.
    """

    candidates: tuple[RankedCandidate, ...]
    set90: tuple[str, ...]
    verdict: str
    statement: Said
    sources: tuple[SourceSet, ...]
    groups: tuple[tuple[str, ...], ...]
    stations: tuple[StationFit, ...]
    hypotheses: Mapping[str, float]
    evidence: Mapping[str, float]
    notes: tuple[Said, ...]
    inputs: Mapping[str, Any] = field(repr=False)
    seed: int
    version: str
    state: State | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """As ``riverchief trace --format json`` prints it: times ISO 8601 in UTC, numbers in kg, mg/L and s, a number
        that is not known null."""
        return {
            "candidates": [_ranked(one) for one in self.candidates],
            "set90": list(self.set90),
            "verdict": self.verdict,
            "statement": self.statement.as_dict(),
            "sources": [{"set90": list(one.set90), "log_evidence": number(one.log_evidence)} for one in self.sources],
            "groups": [list(group) for group in self.groups],
            "stations": [_station(one) for one in self.stations],
            "hypotheses": {name: number(value) for name, value in self.hypotheses.items()},
            "evidence": {name: number(value) for name, value in self.evidence.items()},
            "notes": [note.as_dict() for note in self.notes],
            "inputs": dict(self.inputs),
            "seed": self.seed,
            "version": self.version,
        }


def iso(time_s: float) -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(round(time_s), UTC).isoformat().replace("+00:00", "Z")


def number(value: float) -> float | None:
    """Six significant digits, None where it is none."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def place_dict(location: Location) -> dict[str, Any]:
    """Reach, chainage [m] and bank."""
    return {"reach": location.reach, "chainage_m": number(location.chainage_m), "bank": location.bank.value}


def _ranked(one: RankedCandidate) -> dict[str, Any]:
    return {
        "id": one.id,
        "probability": number(one.probability),
        "time": iso(one.time_s.median),
        "time_range": [iso(one.time_s.p05), iso(one.time_s.p95)],
        "mass_kg": number(one.mass_kg.median),
        "mass_range": [number(one.mass_kg.p05), number(one.mass_kg.p95)],
        "duration_s": number(one.duration_s.median),
        "duration_range": [number(one.duration_s.p05), number(one.duration_s.p95)],
        "travel_s": {
            station: {"median": number(way.median), "p05": number(way.p05), "p95": number(way.p95)}
            for station, way in one.travel_s.items()
        },
        "location": place_dict(one.location),
        "kind": one.candidate.kind,
        "name": one.candidate.name,
        "log_evidence": number(one.log_evidence),
        "alike": list(one.alike),
        "source": one.source,
    }


def _station(one: StationFit) -> dict[str, Any]:
    def numbers(values: Sequence[float] | Floats) -> list[float | None]:
        return [number(float(value)) for value in values]

    return {
        "station": one.station,
        "location": place_dict(one.location),
        "times": [iso(float(t)) for t in one.time_s],
        "median_mg_l": numbers(one.median_mg_l),
        "p05_mg_l": numbers(one.p05_mg_l),
        "p95_mg_l": numbers(one.p95_mg_l),
        "background_mg_l": number(one.background_mg_l),
        "shows": number(one.shows),
        "misfit": number(one.misfit),
    }
