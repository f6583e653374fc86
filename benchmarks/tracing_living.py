"""Episodes of rivers that live: what is measured changes with the hour, the rain, the flood and the instrument.

Nothing of :mod:`riverchief.tracing` is used here. Basins have 200 to 500 reaches, 25 listed outfalls and 2 to 4
stations; the water is carried by particles (:mod:`.tracing_particles`), velocities are off by a common factor and one
that is remembered along the river, dead zones and dispersion differ from what the tracer is told. Backgrounds have a
level, a daily cycle, correlated noise, a rise with rain, drifting instruments and spikes, as each kind of case says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.tracing_particles import seen_by_particles
from riverchief.example.rivers import random_rivers
from riverchief.place import Location, Network
from riverchief.transport import Physics

Floats = NDArray[np.float64]
DAYS = 5.0


@dataclass(frozen=True)
class Living:
    """One kind of case. ``sources`` released (0: none), ``listed`` whether they are among the candidates; sampling
    every ``every_h`` [h] with relative error ``noise``; the background's daily amplitude, correlated noise (its
    standard deviation and memory [h]), ``rain`` how many stations rise with rain ("", "all", "some"), ``drift`` and
    ``spikes`` of instruments, ``step`` a probe that is off for half a day; ``flood`` the flow's rise over its mean;
    ``dispersion`` true over told; ``least_shown`` readings above three times the background's scatter, of the sharpest
    station, and ``most_shown``."""

    name: str
    sources: int = 1
    listed: bool = True
    every_h: float = 1.0
    noise: float = 0.05
    daily: float = 0.0
    wander: float = 0.05
    memory_h: float = 24.0
    rain: str = ""
    drift: bool = False
    spikes: int = 0
    step: bool = False
    flood: float = 0.0
    dispersion: float = 1.0
    least_shown: int = 3
    most_shown: int = 10_000
    velocity: float = 0.12
    local: float = 0.1


@dataclass(frozen=True)
class LivingCase:
    """What a tracer is told (river, stations, outfalls, ``value[k, j]`` [mg/L] at ``time_s[j]``) and the truth."""

    setting: Living
    network: Network
    told: Physics
    stations: list[Location]
    outfalls: list[Location]
    time_s: Floats
    value: Floats
    source: list[Location]
    listed: list[int]
    begin_s: list[float]
    mass_kg: list[float]
    shown: int


QUIET = Living("nothing at all", sources=0)
NO_RELEASE = (
    QUIET,
    Living("nothing; rain at every station, hourly", sources=0, rain="all"),
    Living("nothing; rain at every station, 4-hourly", sources=0, rain="all", every_h=4, noise=0.1),
    Living("nothing; rain at some stations, hourly", sources=0, rain="some"),
    Living("nothing; rain with a flood, hourly", sources=0, rain="all", flood=1.5, daily=0.1),
    Living("nothing; drift and two spikes, hourly", sources=0, drift=True, spikes=2),
    Living("nothing; drift and two spikes, 4-hourly", sources=0, drift=True, spikes=2, every_h=4, noise=0.1),
    Living("nothing; a probe off for half a day", sources=0, step=True),
    Living("nothing; daily ±20 %, hourly", sources=0, daily=0.2),
    Living("nothing; daily ±40 %, 4-hourly", sources=0, daily=0.4, every_h=4),
    Living("nothing; correlated noise ±25 %, hourly", sources=0, wander=0.25, memory_h=8.0),
)
RELEASE = (
    Living("one source, hourly"),
    Living("one source, 4-hourly, 10 %", every_h=4, noise=0.1),
    Living("one source, daily ±20 %, hourly", daily=0.2),
    Living("one source, correlated noise ±15 %", wander=0.15, memory_h=8.0, every_h=2),
    Living("one source, rain at every station", rain="all"),
    Living("one source, drift and a spike", drift=True, spikes=1),
    Living("one source, flow rises and falls", flood=1.5),
    Living("one source, dispersion × 5", dispersion=5.0),
    Living("one source, dispersion / 5", dispersion=0.2),
    Living("two sources, hourly", sources=2),
    Living("an outfall on no list, hourly", listed=False),
    Living("one reading stands out, 4-hourly", every_h=4, least_shown=1, most_shown=1),
)


def living_case(setting: Living, seed: int) -> LivingCase:
    """One case; the same seed gives the same case."""
    for turn in range(200):
        case = _case(setting, np.random.default_rng([seed, turn, 14]))
        if case is not None:
            return case
    raise ValueError(f"no case of {setting.name} in 200 turns")


def _case(setting: Living, rng: np.random.Generator) -> LivingCase | None:
    n = int(rng.integers(200, 500))
    rivers = random_rivers(n, int(rng.integers(1 << 30)))
    network = Network.build(rivers.ids, rivers.down_ids, rng.uniform(400.0, 3000.0, n))
    flow = network.accumulate(rng.uniform(0.01, 0.06, n))
    velocity = np.clip(0.35 * flow**0.12 * np.exp(rng.normal(0, 0.1, n)), 0.1, 1.5)
    dispersion = 3.0 + 12.0 * flow**0.4 * rng.uniform(0.5, 1.5, n)
    ratio, exchange = rng.uniform(0.05, 0.3, n), np.exp(rng.uniform(np.log(1e-4), np.log(1e-3), n))
    told = Physics.of(network.length_m, velocity, dispersion, flow, storage_ratio=ratio, exchange_per_s=exchange)
    at = np.sort(rng.choice(n, 25, replace=False))
    outfalls = [Location(int(network.ids[i]), float(rng.random() * network.length_m[i])) for i in at]
    large = np.argsort(-network.size, kind="stable")
    chosen = [int(large[0]), *(int(i) for i in rng.permutation(large[1 : n // 6])[: int(rng.integers(1, 4))])]
    chosen = sorted(dict.fromkeys(chosen))
    stations = [Location(int(network.ids[i]), float(network.length_m[i])) for i in chosen]
    time = np.arange(0.0, DAYS * 86400.0, setting.every_h * 3600.0) + rng.uniform(0, setting.every_h * 3600.0)
    hydrograph, storm_s = _hydrograph(setting, rng)
    error = _pace(network, setting, rng)
    level = np.exp(rng.normal(np.log(0.4), 0.4, len(stations)))
    added = np.zeros((len(stations), time.size))
    where, listed, begins, masses = [], [], [], []
    for _ in range(setting.sources):
        if setting.listed:
            which = int(rng.integers(25))
            place = outfalls[which]
        else:
            which, i = -1, int(rng.integers(n))
            place = Location(int(network.ids[i]), float(rng.random() * network.length_m[i]))
        begin, mass = rng.uniform(0.5, 3.0) * 86400.0, 10 ** rng.uniform(0.5, 3.0)
        duration = np.exp(rng.uniform(np.log(0.25), np.log(6.0))) * 3600.0
        part = _carried(network, told, error, setting, place, stations, (mass, begin, duration), hydrograph, time, rng)
        shown = _shown(part, level)
        if shown < setting.least_shown or (setting.sources > 1 and place in where):
            return None
        added += part
        where.append(place)
        listed.append(which)
        begins.append(float(begin))
        masses.append(float(mass))
    shown = _shown(added, level)
    if setting.sources and not setting.least_shown <= shown <= setting.most_shown:
        return None
    value = (_background(setting, level, time, storm_s, rng) + added) * np.exp(
        rng.normal(0, setting.noise, added.shape)
    )
    value += rng.normal(0.0, 0.02, added.shape)
    _disturb(setting, value, level, time, rng)
    value = np.round(np.maximum(value, 0.005), 3)
    return LivingCase(setting, network, told, stations, outfalls, time, value, where, listed, begins, masses, shown)


def _shown(added: Floats, level: Floats) -> int:
    """Readings of all stations that stand out: above half of the background beside it, and 0.1 mg/L."""
    return int((added > np.maximum(0.6 * level, 0.1)[:, None]).sum())


def _hydrograph(setting: Living, rng: np.random.Generator) -> tuple[Floats, float]:
    """Discharge over its mean, hourly from time 0, and when the storm comes [s]."""
    hours = np.arange(0.0, DAYS * 24.0 + 24.0)
    storm = float(rng.uniform(1.0, 3.2) * 24.0)
    after = np.maximum(hours - storm, 0.0)
    rise = setting.flood * (1.0 - np.exp(-after / 4.0)) * np.exp(-after / 30.0) * rng.uniform(0.7, 1.3)
    return 1.0 + rise, storm * 3600.0


def _pace(network: Network, setting: Living, rng: np.random.Generator) -> Floats:
    """A common factor of all velocities times one that is remembered over 10 km."""
    local, draw = np.zeros(network.n), rng.normal(size=network.n)
    keep = np.exp(-network.length_m / 10_000.0)
    for i in range(network.n - 1, -1, -1):
        d = network.down[i]
        local[i] = draw[i] if d < 0 else keep[i] * local[d] + np.sqrt(1.0 - keep[i] ** 2) * draw[i]
    factor: Floats = np.exp(rng.normal() * setting.velocity + setting.local * local)
    return factor


def _carried(
    network: Network, told: Physics, error: Floats, setting: Living, place: Location, stations: list[Location],
    release: tuple[float, float, float], hydrograph: Floats, time: Floats, rng: np.random.Generator,
) -> Floats:  # fmt: skip
    way = [network.index_of(place.reach)]
    while network.down[way[-1]] >= 0:
        way.append(int(network.down[way[-1]]))
    at = [network.index_of(one.reach) for one in stations]
    on_way = [k for k, i in enumerate(at) if i in way]
    out = np.zeros((len(stations), time.size))
    if not on_way:
        return out
    way = way[: max(way.index(at[k]) for k in on_way) + 1]
    rows = np.array(way)
    ends = np.cumsum(network.length_m[rows])
    places = np.array([ends[way.index(at[k])] for k in on_way]) - 1.0
    mass, begin, duration = release
    out[on_way] = seen_by_particles(
        ends,
        told.velocity_m_s[rows] * error[rows],
        told.dispersion_m2_s[rows] * setting.dispersion * np.exp(rng.normal(0, 0.3)),
        told.storage_ratio[rows] * np.exp(rng.normal(0, 0.2)),
        told.exchange_per_s[rows],
        start_m=place.chainage_m,
        mass_kg=mass,
        begin_s=begin,
        duration_s=duration,
        flow=hydrograph,
        flow_step_s=3600.0,
        places_m=places,
        times_s=time,
        discharge_m3_s=told.discharge_m3_s[np.array([at[k] for k in on_way])],
        seed=int(rng.integers(1 << 30)),
    )
    return out


def _background(setting: Living, level: Floats, time: Floats, storm_s: float, rng: np.random.Generator) -> Floats:
    hours = time / 3600.0
    phase = rng.uniform(0, 24.0)
    rows = []
    hit = np.ones(level.size, np.bool_)
    if setting.rain == "some":
        hit = rng.random(level.size) < 0.6
        hit[rng.integers(level.size)] = True
    decay, rise_h, strength = rng.uniform(8.0, 36.0), rng.uniform(1.0, 5.0), np.exp(rng.normal(np.log(2.0), 0.6))
    for k in range(level.size):
        own = phase + rng.normal(0, 1.5)
        cycle = setting.daily * (
            np.cos(2 * np.pi * (hours - own) / 24.0) + 0.25 * np.cos(4 * np.pi * (hours - own) / 24)
        )
        walk = np.empty(time.size)
        keep = np.exp(-setting.every_h / setting.memory_h)
        walk[0] = rng.normal() * setting.wander
        for j in range(1, time.size):
            walk[j] = keep * walk[j - 1] + rng.normal() * setting.wander * np.sqrt(1 - keep**2)
        rain = np.zeros(time.size)
        if setting.rain and hit[k]:
            after = np.maximum(hours - storm_s / 3600.0 - rng.uniform(0.0, 5.0), 0.0)
            own_decay = decay * np.exp(rng.normal(0, 0.3))
            shape = (1 - np.exp(-after / rise_h)) * np.exp(-after / own_decay)
            second = np.maximum(after - rng.uniform(4, 14), 0.0)
            shape += rng.uniform(0, 0.6) * (1 - np.exp(-second / rise_h)) * np.exp(-second / own_decay)
            rain = strength * np.exp(rng.normal(0, 0.5)) * shape * (1.0 + 2.0 * walk)
        rows.append(level[k] * np.maximum(1.0 + cycle + walk + rain, 0.05))
    return np.array(rows)


def _disturb(setting: Living, value: Floats, level: Floats, time: Floats, rng: np.random.Generator) -> None:
    if setting.drift:
        k = int(rng.integers(level.size))
        start = rng.uniform(0.1, 0.6) * time[-1]
        value[k] += level[k] * rng.uniform(0.6, 2.0) * np.maximum(time - start, 0.0) / (time[-1] - start)
    for _ in range(setting.spikes):
        k, j = int(rng.integers(level.size)), int(rng.integers(time.size))
        value[k, j] += level[k] * 10 ** rng.uniform(0.3, 1.2)
    if setting.step:
        k = int(rng.integers(level.size))
        start = rng.uniform(0.1, 0.8) * time[-1]
        inside = (time >= start) & (time < start + rng.uniform(6, 18) * 3600.0)
        value[k, inside] += level[k] * rng.uniform(1.0, 4.0)
