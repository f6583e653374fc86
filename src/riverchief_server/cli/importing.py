"""The one door for files, used by ``riverchief import`` and by the demonstration alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from riverchief_server.jobs.clock import look
from riverchief_server.observations.actions import FileOptions, ingest_file, receive
from riverchief_server.parties.actions import import_responsibilities, import_units, read_parties_file
from riverchief_server.places.actions import import_network, import_outline, import_places, import_regions
from riverchief_server.places.reading_files import Outline, read_network_file, read_places_file


def import_files(
    kind: str,
    files: Sequence[tuple[str, bytes]],
    now: datetime,
    *,
    options: FileOptions | None = None,
    keep_good: bool = False,
) -> list[str]:
    """Import ``files`` (name, content) of one ``kind``; returns a line on each.

    All of them or none; files of readings, which also stay in the raw inbox, each by itself, and what is new in them is
    judged at once. Raises :class:`~riverchief.errors.BadInput` with every fault of the first file that has any.
    """
    if kind == "readings":
        lines = []
        try:
            for name, raw in files:
                lines.append(_readings(name, raw, now, options or FileOptions(), keep_good))
        finally:
            made = look(now)
        return [*lines, f"{made} new verdicts"]
    one = {"places": _places, "network": _network, "parties": _parties}[kind]
    with transaction.atomic():
        return [one(name, raw) for name, raw in files]


def _places(name: str, raw: bytes) -> str:
    read = read_places_file(name, raw)
    if isinstance(read, Outline):
        import_outline(name, read)
        return f"{name}: outline of {read.code}"
    if read.kind == "regions":
        return f"{name}: {import_regions(read)} regions"
    return f"{name}: {import_places(read)} places"


def _network(name: str, raw: bytes) -> str:
    return f"{name}: {import_network(read_network_file(name, raw))} reaches"


def _parties(name: str, raw: bytes) -> str:
    sheet = read_parties_file(name, raw)
    if sheet.kind == "parties":
        return f"{name}: {import_units(sheet)} units"
    return f"{name}: {import_responsibilities(sheet)} responsibilities"


def _readings(name: str, raw: bytes, now: datetime, options: FileOptions, keep_good: bool) -> str:
    message = receive("file", name, raw, "command line", now)
    report = ingest_file(message, options=options, keep_good=keep_good)
    left_out = ", ".join(f"{name} ({count})" for name, count in report.left_out.items())
    absent = ", ".join(f"{count} x {said or 'empty'}" for said, count in report.absent.items())
    return (
        f"{name}: {report.rows} rows, {report.readings} distinct readings "
        f"and {report.without_value} sent without a value "
        f"({report.new} new, {report.same} known, {report.changed} corrected), {report.repeats} repeated, "
        f"{report.refused} refused"
        + (f"; cells without a value: {absent}" if absent else "")
        + (f"; left out, for nobody knows them: {left_out}" if left_out else "")
    )
