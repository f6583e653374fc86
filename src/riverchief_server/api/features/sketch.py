"""The features of a page as a small drawing over the rivers: no tiles, no script, north up, true to scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

WIDTH, TALLEST, MARGIN = 720.0, 480.0, 12.0
MOST = 1000
LEAST_DEGREES = 0.02

Rivers = Callable[[float, float, float, float], list[list[list[float]]]]


@dataclass(frozen=True)
class Sketch:
    """Lines as paths and points as marks, each with its name and address; the rivers around them as one path."""

    width: float
    height: float
    rivers: str
    lines: list[tuple[str, str, str]]
    points: list[tuple[float, float, str, str]]


def sketch_of(features: Sequence[tuple[str, Any, str]], rivers: Rivers) -> Sketch | None:
    """A sketch of (name, geometry, address) over the lines that ``rivers`` gives for a box; ``None`` for no shape."""
    shapes = [
        (name, href, _points(geometry), geometry["type"] == "Point")
        for name, geometry, href in features[:MOST]
        if geometry
    ]
    everything = [point for _, _, points, _ in shapes for point in points]
    if not everything:
        return None
    west, east = min(p[0] for p in everything), max(p[0] for p in everything)
    south, north = min(p[1] for p in everything), max(p[1] for p in everything)
    shrink = math.cos(math.radians((south + north) / 2))
    west, east = _widened(west, east)
    south, north = _widened(south, north)
    wide, tall = (east - west) * shrink, north - south
    scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / tall)
    height = round(max(tall * scale + 2 * MARGIN, 80.0))
    left = (WIDTH - (east - west) * shrink * scale) / 2
    top = (height - (north - south) * scale) / 2

    def put(lon: float, lat: float) -> tuple[float, float]:
        return round(left + (lon - west) * shrink * scale, 1), round(top + (north - lat) * scale, 1)

    around = (east - west) * 0.7 + (north - south) * 0.7
    under = rivers(west - around, south - around, east + around, north + around)
    lines, marks = [], []
    for name, href, points, is_point in shapes:
        placed = [put(lon, lat) for lon, lat, *_ in points]
        if is_point:
            marks.append((*placed[0], name, href))
        else:
            lines.append((_path(placed), name, href))
    drawn = "".join(_path([put(point[0], point[1]) for point in line]) for line in under)
    return Sketch(WIDTH, height, drawn, lines, marks)


def _path(placed: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in placed)


def _widened(low: float, high: float) -> tuple[float, float]:
    """A span that is too small to see anything around it, made larger."""
    lacking = max(LEAST_DEGREES - (high - low), 0.0) / 2
    return low - lacking, high + lacking


def _points(geometry: Any) -> list[list[float]]:
    coordinates = geometry["coordinates"]
    if isinstance(coordinates, orjson.Fragment):
        coordinates = orjson.loads(orjson.dumps(coordinates))
    return [coordinates] if geometry["type"] == "Point" else coordinates
