"""One item against its limits: a value, or what a bound (``<0.01``, ``>24000``) proves (GB 3838-2002).

What is known by a bound only lies between two ends. Where both ends are in one class, that is the class. Else a value
below its detection limit is judged by the rule of ``censored_rules.csv``, but never better than at the detection limit;
and a bound beyond which the truth is open gives evidence that the item is *at least* so bad, and no class.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from riverchief.standard.censored import Censored, CensoredRule
from riverchief.standard.classes import CODES, WORST, class_of_rank, rank_of
from riverchief.standard.evidence import Evidence, Origin
from riverchief.standard.surface_water.limits import LIMIT_CLASSES, ItemLimits, SingleLimit

# A value equal to a limit up to this relative difference counts as equal: the noise of a unit conversion
# (35 µg/L is 0.035000000000000003 mg/L) must not move a class.
TOLERANCE = 1e-9

# Nothing dissolved weighs more than the water it is in; pH is bounded by its definition.
IMPOSSIBLE_ABOVE = {"PH": 14.0, "DO": 60.0, "mg/L": 1e6, "count/L": 1e15}

Water = Literal["river", "lake"]
Found = tuple[Evidence | None, str | None]
"""The evidence of an item and the reason for which it does not decide the class; with both it is *at least* so bad."""


def judge_item(item: ItemLimits, value: float, target: str, origin: Origin | None = None) -> Evidence:
    """One value against the limits of its item: the best class whose limit it meets, with the one it broke before."""
    rank = 1 + sum(not meets(value, low, high) for low, high in zip(item.low, item.high, strict=True))
    code = CODES[rank - 1]
    held = min(rank, 5) - 1
    lower = None
    if item.direction == "min":
        operator, limit = ("<" if code == WORST else ">="), item.low[held]
    elif item.direction == "range":
        operator, limit, lower = ("not in" if code == WORST else "in"), item.high[held], item.low[held]
    else:
        operator, limit = (">" if code == WORST else "<="), item.high[held]
    better = class_of_rank(rank - 1) if item.direction != "range" else None
    over = rank > rank_of(target)
    multiple = None
    if over and item.direction == "max" and target != WORST:
        multiple = (value - item[target]) / item[target]
    return Evidence(
        item.parameter,
        value,
        item.unit,
        operator,
        limit,
        code,
        item.clause,
        item.edition,
        lower,
        better,
        item[better] if better else None,
        over,
        multiple,
        origin or Origin(),
        "",
        item.verification,
    )


def judge_limit(row: SingleLimit, value: float, origin: Origin | None = None) -> Evidence:
    """One item of table 2 or 3, or of groundwater, against its single limit; it has no class."""
    over = not meets(value, row.low, row.limit)
    is_range = row.low > -math.inf
    return Evidence(
        row.parameter,
        value,
        row.unit,
        ("not in" if over else "in") if is_range else (">" if over else "<="),
        row.limit,
        "",
        row.clause,
        row.edition,
        lower=row.low if is_range else None,
        over=over,
        over_limit=(value - row.limit) / row.limit if over and not is_range else None,
        origin=origin or Origin(),
        verification=row.verification,
    )


def judge_censored(
    item: ItemLimits, value: Censored, target: str, rule: CensoredRule, origin: Origin | None = None
) -> Found:
    """What a bound proves about an item of table 1.

    The evidence is there where a class can be given, and where the item is at least so bad (``at_least``); the reason
    where no class can be given.
    """
    if value.is_unknown:
        return None, "no_limit_given"
    came = replace(_came(value, rule, origin), most=value.most if math.isfinite(value.most) else None)
    if item.direction == "range":
        return _outside(item, value, target, came)
    if item.direction == "min":
        return _oxygen(item, value, target, came)
    least = judge_item(item, value.least, target, came)
    if value.operator == ">":
        return (least, None) if least.water_class == WORST else (_at_least(least), "above_range")
    most = judge_item(item, value.most, target, came)
    if least.water_class == most.water_class:
        return judge_item(item, _taken(value, rule), target, came), None
    highest = rule.class_not_to_exceed(target)
    if highest in LIMIT_CLASSES and not meets(value.most, -math.inf, item[highest]):
        return _at_least(least), "detection_limit"
    taken = judge_item(item, _taken(value, rule), target, came)
    return (taken if taken.water_class == most.water_class else most), None


def judge_censored_limit(row: SingleLimit, value: Censored, rule: CensoredRule, origin: Origin | None = None) -> Found:
    """What a bound proves about an item of table 2 or 3: judged at what the rule puts there, if the bound decides."""
    if value.is_unknown:
        return None, "no_limit_given"
    if row.low > -math.inf:
        return None, "above_range" if value.operator == ">" else "below_range"
    came = _came(value, rule, origin)
    least = judge_limit(row, value.least, came)
    if least.over:
        return least, None
    if value.operator == ">":
        return None, "above_range"
    if not meets(value.most, -math.inf, row.limit):
        return None, "detection_limit"
    return judge_limit(row, _taken(value, rule), came), None


def _came(value: Censored, rule: CensoredRule, origin: Origin | None) -> Origin:
    """How a bound comes into a judgement; a mean of bounds has said so already."""
    if origin is not None and origin.censored:
        return origin
    name = rule.name if value.operator == "<" else ""
    statistic = origin.statistic if origin else "sample"
    return Origin(statistic, 1, 1, name, operator=value.operator, bound=value.bound)


def meets(value: float, low: float, high: float) -> bool:
    """Whether ``low <= value <= high`` up to :data:`TOLERANCE`."""
    return low * (1.0 - TOLERANCE) <= value <= high * (1.0 + TOLERANCE)


def largest_possible(item: ItemLimits) -> float:
    """The value above which a reading of this item is an instrument's fault [its unit]."""
    return IMPOSSIBLE_ABOVE.get(item.parameter, IMPOSSIBLE_ABOVE.get(item.unit, math.inf))


