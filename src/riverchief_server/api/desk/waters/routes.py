"""What the river is like: map, lenses, rivers, reaches, stations, series, judgements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router

from riverchief.errors import BadInput, Fault
from riverchief.standard import rank_of
from riverchief_server.api.desk.cases.show import show_brief
from riverchief_server.api.desk.judgements.schema import Judgement
from riverchief_server.api.desk.judgements.show import show_judgement
from riverchief_server.api.desk.map.schema import Figure, Found, Lenses, Map, Summary
from riverchief_server.api.desk.map.show import kind_name, show_map
from riverchief_server.api.desk.map.show_lenses import freshness_by_reach, show_lenses
from riverchief_server.api.desk.stations.schema import Series, Station, StationTable
from riverchief_server.api.desk.stations.show import show_series, show_station
from riverchief_server.api.desk.stations.show_table import show_table
from riverchief_server.api.desk.waters.schema import Reach, River
from riverchief_server.api.desk.waters.schema_periods import Periods, WatersPeriods
from riverchief_server.api.desk.waters.show import show_reach, show_rivers
from riverchief_server.api.desk.waters.show_periods import show_periods
from riverchief_server.api.desk.waters.show_shares import show_waters
from riverchief_server.api.words import local, say
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.cases.listing import (
    Load,
    inbox,
    load_by,
    load_of,
    most_urgent_first,
    plain,
    reached_now,
    seen_open,
)
from riverchief_server.cases.queries import visible_to
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Place
from riverchief_server.places.models import Reach as ReachRow
from riverchief_server.standards.queries import classed_at, judged_sections, judgement_at, section_of, still_stands

router = Router()
FOUND_AT_MOST = 12
SHOWN_AT_MOST = 50


@router.get("/map", response=Map)
def get_map(request: HttpRequest) -> Map:
    """The one map, without what changes."""
    require(request, "see")
    return show_map(language_of(request))


@router.get("/lenses", response=Lenses)
def get_lenses(request: HttpRequest, at: datetime | None = None) -> Lenses:
    """What the three lenses show at ``at`` (now, unless given)."""
    account = require(request, "see")
    now = datetime.now(UTC)
    return show_lenses(_aware(at) or now, now, _loads(account, now), language_of(request))


@router.get("/summary", response=Summary)
def get_summary(request: HttpRequest) -> Summary:
    """The county in ten seconds."""
    account, language, now = require(request, "see"), language_of(request), datetime.now(UTC)
    at = reached_now(now)
    load = load_of(seen_open(account), at)
    mine = plain(inbox(account)).count()
    classed = [row for row in classed_at(judged_sections(), now).values() if still_stands(row, now)]
    over = sum(1 for row in classed if rank_of(row.water_class) > rank_of(row.target))
    fresh = freshness_by_reach(list(ReachRow.objects.all()), now).values()
    stale = sum(1 for one in fresh if one.level in {"stale", "never"})
    today = local(now)
    date = f"{today.month}月{today.day}日" if language == "zh" else f"{today.day} {today:%b}"
    sentence = say(
        "summary",
        language,
        date=date,
        mine=mine,
        open=load.open,
        overdue=load.overdue,
        good=len(classed) - over,
        judged=len(classed),
    )
    return Summary(
        sentence=sentence,
        figures=[
            _figure("mine", mine, "/desk/inbox", mine > 0, language),
            _figure("open", load.open, "/desk/cases?state=open", False, language),
            _figure("overdue", load.overdue, "/desk/overdue", load.overdue > 0, language),
            _figure("over", over, "/desk/map?lens=water", over > 0, language),
            _figure("stale", stale, "/desk/map?lens=freshness", False, language),
        ],
    )


@router.get("/rivers", response=list[River])
def get_rivers(request: HttpRequest) -> list[River]:
    """Every river of the county."""
    account = require(request, "see")
    now = datetime.now(UTC)
    return show_rivers(now, _loads(account, now), language_of(request))


@router.get("/waters/periods", response=list[WatersPeriods])
def get_waters_periods(request: HttpRequest) -> list[WatersPeriods]:
    """The county and each of its rivers: now, this month, this year, beside the same part of last year."""
    require(request, "see")
    return show_waters(judged_sections(), datetime.now(UTC), language_of(request))


@router.get("/reaches/{code}", response=Reach)
def get_reach(request: HttpRequest, code: str) -> Reach:
    """One reach: who, water, cases, last patrol, up- and downstream."""
    account, language, now = require(request, "see"), language_of(request), datetime.now(UTC)
    reach = ReachRow.objects.select_related("region", "left_region", "right_region", "down").filter(code=code).first()
    if reach is None:
        raise BadInput([Fault("not_found", details={"given": code})])
    at, own = reached_now(now), seen_open(account).filter(reach=reach)
    briefs = [show_brief(case, account, now, language) for case in most_urgent_first(own, at)[:SHOWN_AT_MOST]]
    return show_reach(reach, now, load_of(own, at), briefs, language)


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
    start: datetime | None = None,
    end: datetime | None = None,
    points: int | None = None,
) -> Series:
    """One parameter over a time; without times the last fortnight that has readings. With ``points`` a longer series
    comes as its lowest and highest readings of each stretch, about so many together."""
    require(request, "see")
    place = find_place(code)
    now = datetime.now(UTC)
    return show_series(place, parameter, _aware(start), _aware(end), now, language_of(request), points)


@router.get("/stations/{code}/periods", response=Periods)
def get_periods(request: HttpRequest, code: str) -> Periods:
    """The section of a station: now, this month, this year, beside the same part of last year."""
    require(request, "see")
    return show_periods(section_of(find_place(code)), datetime.now(UTC), language_of(request))


@router.get("/stations/{code}/judgement", response=Judgement)
def get_judgement(request: HttpRequest, code: str, at: datetime | None = None) -> Judgement:
    """The judgement in force of the newest sample not after ``at``."""
    require(request, "see")
    row = judgement_at(section_of(find_place(code)), _aware(at) or datetime.now(UTC))
    if row is None:
        raise BadInput([Fault("not_found", details={"given": code})])
    return show_judgement(row, language_of(request))


@router.get("/search", response=list[Found])
def get_search(request: HttpRequest, q: str = "") -> list[Found]:
    """Reaches, places and cases whose name or code contains ``q``."""
    account, language = require(request, "see"), language_of(request)
    text = q.strip()[:60]
    if not text:
        return []
    like = Q(name__icontains=text) | Q(code__icontains=text)
    found = [
        Found(kind="reach", kind_name=say("kind_reach", language), id=reach.code, name=reach.name, where=reach.river)
        for reach in ReachRow.objects.filter(like)[:FOUND_AT_MOST]
    ]
    found += [
        Found(
            kind=place.kind,
            kind_name=kind_name(place, language),
            id=place.code,
            name=place.name,
            where=place.reach.name,
        )
        for place in Place.objects.filter(like).select_related("reach")[:FOUND_AT_MOST]
    ]
    cases = visible_to(account).filter(Q(number__icontains=text) | Q(title__icontains=text))[:FOUND_AT_MOST]
    found += [
        Found(
            kind="case",
            kind_name=say("kind_case", language),
            id=case.number,
            name=case.title,
            where=case.reach.name if case.reach else "",
        )
        for case in cases
    ]
    return found[: 2 * FOUND_AT_MOST]


def find_place(code: str) -> Place:
    """The place called ``code``; raises ``not_found``."""
    place = Place.objects.select_related("reach", "part_of__reach").filter(code=code).first()
    if place is None:
        raise BadInput([Fault("not_found", details={"given": code})])
    return place


def _loads(account: Account, now: datetime) -> Mapping[int | None, Load]:
    return load_by(seen_open(account), "reach_id", reached_now(now))


def _figure(key: str, value: int, href: str, is_alarm: bool, language: str) -> Figure:
    return Figure(key=key, label=say(f"summary_{key}", language), value=str(value), href=href, is_alarm=is_alarm)


def _aware(moment: datetime | None) -> datetime | None:
    """``moment`` with a zone; a time without one is the county's, as people write it."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=local(datetime.now(UTC)).tzinfo)
