"""Instruments and what they send: health, export, the raw inbox, uploads of files."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import File, Router
from ninja.files import UploadedFile

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief_server.api.desk.instruments.schema import (
    Health,
    HealthDay,
    Replayed,
    StationHealth,
)
from riverchief_server.api.desk.instruments.show_upkeep import show_upkeep
from riverchief_server.api.desk.waters.routes import find_place
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import NotLoggedIn, require
from riverchief_server.observations import health, store
from riverchief_server.observations.actions import receive
from riverchief_server.observations.export import FORMATS, export
from riverchief_server.observations.inbox.instruments import Passwords, known_of
from riverchief_server.observations.inbox.parsing import Parsed, replay
from riverchief_server.observations.models import Instrument, Series
from riverchief_server.observations.queries import measuring_places
from riverchief_server.observations.upkeep import upkeep_of

router = Router()
passwords = Passwords()


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


@router.get("/stations/{code}/export", response={200: str})
def get_export(
    request: HttpRequest,
    code: str,
    form: str = "csv",
    parameter: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> HttpResponse:
    """The readings of a station as ``csv``, ``xlsx``, ``parquet`` or ``waterml2``; ``parameter`` may name several,
    separated by commas; without times the last 30 days. Times are in the county's zone, which stands in the file."""
    require(request, "see")
    place, now, zone = find_place(code), datetime.now(UTC), ZoneInfo(settings.TIME_ZONE)
    rows = Series.objects.filter(place__in=[one.pk for one in measuring_places(place)]).select_related("place__reach")
    if parameter:
        rows = rows.filter(parameter__in=[find_parameter(one).code for one in parameter.split(",")])
    end = _aware(end, zone) or now
    begin = _aware(start, zone) or end - timedelta(days=30)
    raw = export(list(rows), store.to_ms(begin), store.to_ms(end), form, zone, now)
    response = HttpResponse(raw, content_type=FORMATS[form].media_type)
    name = f"riverchief-{place.pk}-{begin:%Y%m%d}-{end:%Y%m%d}.{FORMATS[form].suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@router.post("/upload", response=Replayed, auth=None)
def post_upload(request: HttpRequest, file: UploadedFile | None = File(None)) -> Replayed:  # type: ignore[type-arg]  # noqa: B008
    """A file of readings from an instrument of protocol ``http``: its identity and password by HTTP Basic. The bytes
    are kept before they are read; good rows are taken, the others listed in the inbox."""
    instrument = _uploader(request)
    if file is None:
        raise BadInput([Fault("missing_value", column="file", details={"given": "file", "allowed": "CSV, XLSX"})])
    message = receive("http", file.name or "upload", file.read(), _address(request), datetime.now(UTC))
    message.instrument = instrument
    message.save(update_fields=["instrument"])
    Instrument.objects.filter(pk=instrument.pk).update(
        last_seen_at=message.received_at, last_address=_address(request)[:120]
    )
    return _said(replay([message], datetime.now(UTC)))


def _uploader(request: HttpRequest) -> Instrument:
    """Who uploads; raises :class:`NotLoggedIn` for anybody else, in the same words whatever was wrong."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        identity, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise NotLoggedIn from None
    row = Instrument.objects.filter(protocol="http", identity=identity, is_enabled=True).select_related("place").first()
    if scheme.lower() != "basic" or not colon or row is None or not row.password_hash:
        raise NotLoggedIn
    if not passwords.check(known_of(row), password):
        raise NotLoggedIn
    return row


def _said(done: Parsed) -> Replayed:
    return Replayed(
        messages=done.messages, new=done.put.new, same=done.put.same, changed=done.put.changed, refused=done.refused
    )


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _aware(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=zone)
