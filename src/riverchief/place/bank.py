"""The banks of a river: left and right, looking downstream; both where something concerns the whole cross-section."""

from __future__ import annotations

from enum import Enum
from functools import cache

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table


class Bank(Enum):
    """A bank, looking downstream. Its words and spellings are rows of ``banks.csv``."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"

    @property
    def zh(self) -> str:
        """左岸, 右岸 or 两岸."""
        return _words()[self.value]["zh"]

    @property
    def en(self) -> str:
        """The English name, such as ``left bank``."""
        return _words()[self.value]["en"]

    def includes(self, other: Bank) -> bool:
        """Whether this bank covers ``other``: both cover left, right and both."""
        return self is Bank.BOTH or self is other

    @classmethod
    def parse(cls, spelling: str) -> Bank:
        """The bank that ``spelling`` means (code, Chinese or English name or alias; case and blanks do not matter).

        Raises ``BadInput`` (``unknown_bank``) with the nearest spellings.
        """
        found = _by_spelling().get(spelling.strip().casefold())
        if found is None:
            raise BadInput(
                [unknown_name("unknown_bank", spelling, [bank.zh for bank in cls] + [bank.value for bank in cls])]
            )
        return found


@cache
def _words() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in read_table("riverchief.place", "banks.csv")}


@cache
def _by_spelling() -> dict[str, Bank]:
    spellings: dict[str, Bank] = {}
    for bank in Bank:
        row = _words()[bank.value]
        for spelling in (row["code"], row["zh"], row["en"], *row["spellings"].split("|")):
            if spellings.setdefault(spelling.casefold(), bank) is not bank:
                raise ValueError(f"banks.csv: {spelling!r} means two banks")
    return spellings
