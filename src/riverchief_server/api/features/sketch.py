"""The features of a page as a small drawing: no tiles, no script, north up, one degree as long both ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

WIDTH, TALLEST, MARGIN = 720.0, 480.0, 12.0
MOST = 1000


@dataclass(frozen=True)
class Sketch:
    """Lines as paths and points as marks, each with its name and address."""

    width: float
    height: float
    lines: list[tuple[str, str, str]]
    points: list[tuple[float, float, str, str]]


def sketch_of(features: Sequence[tuple[str, str, Any, str]]) -> Sketch | None:
    """A sketch of (id, name, geometry, address); ``None`` where nothing has a shape."""
    shapes = [
        (name, href, _points(geometry), geometry["type"] == "Point")
        for _, name, geometry, href in features[:MOST]
        if geometry
    ]
    everything = [point for _, _, points, _ in shapes for point in points]
    if not everything:
        return None
    west, east = min(p[0] for p in everything), max(p[0] for p in everything)
    south, north = min(p[1] for p in everything), max(p[1] for p in everything)
    shrink = math.cos(math.radians((south + north) / 2))
    wide, tall = max((east - west) * shrink, 1e-4), max(north - south, 1e-4)
    scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / tall)
    height = round(max(tall * scale + 2 * MARGIN, 80.0))
    left = (WIDTH - (east - west) * shrink * scale) / 2
    top = (height - (north - south) * scale) / 2

    def put(lon: float, lat: float) -> tuple[float, float]:
        return round(left + (lon - west) * shrink * scale, 1), round(top + (north - lat) * scale, 1)

    lines, marks = [], []
    for name, href, points, is_point in shapes:
        placed = [put(lon, lat) for lon, lat, *_ in points]
        if is_point:
            marks.append((*placed[0], name, href))
        else:
            lines.append(("M" + "L".join(f"{x} {y}" for x, y in placed), name, href))
    return Sketch(WIDTH, height, lines, marks)


def _points(geometry: Any) -> list[list[float]]:
    coordinates = geometry["coordinates"]
    if isinstance(coordinates, orjson.Fragment):
        coordinates = orjson.loads(orjson.dumps(coordinates))
    return [coordinates] if geometry["type"] == "Point" else coordinates
