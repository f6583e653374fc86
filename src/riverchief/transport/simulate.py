"""The finite-volume solver: changing flow, several substances that react, lakes and divisions, mass to the last bit.

Strang splitting: half a step of reactions and dead zones, transport, half a step again (halves that meet are made as
one); dead zones with every step of transport, reactions alone at most 10 minutes apart. Flow, temperature, sources and
reports change only between *spans*, so that every step inside a span is the same.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place import Location, Network, locate
from riverchief.transport.flow import Flow
from riverchief.transport.grid import Grid, plan_grid
from riverchief.transport.kinetics import Kinetics
from riverchief.transport.march import March
from riverchief.transport.oxygen import SECONDS_PER_DAY
from riverchief.transport.physics import Floats, Physics
from riverchief.transport.surroundings import Around, Surroundings


@dataclass(frozen=True)
class Release:
    """``mass_g`` [g] of ``species`` at ``location``, from ``start_s`` [s] on at once or evenly over ``duration_s``."""

    location: Location
    species: str
    mass_g: float
    start_s: float = 0.0
    duration_s: float = 0.0


@dataclass(frozen=True)
class Balance:
    """Grams of each species [g]: there at the start, brought by inflow, released, carried out, taken by abstraction,
    made less used by reactions, there at the end. ``error`` is what is missing, over all that came in [-]."""

    initial: Floats
    inflow: Floats
    released: Floats
    outflow: Floats
    taken: Floats
    reacted: Floats
    final: Floats

    @property
    def error(self) -> Floats:
        """(initial + inflow + released + reacted - outflow - taken - final)/(initial + inflow + released) [-]."""
        came = self.initial + self.inflow + self.released
        missing = came + self.reacted - self.outflow - self.taken - self.final
        scale = np.maximum(came, np.abs(self.reacted))
        return np.divide(missing, scale, out=np.zeros_like(missing), where=scale > 0)


@dataclass(frozen=True)
class Simulation:
    """``mg_l[j, p, s]`` is species s at place p at ``time_s[j]`` [mg/L]; ``state`` and ``volume_m3`` are the end's
    concentrations, (cells, species), and water. ``grid`` tells what was resolved."""

    time_s: Floats
    species: tuple[str, ...]
    mg_l: Floats
    balance: Balance
    grid: Grid
    state: Floats
    volume_m3: Floats


def simulate(
    network: Network,
    physics: Physics,
    until_s: float,
    places: Sequence[Location],
    *,
    kinetics: Kinetics | None = None,
    surroundings: Surroundings | None = None,
    flow: Flow | None = None,
    releases: Sequence[Release] = (),
    inflow_mg_l: ArrayLike = 0.0,
    initial_mg_l: ArrayLike = 0.0,
    report_every_s: float = 3600.0,
    hold_inflow: bool = False,
    grid: Grid | None = None,
    threads: int | None = None,
) -> Simulation:
    """Follow substances through a river network.

    Parameters
    ----------
    network, physics
        The river. ``discharge_m3_s``, ``velocity_m_s`` (and ``residence_s``) give the water in each reach at the start;
        with a changing ``flow`` it fills and empties from there. ``decay_per_s`` counts only without ``kinetics``.
    until_s, report_every_s
        End and interval of reports [s]; the first report is at 0.
    places
        Where to report.
    kinetics
        Species and reactions; default one substance ``TRACER`` that decays as ``physics`` says.
    surroundings
        For kinetics; its steps are followed.
    flow
        Default: steady, ``physics.discharge_m3_s``.
    releases
        Instant or lasting.
    inflow_mg_l, initial_mg_l
        Concentration of water from outside and of the river at the start [mg/L], broadcast to (reaches, species).
        Inflow may also have the steps of ``flow`` in front: (steps, reaches, species).
    hold_inflow
        False: inflow at a spring or border is a flux of its concentration. True: the river goes on beyond and
        dispersion works across its head too (a held concentration, as in OTIS).
    grid
        Default :func:`plan_grid`.
    threads
        That share the work of a large network; default: as many as there are processors. The answer does not depend on
        it.

    Raises
    ------
    BadInput
        Every fault of places, releases, shapes and numbers; ``runs_dry`` when a flow series takes more water than there
        is.

    Mass closes to rounding (:attr:`Balance.error` about 1e-14). Dispersion does not cross lakes and divisions.
    Sources: van Leer (1974), Koren (1993); Strang (1968).
    """
    kinetics = kinetics or Kinetics.of(["TRACER"], {"decay": np.minimum(physics.decay_per_s * SECONDS_PER_DAY, 100.0)})
    flow = flow or Flow.steady(network, physics.discharge_m3_s)
    shape = (network.n, len(kinetics.species))
    inflow, initial = _checked(
        network, physics, until_s, report_every_s, places, releases, kinetics, flow, inflow_mg_l, initial_mg_l
    )
    around = Around(surroundings or Surroundings(), network.n)
    grid = grid or plan_grid(network.down, physics)
    march = March(
        network,
        physics,
        kinetics,
        flow,
        grid,
        inflow,
        around,
        np.broadcast_to(initial, shape),
        hold_inflow,
        threads or os.cpu_count() or 1,
    )
    index = {code: j for j, code in enumerate(kinetics.species)}
    where = {
        place: march.cells_at(network.index_of(place.reach), place.chainage_m, inside=True)
        for place in dict.fromkeys(release.location for release in releases)
    }
    for release in releases:
        cells, weights = where[release.location]
        march.plan_release(cells, weights, index[release.species], release.mass_g, release.start_s, release.duration_s)
    watched = [march.cells_at(network.index_of(place.reach), place.chainage_m, inside=False) for place in places]
    reports = np.append(np.arange(0.0, until_s, report_every_s), until_s)
    mg_l = march.follow(reports, watched)
    return Simulation(
        reports, kinetics.species, mg_l, Balance(*march.balance()), grid, march.c.reshape(-1, shape[1]), march.volume
    )


def _checked(
    network: Network,
    physics: Physics,
    until_s: float,
    report_every_s: float,
    places: Sequence[Location],
    releases: Sequence[Release],
    kinetics: Kinetics,
    flow: Flow,
    inflow_mg_l: ArrayLike,
    initial_mg_l: ArrayLike,
) -> tuple[Floats, Floats]:
    """Inflow (steps, reaches, species) and initial concentrations; ``BadInput`` with everything that is wrong."""
    faults: list[Fault] = []

    def number(column: str, value: float, allowed: str, ok: bool) -> None:
        if not (math.isfinite(value) and ok):
            faults.append(Fault("out_of_range", column=column, details={"given": f"{value:g}", "allowed": allowed}))

    def shape(column: str, given: tuple[int, ...], allowed: tuple[int, ...]) -> None:
        faults.append(Fault("wrong_shape", column=column, details={"given": str(given), "allowed": str(allowed)}))

    number("until_s", until_s, "> 0 s", until_s > 0)
    number("report_every_s", report_every_s, "> 0 s", report_every_s > 0)
    if physics.length_m.size != network.n:
        shape("physics", physics.length_m.shape, (network.n,))
    steps = flow.time_s.size
    for name in ("foot_m3_s", "head_m3_s", "lateral_m3_s"):
        array = getattr(flow, name)
        if array.shape != (steps, network.n):
            shape(name, array.shape, (steps, network.n))
        else:
            low = float(array.min()) if np.isfinite(array).all() else math.nan
            number(name, low, "finite, >= 0 m³/s", name == "lateral_m3_s" or low >= 0)
    if steps == 0 or flow.time_s[0] != 0 or not (np.diff(flow.time_s) > 0).all():
        faults.append(
            Fault("out_of_range", column="flow time_s", details={"given": str(flow.time_s[:3]), "allowed": "0 < … s"})
        )
    while_it_runs = f"0 … {until_s:g} s"
    for release in releases:
        number("mass_g", release.mass_g, "> 0 g", release.mass_g > 0)
        number("start_s", release.start_s, while_it_runs, 0 <= release.start_s < until_s)
        number("duration_s", release.duration_s, ">= 0 s", release.duration_s >= 0)
        if release.species not in kinetics.species:
            faults.append(unknown_name("unknown_species", release.species, kinetics.species))
    for location in dict.fromkeys((*places, *(release.location for release in releases))):
        try:
            locate(network, location.reach, location.chainage_m)
        except BadInput as refused:
            faults += refused.faults
    found = []
    size = (network.n, len(kinetics.species))
    for name, given, allowed in (("inflow_mg_l", inflow_mg_l, (steps, *size)), ("initial_mg_l", initial_mg_l, size)):
        array = np.asarray(given, np.float64)
        try:
            array = np.broadcast_to(array, allowed)
        except ValueError:
            shape(name, array.shape, allowed)
            continue
        low = float(array.min()) if np.isfinite(array).all() else math.nan
        number(name, low, ">= 0 mg/L", low >= 0)
        found.append(array)
    if faults:
        raise BadInput(faults)
    return found[0], found[1]
