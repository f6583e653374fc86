"""How stations do, in sentences, and the commands that may be sent down to an instrument."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.instruments.schema_health import HealthBoard, HealthPage, NewOrder
from riverchief_server.api.desk.instruments.show_health import show_board, show_page
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.observations import orders
from riverchief_server.observations.models import Instrument
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/health-board", response=HealthBoard)
def get_health_board(request: HttpRequest) -> HealthBoard:
    """All stations, those that need somebody first, after one sentence."""
    require(request, "see")
    return show_board(datetime.now(UTC), language_of(request))


@router.get("/stations/{code}/health-page", response=HealthPage)
def get_health_page(request: HttpRequest, code: str) -> HealthPage:
    """One station: its instruments, each series with the check that flagged it, days, commands, upkeep."""
    account = require(request, "see")
    return show_page(
        find_place(code), datetime.now(UTC), language_of(request), may_order="import" in account.the_role.may
    )


@router.post("/instruments/{number}/orders", response=HealthPage)
def post_order(request: HttpRequest, number: int, given: NewOrder) -> HealthPage:
    """Ask an instrument to set its clock or to send a period again; it leaves when the instrument is connected.

    Who may ``import`` data may ask. What already waits is not asked for twice.
    """
    account, now = require(request, "import"), datetime.now(UTC)
    row = Instrument.objects.select_related("place").filter(pk=number, is_enabled=True).first()
    if row is None:
        raise BadInput([Fault("not_found", details={"given": str(number)})])
    orders.ask(row, given.command, now, account.shown_name, begin=given.begin, end=given.end, of=given.of)
    return show_page(find_place(row.place.code), now, language_of(request), may_order=True)
