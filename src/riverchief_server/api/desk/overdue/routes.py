"""What is overdue: for whoever answers for the county, and for the unit whose cases they are."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief_server.api.desk.overdue.schema import Overdue
from riverchief_server.api.desk.overdue.show import show_overdue
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require

router = Router()


@router.get("/overdue", response=Overdue)
def get_overdue(request: HttpRequest, unit: str = "", limit: int = 100) -> Overdue:
    """What is overdue among the cases the asker may see, whose, since when, with the telephone."""
    account = require(request, "see")
    return show_overdue(account, datetime.now(UTC), language_of(request), unit, limit)
