"""All checks of a series, by its thresholds, merged: what the desk, the gateway and ``riverchief check`` call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from riverchief.observation.checks import kernels
from riverchief.observation.checks.merge import Merged, merge
from riverchief.observation.checks.outcome import FAIL, MISSING, NOT_EVALUATED, PASS, SUSPECT, Floats, Outcome
from riverchief.observation.checks.several import ice, neighbour, oxygen, part_of_whole
from riverchief.observation.checks.single import (
    EVER,
    HOUR_S,
    attenuated,
    gap,
    range_check,
    rate,
    restless,
    sensor_state,
    spike,
    step,
    stuck,
)
from riverchief.observation.checks.thresholds import Row, Thresholds, thresholds_for
from riverchief.observation.reading import Reading
from riverchief.observation.series import Series, series_of
from riverchief.table import read_table

FLAG_OF_CODE = {PASS: "good", NOT_EVALUATED: "unchecked", SUSPECT: "suspect", FAIL: "bad", MISSING: "missing"}
SAID = ("sensor_state", "gap")  # no verdict of ours on the value
PATIENCE = 8.0  # where no limit is set, neighbours may stand eight usual intervals apart
USUAL_STEP = 3.0
GAP = 1.5  # a gap is more than one and a half usual intervals


class Neighbour(NamedTuple):
    """A series up- or downstream and how its water compares: ``lag_s`` [s] is its travel time to here (negative from
    downstream), ``difference`` [unit] and ``share`` [1] what the two may differ by."""

    series: Series
    lag_s: float
    difference: float
    share: float = 0.0


class Checked(NamedTuple):
    """A series with its verdict: ``flags`` (n,) are codes of ``flags.csv``, ``tests`` (n,) the test that set each
    (empty: none objected), ``outcomes`` the evidence of every check that was made."""

    series: Series
    flags: tuple[str, ...]
    tests: tuple[str, ...]
    merged: Merged
    outcomes: tuple[Outcome, ...]
    thresholds: Thresholds

    def counts(self) -> dict[tuple[str, str], int]:
        """How many values got which flag by which test."""
        return dict(Counter(zip(self.flags, self.tests, strict=True)))


def check_series(
    series: Series,
    *,
    thresholds: Thresholds | None = None,
    extra: Sequence[Row] = (),
    companions: Mapping[str, Series] | None = None,
    neighbours: Sequence[Neighbour] = (),
    also: Sequence[Outcome] = (),
    is_trailing: bool = False,
    only: Collection[str] | None = None,
) -> Checked:
    """Every check that ``series`` can be put to.

    Parameters
    ----------
    thresholds, extra
        The thresholds, or rows to lay over the shipped table (a station's own).
    companions
        Other parameters of the same station by code, for the checks across parameters.
    neighbours
        The same parameter up- and downstream.
    also
        Outcomes of further checks of the caller, of the series' length: climatology, order of arrival.
    is_trailing
        For data that are arriving, see :func:`riverchief.observation.checks.stuck`.
    only
        The checks that are made (None: all), see :func:`riverchief.observation.checks.kinds.checks_by_kind`.

    A flag that the source itself gave (maintenance, calibration …) stays unless something stronger is found; a bound
    (``<0.01``) takes part in the range check only.
    """
    limits = thresholds or thresholds_for(
        series.parameter, interval_s=series.interval_s, station=series.station, extra=extra
    )
    outcomes = [sensor_state(series.flags), *_alone(series, limits, is_trailing)]
    outcomes += _across(series, companions or {}, limits)
    outcomes += [
        neighbour(
            series.times_s,
            _moving(series),
            other.series.times_s,
            _moving(other.series),
            lag_s=other.lag_s,
            difference=other.difference,
            share=other.share,
            max_gap_s=PATIENCE * (other.series.interval_s or HOUR_S),
        )
        for other in neighbours
    ]
    outcomes = [_without_bounds(outcome, series) for outcome in outcomes] + list(also)
    if only is not None:
        outcomes = [one for one in outcomes if one.test in only or one.test in SAID]
    merged = merge(outcomes)
    tests = tuple(merged.test_at(place) for place in range(len(series)))
    flags = tuple(
        given if test == "sensor_state" else FLAG_OF_CODE[code]
        for given, test, code in zip(series.flags, tests, merged.codes.tolist(), strict=True)
    )
    return Checked(series, flags, tests, merged, tuple(outcomes), limits)


def check_readings(readings: Iterable[Reading], *, extra: Sequence[Row] = ()) -> list[Checked]:
    """The series in ``readings``, each checked, with the other parameters of its station as companions."""
    found = series_of(readings)
    by_place: dict[tuple[str, str, int], dict[str, Series]] = {}
    for series in found:
        by_place.setdefault((series.station, series.statistic, series.period_s), {})[series.parameter] = series
    return [
        check_series(series, extra=extra, companions=by_place[(series.station, series.statistic, series.period_s)])
        for series in found
    ]


def _alone(series: Series, limits: Thresholds, is_trailing: bool) -> list[Outcome]:
    times_s, values, moving = series.times_s, series.values, _moving(series)
    interval_s = series.interval_s
    patience_s = PATIENCE * interval_s if interval_s else EVER
    max_gap_s = patience_s if limits.max_gap_h is None else limits.max_gap_h * HOUR_S
    outcomes = [range_check(values, hard=(limits.hard_low, limits.hard_high), soft=(limits.soft_low, limits.soft_high))]
    if _is_set(limits.spike_suspect, limits.spike_fail, limits.spike_suspect_share, limits.spike_fail_share):
        outcomes.append(
            spike(
                times_s,
                moving,
                suspect=limits.spike_suspect,
                fail=limits.spike_fail,
                suspect_share=limits.spike_suspect_share,
                fail_share=limits.spike_fail_share,
                max_gap_s=max_gap_s,
                method="differential",
            )
        )
    if _is_set(limits.rate_suspect_per_h, limits.rate_fail_per_h):
        outcomes.append(
            rate(
                times_s,
                moving,
                suspect_per_h=limits.rate_suspect_per_h,
                fail_per_h=limits.rate_fail_per_h,
                max_gap_s=max_gap_s,
            )
        )
    if _is_set(limits.stuck_suspect_h, limits.stuck_fail_h):
        outcomes.append(
            stuck(
                times_s,
                moving,
                suspect_s=_seconds(limits.stuck_suspect_h),
                fail_s=_seconds(limits.stuck_fail_h),
                tolerance=limits.stuck_tolerance or 0.0,
                floor=limits.floor,
                max_gap_s=max_gap_s,
                is_trailing=is_trailing,
            )
        )
    if limits.attenuated_h is not None and limits.attenuated_suspect is not None:
        window_s = limits.attenuated_h * HOUR_S
        outcomes.append(attenuated(times_s, moving, window_s=window_s, suspect=limits.attenuated_suspect))
    if limits.restless_factor is not None and limits.restless_floor is not None:
        factor, floor = limits.restless_factor, limits.restless_floor
        outcomes.append(restless(times_s, moving, factor=factor, floor=floor, max_gap_s=max_gap_s))
    if limits.step_least is not None:
        outcomes.append(step(times_s, moving, least=limits.step_least, factor=limits.step_factor or USUAL_STEP))
    if interval_s is not None:
        outcomes.append(gap(times_s, max_gap_s=GAP * interval_s))
    return outcomes


def _across(series: Series, companions: Mapping[str, Series], limits: Thresholds) -> list[Outcome]:
    outcomes: list[Outcome] = []
    if limits.ice_below is not None and "WT" in companions:
        outcomes.append(ice(series.values, _beside(series, companions["WT"]), below_c=limits.ice_below))
    if series.parameter == "DO" and "WT" in companions:
        outcomes.append(oxygen(series.values, _beside(series, companions["WT"])))
    for relation in _relations():
        part, whole = relation["part"], relation["whole"]
        other = companions.get({part: whole, whole: part}.get(series.parameter, ""))
        if other is None:
            continue
        options = {
            "tolerance_share": float(relation["tolerance_share"]),
            "tolerance": float(relation["tolerance"]),
        }
        beside = _beside(series, other)
        if series.parameter == part:
            outcomes.append(part_of_whole(series.values, beside, **options))
        else:
            verdict = part_of_whole(beside, series.values, **options)
            # seen from the whole: where the part is missing nothing can be said, where the whole is it is missing
            codes = np.where(verdict.codes == MISSING, NOT_EVALUATED, verdict.codes).astype(np.uint8)
            codes[np.isnan(series.values)] = MISSING
            outcomes.append(verdict._replace(codes=codes))
    return outcomes


def _beside(series: Series, other: Series) -> Floats:
    """The values of ``other`` at the times of ``series``: of the same time, or between two close readings."""
    max_gap_s = 2.0 * (other.interval_s or 0.0)
    found: Floats = kernels.at_times(series.times_s, other.times_s, _moving(other), max_gap_s)
    return found


def _moving(series: Series) -> Floats:
    """The values of ``series`` without those that are only bounds: a limit does not rise, stand or spike."""
    return np.where(series.is_bound, np.nan, series.values) if series.is_bound.any() else series.values


def _without_bounds(outcome: Outcome, series: Series) -> Outcome:
    """A bound is not missing: checks that had to leave it out have not evaluated it."""
    if not series.is_bound.any():
        return outcome
    codes = outcome.codes.copy()
    codes[series.is_bound & (codes == MISSING)] = NOT_EVALUATED
    return outcome._replace(codes=codes)


def _is_set(*thresholds: float | None) -> bool:
    return any(threshold is not None for threshold in thresholds)


def _seconds(hours: float | None) -> float | None:
    return None if hours is None else hours * HOUR_S


@cache
def _relations() -> list[dict[str, str]]:
    return read_table("riverchief.observation.checks", "relations.csv")
