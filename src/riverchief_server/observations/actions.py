"""Changes of observations: store first, then parse. Bytes are durable before anybody tries to understand them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.observation.reading import Reading
from riverchief.parameter.columns import layout_from
from riverchief.sheet.words import folded
from riverchief.standard import read_class
from riverchief.telemetry.csv import Published, ReadResult, read_readings
from riverchief_server.observations import store
from riverchief_server.observations.arrival import take_in_rows
from riverchief_server.observations.models import PublishedClass, RawMessage, Refusal, Series
from riverchief_server.observations.series import SeriesIndex, key_of
from riverchief_server.places.models import Place

SIMULATED = "simulated"
MEASURING = ("station", "section", "source", "outfall", "intake")


@dataclass(frozen=True)
class IngestReport:
    """What became of a message: its rows, and the readings that were new, the same as known, or corrections.

    ``readings`` have a value (or a detection limit); ``without_value`` are those that the source sent as missing: they
    are kept too, because a core item that is missing forbids a class. ``left_out`` counts the
    values of measurements that nobody knows, by name.
    """

    message: int
    rows: int
    readings: int
    without_value: int
    new: int
    same: int
    changed: int
    repeats: int
    refused: int
    absent: dict[str, int]
    left_out: dict[str, int]


@dataclass(frozen=True)
class FileOptions:
    """How a file is to be read: see :func:`ingest_file`."""

    year: int | None = None
    timezone: str | None = None
    layout: str | Mapping[str, Any] | None = None
    station: str | None = None
    units: Mapping[str, str] | None = None
    leave_out: tuple[str, ...] = ()
    sheet: str | None = None


class UnderstoodFile(NamedTuple):
    """What a file says, the place behind each of its station names, and every fault."""

    read: ReadResult
    places: dict[str, Place]
    faults: list[Fault]


@transaction.atomic
def receive(kind: str, name: str, content: bytes, sender: str, now: datetime) -> RawMessage:
    """Keep a message as it came; when this returns it is on disk."""
    return RawMessage.objects.create(
        kind=kind,
        name=name[:255],
        sender=sender[:120],
        received_at=now,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def ingest_file(
    message: RawMessage,
    *,
    options: FileOptions | None = None,
    keep_good: bool = False,
) -> IngestReport:
    """Parse a received file of readings and keep what it says.

    With ``keep_good`` the good rows are kept and the refusals listed with the message; without it a file with any
    refusal writes no reading at all. Times after the arrival of the file are refused.
    Either way the message stays, and can be replayed.

    Raises :class:`~riverchief.errors.BadInput` with every fault of the file.
    """
    try:
        found = understand_file(message.name, bytes(message.content), options or FileOptions(), message.received_at)
    except BadInput as refused:
        _refuse(message, refused.faults)
        raise BadInput(_in_file(message, refused.faults)) from None
    read, places, faults = found
    if faults and not keep_good:
        _refuse(message, faults)
        raise BadInput(_in_file(message, faults))
    return _keep(message, read, places, faults)


def understand_file(name: str, content: bytes, options: FileOptions, now: datetime) -> UnderstoodFile:
    """What a file that came ``now`` says, whose stations those are, and all that is wrong with it; nothing is written.

    Raises :class:`~riverchief.errors.BadInput` where nothing can be read out of it at all.
    """
    layout = layout_from(options.layout) if isinstance(options.layout, Mapping) else options.layout
    read = read_readings(
        content,
        layout=layout,
        year=options.year,
        timezone=options.timezone,
        station=options.station,
        units=options.units,
        leave_out=options.leave_out,
        sheet=options.sheet,
        now=now,
    )
    places = _places_of(read)
    faults = [refusal.fault for refusal in read.refusals] + _unreadable_classes(read)
    faults += [
        unknown_name("unknown_station", given, sorted(set(_names())), source=name)
        for given in _named(read)
        if given not in places
    ]
    return UnderstoodFile(read, places, faults)


@transaction.atomic
def keep_readings(readings: Sequence[Reading], now: datetime, *, simulated: bool = False) -> store.PutReport:
    """Keep readings that did not come as a file (a simulator, a protocol); stations must be known."""
    places = {place.code: place for place in Place.objects.filter(kind__in=MEASURING)}
    return take_in_rows(_rows(readings, places, store.to_ms(now), None, simulated))


@transaction.atomic
def _keep(message: RawMessage, read: ReadResult, places: dict[str, Place], faults: Sequence[Fault]) -> IngestReport:
    kept = [reading for reading in read.readings if reading.station in places]
    known = tuple(said for said in read.published if said.station in places)
    put = take_in_rows(_rows(kept, places, store.to_ms(message.received_at), message.pk, False))
    _keep_published(known, places)
    _write_refusals(message, faults)
    valued = sum(reading.value is not None or reading.censored is not None for reading in kept)
    report = IngestReport(
        message.pk,
        read.rows,
        valued,
        len(kept) - valued,
        put.new,
        put.same,
        put.changed,
        read.repeats,
        len(faults),
        dict(read.absent),
        dict(read.left_out),
    )
    message.state = RawMessage.State.REFUSED if faults else RawMessage.State.PARSED
    message.summary = _options(message) | report.__dict__ | {"layout": read.layout} | _items(read)
    message.save(update_fields=["state", "summary"])
    return report


def _keep_published(published: Sequence[Published], places: dict[str, Place]) -> None:
    """Keep printed classes. One changes a verdict as a value does, so the series beside it are looked at again."""
    earliest: dict[int, int] = {}
    for said in published:
        place = places[said.station]
        PublishedClass.objects.update_or_create(
            place=place,
            at=said.time,
            source=said.source[:120],
            defaults={"water_class": read_class(said.water_class)},
        )
        earliest[place.pk] = min(store.to_ms(said.time), earliest.get(place.pk, store.EVER))
    beside = [(one.pk, earliest[one.place_id]) for one in Series.objects.filter(place__in=earliest)]
    if beside:
        series, since = np.array(beside, np.int64).T
        store.touch(series, since)


def _rows(
    readings: Sequence[Reading], places: dict[str, Place], arrived: int, message: int | None, simulated: bool
) -> list[store.StoredReading]:
    keys = [key_of(reading, places[reading.station].pk) for reading in readings]
    numbers = SeriesIndex().numbers(keys, simulated=simulated)
    return [stored(reading, numbers[key], arrived, message) for reading, key in zip(readings, keys, strict=True)]


def stored(reading: Reading, series: int, arrived: int, message: int | None) -> store.StoredReading:
    """``reading`` as a row of the series numbered ``series``."""
    censored = reading.censored
    return store.StoredReading(
        series,
        store.to_ms(reading.time),
        reading.value,
        reading.flag,
        censored.operator if censored else "",
        censored.limit if censored else None,
        arrived,
        message,
    )


def _places_of(read: ReadResult) -> dict[str, Place]:
    """The place that each station name of a file means: a code, or the name of a station, else of a section.

    Values are published under the name of the section; where exactly one real station measures for it, they are its.
    Names are compared without regard to case and width: 三合水库（县城水源地） is 三合水库(县城水源地).
    """
    rank = {kind: position for position, kind in enumerate(MEASURING)}
    candidates = sorted(Place.objects.filter(kind__in=MEASURING), key=lambda place: -rank[place.kind])
    by_name = {folded(place.name): place for place in candidates}
    for section in (place for place in candidates if place.kind == "section"):
        real = [place for place in candidates if place.part_of_id == section.pk and place.operator != SIMULATED]
        if len(real) == 1 and by_name[folded(section.name)] is section:
            by_name[folded(section.name)] = real[0]
    by_name |= {folded(place.code): place for place in candidates}
    return {name: by_name[folded(name)] for name in _named(read) if folded(name) in by_name}


def _items(read: ReadResult) -> dict[str, Any]:
    """Method and detection limit of each item, where a laboratory's sheet says them."""
    said = {code: {"method": about.method, "limit": about.limit} for code, about in read.about.items()}
    return {"items": said} if said else {}


