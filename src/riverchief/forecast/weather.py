"""Weather beside a panel: as it was forecast, as it was observed, or, for an upper bound only, as if it were known.

A forecast archive says when each value was *issued*; at an origin the newest issue that was out by then is used, and
for times it does not reach nothing is known. Observed weather is known up to the origin like any companion. Nobody
knows the weather of tomorrow as it will have been measured: :func:`as_if_known` exists to show what a perfect forecast
would be worth, and what it gives must be called that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.panel import Foreseen, Panel
from riverchief.forecast.rolling import later

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Weather:
    """Values of several quantities: for ``valid_s`` [s since 1970 UTC], issued at ``issued_s`` (NaN: observed), at
    ``place`` ("" for everywhere); ``columns`` by name, all of shape (n,)."""

    place: NDArray[np.object_]
    valid_s: Floats
    issued_s: Floats
    columns: Mapping[str, Floats]

    @property
    def is_forecast(self) -> bool:
        """Whether every value says when it was issued."""
        return bool(len(self.issued_s)) and not bool(np.isnan(self.issued_s).any())


def beside(panel: Panel, weather: Weather, leads: Sequence[int]) -> Panel:
    """``panel`` with ``weather`` as what it is: a forecast archive ahead, observations as companions."""
    if weather.is_forecast:
        return replace(panel, ahead={**panel.ahead, **_foreseen(panel, weather, leads)})
    return replace(panel, companions={**panel.companions, **_observed(panel, weather)})


def as_if_known(panel: Panel, weather: Weather, leads: Sequence[int]) -> Panel:
    """``panel`` with observed ``weather`` as if it had been forecast without error: an upper bound and nothing else."""
    ahead = {}
    for name, values in _observed(panel, weather).items():
        ahead[name] = Foreseen({0: values, **{lead: later(values, lead) for lead in leads}})
    return replace(panel, ahead={**panel.ahead, **ahead})


def _observed(panel: Panel, weather: Weather) -> dict[str, Floats]:
    at = _steps(panel, weather.valid_s)
    found = {}
    for name, values in weather.columns.items():
        rows = [_means(at, values, _is_of(weather, place), panel.steps) for place in panel.places]
        found[name] = np.stack(rows)
    return found


def _foreseen(panel: Panel, weather: Weather, leads: Sequence[int]) -> dict[str, Foreseen]:
    """At each step and lead the newest issue that was out at the step's end, averaged over the target's step."""
    at = _steps(panel, weather.valid_s)
    # an issue is out for the step in which it appears: what a step holds is known at its end
    out = np.floor((weather.issued_s - panel.start_s) / panel.step_s + 1e-9).astype(np.int64)
    found = {}
    for name, values in weather.columns.items():
        by_lead = {lead: np.full(panel.values.shape, np.nan) for lead in (0, *leads)}
        for row, place in enumerate(panel.places):
            mine = _is_of(weather, place) & ~np.isnan(values)
            issues = np.unique(out[mine])
            for issue in issues[issues < panel.steps].tolist():
                chosen = mine & (out == issue)
                later_issue = issues[issues > issue]
                until = int(later_issue[0]) if len(later_issue) else panel.steps
                for lead, table in by_lead.items():
                    for step in range(max(issue, 0), min(until, panel.steps)):
                        there = chosen & (at == step + lead)
                        if there.any():
                            table[row, step] = values[there].mean()
        found[name] = Foreseen(by_lead)
    return found


def _steps(panel: Panel, times_s: Floats) -> NDArray[np.int64]:
    return np.floor((times_s - panel.start_s) / panel.step_s + 1e-9).astype(np.int64)


def _is_of(weather: Weather, place: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (weather.place == place) | (weather.place == "")
    return found


def _means(at: NDArray[np.int64], values: Floats, chosen: NDArray[np.bool_], steps: int) -> Floats:
    inside = chosen & ~np.isnan(values) & (at >= 0) & (at < steps)
    total = np.bincount(at[inside], weights=values[inside], minlength=steps)
    count = np.bincount(at[inside], minlength=steps)
    found = np.full(steps, np.nan)
    np.divide(total, count, out=found, where=count > 0)
    return found
