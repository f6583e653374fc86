"""What water carries: our three solvers and flow routing against SWMM and wsimod, in one run.

The case on which answers are checked first: rivers of 20 reaches of 1 km each (v 0.5 m/s, D 10 m²/s, Q 10 m³/s), a
release of 1,000 kg over ten minutes at the top, four conservative substances, 16 h; truth is the exact response at
20 km, for SWMM that of the flux (it lets its slug in as one), for us that of the water. SWMM (kinematic wave, through
swmm-toolkit) has one mixed tank for each conduit and no dispersion. Its scheme can be solved: N conduits of volume V/N
and a step h give a travel time V/Q + N h and a spreading of T V/(N Q) where T is that time; so there is a falsified
channel for which both are right, and that, too, is measured. Speed is counted for both in reach-species-steps of 60 s a
second of processor time, that is river computed per second of waiting, so that finer cells and shorter steps cost what
they cost. wsimod (River nodes, daily steps, its 12 substances) cannot hold a slug at all; it is timed for scale.

The machine is shared: shortest of several runs, processor time, one core.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from swmm.toolkit import solver
from swmm.toolkit.shared_enum import NodePollutant, ObjectType

from riverchief.example.rivers import random_rivers
from riverchief.place import Location, Network, locate
from riverchief.spill import Spill, Watch, forecast_spill
from riverchief.transport import (
    Flow,
    Grid,
    Kinetics,
    Physics,
    Release,
    Simulation,
    Surroundings,
    backward_cumulants,
    plan_grid,
    reach_cumulants,
    responses,
    simulate,
    way_from,
)
from riverchief.transport.flow import flow_through
from riverchief.transport.grid import plan_steps, reach_volume
from riverchief.transport.muskingum import muskingum_parameters, plan_routing, route
from riverchief.transport.sweep import lanes_of, make_ready, move

TITLE = "Transport: what water carries, against SWMM and wsimod"
HOUR = 3600.0
REACHES, LENGTH, V, D, Q, STEP, SPAN = 20, 1000.0, 0.5, 10.0, 10.0, 60.0, 16 * HOUR
MASS_G, RELEASE_S, SPECIES = 1e6, 600.0, 4
REPORT_S = 300.0
REACH_SPECIES_STEPS = REACHES * SPECIES * SPAN / STEP  # of one river
COUNTY = 20_000
SWMM_RUNS = (  # rivers, conduits a reach, time step [s], tuned
    (10, 1, 60.0, False),
    (10, 5, 30.0, False),
    (1, 25, 10.0, False),
    (1, 25, 2.0, False),
    (10, 5, 320.0, True),
    (10, 14, 440.0 / 7.0, True),
    (1, 24, 10.0 / 3.0, True),
)


def run() -> str:
    """The section of the report."""
    return "\n\n".join([against_swmm(), throughput(), county(), others()])


def best(work: Callable[[], object], times: int = 5) -> float:
    """Shortest of several runs [s of processor], after one that compiles."""
    work()
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def rivers(number: int) -> Network:
    """``number`` rivers of :data:`REACHES` reaches side by side."""
    ids = np.arange(number * REACHES)
    down = np.where(ids % REACHES == REACHES - 1, -1, ids + 1)
    return Network.build(ids, down, np.full(ids.size, LENGTH))


def truth(time_s: np.ndarray, resident: bool) -> np.ndarray:
    """The exact concentration at the foot [mg/L]: of the water there, or of what flows out."""
    river = rivers(1)
    physics = Physics.of(river.length_m, V, D, Q)
    way = way_from(river.down, 0)
    response = responses(way, physics, [REACHES - 1], [1.0], duration_s=RELEASE_S, resident=resident)[0]
    assert response is not None
    return response.at(time_s) * MASS_G / Q


def errors(time_s: np.ndarray, mg_l: np.ndarray, resident: bool) -> tuple[float, float]:
    """Error of the peak and of the whole curve (L1) [%]."""
    exact = truth(time_s, resident)
    return (
        100 * (mg_l.max() / exact.max() - 1),
        100 * float(np.abs(mg_l - exact).sum() / exact.sum()),
    )


def against_swmm() -> str:
    """The slug: error and speed of both, by how finely each cuts its reaches."""
    rows = []
    for number, cells, step, tuned in SWMM_RUNS:
        t, c, seconds = swmm(number, cells, step, tuned)
        name = f"SWMM{', tuned to this slug' if tuned else ''}, {cells} a reach, {step:.3g} s"
        rows.append((name, *errors(t, c, False), number * REACH_SPECIES_STEPS / seconds / 1e6))
    for peclet in (50.0, 12.5, 10.0, 5.0, 2.5, 1.0):
        number = 200 if peclet >= 10 else 50
        t, c, seconds, cells, step = ours(number, peclet)
        name = f"Riverchief, {cells} a reach, {min(step, REPORT_S):.0f} s"
        rows.append((name, *errors(t, c, True), number * REACH_SPECIES_STEPS / seconds / 1e6))
    table = "| solver, cells, time step | peak error % | curve error % (L1) | M reach-species-steps/s "
    table += "| ours at equal or better error |\n"
    table += "|---|---|---|---|---|\n"
    mine = [row for row in rows if row[0].startswith("Riverchief")]
    for name, peak, curve, speed in rows:
        said = ""
        if name.startswith("SWMM"):
            fit = [row for row in mine if abs(row[1]) <= abs(peak) and row[2] <= curve]
            if fit:
                best_fit = max(fit, key=lambda row: row[3])
                said = f"**{best_fit[3] / speed:,.0f} x** ({best_fit[0].split(', ')[1]})"
            else:
                said = "none of these rows is as near"
        table += f"| {name} | {peak:+.1f} | {curve:.1f} | {speed:,.3g} | {said} |\n"
    return (
        "**A slug over 20 km.** SWMM with the river as it is: its tanks spread the slug, and every conduit adds one "
        "time step to its travel. Tuned: channels so much narrower that tank and step together take its time, and so "
        "many that their spreading is the river's: a river with false water levels that is right for this one slug. A "
        "user who has no closed form to tune by has the first kind. SWMM routes the water too; ours had it given (our "
        "Muskingum, below, is a small part of a transport step). Where ours is less than 50 "
        "times as fast, SWMM was tuned by the answer to a coarse grid that is 10 % off the curve: it mixes each "
        "conduit once in 320 s and nothing else; ours limits slopes and disperses in every cell, and reports every "
        "300 s as it does.\n\n" + table
    )


def ours(number: int, peclet: float) -> tuple[np.ndarray, np.ndarray, float, int, float]:
    """Curve at 20 km in one river, processor seconds for all, cells a reach and step. Each river has a reach more above
    and below, because water on either side is part of the closed form."""
    length = REACHES + 2
    ids = np.arange(number * length)
    network = Network.build(ids, np.where(ids % length == length - 1, -1, ids + 1), np.full(ids.size, LENGTH))
    physics = Physics.of(network.length_m, V, D, Q)
    grid = plan_grid(network.down, physics, peclet=peclet)
    codes = ["TRACER", "CBODS", "ORGN", "PO4"][:SPECIES]
    kinetics = Kinetics.of(codes, without=[row.code for row in Kinetics.of(codes).reactions if row.code != "decay"])
    releases = [
        Release(Location(river * length + 1, 0.0), code, MASS_G, 0.0, RELEASE_S)
        for river in range(number)
        for code in codes
    ]
    place = [Location(REACHES, LENGTH)]

    def work():
        return simulate(
            network, physics, SPAN, place, kinetics=kinetics, releases=releases, report_every_s=REPORT_S, grid=grid
        )

    found = work()
    assert np.abs(found.balance.error).max() < 1e-12
    seconds = best(work, 3)
    return found.time_s, found.mg_l[:, 0, 0], seconds, int(grid.cells[0]), grid.step_s


def swmm(number: int, cells: int, step_s: float, tuned: bool = False) -> tuple[np.ndarray, np.ndarray, float]:
    """SWMM's curve at the outfall of one river and the seconds of its time loop."""
    with tempfile.TemporaryDirectory() as folder:
        inp = Path(folder) / "slug.inp"
        inp.write_text(swmm_input(number, cells, step_s, tuned), encoding="ascii")
        solver.swmm_open(str(inp), str(inp.with_suffix(".rpt")), str(inp.with_suffix(".out")))
        try:
            solver.swmm_start(0)
            node = solver.project_get_index(ObjectType.NODE, "O0")
            times, values = [0.0], [0.0]
            start = time.process_time()
            while True:
                elapsed = solver.swmm_step()
                if elapsed == 0:
                    break
                if len(times) * REPORT_S <= elapsed * 86_400.0 + 1e-6:
                    times.append(elapsed * 86_400.0)
                    values.append(solver.node_get_pollutant(node, NodePollutant.QUALITY)[0])
            seconds = time.process_time() - start
            solver.swmm_end()
        finally:
            solver.swmm_close()
    return np.array(times), np.array(values), seconds


