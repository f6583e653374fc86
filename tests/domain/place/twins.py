"""Slow, simple twins of the network's answers: dictionaries and recursion, nothing shared with the kernels."""

import math
from collections import defaultdict

import numpy as np

from riverchief.example.rivers import Rivers
from riverchief.place import Network


class Twin:
    """The same questions answered by walking edges. Reaches are named by their ids."""

    def __init__(self, rivers: Rivers):
        self.length = dict(zip(rivers.ids.tolist(), rivers.length_m.tolist(), strict=True))
        self.edges = defaultdict(dict)  # from -> {to: fraction}
        self.inflows = defaultdict(set)
        for a, b, f in zip(*(side.tolist() for side in rivers.secondary), strict=True):
            self.edges[a][b] = f
        for a, b in zip(rivers.ids.tolist(), rivers.down_ids.tolist(), strict=True):
            if b != -1:
                self.edges[a][b] = 1.0 - sum(self.edges[a].values())
        for a, ends in self.edges.items():
            for b in ends:
                self.inflows[b].add(a)

    def upstream(self, reach):
        found, todo = {reach}, [reach]
        while todo:
            for source in self.inflows[todo.pop()] - found:
                found.add(source)
                todo.append(source)
        return found

    def distances_down(self, reach):
        """Bellman–Ford: shortest way from the downstream end of ``reach`` to that of every reach below."""
        found = {reach: 0.0}
        changed = True
        while changed:
            changed = False
            for a in list(found):
                for b in self.edges[a]:
                    way = found[a] + self.length[b]
                    if way < found.get(b, math.inf) - 1e-9:
                        found[b] = way
                        changed = True
        return found

    def accumulate(self, values):
        """Recursion against the flow: own value and each inflow's share."""
        known = {}

        def total(reach):
            if reach not in known:
                known[reach] = values[reach] + sum(self.edges[a][reach] * total(a) for a in self.inflows[reach])
            return known[reach]

        return {reach: total(reach) for reach in self.length}


def tree_of(network: Network):
    """{position: positions that flow in by the tree}."""
    children = defaultdict(list)
    for i, d in enumerate(network.down.tolist()):
        if d >= 0:
            children[d].append(i)
    return children


def strahler_of(children, i):
    """Strahler (1957) by recursion."""
    orders = sorted((strahler_of(children, c) for c in children[i]), reverse=True)
    if not orders:
        return 1
    return orders[0] + 1 if len(orders) > 1 and orders[0] == orders[1] else orders[0]


def reaches(network: Network, positions):
    return set(network.ids[np.asarray(positions)].tolist())
