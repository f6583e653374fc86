"""A printed class beside printed values: what to do when a value is printed exactly at a limit.

The national centre grades unrounded values and prints rounded ones. TP printed ``0.020`` may be 0.0204, which is class
II, although 0.020 is class I. In 19,007 rows that it printed in 2020 and 2021 with both the rounded and the unrounded
value, the unrounded ones give the printed class in all but 5 rows and the rounded ones in all but 54. So where
rounding alone explains a worse printed class, the printed class is right, and ours would be silently too good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from riverchief.standard.classes import rank_of
from riverchief.standard.evidence import Evidence, Judgement, worst_class
from riverchief.standard.surface_water.item import judge_item
from riverchief.standard.surface_water.limits import limits_for

REMARK = "printed_at_limit"  # a row of remarks.csv


def reconcile(judgement: Judgement, published: str | None, decimals: Mapping[str, int]) -> Judgement:
    """``judgement`` with the class that was ``published``, if the rounding of the printed values explains it.

    ``decimals`` is how many decimals each item was printed with. A published class that is better than ours, or worse
    by more than rounding explains, changes nothing: the values decide.
    """
    if judgement.water_class is None or rank_of(published) <= rank_of(judgement.water_class):
        return judgement
    evidence = tuple(_with_rounding(e, published, judgement, decimals.get(e.item)) for e in judgement.evidence)
    worst, limiting = worst_class(evidence)
    if worst != published:
        return judgement
    return replace(judgement, water_class=worst, limiting=limiting, evidence=evidence, at_best=worst)


def _with_rounding(e: Evidence, published: str | None, judgement: Judgement, decimals: int | None) -> Evidence:
    """The evidence of an item that reaches the published class within half a unit of its last printed digit.

    pH printed 9.00 may have been 9.004, which is outside 6-9.
    """
    item = limits_for(judgement.water)[e.item]
    if decimals is None or e.unit != item.unit or e.origin.operator:
        return e
    half = 0.5 * 10.0**-decimals * (1.0 - 1e-6)
    for shift in {"min": (-half,), "max": (half,), "range": (-half, half)}[item.direction]:
        worst = judge_item(item, e.value + shift, judgement.target)
        if worst.water_class == published:
            return replace(worst, value=e.value, origin=e.origin, remark=REMARK)
    return e
