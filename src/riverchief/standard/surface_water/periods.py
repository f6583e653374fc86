"""A day, week, month, quarter or year at one section: means by item, whether they suffice, and the judgement.

What a period is the mean of and how many values it needs is ``periods.csv`` (环办〔2011〕22号). A quarter and a year
are means of months, so that a month with many samples weighs no more than one with few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, unknown_name
from riverchief.parameter import by_code
from riverchief.standard.censored import DEFAULT_RULE, CensoredRule, Reported, censored_rule
from riverchief.standard.evidence import Judgement, Origin
from riverchief.standard.surface_water.item import Water
from riverchief.standard.surface_water.kind_of_water import known_water
from riverchief.standard.surface_water.mean import Spread, evaluated_mean, mean_of, plain_mean, spread_of
from riverchief.standard.surface_water.rounding import VERIFICATION
from riverchief.standard.surface_water.sample import grade_sample
from riverchief.standard.verification import weakest
from riverchief.table import read_table

Period = Literal["day", "week", "month", "quarter", "year", "to_date"]


@dataclass(frozen=True)
class PeriodRule:
    """A row of ``periods.csv``: the mean of what (``sample`` or ``month``), and of how many at least."""

    period: str
    mean_of: str
    minimum: int
    verification: str


@dataclass(frozen=True)
class PeriodJudgement:
    """A judged period: ``label`` is ``2021-04`` (month), ``2021-Q2``, ``2021`` (also the year to date), ``2021-W14`` or
    ``2021-04-05``."""

    label: str
    judgement: Judgement


@cache
def period_rules() -> dict[str, PeriodRule]:
    """Every period's rule by its name."""
    return {
        row["period"]: PeriodRule(row["period"], row["mean_of"], int(row["minimum"]), row["verification"])
        for row in read_table("riverchief.standard.surface_water", "periods.csv")
    }


def judge_values(
    values: Mapping[str, NDArray[np.float64]],
    period: Period = "month",
    *,
    water: Water | None = None,
    target: str = "III",
    bounds: Mapping[str, NDArray[np.uint8]] | None = None,
    censored: str = DEFAULT_RULE,
    missing: Literal["withhold", "ignore"] = "withhold",
    oxygen: Literal["either", "concentration"] = "either",
) -> Judgement:
    """The judgement of one period from the values it is the mean of.

    Parameters
    ----------
    values
        For each item the values of the period [canonical unit], NaN for what is missing: samples for a day, week or
        month; monthly means for a quarter or year. An item with fewer valid values than ``periods.csv`` asks for is
        left out (``not_in_period``), and the class is withheld if it is a core item.
    bounds, censored
        Which values are upper (1, ``<``) or lower (2, ``>``) bounds, and the rule for those below a detection limit.
        A class must hold for the mean with the detection limits in full.
    water, target, missing, oxygen
        As for :func:`~riverchief.standard.surface_water.sample.grade_sample`.

    Raises :class:`~riverchief.errors.BadInput`: unknown parameter, period, rule, water or class.
    """
    rule, signs = censored_rule(censored), by_code(bounds or {})
    kind = known_water(water, _measured(values))
    spreads = {code: spread_of(code, column, signs.get(code), rule) for code, column in by_code(values).items()}
    return _judge(spreads, _rule(period), rule, water=kind, target=target, missing=missing, oxygen=oxygen)


