"""Better or worse between two periods (环办〔2011〕22号): levels of 水质状况 moved at a section, shares in a basin.

Class I and II are both 优, so from one to the other nothing has changed. A basin is compared by its level and by its
shares, and the larger change is taken (that half was not verified). Both periods must have been judged by the same
scheme: places, items, sections. The sizes are in ``change_rules.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from riverchief.standard.band import in_band
from riverchief.standard.classes import CLASSES
from riverchief.standard.surface_water.basin import BasinJudgement
from riverchief.table import read_table

_SIZES = ("none", "some", "notable")
LARGER_VERIFICATION = "own_knowledge"  # that the larger of level and shares is taken


@dataclass(frozen=True)
class Change:
    """``direction`` 1 better, −1 worse, 0 none; ``size`` ``none``, ``some`` or ``notable``; ``measure`` is what was
    compared with the rule: levels moved, or dG − dD in percentage points."""

    direction: int
    size: str
    measure: float
    zh: str
    en: str
    edition: str
    verification: str

    def words(self, language: str) -> str:
        """``有所好转`` or ``some improvement``."""
        return self.zh if language.startswith("zh") else self.en


def change_of_class(before: str | None, after: str | None) -> Change | None:
    """The change at one section from class ``before`` to ``after``, by the level of 水质状况 of each; ``None`` where
    either is not judged."""
    if not before or not after:
        return None
    return change_of_status(CLASSES[before].status_zh, CLASSES[after].status_zh)


def change_of_status(before_zh: str, after_zh: str) -> Change | None:
    """The change from one level (优, 良好, 轻度污染, 中度污染, 重度污染) to another; ``None`` where either is empty."""
    if not before_zh or not after_zh:
        return None
    levels = _levels()
    return _change("status", float(levels.index(before_zh) - levels.index(after_zh)))


def change_of_shares(
    good_before: float | None, inferior_before: float | None, good_after: float | None, inferior_after: float | None
) -> Change | None:
    """The change of a basin by dG − dD: how much the share of class I-III rose more than that of inferior V [%].

    60 to 72 and 10 to 4 gives 12 − (−6) = 18: some improvement. ``None`` where a share is not known.
    """
    if good_before is None or inferior_before is None or good_after is None or inferior_after is None:
        return None
    return _change("share", (good_after - good_before) - (inferior_after - inferior_before))


def change_of_basin(before: BasinJudgement, after: BasinJudgement) -> Change | None:
    """The change of a river or basin: by its level, and by its shares where they decide; the larger is taken.

    Where both are equally large and contradict each other the worse is taken. ``None`` where nothing can be compared.
    """
    by_level = change_of_status(before.status_zh, after.status_zh)
    if before.method != "shares" or after.method != "shares":
        return by_level
    by_shares = change_of_shares(before.shares.good, before.shares.inferior, after.shares.good, after.shares.inferior)
    if by_level is None or by_shares is None:
        return by_level or by_shares
    larger = max(by_level, by_shares, key=lambda change: (_SIZES.index(change.size), -change.direction))
    return larger if by_level.zh == by_shares.zh else replace(larger, verification=LARGER_VERIFICATION)


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
def _levels() -> tuple[str, ...]:
    """The levels of 水质状况, the best first."""
    return tuple(dict.fromkeys(row.status_zh for row in CLASSES.values()))


@cache
def _rules() -> tuple[dict[str, str], ...]:
    return tuple(read_table("riverchief.standard.surface_water", "change_rules.csv"))
