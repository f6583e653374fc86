"""Whether two cases are likely the same problem, or one come back: near each other on one reach, and of one kind."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cache

from riverchief.table import read_table

EARTH_RADIUS_M = 6_371_000.0


@cache
def likeness_rules() -> dict[str, float]:
    """The rules by name, in the units of ``likeness.csv``."""
    return {row["rule"]: float(row["value"]) for row in read_table("riverchief.case", "likeness.csv")}


def distance_m(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """Great-circle distance [m] between two points [°], by the haversine on a sphere of 6371 km."""
    a, b = math.radians(lat), math.radians(to_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(to_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


def are_of_one_kind(one: Collection[str], other: Collection[str]) -> bool:
    """Whether the categories have one in common; where either has none, they may be."""
    return not one or not other or not set(one).isdisjoint(other)


def is_near(metres: float | None) -> bool:
    """Whether a distance [m] is that of a duplicate; ``None`` (a place not known) is not."""
    return metres is not None and metres <= likeness_rules()["duplicate_within"]
