"""A tracer test read: velocity, dispersion and dead zones of a reach from the curves at its two ends.

The lower curve is the upper one carried down: y = b + g (h ∗ u), with h the reach's transfer function, gain g (dilution
by side inflow, or loss) and background b. Whoever measured only once knows velocity to ±5-10 % instead of ±50 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from riverchief.errors import BadInput, Fault
from riverchief.transport.physics import Floats, Physics
from riverchief.transport.response import transfer
from riverchief.transport.way import way_from

_STARTS = ((0.1, 3e-3), (0.3, 1e-3), (0.3, 3e-4), (0.8, 3e-4))
FEWEST = 20


@dataclass(frozen=True)
class TracerFit:
    """What the two curves say. ``velocity_m_s`` and ``dispersion_m2_s`` of the channel, ``storage_ratio`` A_s/A [-] and
    ``exchange_per_s`` α (0 for a fit without dead zones), ``gain`` [-], ``background`` (the curves' unit), ``nse`` the
    share of the lower curve's variance that is explained [-], ``carried`` the fitted lower curve."""

    velocity_m_s: float
    dispersion_m2_s: float
    storage_ratio: float
    exchange_per_s: float
    gain: float
    background: float
    nse: float
    carried: Floats

    @property
    def peclet(self) -> float:
        """The reach's v L/D is this times its length in m [1/m]."""
        return self.velocity_m_s / self.dispersion_m2_s

    def physics(self, length_m: float, discharge_m3_s: float) -> Physics:
        """The reach for the solvers."""
        return Physics.of(
            length_m,
            self.velocity_m_s,
            self.dispersion_m2_s,
            discharge_m3_s,
            storage_ratio=self.storage_ratio,
            exchange_per_s=self.exchange_per_s,
        )


def carry(upper: ArrayLike, step_s: float, physics: Physics) -> Floats:
    """A series at the head of a river (reaches in a row, steady flow), at its foot: the same steps, h ∗ upper.

    Before the first value the series is taken to be zero, so give it without background. Any unit. The convolution is
    made with twice the length, so nothing wraps round from within it.
    """
    u = np.asarray(upper, np.float64)
    n = physics.length_m.size
    size = 2 ** math.ceil(math.log2(2 * u.size))
    s = (2j * np.pi * np.fft.rfftfreq(size, step_s)).astype(np.complex128)
    way = way_from(np.append(np.arange(1, n), -1), 0)
    h = transfer(way, physics, s)
    carried: Floats = np.fft.irfft(np.fft.rfft(u, size) * h, size)[: u.size]
    return carried


def fit_tracer(
    upper: ArrayLike,
    lower: ArrayLike,
    step_s: float,
    length_m: float,
    *,
    upper_background: float,
    dead_zones: bool = True,
) -> TracerFit:
    """Fit a reach to what was measured at its two ends.

    Parameters
    ----------
    upper, lower
        Two series over the same times, any unit that is linear in concentration (conductivity above background is);
        shape (times,). The upper one must begin before the tracer comes.
    step_s
        Their step [s].
    length_m
        Between the two places [m].
    upper_background
        Value at the upper place without tracer.
    dead_zones
        False fits advection and dispersion only.

    Raises ``BadInput``: different or too short series (fewer than 20), NaN, no signal (a lower curve that does not vary
    has nothing to say), lengths or steps that are not greater than 0.

    Gain and background are found by linear least squares inside, the rest by bounded least squares from four starts
    (travel time 0.2 to 1.5 times the lag of the rises, v L/D 2 to 2000, A_s/A 0.01 to 3, α 1e-6 to 0.1 1/s).
    """
    u, y = np.asarray(upper, np.float64) - upper_background, np.asarray(lower, np.float64)
    faults = [
        Fault("out_of_range", column=name, details={"given": f"{value:g}", "allowed": "> 0"})
        for name, value in (("step_s", step_s), ("length_m", length_m))
        if not value > 0
    ]
    if u.shape != y.shape or u.ndim != 1 or u.size < FEWEST:
        details = {"given": f"{u.shape}, {y.shape}", "allowed": f"(>= {FEWEST},)"}
        faults.append(Fault("wrong_shape", column="upper, lower", details=details))
    elif not (np.isfinite(u).all() and np.isfinite(y).all()):
        faults.append(Fault("bad_number", column="upper, lower", details={"given": "NaN", "allowed": "12.5"}))
    elif not (np.ptp(y) > 0 and np.ptp(u) > 0):
        details = {"given": f"{np.ptp(u):g}, {np.ptp(y):g}", "allowed": "> 0"}
        faults.append(Fault("out_of_range", column="upper, lower", details=details))
    if faults:
        raise BadInput(faults)

    def model(logs: Floats) -> tuple[Floats, float, float, Physics]:
        travel, peclet, *zones = np.exp(logs)
        ratio, exchange = zones if zones else (0.0, 0.0)
        velocity = length_m / travel
        physics = Physics.of(
            length_m, velocity, velocity * length_m / peclet, 1.0, storage_ratio=ratio, exchange_per_s=exchange
        )
        h = carry(u, step_s, physics)
        table = np.stack([h, np.ones_like(h)], axis=1)
        gain, background = np.linalg.lstsq(table, y, rcond=None)[0]
        return gain * h + background, float(gain), float(background), physics

    def misfit(logs: Floats) -> Floats:
        return model(logs)[0] - y

    travel = _best_lag(u, y) * step_s
    # Bounds keep the fit where the model means something when a curve's tail was cut off.
    low = [math.log(0.2 * travel), math.log(2.0), math.log(0.01), math.log(1e-6)]
    high = [math.log(1.5 * travel), math.log(2000.0), math.log(3.0), math.log(0.1)]
    free = 4 if dead_zones else 2
    best, least = np.zeros(0), math.inf
    for ratio, exchange in _STARTS if dead_zones else _STARTS[:1]:
        start = [math.log(travel / (1 + 0.5 * ratio)), math.log(60.0), math.log(ratio), math.log(exchange)]
        found = least_squares(misfit, start[:free], bounds=(low[:free], high[:free]), max_nfev=200)
        if found.cost < least:
            best, least = found.x, found.cost
    carried, gain, background, physics = model(best)
    nse = 1.0 - float(np.sum((carried - y) ** 2) / np.sum((y - y.mean()) ** 2))
    return TracerFit(
        float(physics.velocity_m_s[0]),
        float(physics.dispersion_m2_s[0]),
        float(physics.storage_ratio[0]),
        float(physics.exchange_per_s[0]),
        gain,
        background,
        nse,
        carried,
    )


def _best_lag(u: Floats, y: Floats) -> int:
    """By how many steps the upper curve has to be moved to look most like the lower one; at least 1."""
    best, least = 1, math.inf
    for lag in range(1, u.size - FEWEST // 2):
        moved = np.concatenate([np.zeros(lag), u[:-lag]])
        moved = moved - moved.mean()
        scale = float(moved @ moved)
        if scale <= 0.0:
            continue
        off = y - y.mean()
        left = float(off @ off - (moved @ off) ** 2 / scale) if moved @ off > 0 else math.inf
        if left < least:
            best, least = lag, left
    return best
