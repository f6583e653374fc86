"""The river network against general graph libraries, on one random forest of 1,000,000 reaches.

Peers: networkx, rustworkx, igraph. Each builds a directed graph from the same two columns (reach, next reach down),
then answers the same 1,000 upstream questions and accumulates the same values. Answers are compared before a time is
believed: every upstream set of 200 reaches, the sizes of all 1,000, and every accumulated value. The libraries have no
accumulation, so theirs is the plain loop over their own topological order. Ours also maps ids and checks for faults
while building. Then our network alone at the size of HydroRIVERS, and with side branches.

Times are the best of several runs, because the machine is shared. A peer's memory is the growth of the resident set
while it builds in a process of its own; ours is the bytes of its arrays.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import igraph
import networkx
import numpy as np
import rustworkx

from riverchief.example.rivers import Rivers, random_rivers
from riverchief.place import Network, strahler_order

TITLE = "River network: build, trace, accumulate"
REACHES = 1_000_000
HYDRORIVERS = 8_477_883  # Lehner and Grill (2013), version 1.0
QUESTIONS = 1_000
COMPARED = 200
SEED = 3


OUR_BUILDS, OUR_SUMS, THEIR_SUMS = 40, 100, 2
THEIR_BUILDS = {"igraph": 3, "rustworkx": 3, "networkx": 1}
HOW = (
    f"Times are the best of several runs: {OUR_BUILDS} builds and {OUR_SUMS} accumulations of ours; "
    f"{', '.join(f'{runs} of {name}' for name, runs in THEIR_BUILDS.items())} builds and {THEIR_SUMS} accumulations of "
    "each of the others; each question the best of nine. Memory is counted in two ways: of ours the bytes of its "
    "arrays, of the others the growth of the resident set of a process that builds nothing else. No library "
    "accumulates along a tree: theirs is its topological order and then a loop in Python, which takes most of the time."
)


@dataclass
class Measured:
    """One library's times [s] and memory [MB]."""

    name: str
    build_s: float
    memory_mb: float
    upstream_s: np.ndarray
    downstream_s: np.ndarray
    accumulate_s: float
    sizes: list[int]
    sets: list[set[int]]
    total: np.ndarray


def run() -> str:
    """The section of the report."""
    rivers = random_rivers(REACHES, SEED, basins=757)
    asked = np.random.default_rng(SEED).choice(rivers.ids, QUESTIONS, replace=False).tolist()
    warm_up()
    ours = measure_ours(rivers, asked)
    peers = [
        measure_peer(f"igraph {igraph.__version__}", Igraph(), rivers, asked, THEIR_BUILDS["igraph"]),
        measure_peer(f"rustworkx {rustworkx.__version__}", Rustworkx(), rivers, asked, THEIR_BUILDS["rustworkx"]),
        measure_peer(f"networkx {networkx.__version__}", Networkx(), rivers, asked, THEIR_BUILDS["networkx"]),
    ]
    for peer in peers:
        assert peer.sizes == ours.sizes, peer.name
        assert peer.sets == ours.sets, peer.name
        np.testing.assert_allclose(peer.total, ours.total, rtol=1e-9, err_msg=peer.name)
    return "\n\n".join(
        [
            f"One forest of {REACHES:,} reaches in 757 basins, seed {SEED}; {QUESTIONS:,} questions (upstream: median "
            f"{int(np.median(ours.sizes))}, mean {np.mean(ours.sizes):.0f}, largest {max(ours.sizes):,} reaches); all "
            "answers identical. Ours gives downstream as runs of positions, the others as reaches.",
            table([ours, *peers]),
            HOW,
            hydrorivers(),
            divided(),
        ]
    )


