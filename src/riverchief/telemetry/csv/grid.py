"""From bytes to rows of cells: encodings, delimiters, workbooks, compression. Nothing here knows what a cell means."""

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

import openpyxl

from riverchief.errors import BadInput, Fault

Cell: TypeAlias = str | float | int | bool | datetime | date | time | None
Row: TypeAlias = list[Cell]

LARGEST_BYTES = 512 * 1024 * 1024
READABLE = "CSV (UTF-8, UTF-16, GB18030; , ; tab), XLSX, gzip of either"


def read_bytes(source: bytes | Path | IO[bytes], *, largest_bytes: int = LARGEST_BYTES) -> bytes:
    """The bytes of ``source``, unpacked where they are gzipped; refuses more than ``largest_bytes``."""
    if isinstance(source, bytes):
        raw = source
    elif isinstance(source, Path):
        with source.open("rb") as stream:
            raw = stream.read(largest_bytes + 1)
    else:
        raw = source.read(largest_bytes + 1)
    if raw[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(largest_bytes + 1)
        except (OSError, EOFError, zlib.error) as broken:
            raise _unreadable(f"gzip: {broken}") from broken
    if len(raw) > largest_bytes:
        raise _unreadable(f"> {largest_bytes} bytes")
    return raw


def rows_of(raw: bytes, *, sheet: str | None = None) -> Iterator[tuple[int, Row]]:
    """Every row that has at least one cell, with its line number (from 1), of a CSV text or of a workbook's sheet.

    The first sheet is read unless ``sheet`` names another.
    """
    return _workbook_rows(raw, sheet) if raw[:4] == b"PK\x03\x04" else _text_rows(raw)


def decode(raw: bytes) -> str:
    """``raw`` as text: by its byte order mark, else UTF-8, else GB18030, which is what Chinese spreadsheets write."""
    tries = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in tries:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise _unreadable("not a text")


def _text_rows(raw: bytes) -> Iterator[tuple[int, Row]]:
    text = decode(raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, list(cells)
            line = reader.line_num + 1
    except csv.Error as broken:
        raise _unreadable(f"line {reader.line_num}: {broken}") from broken


def _delimiter(text: str) -> str:
    """Whichever of ``,`` ``;`` tab and ``，`` is most frequent in the first line that has any."""
    for line in text.splitlines()[:20]:
        counts = {mark: line.count(mark) for mark in ",;\t，"}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best]:
            return best
    return ","


def _workbook_rows(raw: bytes, sheet: str | None) -> Iterator[tuple[int, Row]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > LARGEST_BYTES:  # a few kilobytes can hold gigabytes of nothing
            raise _unreadable(f"XLSX: {unpacked} bytes unpacked, > {LARGEST_BYTES}")
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, EOFError, zlib.error) as broken:
        raise _unreadable(f"XLSX: {broken}") from broken
    try:
        if sheet is not None and sheet not in book.sheetnames:
            details = {"given": sheet, "allowed": "、".join(book.sheetnames)}
            raise BadInput([Fault("not_one_of", details=details)])
        chosen = book[sheet] if sheet is not None else book.worksheets[0]
        for line, cells in enumerate(chosen.iter_rows(values_only=True), start=1):
            if any(cell is not None and str(cell).strip() for cell in cells):
                yield line, list(cells)
    finally:
        book.close()


def _unreadable(why: str) -> BadInput:
    return BadInput([Fault("unreadable", details={"given": why, "allowed": READABLE})])
