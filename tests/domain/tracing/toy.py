"""A toy river with an episode on it, made with the transfer functions of ``transport`` and a generator with a seed."""

import numpy as np

from riverchief.example.rivers import toy_river
from riverchief.place import Location, Network, locate
from riverchief.tracing import StationSamples
from riverchief.transport import Physics, responses, way_from

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
    """What a release adds at a station: mass x response / discharge; kg · 1e3 g/kg · 1/s / (m³/s) → g/m³ = mg/L."""
    reach, at = network.index_of(source.reach), network.index_of(station.reach)
    edges = network.secondary
    way = way_from(network.down, reach, (edges.source, edges.target, edges.fraction))
    if way.position(at) < 0:
        return np.zeros(len(time_s))
    [response] = responses(
        way,
        physics,
        [way.position(at)],
        [station.chainage_m / network.length_m[at]],
        source_share=source.chainage_m / network.length_m[reach],
        duration_s=duration_s,
    )
    if response is None:
        return np.zeros(len(time_s))
    return mass_kg * 1e3 * response.at(np.asarray(time_s) - begin_s) / physics.discharge_m3_s[at]


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
