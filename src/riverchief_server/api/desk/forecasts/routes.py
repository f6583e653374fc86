"""Forecasts and watches, for whoever may ``see``."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief_server.api.desk.forecasts.schema import Forecast, Watches
from riverchief_server.api.desk.forecasts.show import show_forecast, show_watches
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.forecasts.queries import newest_forecasts
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/stations/{code}/forecasts", response=list[Forecast])
def get_forecasts(request: HttpRequest, code: str) -> list[Forecast]:
    """The newest forecast of each parameter of a station, or of those that measure for a section."""
    require(request, "see")
    return [show_forecast(row, language_of(request)) for row in newest_forecasts(find_place(code))]


@router.get("/watches", response=Watches)
def get_watches(request: HttpRequest) -> Watches:
    """The open watches, the soonest first, and how earlier ones came out."""
    require(request, "see")
    return show_watches(datetime.now(UTC), language_of(request))
