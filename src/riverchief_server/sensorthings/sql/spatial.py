"""Functions about shapes. No database answers them for us: shapely does, and its answer goes in as a list of ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely

from riverchief.errors import BadInput, Fault

# In degrees of the plane, as every server of the standard measures them.
NUMBERS: dict[str, Callable[..., float]] = {
    "geo.distance": lambda one, other: float(shapely.distance(one, other)),
    "geo.length": lambda one: float(shapely.length(one)),
}
TRUTHS: dict[str, Callable[..., bool]] = {
    "geo.intersects": shapely.intersects,
    "st_equals": shapely.equals,
    "st_disjoint": shapely.disjoint,
    "st_touches": shapely.touches,
    "st_within": shapely.within,
    "st_overlaps": shapely.overlaps,
    "st_crosses": shapely.crosses,
    "st_intersects": shapely.intersects,
    "st_contains": shapely.contains,
}


def ask(name: str, arguments: list[Any]) -> Any:
    """What the function ``name`` says of shapes (and, for ``st_relate``, a pattern)."""
    if name in NUMBERS:
        return NUMBERS[name](*arguments)
    if name in TRUTHS:
        return bool(TRUTHS[name](*arguments))
    one, other, pattern = arguments
    try:
        return bool(shapely.relate_pattern(one, other, pattern))
    except (shapely.GEOSException, ValueError):
        details = {"given": str(pattern)[:20], "allowed": "T*F**F***"}
        raise BadInput([Fault("not_one_of", details=details)]) from None


def read_shape(text: str | None) -> Any:
    """The shape of a GeoJSON geometry (or feature); ``None`` for none, or for what is no shape."""
    if not text:
        return None
    try:
        return shapely.from_geojson(text)
    except shapely.GEOSException:
        return None
