"""Looks at what was written beside what stood before and after it, and gives each reading the flag that follows.

The clock calls it before it judges. What a source or a person said of a reading stays beside what a check says: the
stronger holds, and a person's word over both. Looking twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.observation.checks import all_tests, check_series, thresholds_for
from riverchief.observation.checks.kinds import checks_by_kind, kind_of
from riverchief.observation.checks.run import FLAG_OF_CODE
from riverchief.observation.checks.thresholds import Row, Thresholds
from riverchief.observation.series import Series as Measured
from riverchief.parameter import find_parameter
from riverchief_server.observations import store
from riverchief_server.observations.check_settings import check_again, kind_given, rows_of_places, settings_of
from riverchief_server.observations.models import FlaggedPeriod, Series
from riverchief_server.places.models import Place

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
#: What a verdict may depend on: so long before a reading, and after it, at the least.
LEAST_BESIDE_MS = 2 * DAY_MS
RESTLESS_H = 15 * 24.0  # what is usual is that of two weeks
SAID_BY_SOURCE = "sensor_state"
PERSON = "person:"


class Window(NamedTuple):
    """A series of the register with its readings of a time, and how it is to be checked."""

    series: Series
    columns: store.Columns
    measured: Measured
    thresholds: Thresholds


def check_written(written: Mapping[int, int], now: datetime) -> int:
    """Check the series ``written`` (numbers to the earliest time that changed [ms]); how many flags are new.

    ``now`` is when a new flag comes into force.
    """
    changed = 0
    rows = Series.objects.filter(pk__in=list(written)).select_related("place") if written else ()
    by_place: dict[int, list[Series]] = {}
    for row in rows:
        by_place.setdefault(row.place_id, []).append(row)
    own = rows_of_places(by_place)
    for place, series in by_place.items():
        since = {one.pk: written[one.pk] for one in series}
        changed += _check_place(series[0].place, since, own.get(place, ()), now)
    return changed


def flag_period(
    place: Place, parameter: str, begin: datetime, end: datetime, flag: str, because: str, by: str, now: datetime
) -> FlaggedPeriod:
    """Give every reading of ``place`` (of ``parameter``, empty: of all) from ``begin`` up to ``end`` the flag ``flag``;
    empty: take back what persons said of it. Appended, never changed; in force when the clock looks next.

    Raises :class:`~riverchief.errors.BadInput` with every fault: an unknown parameter or flag, a period that ends
    before it begins, no reason.
    """
    faults: list[Fault] = []
    code = ""
    if parameter:
        try:
            code = find_parameter(parameter).code
        except BadInput as refused:
            faults += refused.faults
    if flag and flag not in store.flag_numbers():
        faults.append(unknown_name("unknown_flag", flag, list(store.flag_numbers()), column="flag"))
    if not begin < end:
        details = {"given": f"{begin:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}", "allowed": "begin < end"}
        faults.append(Fault("out_of_range", column="end", details=details))
    if not because.strip():
        faults.append(Fault("missing_value", column="because", details={"given": "because", "allowed": "…"}))
    if faults:
        raise BadInput(faults)
    row = FlaggedPeriod.objects.create(
        place=place,
        parameter=code,
        begin=begin,
        end=end,
        flag=flag,
        because=because,
        flagged_by=by[:120],
        flagged_at=now,
    )
    check_again(place, code, begin)
    return row


def _check_place(place: Place, since: Mapping[int, int], own: Sequence[Row], now: datetime) -> int:
    """Check those series of ``place`` that were written; their companions are looked at beside them."""
    every = list(Series.objects.filter(place=place))
    settings = settings_of(place)
    beside_ms = max(LEAST_BESIDE_MS, *(_beside_ms(thresholds_for(one.parameter, extra=own)) for one in every))
    begin = min(since.values()) - 2 * beside_ms
    read = store.read_many([one.pk for one in every], begin, store.EVER)
    windows = [_window(one, read, own, place) for one in every]
    periods = list(FlaggedPeriod.objects.filter(place=place).order_by("id"))
    kind = kind_given(settings)
    changed = 0
    for window in windows:
        if window.series.pk not in since or not window.columns.size:
            continue
        companions = {
            other.series.parameter: other.measured
            for other in windows
            if other is not window and _way(other.series) == _way(window.series)
        }
        made = checks_by_kind()[kind_of(place.kind, window.measured.interval_s, kind)]
        checked = check_series(window.measured, thresholds=window.thresholds, companions=companions, only=made)
        flag, by = _flags(window.columns, checked.merged.codes, checked.merged.tests, checked.merged.names)
        flag, by = _said_by_persons(window, periods, flag, by)
        # what stands at the beginning of the window was not seen beside all that it depends on
        is_new = (flag != window.columns.flag) | (by != window.columns.flag_by)
        is_new &= window.columns.t >= since[window.series.pk] - beside_ms
        chosen = window.columns.take(is_new)
        changed += store.reflag(chosen.series, chosen.t, flag[is_new], by[is_new], store.to_ms(now))
    return changed


def _window(series: Series, read: store.Columns, own: Sequence[Row], place: Place) -> Window:
    mine = read.take(read.series == series.pk)
    codes = store.flag_codes()
    is_bound = np.isnan(mine.v) & ~np.isnan(mine.bound)
    times_s = mine.t / 1000.0
    measured = Measured(
        place.code,
        series.parameter,
        "",
        times_s,
        np.where(is_bound, mine.bound, mine.v),
        tuple(codes[number] for number in mine.sent.tolist()),
        is_bound,
        series.statistic,
        series.period_s,
        series.source,
    )
    limits = thresholds_for(series.parameter, interval_s=measured.interval_s, station=place.code, extra=own)
    return Window(series, mine, measured, limits)


def _flags(
    columns: store.Columns, codes: NDArray[np.uint8], tests: NDArray[np.int8], names: Sequence[str]
) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """The flag of each reading and who set it: the source's own word where no check says more."""
    numbers = store.flag_numbers()
    sources = store.source_numbers(set(names) | {""})
    flag_of = np.zeros(10, np.int16)
    for code, name in FLAG_OF_CODE.items():
        flag_of[code] = numbers[name]
    flag = flag_of[codes]
    by_test = np.array([0 if name == SAID_BY_SOURCE else sources[name] for name in names] + [0], np.int32)
    by = by_test[tests]
    is_said = np.array([name == SAID_BY_SOURCE for name in names] + [False])[tests]
    # what no check could look at, and what the source says itself, is as it was sent
    keeps = is_said | (flag == numbers["unchecked"]) | (flag == numbers["missing"])
    flag = np.where(keeps, columns.sent, flag).astype(np.int16)
    return flag, np.where(keeps, 0, by).astype(np.int32)


