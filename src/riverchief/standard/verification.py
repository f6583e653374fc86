"""How well a table was checked against the document it quotes, and what to say about it.

Every row of a table of the law names a level of ``verification.csv``. A verdict that rests on anything less than a
verified row says so wherever it is shown: :func:`caveat` gives the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from riverchief.table import read_table

Standing = Literal["verified", "secondary", "unverified"]


@dataclass(frozen=True)
class Verification:
    """One level. ``standing``: ``verified`` needs no caveat, ``secondary`` a note, ``unverified`` a warning."""

    level: str
    standing: Standing
    zh: str
    en: str


@cache
def levels() -> dict[str, Verification]:
    """Every level by its name, best checked first."""
    return {
        row["level"]: Verification(row["level"], cast(Standing, row["standing"]), row["zh"], row["en"])
        for row in read_table("riverchief.standard", "verification.csv")
    }


def weakest(used: Iterable[str]) -> str:
    """The least checked of the levels ``used``: a verdict is as good as the weakest row it rests on."""
    order = list(levels())
    return max(used, key=order.index)


def caveat(level: str, language: str) -> str:
    """What must be said beside a verdict of this level; empty where the level is verified."""
    found = levels()[level]
    if found.standing == "verified":
        return ""
    if language.startswith("zh"):
        return f"（{'注' if found.standing == 'secondary' else '注意'}：{found.zh}）"
    return f" ({'note' if found.standing == 'secondary' else 'caution'}: {found.en})"
