"""Flags: how far a reading can be trusted. One table gives each its QARTOD code and what HJ 212 calls it.

A flag never deletes a value: it says whether judgement may use it (``usable``) and why. ``rank`` is the one explicit
precedence when several flags meet on one reading: the higher rank wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table


@dataclass(frozen=True)
class Flag:
    """One row of ``flags.csv``.

    ``qartod`` is 1 pass, 2 not evaluated, 3 suspect, 4 fail or 9 missing (IOOS QARTOD, Manual for the Use of Real-Time
    Oceanographic Data Quality Control Flags, 2017); ``usable`` says whether a judgement may rest on the value;
    ``hj212`` is the letter of HJ 212-2017 and empty where it has none.
    """

    code: str
    qartod: int
    usable: bool
    rank: int
    hj212: str
    name_zh: str
    name_en: str
    meaning: str

    def name(self, language: str) -> str:
        """The name in ``language`` (``"zh"`` or ``"en"``)."""
        return self.name_zh if language.startswith("zh") else self.name_en


@cache
def all_flags() -> tuple[Flag, ...]:
    """Every flag, from the most to the least trusted."""
    return tuple(_by_code().values())


def find_flag(code: str) -> Flag:
    """The flag called ``code``; raises :class:`~riverchief.errors.BadInput` (``unknown_flag``)."""
    found = _by_code().get(code)
    if found is None:
        raise BadInput([unknown_name("unknown_flag", code, list(_by_code()))])
    return found


def worst(codes: Iterable[str]) -> str:
    """The flag that wins where several meet: the one of highest ``rank``; ``"unchecked"`` where there is none."""
    return max(codes, key=lambda code: find_flag(code).rank, default="unchecked")


@cache
def flag_of_hj212() -> dict[str, str]:
    """From the data flags of HJ 212 (``N``, ``D``, ``M`` …) to ours."""
    return {flag.hj212: flag.code for flag in all_flags() if flag.hj212}


@cache
def _by_code() -> dict[str, Flag]:
    rows = read_table("riverchief.observation", "flags.csv")
    flags = [
        Flag(
            row["code"],
            int(row["qartod"]),
            row["usable"] == "1",
            int(row["rank"]),
            row["hj212"],
            row["name_zh"],
            row["name_en"],
            row["meaning"],
        )
        for row in rows
    ]
    return {flag.code: flag for flag in sorted(flags, key=lambda flag: flag.rank)}
