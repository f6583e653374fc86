"""A panel: one parameter at several places on one regular grid, with what else is known at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.forecast.usable import usable_values
from riverchief.observation.series import Series
from riverchief.parameter import find_parameter

Floats = NDArray[np.float64]
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
STEPS_S = (HOUR_S, 4 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S)  # a grid is one of these: none is finer than an hour


@dataclass(frozen=True, eq=False)
class Panel:
    """One parameter at ``places`` on a grid of ``step_s`` [s] that begins at ``start_s`` [s since 1970 UTC].

    ``values`` (places, steps) [``unit``], NaN where nothing usable was measured; a step holds the mean of what was
    measured in it and is known at its end. ``companions`` are other quantities at the same places and steps, known up
    to the origin as the values are. ``ahead`` are quantities that somebody forecasts (weather). ``left_out`` counts by
    place the values that were not usable, by reason.
    """

    parameter: str
    unit: str
    places: tuple[str, ...]
    start_s: float
    step_s: float
    values: Floats
    companions: Mapping[str, Floats] = field(default_factory=dict)
    ahead: Mapping[str, Foreseen] = field(default_factory=dict)
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """How many steps the grid has."""
        return int(self.values.shape[1])

    @property
    def per_day(self) -> int:
        """Steps of a day; 1 where a step is a day or longer."""
        return max(1, round(DAY_S / self.step_s))

    def times_s(self, count: int | None = None) -> Floats:
        """The beginnings [s since 1970 UTC] of the first ``count`` steps (all of the grid unless given)."""
        steps = np.arange(self.steps if count is None else count, dtype=np.float64)
        return self.start_s + self.step_s * steps

    def step_at(self, time_s: float) -> int:
        """The first step that begins at or after ``time_s`` [s since 1970 UTC]."""
        return int(np.ceil((time_s - self.start_s) / self.step_s - 1e-9))

    def lead_steps(self, leads_h: Sequence[float]) -> tuple[int, ...]:
        """``leads_h`` [h] in steps. Raises ``BadInput`` (``out_of_range``) for one that is no whole number of them."""
        found, faults = [], []
        for lead in leads_h:
            steps = lead * HOUR_S / self.step_s
            if steps < 0.5 or abs(steps - round(steps)) > 1e-6:
                details = {"given": f"{lead:g} h", "allowed": f"n × {self.step_s / HOUR_S:g} h"}
                faults.append(Fault("out_of_range", column="lead_h", details=details))
            found.append(round(steps))
        if faults:
            raise BadInput(faults)
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Foreseen:
    """What was forecast of one quantity: ``by_lead`` (places, steps) at each step for so many steps later; lead 0 is
    the step itself."""

    by_lead: Mapping[int, Floats]

    def __call__(self, lead: int, shape: tuple[int, ...]) -> Floats:
        """(places, steps): at each step what was forecast for ``lead`` steps later; NaN where nothing was."""
        found = self.by_lead.get(lead)
        return np.full(shape, np.nan) if found is None else found


def panel_of(series: Sequence[Series], parameter: str, *, step_s: float | None = None) -> Panel:
    """The panel of ``parameter`` (any spelling) in ``series``; other parameters of the same places become companions.

    The grid's step is the usual interval of the series, rounded up to an hour, four hours, a day, a week or 30 days,
    unless ``step_s`` [s] says otherwise; it begins at a whole step of the first reading's day. Where several series of
    one place hold the parameter (statistics, sources), the longest is taken.

    Raises :class:`~riverchief.errors.BadInput` (``unknown_parameter``, or ``nothing_to_forecast`` where no series
    holds it).
    """
    code = find_parameter(parameter).code
    chosen: dict[tuple[str, str], Series] = {}
    for each in series:
        key = (each.station, each.parameter)
        if key not in chosen or len(each) > len(chosen[key]):
            chosen[key] = each
    mine = [each for each in chosen.values() if each.parameter == code]
    if not mine:
        known = "、".join(sorted({each.parameter for each in series})) or "—"
        raise BadInput([Fault("nothing_to_forecast", details={"given": code, "allowed": known})])
    step = step_s or _step_of(mine)
    start = np.floor(min(each.times_s[0] for each in mine) / DAY_S) * DAY_S
    count = int((max(each.times_s[-1] for each in mine) - start) // step) + 1
    places = tuple(each.station for each in mine)
    left_out: dict[str, dict[str, int]] = {}
    columns: dict[str, Floats] = {}
    for each in chosen.values():
        if each.station not in places:
            continue
        values, reasons = usable_values(each)
        column = columns.setdefault(each.parameter, np.full((len(places), count), np.nan))
        column[places.index(each.station)] = _gridded(each.times_s, values, start, step, count)
        if each.parameter == code and reasons:
            left_out[each.station] = reasons
    values = columns.pop(code)
    return Panel(code, mine[0].unit, places, start, step, values, columns, {}, left_out)


def _step_of(series: Sequence[Series]) -> float:
    intervals = [each.interval_s for each in series if each.interval_s]
    usual = float(np.median(intervals)) if intervals else DAY_S
    return next((step for step in STEPS_S if usual <= step * 1.01), STEPS_S[-1])


def _gridded(times_s: Floats, values: Floats, start: float, step: float, count: int) -> Floats:
    """The mean of ``values`` in each step of the grid, NaN where there is none."""
    at = np.floor((times_s - start) / step + 1e-9).astype(np.int64)
    inside = ~np.isnan(values) & (at >= 0) & (at < count)
    total = np.bincount(at[inside], weights=values[inside], minlength=count)
    number = np.bincount(at[inside], minlength=count)
    found = np.full(count, np.nan)
    np.divide(total, number, out=found, where=number > 0)
    return found
