"""A family of invented episodes whose truth is known: basins, outfalls, stations, releases, and what was measured.

Nothing of :mod:`riverchief.tracing` is used here, and the water is carried by another solver (:mod:`.tracing_truth`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.tracing_truth import Channel, carried
from riverchief.example.rivers import random_rivers
from riverchief.place import Location, Network
from riverchief.transport import Physics

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAYS = 5.0
CLIP = 0.05


@dataclass(frozen=True)
class Setting:
    """One kind of case: what is measured how often and how well, how wrong the velocities are, what was released;
    ``known``: what was measured, where it is known what each outfall is and what such outfalls hold."""

    name: str
    every_h: float = 1.0
    noise: float = 0.05
    velocity: float = 0.0
    local: float = 0.0
    dispersion: float = 0.0
    sources: int = 1
    stations: tuple[int, int] = (12, 12)
    durations_h: tuple[float, float] = (0.25, 0.25)
    decoys: bool = False
    censored: bool = False
    known: str = ""
    correlation_m: float = 10_000.0


@dataclass(frozen=True)
class Basin:
    """A basin of 5,000 reaches with 300 outfalls, and what everybody believes about its water."""

    network: Network
    physics: Physics
    outfall_reach: Ints
    outfall_chainage: Floats


@dataclass(frozen=True)
class Case:
    """``value[k, j]`` [mg/L] at station k and ``time_s[j]``; ``limit`` [mg/L] of detection; the truth beside it."""

    setting: Setting
    station_reach: Ints
    time_s: Floats
    value: Floats
    limit: float
    source: Ints
    begin_s: Floats
    mass_kg: Floats
    duration_s: Floats
    prior: Floats = field(repr=False)


def make_basin(seed: int, reaches: int = 5000, outfalls: int = 300) -> Basin:
    """Discharge grows with the reaches above; v = 0.4 Q^0.1 and W = 8 Q^0.5 (Leopold and Maddock 1953), D about 2 v W
    (measured rivers: 0.5 to 5, Fischer et al. 1979, table 5.3), dead zones everywhere."""
    rng = np.random.default_rng([seed, 1])
    rivers = random_rivers(reaches, seed)
    network = Network.build(rivers.ids, rivers.down_ids, rng.uniform(300.0, 2500.0, reaches))
    flow = network.accumulate(np.full(reaches, 0.02))
    velocity = flow / (3.0 * flow**0.6 + 0.5)
    physics = Physics.of(
        network.length_m,
        velocity,
        np.minimum(5.0 + 20.0 * rng.random(reaches), CLIP * velocity * network.length_m),
        flow,
        decay_per_s=2e-6,
        storage_ratio=rng.uniform(0.05, 0.3, reaches),
        exchange_per_s=np.exp(rng.uniform(np.log(1e-4), np.log(1e-3), reaches)),
    )
    at = rng.choice(reaches, outfalls, replace=False)
    return Basin(network, physics, np.sort(at), rng.random(outfalls) * network.length_m[np.sort(at)])


def make_case(basin: Basin, setting: Setting, rng: np.random.Generator, odds: Floats | None = None) -> Case:
    """One episode; every source shows at least 0.5 mg/L at some station, as else nobody would be looking.

    ``odds`` of each outfall, by which the source is drawn; None: all alike.
    """
    network, physics = basin.network, basin.physics
    stations = _stations(network, int(rng.integers(setting.stations[0], setting.stations[1] + 1)), rng)
    true = physics.perturbed(
        velocity=_velocity_errors(network, setting, rng),
        dispersion=np.exp(rng.normal(0.0, setting.dispersion)) if setting.dispersion else 1.0,
    )
    time = np.arange(0.0, DAYS * 86400.0, setting.every_h * 3600.0)
    below = [network.is_upstream(int(r), int(s)) for s in stations for r in basin.outfall_reach]
    seen = np.array(below).reshape(stations.size, -1).any(axis=0)
    prior = np.ones(basin.outfall_reach.size) if odds is None else odds.copy()
    suspects = np.flatnonzero(seen)
    share = None if odds is None else odds[suspects] / odds[suspects].sum()
    if setting.decoys:  # some look guiltier than they are
        prior[rng.choice(prior.size, 30, replace=False)] = 4.0
    chosen: list[int] = []
    begin, mass, duration = [], [], []
    added = np.zeros((stations.size, time.size))
    while len(chosen) < setting.sources:
        source = int(rng.choice(suspects, p=share))
        t0, m = rng.uniform(0.5, 1.5) * 86400.0, 10 ** rng.uniform(2.0, 3.3)
        d = np.exp(rng.uniform(*np.log(setting.durations_h))) * 3600.0
        if source in chosen:
            continue
        shown = shown_by(basin, true, source, stations, m, t0, d, time)
        if shown.max() > 0.5:
            chosen.append(source)
            begin.append(t0)
            mass.append(m)
            duration.append(d)
            added += shown
    level = 0.02 if setting.censored else 0.3
    background = level * np.exp(rng.normal(0.0, 0.3, stations.size))[:, None]
    background = background * (1.0 + _wander(rng, added.shape, setting.every_h, 0.05))
    value = (background + added) * np.exp(rng.normal(0.0, setting.noise, added.shape))
    value += rng.normal(0.0, 0.02 if setting.censored else 0.03, added.shape)
    if setting.decoys:  # and some readings are wild
        for _ in range(4):
            k, j = rng.integers(stations.size), rng.integers(time.size)
            value[k, j] += 10 ** rng.uniform(-0.3, 0.7)
    return Case(
        setting,
        stations,
        time,
        np.maximum(value, 0.0),
        0.05 if setting.censored else 0.0,
        np.array(chosen),
        np.array(begin),
        np.array(mass),
        np.array(duration),
        prior / prior.sum(),
    )


def outfall_location(basin: Basin, number: int) -> Location:
    """Where an outfall lies."""
    reach = int(basin.outfall_reach[number])
    return Location(int(basin.network.ids[reach]), float(basin.outfall_chainage[number]))


def station_location(basin: Basin, reach: int) -> Location:
    """Stations stand at the foot of their reach."""
    return Location(int(basin.network.ids[reach]), float(basin.network.length_m[reach]))


def _stations(network: Network, wanted: int, rng: np.random.Generator) -> Ints:
    """The mouth and places on the 600 largest reaches, not two on the same stretch."""
    large = np.argsort(-network.size, kind="stable")[:600]
    chosen = [int(large[0])]
    for c in rng.permutation(large).tolist():
        if len(chosen) == wanted:
            break
        if all(abs(np.log(network.size[c] / network.size[s])) > 0.05 for s in chosen):
            chosen.append(c)
    return np.array(sorted(chosen), np.int64)


def _velocity_errors(network: Network, setting: Setting, rng: np.random.Generator) -> Floats:
    """One factor for all times one that is remembered along the rivers: a walk up the tree (Ornstein and Uhlenbeck)."""
    local = np.zeros(network.n)
    keep = np.exp(-network.length_m / setting.correlation_m)
    draw = rng.normal(size=network.n)
    for i in range(network.n - 1, -1, -1):
        d = network.down[i]
        local[i] = draw[i] if d < 0 else keep[i] * local[d] + np.sqrt(1.0 - keep[i] ** 2) * draw[i]
    return np.exp(rng.normal(0.0, 1.0) * setting.velocity + setting.local * local)


def shown_by(
    basin: Basin, true: Physics, source: int, stations: Ints, mass: float, begin: float, duration: float, time: Floats
) -> Floats:
    """What one release adds at each station [mg/L], by finite volumes along its way."""
    network = basin.network
    way = [int(basin.outfall_reach[source])]
    while network.down[way[-1]] >= 0:
        way.append(int(network.down[way[-1]]))
    on_way = [k for k, s in enumerate(stations.tolist()) if s in set(way)]
    way = way[: way.index(int(stations[on_way].max())) + 1]
    rows = np.array(way)
    channel = Channel(
        true.length_m[rows],
        true.velocity_m_s[rows],
        true.dispersion_m2_s[rows],
        true.decay_per_s[rows],
        true.storage_ratio[rows],
        true.exchange_per_s[rows],
    )
    feet = np.cumsum(channel.length_m)
    places = np.array([feet[way.index(int(stations[k]))] for k in on_way])
    flow = carried(channel, float(basin.outfall_chainage[source]), places, mass, begin, duration, time)
    out = np.zeros((stations.size, time.size))
    out[on_way] = 1e3 * flow / true.discharge_m3_s[stations[on_way]][:, None]  # kg/s → g/s; / (m³/s) → g/m³
    return out


def _wander(rng: np.random.Generator, shape: tuple[int, ...], every_h: float, size: float) -> Floats:
    keep = np.exp(-every_h / 72.0)
    walk = np.empty(shape)
    level = rng.normal(0.0, size, shape[0])
    for j in range(shape[1]):
        walk[:, j] = level
        level = keep * level + rng.normal(0.0, size * np.sqrt(1.0 - keep * keep), shape[0])
    return walk
