"""A trace asked for in the county's own words, as a question that can be stored and computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict, cast
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.observation.flag import find_flag
from riverchief.parameter import find_parameter
from riverchief.place import Location
from riverchief.tracing import Candidate, StationSamples, candidate_odds
from riverchief.tracing.question import trace_question
from riverchief.tracing.samples import ABOVE, BELOW, MEASURED
from riverchief.transport.condition_now import conditions_at_share, flow_conditions
from riverchief.units import convert, find_unit
from riverchief_server.observations import store
from riverchief_server.observations.models import Series
from riverchief_server.places.models import Place
from riverchief_server.runs.actions import NewRun
from riverchief_server.runs.models import Run
from riverchief_server.runs.rivers import Rivers, rivers_of_county, share_of_mean_flow

KIND = "trace"
#: Quiet water before an episode tells the background; the hours after it, where the water has gone.
BEFORE, AFTER = timedelta(days=4), timedelta(days=2)
LONGEST = timedelta(days=40)
NO_MASS = ("DO",)


class Suspect(TypedDict):
    """The most probable source; ``name`` is empty for one that is on no list."""

    id: str
    name: str
    probability: float


class TraceTold(TypedDict):
    """A trace as it was asked for, and in short what came out. ``flow_share`` is of the mean flow [-]; the keys from
    ``verdict`` on are there when the run is done."""

    place: str
    place_name: str
    parameter: str
    began: str
    ended: str
    since: str
    until: str
    flow_share: float
    flow: str
    episode: NotRequired[int]
    told: NotRequired[bool]
    verdict: NotRequired[str]
    best: NotRequired[Suspect | None]
    set90: NotRequired[list[str]]
    is_open: NotRequired[bool]
    hypotheses: NotRequired[dict[str, float]]


@dataclass(frozen=True)
class TraceAsked:
    """Where did ``parameter`` at ``place`` (a section's code) come from, that was seen from ``began`` to ``ended``?

    ``past_cases``: by an outfall's code how many cases it had in the last two years. ``about``: what the answer is kept
    under, such as an episode's number, for whoever lists them.
    """

    uuid: UUID
    place: str
    parameter: str
    began: datetime
    ended: datetime
    past_cases: Mapping[str, int] = field(default_factory=dict)
    about: Mapping[str, object] = field(default_factory=dict)


def trace_run(asked: TraceAsked, now: datetime, seed: int = 0) -> NewRun:
    """The run to ask for. Raises ``BadInput`` with everything that is wrong with it."""
    faults: list[Fault] = []
    place = Place.objects.select_related("reach").filter(code=asked.place).first()
    if place is None:
        faults.append(Fault("not_found", column="place", details={"given": asked.place}))
    parameter = find_parameter(asked.parameter)
    if not is_traceable(parameter.code):
        details = {"given": parameter.unit, "allowed": "mg/L"}
        faults.append(Fault("unit_mismatch", column="parameter", details=details))
    if not timedelta(0) <= asked.ended - asked.began <= LONGEST:
        details = {"given": f"{asked.began:%Y-%m-%d} – {asked.ended:%Y-%m-%d}", "allowed": f"<= {LONGEST.days} d"}
        faults.append(Fault("out_of_range", column="ended", details=details))
    if faults or place is None:
        raise BadInput(faults)
    since, until = asked.began - BEFORE, min(asked.ended + AFTER, now)
    rivers = rivers_of_county()
    measured = share_of_mean_flow(rivers, min(asked.began, now))
    share = flow_conditions()["mean"].share if measured is None else measured
    water = conditions_at_share(rivers.network, rivers.mean, share, is_measured=measured is not None)
    samples = _samples(parameter.code, since, until, _same_river(rivers, place.reach.code))
    if not samples:
        details = {"allowed": f"{parameter.code}, {since:%Y-%m-%d} – {until:%Y-%m-%d}"}
        raise BadInput([Fault("empty_file", column="samples", details=details)])
    sites = {one.code: _at(one) for one in Place.objects.filter(kind__in=["section", "intake"]).select_related("reach")}
    candidates = [
        _candidate(one, parameter.code, asked.past_cases.get(one.code, 0))
        for one in Place.objects.filter(kind="outfall").select_related("reach")
    ]
    question = trace_question(
        rivers.network, water, candidates, samples, sites, now_s=now.timestamp(), rain=_rain(since, until)
    )
    told = {
        "place": place.code,
        "place_name": place.name,
        "parameter": parameter.code,
        "began": asked.began.isoformat(),
        "ended": asked.ended.isoformat(),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "flow_share": round(share, 4),
        "flow": "mean" if measured is None else "measured",
        **asked.about,
    }
    network = {"sha256": rivers.sha256, "reaches": rivers.network.n}
    return NewRun(asked.uuid, KIND, {**question, "network": network}, seed, summary=told)


def told_of(run: Run) -> TraceTold:
    """What was asked, in the county's words; with what a list shows of the answer once it is there."""
    return cast(TraceTold, run.summary)


def is_traceable(parameter: str) -> bool:
    """Whether water carries it along as a mass: a concentration in water, and not oxygen, of which too little is the
    trouble."""
    known = find_parameter(parameter)
    return find_unit(known.unit).dimension == "concentration" and known.medium == "water" and known.code not in NO_MASS


def _same_river(rivers: Rivers, reach: str) -> list[int]:
    """The keys of all reaches whose water leaves the county where that of ``reach`` does."""
    outlet = rivers.network.outlet
    there = outlet == outlet[rivers.network.index_of(reach)]
    return [rivers.reaches[position].pk for position in np.flatnonzero(there).tolist()]


def _samples(parameter: str, since: datetime, until: datetime, reaches: Sequence[int]) -> list[StationSamples]:
    """What every station on those reaches measured in that time, clean ones too; of two series of one station the one
    with more samples."""
    rows = Series.objects.filter(
        parameter=parameter, statistic="instant", place__kind__in=["station", "section"], place__reach__in=reaches
    )
    found: dict[str, StationSamples] = {}
    for series in rows.select_related("place__reach"):
        readings = store.between(series.pk, store.to_ms(since), store.to_ms(until) + 1)
        usable = [
            row for row in readings if find_flag(row.flag).usable and (row.v is not None or row.bound is not None)
        ]
        if not usable:
            continue
        samples = _series(series, usable)
        there = found.get(series.place.code)
        if there is None or samples.time_s.size > there.time_s.size:
            found[series.place.code] = samples
    return list(found.values())


def _rain(since: datetime, until: datetime) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """What the county's rain gauges measured in that time, their mean [s since 1970 UTC, mm]; None without one."""
    depths: dict[float, list[float]] = {}
    for key in Series.objects.filter(parameter="RAIN").values_list("pk", flat=True):
        for row in store.between(key, store.to_ms(since), store.to_ms(until) + 1):
            if find_flag(row.flag).usable and row.v is not None:
                depths.setdefault(row.t / 1000.0, []).append(max(row.v, 0.0))
    if not depths:
        return None
    times = np.array(sorted(depths))
    return times, np.array([float(np.mean(depths[time])) for time in times.tolist()])


def _series(series: Series, readings: Sequence[store.StoredReading]) -> StationSamples:
    unit = find_parameter(series.parameter).unit
    values = np.array([row.v if row.v is not None else row.bound for row in readings], np.float64)
    marks = [MEASURED if row.v is not None else BELOW if row.operator == "<" else ABOVE for row in readings]
    times = [row.t / 1000.0 for row in readings]
    return StationSamples.of(series.place.code, _at(series.place), times, convert(values, unit, "mg/L"), censor=marks)


def _candidate(place: Place, parameter: str, past_cases: int) -> Candidate:
    known = ("kind", place.subkind) in candidate_odds()
    return Candidate.of(
        place.code,
        _at(place),
        kind=place.subkind if known else "",
        permit="valid" if place.permit else "",
        past_cases=past_cases,
        name=place.name,
        parameter=parameter,
    )


def _at(place: Place) -> Location:
    return Location(place.reach.code, place.chainage_m)
