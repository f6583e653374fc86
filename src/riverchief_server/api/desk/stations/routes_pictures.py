"""Pictures that stations send (SL 651, function 36): listed for and shown to whoever may ``see``."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.stations.schema_pictures import PictureLeaf, StationPicture
from riverchief_server.api.desk.stations.show_pictures import SHOWN, show_leaf
from riverchief_server.api.desk.times import Moment
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.observations.models import Picture
from riverchief_server.observations.pictures import pictures_of
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/stations/{code}/pictures", response=list[StationPicture])
def get_pictures(request: HttpRequest, code: str, before: Moment | None = None) -> list[StationPicture]:
    """The newest 200 pictures of a station, or those taken before a time (with its zone)."""
    require(request, "see")
    if before is not None and before.tzinfo is None:
        details = {"given": before.isoformat(), "allowed": "2026-11-24T08:00+08:00"}
        raise BadInput([Fault("bad_time", column="before", details=details)])
    return [
        StationPicture(
            uuid=row.uuid,
            taken_at=row.taken_at,
            received_at=row.received_at,
            media_type=row.media_type,
            size=row.size,
            missing=row.missing,
            is_shown=row.media_type == SHOWN,
            url=f"/api/pictures/{row.uuid}",
        )
        for row in pictures_of(find_place(code), before)
    ]


@router.get("/stations/{code}/picture", response=PictureLeaf)
def get_leaf(request: HttpRequest, code: str, picture: UUID | None = None) -> PictureLeaf:
    """One picture of a station (or of those that measure for a section) with its neighbours: the newest, or the one
    named."""
    require(request, "see")
    return show_leaf(find_place(code), picture, datetime.now(UTC), language_of(request))


@router.get("/pictures/{uuid}", response={200: str})
def get_picture(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The bytes of one picture. What is no JPEG is only handed out to be saved: a station may send anything."""
    require(request, "see")
    row = Picture.objects.filter(uuid=uuid).first()
    if row is None:
        raise BadInput([Fault("not_found", details={"given": str(uuid)})])
    response = HttpResponse(bytes(row.content), content_type=row.media_type)
    ending, how = ("jpg", "inline") if row.media_type == SHOWN else ("bin", "attachment")
    response["Content-Disposition"] = f'{how}; filename="{row.taken_at:%Y%m%dT%H%M%SZ}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
