"""Rivers and reaches: who answers, how the water is, and how it did over a month and a year."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.cases.show import show_brief
from riverchief_server.api.desk.waters.schema import Reach, River
from riverchief_server.api.desk.waters.schema_periods import WatersPeriods
from riverchief_server.api.desk.waters.schema_sources import Sources
from riverchief_server.api.desk.waters.show import show_reach, show_rivers
from riverchief_server.api.desk.waters.show_shares import show_waters
from riverchief_server.api.desk.waters.show_sources import show_sources
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.cases.listing import (
    load_by,
    load_of,
    most_urgent_first,
    reached_now,
    seen_open,
)
from riverchief_server.places.queries import find_reach
from riverchief_server.standards.queries import judged_sections

router = Router()
SHOWN_AT_MOST = 50


@router.get("/rivers", response=list[River])
def get_rivers(request: HttpRequest) -> list[River]:
    """Every river of the county."""
    account = require(request, "see")
    now = datetime.now(UTC)
    return show_rivers(now, load_by(seen_open(account), "reach_id", reached_now(now)), language_of(request))


@router.get("/waters/periods", response=list[WatersPeriods])
def get_waters_periods(request: HttpRequest) -> list[WatersPeriods]:
    """The county and each of its rivers: now, this month, this year, beside the same part of last year."""
    require(request, "see")
    return show_waters(judged_sections(), datetime.now(UTC), language_of(request))


@router.get("/sources", response=Sources)
def get_sources(request: HttpRequest, month: str = "") -> Sources:
    """Every drinking-water source in ``month`` (``2026-10``; this month unless given), and the shares that comply."""
    require(request, "see")
    return show_sources(_month(month) or datetime.now(UTC), language_of(request))


@router.get("/reaches/{code}", response=Reach)
def get_reach(request: HttpRequest, code: str) -> Reach:
    """One reach: who, water, cases, last patrol, up- and downstream."""
    account, language, now = require(request, "see"), language_of(request), datetime.now(UTC)
    reach = find_reach(code)
    at, own = reached_now(now), seen_open(account).filter(reach=reach)
    briefs = [show_brief(case, account, now, language) for case in most_urgent_first(own, at)[:SHOWN_AT_MOST]]
    return show_reach(reach, now, load_of(own, at), briefs, language)


def _month(text: str) -> datetime | None:
    """The middle of a month written ``2026-10``."""
    if not text:
        return None
    try:
        return datetime.strptime(f"{text}-15", "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadInput([Fault("bad_time", details={"given": text, "allowed": "2026-10"})]) from None
