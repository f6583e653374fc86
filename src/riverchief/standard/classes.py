"""The six classes of surface water: order, numerals, words and colours, read from ``classes.csv``.

Codes are ``I II III IV V >V`` (劣Ⅴ). :data:`NOT_JUDGED` is what is shown where no class can be given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from riverchief.errors import BadInput, Fault
from riverchief.table import read_table


@dataclass(frozen=True)
class WaterClass:
    """One row of ``classes.csv``; ``rank`` 1 is the best and 6 is worse than class V; 0 is not judged."""

    code: str
    rank: int
    numeral: str
    name_zh: str
    name_en: str
    status_zh: str
    status_en: str
    colour: str
    colour_zh: str
    colour_en: str

    def name(self, language: str) -> str:
        """``Ⅳ类`` or ``class IV``."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def status(self, language: str) -> str:
        """``轻度污染`` or ``lightly polluted``."""
        return self.status_zh if language.startswith("zh") else self.status_en


def _read() -> dict[str, WaterClass]:
    return {
        row["class"]: WaterClass(
            row["class"],
            int(row["rank"] or 0),
            row["numeral"],
            row["name_zh"],
            row["name_en"],
            row["status_zh"],
            row["status_en"],
            row["colour"],
            row["colour_zh"],
            row["colour_en"],
        )
        for row in read_table("riverchief.standard", "classes.csv")
    }


_ALL = _read()
NOT_JUDGED: WaterClass = _ALL["none"]
CLASSES: Mapping[str, WaterClass] = MappingProxyType({code: row for code, row in _ALL.items() if row.rank})
CODES: tuple[str, ...] = tuple(CLASSES)
WORST: str = CODES[-1]

_SPELLINGS = {
    spelling: code
    for code, row in CLASSES.items()
    for spelling in (code, row.numeral, row.name_zh, row.name_en.upper(), f"{code}类", f"CLASS {code}", str(row.rank))
} | {"劣V": WORST, "劣V类": WORST, "INFERIOR_V": WORST, "INFERIOR V": WORST, "VI": WORST, "劣五类": WORST}


def read_class(spelling: str) -> str:
    """The code of a class written ``III``, ``Ⅲ``, ``Ⅲ类``, ``class III`` or ``劣Ⅴ``.

    Raises :class:`~riverchief.errors.BadInput` (``not_one_of``) for anything else.
    """
    found = _SPELLINGS.get(spelling.strip().upper())
    if found is None:
        raise BadInput([Fault("not_one_of", details={"given": spelling, "allowed": "、".join(CODES)})])
    return found


def rank_of(code: str | None) -> int:
    """1 for class I to 6 for worse than class V; 0 where there is no class."""
    return CLASSES[code].rank if code else 0


def class_of_rank(rank: int) -> str | None:
    """The code of a rank, ``None`` for 0."""
    return CODES[rank - 1] if rank else None