def _said_by_persons(
    window: Window, periods: Iterable[FlaggedPeriod], flag: NDArray[np.int16], by: NDArray[np.int32]
) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """``flag`` and ``by`` with what persons said over them, the newest last. A reading that a person flagged alone (by
    an open interface) keeps that, for its name is no check's."""
    names = store.source_names()
    checks = {number for number, name in names.items() if name in all_tests()} | {0}
    periodic = {number for number, name in names.items() if name.startswith(PERSON)}
    is_alone = ~np.isin(window.columns.flag_by, list(checks | periodic))
    flag = np.where(is_alone, window.columns.flag, flag)
    by = np.where(is_alone, window.columns.flag_by, by)
    automatic_flag, automatic_by = flag.copy(), by.copy()
    for period in periods:
        if period.parameter and period.parameter != window.series.parameter:
            continue
        begin, end = store.to_ms(period.begin), store.to_ms(period.end)
        is_inside = (window.columns.t >= begin) & (window.columns.t < end)
        if not is_inside.any():
            continue
        if period.flag:
            name = f"{PERSON}{period.flagged_by}"
            number = store.source_numbers({name})[name]
            flag = np.where(is_inside, store.flag_numbers()[period.flag], flag)
            by = np.where(is_inside, number, by)
        else:
            flag, by = np.where(is_inside, automatic_flag, flag), np.where(is_inside, automatic_by, by)
    return flag.astype(np.int16), by.astype(np.int32)


def _beside_ms(limits: Thresholds) -> int:
    hours = [limits.stuck_fail_h, limits.stuck_suspect_h, limits.attenuated_h, limits.max_gap_h]
    hours.append(RESTLESS_H if limits.restless_factor is not None else None)
    return int(max((hour for hour in hours if hour is not None), default=0.0) * HOUR_MS)


def _way(series: Series) -> tuple[str, int]:
    return series.statistic, series.period_s
