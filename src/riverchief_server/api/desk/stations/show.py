"""Stations and sections as the API says them: sentence first, then evidence, series and neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from riverchief.observation.flag import find_flag
from riverchief.observation.thinning import breaks, first_of_each, stretch_of, thin
from riverchief.parameter import find_parameter
from riverchief.standard import CLASSES, Excluded
from riverchief.standard import Judgement as Verdict
from riverchief.standard.reasons import reasons
from riverchief.standard.rounding import show_multiple
from riverchief.standard.surface_water.limits import limits_for
from riverchief_server.api.desk.cases.schema import CaseBrief
from riverchief_server.api.desk.judgements.show import show_judgement
from riverchief_server.api.desk.map.show import kind_name
from riverchief_server.api.desk.stations.schema import LatestValue, Limit, Mark, Neighbour, Series, Station
from riverchief_server.api.words import ago_text, say, time_text, value_text
from riverchief_server.api.words.verdicts import as_reported, source_sentence
from riverchief_server.observations import store
from riverchief_server.observations.models import Series as SeriesRow
from riverchief_server.observations.queries import is_stale, latest_of, measuring_places, series_of
from riverchief_server.places.models import Place
from riverchief_server.places.queries import places_downstream, places_upstream
from riverchief_server.standards.models import Judgement as JudgementRow
from riverchief_server.standards.queries import classed_at, judgement_at, section_of, verdict_of

WATER_KINDS = ["section", "station", "source"]
NEIGHBOURS = 4
#: Flags that say nothing a reader must see: the value passed, or nobody has looked yet.
QUIET_FLAGS = {"good", "unchecked"}


def show_station(place: Place, now: datetime, cases: Sequence[CaseBrief], language: str) -> Station:
    """A station or section with its newest judgement."""
    section = section_of(place)
    newest = [pair for one in measuring_places(place) for pair in latest_of(one)]
    last = max((store.from_ms(reading.t) for _, reading in newest), default=None)
    row = judgement_at(section, min(last, now)) if last else None
    verdict = verdict_of(row) if row else None
    classes = {fact.item: fact.water_class for fact in verdict.evidence} if verdict else {}
    return Station(
        id=place.code,
        name=place.name,
        kind=place.kind,
        kind_name=kind_name(place, language),
        river=place.reach.river,
        reach=place.reach.code,
        reach_name=place.reach.name,
        bank_name=say(f"bank_{place.bank}", language),
        lon=place.lon,
        lat=place.lat,
        target_class=section.class_target or None,
        source="、".join(dict.fromkeys(series.source for series, _ in newest)),
        is_simulated=any(series.is_simulated for series, _ in newest),
        sentence=sentence_of(row, verdict, now, language),
        staleness=staleness_text(last, now, language),
        judgement=show_judgement(row, language) if row else None,
        latest=[_latest(series, reading, row, classes, language) for series, reading in newest],
        upstream=_neighbours(place, now, upstream=True),
        downstream=_neighbours(place, now, upstream=False),
        open_cases=list(cases),
    )


def sentence_of(row: JudgementRow | None, verdict: Verdict | None, now: datetime, language: str) -> str:
    """The state of a section in one sentence: what decides, the class, the target, how long ago."""
    if row is None or verdict is None:
        return say("station_silent", language)
    ago = ago_text(row.at, now, language)
    if verdict.source is not None:
        return source_sentence(verdict.source, language, ago)
    known = verdict.water_class or verdict.at_best
    comma = "；" if language.startswith("zh") else "; "
    why = comma.join(dict.fromkeys(left.text(language) for left in verdict.excluded if _tells_why(left)))
    if known is None or (verdict.water_class is None and verdict.meets_target is not False):
        return say("station_unjudged", language, why=why or "—", ago=ago)
    words = CLASSES[known]
    target = CLASSES[verdict.target].name(language)
    facts = [fact for fact in verdict.evidence if fact.water_class == known][:3]
    items = ("、" if language.startswith("zh") else ", ").join(
        f"{find_parameter(fact.item).name(language)} {as_reported(fact)}{'' if fact.unit == '-' else ' ' + fact.unit}"
        for fact in facts
    )
    counts = {"judged": verdict.judged, "of": verdict.expected}
    if verdict.meets_target is False:
        multiples = [fact.over_limit for fact in facts if fact.over_limit is not None]
        multiple = say("multiple", language, x=show_multiple(max(multiples))) if multiples else ""
        return say(
            "station_over" if verdict.water_class else "station_at_best",
            language,
            items=items,
            **{"class": words.name(language)},
            target=target,
            multiple=multiple,
            why=why,
            ago=ago,
            **counts,
        )
    if verdict.water_class == "I":
        items = say("all_class_one", language)
    return say(
        "station_clean",
        language,
        **{"class": words.name(language)},
        status=words.status(language),
        target=target,
        items=items,
        ago=ago,
        **counts,
    )


def staleness_text(last: datetime | None, now: datetime, language: str) -> str | None:
    """The banner of a station that has been silent; ``None`` while it speaks (or never did)."""
    if last is None or not is_stale(last, now):
        return None
    hours = int((now - last).total_seconds() // 3600)
    silence = say("hours", language, n=hours) if hours < 72 else say("days", language, n=hours // 24)
    return say("stale", language, time=time_text(last, now, language), hours=silence)


def show_series(
    place: Place,
    parameter: str,
    start: datetime | None,
    end: datetime | None,
    now: datetime,
    language: str,
    points: int | None = None,
) -> Series:
    """One parameter at a station (at a section: of all its stations) from ``start`` to ``end``.

    Without times the last 14 days that have readings. Values that may not be used are null; their flags stay.
    """
    described = find_parameter(parameter)
    section = section_of(place)
    own = [one for one in series_of(measuring_places(place)) if one.parameter == described.code]
    span = store.span([one.pk for one in own])
    end_ms = store.to_ms(end) if end else (span[1] + 1 if span else store.to_ms(now))
    start_ms = store.to_ms(start) if start else end_ms - 14 * 24 * 3600 * 1000
    found = store.read_many([one.pk for one in own], start_ms, end_ms, only=("v", "flag"))
    found = found.take(np.argsort(found.t, kind="stable"))
    codes = store.flag_codes()
    usable = np.array([find_flag(code).usable for code in codes])
    values = np.where(usable[found.flag], found.v, np.nan)
    total, stretch = len(found.t), stretch_of(found.t, points) if points else 0.0
    gaps = breaks(found.t, stretch)
    quiet = np.array([code in QUIET_FLAGS for code in codes])
    marked = first_of_each(found.t, ~quiet[found.flag], stretch)
    marks = [
        Mark(time=time // 1000, value=None if value != value else value, flag=codes[number])
        for time, value, number in zip(
            found.t[marked].tolist(), values[marked].tolist(), found.flag[marked].tolist(), strict=True
        )
    ]
    if points is not None:
        kept = thin(found.t, values, points).kept
        found, values = found.take(kept), values[kept]
    water = "lake" if place.reach.kind == "lake" else "river"
    law = limits_for(water).get(described.code)
    law = law if law is not None and law.use == "class" else None
    return Series(
        station=place.code,
        parameter=described.code,
        name=described.name(language),
        unit="" if described.unit == "-" else described.unit,
        decimals=described.decimals,
        times=(found.t // 1000).tolist(),
        values=[None if value != value else value for value in values.tolist()],
        flags=[codes[number] for number in found.flag.tolist()],
        flag_names={
            code: find_flag(code).name(language)
            for code in sorted({codes[k] for k in np.unique(found.flag).tolist()} | {mark.flag for mark in marks})
        },
        marks=marks,
        breaks=(gaps // 1000).tolist(),
        total=total,
        is_thinned=len(found.t) < total,
        limits=[
            Limit(
                water_class=code,
                value=value,
                clause=f"{law.edition} {law.clause}",
                is_target=code == (section.class_target or "III"),
            )
            for code, value in law.items()
        ]
        if law is not None
        else [],
        direction=law.direction if law is not None else None,
        source="、".join(dict.fromkeys(one.source for one in own)),
        first=store.from_ms(span[0]) if span else None,
        last=store.from_ms(span[1]) if span else None,
    )


def _tells_why(left: Excluded) -> bool:
    """Whether what was left out is a reason for which there is no class."""
    return reasons()[left.kind].withholds or not left.item


def _latest(
    series: SeriesRow,
    reading: store.StoredReading,
    row: JudgementRow | None,
    classes: dict[str, str],
    language: str,
) -> LatestValue:
    described, flag = find_parameter(series.parameter), find_flag(reading.flag)
    at = store.from_ms(reading.t)
    judged = row is not None and row.at == at
    return LatestValue(
        parameter=described.code,
        name=described.name(language),
        value=reading.v,
        value_text=value_text(described.code, reading.v, reading.operator, reading.bound),
        unit="" if described.unit == "-" else described.unit,
        at=at,
        flag=flag.code,
        flag_name=flag.name(language),
        is_usable=flag.usable,
        water_class=classes.get(described.code) if judged else None,
    )


def _neighbours(place: Place, now: datetime, *, upstream: bool) -> list[Neighbour]:
    found = (places_upstream if upstream else places_downstream)(place, WATER_KINDS)
    near = [other for other in found if section_of(other).pk != section_of(place).pk][:NEIGHBOURS]
    classed = classed_at([section_of(other) for other in near], now)
    shown = []
    for other in near:
        row = classed.get(section_of(other).pk)
        distance_m = float(other.distance_m)  # type: ignore[attr-defined]
        velocity = place.reach.velocity_m_s
        shown.append(
            Neighbour(
                id=other.code,
                name=other.name,
                kind=other.kind,
                distance_km=round(distance_m / 1000, 1),
                # m / (m/s) / (s/h) -> h; one velocity for the way: an estimate, said as such
                travel_time_h=round(distance_m / velocity / 3600, 1) if velocity else None,
                water_class=row.water_class if row else None,
            )
        )
    return shown
