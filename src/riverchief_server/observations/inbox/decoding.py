"""From the bytes of a message to readings and refusals, by kind. Pure but for what it is told of the instrument."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.observation.reading import Reading
from riverchief.telemetry.hj212 import frame as hj212_frame
from riverchief.telemetry.hj212 import message as hj212_message
from riverchief.telemetry.hj212 import values as hj212_values
from riverchief.telemetry.mqtt import Route, read_message, route_from
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sl651 import frame as sl651_frame
from riverchief.telemetry.sl651 import report as sl651_report
from riverchief.telemetry.sl651 import values as sl651_values
from riverchief.telemetry.sl651.picture import joined, media_type_of
from riverchief_server.observations.inbox.instruments import Known

# A reading from the future would stay "the latest" until that day came.
FURTHEST_AHEAD = timedelta(hours=1)
READERS_KEPT = 10_000
LARGEST_PICTURE = 4 * 1024 * 1024


class Picture(NamedTuple):
    """A picture that a station sent; ``taken_at`` is in UTC, ``missing`` are the numbers of packets that never came."""

    place: int
    taken_at: datetime
    media_type: str
    content: bytes
    missing: tuple[int, ...] = ()


class Decoded(NamedTuple):
    """What a message became. ``part`` is set where it is one of several and says nothing alone: (key, number, of)."""

    readings: list[Reading]
    faults: list[Fault]
    part: tuple[tuple[str, ...], int, int] | None = None
    picture: Picture | None = None


class Decoder:
    """Decodes messages; remembers of each instrument what its keys mean."""

    def __init__(self) -> None:
        self._hj212: dict[int, tuple[Known, hj212_values.Reader]] = {}
        self._sl651: dict[int, tuple[Known, sl651_values.Reader]] = {}
        self._routes: dict[int, tuple[Known, list[Route]]] = {}

    def decode(self, kind: str, name: str, content: bytes, known: Known, arrived: datetime) -> Decoded:
        """The readings of one message of ``known``; never raises, whatever the bytes are."""
        try:
            decoded = self._decode(kind, name, content, known, arrived)
        except BadInput as refused:
            return Decoded([], list(refused.faults))
        return _without_future(decoded, arrived)

    def decode_parts(
        self, kind: str, contents: list[bytes], known: Known, arrived: datetime, missing: tuple[int, ...] = ()
    ) -> Decoded:
        """What came in several packets, in order of their numbers; those of ``missing`` are not among them."""
        if kind == "sl651":
            checked = [sl651_frame.check(raw) for raw in contents]
            frames = [one for one in checked if not isinstance(one, Refused)]
            if frames[0].number != 1:
                return Decoded([], [])  # nobody can tell what it is
            return _without_future(self._report(joined(frames), known, arrived, missing), arrived)
        messages = [found for raw in contents if not isinstance(found := _hj212(raw, known), Refused)]
        content = ";".join(filter(None, (message.content.strip(";") for message in messages)))
        whole = messages[0]._replace(content=content, pnum=None, pno=None)
        return _without_future(self._hj212_readings(whole, known), arrived)

    def _decode(self, kind: str, name: str, content: bytes, known: Known, arrived: datetime) -> Decoded:
        if kind == "hj212":
            message = _hj212(content, known)
            if isinstance(message, Refused):
                return Decoded([], [message.fault])
            if message.is_part:
                if not 1 <= (message.pno or 0) <= (message.pnum or 0):
                    return Decoded([], [Fault("bad_part", details={"given": f"{message.pno}/{message.pnum}"})])
                key = (message.mn, message.cn, message.qn or message.field("DataTime") or "")
                return Decoded([], [], (key, message.pno or 0, message.pnum or 0))
            return self._hj212_readings(message, known)
        if kind == "sl651":
            frame = sl651_frame.check(content)
            if isinstance(frame, Refused):
                return Decoded([], [frame.fault])
            if frame.total is not None and frame.total > 1:
                key = (frame.station, frame.function, str(frame.total))
                return Decoded([], [], (key, frame.number or 0, frame.total))
            return self._report(frame, known, arrived)
        if kind == "mqtt":
            read = read_message(name, content, self._mqtt_routes(known), arrived)
            return Decoded(read.readings, [refusal.fault for refusal in read.refusals])
        return Decoded([], [Fault("not_one_of", details={"given": kind, "allowed": "hj212, sl651, mqtt"})])

    def _hj212_readings(self, message: hj212_message.Message, known: Known) -> Decoded:
        kept = self._hj212.get(known.pk)
        if kept is None or kept[0] != known:
            _make_room(self._hj212)
            kept = self._hj212[known.pk] = known, hj212_values.Reader(known.hj212_setup())
        found = kept[1].readings(message)
        return Decoded(found.readings, [refusal.fault for refusal in found.refusals])

    def _report(
        self, frame: sl651_frame.Frame, known: Known, arrived: datetime, missing: tuple[int, ...] = ()
    ) -> Decoded:
        told = sl651_report.parse(frame)
        found = self._sl651_reader(known).readings(told)
        faults = [refusal.fault for refusal in found.refusals]
        if not told.picture:
            return Decoded(found.readings, faults)
        if len(told.picture) > LARGEST_PICTURE:
            details = {"given": str(len(told.picture)), "allowed": str(LARGEST_PICTURE)}
            return Decoded(found.readings, [*faults, Fault("too_big", details=details)])
        taken = told.observed_at.replace(tzinfo=known.zone).astimezone(UTC) if told.observed_at else arrived
        picture = Picture(known.place, taken, media_type_of(told.picture), told.picture, missing)
        return Decoded(found.readings, faults, picture=picture)

    def _sl651_reader(self, known: Known) -> sl651_values.Reader:
        kept = self._sl651.get(known.pk)
        if kept is None or kept[0] != known:
            _make_room(self._sl651)
            kept = self._sl651[known.pk] = known, sl651_values.Reader(known.sl651_setup())
        return kept[1]

    def _mqtt_routes(self, known: Known) -> list[Route]:
        kept = self._routes.get(known.pk)
        if kept is None or kept[0] != known:
            _make_room(self._routes)
            kept = self._routes[known.pk] = known, list(routes_of(known))
        return kept[1]


def routes_of(known: Known) -> Iterator[Route]:
    """The routes of an MQTT source, as its setup names them; raises :class:`~riverchief.errors.BadInput`."""
    for mapping in known.setup.get("routes", ()):
        yield route_from({"station": known.station, **mapping})


def _hj212(content: bytes, known: Known) -> hj212_message.Message | Refused:
    frame = hj212_frame.check(content, allow_modbus=bool(known.setup.get("allow_modbus")))
    return frame if isinstance(frame, Refused) else hj212_message.parse(frame)


def _make_room(kept: dict[int, Any]) -> None:
    if len(kept) >= READERS_KEPT:
        kept.clear()


def _without_future(decoded: Decoded, arrived: datetime) -> Decoded:
    limit = arrived + FURTHEST_AHEAD
    picture = decoded.picture
    if picture is not None and picture.taken_at > limit:
        fault = Fault("from_the_future", details={"given": f"{picture.taken_at:%Y-%m-%d %H:%M} UTC"})
        decoded = decoded._replace(picture=None, faults=[*decoded.faults, fault])
    ahead = [reading for reading in decoded.readings if reading.time > limit]
    if not ahead:
        return decoded
    faults = [
        Fault("from_the_future", details={"given": f"{reading.parameter} {reading.time:%Y-%m-%d %H:%M} UTC"})
        for reading in ahead
    ]
    fine = [reading for reading in decoded.readings if reading.time <= limit]
    return decoded._replace(readings=fine, faults=[*decoded.faults, *faults])
