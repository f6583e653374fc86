"""The calendar and the deadlines: everybody reads them, whoever rules adds to them, after a look at what would move."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief_server.api.desk.deadlines.schema import DeadlinePreview, Deadlines, NewDay, NewDeadline
from riverchief_server.api.desk.deadlines.show import show_deadlines, show_preview
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.cases.ruling import NewRule, add_day, add_rule, moved_by

router = Router()


@router.get("/deadlines", response=Deadlines)
def get_deadlines(request: HttpRequest) -> Deadlines:
    """The working calendar and the table of deadlines as they are now."""
    return show_deadlines(require(request, "see"), datetime.now(UTC), language_of(request))


@router.post("/deadlines/preview", response=DeadlinePreview)
def post_deadline_preview(request: HttpRequest, given: NewDeadline) -> DeadlinePreview:
    """What a new row would move; nothing is changed."""
    require(request, "rule")
    moves, looked_at = moved_by(NewRule(**given.dict()))
    return show_preview(moves, looked_at, language_of(request))


@router.post("/deadlines/rows", response=Deadlines)
def post_deadline_row(request: HttpRequest, given: NewDeadline) -> Deadlines:
    """Add a row of the county's own."""
    account, now = require(request, "rule"), datetime.now(UTC)
    add_rule(NewRule(**given.dict()), account, now)
    return show_deadlines(account, now, language_of(request))


@router.post("/deadlines/days", response=Deadlines)
def post_calendar_day(request: HttpRequest, given: NewDay) -> Deadlines:
    """Say that a day is a holiday, a make-up day, or as its weekday."""
    account, now = require(request, "rule"), datetime.now(UTC)
    add_day(given.day, given.kind, given.name, given.reason, account, now)
    return show_deadlines(account, now, language_of(request))
