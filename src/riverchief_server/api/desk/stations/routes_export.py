"""The readings of a station as a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from riverchief.parameter import find_parameter
from riverchief_server.api.desk.times import Moment, in_the_county
from riverchief_server.asked.who import require
from riverchief_server.observations import store
from riverchief_server.observations.export import FORMATS, export
from riverchief_server.observations.models import Series
from riverchief_server.observations.queries import measuring_places
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/stations/{code}/export", response={200: str})
def get_export(
    request: HttpRequest,
    code: str,
    form: str = "csv",
    parameter: str = "",
    start: Moment | None = None,
    end: Moment | None = None,
) -> HttpResponse:
    """The readings of a station as ``csv``, ``xlsx``, ``parquet`` or ``waterml2``; ``parameter`` may name several,
    separated by commas; without times the last 30 days. Times are in the county's zone, which stands in the file."""
    require(request, "see")
    place, now, zone = find_place(code), datetime.now(UTC), ZoneInfo(settings.TIME_ZONE)
    rows = Series.objects.filter(place__in=[one.pk for one in measuring_places(place)]).select_related("place__reach")
    if parameter:
        rows = rows.filter(parameter__in=[find_parameter(one).code for one in parameter.split(",")])
    end = in_the_county(end) or now
    begin = in_the_county(start) or end - timedelta(days=30)
    raw = export(list(rows), store.to_ms(begin), store.to_ms(end), form, zone, now)
    response = HttpResponse(raw, content_type=FORMATS[form].media_type)
    name = f"riverchief-{place.pk}-{begin:%Y%m%d}-{end:%Y%m%d}.{FORMATS[form].suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
