"""A file that is open: its sheets with their rows, before anybody asks what they mean."""

from __future__ import annotations

from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.sheet import Page, pages_of, read_bytes


class Grid(NamedTuple):
    """The sheets of a file; ``source`` is what faults call it."""

    source: str
    pages: list[Page]


def read_grid(content: bytes, source: str, *, sheet: str | None = None) -> Grid:
    """The sheets of ``content``, or only the one called ``sheet``.

    Raises :class:`~riverchief.errors.BadInput`: ``empty_file``, ``unreadable``, ``not_one_of``.
    """
    pages = pages_of(read_bytes(content, source), source, sheet=sheet)
    if not any(page.rows for page in pages):
        raise BadInput([Fault("empty_file", source, details={"allowed": "断面/station, 时间/time, 指标/parameters"})])
    return Grid(source, pages)