def table(all_: list[Measured]) -> str:
    """Times and ratios to ours."""
    titles = ["", "build s", "memory MB", "upstream median µs", "mean µs", "downstream median µs", "accumulate ms"]
    head = f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n"
    ours = all_[0]

    def cell(value: float, own: float, digits: int) -> str:
        return f"{value:,.{digits}f}" if value == own else f"{value:,.{digits}f} ({value / own:,.0f}×)"

    rows = []
    for one in all_:
        up, down = np.median(one.upstream_s) * 1e6, np.median(one.downstream_s) * 1e6
        own_up, own_down = np.median(ours.upstream_s) * 1e6, np.median(ours.downstream_s) * 1e6
        cells = [
            one.name,
            cell(one.build_s, ours.build_s, 3),
            cell(one.memory_mb, ours.memory_mb, 0),
            cell(up, own_up, 2),
            cell(one.upstream_s.mean() * 1e6, ours.upstream_s.mean() * 1e6, 2),
            cell(down, own_down, 2),
            cell(one.accumulate_s * 1e3, ours.accumulate_s * 1e3, 1),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return head + "\n".join(rows)


def measure_ours(rivers: Rivers, asked: list[int]) -> Measured:
    """Our network; a trace is the array of ids upstream, found from an id."""
    build_s, _ = best(lambda: Network.build(rivers.ids, rivers.down_ids, rivers.length_m), OUR_BUILDS)
    network = Network.build(rivers.ids, rivers.down_ids, rivers.length_m)

    def upstream(reach: int) -> np.ndarray:
        return network.ids[network.upstream(network.index_of(reach))]

    def downstream(reach: int) -> np.ndarray:
        return network.downstream(network.index_of(reach))

    network.downstream(0)
    values = (network.ids % 97).astype(float)
    accumulate_s, total = best(lambda: network.accumulate(values), OUR_SUMS)
    return Measured(
        "**riverchief**",
        build_s,
        array_mb(network),
        times(upstream, asked),
        times(downstream, asked),
        accumulate_s,
        [upstream(reach).size for reach in asked],
        [set(upstream(reach).tolist()) for reach in asked[:COMPARED]],
        total[np.argsort(network.ids)],
    )


def measure_peer(name: str, library: Library, rivers: Rivers, asked: list[int], runs: int) -> Measured:
    """A library; its nodes are the ids 0..n-1, its edges run downstream."""
    pairs = edges(rivers)
    build_s, graph = best(lambda: library.build(pairs), runs)
    below = np.full(rivers.ids.size, -1)
    below[rivers.ids] = rivers.down_ids
    down = below.tolist()

    def accumulate() -> list[float]:
        total = [float(reach % 97) for reach in range(len(down))]
        for reach in library.order(graph):
            if down[reach] >= 0:
                total[down[reach]] += total[reach]
        return total

    accumulate_s, total = best(accumulate, THEIR_SUMS)
    answers = [{*library.upstream(graph, reach), reach} for reach in asked]
    with multiprocessing.get_context("spawn").Pool(1) as alone:
        memory = alone.apply(grown_mb, (library.__class__,))
    return Measured(
        name,
        build_s,
        memory,
        times(lambda reach: library.upstream(graph, reach), asked),
        times(lambda reach: library.downstream(graph, reach), asked),
        accumulate_s,
        [len(answer) for answer in answers],
        answers[:COMPARED],
        np.array(total),
    )


class Library(Protocol):
    """What is asked of a graph library."""

    def build(self, pairs: list[tuple[int, int]]) -> Any: ...
    def upstream(self, graph: Any, reach: int) -> Iterable[int]: ...
    def downstream(self, graph: Any, reach: int) -> Iterable[int]: ...
    def order(self, graph: Any) -> Iterable[int]: ...


class Igraph:
    """igraph: ``subcomponent``."""

    def build(self, pairs):
        return igraph.Graph(n=REACHES, edges=pairs, directed=True)

    def upstream(self, graph, reach):
        return graph.subcomponent(reach, mode="in")

    def downstream(self, graph, reach):
        return graph.subcomponent(reach, mode="out")

    def order(self, graph):
        return graph.topological_sorting(mode="out")


class Rustworkx:
    """rustworkx: ``ancestors`` and ``descendants``."""

    def build(self, pairs):
        graph = rustworkx.PyDiGraph()
        graph.add_nodes_from(range(REACHES))
        graph.add_edges_from_no_data(pairs)
        return graph

    def upstream(self, graph, reach):
        return rustworkx.ancestors(graph, reach)

    def downstream(self, graph, reach):
        return rustworkx.descendants(graph, reach)

    def order(self, graph):
        return rustworkx.topological_sort(graph)


class Networkx:
    """networkx: ``ancestors`` and ``descendants``."""

    def build(self, pairs):
        graph = networkx.DiGraph()
        graph.add_nodes_from(range(REACHES))
        graph.add_edges_from(pairs)
        return graph

    def upstream(self, graph, reach):
        return networkx.ancestors(graph, reach)

    def downstream(self, graph, reach):
        return networkx.descendants(graph, reach)

    def order(self, graph):
        return networkx.topological_sort(graph)


def edges(rivers: Rivers) -> list[tuple[int, int]]:
    """(reach, next reach down) of every reach that has one."""
    flows = rivers.down_ids >= 0
    return list(zip(rivers.ids[flows].tolist(), rivers.down_ids[flows].tolist(), strict=True))


def grown_mb(library: Callable[[], Library]) -> float:
    """Growth of the resident set [MB] while a library builds its graph in a process that has done nothing else."""
    pairs = edges(random_rivers(REACHES, SEED, basins=757))
    before = resident_mb()
    graph = library().build(pairs)
    grown = resident_mb() - before
    del graph
    return grown


def hydrorivers() -> str:
    """Our network alone at the size of HydroRIVERS."""
    rivers = random_rivers(HYDRORIVERS, SEED, basins=5000)
    build_s, network = best(lambda: Network.build(rivers.ids, rivers.down_ids, rivers.length_m), 5)
    start = time.process_time()
    Network.build(rivers.ids, rivers.down_ids, rivers.length_m)
    build_cpu_s = time.process_time() - start
    asked = np.random.default_rng(SEED).choice(rivers.ids, QUESTIONS, replace=False).tolist()
    network.downstream(0)
    up = times(lambda reach: network.ids[network.upstream(network.index_of(reach))], asked)
    down = times(lambda reach: network.downstream(network.index_of(reach)), asked)
    accumulate_s, _ = best(lambda: network.accumulate(network.length_m), 15)
    strahler_s, _ = best(lambda: strahler_order(network), 3)
    return (
        f"At the size of HydroRIVERS ({HYDRORIVERS:,} reaches): build {build_s:.2f} s "
        f"({build_cpu_s:.2f} s of processor), {array_mb(network):.0f} MB of arrays, upstream median "
        f"{np.median(up) * 1e6:.2f} µs, downstream (as runs) {np.median(down) * 1e6:.2f} µs, "
        f"accumulate {accumulate_s * 1e3:.0f} ms, Strahler order {strahler_s * 1e3:.0f} ms."
    )


def divided() -> str:
    """Our network where one reach in a thousand divides."""
    rivers = random_rivers(REACHES, SEED, basins=757, divisions=0.001)
    build_s, network = best(rivers.network, 3)
    asked = np.random.default_rng(SEED).choice(rivers.ids, QUESTIONS, replace=False).tolist()
    up = times(lambda reach: network.upstream_intervals(network.index_of(reach)), asked)
    accumulate_s, total = best(lambda: network.accumulate(np.ones(network.n)), 5)
    np.testing.assert_allclose(total[network.down < 0].sum(), network.n, rtol=1e-12)
    return (
        f"With {len(network.secondary):,} side branches to anywhere: build {build_s:.2f} s, everything upstream as "
        f"intervals median {np.median(up) * 1e6:.1f} µs, mean {up.mean() * 1e6:.0f} µs, accumulate by flow fractions "
        f"{accumulate_s * 1e3:.1f} ms."
    )


def warm_up() -> None:
    """Compile every kernel that is timed."""
    for divisions in (0.0, 0.05):
        network = random_rivers(500, SEED, basins=3, divisions=divisions).network()
        network.downstream(0)
        network.accumulate(np.ones(network.n))
        strahler_order(network)


def best(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Shortest time of several runs [s], and the last answer."""
    shortest, answer = np.inf, None
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        answer = work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, answer


def times(find: Callable[[int], object], asked: list[int]) -> np.ndarray:
    """Time of each question [s], the best of nine."""
    found = np.full(len(asked), np.inf)
    for _ in range(9):
        for k, reach in enumerate(asked):
            start = time.perf_counter()
            find(reach)
            found[k] = min(found[k], time.perf_counter() - start)
    return found


def resident_mb() -> float:
    """Resident set of this process [MB]."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def array_mb(network: Network) -> float:
    """Bytes of a network's arrays as built [MB]."""
    arrays = [network.ids, network.down, network.size, network.length_m, network.row_of_position, network._map._rows]
    return sum(array.nbytes for array in arrays) / 1e6
