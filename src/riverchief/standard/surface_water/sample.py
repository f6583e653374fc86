"""The single-factor grading of one sample: the worst item gives the class (GB 3838-2002; 环办〔2011〕22号).

This is the readable form. ``engine.py`` grades millions of samples with the same limits and must agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from riverchief.parameter import by_code
from riverchief.standard.classes import CODES, WORST, class_of_rank, rank_of, read_class
from riverchief.standard.evidence import Evidence, Excluded, Judgement, Origin, reasons, worst_class
from riverchief.standard.surface_water.limits import (
    STANDARD,
    ItemLimits,
    SingleLimit,
    class_items,
    limits_for,
    source_limits,
)
from riverchief.standard.surface_water.oxygen import (
    CLASS_I_SATURATION,
    COLDEST,
    VERIFICATION,
    WARMEST,
    saturation_share,
)
from riverchief.standard.verification import weakest

# A value equal to a limit up to this relative difference counts as equal: the noise of a unit conversion
# (35 µg/L is 0.035000000000000003 mg/L) must not move a class.
TOLERANCE = 1e-9

# Nothing dissolved weighs more than the water it is in; pH is bounded by its definition.
IMPOSSIBLE_ABOVE = {"PH": 14.0, "DO": 60.0, "mg/L": 1e6, "count/L": 1e15}

VERIFIED = "official_scan+code"  # of table 1 as a whole

Water = Literal["river", "lake"]


def grade_sample(
    values: Mapping[str, float | None],
    *,
    water: Water = "river",
    temperature: float | None = None,
    target: str = "III",
    state: str | None = None,
    origins: Mapping[str, Origin] | None = None,
    missing: Literal["withhold", "ignore"] = "withhold",
    oxygen: Literal["either", "concentration"] = "either",
    left_out: Mapping[str, str] | None = None,
) -> Judgement:
    """The class of one sample by its worst item, with the evidence.

    Parameters
    ----------
    values
        Value of each item in its canonical unit, keyed by any spelling of the parameter. ``None`` or NaN says that the
        item belongs to the sample and was not obtained; leave out what is not measured at the place at all.
    water
        ``"river"`` or ``"lake"`` (also reservoirs): they have different limits of total phosphorus, and total nitrogen
        is judged (on its own) for lakes only.
    temperature
        Water temperature [degC]; taken from ``values["WT"]`` if not given. Only used for the oxygen saturation.
    target
        The class the place must meet; over-limit multiples refer to its limit. Default III, the law's reference.
    state
        ``"maintenance"`` excludes every value, whatever it is.
    origins
        How each value came about, where it is not a plain sample.
    missing
        ``"withhold"`` (default): no class while a core item (pH, DO, CODMn, NH3-N, TP) that belongs to the sample has
        no valid value, unless the rest is already worse than class V. That is what the national centre does: of 23,752
        classes it printed in 2020-2021 none had a missing core item. ``"ignore"`` judges what is there.
    oxygen
        ``"either"``: class I also by saturation >= 90 % (measured, or computed from the temperature), as the law
        says; ``"concentration"``: by mg/L only, as the national centre's automatic stations do.
    left_out
        Items that must not be judged, with the reason (a row of ``reasons.csv``), e.g. ``{"HG": "detection_limit"}``.

    Raises :class:`~riverchief.errors.BadInput` for an unknown parameter, class or kind of water. Negative and
    impossible values are excluded with their reason.
    """
    limits = limits_for(water)
    target = read_class(target)
    given = {code: _number(value) for code, value in by_code(values).items()}
    if temperature is None:
        temperature = given.get("WT")
    saturation = given.get("DO_SAT")
    closed = state == "maintenance"
    evidence: list[Evidence] = []
    apart: list[Evidence] = []
    excluded: list[Excluded] = []
    for code, value in sorted(given.items(), key=lambda pair: _order(limits, pair[0])):
        item = limits.get(code)
        source = source_limits().get(code) if item is None else None
        if source and not closed and _in_range(value, source.unit):
            apart.append(judge_limit(source, value or 0.0, (origins or {}).get(code)))
            excluded.append(Excluded(code, "source_water_only", value))
            continue
        left = "maintenance" if closed else why_not(code, value, item, (left_out or {}).get(code))
        if left:
            if code != "DO_SAT":
                excluded.append(Excluded(code, left, None if value is None or math.isinf(value) else value))
            continue
        assert item is not None and value is not None
        judged = judge_item(item, value, target, (origins or {}).get(code))
        if code == "DO" and oxygen == "either":
            judged = _by_saturation(judged, saturation, temperature)
        (evidence if item.use == "class" else apart).append(judged)
        if item.use == "apart":
            excluded.append(Excluded(code, "apart", value))
    found = tuple(evidence)
    at_best, limiting = worst_class(found)
    withheld = closed or (
        missing == "withhold"
        and at_best != WORST
        and any(left.item in limits and limits[left.item].core and reasons()[left.kind].withholds for left in excluded)
    )
    return Judgement(
        None if withheld else at_best,
        () if withheld else limiting,
        found,
        tuple(excluded),
        STANDARD,
        STANDARD,
        weakest((VERIFIED, *(_level(e, limits, at_best) for e in found))),
        target,
        water,
        at_best,
        tuple(apart),
        len(class_items(water)),
    )


def _level(e: Evidence, limits: Mapping[str, ItemLimits], worst: str | None) -> str:
    """The verification of an item, as far as it matters: a saturation that does not decide the class does not count."""
    if e.measured is not None:
        by_concentration = judge_item(limits[e.item], e.measured, "III")
        if rank_of(by_concentration.water_class) <= rank_of(worst):
            return by_concentration.verification
    return e.verification


def judge_item(item: ItemLimits, value: float, target: str, origin: Origin | None = None) -> Evidence:
    """One item against its limits: the best class whose limit it meets, with the limit it broke on the way."""
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
    """One item of table 2 or 3 against its single limit; it has no class."""
    over = not meets(value, -math.inf, row.limit)
    return Evidence(
        row.parameter,
        value,
        row.unit,
        ">" if over else "<=",
        row.limit,
        "",
        row.clause,
        row.edition,
        over=over,
        over_limit=(value - row.limit) / row.limit if over else None,
        origin=origin or Origin(),
        verification=row.verification,
    )


def meets(value: float, low: float, high: float) -> bool:
    """Whether ``low <= value <= high`` up to :data:`TOLERANCE`."""
    return low * (1.0 - TOLERANCE) <= value <= high * (1.0 + TOLERANCE)


def _by_saturation(judged: Evidence, saturation: float | None, temperature: float | None) -> Evidence:
    """Class I for oxygen at >= 90 % of saturation; a measured share goes before a computed one."""
    if judged.water_class == "I":
        return judged
    share, how, checked = saturation, "measured", judged.verification
    if share is None and temperature is not None and COLDEST <= temperature <= WARMEST:
        share, how, checked = saturation_share(judged.value, temperature), f"at {temperature:g} degC", VERIFICATION
    if share is None or not meets(share, CLASS_I_SATURATION, math.inf):
        return judged
    return replace(
        judged,
        value=share,
        unit="%",
        operator=">=",
        limit=CLASS_I_SATURATION,
        water_class="I",
        better_class=None,
        better_limit=None,
        over=False,
        over_limit=None,
        verification=checked,
        measured=judged.value,
        remark=f"{judged.value:g} mg/L is {share:.1f} % of saturation ({how})",
    )


def largest_possible(item: ItemLimits) -> float:
    """The value above which a reading of this item is an instrument's fault [its unit]."""
    return IMPOSSIBLE_ABOVE.get(item.parameter, IMPOSSIBLE_ABOVE.get(item.unit, math.inf))


def why_not(code: str, value: float | None, item: ItemLimits | None, known: str | None) -> str | None:
    """The reason for which a value is not compared with a limit; ``None`` if it is."""
    if item is None:
        return "not_for_rivers" if code == "TN" else "not_in_standard"
    if item.use == "none":
        return "no_class_limit"
    if known:
        return known
    if value is None:
        return "missing"
    if value < 0.0:
        return "negative"
    if value > largest_possible(item):
        return "impossible"
    return None


def _in_range(value: float | None, unit: str) -> bool:
    return value is not None and 0.0 <= value <= IMPOSSIBLE_ABOVE.get(unit, math.inf)


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _order(limits: Mapping[str, ItemLimits], code: str) -> int:
    return list(limits).index(code) if code in limits else len(limits)