def swmm_input(number: int, cells: int, step_s: float, tuned: bool) -> str:
    """An input file of SWMM 5.2 for the same rivers: rectangular, 20 m wide, so rough that 10 m³/s flow 1 m deep at
    0.5 m/s. ``tuned`` makes them so much narrower that conduit and time step together take the river's time."""
    slope = 0.0005
    speed = V if not tuned else 1.0 / (1.0 / V - step_s * cells / LENGTH)
    width = Q / speed
    radius = width / (width + 2.0)
    roughness = radius ** (2 / 3) * slope**0.5 / speed
    count = REACHES * cells
    piece = LENGTH / cells
    lines = [
        "[OPTIONS]\nFLOW_UNITS CMS\nFLOW_ROUTING KINWAVE\nSTART_DATE 01/01/2026\nSTART_TIME 00:00:00",
        "REPORT_START_DATE 01/01/2026\nREPORT_START_TIME 00:00:00\nEND_DATE 01/01/2026\nEND_TIME 16:00:00",
        f"REPORT_STEP 01:00:00\nWET_STEP 01:00:00\nDRY_STEP 01:00:00\nROUTING_STEP {step_s:g}\n",
        "[REPORT]\nINPUT NO\nCONTROLS NO\nSUBCATCHMENTS NONE\nNODES NONE\nLINKS NONE\n",
        "[POLLUTANTS]",
        *(f"P{k} MG/L 0 0 0 0 NO * 0 0 0" for k in range(SPECIES)),
        "\n[JUNCTIONS]",
    ]
    for river in range(number):
        for k in range(count):
            lines.append(f"J{river}_{k} {slope * piece * (count - k):.6f} 5 1 0 0")
    lines += ["\n[OUTFALLS]", *(f"O{river} 0 FREE NO" for river in range(number)), "\n[CONDUITS]"]
    for river in range(number):
        for k in range(count):
            end = f"J{river}_{k + 1}" if k + 1 < count else f"O{river}"
            lines.append(f"C{river}_{k} J{river}_{k} {end} {piece:g} {roughness:.8f} 0 0 {Q:g} 0")
    lines.append("\n[XSECTIONS]")
    lines += [f"C{river}_{k} RECT_OPEN 3 {width:.6f} 0 0 1" for river in range(number) for k in range(count)]
    lines.append("\n[INFLOWS]")
    for river in range(number):
        lines.append(f"J{river}_0 FLOW QB FLOW 1.0 1.0 0")
        lines += [f"J{river}_0 P{k} SLUG CONCEN 1.0 1.0 0" for k in range(SPECIES)]
    height = MASS_G / RELEASE_S / Q
    minutes = round(RELEASE_S / 60)
    lines += [
        "\n[TIMESERIES]",
        f"QB 0:00 {Q:g}\nQB 48:00 {Q:g}",
        f"SLUG 0:00 {height:g}\nSLUG 0:{minutes:02d} {height:g}\nSLUG 0:{minutes:02d}:01 0\nSLUG 48:00 0\n",
    ]
    return "\n".join(lines)


