"""What reactions need to know of the river around them, hour by hour where it changes: temperature, depth, light."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from riverchief.errors import BadInput, Fault
from riverchief.transport.physics import Floats

_CHANGING = ("temperature_c", "light_w_m2", "plants_g_m2")
_ALLOWED = {
    "temperature_c": ("finite", -np.inf),
    "elevation_m": ("finite", -np.inf),
    "light_w_m2": (">= 0 W/m²", 0.0),
    "extinction_per_m": (">= 0 1/m", 0.0),
    "plants_g_m2": (">= 0 g/m²", 0.0),
}


@dataclass(frozen=True)
class Surroundings:
    """What the kinetics need of the river, one number or one for each reach: water temperature [°C], depth [m] or width
    [m] (then the depth follows the water), elevation [m], photosynthetically active light at the water's surface [W/m²]
    (0.47 of the sunshine's, about), how it fades in the water, ``extinction_per_m`` [1/m], and the plants on the bed
    [g/m² of dry matter].

    With ``time_s`` (steps,) [s], from 0 on, temperature, light and plants may have one row for each step: (steps,
    reaches) or (steps, 1). Each holds until the next begins. With ``period_s`` they begin again: 86,400 is a day
    that repeats.
    """

    temperature_c: float | Floats = 20.0
    depth_m: float | Floats = 1.0
    width_m: float | Floats | None = None
    elevation_m: float | Floats = 0.0
    light_w_m2: float | Floats = 0.0
    extinction_per_m: float | Floats = 0.5
    plants_g_m2: float | Floats = 0.0
    time_s: ArrayLike | None = None
    period_s: float | None = None


class Around:
    """:class:`Surroundings` checked and made ready: what holds when."""

    def __init__(self, given: Surroundings, reaches: int) -> None:
        faults: list[Fault] = []
        self._start = np.zeros(1) if given.time_s is None else np.asarray(given.time_s, np.float64)
        self._period = given.period_s
        begins = self._start
        if begins.ndim != 1 or begins.size == 0 or begins[0] != 0 or not (np.diff(begins) > 0).all():
            details = {"given": str(begins.ravel()[:3]), "allowed": "0 < … s"}
            raise BadInput([Fault("out_of_range", column="surroundings time_s", details=details)])
        if given.period_s is not None and not (np.isfinite(given.period_s) and given.period_s > begins[-1]):
            details = {"given": f"{given.period_s:g}", "allowed": f"> {begins[-1]:g} s"}
            faults.append(Fault("out_of_range", column="period_s", details=details))
        self._rows: dict[str, Floats] = {}
        for name in (field.name for field in fields(given) if field.name not in ("time_s", "period_s")):
            values = getattr(given, name)
            if values is None:
                continue
            steps = begins.size if name in _CHANGING and given.time_s is not None else 0
            array = np.asarray(values, np.float64)
            shapes = [(), (1,), (reaches,)] + ([(steps, 1), (steps, reaches)] if steps else [])
            allowed, least = _ALLOWED.get(name, ("> 0 m", 5e-324))
            if array.shape not in shapes:
                details = {"given": str(array.shape), "allowed": str(shapes[-1])}
                faults.append(Fault("wrong_shape", column=name, details=details))
                continue
            bad = ~np.isfinite(array) | (array < least)
            if bad.any():
                details = {"given": f"{array[bad][0]:g}", "allowed": allowed}
                faults.append(Fault("out_of_range", column=name, details=details))
            self._rows[name] = array if array.ndim == 2 else np.broadcast_to(array, (1, reaches))
        if faults:
            raise BadInput(faults)
        self._reaches = reaches

    def changes(self, until_s: float) -> Floats:
        """When something changes, up to ``until_s`` [s]."""
        if self._period is None:
            return self._start
        turns = np.arange(0.0, until_s, self._period)
        return (turns[:, None] + self._start).ravel()

    def step_at(self, time_s: float) -> int:
        """Which step holds at ``time_s`` and after it [s]."""
        if self._period is not None:
            # a time that is a whole number of periods but for rounding begins a period
            time_s -= np.floor(time_s / self._period + 1e-12) * self._period
        return max(int(np.searchsorted(self._start, time_s + 1e-9 * (1.0 + abs(time_s)), side="right") - 1), 0)

    def at(self, step: int, name: str) -> Floats:
        """Values of one quantity during a step, (reaches,)."""
        rows = self._rows[name]
        row = rows[step if rows.shape[0] > 1 else 0]
        return np.ascontiguousarray(np.broadcast_to(row, (self._reaches,)))

    def depth(self, length_m: Floats, volume_m3: Floats) -> Floats:
        """Depth of the water [m]: as given, or that of its volume in a channel of the width given."""
        if "width_m" in self._rows:
            return volume_m3 / (length_m * self.at(0, "width_m"))
        return self.at(0, "depth_m")

    def light_at_bed(self, step: int, depth_m: Floats) -> Floats | None:
        """Light that reaches the bed [W/m²], I e^(-k H) (Beer and Lambert); None where no light is given."""
        if not self._rows["light_w_m2"].any():
            return None
        return self.at(step, "light_w_m2") * np.exp(-self.at(0, "extinction_per_m") * depth_m)
