"""The words of cells, from ``words.csv``: what stands for nothing, for a state, a kind of water, a time zone."""

from __future__ import annotations

import unicodedata
from functools import cache

from riverchief.table import read_table


def plain(cell: object) -> str:
    """``cell`` as text without blanks around it, full-width characters made narrow (``＜０．０１`` is ``<0.01``)."""
    if cell is None:
        return ""
    text = str(cell)
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text.replace("\ufeff", "")).strip()


def folded(cell: object) -> str:
    """:func:`plain` without regard to case: what words and headings are compared by."""
    return plain(cell).casefold()


@cache
def words(kind: str) -> dict[str, str]:
    """From the words of one ``kind`` in ``words.csv`` (:func:`folded`) to what they mean."""
    table = read_table("riverchief.sheet", "words.csv")
    return {folded(row["word"]): row["means"] for row in table if row["kind"] == kind}


@cache
def states() -> dict[str, str]:
    """What a column of states or of reviews says, and the flag that it means; either may say what the other does."""
    return {**words("review"), **words("state")}


def flag_of(cell: object) -> str | None:
    """The flag that a cell of a column of states means, empty where it says nothing; None where nobody knows."""
    word = folded(cell)
    return "" if not word or word in words("absent") else states().get(word)


def is_judged(flag: str) -> bool:
    """Whether a judgement may rest on a value of this flag (a code of ``flags.csv`` of the observations' room)."""
    return flag in words("judged")
