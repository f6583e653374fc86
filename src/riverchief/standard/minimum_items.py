"""The least that a class may rest on: ``minimum_items.csv``. Below it there is no class, only what the items prove."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from riverchief.table import read_table


@dataclass(frozen=True)
class ItemGroup:
    """A row: of ``items`` (empty: of all that decide the class) at least ``minimum`` must have been judged."""

    name: str
    minimum: int
    items: frozenset[str]
    zh: str
    en: str

    def words(self, language: str) -> str:
        """What is asked for, in ``language`` (``"zh"`` or ``"en"``)."""
        return self.zh if language.startswith("zh") else self.en

    def is_met(self, judged: Iterable[str]) -> bool:
        """Whether enough of the items are among those ``judged``."""
        return sum(not self.items or code in self.items for code in judged) >= self.minimum


@cache
def item_groups() -> tuple[ItemGroup, ...]:
    """Every group that a class needs."""
    return tuple(
        ItemGroup(row["group"], int(row["minimum"]), _codes(row["items"]), row["zh"], row["en"])
        for row in read_table("riverchief.standard", "minimum_items.csv")
    )


def _codes(cell: str) -> frozenset[str]:
    return frozenset(filter(None, cell.split("|")))


def is_enough(judged: Iterable[str]) -> bool:
    """Whether a class may rest on the items ``judged`` (parameter codes)."""
    codes = list(judged)
    return all(group.is_met(codes) for group in item_groups())
