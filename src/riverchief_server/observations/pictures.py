"""Pictures from stations: kept once, the more complete one in place of the less, the newest first."""

from __future__ import annotations

import hashlib
from datetime import datetime

from riverchief_server.observations.inbox.decoding import Picture as Decoded
from riverchief_server.observations.models import Picture
from riverchief_server.places.models import Place

SHOWN_AT_MOST = 200
LISTED = ("uuid", "taken_at", "received_at", "media_type", "size", "missing")


def keep_picture(picture: Decoded, instrument: int | None, received_at: datetime) -> Picture:
    """Keep ``picture``, inside the caller's transaction. The same one again is the same; one of which more packets came
    takes the place of one of the same moment of which fewer did."""
    of_that_moment = Picture.objects.filter(place=picture.place, taken_at=picture.taken_at, instrument=instrument)
    missing = len(picture.missing)
    if missing and (fuller := of_that_moment.filter(missing__lte=missing).defer("content").first()):
        return fuller
    of_that_moment.filter(missing__gt=missing).delete()
    row, _ = Picture.objects.get_or_create(
        place_id=picture.place,
        taken_at=picture.taken_at,
        sha256=hashlib.sha256(picture.content).hexdigest(),
        defaults={
            "instrument_id": instrument,
            "received_at": received_at,
            "media_type": picture.media_type,
            "content": picture.content,
            "size": len(picture.content),
            "missing": missing,
        },
    )
    return row


def pictures_of(place: Place, before: datetime | None = None) -> list[Picture]:
    """The newest 200 pictures of ``place`` (taken before a time), without their bytes."""
    found = place.pictures.only(*LISTED)
    if before is not None:
        found = found.filter(taken_at__lt=before)
    return list(found[:SHOWN_AT_MOST])
