"""One run of the finite-volume solver: the state of the river and its way through time, span by span."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from riverchief.errors import BadInput, Fault
from riverchief.place import Network
from riverchief.transport.exact import Step
from riverchief.transport.flow import Flow, flow_through
from riverchief.transport.grid import Flags, Grid, Stepping, plan_steps, reach_volume
from riverchief.transport.kinetics import FROM_NOTHING, Kinetics
from riverchief.transport.physics import Floats, Physics
from riverchief.transport.surroundings import Around
from riverchief.transport.sweep import (
    Loads,
    Mixing,
    Ready,
    State,
    Tree,
    Water,
    exchange,
    lanes_of,
    make_ready,
    mass_of,
    move,
)
from riverchief.transport.way import Integers

FEWEST_FOR_THREADS = 4000  # reaches; with fewer the threads would wait more than they work
REACTION_S = 600.0  # longest span of reactions between two of transport


@dataclass(frozen=True)
class _Planned:
    cells: Integers
    weights: Floats
    species: int
    mass_g: float
    start_s: float
    duration_s: float


@dataclass(frozen=True)
class _Plan:
    """A span: ``blocks`` times ``each`` steps of transport, reactions over a ``half`` and a ``whole`` block around."""

    at: int
    surrounded: int
    span: float
    volume: Floats
    blocks: int
    each: int
    step: float
    stepping: Stepping
    head: Floats
    foot: Floats
    lateral: Floats
    mg_l: Floats
    head_load: Floats
    lateral_load: Floats
    loaded: Flags
    brought: Floats
    ready: Ready
    half: Step | None
    whole: Step | None


class March:
    """The river at one moment; :meth:`follow` takes it to the end and writes what the places see."""

    def __init__(
        self,
        network: Network,
        physics: Physics,
        kinetics: Kinetics,
        flow: Flow,
        grid: Grid,
        inflow_mg_l: Floats,
        around: Around,
        initial_mg_l: Floats,
        hold_inflow: bool,
        threads: int,
    ) -> None:
        self.down = network.down
        edges = network.secondary
        self.edges = (edges.source, edges.target, edges.fraction)
        self.physics, self.kinetics, self.flow, self.grid = physics, kinetics, flow, grid
        self.inflow_mg_l, self.around = inflow_mg_l, around
        self.lake = physics.is_lake
        divides = np.zeros(network.n, np.bool_)
        divides[edges.source] = True
        # A reach feels the one below where that is its own continuation: not in lakes, not where it divides, and not as
        # the lesser river of a confluence, whose mouth no shear can carry the other's water up.
        above = flow_through(self.down, flow.foot_m3_s[0], flow.head_m3_s[0], *self.edges)
        felt = (self.down >= 0) & ~self.lake & ~divides
        felt[felt] &= ~self.lake[self.down[felt]] & (flow.foot_m3_s[0][felt] > 0.5 * above[self.down[felt]])
        self.felt = felt
        self.runs_on = felt & (flow.foot_m3_s[0] > 0.999 * above[self.down])
        self.runs_in = np.full(network.n, -1)  # the reach that runs on into this one, alone
        self.runs_in[self.down[self.runs_on]] = np.flatnonzero(self.runs_on)
        self.below = np.where(felt, grid.first[self.down], -1)
        self.volume = reach_volume(physics)
        held = np.zeros(network.n, np.bool_)
        if hold_inflow:
            held = (flow.head_m3_s[0] > 0) & ~self.lake
            held[self.down[self.down >= 0]] = False
            held[edges.target] = False
        half = 2.0 * physics.dispersion_m2_s * self.volume * grid.cells / physics.length_m**2  # D A/(Δx/2)
        self.held_link = np.where(held, half, 0.0)
        self.cell_m = physics.length_m / grid.cells
        self.species = len(kinetics.species)
        self.lanes = lanes_of(self.species)
        self.c = np.repeat(initial_mg_l, grid.cells, axis=0).reshape(-1)
        # Where nothing is and nothing comes, nothing is computed; reactions that need nothing to begin with wake all.
        self.still = ~np.logical_or.reduceat(self.c != 0, grid.first[:-1] * self.species)
        if any(row.kind in FROM_NOTHING for row in kinetics.reactions):
            self.still[:] = False
        # Dead zones keep their size: the channel's water at the start times A_s/A.
        self.alpha = np.where(self.lake, 0.0, physics.exchange_per_s)
        self.store_volume = np.where(self.alpha > 0, physics.storage_ratio * self.volume, 0.0)
        self.store = self.c.copy() if self.store_volume.any() else None
        self.threads = threads if network.n > FEWEST_FOR_THREADS else 1
        self.crew: Executor | None = None
        self.planned: list[_Planned] = []
        self.last: _Plan | None = None
        self.lasting = self._lasting_loads()
        zero = np.zeros(self.species)
        self.inflow_g, self.released_g, self.outflow_g, self.taken_g, self.reacted_g = (zero.copy() for _ in range(5))
        self.initial_g = self._mass()

    def cells_at(self, reach: int, chainage_m: float, *, inside: bool) -> tuple[Integers, Floats]:
        """The two cells nearest a place and their weights: linear between centres; at the ends of a reach towards the
        next one where the river runs on alone, else as the last two cells tell, or where ``inside``, the last one."""
        first, cells = int(self.grid.first[reach]), int(self.grid.cells[reach])
        place = chainage_m / float(self.physics.length_m[reach]) * cells - 0.5
        if place > cells - 1 and self.runs_on[reach]:
            below = int(self.down[reach])
            part = (place - (cells - 1)) * self.cell_m[reach] / (0.5 * (self.cell_m[reach] + self.cell_m[below]))
            return np.array([first + cells - 1, self.grid.first[below]]), np.array([1.0 - part, part])
        above = int(self.runs_in[reach])
        if place < 0 and above >= 0:
            part = -place * self.cell_m[reach] / (0.5 * (self.cell_m[reach] + self.cell_m[above]))
            return np.array([self.grid.first[above + 1] - 1, first]), np.array([part, 1.0 - part])
        if cells == 1:
            return np.array([first, first]), np.array([1.0, 0.0])
        if inside:
            place = min(max(place, 0.0), cells - 1.0)
        low = min(max(int(np.floor(place)), 0), cells - 2)
        return np.array([first + low, first + low + 1]), np.array([1.0 - (place - low), place - low])

    def plan_release(
        self, cells: Integers, weights: Floats, species: int, mass_g: float, start_s: float, duration_s: float
    ) -> None:
        """Let ``mass_g`` fall into ``cells`` by ``weights`` when its time comes."""
        self.planned.append(_Planned(cells, weights, species, mass_g, start_s, duration_s))

    def follow(self, reports: Floats, watched: Sequence[tuple[Integers, Floats]]) -> Floats:
        """March to the last report; concentrations at the watched places, (reports, places, species) [mg/L]."""
        end = float(reports[-1])
        times = np.concatenate(
            [
                reports,
                self.flow.time_s,
                self.around.changes(end),
                [release.start_s for release in self.planned],
                [release.start_s + release.duration_s for release in self.planned],
            ]
        )
        times = np.unique(times[times <= end])
        cells = np.array([place[0] for place in watched], np.int64).reshape(-1, 2)
        weights = np.array([place[1] for place in watched], np.float64).reshape(-1, 2)
        mg_l = np.empty((reports.size, len(watched), self.species))
        self.lasting = self._lasting_loads()
        at_once: dict[float, list[_Planned]] = defaultdict(list)
        for release in self.planned:
            if release.duration_s == 0:
                at_once[release.start_s].append(release)
        row = 0
        table = self.c.reshape(-1, self.species)
        with ExitStack() as stack:
            if self.threads > 1:
                self.crew = stack.enter_context(ThreadPoolExecutor(self.threads))
            for k, now in enumerate(times.tolist()):
                self._fall_at_once(at_once.get(now, ()))
                if now == reports[row]:
                    mg_l[row] = np.maximum((table[cells] * weights[:, :, None]).sum(axis=1), 0.0)
                    row += 1
                if k + 1 < times.size:
                    self._span(now, float(times[k + 1]))
        self.crew = None
        return mg_l

    def _lasting_loads(self) -> tuple[Integers, Floats, Floats, Floats]:
        """Of everything that falls in over a time: cells, (reach, g/s of each species), beginnings and ends [s]."""
        falling = [release for release in self.planned if release.duration_s > 0]
        pairs = [
            (cell, weight, release)
            for release in falling
            for cell, weight in zip(release.cells.tolist(), release.weights.tolist(), strict=True)
            if weight > 0
        ]
        cells = np.array([cell for cell, _, _ in pairs], np.int64)
        loads = np.zeros((cells.size, 1 + self.species))
        loads[:, 0] = np.searchsorted(self.grid.first, cells, side="right") - 1
        for row, (_, weight, release) in enumerate(pairs):
            loads[row, 1 + release.species] = release.mass_g / release.duration_s * weight
        return (
            cells,
            loads,
            np.array([release.start_s for _, _, release in pairs]),
            np.array([release.start_s + release.duration_s for _, _, release in pairs]),
        )

    def balance(self) -> tuple[Floats, ...]:
        """The columns of :class:`~riverchief.transport.simulate.Balance`."""
        return (
            self.initial_g,
            self.inflow_g,
            self.released_g,
            self.outflow_g,
            self.taken_g,
            self.reacted_g,
            self._mass(),
        )

    def _mass(self) -> Floats:
        total = mass_of(self.grid.first, self.volume, self.c)
        if self.store is not None:
            total = total + mass_of(self.grid.first, self.store_volume, self.store)
        return np.asarray(total)

    def _reach_of(self, cell: int) -> int:
        return int(np.searchsorted(self.grid.first, cell, side="right") - 1)

    def _fall_at_once(self, releases: Sequence[_Planned]) -> None:
        for release in releases:
            for cell, weight in zip(release.cells.tolist(), release.weights.tolist(), strict=True):
                reach = self._reach_of(cell)
                water = self.volume[reach] / self.grid.cells[reach]
                self.c[cell * self.species + release.species] += release.mass_g * weight / water
                self.still[reach] = False
            self.released_g[release.species] += release.mass_g

    def _lasting(self, start: float, end: float) -> tuple[Integers, Floats]:
        """Cells that get something in this span, and (reach, g/s of each species)."""
        cells, loads, begin, finish = self.lasting
        now = (begin <= start) & (start < finish)
        if now.any():
            self.released_g += loads[now, 1:].sum(axis=0) * (end - start)
        return cells[now], loads[now]

    def _span(self, start: float, end: float) -> None:
        """Steps from ``start`` to ``end`` [s], in which nothing changes but the state."""
        plan = self._plan(start, end)
        self.inflow_g += plan.brought * (end - start)
        point_cell, point_load = self._lasting(start, end)
        stepping = plan.stepping
        tree = Tree(self.down, self.grid.first, stepping.parts, self.lake, self.below, *self.edges)
        water = Water(plan.head, plan.foot, plan.lateral, self.volume)
        mixing = Mixing(stepping.link, stepping.inner, self.held_link, plan.mg_l)
        loads = Loads(plan.loaded, plan.lateral_load, plan.head_load, point_cell, point_load)
        state = State(self.c, self.still, plan.ready, self.inflow_g, self.outflow_g, self.taken_g)

        def transport(count: int) -> None:
            move(count, plan.step, tree, water, mixing, loads, state, self.lanes)

        if plan.half is None and self.store is None:
            transport(plan.blocks * plan.each)
            return
        half, whole = 0.5 * plan.step * plan.each, plan.step * plan.each
        self._change(half, plan.half)
        for _ in range(plan.blocks - 1):
            transport(plan.each)
            self._change(whole, plan.whole)
        transport(plan.each)
        self._change(half, plan.half)

    def _plan(self, start: float, end: float) -> _Plan:
        """How to get from ``start`` to ``end`` [s]; that of the last span where flow and water are the same."""
        at = int(np.searchsorted(self.flow.time_s, start, side="right") - 1)
        surrounded = self.around.step_at(start)
        last = self.last
        if (
            last is not None
            and last.at == at
            and last.surrounded == surrounded
            and abs(last.span - (end - start)) < 1e-9 * last.span
            and np.abs(self.volume - last.volume).max() <= 1e-9 * last.volume.min()
        ):
            return last
        foot, outside, lateral = self.flow.foot_m3_s[at], self.flow.head_m3_s[at], self.flow.lateral_m3_s[at]
        head = flow_through(self.down, foot, outside, *self.edges)
        blocks = steps = max(int(np.ceil((end - start) / self.grid.step_s - 1e-9)), 1)
        if self.store is None:
            # Reactions are slow and exact in themselves: they need not stop every step of transport.
            blocks = min(steps, max(int(np.ceil((end - start) / REACTION_S - 1e-9)), 1))
        each = -(-steps // blocks)
        step = (end - start) / (blocks * each)
        least = np.minimum(self.volume, self.volume + (head + lateral - foot) * (end - start))
        if (least <= 0).any():
            dry = np.flatnonzero(least <= 0)
            details = {"count": str(dry.size), "given": f"{start:g}", "allowed": str(dry[0])}
            raise BadInput([Fault("runs_dry", details=details)])
        through = np.maximum(head + np.maximum(lateral, 0.0), foot - np.minimum(lateral, 0.0))
        stepping = plan_steps(self.down, self.physics, self.grid.cells, through, least, self.felt, self.held_link, step)
        mg_l = np.ascontiguousarray(self.inflow_mg_l[at])
        head_load = outside[:, None] * mg_l  # m³/s · g/m³ → g/s
        lateral_load = np.maximum(lateral, 0.0)[:, None] * mg_l
        loaded = lateral_load.any(axis=1)
        ready = make_ready(self.lake, self.held_link, head, foot, lateral, loaded, head_load)
        half = self._reactions(0.5 * step * each, foot, surrounded)
        whole = None if half is None else half.twice()
        self.last = _Plan(
            at, surrounded, end - start, self.volume.copy(), blocks, each, step, stepping, head, foot, lateral, mg_l,
            head_load, lateral_load, loaded, (head_load + lateral_load).sum(axis=0), ready, half, whole,
        )  # fmt: skip
        return self.last

    def _reactions(self, span: float, foot: Floats, surrounded: int) -> Step | None:
        """The exact step of the kinetics over ``span``; None where nothing reacts."""
        if all(
            row.kind == "decay" and not np.any(self.kinetics.rates.get(row.code, row.rate))
            for row in self.kinetics.reactions
        ):
            return None
        length, around = self.physics.length_m, self.around
        depth = around.depth(length, self.volume)
        velocity = np.where(self.lake, np.nan, foot * length / self.volume)
        return self.kinetics.step(
            span,
            around.at(surrounded, "temperature_c"),
            depth,
            velocity,
            around.at(surrounded, "elevation_m"),
            around.light_at_bed(surrounded, depth),
            around.at(surrounded, "plants_g_m2"),
        )

    def _change(self, span: float, reactions: Step | None) -> None:
        """Dead zones and reactions over ``span`` [s], each exact."""
        first = self.grid.first
        if self.store is not None:
            exchange(span, first, self.volume, self.store_volume, self.alpha, self.c, self.store)
        if reactions is None:
            return
        oxygen, hold = self.kinetics.oxygen_at, self.kinetics.hold or 0.0
        reactions.react(first, self.volume, oxygen, hold, self.c, self.reacted_g, self.crew)
        if self.store is not None:
            reactions.react(first, self.store_volume, oxygen, hold, self.store, self.reacted_g, self.crew)
