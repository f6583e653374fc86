"""What a forecast is worth: scores of issued forecasts against what came, beside every base on the same cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riverchief.forecast.bases import BASES
from riverchief.forecast.intervals import LEVELS
from riverchief.forecast.rolling import Issued

Floats = NDArray[np.float64]
FEWEST = 20  # cases below which a score says nothing
ALWAYS = ("persistence", "climatology", "damped")  # a case counts where each of these had something to say


@dataclass(frozen=True)
class LeadScore:
    """The scores of one place and lead, over ``n`` forecasts whose truth came [panel's unit unless said].

    ``mae`` of the median and ``mae_of`` each base on the same cases; ``best_base`` the base with the lowest of them,
    known only afterwards; ``crps`` (of the five quantiles: twice their mean pinball loss); ``coverage_90`` [1] of the
    interval of q05 to q95; ``used`` [1] the share of forecasts in which the model was used; ``flips`` the mean absolute
    change [unit] of what is said for one moment from one issue to the next.
    """

    place: str
    parameter: str
    lead_h: float
    n: int
    used: float
    mae: float
    mae_of: dict[str, float]
    best_base: str
    crps: float
    coverage_90: float
    flips: float

    @property
    def mae_best_base(self) -> float:
        """The lowest mean absolute error of the bases, chosen with hindsight: the strictest bar there is."""
        return self.mae_of.get(self.best_base, float("nan"))

    @property
    def skill(self) -> float:
        """1 − MAE / MAE of the best base [1]; 0 is as good as the base, NaN without cases."""
        return 1.0 - self.mae / self.mae_best_base if self.mae_best_base > 0 else float("nan")


def score(issued: Issued, since: int | None = None) -> list[LeadScore]:
    """The scores of the forecasts issued from step ``since`` on (``issued.since`` unless given), by place and lead."""
    begin = issued.since if since is None else since
    truth = issued.truth()
    panel = issued.panel
    found = []
    for place, name in enumerate(panel.places):
        for k, lead in enumerate(issued.leads):
            came = truth[k, place, begin:]
            quantiles = issued.quantiles[:, k, place, begin:]
            said = {base: issued.bases[base][k, place, begin:] for base in BASES}
            known = ~np.isnan(came) & ~np.isnan(quantiles[2])
            for base in ALWAYS:
                known &= ~np.isnan(said[base])
            count = int(known.sum())
            maes = {
                base: float(np.abs(values[known] - came[known]).mean())
                for base, values in said.items()
                if count and not np.isnan(values[known]).any()
            }
            found.append(
                LeadScore(
                    name,
                    panel.parameter,
                    lead * panel.step_s / 3600.0,
                    count,
                    float(issued.is_used[k, place, begin:][known].mean()) if count else float("nan"),
                    float(np.abs(quantiles[2] - came)[known].mean()) if count else float("nan"),
                    maes,
                    min(maes, key=lambda base: maes[base], default=""),
                    crps(quantiles[:, known], came[known]),
                    covered(quantiles[0], quantiles[4], came),
                    flips(issued, k, place, begin),
                )
            )
    return found


def crps(quantiles: Floats, came: Floats) -> float:
    """Twice the mean pinball loss over :data:`LEVELS`, which tends to the CRPS as levels become dense (Gneiting and
    Ranjan 2011, eq. 17): 2/K Σ_k (1[y < q_k] − τ_k)(q_k − y). NaN without intervals."""
    whole = ~np.isnan(quantiles).any(axis=0)
    if not whole.any():
        return float("nan")
    q, y = quantiles[:, whole], came[whole]
    tau = np.array(LEVELS)[:, None]
    return float(2.0 * (((y < q) - tau) * (q - y)).mean())


def covered(low: Floats, high: Floats, came: Floats) -> float:
    """The share of ``came`` within ``low`` … ``high``, ends included; NaN where none can be judged."""
    judged = ~np.isnan(low) & ~np.isnan(high) & ~np.isnan(came)
    if not judged.any():
        return float("nan")
    inside = (came >= low) & (came <= high)
    return float(inside[judged].mean())


def flips(issued: Issued, k: int, place: int, since: int = 0) -> float:
    """The mean absolute change of the median for one moment between the issue of lead k and the next shorter lead.

    A duty officer who is told 9 today and 4 tomorrow for the same Friday stops reading; after the Flip-Flop Index of
    Griffiths et al. 2019 (Meteorological Applications 26, 441). NaN for the shortest lead.
    """
    shorter = [j for j, lead in enumerate(issued.leads) if lead < issued.leads[k]]
    if not shorter:
        return float("nan")
    j = max(shorter, key=lambda each: issued.leads[each])
    shift = issued.leads[k] - issued.leads[j]
    before = issued.quantiles[2, k, place, since:]
    after = issued.quantiles[2, j, place, since + shift :]
    change = np.abs(after - before[: len(after)])
    return float(np.nanmean(change)) if (~np.isnan(change)).any() else float("nan")


def skill_horizon_h(scores: list[LeadScore]) -> float | None:
    """The longest lead [h] up to which every lead has skill above 0 and cases enough; None where not even the first
    has."""
    horizon = None
    for each in sorted(scores, key=lambda one: one.lead_h):
        if each.n < FEWEST or not each.skill > 0 or not each.used > 0:
            break
        horizon = each.lead_h
    return horizon
