"""Discharge, velocity, depth and dispersion where they were not measured, each with its error and source.

All arrays have one entry for each reach. A reach whose inputs are missing (NaN) or impossible (not greater than 0) gets
NaN: unknown stays unknown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, Fault
from riverchief.transport.estimate import Estimate, find_method
from riverchief.transport.physics import Floats
from riverchief.transport.way import Integers

GRAVITY_M_S2 = 9.80665
_JOBSON_HOURS = 12.0


def discharge_by_area(
    area_m2: ArrayLike,
    gauges: ArrayLike,
    flow_m3_s: ArrayLike,
    outlet: Integers,
    size: Integers,
    *,
    exponent: float = 1.0,
) -> Estimate:
    """Discharge of every reach from gauges by the ratio of drainage areas: Q = Q_g (A/A_g)^n.

    Parameters
    ----------
    area_m2
        Drainage area of each reach [m²].
    gauges, flow_m3_s
        Reaches (positions) that are gauged, and their discharge [m³/s].
    outlet, size
        The network's arrays: two reaches are on one river where one lies in the other's upstream slice. A reach takes
        the gauge on its own river whose area is nearest in ratio; failing that the nearest in its basin, failing that
        any, with a larger error.
    exponent
        n [-].

    Raises ``BadInput`` where a gauge lies outside the network, its flow is not greater than 0 or its area unknown.
    Source: Hirsch (1979); best for ratios of 0.5 to 2.
    """
    area = np.asarray(area_m2, np.float64)
    where = np.atleast_1d(np.asarray(gauges, np.int64))
    flow = np.atleast_1d(np.asarray(flow_m3_s, np.float64))
    faults = []
    for gauge, q in zip(where.tolist(), flow.tolist(), strict=True):
        if not 0 <= gauge < area.size:
            details = {"given": str(gauge), "allowed": f"0 … {area.size - 1}"}
            faults.append(Fault("out_of_range", column="gauge", details=details))
        elif not area[gauge] > 0:
            details = {"given": f"{area[gauge]:g}", "allowed": "> 0 m²"}
            faults.append(Fault("out_of_range", column="gauge area_m2", details=details))
        if not (np.isfinite(q) and q > 0):
            faults.append(
                Fault("out_of_range", column="gauge flow", details={"given": f"{q:g}", "allowed": "> 0 m³/s"})
            )
    if where.size == 0:
        faults.append(Fault("empty_file", column="gauges", details={"allowed": "reach, flow"}))
    if faults:
        raise BadInput(faults)
    reach = np.arange(area.size)
    best = np.full(area.size, np.inf)
    value = np.full(area.size, np.nan)
    error = np.full(area.size, np.nan)
    method = np.full(area.size, "", dtype="<U32")
    one, apart = find_method("discharge_area_ratio"), find_method("discharge_area_ratio_apart")
    known = np.isfinite(area) & (area > 0)
    for gauge, q in zip(where.tolist(), flow.tolist(), strict=True):
        upstream = (reach > gauge - size[gauge]) & (reach <= gauge)
        downstream = (gauge > reach - size) & (gauge <= reach)
        joined = upstream | downstream
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.log(area / area[gauge])
        rank = np.abs(ratio) + np.where(joined, 0.0, np.where(outlet == outlet[gauge], 1e3, 1e6))
        nearer = known & (rank < best)
        best = np.where(nearer, rank, best)
        value = np.where(nearer, q * np.exp(exponent * ratio), value)
        spread = np.where(joined, one.log_sd, apart.log_sd)
        error = np.where(nearer, np.hypot(spread, 0.3 * np.abs(ratio)), error)
        method = np.where(nearer, np.where(joined, one.code, apart.code), method)
    return Estimate(value, error, method)


def velocity_by_geometry(discharge_m3_s: ArrayLike, a: ArrayLike, b: ArrayLike) -> Estimate:
    """v = a Q^b [m/s]; ``a`` and ``b`` from the river's own measurements. Leopold and Maddock (1953)."""
    flow = np.asarray(discharge_m3_s, np.float64)
    with np.errstate(invalid="ignore"):
        return Estimate.of(np.asarray(a) * flow ** np.asarray(b), "velocity_geometry", reaches=flow.size)


def velocity_by_manning(
    discharge_m3_s: ArrayLike, width_m: ArrayLike, slope: ArrayLike, roughness: ArrayLike = 0.04
) -> tuple[Estimate, Floats]:
    """Velocity [m/s] and depth [m] of uniform flow in a rectangular section.

    Q = W h R^(2/3) S^(1/2)/n with R = W h/(W + 2h), solved for h by Newton's method (it converges from the wide-channel
    depth (Q n/(W √S))^(3/5) in a few steps; 30 are allowed). ``slope`` [-], ``roughness`` n [s/m^(1/3)].
    """
    flow, width, fall, n = np.broadcast_arrays(
        *(np.asarray(x, np.float64) for x in (discharge_m3_s, width_m, slope, roughness))
    )
    usable = (flow > 0) & (width > 0) & (fall > 0) & (n > 0)
    q, w = np.where(usable, flow, 1.0), np.where(usable, width, 1.0)
    target = q * np.where(usable, n, 1.0) / np.sqrt(np.where(usable, fall, 1.0))
    h = (target / w) ** 0.6
    for _ in range(30):
        perimeter = w + 2 * h
        carried = (w * h) ** (5 / 3) / perimeter ** (2 / 3)
        slope_of = carried * (5 / (3 * h) - 4 / (3 * perimeter))
        step = (carried - target) / slope_of
        h = np.maximum(h - step, 0.1 * h)
        if np.all(np.abs(step) <= 1e-12 * h):
            break
    depth = np.where(usable, h, np.nan)
    return Estimate.of(flow / (width * depth), "velocity_manning", reaches=flow.size), depth


