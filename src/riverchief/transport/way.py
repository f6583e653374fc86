"""The way water takes from one place: the reaches below it, in order, and what joins them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.transport.physics import Floats

Integers = NDArray[np.int64]
Edges = tuple[Integers, Integers, Floats]
NO_EDGES: Edges = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


def as_edges(edges: ArrayLike) -> Edges:
    """Rows ``(from, to, fraction)`` as three arrays sorted by ``from``, the form the solvers take."""
    table = np.asarray(edges, dtype=np.float64).reshape(-1, 3)
    table = table[np.argsort(table[:, 0], kind="stable")]
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), np.ascontiguousarray(table[:, 2])


@dataclass(frozen=True)
class Way:
    """The reaches that water from ``reaches[0]`` passes, upstream before downstream.

    Reach ``reaches[j]`` is fed by the positions ``feeder[feeders[j]:feeders[j + 1]]`` of this list, each giving the
    share ``exp(log_share)`` of what leaves it: 1 along a river that does not divide.
    """

    reaches: Integers
    feeders: Integers
    feeder: Integers
    log_share: Floats

    def position(self, reach: int) -> int:
        """Where ``reach`` is in the list; -1 where the water does not come."""
        found = int(np.searchsorted(self.reaches, reach))
        return found if found < self.reaches.size and self.reaches[found] == reach else -1


def way_from(down: Integers, source: int, secondary: Edges = NO_EDGES) -> Way:
    """Everything below reach ``source``: its main stem and, where the river divides, every arm.

    ``down`` are the network's post-order arrays (-1 at an outlet); ``secondary`` is ``(from, to, fraction)`` sorted by
    ``from``. Shares of a dividing reach: each secondary edge its fraction, the tree edge the rest.
    """
    start, target, fraction = secondary
    feeds: dict[int, list[tuple[int, float]]] = {source: []}
    waiting, reaches = [source], []
    while waiting:
        # Edges lead to higher numbers only, so the lowest that waits has had all its feeders.
        reach = waiting.pop(int(np.argmin(waiting))) if len(waiting) > 1 else waiting.pop()
        reaches.append(reach)
        taken = 0.0
        ways: list[tuple[int, float]] = []
        if start.size:
            edges = range(int(np.searchsorted(start, reach, "left")), int(np.searchsorted(start, reach, "right")))
            ways = [(int(target[edge]), float(fraction[edge])) for edge in edges]
            taken = sum(share for _, share in ways)
        if down[reach] >= 0:
            ways.append((int(down[reach]), 1.0 - taken))
        for below, share in ways:
            if share <= 0.0:
                continue
            if below not in feeds:
                feeds[below] = []
                waiting.append(below)
            feeds[below].append((reach, share))
    order = {reach: j for j, reach in enumerate(reaches)}
    feeders = np.zeros(len(reaches) + 1, np.int64)
    feeders[1:] = np.cumsum([len(feeds[reach]) for reach in reaches])
    pairs = [pair for reach in reaches for pair in feeds[reach]]
    return Way(
        np.array(reaches, np.int64),
        feeders,
        np.array([order[reach] for reach, _ in pairs], np.int64),
        np.log(np.array([share for _, share in pairs], np.float64)),
    )