def throughput() -> str:
    """The transport sweep alone, on a random county."""
    network = random_rivers(COUNTY, 1).network()
    flow = network.accumulate(np.full(network.n, 0.02))
    rows = []
    for cells in (4, 20):
        speeds = [sweep_speed(network, flow, cells * 150.0, species) for species in (1, 4, 8)]
        rows.append(f"| {cells} | {' | '.join(f'{speed / 1e6:.0f}' for speed in speeds)} |")
    return (
        f"**The sweep alone**, {COUNTY:,} reaches, M cell-species-steps/s on one core.\n\n"
        "| cells a reach | 1 species | 4 | 8 |\n|---|---|---|---|\n" + "\n".join(rows)
    )


def sweep_speed(network: Network, flow: np.ndarray, length_m: float, species: int) -> float:
    """Cell-species-steps a second of the kernel, for reaches of one length and cells of 150 m (v Δx/D = 5)."""
    physics = Physics.of(np.full(network.n, length_m), V, 15.0, flow)
    grid = plan_grid(network.down, physics)
    volume = reach_volume(physics)
    none, empty, zero = np.empty(0, np.int64), np.empty(0), np.zeros(network.n)
    head = flow_through(network.down, flow, Flow.steady(network, flow).head_m3_s[0], none, none, empty)
    felt = network.down >= 0
    plan = plan_steps(network.down, physics, grid.cells, flow, volume, felt, zero, grid.step_s)
    below = np.where(felt, grid.first[network.down], -1)
    c = np.random.default_rng(1).random(int(grid.first[-1]) * species)
    load = np.zeros((network.n, species))
    mass = np.zeros((3, species))
    still = np.zeros(network.n, np.bool_)
    ready = make_ready(physics.is_lake, zero, head, flow, zero, physics.is_lake, load)
    steps = 10

    def work() -> None:
        move(
            steps, grid.step_s, network.down, grid.first, plan.parts, physics.is_lake, below, plan.link, plan.inner,
            head, flow, zero, volume, physics.is_lake, load, load, none, np.empty((0, 1 + species)), zero,
            load, none, none, empty, c, still, ready, *mass, lanes_of(species),
        )  # fmt: skip

    return steps * species * float(np.sum(grid.cells * plan.parts)) / best(work)


