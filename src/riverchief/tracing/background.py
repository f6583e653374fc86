"""What a station reads when nobody releases anything: a level that lives, as a Gaussian process with an outlier class.

    B(t) = b + daily cycle + slow wander + fast wander + what an instrument or the rain adds,

with the covariance (L the level, Δ the time between two samples)

    K = s² + L² [d² (cos ωΔ + cos 2ωΔ/9) + σ_s² exp(-Δ/36 h) + σ_f² exp(-Δ/6 h)] + Σ (columns that were added)

The scales (d, σ_s, σ_f) are chosen for each station from a few steps by the evidence of its samples with Student's t
and stray readings (:func:`.sums.quadratic`), each step costing a little (Rasmussen and Williams 2006, ch. 5). The
solvers see it as its first eigenvectors (Karhunen and Loève); what those leave counts as scatter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import eigh

from riverchief.tracing.sums import quadratic
from riverchief.transport.physics import Floats

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
SLOW_S, FAST_S = 36 * HOUR_S, 6 * HOUR_S
#: Steps of each scale [share of the level], and what a further step costs [nats].
DAILY, SLOW, FAST = (0.01, 0.08, 0.2, 0.4), (0.04, 0.15, 0.4), (0.02, 0.08, 0.2, 0.4)
STEP_COST = 0.7
#: At most so many eigenvectors, and of so many samples; those that together hold less than this share of the scatter's
#: variance are left out.
MOST_MODES, MOST_SAMPLES = 24, 220
_NEGLIGIBLE = 0.05


@dataclass(frozen=True, eq=False)
class Habit:
    """How one station's background lives: scales as positions in :data:`DAILY`, :data:`SLOW`, :data:`FAST`;
    ``columns`` (n, m) [mg/L] what else may add to it, each times a standard normal number; ``log_prior`` [nats]."""

    daily: int = 0
    slow: int = 0
    fast: int = 0
    columns: Floats | None = None
    log_prior: float = 0.0
    is_drifting: bool = False
    """Whether the last of the columns is an instrument's, which cost ``drift_prior`` of ``log_prior``."""
    drift_prior: float = 0.0

    @property
    def log_cost(self) -> float:
        """Log prior of the scales and of what was added [nats]."""
        return self.log_prior - STEP_COST * (self.daily + self.slow + self.fast)

    def beside(self, columns: Floats, log_prior: float, *, is_drifting: bool = False) -> Habit:
        """The same with further columns (n, m) [mg/L]; with ``is_drifting`` it is the one of an instrument."""
        all_of_them = columns if self.columns is None else np.hstack([self.columns, columns])
        drift_prior = log_prior if is_drifting else self.drift_prior
        return replace(
            self,
            columns=all_of_them,
            log_prior=self.log_prior + log_prior,
            is_drifting=is_drifting or self.is_drifting,
            drift_prior=drift_prior,
        )

    def without_drift(self) -> Habit:
        """The same without what an instrument added."""
        if not self.is_drifting or self.columns is None:
            return self
        rest = self.columns[:, :-1]
        return replace(
            self,
            columns=rest if rest.shape[1] else None,
            log_prior=self.log_prior - self.drift_prior,
            is_drifting=False,
            drift_prior=0.0,
        )

    def is_like(self, other: Habit) -> bool:
        """Whether scales and columns are the same."""
        if (self.daily, self.slow, self.fast) != (other.daily, other.slow, other.fast):
            return False
        if self.columns is None or other.columns is None:
            return self.columns is other.columns
        return np.array_equal(self.columns, other.columns)


@dataclass(frozen=True, eq=False)
class Series:
    """The samples of one station as the background sees them: time [s], value [mg/L], kind (0, -1 below, 1 above),
    level, error of the level and scatter [mg/L]; readings up to ``quiet_below`` [mg/L] are surely the background's."""

    time_s: Floats
    value: Floats
    kind: NDArray[np.int8]
    level: float
    spread: float
    floor: float
    quiet_below: float = math.inf

    def covariance(self, habit: Habit) -> Floats:
        """Of the background at the samples [mg²/L²], shape (n, n)."""
        parts = _parts(self.time_s.tobytes())
        unit = self.level * self.level
        found: Floats = self.spread**2 + unit * (
            DAILY[habit.daily] ** 2 * parts[0] + SLOW[habit.slow] ** 2 * parts[1] + FAST[habit.fast] ** 2 * parts[2]
        )
        if habit.columns is not None:
            found = found + habit.columns @ habit.columns.T
        return found

    def modes(self, habit: Habit) -> tuple[Floats, Floats]:
        """``(basis, rest)``: columns (n, m) [mg/L] that times standard normal numbers are the background about its
        level, and the variance (n,) [mg²/L²] that they leave."""
        n = self.time_s.size
        if n > MOST_SAMPLES:
            return self._modes_of_many(habit)
        full = self.covariance(habit)
        most = min(MOST_MODES, n)
        value, vector = eigh(full, subset_by_index=(n - most, n - 1))
        value, vector = np.maximum(value[::-1], 0.0), vector[:, ::-1]
        total = float(np.trace(full))
        left = total - np.cumsum(value)
        enough = int(np.searchsorted(-left, -_NEGLIGIBLE * n * self.floor**2)) + 1
        basis = vector[:, :enough] * np.sqrt(value[:enough])
        return basis, np.maximum(np.diag(full) - (basis**2).sum(axis=1), 0.0)

    def _modes_of_many(self, habit: Habit) -> tuple[Floats, Floats]:
        # Nyström: the eigenvectors of some samples, carried to the others
        picked = np.unique(np.linspace(0, self.time_s.size - 1, MOST_SAMPLES).astype(np.int64))
        few = replace(self, time_s=self.time_s[picked], value=self.value[picked], kind=self.kind[picked])
        columns = None if habit.columns is None else habit.columns[picked]
        basis, rest = few.modes(replace(habit, columns=columns))
        carried = np.stack([np.interp(self.time_s, few.time_s, column) for column in basis.T], axis=1)
        return carried, np.interp(self.time_s, few.time_s, rest)


