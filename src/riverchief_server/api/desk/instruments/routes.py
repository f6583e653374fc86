"""How instruments do, as figures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from riverchief_server.api.desk.instruments.schema import (
    Health,
    HealthDay,
    StationHealth,
)
from riverchief_server.api.desk.instruments.show_upkeep import show_upkeep
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.observations import health
from riverchief_server.observations.upkeep import upkeep_of
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/health", response=list[Health])
def get_health(request: HttpRequest) -> list[Health]:
    """How every instrument does; silent ones are the no-data alarm."""
    require(request, "see")
    return [Health(**one.as_json()) for one in health.health_of_all(datetime.now(UTC))]


@router.get("/stations/{code}/health", response=StationHealth)
def get_station_health(request: HttpRequest, code: str) -> StationHealth:
    """How the instruments of one station do, day by day, and what was done there."""
    account, language = require(request, "see"), language_of(request)
    place, now = find_place(code), datetime.now(UTC)
    return StationHealth(
        instruments=[Health(**one.as_json()) for one in health.health_of(place, now)],
        days=[HealthDay(**asdict(day)) for day in health.days_of(place, now, ZoneInfo(settings.TIME_ZONE))],
        upkeep=[show_upkeep(row, language) for row in upkeep_of(place)],
        may_enter_upkeep="import" in account.the_role.may,
    )
