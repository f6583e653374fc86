"""A file as rows of text: CSV in UTF-8 or GB18030 with any usual separator, gzipped or not, or XLSX (first sheet)."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import zipfile
from dataclasses import dataclass

from riverchief.errors import BadInput, Fault

_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = ",\t;|，"
_XLSX = b"PK\x03\x04"
_OLD_XLS = b"\xd0\xcf\x11\xe0"
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Grid:
    """Rows of cells; ``lines`` has the line of the file (counting from 1) on which each row starts."""

    source: str
    rows: list[list[str]]
    lines: list[int]


def read_grid(content: bytes, source: str) -> Grid:
    """The rows of ``content``; ``source`` is what faults call it. Rows without any text are left out.

    Raises :class:`~riverchief.errors.BadInput`: ``empty_file``, ``unreadable``.
    """
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError) as broken:
            raise BadInput([_unreadable(source, "gzip")]) from broken
    if content.startswith(_OLD_XLS):
        raise BadInput([_unreadable(source, "XLS")])
    rows = _xlsx(content, source) if content.startswith(_XLSX) else _csv(content, source)
    kept = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    if not kept:
        raise BadInput([Fault("empty_file", source, details={"allowed": "断面/place, 时间/time, 指标/parameters"})])
    return Grid(source, [row for _, row in kept], [line for line, _ in kept])


def _csv(content: bytes, source: str) -> list[tuple[int, list[str]]]:
    text = _text(content, source)
    head = "\n".join(text.splitlines()[:5])
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator if head.count(separator) else ",")
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as broken:
        raise BadInput(
            [Fault("unreadable", source, line, details={"given": str(broken), "allowed": "CSV"})]
        ) from broken
    return rows


def _text(content: bytes, source: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadInput([_unreadable(source, "bytes")])


def _xlsx(content: bytes, source: str) -> list[tuple[int, list[str]]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [(n, [_shown(cell) for cell in row]) for n, row in enumerate(sheet.iter_rows(values_only=True), 1)]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as broken:
        raise BadInput([_unreadable(source, "XLSX")]) from broken


def _shown(cell: object) -> str:
    """A cell of a workbook as text; times as ``2021-04-01 04:00``."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _unreadable(source: str, given: str) -> Fault:
    return Fault("unreadable", source, details={"given": given, "allowed": "CSV (UTF-8, GB18030), CSV.GZ, XLSX"})
