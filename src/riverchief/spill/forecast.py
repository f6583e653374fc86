"""A spill: when it reaches each place downstream, how high it rises, how long it lasts, and how sure that is.

One release, steady flow, exact transfer functions; the ranges come from repeating it with velocity, dispersion, decay
and discharge drawn from their errors (lognormal, the same factor along the whole river: errors that average out along
the way would promise more than anybody knows), by Latin hypercube from a seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from riverchief.errors import BadInput, Fault
from riverchief.place import Location, Network, locate
from riverchief.spill.front import Front, Profile, front_at_feet, profile_along
from riverchief.transport.doubt import Doubt, Range
from riverchief.transport.physics import Floats, Physics
from riverchief.transport.response import Response, responses
from riverchief.transport.way import Integers, Way, way_from

ARRIVED = 0.01
"""A spill has arrived when the concentration first reaches this share of its peak at the place, and has passed when it
last falls below it."""


@dataclass(frozen=True)
class Spill:
    """``mass_kg`` [kg] falls at ``location``, at once or evenly over ``duration_s`` [s]."""

    location: Location
    mass_kg: float
    duration_s: float = 0.0


@dataclass(frozen=True)
class Watch:
    """A place to warn: an intake, a section, a border. ``limit_mg_l`` [mg/L] is what its water must not exceed."""

    id: str
    location: Location
    kind: str = "place"
    name: str = ""
    limit_mg_l: float | None = None


@dataclass(frozen=True)
class WatchForecast:
    """What one place will see. Times are seconds after the release began [s].

    ``arrival_s`` first 1 % of the peak; ``peak_s``, ``peak_mg_l`` [mg/L]; ``passage_s`` from the first to the last 1 %;
    ``above_limit_s`` time above the place's limit (None without one); ``probability_above`` share of the runs that
    exceed it at all [-]. ``mass_kg`` what passes in the end [kg]. ``resolved`` is False so near an instant release that
    the peak is only a lower bound. ``curve_mg_l`` over ``curve_s`` is the run without errors.
    """

    watch: Watch
    distance_m: float
    arrival_s: Range
    peak_s: Range
    peak_mg_l: Range
    passage_s: Range
    above_limit_s: Range | None
    probability_above: float | None
    mass_kg: Range
    resolved: bool
    curve_s: Floats = field(repr=False, compare=False)
    curve_mg_l: Floats = field(repr=False, compare=False)


@dataclass(frozen=True)
class SpillForecast:
    """``places`` downstream, nearest first; ``unreached`` those the spill cannot reach."""

    spill: Spill
    places: tuple[WatchForecast, ...]
    unreached: tuple[Watch, ...]
    members: int
    seed: int
    front: Front | None = field(default=None, repr=False)


def forecast_spill(
    network: Network,
    spill: Spill,
    places: Sequence[Watch],
    physics: Physics,
    *,
    doubt: Doubt | None = None,
    background_mg_l: float = 0.0,
    members: int = 200,
    seed: int = 0,
    front_steps: int = 0,
    tell: Callable[[float], None] | None = None,
) -> SpillForecast:
    """What every place downstream of a spill will see, with 90 % ranges.

    Parameters
    ----------
    network
        The river. Where it divides the spill divides with the water.
    spill, places
        Checked on the network. Without ``places`` there is nothing to answer: a fault.
    physics
        Of every reach in the network's order; steady over the passage. What lies off the spill's way may be unknown.
    doubt
        Errors the ranges come from; default :class:`Doubt`.
    background_mg_l
        Concentration before the spill [mg/L], added where a limit is compared; not to peaks.
    members, seed
        Runs of the ensemble and the seed that makes it repeatable.
    front_steps
        With more than 0, also the concentration along the river in so many steps, of the run without errors
        (:class:`Front`).
    tell
        Called after each run with the share of the work that is done [-]; what it raises ends the work.

    Raises
    ------
    BadInput
        Every fault of spill, places and numbers: ``unknown_reach``, ``out_of_range``, ``empty_file`` (no place),
        ``duplicate`` (two places of one id), ``wrong_shape``, ``bad_reach_values`` for a flow, velocity … on the way
        that is missing or impossible.

    Limits: fully mixed across the section (not in the first few hundred river widths), steady flow, first-order decay.
    Source: the transfer functions of :mod:`riverchief.transport.response`.
    """
    doubt = doubt or Doubt()
    factors = _checked(network, spill, places, physics, doubt, background_mg_l, members)
    edges = network.secondary
    source = network.index_of(spill.location.reach)
    way = way_from(network.down, source, (edges.source, edges.target, edges.fraction))
    rows = way.reaches
    local = Way(np.arange(rows.size), way.feeders, way.feeder, way.log_share)
    here = physics.take(rows)
    wrong = here.faults(network.ids[rows].tolist())
    if wrong:
        raise BadInput(wrong)
    errors = Doubt(*(factors[name][rows] for name in ("velocity", "dispersion", "decay", "discharge")))

    share = spill.location.chainage_m / network.length_m[source]
    reached, unreached = _sorted_by_way(network, spill, places, way)
    if not reached:
        return SpillForecast(spill, (), tuple(unreached), members, seed)
    positions = np.array([way.position(network.index_of(watch.location.reach)) for watch, _ in reached])
    shares = np.array(
        [
            watch.location.chainage_m / network.length_m[rows[j]]
            for (watch, _), j in zip(reached, positions, strict=True)
        ]
    )
    seen = np.full((members, len(reached), 6), np.nan)
    for member, draw in enumerate(_draws(members, seed)):
        drawn = here.perturbed(
            velocity=np.exp(draw[0] * np.asarray(errors.velocity)),
            dispersion=np.exp(draw[1] * np.asarray(errors.dispersion)),
            decay=np.exp(draw[2] * np.asarray(errors.decay)),
            discharge=np.exp(draw[3] * np.asarray(errors.discharge)),
        )
        curves = responses(local, drawn, positions, shares, source_share=share, duration_s=spill.duration_s)
        for j, curve in enumerate(curves):
            if curve is not None:
                per_mg_l = spill.mass_kg * 1e3 / drawn.discharge_m3_s[positions[j]]  # g · s/m³ · 1/s → g/m³
                seen[member, j] = _features(curve, per_mg_l, reached[j][0].limit_mg_l, background_mg_l)
                seen[member, j, 5] *= spill.mass_kg
        if tell is not None:
            tell((member + 1) / members)
    middle = responses(local, here, positions, shares, source_share=share, duration_s=spill.duration_s)
    forecasts = []
    gone = []
    for j, (watch, distance) in enumerate(reached):
        curve = middle[j]
        if curve is None or np.isnan(seen[:, j, 0]).any():
            gone.append(watch)  # less than exp(-600) of it survives the way
            continue
        arrival, peak, height, passage, above, mass = (_range(seen[:, j, column]) for column in range(6))
        limit = watch.limit_mg_l
        forecasts.append(
            WatchForecast(
                watch,
                distance,
                arrival,
                peak,
                height,
                passage,
                None if limit is None else above,
                None if limit is None else float(np.mean(seen[:, j, 2] + background_mg_l > limit)),
                mass,
                _beginning(curve).resolved,
                *_shown(curve, spill.mass_kg * 1e3 / here.discharge_m3_s[positions[j]]),
            )
        )
    front = None
    if front_steps > 0 and forecasts:
        until = max(place.arrival_s.p95 + place.passage_s.p95 for place in forecasts)
        time = np.linspace(0.0, until, front_steps + 1)
        front = front_at_feet(local, here, rows, share, spill.mass_kg, spill.duration_s, time)
    return SpillForecast(spill, tuple(forecasts), (*unreached, *gone), members, seed, front)


def spill_front(network: Network, spill: Spill, physics: Physics, time_s: ArrayLike) -> Front:
    """The concentration along the whole river below a spill, averaged over the steps between ``time_s`` [s].

    For an animated map: one run with the physics as given. Raises ``BadInput`` as :func:`forecast_spill` does.
    """
    rows, local, here, share = _below(network, spill, physics)
    return front_at_feet(local, here, rows, share, spill.mass_kg, spill.duration_s, np.asarray(time_s, np.float64))


def spill_profile(
    network: Network, spill: Spill, physics: Physics, time_s: ArrayLike, *, segments: int = 240
) -> Profile:
    """As :func:`spill_front`, in about ``segments`` stretches of even length, so that a front moves along a long reach
    as well. At most ``segments``, or one a reach where there are more reaches than that."""
    rows, local, here, _ = _below(network, spill, physics)
    start = spill.location.chainage_m
    return profile_along(
        local, here, rows, start, spill.mass_kg, spill.duration_s, np.asarray(time_s, np.float64), segments
    )


def _below(network: Network, spill: Spill, physics: Physics) -> tuple[Integers, Way, Physics, float]:
    """The reaches below a spill, the way in their own numbers, their physics, and where in the first it fell [-]."""
    _checked(network, spill, [Watch("", spill.location)], physics, Doubt(), 0.0, 1)
    edges = network.secondary
    source = network.index_of(spill.location.reach)
    way = way_from(network.down, source, (edges.source, edges.target, edges.fraction))
    here = physics.take(way.reaches)
    wrong = here.faults(network.ids[way.reaches].tolist())
    if wrong:
        raise BadInput(wrong)
    local = Way(np.arange(way.reaches.size), way.feeders, way.feeder, way.log_share)
    return way.reaches, local, here, float(spill.location.chainage_m / network.length_m[source])


def _features(
    curve: Response, per_mg_l: float, limit: float | None, background: float
) -> tuple[float, float, float, float, float, float]:
    """Arrival, time of the peak, its height, passage, time above the limit, share of the mass."""
    fine = _beginning(curve)
    c = fine.per_s * per_mg_l
    top = int(np.argmax(c))
    height, peak = float(c[top]), float(top)
    if 0 < top < c.size - 1:
        left, right = c[top - 1], c[top + 1]
        bend = left - 2 * height + right
        if bend < 0.0:
            off = 0.5 * (left - right) / bend
            peak += off
            height -= 0.25 * (left - right) * off
    line = ARRIVED * height
    first = int(np.flatnonzero(c >= line)[0])
    rise = first - (c[first] - line) / (c[first] - c[first - 1]) if first > 0 else float(first)
    arrival = fine.start_s + rise * fine.step_s
    above = _time_above(c, limit, background) * fine.step_s
    whole = curve.per_s * per_mg_l
    if fine is curve:
        last = int(np.flatnonzero(c >= line)[-1])
    else:
        # Behind a lake the curve only falls; where it is first below the line it stays, whatever rings at the end.
        rest = max(int((fine.time_s[-1] - curve.start_s) / curve.step_s) + 1, 0)
        below = np.flatnonzero(whole[rest:] < line)
        last = rest + int(below[0]) - 1 if below.size else whole.size - 1
        above += _time_above(whole[rest : last + 1], limit, background) * curve.step_s
    fall = last + (whole[last] - line) / (whole[last] - whole[last + 1]) if 0 <= last < whole.size - 1 else float(last)
    passed = curve.start_s + fall * curve.step_s
    return arrival, fine.start_s + peak * fine.step_s, height, passed - arrival, above, curve.survival


def _beginning(curve: Response) -> Response:
    """The part of a curve that holds its arrival and its peak: its onset in fine steps, where that holds the peak."""
    if curve.onset is None or int(np.argmax(curve.onset.per_s)) > 0.95 * curve.onset.per_s.size:
        return curve
    return curve.onset


def _time_above(c: Floats, limit: float | None, background: float) -> float:
    """For how many steps a curve is above the limit: a step for the part of it that its straight line is."""
    if limit is None or c.size < 2:
        return 0.0
    a, b = c[:-1] + background - limit, c[1:] + background - limit
    low, high = np.minimum(a, b), np.maximum(a, b)
    return float(np.where(low >= 0, 1.0, np.where(high <= 0, 0.0, high / np.where(high > low, high - low, 1.0))).sum())


def _shown(curve: Response, per_mg_l: float) -> tuple[Floats, Floats]:
    """The curve with at most 400 points, where it is more than a ten-thousandth of its peak."""
    c = np.maximum(curve.per_s * per_mg_l, 0.0)
    over = np.flatnonzero(c >= 1e-4 * c.max())
    keep = slice(int(over[0]), int(over[-1]) + 1, max((int(over[-1]) - int(over[0])) // 399, 1))
    return curve.time_s[keep], c[keep]


def _range(values: Floats) -> Range:
    low, median, high = np.quantile(values, [0.05, 0.5, 0.95])
    return Range(float(median), float(low), float(high))


def _draws(members: int, seed: int) -> Floats:
    """Standard normal draws, shape (members, 4), by Latin hypercube: one in each ``members``-th of probability."""
    rng = np.random.default_rng(seed)
    strata = np.stack([rng.permutation(members) for _ in range(4)], axis=1)
    drawn: Floats = ndtri((strata + rng.random((members, 4))) / members)
    return drawn


def _sorted_by_way(
    network: Network, spill: Spill, places: Sequence[Watch], way: Way
) -> tuple[list[tuple[Watch, float]], list[Watch]]:
    """The places below the spill with their distance [m], nearest first, and the others."""
    reached, unreached = [], []
    first = int(way.reaches[0])
    shortest = _shortest(network, way)
    for watch in places:
        reach = network.index_of(watch.location.reach)
        position = way.position(reach)
        lake = reach == first and bool(network.kind[reach])
        if position < 0 or (position == 0 and watch.location.chainage_m < spill.location.chainage_m and not lake):
            unreached.append(watch)
            continue
        head = shortest[position] if position else 0.0
        start = spill.location.chainage_m
        reached.append((watch, max(float(head) + watch.location.chainage_m - start, 0.0)))
    return sorted(reached, key=lambda found: found[1]), unreached


def _shortest(network: Network, way: Way) -> Floats:
    """Shortest way from the head of the first reach to the head of each [m]."""
    head = np.zeros(way.reaches.size)
    length = network.length_m[way.reaches]
    for j in range(1, head.size):
        above = way.feeder[way.feeders[j] : way.feeders[j + 1]]
        head[j] = np.min(head[above] + length[above])
    return head


def _checked(
    network: Network,
    spill: Spill,
    places: Sequence[Watch],
    physics: Physics,
    doubt: Doubt,
    background: float,
    members: int,
) -> dict[str, Floats]:
    """The errors as arrays over reaches; ``BadInput`` with everything that is wrong."""
    faults: list[Fault] = []

    def number(column: str, value: float, allowed: str, ok: bool) -> None:
        if not (math.isfinite(value) and ok):
            faults.append(Fault("out_of_range", column=column, details={"given": f"{value:g}", "allowed": allowed}))

    number("mass_kg", spill.mass_kg, "> 0 kg", spill.mass_kg > 0)
    number("duration_s", spill.duration_s, ">= 0 s", spill.duration_s >= 0)
    number("background_mg_l", background, ">= 0 mg/L", background >= 0)
    number("members", members, "1 … 100000", 1 <= members <= 100_000)
    if physics.length_m.size != network.n:
        shape = {"given": str(physics.length_m.shape), "allowed": f"({network.n},)"}
        faults.append(Fault("wrong_shape", column="physics", details=shape))
    if not places:
        faults.append(Fault("empty_file", column="places", details={"allowed": "id, reach, chainage"}))
    seen: dict[str, int] = {}
    for row, watch in enumerate(places, start=1):
        if watch.limit_mg_l is not None:
            number(f"{watch.id}: limit_mg_l", watch.limit_mg_l, "> 0 mg/L", watch.limit_mg_l > 0)
        if watch.id in seen:
            faults.append(Fault("duplicate", column="id", details={"given": watch.id, "allowed": str(seen[watch.id])}))
        seen.setdefault(watch.id, row)
    for location in (spill.location, *(watch.location for watch in places)):
        try:
            locate(network, location.reach, location.chainage_m)
        except BadInput as refused:
            faults += refused.faults
    errors: dict[str, Floats] = {}
    for name in ("velocity", "dispersion", "decay", "discharge"):
        values = np.asarray(getattr(doubt, name), np.float64)
        if values.ndim > 1 or (values.ndim == 1 and values.size != network.n):
            shape = {"given": str(values.shape), "allowed": f"({network.n},) or one number"}
            faults.append(Fault("wrong_shape", column=f"doubt {name}", details=shape))
            continue
        errors[name] = np.broadcast_to(values, (network.n,))
        worst = float(errors[name].min()) if np.isfinite(errors[name]).all() else math.nan
        number(f"doubt {name}", worst, "0 … 3", worst >= 0 and float(errors[name].max()) <= 3)
    if faults:
        raise BadInput(faults)
    return errors