def why_not(code: str, value: float | Censored | None, item: ItemLimits | None, known: str | None) -> str | None:
    """The reason for which a value is not compared with a limit; ``None`` if it is."""
    if item is None:
        return "not_for_rivers" if code == "TN" else "not_in_standard"
    if item.use == "none":
        return "no_class_limit"
    if known:
        return known
    if value is None:
        return "missing"
    number = value.bound if isinstance(value, Censored) else value
    if number < 0.0:
        return "negative"
    if number > largest_possible(item):
        return "impossible"
    return None


def _taken(value: Censored, rule: CensoredRule) -> float:
    """What takes part in the place of a value below its detection limit."""
    return value.taken if value.taken is not None else value.most * rule.factor


def _outside(item: ItemLimits, value: Censored, target: str, origin: Origin) -> Found:
    """pH between bounds: outside the range for certain is the worst class, inside for certain the best."""
    low, high = item.low[0] * (1.0 - TOLERANCE), item.high[0] * (1.0 + TOLERANCE)
    if value.least > high:
        return judge_item(item, value.least, target, origin), None
    if value.most < low:
        return judge_item(item, value.most, target, origin), None
    if value.least >= low and value.most <= high:
        return judge_item(item, value.most if value.taken is None else value.taken, target, origin), None
    return None, "above_range" if value.least > 0.0 else "below_range"


def _oxygen(item: ItemLimits, value: Censored, target: str, origin: Origin) -> Found:
    """An item that must not fall below its limits: ``>6.5`` is that at worst, ``<0.5`` at best."""
    if value.operator == ">":
        return judge_item(item, value.least, target, origin), None
    best, worst = (judge_item(item, end, target, origin) for end in (value.most, value.least))
    if best.water_class == worst.water_class:
        return (best if value.taken is None else judge_item(item, value.taken, target, origin)), None
    return _at_least(best), "below_range"


def _at_least(evidence: Evidence) -> Evidence | None:
    """The evidence that an item is no better than so; ``None`` where that says nothing."""
    return replace(evidence, at_least=True) if evidence.water_class != "I" else None
