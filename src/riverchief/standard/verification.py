"""How well a table was checked against the document it quotes, and what to say about it.

Every table row of the law names a level of ``verification.csv``. A verdict that rests on an untrusted level says so
wherever it is shown: :func:`caveat` gives the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from riverchief.table import read_table


@dataclass(frozen=True)
class Verification:
    """One level: ``trusted`` is whether a verdict may be shown without a caveat."""

    level: str
    trusted: bool
    zh: str
    en: str


@cache
def levels() -> dict[str, Verification]:
    """Every level by its name, most trusted first."""
    return {
        row["level"]: Verification(row["level"], row["trusted"] == "1", row["zh"], row["en"])
        for row in read_table("riverchief.standard", "verification.csv")
    }


def weakest(used: Iterable[str]) -> str:
    """The least trusted of the levels ``used``; a verdict is as good as the weakest table it rests on."""
    order = list(levels())
    return max(used, key=order.index)


def caveat(level: str, language: str) -> str:
    """What must be said beside a verdict of this level; empty where the level is trusted."""
    found = levels()[level]
    if found.trusted:
        return ""
    return f"（注意：{found.zh}）" if language.startswith("zh") else f" (caution: {found.en})"
