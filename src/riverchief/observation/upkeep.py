"""What is done at a station: the kinds of calibration and maintenance, one table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table


@dataclass(frozen=True)
class UpkeepKind:
    """One row of ``upkeep.csv``. ``takes_out`` says whether what is measured meanwhile is not the river's water."""

    code: str
    takes_out: bool
    name_zh: str
    name_en: str
    what_zh: str
    what_en: str

    def name(self, language: str) -> str:
        """The name in ``language`` (``"zh"`` or ``"en"``)."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def what(self, language: str) -> str:
        """What is done, in one line."""
        return self.what_zh if language.startswith("zh") else self.what_en


@cache
def all_upkeep_kinds() -> dict[str, UpkeepKind]:
    """Every kind by its code, in the order of the table."""
    rows = read_table("riverchief.observation", "upkeep.csv")
    return {
        row["code"]: UpkeepKind(
            row["code"], row["takes_out"] == "1", row["zh"], row["en"], row["what_zh"], row["what_en"]
        )
        for row in rows
    }


def find_upkeep_kind(code: str) -> UpkeepKind:
    """The kind called ``code``; raises :class:`~riverchief.errors.BadInput` (``unknown_kind``)."""
    found = all_upkeep_kinds().get(code)
    if found is None:
        raise BadInput([unknown_name("unknown_kind", code, list(all_upkeep_kinds()))])
    return found
