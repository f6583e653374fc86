"""Draws a believable river through a few hand-written way-points: a smooth curve that meanders a little.

Positions are km east and north of a point in the county; everything is deterministic: the same way-points and the same
name give the same line.
"""

import zlib

import numpy as np

LON0, LAT0 = 108.75, 31.92
KM_PER_LON, KM_PER_LAT = 111.32 * np.cos(np.radians(LAT0)), 110.87
STEP_KM = 0.12


def to_km(lonlat):
    """Longitude and latitude [degrees] (n, 2) as km east and north."""
    return (np.asarray(lonlat, float) - (LON0, LAT0)) * (KM_PER_LON, KM_PER_LAT)


def to_lonlat(km):
    """The inverse of :func:`to_km`."""
    return np.asarray(km) / (KM_PER_LON, KM_PER_LAT) + (LON0, LAT0)


def smooth(points):
    """A centripetal Catmull-Rom curve through ``points`` (n, 2) [km]; returns it and the index of each point on it."""
    ends = 2 * points[[0, -1]] - points[[1, -2]]
    p = np.vstack([ends[:1], points, ends[1:]])
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1)))])
    pieces, marks = [], [0]
    for i in range(1, len(p) - 2):
        count = max(2, round(np.linalg.norm(p[i + 1] - p[i]) / STEP_KM))
        t = np.linspace(knots[i], knots[i + 1], count, endpoint=False)[:, None]
        a = [
            (knots[j + 1] - t) / (knots[j + 1] - knots[j]) * p[j]
            + (t - knots[j]) / (knots[j + 1] - knots[j]) * p[j + 1]
            for j in range(i - 1, i + 2)
        ]
        b = [
            (knots[j + 2] - t) / (knots[j + 2] - knots[j]) * a[k]
            + (t - knots[j]) / (knots[j + 2] - knots[j]) * a[k + 1]
            for k, j in enumerate(range(i - 1, i + 1))
        ]
        pieces.append(
            (knots[i + 1] - t) / (knots[i + 1] - knots[i]) * b[0] + (t - knots[i]) / (knots[i + 1] - knots[i]) * b[1]
        )
        marks.append(marks[-1] + count)
    return np.vstack([*pieces, points[-1:]]), marks


def meander(curve, name, amplitude_km, wavelength_km):
    """``curve`` (n, 2) [km] moved sideways by a few waves of uneven length; its two ends stay where they are."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    tangent = np.gradient(curve, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    sideways = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    waves = np.zeros(len(curve))
    for share, factor in ((1.0, 1.0), (0.45, 0.57), (0.5, 1.9)):
        # A wave whose length wanders by a quarter, so that no two bends are alike.
        wander = 0.9 * np.sin(2 * np.pi * along / (7.3 * wavelength_km) + rng.uniform(0, 2 * np.pi))
        waves += share * np.sin(2 * np.pi * along / (factor * wavelength_km) + wander + rng.uniform(0, 2 * np.pi))
    taper = np.clip(np.minimum(along, along[-1] - along) / (0.6 * wavelength_km), 0, 1)
    return curve + (amplitude_km * waves * taper)[:, None] * sideways


def thin(line, tolerance_km):
    """``line`` (n, 2) without the points that lie within ``tolerance_km`` of it (Douglas and Peucker 1973)."""
    if len(line) < 3:
        return line
    span = line[-1] - line[0]
    away = line - line[0]
    distance = np.abs(span[0] * away[:, 1] - span[1] * away[:, 0]) / max(np.hypot(*span), 1e-9)
    far = int(np.argmax(distance))
    if distance[far] <= tolerance_km:
        return line[[0, -1]]
    return np.vstack([thin(line[: far + 1], tolerance_km)[:-1], thin(line[far:], tolerance_km)])
