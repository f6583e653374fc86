"""A file of readings as the API says it before and after it is imported."""

from __future__ import annotations

from riverchief.errors import Fault
from riverchief.parameter import all_parameters, find_parameter
from riverchief.parameter.columns import Column
from riverchief.telemetry.csv.preview import SeenColumn as ColumnSeen
from riverchief_server.api.desk.files.schema import (
    ColumnMeaning,
    FileDone,
    FilePreview,
    FileWords,
    NamedStation,
    SeenColumn,
)
from riverchief_server.api.desk.words import Choice
from riverchief_server.api.words import say
from riverchief_server.observations.actions import MEASURING, IngestReport
from riverchief_server.observations.by_hand import LARGEST, Looked, sources
from riverchief_server.places.models import Place

FAULTS_SHOWN = 100
#: What a column may be, besides a parameter's values; the others of the domain's roles only shipped layouts use.
ROLES = ("station", "region", "river", "time", "date", "clock", "zone", "year", "month", "day", "hour", "parameter",
         "value", "unit", "state", "review", "operator", "limit", "method", "sample", "statistic", "water", "published",
         "source", "ignore")  # fmt: skip


def show_words(language: str) -> FileWords:
    """What columns can mean (roles, then parameters), stations, and the sources that have a mapping."""
    roles = [Choice(code=role, name=say(f"role_{role}", language), group=say("roles", language)) for role in ROLES]
    parameters = [
        Choice(code=f"value:{one.code}", name=one.name(language), group=say("parameters", language))
        for one in all_parameters()
    ]
    places = Place.objects.filter(kind__in=MEASURING).order_by("name").values_list("code", "name")
    return FileWords(
        meanings=[*roles, *parameters],
        stations=[Choice(code=code, name=name) for code, name in places],
        sources=[Choice(code=str(row.pk), name=row.identity) for row in sources()],
        largest=LARGEST,
    )


def show_preview(name: str, size: int, looked: Looked, language: str) -> FilePreview:
    """How a file is understood, its first cells, and everything that is wrong with it."""
    found = looked.understood
    readings = found.read.readings if found else ()
    times = [reading.time for reading in readings]
    called = dict.fromkeys(reading.station for reading in readings)
    faults = [_fault(fault, language) for fault in looked.faults]
    can_import = found is not None and not faults and len(readings) > 0
    key = "file_ready" if can_import else "file_faults" if faults else "file_nothing"
    rows = looked.seen.rows if looked.seen else 0
    return FilePreview(
        name=name,
        size=size,
        sentence=say(key, language, rows=rows, readings=len(readings), stations=len(called), faults=len(faults)),
        can_import=can_import,
        columns=[_column(column, language) for column in looked.seen.columns] if looked.seen else [],
        rows=rows,
        readings=len(readings),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        stations=[
            NamedStation(given=given, name=found.places[given].name if found and given in found.places else "")
            for given in called
        ],
        faults=faults[:FAULTS_SHOWN],
        faults_total=len(faults),
        notes=[_fault(note, language) for note in (found.read.notes if found else ())][:FAULTS_SHOWN],
    )


def show_done(report: IngestReport, kept_as: str, language: str) -> FileDone:
    """What became of a file: all of it was written."""
    sentence = say("file_done", language, new=report.new, same=report.same, changed=report.changed)
    return FileDone(
        message=report.message,
        sentence=sentence,
        new=report.new,
        same=report.same,
        changed=report.changed,
        kept_as=kept_as,
    )


def _column(seen: ColumnSeen, language: str) -> SeenColumn:
    column = seen.column
    return SeenColumn(
        header=seen.header,
        meaning=ColumnMeaning(role=column.role, parameter=column.parameter, unit=column.unit, basis=column.basis)
        if column
        else None,
        code=_code(column),
        told=_told(column, language),
        fault=seen.fault.text(language) if seen.fault else "",
        cells=list(seen.cells),
    )


def _code(column: Column | None) -> str:
    if column is None:
        return ""
    return f"value:{find_parameter(column.parameter).code}" if column.parameter else column.role


def _told(column: Column | None, language: str) -> str:
    if column is None:
        return say("column_unknown", language)
    if column.parameter is None:
        return say(f"role_{column.role}", language) if column.role in ROLES else column.role
    described = find_parameter(column.parameter)
    unit = column.unit or ("" if described.unit == "-" else described.unit)
    return f"{described.name(language)} {unit}".strip()


def _fault(fault: Fault, language: str) -> str:
    return Fault(fault.kind, None, fault.line, fault.column, fault.details, fault.sheet).text(language)
