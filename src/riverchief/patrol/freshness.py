"""How fresh our eyes on a reach are: days since the last patrol, in the levels of ``freshness.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from riverchief.table import read_table

NEVER = "never"


@dataclass(frozen=True)
class FreshnessLevel:
    """One row of the table; ``up_to_days`` is inclusive and ``None`` for the last level."""

    level: str
    up_to_days: int | None
    name_zh: str
    name_en: str


@cache
def freshness_levels() -> tuple[FreshnessLevel, ...]:
    """The levels from fresh to stale."""
    return tuple(
        FreshnessLevel(row["level"], int(row["up_to_days"]) if row["up_to_days"] else None, row["zh"], row["en"])
        for row in read_table("riverchief.patrol", "freshness.csv")
    )


def days_since(last: datetime | None, now: datetime) -> int | None:
    """Whole days from ``last`` to ``now`` (both with zone), never negative; ``None`` where there was no patrol."""
    return None if last is None else max(0, (now - last).days)


def freshness_of(days: int | None) -> str:
    """The level of a reach patrolled ``days`` ago; ``"never"`` for ``None``."""
    if days is None:
        return NEVER
    return next(row.level for row in freshness_levels() if row.up_to_days is None or days <= row.up_to_days)
