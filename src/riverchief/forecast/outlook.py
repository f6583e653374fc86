"""The forecast that is handed over: quantiles from the newest values, each with the skill that its like has shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.bases import BASES
from riverchief.forecast.panel import DAY_S, HOUR_S, Panel
from riverchief.forecast.rolling import Issued, first_fit, issue
from riverchief.forecast.scores import FEWEST, LeadScore, score, skill_horizon_h
from riverchief.forecast.upstream import Upstream

Floats = NDArray[np.float64]
TRIED_S = 360 * DAY_S  # how far back skill is measured
REFIT_S = 90 * DAY_S  # and how often the model is fitted anew on the way
STALE_STEPS = 3  # a newest value older than this is named


@dataclass(frozen=True)
class Line:
    """One line of a forecast: for ``time_s`` [s since 1970 UTC], ``lead_h`` [h] after the newest value.

    ``quantiles`` at 0.05, 0.25, 0.5, 0.75, 0.95 [unit], NaN where too few errors are known for an interval; ``base``
    what the best base says and ``base_name`` which it is; ``is_used`` whether the model was used (else the median is
    the base); ``score`` of the same place and lead in the past, None where nothing could be tried.
    """

    time_s: float
    lead_h: float
    quantiles: tuple[float, float, float, float, float]
    base: float
    base_name: str
    is_used: bool
    score: LeadScore | None

    @property
    def skill(self) -> float:
        """MAE skill against the best base in the past [1]; NaN where it is not known."""
        return self.score.skill if self.score is not None and self.score.n >= FEWEST else float("nan")

    def chance_above(self, limit: float) -> float:
        """The probability [1] of a value above ``limit`` [unit], linear between the quantiles; NaN without them.

        Beyond q05 and q95 it is 0.97 and 0.03: five quantiles say no more of the tails.
        """
        q = np.array(self.quantiles)
        if np.isnan(q).any():
            return float("nan")
        if limit < q[0] or limit >= q[-1]:
            return 0.97 if limit < q[0] else 0.03
        return float(1.0 - np.interp(limit, q, (0.05, 0.25, 0.5, 0.75, 0.95)))


@dataclass(frozen=True)
class Outlook:
    """The forecast of one place. ``origin_s`` [s since 1970 UTC] is the beginning of the step of the newest value.

    ``horizon_h`` the longest lead [h] with skill (None: none has); ``left_out`` counts the values that were not usable;
    ``lacks`` names what is missing: ``record`` (not enough data: the base is given), ``intervals``, ``recent`` (the
    newest value is old).
    """

    place: str
    parameter: str
    unit: str
    origin_s: float
    step_s: float
    lines: tuple[Line, ...]
    horizon_h: float | None
    left_out: dict[str, int]
    lacks: tuple[str, ...]


def look_ahead(panel: Panel, leads: Sequence[int], upstream: Sequence[Upstream] = ()) -> list[Outlook]:
    """The forecasts of every place of ``panel`` from its newest value, for ``leads`` [steps].

    The last year is forecast again first, with a new fit each 90 days, so that intervals and skill are those of
    forecasts that could have been issued. Places without any value are left out.
    """
    every = round(REFIT_S / panel.step_s)
    first = first_fit(panel)
    last = panel.steps - 1
    begin = max(first, last - round(TRIED_S / panel.step_s))
    refits = [*range(begin, last - every // 2, every), last] if first <= last else []
    issued = issue(panel, leads, begin, refits=refits, upstream=upstream)
    scores = {(each.place, each.lead_h): each for each in score(issued)} if refits else {}
    return [
        _outlook(panel, issued, scores, place)
        for place in range(len(panel.places))
        if not np.isnan(panel.values[place]).all()
    ]


def _outlook(panel: Panel, issued: Issued, scores: dict[tuple[str, float], LeadScore], place: int) -> Outlook:
    values = panel.values[place]
    origin = int(np.flatnonzero(~np.isnan(values))[-1])
    name = panel.places[place]
    lines = []
    for k, lead in enumerate(issued.leads):
        lead_h = lead * panel.step_s / HOUR_S
        quantiles = tuple(float(each) for each in issued.quantiles[:, k, place, origin])
        base = float(issued.best[k, place, origin])
        base_name = BASES[int(issued.best_name[k, place, origin])]
        if np.isnan(base):  # nothing was fitted: what is known is the newest value
            base, base_name = float(values[origin]), "persistence"
        middle = quantiles[2] if not np.isnan(quantiles[2]) else base
        lines.append(
            Line(
                panel.start_s + panel.step_s * (origin + lead),
                lead_h,
                (quantiles[0], quantiles[1], middle, quantiles[3], quantiles[4]),
                base,
                base_name,
                bool(issued.is_used[k, place, origin]),
                scores.get((name, lead_h)),
            )
        )
    lacks = []
    if not any(line.score is not None and line.score.n >= FEWEST for line in lines):
        lacks.append("record")
    if any(np.isnan(line.quantiles[0]) for line in lines):
        lacks.append("intervals")
    if panel.steps - 1 - origin > STALE_STEPS:
        lacks.append("recent")
    mine = [each for each in scores.values() if each.place == name]
    return Outlook(
        name,
        panel.parameter,
        panel.unit,
        panel.start_s + panel.step_s * origin,
        panel.step_s,
        tuple(lines),
        skill_horizon_h(mine),
        dict(panel.left_out.get(name, {})),
        tuple(lacks),
    )
