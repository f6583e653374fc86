"""Why a value is not judged: ``reasons.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.table import read_table


@dataclass(frozen=True)
class Reason:
    """A row of ``reasons.csv``.

    ``withholds`` marks the kinds where a value was due: it withholds the verdict. ``core_only`` marks those that do so
    only for the items that every section must have (a metal that is measured once a quarter is not due in a year's
    mean).
    """

    kind: str
    withholds: bool
    core_only: bool
    zh: str
    en: str

    def text(self, language: str) -> str:
        """The words in ``language``."""
        return self.zh if language.startswith("zh") else self.en


@cache
def reasons() -> dict[str, Reason]:
    """Every reason by its kind."""
    return {
        row["reason"]: Reason(row["reason"], row["withholds"] != "0", row["withholds"] == "core", row["zh"], row["en"])
        for row in read_table("riverchief.standard", "reasons.csv")
    }
