"""What lies along a river: outfalls, intakes, stations, sections (points), functional zones and bank segments
(stretches).

An event is placed by linear reference, so it needs no geometry and follows the river when the map is redrawn. Left and
right bank are attributes of events on one centre line, not two networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place.bank import Bank
from riverchief.place.location import Location, locate
from riverchief.place.network import Network
from riverchief.place.trace import between, trace_downstream, trace_upstream
from riverchief.table import read_table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Event:
    """One thing along the river. ``kind`` is a code of ``event_kinds.csv``; a stretch ends at ``to``, downstream of
    ``at``."""

    id: str
    kind: str
    at: Location
    to: Location | None = None
    name: str = ""


class Found(NamedTuple):
    """An event and the way along the river to it [m]."""

    event: Event
    distance_m: float


@cache
def event_kinds() -> dict[str, dict[str, str]]:
    """The rows of ``event_kinds.csv`` by code."""
    return {row["code"]: row for row in read_table("riverchief.place", "event_kinds.csv")}


class Events:
    """Events on one network, ready for questions. Raises ``BadInput`` with every fault of every event.

    Faults: ``unknown_kind``, ``duplicate`` (id), ``unknown_reach``, ``out_of_range`` (chainage), ``not_downstream`` (a
    stretch that does not run with the water), ``missing_value`` (a stretch without an end).
    """

    def __init__(self, network: Network, events: Iterable[Event]):
        self.network = network
        self.events: tuple[Event, ...] = tuple(events)
        faults: list[Fault] = []
        pieces: list[tuple[int, int, float, float]] = []
        ids: dict[str, int] = {}
        for number, event in enumerate(self.events):
            first = ids.setdefault(event.id, number)
            if first != number:
                faults.append(Fault("duplicate", line=number + 1, column="id", details=_said(event.id, str(first + 1))))
            try:
                pieces += [(number, *piece) for piece in _pieces(network, event)]
            except BadInput as refused:
                faults += [fault.at(event.id, number + 1) for fault in refused.faults]
        if faults:
            raise BadInput(faults)
        pieces.sort(key=lambda piece: piece[1])
        self._event = np.array([piece[0] for piece in pieces], np.int64)
        self._position = np.array([piece[1] for piece in pieces], np.int64)
        self._from = np.array([piece[2] for piece in pieces], np.float64)
        self._to = np.array([piece[3] for piece in pieces], np.float64)

    def __len__(self) -> int:
        return len(self.events)

    def upstream_of(self, place: Location, within_m: float = np.inf, kinds: Sequence[str] = ()) -> list[Found]:
        """Events whose water passes ``place``, nearest first; of a stretch the nearest part counts.

        ``kinds`` limits to these codes. A stretch around ``place`` is at 0 m. Raises ``BadInput`` for a place that is
        not on the network.
        """
        network, i = self.network, _position(self.network, place)
        trace = trace_upstream(network, i)
        piece, entry = self._pieces_on(trace.positions)
        here = self._position[piece] == i
        rest = network.length_m[self._position[piece]] - self._to[piece]
        way = trace.distance_m[entry] + rest - (network.length_m[i] - place.chainage_m)
        return self._nearest(
            piece, np.where(here & (self._from[piece] > place.chainage_m), np.inf, way), within_m, kinds
        )

    def downstream_of(self, place: Location, within_m: float = np.inf, kinds: Sequence[str] = ()) -> list[Found]:
        """Events that water of ``place`` passes, nearest first; of a stretch the nearest part counts."""
        network, i = self.network, _position(self.network, place)
        trace = trace_downstream(network, i)
        piece, entry = self._pieces_on(trace.positions)
        here = self._position[piece] == i
        rest = network.length_m[self._position[piece]] - self._from[piece]
        way = trace.distance_m[entry] + (network.length_m[i] - place.chainage_m) - rest
        return self._nearest(piece, np.where(here & (self._to[piece] < place.chainage_m), np.inf, way), within_m, kinds)

    def between(self, a: Location, b: Location, kinds: Sequence[str] = ()) -> list[Found]:
        """Events on the way of the water from ``a`` down to ``b``, with their distance from ``a``."""
        below_b = {found.event.id for found in self.upstream_of(b, kinds=kinds)}
        return [found for found in self.downstream_of(a, kinds=kinds) if found.event.id in below_b]

    def covering(self, place: Location, kinds: Sequence[str] = ()) -> list[Event]:
        """Events at ``place``: stretches that cover it on its bank, and points at the same chainage (to 1 mm)."""
        piece, _ = self._pieces_on(np.array([_position(self.network, place)], np.int64))
        near = (self._from[piece] - 1e-3 <= place.chainage_m) & (place.chainage_m <= self._to[piece] + 1e-3)
        found = [self.events[k] for k in np.unique(self._event[piece[near]]).tolist()]
        return [event for event in found if _wanted(event, kinds) and _same_bank(event.at.bank, place.bank)]

    def _pieces_on(self, positions: Ints) -> tuple[Ints, Ints]:
        """Pieces that lie on ``positions`` (ascending), and the entry of ``positions`` that each lies on."""
        entry = np.searchsorted(positions, self._position)
        entry[entry == positions.size] = 0
        piece = np.flatnonzero(positions[entry] == self._position)
        return piece, entry[piece]

    def _nearest(self, piece: Ints, way: Floats, within_m: float, kinds: Sequence[str]) -> list[Found]:
        shortest: dict[int, float] = {}
        for number, distance in zip(self._event[piece].tolist(), way.tolist(), strict=True):
            shortest[number] = min(distance, shortest.get(number, np.inf))
        found = [
            Found(self.events[number], max(distance, 0.0))  # negative: the place lies inside the stretch
            for number, distance in shortest.items()
            if distance < np.inf and distance <= within_m and _wanted(self.events[number], kinds)
        ]
        return sorted(found, key=lambda one: (one.distance_m, one.event.id))


def _pieces(network: Network, event: Event) -> list[tuple[int, float, float]]:
    """(position, from, to) of the parts of reaches that an event covers; a point covers nothing, so from == to."""
    kind = event_kinds().get(event.kind)
    if kind is None:
        raise BadInput([unknown_name("unknown_kind", event.kind, list(event_kinds()))])
    start = locate(network, event.at.reach, event.at.chainage_m)
    i = network.index_of(start.reach)
    if kind["shape"] == "point":
        return [(i, start.chainage_m, start.chainage_m)]
    if event.to is None:
        raise BadInput([Fault("missing_value", column="to", details=_said("to", "reach, chainage"))])
    end = locate(network, event.to.reach, event.to.chainage_m)
    j = network.index_of(end.reach)
    way = between(network, i, j)
    if not way.size or (i == j and end.chainage_m < start.chainage_m):
        at, to = (f"{place.reach}:{place.chainage_m:g}" for place in (start, end))
        raise BadInput([Fault("not_downstream", column="to", details=_said(to, at))])
    return [
        (p, start.chainage_m if p == i else 0.0, end.chainage_m if p == j else float(network.length_m[p]))
        for p in way.tolist()
    ]


def _position(network: Network, place: Location) -> int:
    return network.index_of(locate(network, place.reach, place.chainage_m).reach)


def _wanted(event: Event, kinds: Sequence[str]) -> bool:
    return not kinds or event.kind in kinds


def _same_bank(a: Bank, b: Bank) -> bool:
    return a.includes(b) or b.includes(a)


def _said(given: str, allowed: str) -> dict[str, str]:
    return {"given": given, "allowed": allowed}