def _named(read: ReadResult) -> list[str]:
    """Every station that a file names, once, in its order."""
    names = [reading.station for reading in read.readings] + [said.station for said in read.published]
    return list(dict.fromkeys(names))


def _unreadable_classes(read: ReadResult) -> list[Fault]:
    faults: list[Fault] = []
    for text in dict.fromkeys(said.water_class for said in read.published):
        try:
            read_class(text)
        except BadInput as refused:
            faults += refused.faults
    return faults


def _names() -> list[str]:
    pairs = Place.objects.filter(kind__in=MEASURING).values_list("name", "code")
    return [name for pair in pairs for name in pair]


def _in_file(message: RawMessage, faults: Sequence[Fault]) -> list[Fault]:
    return [fault if fault.source else fault.at(message.name) for fault in faults]


def _options(message: RawMessage) -> dict[str, Any]:
    """How a person said that this file is to be read; it is read so again when it is replayed."""
    return {"options": message.summary["options"]} if "options" in message.summary else {}


@transaction.atomic
def _refuse(message: RawMessage, faults: Sequence[Fault]) -> None:
    message.state = RawMessage.State.REFUSED
    message.summary = _options(message) | {"refused": len(faults)}
    message.save(update_fields=["state", "summary"])
    _write_refusals(message, faults)


def _write_refusals(message: RawMessage, faults: Sequence[Fault]) -> None:
    message.refusals.all().delete()
    Refusal.objects.bulk_create(
        Refusal(
            message=message,
            line=fault.line,
            column=(fault.column or "")[:120],
            value=fault.details.get("given", "")[:200],
            kind=fault.kind,
            why_zh=fault.text("zh")[:400],
            why_en=fault.text("en")[:400],
        )
        for fault in faults
    )
