"""The table every Chinese reader expects: the newest values of all stations, a row each."""

from __future__ import annotations

from datetime import datetime

from riverchief.parameter import all_parameters, find_parameter
from riverchief_server.api.desk.map.show import kind_name
from riverchief_server.api.desk.stations.schema import StationRow, StationTable
from riverchief_server.api.desk.words import Choice
from riverchief_server.api.words import say, value_text
from riverchief_server.observations import store
from riverchief_server.observations.queries import is_stale, latest_of
from riverchief_server.places.models import Place
from riverchief_server.standards.queries import judgement_at, section_of


def show_table(now: datetime, language: str) -> StationTable:
    """Every place that has readings, upstream first, with its newest values and class."""
    places = Place.objects.filter(kind__in=["station", "section", "source"]).select_related("reach", "part_of__reach")
    found = [(place, latest) for place in places if (latest := latest_of(place))]
    used = {series.parameter for _, latest in found for series, _ in latest}
    columns = [parameter for parameter in all_parameters() if parameter.code in used]
    return StationTable(
        columns=[
            Choice(code=one.code, name=one.name(language), group="" if one.unit == "-" else one.unit) for one in columns
        ],
        rows=[_row(place, latest, now, language) for place, latest in found],
    )


def _row(place: Place, latest: list[tuple], now: datetime, language: str) -> StationRow:  # type: ignore[type-arg]
    at = store.from_ms(max(reading.t for _, reading in latest))
    row = judgement_at(section_of(place), now)
    stale = is_stale(at, now)
    return StationRow(
        id=place.code,
        name=place.name,
        kind_name=kind_name(place, language),
        river=place.reach.river,
        at=at,
        water_class=(row.water_class or None) if row else None,
        values={
            series.parameter: value_text(
                find_parameter(series.parameter).code, reading.v, reading.operator, reading.bound
            )
            for series, reading in latest
        },
        is_stale=stale,
        is_simulated=any(series.is_simulated for series, _ in latest),
        state=say("station_state_stale" if stale else "station_state_ok", language),
    )
