"""How long a case may wait in a state: rows of ``deadlines.csv`` by state, category, severity and jurisdiction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from riverchief.table import read_table


@dataclass(frozen=True)
class DeadlineRule:
    """One row: empty cells mean "any". ``begins`` is the day from which the row holds.

    ``counts_from`` is the state whose entry starts the clock (``entered`` for the state itself); in the states of
    ``stands_still_in`` it stands still.
    """

    state: str
    category: str
    severity: str
    jurisdiction: str
    begins: date
    amount: float
    unit: str
    counts_from: str = "entered"
    stands_still_in: frozenset[str] = frozenset()
    reason: str = ""

    def fits(self, state: str, categories: Collection[str], severity: str, region: str, day: date) -> bool:
        """Whether the row holds for such a case whose clock began on ``day``."""
        return (
            self.state == state
            and (not self.category or self.category in categories)
            and (not self.severity or self.severity == severity)
            and region.startswith(self.jurisdiction)
            and self.begins <= day
        )

    @property
    def weight(self) -> tuple[int, bool, bool, date]:
        """Rows that say more precisely for whom win; of two alike, the one that began later."""
        return (len(self.jurisdiction), bool(self.category), bool(self.severity), self.begins)


def rules_of(rows: Iterable[dict[str, str]]) -> tuple[DeadlineRule, ...]:
    """The rules in rows with the columns of ``deadlines.csv``."""
    return tuple(
        DeadlineRule(
            row["state"],
            row["category"],
            row["severity"],
            row["jurisdiction"],
            date.fromisoformat(row["from"]) if row["from"] else date.min,
            float(row["amount"]),
            row["unit"],
            row["counts_from"],
            frozenset(state for state in row["stands_still_in"].split("|") if state),
            row["reason"],
        )
        for row in rows
    )


@cache
def shipped_rules() -> tuple[DeadlineRule, ...]:
    """The rows that ship with Riverchief."""
    return rules_of(read_table("riverchief.case.deadline", "deadlines.csv"))


@cache
def shipped_calendar() -> str:
    """The office's calendar as a line of text, as it ships."""
    return read_table("riverchief.case.deadline", "office.csv")[0]["calendar"]


def find_rule(
    rules: Iterable[DeadlineRule],
    state: str,
    categories: Collection[str],
    severity: str,
    region: str,
    day: date,
) -> DeadlineRule | None:
    """The row that holds for such a case whose clock began on ``day``; ``None`` where nothing is laid down.

    A row for a longer region code wins over a shorter one, then one for a category, then one for a severity, then the
    newer. Where two categories of a case have rows alike, the shorter time wins.
    """
    fitting = [rule for rule in rules if rule.fits(state, categories, severity, region, day)]
    return max(fitting, key=lambda rule: (rule.weight, -rule.amount), default=None)
