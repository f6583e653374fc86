"""Stations and sections: the newest values of all, one with its series, periods and judgement."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.cases.show import show_brief
from riverchief_server.api.desk.judgements.schema import Judgement
from riverchief_server.api.desk.judgements.show import show_judgement
from riverchief_server.api.desk.stations.schema import Series, Station, StationTable
from riverchief_server.api.desk.stations.show import show_series, show_station
from riverchief_server.api.desk.stations.show_table import show_table
from riverchief_server.api.desk.times import Moment, in_the_county
from riverchief_server.api.desk.waters.schema_periods import Periods
from riverchief_server.api.desk.waters.show_periods import show_periods
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.cases.listing import (
    most_urgent_first,
    reached_now,
    seen_open,
)
from riverchief_server.places.queries import find_place
from riverchief_server.standards.queries import judgement_at, section_of

router = Router()
SHOWN_AT_MOST = 50


@router.get("/stations", response=StationTable)
def get_stations(request: HttpRequest) -> StationTable:
    """The newest values of all stations."""
    require(request, "see")
    return show_table(datetime.now(UTC), language_of(request))


@router.get("/stations/{code}", response=Station)
def get_station(request: HttpRequest, code: str) -> Station:
    """One station or section with its judgement."""
    account, language, now = require(request, "see"), language_of(request), datetime.now(UTC)
    place = find_place(code)
    section = section_of(place)
    cases = most_urgent_first(seen_open(account).filter(place=section), reached_now(now))[:SHOWN_AT_MOST]
    return show_station(place, now, [show_brief(case, account, now, language) for case in cases], language)


@router.get("/stations/{code}/series/{parameter}", response=Series)
def get_series(
    request: HttpRequest,
    code: str,
    parameter: str,
    start: Moment | None = None,
    end: Moment | None = None,
    points: int | None = None,
) -> Series:
    """One parameter over a time; without times the last fortnight that has readings. With ``points`` a longer series
    comes as its lowest and highest readings of each stretch, about so many together."""
    require(request, "see")
    place = find_place(code)
    now = datetime.now(UTC)
    return show_series(place, parameter, in_the_county(start), in_the_county(end), now, language_of(request), points)


@router.get("/stations/{code}/periods", response=Periods)
def get_periods(request: HttpRequest, code: str) -> Periods:
    """The section of a station: now, this month, this year, beside the same part of last year."""
    require(request, "see")
    return show_periods(section_of(find_place(code)), datetime.now(UTC), language_of(request))


@router.get("/stations/{code}/judgement", response=Judgement)
def get_judgement(request: HttpRequest, code: str, at: Moment | None = None) -> Judgement:
    """The judgement in force of the newest sample not after ``at``."""
    require(request, "see")
    row = judgement_at(section_of(find_place(code)), in_the_county(at) or datetime.now(UTC))
    if row is None:
        raise BadInput([Fault("not_found", details={"given": code})])
    return show_judgement(row, language_of(request))
