"""The words of cells and columns, from ``words.csv`` and ``roles.csv``."""

from __future__ import annotations

import unicodedata
from functools import cache

from riverchief.table import read_table


def plain(text: str) -> str:
    """``text`` without blanks around it, full-width signs narrowed, in lower case."""
    return unicodedata.normalize("NFKC", text.replace("\ufeff", "")).strip().casefold()


@cache
def kinds_of_words() -> dict[str, frozenset[str]]:
    """For each kind of ``words.csv`` its spellings."""
    return {
        row["kind"]: frozenset(map(plain, row["spellings"].split("|")))
        for row in read_table("riverchief.standard.sheet", "words.csv")
    }


def is_word(kind: str, text: str) -> bool:
    """Whether ``text`` is one of the spellings of ``kind``."""
    return plain(text) in kinds_of_words()[kind]


@cache
def role_of_heading(heading: str) -> str | None:
    """The role of a column (``place``, ``time`` ...) by its heading; ``None`` if it is none of ``roles.csv``."""
    wanted = plain(heading).replace(" ", "_") if heading.isascii() else plain(heading)
    for row in read_table("riverchief.standard.sheet", "roles.csv"):
        if wanted in map(plain, row["spellings"].split("|")):
            return row["role"]
    return None
