"""Questions about shapes. No database answers them for us: shapely does, and its answer goes in as a list of ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault

QUESTIONS: dict[str, Callable[..., Any]] = {
    "s_intersects": shapely.intersects,
    "s_equals": shapely.equals,
    "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
    "s_contains": shapely.contains,
}
MISSING = "missing"  # which features have no shape: not a question of the standard
TURNED = {"s_within": "s_contains", "s_contains": "s_within"}


def turned(name: str) -> str:
    """The question that asks the same with its arguments exchanged."""
    return TURNED.get(name, name)


def ask(name: str, one: Any, other: Any) -> bool:
    """What the question ``name`` says of two shapes."""
    return bool(answered(name, np.array([one]), other)[0])


def answered(name: str, shapes: NDArray[Any], other: Any) -> NDArray[np.bool_]:
    """What it says of each of ``shapes`` and ``other``. Raises ``bad_geometry`` for a shape that crosses itself."""
    try:
        found: NDArray[np.bool_] = QUESTIONS[name](shapes, other)
    except shapely.GEOSException as error:
        details = {"given": other.wkt[:60], "allowed": str(error)[:80]}
        raise BadInput([Fault("bad_geometry", details=details)]) from None
    return found
