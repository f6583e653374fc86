"""From bytes to rows of cells: encodings, separators, workbooks, compression. Nothing here knows what a cell means."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, TypeAlias

from riverchief.errors import BadInput, Fault

Cell: TypeAlias = str | float | int | bool | datetime | date | time | None
Row: TypeAlias = list[Cell]

LARGEST_BYTES = 512 * 1024 * 1024
READABLE = "CSV (UTF-8, UTF-16, GB18030; , ; | tab), XLSX, gzip of either"
_SEPARATORS = ",;\t|，"
_GZIP = b"\x1f\x8b"
_XLSX = b"PK\x03\x04"
_XLS = b"\xd0\xcf\x11\xe0"


def read_bytes(
    source: bytes | Path | IO[bytes], name: str | None = None, *, largest_bytes: int = LARGEST_BYTES
) -> bytes:
    """The bytes of ``source``, unpacked where they are gzipped.

    ``name`` is what a fault calls the file. Raises ``BadInput`` (``unreadable``) for a broken archive and for more
    than ``largest_bytes``, packed or unpacked.
    """
    if isinstance(source, bytes):
        raw = source
    elif isinstance(source, Path):
        with source.open("rb") as stream:
            raw = stream.read(largest_bytes + 1)
    else:
        raw = source.read(largest_bytes + 1)
    if raw.startswith(_GZIP):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(largest_bytes + 1)
        except (OSError, EOFError, zlib.error) as broken:
            raise unreadable(name, f"gzip: {broken}") from broken
    if len(raw) > largest_bytes:
        raise unreadable(name, f"> {largest_bytes} bytes")
    return raw


def rows_of(raw: bytes, name: str | None = None, *, sheet: str | None = None) -> Iterator[tuple[int, Row]]:
    """Every row that has at least one cell, with its line number (from 1), of a CSV text or of a workbook's sheet.

    The first sheet is read unless ``sheet`` names another. Raises ``BadInput``: ``unreadable``, ``not_one_of``.
    """
    return _workbook_rows(raw, name, sheet) if raw.startswith(_XLSX) else _filled(text_rows(decode(raw, name), name))


def decode(raw: bytes, name: str | None = None) -> str:
    """``raw`` as text: by its byte order mark, else UTF-8, else GB18030, which is what Chinese spreadsheets write."""
    if raw.startswith(_XLS):
        raise unreadable(name, "XLS")
    tries = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in tries:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise unreadable(name, "neither UTF-8, UTF-16 nor GB18030")


def text_rows(text: str, name: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text, empty ones too, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as broken:
        raise unreadable(name, str(broken), reader.line_num) from broken


def unreadable(name: str | None, given: str, line: int | None = None, allowed: str = READABLE) -> BadInput:
    """The error of a file that is none of those that can be read."""
    return BadInput([Fault("unreadable", name, line, details={"given": given, "allowed": allowed})])


def _filled(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Row]]:
    return ((line, list(cells)) for line, cells in rows if any(cell.strip() for cell in cells))


def _separator(text: str) -> str:
    """Whichever is most frequent in the first line that has any; a comma where none has."""
    for line in text[:100_000].splitlines()[:20]:
        best = max(_SEPARATORS, key=line.count)
        if best in line:
            return best
    return ","


def _workbook_rows(raw: bytes, name: str | None, sheet: str | None) -> Iterator[tuple[int, Row]]:
    import openpyxl  # a quarter of a second that only workbooks shall cost

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > LARGEST_BYTES:  # a few kilobytes can hold gigabytes of nothing
            raise unreadable(name, f"XLSX: {unpacked} bytes unpacked, > {LARGEST_BYTES}")
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, EOFError, zlib.error) as broken:
        raise unreadable(name, f"XLSX: {broken}") from broken
    try:
        if not book.worksheets:
            raise unreadable(name, "XLSX: no sheet")
        if sheet is not None and sheet not in book.sheetnames:
            details = {"given": sheet, "allowed": "、".join(book.sheetnames)}
            raise BadInput([Fault("not_one_of", name, details=details)])
        chosen = book[sheet] if sheet is not None else book.worksheets[0]
        for line, cells in enumerate(chosen.iter_rows(values_only=True), start=1):
            if any(cell is not None and str(cell).strip() for cell in cells):
                yield line, list(cells)
    finally:
        book.close()
