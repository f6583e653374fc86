"""Pictures from stations: kept once, the more complete one in place of the less, the newest first; one at a time with
its neighbours for whoever leafs through them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import Q

from riverchief.telemetry.protocol import Picture as Taken
from riverchief_server.observations.models import Picture
from riverchief_server.places.models import Place

SHOWN_AT_MOST = 200
#: A picture is old once three of the usual pauses between the last ones have passed, but never within a day.
USUAL_OF, OLD_AFTER, OLD_AFTER_PAUSES = 10, timedelta(days=1), 3
LISTED = ("uuid", "taken_at", "received_at", "media_type", "size", "missing")


def keep_picture(picture: Taken, place: int, instrument: int | None, received_at: datetime) -> Picture:
    """Keep ``picture`` of ``place`` (its number), inside the caller's transaction. The same one again is the same; one
    of which more packets came takes the place of one of the same moment of which fewer did."""
    of_that_moment = Picture.objects.filter(place=place, taken_at=picture.taken_at, instrument=instrument)
    missing = len(picture.missing)
    if missing and (fuller := of_that_moment.filter(missing__lte=missing).defer("content").first()):
        return fuller
    of_that_moment.filter(missing__gt=missing).delete()
    row, _ = Picture.objects.get_or_create(
        place_id=place,
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


@dataclass(frozen=True)
class Leaf:
    """One picture among those of a station: ``position`` 1 is the newest of ``total``; ``newer`` and ``earlier`` are
    its neighbours (``None`` at the ends); ``is_old`` says of the newest that the next one should have come by now."""

    picture: Picture
    position: int
    total: int
    newer: UUID | None
    earlier: UUID | None
    newest_at: datetime
    is_old: bool


def leaf_of(places: Sequence[Place], uuid: UUID | None, now: datetime) -> Leaf | None:
    """The picture ``uuid`` of one of ``places``, without its bytes, or the newest; ``None`` where there is none (or one
    of that name is not theirs). Two seeks and two counts, all within the index."""
    mine = Picture.objects.filter(place__in=places)
    chosen = mine.select_related("instrument").only(*LISTED, "place", "instrument")
    row = (chosen if uuid is None else chosen.filter(uuid=uuid)).first()
    if row is None:
        return None
    later = Q(taken_at__gt=row.taken_at) | Q(taken_at=row.taken_at, pk__gt=row.pk)
    sooner = Q(taken_at__lt=row.taken_at) | Q(taken_at=row.taken_at, pk__lt=row.pk)
    last = list(mine.values_list("taken_at", flat=True)[:USUAL_OF])
    return Leaf(
        row,
        mine.filter(later).count() + 1,
        mine.count(),
        mine.filter(later).order_by("taken_at", "pk").values_list("uuid", flat=True).first(),
        mine.filter(sooner).values_list("uuid", flat=True).first(),
        last[0],
        is_old(last, now),
    )


def is_old(last: Sequence[datetime], now: datetime) -> bool:
    """Whether the newest of ``last`` (the newest first) is older than what usually lies between them allows."""
    pauses = sorted(newer - earlier for newer, earlier in pairwise(last))
    usual = pauses[len(pauses) // 2] if pauses else timedelta(0)
    return now - last[0] > max(OLD_AFTER, OLD_AFTER_PAUSES * usual)