def county() -> str:
    """A county for a week: hourly flow, four reacting species."""
    network = random_rivers(COUNTY, 2, lakes=0.002, divisions=0.002).network()
    rng = np.random.default_rng(2)
    hours = 7 * 24
    wave = 1 + 0.5 * np.sin(2 * np.pi * np.arange(hours + 1) / 60)[:, None]
    lateral = rng.uniform(0.01, 0.03, network.n) * wave
    flow0 = network.accumulate(lateral[0])
    lake = network.kind > 0
    residence = np.where(lake, np.maximum(network.storage_m3 / flow0, 4 * HOUR), np.nan)
    physics = Physics.of(network.length_m, V, 15.0, flow0, residence_s=residence)
    k, x = muskingum_parameters(network.length_m, physics.velocity_m_s)
    plan = plan_routing(np.where(lake, residence, k), np.where(lake, 0.0, x), HOUR)
    start = time.process_time()
    feet = route(network, lateral, plan)
    routed = time.process_time() - start
    flow = Flow(
        HOUR * np.arange(hours),
        0.5 * (feet[1:] + feet[:-1]),
        0.5 * (lateral[1:] + lateral[:-1]),
        np.zeros((hours, network.n)),
    )
    kinetics = Kinetics.of(["DO", "CBODF", "NH4", "NO3"])
    mouths = np.flatnonzero(network.down < 0)
    places = [Location(int(network.ids[mouth]), float(network.length_m[mouth])) for mouth in mouths]
    around = Surroundings(temperature_c=18.0, width_m=np.maximum(7.2 * flow0**0.5, 1.0))
    water = [8.0, 3.0, 0.5, 1.0]
    rows, curves = [], []
    for peclet in (20.0, 5.0):
        grid = plan_grid(network.down, physics, peclet=peclet)

        def week(threads: int | None, grid: Grid = grid) -> tuple[Simulation, float, float]:
            begun, start = time.perf_counter(), time.process_time()
            done = simulate(
                network,
                physics,
                hours * HOUR,
                places,
                kinetics=kinetics,
                surroundings=around,
                flow=flow,
                inflow_mg_l=water,
                initial_mg_l=water,
                grid=grid,
                threads=threads,
            )
            return done, time.process_time() - start, time.perf_counter() - begun

        found, seconds, _ = week(1)
        shared, _, wall = week(None)
        assert (shared.mg_l == found.mg_l).all()
        curves.append(found.mg_l)
        rows.append(
            f"| {peclet:g} | {int(grid.first[-1]):,} | {grid.step_s:.0f} | {seconds:.1f} | {wall:.1f} | "
            f"{np.abs(found.balance.error).max():.0e} |"
        )
    apart = np.abs(curves[0] - curves[1]).max(axis=(0, 1)) / np.ptp(curves[1], axis=(0, 1))
    return (
        f"**A county for a week.** {COUNTY:,} reaches ({int(lake.sum())} lakes, {len(network.secondary)} divisions), "
        "hourly flow, DO, CBOD, NH4 and NO3 with their kinetics. Routing the flow took "
        f"{routed:.2f} s. Wall times are what other work left of the machine (load {os.getloadavg()[0]:.1f}). "
        f"The finer grid is the one for spills; at the mouth the coarser one differs by at most "
        f"{100 * apart.max():.1f} % of a substance's range.\n\n"
        "| v Δx/D | cells | step s | one core: processor s | as many threads as cores (reactions share them): wall s "
        "| mass closed to |\n|---|---|---|---|---|---|\n" + "\n".join(rows)
    )


