"""The sheets of an XLSX workbook: numbers and times as they are kept, merged cells filled, hidden sheets left out."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from riverchief.errors import BadInput, Fault
from riverchief.sheet.page import LARGEST_BYTES, Page, Row, check_unpacked, unreadable

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

#: What a damaged workbook makes the reader of it raise.
_BROKEN = (
    zipfile.BadZipFile,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    NotImplementedError,
    EOFError,
    SyntaxError,  # xml.etree's ParseError
    RuntimeError,  # an archive with a password
    AssertionError,
    struct.error,
    zlib.error,
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
_CHUNK = 1 << 20
_OVERLAP = 200  # bytes, longer than a tag of a merged range
_MOST_FILLED = 200_000  # cells; a range over whole columns is a frame and says nothing


def read_workbook(raw: bytes, name: str | None, sheet: str | None) -> list[Page]:
    """The sheets that have rows: all that are not hidden, or only the one called ``sheet``.

    Raises ``BadInput``: ``unreadable``, ``not_one_of``.
    """
    try:
        return _pages(raw, name, sheet)
    except _BROKEN as broken:
        raise unreadable(name, f"XLSX: {broken}") from broken


def _pages(raw: bytes, name: str | None, sheet: str | None) -> list[Page]:
    import openpyxl  # a quarter of a second that only workbooks shall cost

    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        # a few kilobytes can hold gigabytes of nothing; no part unpacks to more than it declares
        check_unpacked(sum(part.file_size for part in parts.infolist()), len(raw), name, LARGEST_BYTES)
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        try:
            pages = [Page(page.title, _rows(page, parts)) for page in _wanted(book, name, sheet)]
        finally:
            book.close()
    return [page for page in pages if page.rows]


def _wanted(book: Workbook, name: str | None, sheet: str | None) -> list[Any]:
    if not book.worksheets:
        raise unreadable(name, "XLSX: no sheet")
    if sheet is None:
        return [page for page in book.worksheets if page.sheet_state == "visible"]
    named = [page for page in book.worksheets if page.title == sheet]
    if not named:
        details = {"given": sheet, "allowed": "、".join(page.title for page in book.worksheets)}
        raise BadInput([Fault("not_one_of", name, details=details)])
    return named


def _rows(page: Any, parts: zipfile.ZipFile) -> list[tuple[int, Row]]:
    page.reset_dimensions()  # a sheet may declare a million columns and have three
    rows: list[Row] = [list(cells) for cells in page.iter_rows(values_only=True)]
    for first_row, first_column, last_row, last_column in _merged(page, parts):
        _fill(rows, first_row - 1, first_column - 1, last_row, last_column)
    return [
        (line, cells)
        for line, cells in enumerate(rows, start=1)
        if any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in cells)
    ]


def _fill(rows: list[Row], top: int, left: int, bottom: int, right: int) -> None:
    """The content of the first cell of a merged range into all of it."""
    if top >= len(rows) or left >= len(rows[top]) or (bottom - top) * (right - left) > _MOST_FILLED:
        return
    content = rows[top][left]
    for row in rows[top:bottom]:
        row.extend([None] * (right - len(row)))
        row[left:right] = [content] * (right - left)


def _merged(page: Any, parts: zipfile.ZipFile) -> Iterator[tuple[int, int, int, int]]:
    """The merged ranges (row, column, last row, last column, from 1), which a reader in passing does not report."""
    from openpyxl.utils import column_index_from_string

    with parts.open(page._worksheet_path) as stream:
        tail = b""
        while piece := stream.read(_CHUNK):
            text = tail + piece
            end = 0
            for found in _MERGED.finditer(text):
                end = found.end()
                left, top, right, bottom = (part.decode() for part in found.groups())
                yield int(top), column_index_from_string(left), int(bottom), column_index_from_string(right)
            tail = text[max(end, len(text) - _OVERLAP) :]
