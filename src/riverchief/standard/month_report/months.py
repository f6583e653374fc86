"""Months as ``2026-10``: the one before, the same of the year before, and the months of a year so far."""

from __future__ import annotations

import re

from riverchief.errors import BadInput, Fault

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def read_month(text: str) -> str:
    """``text`` if it is a month such as ``2026-10``; raises :class:`~riverchief.errors.BadInput` (``bad_time``)."""
    if not _MONTH.fullmatch(text):
        raise BadInput([Fault("bad_time", column="--month", details={"given": text, "allowed": "2026-10"})])
    return text


def month_before(month: str) -> str:
    """The month before: of ``2026-01`` it is ``2025-12``."""
    year, number = parts(month)
    return f"{year}-{number - 1:02d}" if number > 1 else f"{year - 1}-12"


def month_after(month: str) -> str:
    """The month after: of ``2025-12`` it is ``2026-01``."""
    year, number = parts(month)
    return f"{year}-{number + 1:02d}" if number < 12 else f"{year + 1}-01"


def year_before(month: str) -> str:
    """The same month of the year before."""
    year, number = parts(month)
    return f"{year - 1}-{number:02d}"


def months_so_far(month: str) -> list[str]:
    """January to ``month`` of its year."""
    year, number = parts(month)
    return [f"{year}-{n:02d}" for n in range(1, number + 1)]


def quarter_of(month: str) -> list[str]:
    """The three months of the quarter that ends with ``month``; empty where none ends there."""
    year, number = parts(month)
    return [] if number % 3 else [f"{year}-{n:02d}" for n in range(number - 2, number + 1)]


def parts(month: str) -> tuple[int, int]:
    """Year and number of the month."""
    return int(month[:4]), int(month[5:])
