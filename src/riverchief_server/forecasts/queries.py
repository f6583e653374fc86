"""Questions about forecasts: the newest of a place, and the watches."""

from __future__ import annotations

from riverchief_server.forecasts.models import OPEN, Forecast, Watch
from riverchief_server.observations.queries import measuring_places
from riverchief_server.places.models import Place


def newest_forecasts(place: Place) -> list[Forecast]:
    """The newest forecast of each parameter of ``place`` and of the stations that measure for it."""
    found: dict[tuple[int, str], Forecast] = {}
    for forecast in Forecast.objects.filter(place__in=measuring_places(place)).order_by("-day"):
        found.setdefault((forecast.place_id, forecast.parameter), forecast)
    return sorted(found.values(), key=lambda one: (one.place_id, one.parameter))


def open_watches_of(place: Place | None = None) -> list[Watch]:
    """The open watches, of ``place`` or of all, the soonest first."""
    rows = Watch.objects.filter(outcome=OPEN).select_related("place", "forecast").order_by("expected_at")
    return list(rows if place is None else rows.filter(place__in=measuring_places(place)))
