"""What a trace says in one word, and the remarks it makes beside it; the words are tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.table import read_table

#: A 90 % set of more candidates than this is called "cannot tell".
MOST_IN_SET = 5
LEAST_SAMPLES = 3


@dataclass(frozen=True)
class Said:
    """A row of ``verdicts.csv`` or ``notes.csv`` with its numbers filled in."""

    code: str
    zh: str
    en: str

    def text(self, language: str = "en") -> str:
        """The sentence in ``language`` (``"zh"`` or ``"en"``)."""
        return self.zh if language.startswith("zh") else self.en

    def as_dict(self) -> dict[str, str]:
        """As JSON keeps it."""
        return {"code": self.code, "zh": self.zh, "en": self.en}


def sentence(table: str, code: str, row: str = "", **details: object) -> Said:
    """The row ``code`` of ``verdicts`` or ``notes``; ``row`` another wording of the same verdict."""
    words = _rows(table)[row or code]
    return Said(code, words["zh"].format(**details), words["en"].format(**details))


@cache
def _rows(table: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in read_table(__package__, f"{table}.csv")}
