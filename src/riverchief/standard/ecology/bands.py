"""Grades and sizes of change of the schemes: ``bands.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.standard.band import in_band
from riverchief.table import read_table


@dataclass(frozen=True)
class Band:
    """The words of the band in which a value lies, and how well that band was checked."""

    zh: str
    en: str
    edition: str
    verification: str


def band_of(scheme: str, kind: str, value: float) -> Band | None:
    """The band of ``value``: ``kind`` ``grade`` (of a score) or ``change`` (of the size of a change); ``None`` for
    NaN.
    """
    for row in _rows():
        if (row["scheme"], row["kind"]) == (scheme, kind) and in_band(value, row):
            return Band(row["word_zh"], row["word_en"], row["edition"], row["verification"])
    return None


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.ecology", "bands.csv"))
