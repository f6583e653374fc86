"""What the readings of a station are checked by, and flags for whole periods: who may ``import`` data may also say what
of it is to be trusted; whoever may ``see`` reads it. Everything is appended, with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief_server.api.desk.instruments.schema_checks import CheckPage, NewKind, NewPeriod, NewThresholds
from riverchief_server.api.desk.instruments.show_checks import show_checks
from riverchief_server.api.desk.times import in_the_county
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.observations.check_settings import set_kind, set_thresholds
from riverchief_server.observations.checking import flag_period
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/stations/{code}/checks", response=CheckPage)
def get_checks(request: HttpRequest, code: str) -> CheckPage:
    """The thresholds in force at a station beside the shipped ones, its kind, and the periods that persons flagged."""
    account = require(request, "see")
    return show_checks(find_place(code), language_of(request), may_change="import" in account.the_role.may)


@router.post("/stations/{code}/checks", response=CheckPage)
def post_thresholds(request: HttpRequest, code: str, given: NewThresholds) -> CheckPage:
    """Set a parameter's thresholds at a station (right ``import``); every reading of it is checked again when the clock
    looks next. 400 with every fault and the field it is in."""
    account, place = require(request, "import"), find_place(code)
    set_thresholds(place, given.parameter, given.sets, given.because, account.shown_name, datetime.now(UTC))
    return show_checks(place, language_of(request), may_change=True)


@router.post("/stations/{code}/check-kind", response=CheckPage)
def post_kind(request: HttpRequest, code: str, given: NewKind) -> CheckPage:
    """Say of which kind a station is (right ``import``): which checks are made depends on it."""
    account, place = require(request, "import"), find_place(code)
    set_kind(place, given.kind, given.because, account.shown_name, datetime.now(UTC))
    return show_checks(place, language_of(request), may_change=True)


@router.post("/stations/{code}/flagged-periods", response=CheckPage)
def post_period(request: HttpRequest, code: str, given: NewPeriod) -> CheckPage:
    """Flag every reading of a period, or take earlier words back (right ``import``); in force when the clock looks
    next, for what arrives later too."""
    account, place = require(request, "import"), find_place(code)
    now, by = datetime.now(UTC), account.shown_name
    begin, end = in_the_county(given.begin), in_the_county(given.end)
    assert begin is not None and end is not None  # they were given
    flag_period(place, given.parameter, begin, end, given.flag, given.because, by, now)
    return show_checks(place, language_of(request), may_change=True)
