"""A file of readings imported at the desk: how it is understood, and what became of it."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from riverchief_server.api.desk.words import Choice


class ColumnMeaning(Schema):
    """What a column means: a ``role``, or with role ``value`` and a ``parameter`` its values, written in ``unit``."""

    role: str
    parameter: str | None = None
    unit: str | None = None
    basis: str | None = None


class HowToRead(Schema):
    """How a file is to be read; ``columns`` is what the reader put right. With ``keep_as`` the mapping is kept for the
    source of that name, which stands at the station ``station`` or ``keep_at``."""

    source: int | None = None
    columns: dict[str, ColumnMeaning] = {}
    station: str = ""
    year: int | None = None
    timezone: str = ""
    keep_as: str = ""
    keep_at: str = ""


class SeenColumn(Schema):
    """One column of a file: ``meaning`` null where nobody knows, ``told`` in words, ``fault`` of its unit."""

    header: str
    meaning: ColumnMeaning | None
    code: str
    told: str
    fault: str
    cells: list[str]


class NamedStation(Schema):
    """A station as the file calls it, and who that is (empty: nobody we know)."""

    given: str
    name: str


class FilePreview(Schema):
    """A file before it is imported. Nothing has been written; ``can_import`` where nothing is wrong with it; ``notes``
    say what is left out without harm: columns that nobody knows, means and totals, sheets without a header."""

    name: str
    size: int
    sentence: str
    can_import: bool
    columns: list[SeenColumn]
    rows: int
    readings: int
    first_at: datetime | None
    last_at: datetime | None
    stations: list[NamedStation]
    faults: list[str]
    faults_total: int
    notes: list[str]


class FileDone(Schema):
    """What became of a file."""

    message: int
    sentence: str
    new: int
    same: int
    changed: int
    kept_as: str


class FileWords(Schema):
    """What a reader needs to choose from: what columns can mean, stations, and sources with a mapping of their own."""

    meanings: list[Choice]
    stations: list[Choice]
    sources: list[Choice]
    largest: int


class Replayed(Schema):
    """What became of messages that were read again."""

    messages: int
    new: int
    same: int
    changed: int
    refused: int