def judge_series(
    times: NDArray[np.datetime64],
    values: Mapping[str, NDArray[np.float64]],
    period: Period = "month",
    *,
    water: Water | None = None,
    target: str = "III",
    bounds: Mapping[str, NDArray[np.uint8]] | None = None,
    censored: str = DEFAULT_RULE,
    missing: Literal["withhold", "ignore"] = "withhold",
    oxygen: Literal["either", "concentration"] = "either",
) -> list[PeriodJudgement]:
    """Every period of a series, in order.

    ``times`` [n] are local times (the law's day is the local day); ``values`` has for each item its n values [canonical
    unit], NaN for what is missing. The rest is as for :func:`judge_values`.
    """
    needed, rule, signs = _rule(period), censored_rule(censored), by_code(bounds or {})
    kind = known_water(water, _measured(values))
    spreads = {code: spread_of(code, column, signs.get(code), rule) for code, column in by_code(values).items()}
    if needed.mean_of == "month":
        months = times.astype("datetime64[M]")
        distinct, which = np.unique(months, return_inverse=True)
        spreads = {code: _by_month(code, spread, which, distinct.size) for code, spread in spreads.items()}
        times = distinct
    labels = period_labels(times, period)
    judged = []
    for label in dict.fromkeys(labels):
        rows = [n for n, other in enumerate(labels) if other == label]
        part = {code: spread.part(rows) for code, spread in spreads.items()}
        judgement = _judge(part, needed, rule, water=kind, target=target, missing=missing, oxygen=oxygen)
        judged.append(PeriodJudgement(label, judgement))
    return judged


def _judge(
    spreads: Mapping[str, Spread],
    needed: PeriodRule,
    rule: CensoredRule,
    *,
    water: Water,
    target: str,
    missing: Literal["withhold", "ignore"],
    oxygen: Literal["either", "concentration"],
) -> Judgement:
    means: dict[str, Reported] = {}
    origins: dict[str, Origin] = {}
    left_out: dict[str, str] = {}
    for code, spread in spreads.items():
        found = evaluated_mean(code, spread, rule)
        means[code] = found.value if found else None
        if found:
            origins[code] = found.origin
            if found.origin.samples < needed.minimum:
                left_out[code] = "not_in_period"
    judged = grade_sample(
        means,
        water=water,
        target=target,
        origins=origins,
        missing=missing,
        oxygen=oxygen,
        left_out=left_out,
        censored=rule.name,
    )
    return replace(judged, verification=weakest((judged.verification, needed.verification, VERIFICATION)))


def period_labels(times: NDArray[np.datetime64], period: Period) -> list[str]:
    """The label of the period in which each local time lies; weeks are those of ISO 8601."""
    months = times.astype("datetime64[M]")
    if period == "month":
        return [str(month) for month in months]
    years = [str(year) for year in times.astype("datetime64[Y]")]
    if period in ("year", "to_date"):
        return years
    if period == "quarter":
        quarters = months.astype(np.int64) % 12 // 3 + 1
        return [f"{year}-Q{quarter}" for year, quarter in zip(years, quarters, strict=True)]
    days = [day.item() for day in times.astype("datetime64[D]")]
    if period == "day":
        return [day.isoformat() for day in days]
    weeks = [day.isocalendar() for day in days]
    return [f"{week.year}-W{week.week:02d}" for week in weeks]


def lake_mean(points: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The mean over the points of a lake of each item's mean in time (time first, then space) [canonical units].

    ``points`` maps each point to its items. A point without an item does not count for it.
    """
    items = dict.fromkeys(code for values in points.values() for code in by_code(values))
    found = {}
    for code in items:
        column = np.array([by_code(values).get(code, np.nan) for values in points.values()], dtype=np.float64)
        found[code] = plain_mean(code, column)
    return found


def _rule(period: str) -> PeriodRule:
    rules = period_rules()
    if period not in rules:
        raise BadInput([unknown_name("unknown_rule", period, list(rules))])
    return rules[period]


def _measured(values: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """One value of each item that has any, by the spelling that was given."""
    valid = {name: column[~np.isnan(column)] for name, column in values.items()}
    return {name: float(column[0]) for name, column in valid.items() if column.size}


def _by_month(code: str, spread: Spread, which: NDArray[np.intp], size: int) -> Spread:
    """Of each month the mean at least, at most and as taken."""
    parts = [mean_of(code, spread.part(np.flatnonzero(which == n).tolist())) for n in range(size)]
    least, most, taken = (np.array(column, np.float64) for column in zip(*parts, strict=True))
    return Spread(least, most, taken)
