"""Rolling origins: the past forecast again, each time from what lay before it.

At each refit the model learns from the steps before it and issues the forecasts up to the next one. What had been
verified by then decides, for each place and lead, which base is the one to beat, how the experts are weighed, and
whether they are used at all: only where they have missed by less than the best base has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.bases import BASES
from riverchief.forecast.choice import Choice, Verified, choose
from riverchief.forecast.intervals import LEVELS, add_intervals
from riverchief.forecast.model import EXPERTS, fit
from riverchief.forecast.panel import DAY_S, Panel
from riverchief.forecast.upstream import Upstream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
REFIT_S = 30 * DAY_S
WARM_UP_S = 180 * DAY_S  # before the first forecast that counts, to know what may be trusted
FEWEST_DAYS = 60  # of record before the first fit
FEWEST_STEPS = 60


@dataclass(frozen=True, eq=False)
class Issued:
    """Every forecast that was issued: arrays (leads, places, steps) by the step of issue, NaN where there was none.

    ``quantiles`` (5, leads, places, steps) at :data:`LEVELS`; ``bases`` by name; ``best`` is the base that was the one
    to beat at the time; ``is_used`` says whether the model was used. All in the panel's unit.
    """

    panel: Panel
    leads: tuple[int, ...]
    since: int
    quantiles: Floats
    bases: dict[str, Floats]
    best: Floats
    best_name: NDArray[np.int64]
    is_used: NDArray[np.bool_]

    def truth(self) -> Floats:
        """What came: (leads, places, steps), NaN where nothing usable was measured or the time has not come."""
        return np.stack([later(self.panel.values, lead) for lead in self.leads])


def later(values: Floats, lead: int) -> Floats:
    """``values`` (places, steps) of ``lead`` steps later; NaN beyond the end."""
    found = np.full_like(values, np.nan)
    if lead < values.shape[1]:
        found[:, : values.shape[1] - lead] = values[:, lead:]
    return found


def first_fit(panel: Panel) -> int:
    """The first step before which there is enough record to learn from."""
    known = (~np.isnan(panel.values)).any(axis=0)
    begin = int(np.argmax(known)) if known.any() else panel.steps
    return begin + max(FEWEST_STEPS, round(FEWEST_DAYS * DAY_S / panel.step_s))


def refits_from(panel: Panel, since: int, every_s: float = REFIT_S, warm_up_s: float = WARM_UP_S) -> list[int]:
    """The steps at which to fit again: every ``every_s`` [s], from ``warm_up_s`` before step ``since`` on, as far back
    as there is record, with one at ``since``."""
    every = max(1, round(every_s / panel.step_s))
    back = -(-round(warm_up_s / panel.step_s) // every)
    first = first_fit(panel)
    return [step for step in range(since - back * every, panel.steps, every) if step >= first]


def issue(
    panel: Panel,
    leads: Sequence[int],
    since: int,
    *,
    refits: Sequence[int] | None = None,
    upstream: Sequence[Upstream] = (),
) -> Issued:
    """Forecast again from step ``since`` on for the ``leads`` [steps], fitting at ``refits`` (each month unless given).

    Steps before the first refit get no forecast. A place that has no value at a step issues none there.
    """
    steps = refits_from(panel, since) if refits is None else list(refits)
    shape = (len(leads), *panel.values.shape)
    verified = Verified.empty(leads, panel.values.shape)
    bases = {name: np.full(shape, np.nan) for name in BASES}
    median, width, best = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    forward, back = np.full(shape, np.nan), np.full(shape, np.nan)
    best_name, is_used = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    for begin, end in pairwise([*steps, panel.steps]):
        at = np.arange(begin, end, dtype=np.int64)
        fitted = fit(panel, leads, begin, upstream)
        inverse = fitted.transform.back
        for k, lead in enumerate(leads):
            guess = fitted.guess(at, lead)
            choice: Choice = choose(verified, k, begin, panel.step_s)
            for name, said in guess.bases.items():
                bases[name][k][:, at] = inverse(said)
            chosen, name_of = choice.base_of(guess.bases)
            mixed = np.tensordot(choice.weights, guess.experts, 1)
            used = choice.is_used[:, None] & ~np.isnan(mixed)
            middle = np.where(used, mixed, chosen)
            median[k][:, at], width[k][:, at] = middle, guess.width
            best[k][:, at], best_name[k][:, at], is_used[k][:, at] = inverse(chosen), name_of, used
            verified.experts[k, :, :, at] = np.moveaxis(inverse(guess.experts), -1, 0)
            for name, said in guess.bases.items():
                verified.bases[k, BASES.index(name)][:, at] = inverse(said)
            verified.truth[k][:, at] = later(panel.values, lead)[:, at]
            forward[k][:, at] = later(fitted.state.values, lead)[:, at]
            back[k][:, at] = -1.0 if fitted.transform.offset is None else fitted.transform.offset
    quantiles = add_intervals(median, width, forward, leads, per_day=panel.per_day)
    for row in quantiles:
        logged = back >= 0
        row[logged] = np.maximum(np.exp(row[logged]) - back[logged], 0.0)
    return Issued(panel, tuple(leads), since, quantiles, bases, best, best_name, is_used)


__all__ = ["EXPERTS", "LEVELS", "Issued", "first_fit", "issue", "later", "refits_from"]
