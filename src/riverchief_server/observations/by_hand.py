"""A file of readings that a person imports at the desk: looked at first, then all of it or nothing; mappings kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.telemetry.csv import Layout, find_layout, layout_from
from riverchief.telemetry.csv.preview import Seen, look_into
from riverchief_server.observations.actions import (
    FileOptions,
    IngestReport,
    UnderstoodFile,
    ingest_file,
    receive,
    understand_file,
)
from riverchief_server.observations.inbox.instruments import register
from riverchief_server.observations.inbox.parsing import BY_HAND
from riverchief_server.observations.models import Instrument
from riverchief_server.places.models import Place

LARGEST = 32 * 1024 * 1024
SOURCES = ("file", "http")


@dataclass(frozen=True)
class HowToRead:
    """How a person says that a file is to be read.

    ``source`` is the number of a source whose kept mapping holds; ``columns`` is what the person put right (header to
    role, parameter, unit) and wins over it; ``station`` is the code of
    the station of a file that names none; ``year`` and ``timezone`` are of times written without.
    """

    source: int | None = None
    columns: Mapping[str, Mapping[str, Any]] | None = None
    station: str = ""
    year: int | None = None
    timezone: str = ""


class Looked(NamedTuple):
    """A file before it is imported: what is ``seen`` of its columns, what was ``understood`` (``None`` where nothing
    can be read yet), every fault, and the ``options`` it was read with."""

    seen: Seen | None
    understood: UnderstoodFile | None
    faults: list[Fault]
    options: FileOptions


def look_at_file(name: str, content: bytes, how: HowToRead, now: datetime) -> Looked:
    """What ``content`` says ``now``, read as ``how`` says; nothing is written, nothing raised for what it holds."""
    faults = _too_big(content)
    if faults:
        return Looked(None, None, faults, FileOptions())
    options, seen = FileOptions(), None
    try:
        options = options_of(content, how)
        seen = look_into(content, layout=_layout(options.layout))
        found = understand_file(name, content, options, now)
    except BadInput as refused:
        return Looked(seen, None, list(refused.faults), options)
    return Looked(seen, found, found.faults, options)


def import_by_hand(name: str, content: bytes, how: HowToRead, by: str, now: datetime) -> IngestReport:
    """Keep the bytes, then all readings of the file or none. Raises :class:`~riverchief.errors.BadInput` with every
    fault; the file then lies in the inbox with them, and can be read again once a mapping or a place is put right."""
    faults = _too_big(content)
    if faults:
        raise BadInput(faults)
    options = options_of(content, how)
    message = receive(BY_HAND, name, content, by, now)
    message.summary = {"options": _kept(options)}
    message.instrument = _source(how.source) if how.source else None
    message.save(update_fields=["summary", "instrument"])
    return ingest_file(message, options=options)


def keep_mapping(identity: str, place: Place, content: bytes, how: HowToRead) -> Instrument:
    """Keep how this file was read as the mapping of the source called ``identity``: its next files need no hand.

    The source may also put files into the drop folder of its name. Raises :class:`~riverchief.errors.BadInput`.
    """
    known = Instrument.objects.filter(protocol="file", identity=identity).first()
    options = options_of(content, how)
    setup = (dict(known.setup) if known else {}) | _kept(options)
    return register(place, "file", identity, None, setup=setup)


def sources() -> list[Instrument]:
    """Who sends files and has a mapping of its own, by name."""
    return list(Instrument.objects.filter(protocol__in=SOURCES, is_enabled=True).order_by("identity"))


def options_of(content: bytes, how: HowToRead) -> FileOptions:
    """How ``content`` is to be read: the source's own mapping, with what the person put right over it."""
    setup = dict(_source(how.source).setup) if how.source else {}
    layout = setup.get("layout")
    if how.columns:
        seen = look_into(content, layout=_layout(layout)).layout if layout else _recognised(content)
        before = {header: _meaning(column) for header, column in (seen.columns if seen else {}).items()}
        layout = {
            "name": setup.get("layout", {}).get("name", "own") if isinstance(layout, Mapping) else "own",
            "shape": seen.shape if seen else "wide",
            "timezone": seen.timezone if seen else None,
            "day_first": seen.day_first if seen else None,
            "columns": before | {header: dict(meant) for header, meant in how.columns.items()},
        }
    return FileOptions(
        year=how.year or setup.get("year"),
        timezone=how.timezone or setup.get("timezone"),
        layout=layout,
        station=how.station or setup.get("station"),
    )


def _recognised(content: bytes) -> Layout | None:
    try:
        return look_into(content).layout
    except BadInput as refused:
        if any(fault.kind == "unknown_header" for fault in refused.faults):
            return None  # the person says what the columns are
        raise


def _layout(given: str | Mapping[str, Any] | None) -> Layout | None:
    return layout_from(given) if isinstance(given, Mapping) else find_layout(given) if given else None


def _meaning(column: Any) -> dict[str, Any]:
    return {"role": column.role, "parameter": column.parameter, "unit": column.unit, "basis": column.basis}


def _kept(options: FileOptions) -> dict[str, Any]:
    given = {"year": options.year, "timezone": options.timezone, "layout": options.layout, "station": options.station}
    return {name: value for name, value in given.items() if value}


def _source(number: int) -> Instrument:
    row = Instrument.objects.select_related("place").filter(pk=number, protocol__in=SOURCES, is_enabled=True).first()
    if row is None:
        raise BadInput([Fault("not_found", details={"given": str(number)})])
    return row


def _too_big(content: bytes) -> list[Fault]:
    if len(content) <= LARGEST:
        return []
    return [Fault("too_big", details={"given": str(len(content)), "allowed": str(LARGEST)})]
