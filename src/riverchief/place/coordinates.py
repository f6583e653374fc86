"""Chinese coordinates at the door: GCJ-02 and BD-09 to WGS84 and back; CGCS2000 is WGS84 within centimetres.

Published Chinese web maps are shifted by some 500 m (GCJ-02) and once more (BD-09). The shift is defined forwards only;
the way back is found by iteration. Sources: the well-known reconstruction of the GCJ-02 shift (eviltransform, 2013;
Krasovsky 1940 ellipsoid), Baidu's published BD-09 offset; GB 22021-2008 for CGCS2000.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table

Floats = NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940
ECCENTRICITY_SQUARED = 0.00669342162296594323
BAIDU_PI = np.pi * 3000.0 / 180.0
TOLERANCE_DEG = 1e-10
MOST_TURNS = 30


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude [°] in GCJ-02 of points given in WGS84; arrays of one shape. Unchanged outside China; NaN
    stays NaN."""
    return _where_in_china(_gcj_shift, *_degrees(lon, lat))


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Inverse of :func:`wgs84_to_gcj02`, to 1e-10°. Within about 700 m of the box of China the inverse has two answers:
    the point is then taken as shifted if it lies in the box itself."""
    return _where_in_china(lambda x, y: _undo(_gcj_shift, x, y), *_degrees(lon, lat))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude [°] in BD-09 of points given in GCJ-02. Unchanged outside China; NaN stays NaN."""
    return _where_in_china(_baidu_shift, *_degrees(lon, lat))


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Inverse of :func:`gcj02_to_bd09`, to 1e-10°."""
    return _where_in_china(lambda x, y: _undo(_baidu_shift, x, y), *_degrees(lon, lat))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, system: str) -> tuple[Floats, Floats]:
    """Longitude and latitude [°] in WGS84 of points given in ``system``, a code or spelling of
    ``coordinate_systems.csv``.

    CGCS2000 is returned as it is: the two differ by centimetres. Raises ``BadInput`` (``unknown_coordinates``).
    """
    code = coordinate_system(system)
    if code == "bd09":
        lon, lat = bd09_to_gcj02(lon, lat)
    if code in ("bd09", "gcj02"):
        return gcj02_to_wgs84(lon, lat)
    return _degrees(lon, lat)


def coordinate_system(spelling: str) -> str:
    """The code (``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``) that ``spelling`` means; ``BadInput``
    (``unknown_coordinates``)."""
    found = _systems().get(spelling.strip().casefold())
    if found is None:
        raise BadInput([unknown_name("unknown_coordinates", spelling, sorted(set(_systems().values())))])
    return found


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points lie in the rectangle within which the maps are shifted (72.004–137.8347° E, 0.8293–55.8271° N)."""
    x, y = _degrees(lon, lat)
    return (x > 72.004) & (x < 137.8347) & (y > 0.8293) & (y < 55.8271)


@cache
def _systems() -> dict[str, str]:
    return {
        spelling.casefold(): row["code"]
        for row in read_table("riverchief.place", "coordinate_systems.csv")
        for spelling in (row["code"], row["zh"], row["en"], *row["spellings"].split("|"))
    }


def _degrees(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def _where_in_china(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    inside = in_china(lon, lat)
    x, y = shift(np.where(inside, lon, 105.0), np.where(inside, lat, 35.0))
    return np.where(inside, x, lon), np.where(inside, y, lat)


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.deg2rad(lat)
    w2 = 1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (w2 * np.sqrt(w2))
    parallel_m = SEMI_MAJOR_M / np.sqrt(w2) * np.cos(phi)
    return lon + np.rad2deg(east / parallel_m), lat + np.rad2deg(north / meridian_m)  # m / m -> rad -> °


def _baidu_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _undo(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Fixed point of x = shifted - (shift(x) - x): the shift changes by less than 1 % of a step, so two digits a
    turn."""
    x, y = lon.copy(), lat.copy()
    for _ in range(MOST_TURNS):
        there_x, there_y = shift(x, y)
        step_x, step_y = lon - there_x, lat - there_y
        x, y = x + step_x, y + step_y
        if np.all(np.hypot(step_x, step_y) < TOLERANCE_DEG):
            break
    return x, y
