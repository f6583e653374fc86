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
from riverchief.standard.surface_water.limits import limits_for
from riverchief.standard.surface_water.sample import judge_item

REMARK = "printed at the limit; the publisher graded the unrounded value / 印出值恰为限值，发布方按未修约值定类"


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
    """The evidence of an item that reaches the published class within half a unit of its last printed digit."""
    item = limits_for(judgement.water)[e.item]
    if decimals is None or item.direction == "range" or e.unit != item.unit:
        return e
    half = 0.5 * 10.0**-decimals * (1.0 - 1e-6)
    worst = judge_item(item, e.value - half if item.direction == "min" else e.value + half, judgement.target)
    return replace(worst, value=e.value, origin=e.origin, remark=REMARK) if worst.water_class == published else e
