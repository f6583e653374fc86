"""From bytes to rows of cells: encodings, separators, workbooks, compression. Nothing here knows what a cell means."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from riverchief.sheet.page import LARGEST_BYTES, Page, Row, check_unpacked, unreadable
from riverchief.sheet.workbook import read_workbook

_SEPARATORS = ",;\t|，"
_GZIP = b"\x1f\x8b"
_XLSX = b"PK\x03\x04"
_XLS = b"\xd0\xcf\x11\xe0"
_CHUNK = 1 << 20


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
        raw = _unpacked(raw, name, largest_bytes)
    if len(raw) > largest_bytes:
        raise unreadable(name, f"> {largest_bytes} bytes")
    return raw


def pages_of(raw: bytes, name: str | None = None, *, sheet: str | None = None) -> list[Page]:
    """The sheets of a workbook that are not hidden and have rows, or the one of a CSV text.

    ``sheet`` names the only one that is wanted (a hidden one may be named). Merged cells of a workbook all have the
    content of the first. Raises ``BadInput``: ``unreadable``, ``not_one_of``.
    """
    if raw.startswith(_XLSX):
        return read_workbook(raw, name, sheet)
    rows: list[tuple[int, Row]] = [
        (line, [*cells]) for line, cells in text_rows(decode(raw, name), name) if any(map(str.strip, cells))
    ]
    return [Page(None, rows)]


def rows_of(raw: bytes, name: str | None = None, *, sheet: str | None = None) -> list[tuple[int, Row]]:
    """The rows of the first sheet that has any, or of the one called ``sheet``: see :func:`pages_of`."""
    pages = pages_of(raw, name, sheet=sheet)
    return pages[0].rows if pages else []


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


def _unpacked(raw: bytes, name: str | None, largest_bytes: int) -> bytes:
    pieces, size = [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            while piece := packed.read(_CHUNK):
                size += len(piece)
                check_unpacked(size, len(raw), name, largest_bytes)
                pieces.append(piece)
    except (OSError, EOFError, zlib.error) as broken:
        raise unreadable(name, f"gzip: {broken}") from broken
    return b"".join(pieces)


def _separator(text: str) -> str:
    """Whichever stands in most of the first lines, then the most frequent; a comma where none stands in any."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:20]

    def how_often(mark: str) -> tuple[int, int]:
        return sum(mark in line for line in lines), sum(line.count(mark) for line in lines)

    return max(_SEPARATORS, key=how_often)
