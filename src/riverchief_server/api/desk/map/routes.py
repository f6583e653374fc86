"""The one map and its lenses, the county in ten seconds, and the search."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router

from riverchief_server.api.desk.map.schema import Figure, Found, Lenses, Map, Summary
from riverchief_server.api.desk.map.show import kind_name, show_map
from riverchief_server.api.desk.map.show_lenses import freshness_by_reach, show_lenses
from riverchief_server.api.desk.times import Moment, in_the_county
from riverchief_server.api.words import local, say
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.cases.listing import (
    inbox,
    load_by,
    load_of,
    plain,
    reached_now,
    seen_open,
)
from riverchief_server.cases.queries import visible_to
from riverchief_server.places.models import Place
from riverchief_server.places.models import Reach as ReachRow
from riverchief_server.standards.queries import classed_at, failing_at, judged_sections, still_stands

router = Router()
FOUND_AT_MOST = 12


@router.get("/map", response=Map)
def get_map(request: HttpRequest) -> Map:
    """The one map, without what changes."""
    require(request, "see")
    return show_map(language_of(request))


@router.get("/lenses", response=Lenses)
def get_lenses(request: HttpRequest, at: Moment | None = None) -> Lenses:
    """What the three lenses show at ``at`` (now, unless given)."""
    account = require(request, "see")
    now = datetime.now(UTC)
    return show_lenses(
        in_the_county(at) or now, now, load_by(seen_open(account), "reach_id", reached_now(now)), language_of(request)
    )


@router.get("/summary", response=Summary)
def get_summary(request: HttpRequest) -> Summary:
    """The county in ten seconds."""
    account, language, now = require(request, "see"), language_of(request), datetime.now(UTC)
    at = reached_now(now)
    load = load_of(seen_open(account), at)
    mine = plain(inbox(account)).count()
    sections = judged_sections()
    failing = failing_at(sections, now)
    over = len(failing)
    known = failing | {pk for pk, row in classed_at(sections, now).items() if still_stands(row, now)}
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
        good=len(known) - over,
        judged=len(known),
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


def _figure(key: str, value: int, href: str, is_alarm: bool, language: str) -> Figure:
    return Figure(key=key, label=say(f"summary_{key}", language), value=str(value), href=href, is_alarm=is_alarm)
