"""What one cell says: a number, a number below or above a limit, or nothing, and which kind of nothing."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from typing import NamedTuple

from riverchief.observation.reading import Censored
from riverchief.sheet import Cell
from riverchief.table import read_table

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
CENSORED = re.compile(r"(<=?|>=?|≤|≥)\s*(.+)")
LIMIT_L = re.compile(r"(.+?)\s*L", re.IGNORECASE)


class Said(NamedTuple):
    """What a cell says. ``absent`` is ``"not_measured"`` or ``"missing"`` where it says that there is nothing;
    ``understood`` is False where nobody can tell."""

    value: float | None = None
    censored: Censored | None = None
    absent: str | None = None
    understood: bool = True


def plain(cell: Cell) -> str:
    """``cell`` as text without blanks around it, full-width characters made narrow (``＜０．０１`` is ``<0.01``)."""
    return "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()


def read_cell(cell: Cell) -> Said:
    """What ``cell`` says.

    ``<0.01`` and ``0.01L`` (the laboratories' mark: the detection limit followed by L) are below 0.01; ``ND`` is below
    a limit that is not given; ``*``, ``--`` and an empty cell are nothing, each of its own kind (``words.csv``). A
    comma is refused, for nobody can tell a decimal comma from one of thousands.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = float(cell)
        return Said(absent="missing") if math.isnan(number) or number == -9999 else _finite(number)
    text = plain(cell)
    if NUMBER.fullmatch(text) and text not in words("absent"):
        return _finite(float(text))
    lowered = text.casefold()
    if lowered in words("absent"):
        return Said(absent=words("absent")[lowered])
    if lowered in words("below"):
        return Said(censored=Censored("<", None))
    if found := CENSORED.fullmatch(text):
        operator, limit = ("<" if found[1] in "<=≤" else ">"), found[2]
    elif found := LIMIT_L.fullmatch(text):
        operator, limit = "<", found[1]
    else:
        return Said(understood=False)
    if not NUMBER.fullmatch(limit):
        return Said(understood=False)
    bound = float(limit)
    return Said(censored=Censored(operator, bound)) if math.isfinite(bound) else Said(understood=False)


@cache
def words(kind: str) -> dict[str, str]:
    """From the words of one ``kind`` in ``words.csv`` (lower case) to what they mean."""
    table = read_table("riverchief.telemetry.csv", "words.csv")
    return {plain(row["word"]).casefold(): row["means"] for row in table if row["kind"] == kind}


def _finite(number: float) -> Said:
    return Said(value=number) if math.isfinite(number) else Said(understood=False)