def velocity_by_jobson(
    discharge_m3_s: ArrayLike,
    area_m2: ArrayLike,
    mean_discharge_m3_s: ArrayLike = np.nan,
    slope: ArrayLike = np.nan,
) -> Estimate:
    """Velocity of the peak of a spill [m/s] where nobody ever put a tracer in: Jobson (1996), eqs. 12, 14 and 16.

    With D' = A^1.25 √g/Q_a and Q' = Q/Q_a (Q_a mean annual discharge [m³/s], A drainage area [m²]):

        slope and Q_a known:  v = 0.094 + 0.0143 D'^0.919 Q'^-0.469 S^0.159 Q/A
        Q_a known:            v = 0.020 + 0.051 D'^0.821 Q'^-0.465 Q/A
        only A known:         v = 0.152 + 8.1 D''^0.595 Q/A,  D'' = A^1.25 √g/Q

    The best that is possible for each reach. It already holds the delay of dead zones: use it with no storage. The
    error is ±50 %; one tracer test does far better. How far each formula was checked stands in ``methods.csv``.
    """
    flow, area, mean, fall = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, np.float64)) for x in (discharge_m3_s, area_m2, mean_discharge_m3_s, slope))
    )
    root = np.sqrt(GRAVITY_M_S2)
    with np.errstate(invalid="ignore", divide="ignore"):
        dimensionless = area**1.25 * root / mean
        relative = flow / mean
        with_slope = 0.094 + 0.0143 * dimensionless**0.919 * relative**-0.469 * fall**0.159 * flow / area
        without = 0.020 + 0.051 * dimensionless**0.821 * relative**-0.465 * flow / area
        by_area = 0.152 + 8.1 * (area**1.25 * root / flow) ** 0.595 * flow / area
    basic = (flow > 0) & (area > 0)
    return (
        Estimate.of(np.where(basic & (mean > 0) & (fall > 0), with_slope, np.nan), "velocity_jobson_slope")
        .filled(Estimate.of(np.where(basic & (mean > 0), without, np.nan), "velocity_jobson"))
        .filled(Estimate.of(np.where(basic, by_area, np.nan), "velocity_jobson_area"))
    )


def velocity_by_regime(discharge_m3_s: ArrayLike) -> Estimate:
    """Velocity [m/s] where only the discharge is known: v = Q/(7.2 Q^0.5 · 0.27 Q^0.3), to a factor of two.

    Bankfull width and depth of Andreadis et al. (2013); below bankfull the water is slower. The last resort.
    """
    flow = np.atleast_1d(np.asarray(discharge_m3_s, np.float64))
    with np.errstate(invalid="ignore"):
        return Estimate.of(flow / (7.2 * flow**0.5 * 0.27 * flow**0.3), "velocity_regime")


def dispersion_by_fischer(
    velocity_m_s: ArrayLike, width_m: ArrayLike, depth_m: ArrayLike, slope: ArrayLike
) -> Estimate:
    """D = 0.011 v² W²/(h u*), u* = √(g h S) [m²/s]; within a factor of four. Fischer (1975)."""
    v, w, h, s = (np.atleast_1d(np.asarray(x, np.float64)) for x in (velocity_m_s, width_m, depth_m, slope))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = 0.011 * v**2 * w**2 / (h * np.sqrt(GRAVITY_M_S2 * h * s))
    return Estimate.of(np.where((v > 0) & (w > 0) & (h > 0) & (s > 0), found, np.nan), "dispersion_fischer")


def dispersion_by_jobson(velocity_m_s: ArrayLike) -> Estimate:
    """Dispersion [m²/s] that lets a peak fall as it did in Jobson's (1996) 60 rivers, for places about 12 h away.

    Unit peak C Q/M = 857e-6 T_h^-0.760 [1/s] (eq. 7 at mean discharge) is that of a Gaussian in time, 1/(σ√(2π)); with
    σ² = 2 D T/v²: D = σ² v²/(2T). Real clouds spread faster than any constant D: nearer places see higher peaks,
    farther ones lower, by about (T/12 h)^0.26.
    """
    v = np.atleast_1d(np.asarray(velocity_m_s, np.float64))
    sigma_s = 1e6 / (857.0 * _JOBSON_HOURS**-0.760 * np.sqrt(2 * np.pi))
    return Estimate.of(sigma_s**2 * v**2 / (2 * _JOBSON_HOURS * 3600.0), "dispersion_jobson")
