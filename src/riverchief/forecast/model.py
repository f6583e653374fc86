"""Three forecasts of the median from one state: the damped anomaly, a line, and boosting on the line's rest.

Each is fitted on cases (place, origin, lead) whose target lies before ``end``; what they are given of the climatology
in those cases is the one that did not know them (:mod:`riverchief.forecast.season`). Cases are increments in usual
steps, not levels: a model of levels learns last year's level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.bases import all_bases, persistence_of_a_step, same_time_of_day
from riverchief.forecast.boosting import Predict, fit_boosted
from riverchief.forecast.panel import Panel
from riverchief.forecast.predictors import (
    FARTHEST,
    State,
    predictors_ahead,
    predictors_here,
    spreads_ahead,
    stitched,
    usual_step,
)
from riverchief.forecast.regression import fit_places
from riverchief.forecast.season import Season, fit_season
from riverchief.forecast.transformed import Transform, fit_transform
from riverchief.forecast.upstream import Carried, Upstream, carry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EXPERTS = ("damped", "line", "boosted")
MOST_CASES_A_LEAD = 40_000
FEWEST_CASES = 200  # of all places together, below which nothing is fitted
YEAR_S = 365.2425 * 86400.0


@dataclass(frozen=True, eq=False)
class Guess:
    """What was said at steps ``at`` for one lead, each (places, times), transformed: ``bases`` by name, ``experts``
    (experts, places, times), and ``width`` how far the median expert usually misses."""

    bases: dict[str, Floats]
    experts: Floats
    width: Floats


@dataclass(frozen=True, eq=False)
class Fitted:
    """Everything that was learned before step ``end``."""

    panel: Panel
    transform: Transform
    season: Season
    state: State
    carried: Carried | None
    lines: dict[int, tuple[Floats, Floats]]
    boosted: Predict | None
    scatter: Predict | None
    end: int

    def guess(self, at: Ints, lead: int) -> Guess:
        """The forecasts issued at the steps ``at`` for ``lead`` steps later."""
        state = self.state
        bases = all_bases(
            state.values, self.season, state.fading, at, lead, per_day=self.panel.per_day, carried=self.carried
        )
        now = state.values[:, at]
        damped = bases["damped"]
        experts = np.stack([np.where(np.isnan(damped), now, damped)] * len(EXPERTS))
        width = np.broadcast_to(state.scale * np.sqrt(lead), now.shape).copy()
        if lead not in self.lines:
            return Guess(bases, experts, width)
        usual = self.season.ahead(at, lead)
        cases = _cases(self, usual, usual + state.fading**lead * (now - self.season.ahead(at, 0)), at, lead)
        plain = _bounded(cases)
        common, own = self.lines[lead]
        line = now + np.einsum("pti,pi->pt", plain, own) * state.scale
        boosted = now + (plain @ common) * state.scale
        if self.boosted is not None:
            flat = _with_lead(cases, self._season_of(at), lead).reshape(-1, cases.shape[-1] + 3)
            boosted = boosted + self.boosted(flat).reshape(now.shape) * state.scale
            if self.scatter is not None:
                width = np.maximum(self.scatter(flat).reshape(now.shape), 0.05) * state.scale
        learned = ~np.isnan(line)
        experts[1][learned], experts[2][learned] = line[learned], boosted[learned]
        return Guess(bases, experts, width)

    def _season_of(self, at: Ints) -> Floats:
        return _season_of(self.panel, at)


def fit(panel: Panel, leads: Sequence[int], end: int, upstream: Sequence[Upstream] = ()) -> Fitted:
    """Learn from the steps of ``panel`` before ``end`` for the ``leads`` [steps].

    Nothing at or after ``end`` is looked at for what is learned; the state that forecasts are issued from reaches to
    the panel's last step, and a forecast issued at step t uses it up to t only.
    """
    transform = fit_transform(panel.values, end)
    values = transform.forward(panel.values)
    times = panel.times_s(panel.steps + max(leads) + 1)
    season = fit_season(values, times, end)
    anomalies = stitched(values, season)
    fading = persistence_of_a_step(anomalies[:, :end])
    scale = usual_step(values, end)
    companions = {}
    for name, column in panel.companions.items():
        if np.isnan(column[:, :end]).all():
            continue
        other = stitched(column, fit_season(column, times, end))
        companions[name] = (other, usual_step(column, end))
    here = predictors_here(panel, values, anomalies, scale, companions)
    state = State(values, anomalies, scale, fading, here, spreads_ahead(panel, end))
    carried = carry(anomalies, fading, panel.places, upstream, step_s=panel.step_s, leads=leads, end=end)
    fitted = Fitted(panel, transform, season, state, carried, {}, None, None, end)
    cases: list[Floats] = []
    rests: list[Floats] = []
    scatters: list[Floats] = []
    for lead in leads:
        learned = _learn(fitted, lead)
        if learned is not None:
            case, rest, scatter = learned
            cases.append(case)
            rests.append(rest)
            scatters.append(scatter)
    if not cases:
        return fitted
    every = np.concatenate(cases)
    return Fitted(
        panel,
        transform,
        season,
        state,
        carried,
        fitted.lines,
        fit_boosted(every, np.concatenate(rests)),
        fit_boosted(every, np.concatenate(scatters)),
        end,
    )


def _learn(fitted: Fitted, lead: int) -> tuple[Floats, Floats, Floats] | None:
    """Fit the lines of one lead, keep them in ``fitted.lines``; the cases, what the common line leaves over and how far
    the places' own lines miss, for boosting."""
    panel, state, end = fitted.panel, fitted.state, fitted.end
    origins = end - lead
    if origins < 1:
        return None
    stride = max(1, len(panel.places) * origins // MOST_CASES_A_LEAD)
    # counted back from the end, so that the newest case is always one of them
    at = np.arange(origins - 1, -1, -stride, dtype=np.int64)[::-1]
    now = state.values[:, at]
    target = (state.values[:, at + lead] - now) / state.scale
    usual = fitted.season.learned(at, lead)
    damped = usual + state.fading**lead * state.anomalies[:, at]
    cases = _cases(fitted, usual, damped, at, lead)
    known = ~np.isnan(target) & ~np.isnan(damped)
    if np.count_nonzero(known) < FEWEST_CASES:
        return None
    place = np.broadcast_to(np.arange(len(panel.places))[:, None], known.shape)[known]
    x, y = _bounded(cases)[known], np.clip(target[known], -FARTHEST, FARTHEST)
    common, own = fit_places(x, y, place, len(panel.places), lead)
    fitted.lines[lead] = (common, own)
    miss = np.abs(y - np.einsum("ci,ci->c", x, own[place]))
    return _with_lead(cases, _season_of(panel, at), lead)[known], y - x @ common, miss


def _cases(fitted: Fitted, usual: Floats, damped: Floats, at: Ints, lead: int) -> Floats:
    """(places, times, predictors): one, the increments that the climatology, the damped anomaly, the time of day and
    the stations upstream expect, and the predictors of all leads alike."""
    panel, state = fitted.panel, fitted.state
    now = state.values[:, at]
    columns = [np.ones_like(now), (usual - now) / state.scale, (damped - now) / state.scale]
    if panel.per_day > 1:
        columns.append((same_time_of_day(state.values, at, lead, panel.per_day) - now) / state.scale)
    if fitted.carried is not None:
        columns.append((usual + fitted.carried.anomaly(at, lead) - now) / state.scale)
    columns += predictors_ahead(panel, state.spreads, at, lead)
    return np.concatenate([np.stack(columns, axis=-1), state.here[:, at]], axis=-1)


def _bounded(cases: Floats) -> Floats:
    """What a line can bear: nothing missing (0, the usual), nothing farther than :data:`FARTHEST`."""
    return np.clip(np.nan_to_num(cases, nan=0.0), -FARTHEST, FARTHEST)


def _season_of(panel: Panel, at: Ints) -> Floats:
    year = 2 * np.pi * (panel.start_s + panel.step_s * at) / YEAR_S
    return np.stack([np.cos(year), np.sin(year)], axis=-1)


def _with_lead(cases: Floats, season: Floats, lead: int) -> Floats:
    shape = cases.shape[:2]
    more = np.broadcast_to(season[None], (*shape, 2))
    return np.concatenate([cases, more, np.full((*shape, 1), float(lead))], axis=-1)