def others() -> str:
    """Routing, cumulants, transfer functions, wsimod."""
    network = random_rivers(100_000, 1).network()
    lateral = np.random.default_rng(0).random((240, network.n))
    plan = plan_routing(np.random.default_rng(1).uniform(2500, 9000, network.n), 0.2, HOUR)
    gauges = np.arange(0, network.n, 500)
    flow_s = best(lambda: route(network, lateral, plan, gauges), 3)
    own = reach_cumulants(Physics.of(network.length_m, V, D, Q, storage_ratio=0.2, exchange_per_s=1e-4))
    outlet = int(np.argmax(network.size))
    back_s = best(lambda: backward_cumulants(network.down, network.size, own, outlet), 20)
    source = int(np.argmax(network.distance_to_outlet_m))
    way = way_from(network.down, source).reaches
    places = [
        Watch(str(j), locate(network, int(network.ids[reach]), float(network.length_m[reach])))
        for j, reach in enumerate(way[:: max(way.size // 15, 1)].tolist())
    ]
    physics = Physics.of(network.length_m, V, D, Q, decay_per_s=1e-6)
    spill = Spill(Location(int(network.ids[source]), 0.0), 1000.0)
    spill_s = best(lambda: forecast_spill(network, spill, places, physics, members=200), 2)
    return "\n".join(
        [
            "**The other solvers.**\n",
            "| what | measured |\n|---|---|",
            f"| Muskingum, 100,000 reaches x 240 h, 200 gauges kept, lateral inflow transposed on the way | "
            f"{network.n * 240 / flow_s / 1e6:.0f} M reach-steps/s |",
            f"| backward cumulants with dead zones | {back_s / network.size[outlet] * 1e9:.1f} ns a reach |",
            f"| spill forecast, {way.size} reaches, {len(places)} places, 200 members | {spill_s:.2f} s |",
            f"| wsimod, 500 River nodes, 12 substances, 10 days | {wsimod_speed() / 1e3:.1f} k reach-species-steps/s |",
        ]
    )


def wsimod_speed() -> float:
    """Reach-species-steps a second of wsimod's River nodes in a row."""
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        from wsimod.arcs.arcs import Arc
        from wsimod.core import constants
        from wsimod.nodes.nodes import Node
        from wsimod.nodes.storage import River

        constants.set_default_pollutants()
        number, days = 500, 10
        nodes = [River(name=f"r{k}", length=1000, width=20, velocity=0.5 * 86_400) for k in range(number)]
        sea = Node(name="sea")
        arcs = [
            Arc(name=f"a{k}", in_port=nodes[k], out_port=nodes[k + 1] if k + 1 < number else sea) for k in range(number)
        ]
        for node in nodes:
            node.t = 0
            node.data_input_dict = {("temperature", 0): 15.0}
        water = nodes[0].empty_vqip()
        water["volume"] = Q * 86_400
        for pollutant in constants.POLLUTANTS:
            water[pollutant] = 1.0
        start = time.process_time()
        for _ in range(days):
            nodes[0].push_set(water.copy())
            for node in nodes:
                node.distribute()
            for part in (*nodes, *arcs):
                part.end_timestep()
        return number * days * len(constants.POLLUTANTS) / (time.process_time() - start)
