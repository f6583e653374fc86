"""The single-factor grading of one sample: the worst item gives the class (GB 3838-2002; 环办〔2011〕22号).

This is the readable form. ``engine.py`` grades millions of samples with the same limits and must agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from riverchief.parameter import by_code
from riverchief.standard.censored import DEFAULT_RULE, Censored, CensoredRule, Reported, censored_rule
from riverchief.standard.classes import WORST, rank_of, read_class
from riverchief.standard.evidence import Evidence, Excluded, Judgement, Origin, worst_class
from riverchief.standard.minimum_items import is_enough
from riverchief.standard.reasons import reasons
from riverchief.standard.surface_water.item import (
    IMPOSSIBLE_ABOVE,
    Found,
    Water,
    judge_censored,
    judge_censored_limit,
    judge_item,
    judge_limit,
    meets,
    why_not,
)
from riverchief.standard.surface_water.kind_of_water import known_water
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

VERIFIED = "official_scan+code"  # of table 1 as a whole


def grade_sample(
    values: Mapping[str, Reported],
    *,
    water: Water | None = None,
    temperature: float | None = None,
    target: str = "III",
    state: str | None = None,
    origins: Mapping[str, Origin] | None = None,
    missing: Literal["withhold", "ignore"] = "withhold",
    oxygen: Literal["either", "concentration"] = "either",
    left_out: Mapping[str, str] | None = None,
    censored: str = DEFAULT_RULE,
) -> Judgement:
    """The class of one sample by its worst item, with the evidence.

    Parameters
    ----------
    values
        Value of each item in its canonical unit, keyed by any spelling of the parameter. ``None`` or NaN says that the
        item belongs to the sample and was not obtained; leave out what is not measured at the place at all. What is
        known by a bound only is a :class:`~riverchief.standard.censored.Censored` (``below(0.01)``, ``above(24000)``).
    water
        ``"river"`` or ``"lake"`` (also reservoirs): they have different limits of total phosphorus, and total nitrogen
        is judged (on its own) for lakes only. Not given, it is a river, unless what was measured looks like a lake
        (transparency, chlorophyll-a, ``TP_LAKE``): then it must be said.
    temperature
        Water temperature [degC]; taken from ``values["WT"]`` if not given. Only used for the oxygen saturation.
    target
        The class the place must meet; over-limit multiples refer to its limit. Default III, the law's reference.
    state
        ``"maintenance"`` excludes every value, whatever it is.
    origins
        How each value came about, where it is not a plain sample.
    missing
        ``"withhold"`` (default): no class while an item that belongs to the sample has no value that can be judged,
        unless the rest is already worse than class V. That is what the national centre does: of 23,752 classes it
        printed in 2020-2021 none had a missing item. ``"ignore"`` judges what is there.
    oxygen
        ``"either"``: class I also by saturation >= 90 % (measured, or computed from the temperature), as the law
        says; ``"concentration"``: by mg/L only, as the national centre's automatic stations do.
    left_out
        Items that must not be judged, with the reason (a row of ``reasons.csv``), e.g. ``{"HG": "flagged"}``.
    censored
        The rule of ``censored_rules.csv`` for values below their detection limit.

    There is no class on fewer items than ``minimum_items.csv`` asks for; ``at_best`` says what those there are prove.
    Raises :class:`~riverchief.errors.BadInput` for an unknown parameter, class, rule or kind of water, and
    ``kind_of_water_needed``. Negative and impossible values are excluded with their reason.
    """
    kind = known_water(water, values)
    limits = limits_for(kind)
    target, rule = read_class(target), censored_rule(censored)
    given = {code: _number(value) for code, value in by_code(values).items()}
    if temperature is None:
        temperature = _plain(given.get("WT"))
    saturation = _share(given.get("DO_SAT"))
    closed = state == "maintenance"
    evidence: list[Evidence] = []
    apart: list[Evidence] = []
    excluded: list[Excluded] = []
    for code, value in sorted(given.items(), key=lambda pair: _order(limits, pair[0])):
        item = limits.get(code)
        origin = (origins or {}).get(code)
        source = source_limits().get(code) if item is None else None
        if source and not closed and _in_range(value, source.unit):
            judged, left = _judge_source_item(source, value, rule, origin)
            apart += [judged] if judged else []
            excluded.append(Excluded(code, left or "source_water_only", _shown(value), sign=_sign(value)))
            continue
        left = "maintenance" if closed else why_not(code, value, item, (left_out or {}).get(code))
        if left is None:
            assert item is not None and value is not None
            judged, left = _judge(item, value, target, rule, origin)
            if judged is not None and code == "DO" and oxygen == "either":
                judged = _by_saturation(judged, saturation, temperature)
                judged = None if judged.at_least and judged.water_class == "I" else judged
            found = evidence if item.use == "class" else apart
            found += [judged] if judged else []
            left = left or ("apart" if item.use == "apart" else None)
        if left and code != "DO_SAT":
            excluded.append(Excluded(code, left, _shown(value), sign=_sign(value)))
    at_best, limiting = worst_class(tuple(evidence))
    enough = is_enough([e.item for e in evidence if not e.at_least])
    if at_best and at_best != WORST and not enough:
        excluded.append(Excluded("", "too_few_items"))
    withheld = closed or (
        at_best != WORST
        and (
            not enough
            or any(e.at_least for e in evidence)
            or (missing == "withhold" and any(_withholds(left, limits) for left in excluded))
        )
    )
    return Judgement(
        None if withheld else at_best,
        () if withheld else limiting,
        tuple(evidence),
        tuple(excluded),
        STANDARD,
        STANDARD,
        weakest((VERIFIED, *(_level(e, limits, at_best, rule) for e in evidence))),
        target,
        kind,
        at_best,
        tuple(apart),
        len(class_items(kind)),
    )


def _judge(item: ItemLimits, value: float | Censored, target: str, rule: CensoredRule, origin: Origin | None) -> Found:
    if isinstance(value, Censored):
        return judge_censored(item, value, target, rule, origin)
    return judge_item(item, value, target, origin), None


def _judge_source_item(row: SingleLimit, value: Reported, rule: CensoredRule, origin: Origin | None) -> Found:
    if isinstance(value, Censored):
        return judge_censored_limit(row, value, rule, origin)
    return judge_limit(row, value or 0.0, origin), None


def _withholds(left: Excluded, limits: Mapping[str, ItemLimits]) -> bool:
    """Whether what was left out withholds the class: a value of an item that decides it was due and is not there."""
    item, reason = limits.get(left.item), reasons()[left.kind]
    return item is not None and item.use == "class" and reason.withholds and (item.core or not reason.core_only)


def _level(e: Evidence, limits: Mapping[str, ItemLimits], worst: str | None, rule: CensoredRule) -> str:
    """The verification of an item, as far as it matters: what does not decide the class does not count."""
    if e.measured is not None:
        by_concentration = judge_item(limits[e.item], e.measured, "III")
        if rank_of(by_concentration.water_class) <= rank_of(worst):
            return by_concentration.verification
    if e.origin.rule and e.water_class == worst and worst != "I":
        return weakest((e.verification, rule.verification))
    return e.verification


def _by_saturation(judged: Evidence, saturation: float | None, temperature: float | None) -> Evidence:
    """Class I for oxygen at >= 90 % of saturation; a measured share goes before a computed one."""
    if judged.water_class == "I":
        return judged
    share, at, checked = saturation, None, judged.verification
    if share is None and temperature is not None and COLDEST <= temperature <= WARMEST:
        share, at, checked = saturation_share(judged.value, temperature), temperature, VERIFICATION
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
        at_temperature=at,
    )


def _in_range(value: Reported, unit: str) -> bool:
    number = _shown(value)
    if isinstance(value, Censored) and value.is_unknown:
        return True
    return number is not None and 0.0 <= number <= IMPOSSIBLE_ABOVE.get(unit, math.inf)


def _number(value: Reported) -> Reported:
    if isinstance(value, Censored):
        return value
    return None if value is None or math.isnan(value) else float(value)


def _plain(value: Reported) -> float | None:
    """A value that is not known by a bound only."""
    return None if isinstance(value, Censored) else value


def _share(value: Reported) -> float | None:
    """A measured saturation; of ``>90`` the bound, for more oxygen is never worse; ``<95`` says nothing."""
    if isinstance(value, Censored):
        return value.least if value.operator == ">" else None
    return value


def _shown(value: Reported) -> float | None:
    number = value.bound if isinstance(value, Censored) else value
    return number if number is not None and math.isfinite(number) else None


def _sign(value: Reported) -> str:
    return value.operator if isinstance(value, Censored) else ""


def _order(limits: Mapping[str, ItemLimits], code: str) -> int:
    return list(limits).index(code) if code in limits else len(limits)
