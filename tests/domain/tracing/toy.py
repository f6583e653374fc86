"""A toy river with an episode on it, made with a closed form and a generator with a seed."""

import numpy as np

from riverchief.example.rivers import toy_river
from riverchief.place import Location, Network, locate, river_distance_m
from riverchief.tracing import StationSamples
from riverchief.transport import Physics

#: 2026-11-20 00:00 in China
MIDNIGHT = 1795104000.0
HALF_HOURS = MIDNIGHT + 1800.0 * np.arange(96.0)


def physics_of(network: Network, **changed) -> Physics:
    given = {"velocity_m_s": 0.4, "dispersion_m2_s": 40.0, "discharge_m3_s": 2.0} | changed
    return Physics.of(network.length_m, **given)


def added_mg_l(
    network: Network,
    physics: Physics,
    source: Location,
    station: Location,
    mass_kg: float,
    begin_s: float,
    time_s=HALF_HOURS,
    duration_s: float = 1800.0,
) -> np.ndarray:
    """What a release adds at a station [mg/L] of a river that is the same everywhere: the closed form of a channel
    without end (Fischer et al. 1979, eq. 2.19), kg · 1e3 g/kg · (m/s)/(m³/s)/m → g/m³ = mg/L, meant over the release.
    """
    at = network.index_of(station.reach)
    if not network.is_upstream(network.index_of(source.reach), at):
        return np.zeros(len(time_s))
    way = river_distance_m(network, source, station)
    v, d, q = (float(one[at]) for one in (physics.velocity_m_s, physics.dispersion_m2_s, physics.discharge_m3_s))
    since = np.asarray(time_s)[:, None] - begin_s - duration_s * (np.arange(60) + 0.5) / 60
    t = np.where(since > 0, since, np.nan)
    unit = v / q * np.exp(-((way - v * t) ** 2) / (4 * d * t)) / np.sqrt(4 * np.pi * d * t)
    return mass_kg * 1e3 * np.nan_to_num(unit).mean(axis=1)


def measured(
    network: Network,
    physics: Physics,
    stations: dict[str, Location],
    releases: list[tuple[Location, float, float]],
    *,
    noise: float = 0.03,
    background: float = 0.2,
    time_s=HALF_HOURS,
    seed: int = 1,
) -> list[StationSamples]:
    """Samples of ``releases`` (place, kg, beginning) at ``stations``, with relative noise."""
    rng = np.random.default_rng(seed)
    found = []
    for name, place in stations.items():
        value = background + sum(
            added_mg_l(network, physics, source, place, mass, begin, time_s) for source, mass, begin in releases
        )
        value = np.maximum(value * np.exp(rng.normal(0.0, noise, len(time_s))), 0.0)
        found.append(StationSamples.of(name, place, time_s, value))
    return found


def toy_stations(network: Network) -> dict[str, Location]:
    """On the brook 1 near its mouth, below the confluence of 1 and 2, and at the mouth of all."""
    return {
        "brook": locate(network, 1, 900.0),
        "middle": locate(network, 3, 2500.0),
        "mouth": locate(network, 5, 4800.0),
    }


__all__ = ["HALF_HOURS", "MIDNIGHT", "added_mg_l", "measured", "physics_of", "toy_river", "toy_stations"]
