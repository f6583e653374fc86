"""Who answers for which bank of which reach, from when to when.

Responsibility is dated and never overwritten: "who was responsible on that day" is a question, not a memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from riverchief.place.bank import Bank
from riverchief.table import read_table

LEVELS: tuple[str, ...] = tuple(row["level"] for row in read_table("riverchief.party", "levels.csv"))


@dataclass(frozen=True)
class Responsibility:
    """One post's duty: a level, the reaches, a bank (or both), and the days from ``begins`` up to and with ``ends``."""

    unit: str
    post: str
    holder: str
    level: str
    bank: Bank
    reaches: frozenset[str]
    begins: date
    ends: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the duty is in force on ``day``."""
        return self.begins <= day and (self.ends is None or day <= self.ends)

    def covers(self, reach: str, bank: Bank) -> bool:
        """Whether the duty covers ``bank`` of ``reach``; a duty for both banks covers each."""
        return reach in self.reaches and (self.bank is Bank.BOTH or self.bank is bank)


@dataclass(frozen=True)
class Gap:
    """A bank of a reach that nobody answers for at a level."""

    reach: str
    bank: Bank
    level: str


def who_answers(duties: Iterable[Responsibility], reach: str, bank: Bank, day: date) -> list[Responsibility]:
    """Everybody who answers for ``bank`` of ``reach`` on ``day``, the highest level first.

    For ``Bank.BOTH`` (a problem in the water, or on a bank nobody named) the answers of both banks, each once.
    """
    banks = (Bank.LEFT, Bank.RIGHT) if bank is Bank.BOTH else (bank,)
    found = [duty for duty in duties if duty.holds_on(day) and any(duty.covers(reach, side) for side in banks)]
    return sorted(found, key=lambda duty: LEVELS.index(duty.level))


def find_gaps(
    duties: Sequence[Responsibility], reaches: Iterable[str], day: date, levels: Sequence[str] = LEVELS
) -> list[Gap]:
    """Every bank and level of ``reaches`` that nobody answers for on ``day``, in the order given."""
    covered = {
        (reach, side, duty.level)
        for duty in duties
        if duty.holds_on(day)
        for reach in duty.reaches
        for side in ((Bank.LEFT, Bank.RIGHT) if duty.bank is Bank.BOTH else (duty.bank,))
    }
    return [
        Gap(reach, bank, level)
        for reach in reaches
        for bank in (Bank.LEFT, Bank.RIGHT)
        for level in levels
        if (reach, bank, level) not in covered
    ]
