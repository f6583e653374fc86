"""Drawn lines of reaches: where a point lies along one, and the piece between two shares of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Line = Sequence[Sequence[float]]
Floats = NDArray[np.float64]


def share_on_line(line: Line, lon: float, lat: float) -> float:
    """Where the point of a line that is nearest to (lon, lat) lies: 0 at its upstream end, 1 downstream [-]."""
    points, along = _measured(line)
    flat = points * [np.cos(np.radians(points[0, 1])), 1.0]
    at = np.array([lon * np.cos(np.radians(points[0, 1])), lat])
    step = np.diff(flat, axis=0)
    square = (step**2).sum(axis=1)
    t = np.clip(((at - flat[:-1]) * step).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    away = ((flat[:-1] + t[:, None] * step - at) ** 2).sum(axis=1)
    k = int(np.argmin(away))
    return float((along[k] + t[k] * (along[k + 1] - along[k])) / along[-1]) if along[-1] > 0 else 0.0


def part_of_line(line: Line, begin: float, end: float) -> list[list[float]]:
    """The piece of a line between two shares of its drawn length [-], rounded to about 1 m; at least two points."""
    points, along = _measured(line)
    a, b = (min(max(share, 0.0), 1.0) * float(along[-1]) for share in (begin, end))
    inner = points[(along > a) & (along < b)]
    ends = [[float(np.interp(at, along, points[:, axis])) for axis in (0, 1)] for at in (a, b)]
    return [[round(x, 5), round(y, 5)] for x, y in [ends[0], *inner.tolist(), ends[1]]]


def _measured(line: Line) -> tuple[Floats, Floats]:
    """The points, and how far along each lies [degrees of latitude]."""
    points = np.asarray(line, dtype=float)
    steps = np.hypot(*(np.diff(points, axis=0) * [np.cos(np.radians(points[0, 1])), 1.0]).T)
    return points, np.concatenate([[0.0], np.cumsum(steps)])
