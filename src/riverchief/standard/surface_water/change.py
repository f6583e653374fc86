"""Better or worse between two periods (环办〔2011〕22号): classes moved at a section, shares moved in a basin.

Both periods must have been judged by the same scheme: places, items, sections. The sizes are in ``change_rules.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from riverchief.standard.band import in_band
from riverchief.standard.classes import rank_of
from riverchief.table import read_table


@dataclass(frozen=True)
class Change:
    """``direction`` 1 better, −1 worse, 0 none; ``size`` ``none``, ``some`` or ``notable``; ``measure`` is what was
    compared with the rule: classes moved, or dG − dD in percentage points."""

    direction: int
    size: str
    measure: float
    zh: str
    en: str
    edition: str
    verification: str


def change_of_class(before: str | None, after: str | None) -> Change | None:
    """The change at one section from class ``before`` to ``after``; ``None`` where either is not judged."""
    if not before or not after:
        return None
    return _change("class", float(rank_of(before) - rank_of(after)))


def change_of_shares(
    good_before: float | None, inferior_before: float | None, good_after: float | None, inferior_after: float | None
) -> Change | None:
    """The change of a basin by dG − dD: how much the share of class I-III rose more than that of inferior V [%].

    60 to 72 and 10 to 4 gives 12 − (−6) = 18: some improvement. ``None`` where a share is not known.
    """
    if good_before is None or inferior_before is None or good_after is None or inferior_after is None:
        return None
    return _change("share", (good_after - good_before) - (inferior_after - inferior_before))


def _change(kind: str, measure: float) -> Change:
    # Shares are quotients of counts: the noise of a division must not cross a limit of 10 or 20 points.
    measure = round(measure, 9)
    row = next(row for row in _rules() if row["kind"] == kind and in_band(abs(measure), row))
    if row["size"] == "none":
        return Change(0, "none", measure, row["word_zh"], row["word_en"], row["edition"], row["verification"])
    better = measure > 0
    zh = f"{row['word_zh']}{'好转' if better else '变差'}"
    en = f"{row['word_en']} {'improvement' if better else 'deterioration'}"
    return Change(1 if better else -1, row["size"], measure, zh, en, row["edition"], row["verification"])


@cache
def _rules() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.surface_water", "change_rules.csv"))
