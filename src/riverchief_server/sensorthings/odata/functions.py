"""The functions of table 23: how many arguments each takes, and of which kinds; the table beside is the rule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.table import read_table


@dataclass(frozen=True)
class Function:
    """One function: the kinds of its arguments and of its result."""

    name: str
    kinds: tuple[str, ...]
    least: int
    result: str

    @property
    def most(self) -> int:
        """How many arguments it takes at most."""
        return len(self.kinds)

    @property
    def is_spatial(self) -> bool:
        """Whether it asks about shapes, which no database answers for us."""
        return "geometry" in self.kinds


@cache
def all_functions() -> dict[str, Function]:
    """Every function by its name in small letters."""
    found = {}
    for row in read_table(__package__, "functions.csv"):
        kinds = row["arguments"].split()
        found[row["name"]] = Function(
            row["name"],
            tuple(kind.rstrip("?") for kind in kinds),
            sum(not kind.endswith("?") for kind in kinds),
            row["result"],
        )
    return found
