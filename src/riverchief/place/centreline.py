"""The centre lines of the reaches: from longitude and latitude to a place on the river, and back.

Each line is measured in a flat frame of its own (metres per degree at its middle latitude), good to 0.1 % for lines up
to some 50 km. Chainage is the share along the line times the reach's length, so a length from a survey stays what it
is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, Fault
from riverchief.place.bank import Bank
from riverchief.place.location import Location
from riverchief.place.network import Network

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SEMI_MAJOR_M = 6378137.0  # WGS84
ECCENTRICITY_SQUARED = 0.00669437999014
ON_THE_LINE_M = 0.5
LOOK_AHEAD_M = 1.0


def metres_per_degree(lat: ArrayLike) -> tuple[Floats, Floats]:
    """Length of a degree of longitude and of latitude [m] at latitude ``lat`` [°] on WGS84.

    With w² = 1 - e² sin²φ: π/180 · a cosφ / w and π/180 · a (1 - e²) / w³ (Snyder 1987, USGS PP 1395, p. 24).
    """
    phi = np.deg2rad(np.asarray(lat, np.float64))
    w = np.sqrt(1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2)
    east = np.deg2rad(SEMI_MAJOR_M) * np.cos(phi) / w
    north = np.deg2rad(SEMI_MAJOR_M) * (1 - ECCENTRICITY_SQUARED) / w**3
    return east, north


def line_lengths_m(lines: Sequence[Any] | NDArray[Any]) -> Floats:
    """Length of each line [m] from its longitudes and latitudes [°]; NaN where there is no line. Shape (n,)."""
    given = np.asarray(lines, dtype=object)
    length = np.full(given.size, np.nan)
    there = ~(shapely.is_missing(given) | shapely.is_empty(given))
    if there.any():
        length[there] = shapely.length(_Frames(given[there]).metric)
    return length


@dataclass(frozen=True, eq=False)
class Snapped:
    """Points on the network, arrays of one entry per point.

    ``position`` is -1 and the rest NaN where no reach was near enough; ``side`` is 1 left, -1 right, 0 on the line,
    looking downstream; ``distance_m`` is how far the point lies from the line [m].
    """

    position: Ints
    chainage_m: Floats
    distance_m: Floats
    side: NDArray[np.int8]

    def bank(self, k: int) -> Bank:
        """The bank point ``k`` lies on; both for a point on the line."""
        return {1: Bank.LEFT, -1: Bank.RIGHT}.get(int(self.side[k]), Bank.BOTH)


class Centrelines:
    """The lines of a network in post-order (None where a reach has none), drawn with the water, in WGS84 [°]."""

    def __init__(self, network: Network, lines: Sequence[Any] | NDArray[Any]):
        self.network = network
        self.lines: NDArray[Any] = np.asarray(lines, dtype=object)
        self._drawn = np.flatnonzero(~(shapely.is_missing(self.lines) | shapely.is_empty(self.lines)))
        self._frames = _Frames(self.lines[self._drawn])
        self._tree = shapely.STRtree(self.lines[self._drawn])

    def snap(self, lon: ArrayLike, lat: ArrayLike, within_m: float = 1000.0) -> Snapped:
        """The nearest place on the network for points given in WGS84 [°], shape (k,), at most ``within_m`` [m] away.

        NaN coordinates give position -1. Where two reaches are equally near (at a confluence) the one further down
        counts.
        """
        x, y = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
        position = np.full(x.size, -1, np.int64)
        chainage, distance = np.full(x.size, np.nan), np.full(x.size, np.nan)
        side = np.zeros(x.size, np.int8)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        east, north = metres_per_degree(y[known])
        reach_x, reach_y = 1.01 * within_m / np.maximum(east, 1.0), 1.01 * within_m / north
        boxes = shapely.box(x[known] - reach_x, y[known] - reach_y, x[known] + reach_x, y[known] + reach_y)
        point, line = self._tree.query(boxes)
        point = known[point]
        flat = self._frames.points(line, x[point], y[point])
        away = shapely.distance(self._frames.metric[line], flat)
        near = away <= within_m
        point, line, flat, away = point[near], line[near], flat[near], away[near]
        # nearest first, of equals (to a millimetre) the higher position, then the first of each point
        turn = np.lexsort((-line, np.round(away, 3), point))
        chosen = turn[np.unique(point[turn], return_index=True)[1]]
        point, line, flat, away = point[chosen], line[chosen], flat[chosen], away[chosen]
        metric = self._frames.metric[line]
        at = shapely.line_locate_point(metric, flat)
        position[point], distance[point] = self._drawn[line], away
        chainage[point] = at / shapely.length(metric) * self.network.length_m[self._drawn[line]]
        side[point] = np.where(away <= ON_THE_LINE_M, 0, _side(metric, at, flat))
        return Snapped(position, chainage, distance, side)

    def locations(
        self, names: Sequence[str], lon: ArrayLike, lat: ArrayLike, within_m: float = 1000.0
    ) -> list[Location]:
        """Snapped points as locations; raises ``BadInput`` (``too_far``) naming every point that no reach is near
        to."""
        found = self.snap(lon, lat, within_m)
        far = np.flatnonzero(found.position < 0).tolist()
        if far:
            raise BadInput(
                Fault("too_far", line=k + 1, details={"given": names[k], "allowed": f"{within_m:g}"}) for k in far
            )
        ids = self.network.ids[found.position].tolist()
        return [Location(ids[k], float(found.chainage_m[k]), found.bank(k)) for k in range(len(ids))]

    def point_at(self, position: ArrayLike, chainage_m: ArrayLike) -> tuple[Floats, Floats]:
        """Longitude and latitude [°] of places on the river; NaN where the reach has no line."""
        reach, along = np.broadcast_arrays(np.atleast_1d(position), np.atleast_1d(np.asarray(chainage_m, np.float64)))
        lon, lat = np.full(reach.size, np.nan), np.full(reach.size, np.nan)
        line = np.searchsorted(self._drawn, reach)
        line[line == self._drawn.size] = 0
        there = np.flatnonzero(self._drawn[line] == reach) if self._drawn.size else np.empty(0, np.intp)
        metric = self._frames.metric[line[there]]
        share = along[there] / self.network.length_m[reach[there]]
        flat = shapely.line_interpolate_point(metric, share * shapely.length(metric))
        lon[there], lat[there] = self._frames.degrees(line[there], shapely.get_x(flat), shapely.get_y(flat))
        return lon, lat

    def part(self, position: int, from_m: float, to_m: float) -> Any:
        """The line of a reach between two chainages [m], drawn with the water; None where the reach has no line."""
        line = self.lines[position]
        if line is None or shapely.is_empty(line):
            return None
        coordinates = shapely.get_coordinates(line)
        metric = self._frames.metric[int(np.searchsorted(self._drawn, position))]
        at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shapely.get_coordinates(metric), axis=0).T))])
        start, end = (m / self.network.length_m[position] * at[-1] for m in (from_m, to_m))
        inner = coordinates[(at > start) & (at < end)]
        lon, lat = (np.interp([start, end], at, coordinates[:, k]) for k in (0, 1))
        return shapely.linestrings(np.vstack([[lon[0], lat[0]], inner, [lon[1], lat[1]]]))


class _Frames:
    """Each line in metres about its own first point."""

    def __init__(self, lines: NDArray[Any]):
        coordinates, owner = shapely.get_coordinates(lines, return_index=True)
        first = np.searchsorted(owner, np.arange(lines.size))
        self._origin = coordinates[first] if lines.size else np.empty((0, 2))
        bounds = shapely.bounds(lines).reshape(-1, 4)
        self._scale = np.column_stack(metres_per_degree((bounds[:, 1] + bounds[:, 3]) / 2))
        flat = (coordinates - self._origin[owner]) * self._scale[owner]
        self.metric: NDArray[Any] = shapely.set_coordinates(lines.copy(), flat)

    def points(self, line: Ints, lon: Floats, lat: Floats) -> NDArray[Any]:
        """Points [°] in the frames of their lines."""
        flat: NDArray[Any] = shapely.points((np.column_stack([lon, lat]) - self._origin[line]) * self._scale[line])
        return flat

    def degrees(self, line: Ints, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Back from the frames of the lines."""
        degrees = np.column_stack([x_m, y_m]) / self._scale[line] + self._origin[line]
        return degrees[:, 0], degrees[:, 1]


def _side(metric: NDArray[Any], at: Floats, flat: NDArray[Any]) -> NDArray[np.int8]:
    """1 left, -1 right: the cross product of the course just before and after the foot with the way to the point."""
    before = shapely.get_coordinates(shapely.line_interpolate_point(metric, np.maximum(at - LOOK_AHEAD_M, 0.0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(metric, at + LOOK_AHEAD_M))
    foot = shapely.get_coordinates(shapely.line_interpolate_point(metric, at))
    course, out = after - before, shapely.get_coordinates(flat) - foot
    return np.where(course[:, 0] * out[:, 1] - course[:, 1] * out[:, 0] >= 0, 1, -1).astype(np.int8)
