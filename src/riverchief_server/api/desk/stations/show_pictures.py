"""The pictures of a station, one at a time: when taken by the station's own clock, and whether one is overdue."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.stations.schema_pictures import PictureLeaf, PictureShown
from riverchief_server.api.words import ago_text, say
from riverchief_server.observations.inbox.instruments import CHINA_S
from riverchief_server.observations.models import Picture
from riverchief_server.observations.pictures import leaf_of
from riverchief_server.observations.queries import measuring_places
from riverchief_server.places.models import Place

#: What a browser shows; anything else is only handed out to be saved.
SHOWN = "image/jpeg"


def show_leaf(place: Place, uuid: UUID | None, now: datetime, language: str) -> PictureLeaf:
    """The picture ``uuid`` of ``place`` (or of the stations that measure for it), or the newest one.

    Raises :class:`~riverchief.errors.BadInput` (``not_found``) for one that is not of this place.
    """
    places = measuring_places(place)
    leaf = leaf_of(places, uuid, now)
    if leaf is None and uuid is not None:
        raise BadInput([Fault("not_found", details={"given": str(uuid)})])
    if leaf is None:
        nothing = say("pictures_none", language)
        return PictureLeaf(sentence=nothing, is_old=False, total=0, position=0, picture=None, newer=None, earlier=None)
    named = next(one for one in places if one.pk == leaf.picture.place_id)
    zone = zone_of(leaf.picture)
    newest = clock_text(leaf.newest_at, zone, now, language)
    key = "pictures_old" if leaf.is_old else "pictures_newest"
    return PictureLeaf(
        sentence=say(key, language, time=newest, ago=ago_text(leaf.newest_at, now, language), n=leaf.total),
        is_old=leaf.is_old,
        total=leaf.total,
        position=leaf.position,
        picture=_shown(leaf.picture, named, zone, now, language),
        newer=leaf.newer,
        earlier=leaf.earlier,
    )


def zone_of(picture: Picture) -> timezone:
    """The zone of the clock of what took ``picture``; China's where nobody knows any more what did."""
    setup = picture.instrument.setup if picture.instrument is not None else {}
    return timezone(timedelta(seconds=int(setup.get("utc_offset_s", CHINA_S))))


def clock_text(moment: datetime, zone: timezone, now: datetime, language: str) -> str:
    """``11月24日 08:15（UTC+8）``: the station's own clock, with the year where it is not this one, and its zone."""
    at = moment.astimezone(zone)
    key = "time_this_year" if at.year == now.astimezone(zone).year else "time_other_year"
    details = {"year": at.year, "month": at.month, "month_en": f"{at:%b}", "day": at.day, "clock": f"{at:%H:%M}"}
    offset = zone.utcoffset(None).total_seconds() / 3600
    return say("time_with_zone", language, time=say(key, language, **details), zone=f"UTC{offset:+g}")


def _shown(row: Picture, place: Place, zone: timezone, now: datetime, language: str) -> PictureShown:
    time = clock_text(row.taken_at, zone, now, language)
    is_shown = row.media_type == SHOWN
    notes = [say("picture_missing", language, n=row.missing)] if row.missing else []
    if not is_shown:
        notes.append(say("picture_unknown", language))
    return PictureShown(
        uuid=row.uuid,
        url=f"/api/pictures/{row.uuid}",
        time=time,
        alt=say("picture_alt", language, name=place.name, time=time),
        note=("" if language.startswith("zh") else " ").join(notes),
        is_shown=is_shown,
        place=place.name,
        size_text=f"{max(1, round(row.size / 1024))} KB",
    )