@lru_cache(maxsize=64)
def _parts(times: bytes) -> tuple[Floats, Floats, Floats]:
    """Correlations [-] of daily cycle, slow and fast wander between the samples."""
    time = np.frombuffer(times)
    apart = np.abs(time[:, None] - time[None, :])
    daily = np.cos(2 * np.pi * apart / DAY_S) + np.cos(4 * np.pi * apart / DAY_S) / 9.0
    return daily, np.exp(-apart / SLOW_S), np.exp(-apart / FAST_S)


@njit(cache=True, nogil=True, error_model="numpy")
def log_evidence(covariance, series, added, errors, used):  # type: ignore[no-untyped-def]
    """Log evidence [nats] of a series (value, kind, level, floor) beside what events ``added`` [mg/L], the background
    integrated out under parabolas that touch the robust likelihood at its own estimate (three turns); and that
    estimate [mg/L]. Samples that are not ``used`` say nothing."""
    value, kind, level, floor = series
    n = value.size
    noise, model, freedom, wild, log_span = errors
    fitted = np.zeros(n)
    y = np.zeros(n)
    w = np.zeros(n)
    total = 0.0
    for turn in range(4):
        constant = 0.0
        for j in range(n):
            c = max(level + fitted[j], 0.0) + added[j]
            sd = math.sqrt((noise * c) ** 2 + floor * floor + (model * added[j]) ** 2)
            target, weight, rest = quadratic(value[j], kind[j], c, sd, freedom, wild, log_span)
            if not used[j]:
                weight, rest = 0.0, 0.0
            y[j] = target - level - added[j]
            w[j] = math.sqrt(weight)
            constant += rest
        inner = np.empty((n, n))
        for i in range(n):
            for j in range(n):
                inner[i, j] = covariance[i, j] * w[i] * w[j]
            inner[i, i] += 1.0
        root = np.linalg.cholesky(inner)
        z = np.linalg.solve(root, w * y)
        total = constant - 0.5 * np.sum(z * z) - np.sum(np.log(np.diag(root)))
        if turn < 3:
            fitted = covariance @ (w * np.linalg.solve(root.T, z))
    return total, fitted


def best_habit(
    series: Series,
    added: Floats,
    errors: tuple[float, float, float, float, float],
    *,
    used: NDArray[np.bool_] | None = None,
    start: Habit | None = None,
) -> tuple[Habit, float, Floats]:
    """The habit that the samples ask for beside what events ``added`` (n,) [mg/L], its log evidence with the prior
    [nats], and the background it gives (n,) [mg/L]: uphill, one scale after the other."""
    few, take = _thinned(series)
    mask = np.ones(few.value.size, np.bool_) if used is None else used[take]
    start = start or Habit()
    columns = None if start.columns is None else start.columns[take]
    known: dict[tuple[int, int, int], float] = {}
    data = (few.value, few.kind, few.level, few.floor)

    def score(scales: tuple[int, int, int]) -> float:
        if scales not in known:
            trial = Habit(*scales, columns)
            found, _ = log_evidence(few.covariance(trial), data, added[take], errors, mask)
            known[scales] = float(found) + trial.log_cost
        return known[scales]

    here = (start.daily, start.slow, start.fast)
    while True:
        daily, slow, fast = here
        around = [
            *((i, slow, fast) for i in (daily - 1, daily + 1) if 0 <= i < len(DAILY)),
            *((daily, i, fast) for i in (slow - 1, slow + 1) if 0 <= i < len(SLOW)),
            *((daily, slow, i) for i in (fast - 1, fast + 1) if 0 <= i < len(FAST)),
        ]
        best = max(around, key=score)
        if score(best) <= score(here) + 1e-6:
            break
        here = best
    habit = replace(start, daily=here[0], slow=here[1], fast=here[2])
    evidence, fitted = evidence_of(series, habit, added, errors)
    return habit, evidence, fitted


def evidence_of(
    series: Series, habit: Habit, added: Floats, errors: tuple[float, float, float, float, float]
) -> tuple[float, Floats]:
    """Log evidence [nats], the habit's own prior included, and the background (n,) [mg/L]; of long series on samples
    that are thinned, scaled to all of them."""
    few, take = _thinned(series)
    columns = None if habit.columns is None else habit.columns[take]
    data = (few.value, few.kind, few.level, few.floor)
    every = np.ones(few.value.size, np.bool_)
    found, fitted = log_evidence(few.covariance(replace(habit, columns=columns)), data, added[take], errors, every)
    background = few.level + fitted
    if few is not series:
        background = np.interp(series.time_s, few.time_s, background)
    return float(found) + habit.log_cost, background


def _thinned(series: Series) -> tuple[Series, NDArray[np.int64]]:
    n = series.time_s.size
    if n <= MOST_SAMPLES:
        return series, np.arange(n)
    take = np.unique(np.linspace(0, n - 1, MOST_SAMPLES).astype(np.int64))
    return replace(series, time_s=series.time_s[take], value=series.value[take], kind=series.kind[take]), take
