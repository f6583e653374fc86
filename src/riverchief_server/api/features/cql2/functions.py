"""The functions of CQL2 that are known here, from the table beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.table import read_table


@dataclass(frozen=True)
class Function:
    """One function: how many arguments it takes and, of a temporal one, what it says of ``a0 … a1`` and ``b0 … b1``."""

    name: str
    least: int
    most: int
    kind: str
    sql: str


@cache
def all_functions() -> dict[str, Function]:
    """The functions by name, in small letters."""
    return {
        row["name"]: Function(row["name"], int(row["least"]), int(row["most"]), row["kind"], row["sql"])
        for row in read_table(__package__, "functions.csv")
    }
