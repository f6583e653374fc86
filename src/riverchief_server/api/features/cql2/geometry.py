"""Shapes as a filter or a request writes them: well-known text and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.errors import ShapelyError

from riverchief.errors import BadInput, Fault

KINDS = (
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
)
MOST_POINTS = 20_000


def read_wkt(text: str) -> Any:
    """The shape that well-known text describes. Raises ``bad_geometry``."""
    try:
        shape = shapely.from_wkt(text)
    except ShapelyError:
        shape = None
    if shape is None or shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise _bad(text, "WKT")
    return shapely.force_2d(shape)


def read_box(numbers: Sequence[float], text: str) -> Any:
    """The shape of a box: west, south, east, north in degrees, heights between them ignored.

    West of a box that crosses 180° is greater than its east; such a box is two. Raises ``bad_bbox``.
    """
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4:
        raise bad_box(text)
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise bad_box(text)
    if west > east:
        return shapely.union(shapely.box(west, south, 180, north), shapely.box(-180, south, east, north))
    return shapely.box(west, south, east, north)


def bad_box(text: str) -> BadInput:
    """The refusal of a box."""
    allowed = "west,south,east,north (-180 … 180, -90 … 90)"
    return BadInput([Fault("features_bad_box", details={"given": text[:80], "allowed": allowed})])


def _bad(text: str, allowed: str) -> BadInput:
    return BadInput([Fault("bad_geometry", details={"given": text[:60], "allowed": allowed})])
