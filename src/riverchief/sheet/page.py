"""A sheet as it comes out of a file, and the refusal of what is none."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple, TypeAlias

from riverchief.errors import BadInput, Fault

Cell: TypeAlias = str | float | int | bool | datetime | date | time | None
Row: TypeAlias = list[Cell]

LARGEST_BYTES = 512 * 1024 * 1024
LARGEST_RATIO = 200  # unpacked to packed; sheets of real numbers stay below 50, archives made to harm reach 1000
ALWAYS_UNPACKED = 16 * 1024 * 1024  # bytes; below it no ratio is too large
READABLE = "CSV (UTF-8, UTF-16, GB18030; , ; | tab), XLSX, gzip of either"


class Page(NamedTuple):
    """One sheet of a file: ``name`` is None for a text, which has only one; ``rows`` have at least one cell each, with
    their line in the file (from 1)."""

    name: str | None
    rows: list[tuple[int, Row]]


def unreadable(name: str | None, given: str, line: int | None = None, allowed: str = READABLE) -> BadInput:
    """The error of a file that is none of those that can be read."""
    return BadInput([Fault("unreadable", name, line, details={"given": given, "allowed": allowed})])


def check_unpacked(unpacked: int, packed: int, name: str | None, largest_bytes: int) -> None:
    """Refuses what unfolds to more than ``largest_bytes``, or to far more than any sheet of numbers does."""
    if unpacked > largest_bytes:
        raise unreadable(name, f"{unpacked} bytes unpacked, > {largest_bytes}")
    if unpacked > ALWAYS_UNPACKED and unpacked > LARGEST_RATIO * packed:
        raise unreadable(name, f"{packed} bytes unpack to {unpacked}: > {LARGEST_RATIO} times")
