"""What was measured where: one series for each station, checked at the door."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, Fault
from riverchief.place import Location
from riverchief.transport.physics import Floats
from riverchief.units import convert, find_unit

MEASURED, BELOW, ABOVE = 0, -1, 1
_CENSORS = {"": MEASURED, "=": MEASURED, "<": BELOW, ">": ABOVE}


@dataclass(frozen=True, eq=False)
class StationSamples:
    """The samples of one station, in order of time; stations where nothing showed belong to it too.

    ``time_s`` (n,) [s since 1970 UTC]; ``value_mg_l`` (n,) [mg/L], NaN where missing; ``censor`` (n,) 0 measured, -1
    below ``value_mg_l`` (a limit of detection), 1 above it. Make one with :meth:`of`, which checks it.
    """

    station: str
    location: Location
    time_s: Floats
    value_mg_l: Floats
    censor: NDArray[np.int8]

    @classmethod
    def of(
        cls,
        station: str,
        location: Location,
        times: Sequence[datetime | str | float] | Floats,
        values: ArrayLike,
        *,
        unit: str = "mg/L",
        censor: Sequence[str | int] | None = None,
    ) -> StationSamples:
        """From times (with zone: ``datetime``, ISO text, or seconds since 1970 UTC) and values in ``unit``.

        ``censor``: for each value ``""`` measured, ``"<"`` below it, ``">"`` above it (or 0, -1, 1). NaN is a missing
        value and is left out of every sum. Raises ``BadInput`` with every fault: ``bad_time`` (no zone, no time),
        ``out_of_range`` (negative or infinite values), ``wrong_shape``, ``unknown_unit``, ``unit_mismatch``,
        ``not_one_of``, ``duplicate`` (one time twice).
        """
        faults: list[Fault] = []
        value = np.array(values, dtype=np.float64, ndmin=1)
        try:
            find_unit(unit)
            value = convert(value, unit, "mg/L")
        except BadInput as refused:
            faults += [fault.at(station, column="unit") for fault in refused.faults]
        time = np.full(len(times), np.nan)
        for j, given in enumerate(times):
            found = _seconds(given)
            if found is None:
                details = {"given": str(given), "allowed": "2026-11-24T08:00:00+08:00"}
                faults.append(Fault("bad_time", station, line=j + 1, column="time", details=details))
            else:
                time[j] = found
        kind = np.zeros(value.size, np.int8)
        marks: Sequence[str | int] = () if censor is None else censor
        if censor is not None and len(marks) != value.size:
            details = {"given": f"({len(marks)},)", "allowed": f"({value.size},)"}
            faults.append(Fault("wrong_shape", station, column="censor", details=details))
            marks = ()
        for j, given_kind in enumerate(marks):
            code = _CENSORS.get(given_kind) if isinstance(given_kind, str) else given_kind
            if code not in (MEASURED, BELOW, ABOVE):
                details = {"given": str(given_kind), "allowed": '"", "<", ">"'}
                faults.append(Fault("not_one_of", station, line=j + 1, column="censor", details=details))
            else:
                kind[j] = code
        if not faults:
            order = np.argsort(time, kind="stable") if time.size == value.size else np.arange(value.size)
            samples = cls(
                station, location, time[order] if time.size == value.size else time, value[order], kind[order]
            )
            faults = samples.faults()
        if faults:
            raise BadInput(faults)
        return samples

    def faults(self) -> list[Fault]:
        """Everything that is wrong with the numbers; empty where all is well."""
        if not (self.time_s.shape == self.value_mg_l.shape == self.censor.shape and self.time_s.ndim == 1):
            details = {"given": f"{self.time_s.shape}, {self.value_mg_l.shape}", "allowed": "(n,), (n,)"}
            return [Fault("wrong_shape", self.station, column="value", details=details)]
        faults = []
        for j in np.flatnonzero((self.value_mg_l < 0) | np.isinf(self.value_mg_l)).tolist():
            details = {"given": f"{self.value_mg_l[j]:g}", "allowed": ">= 0 mg/L"}
            faults.append(Fault("out_of_range", self.station, line=j + 1, column="value", details=details))
        if not np.isfinite(self.time_s).all():
            details = {"given": "NaN", "allowed": "2026-11-24T08:00:00+08:00"}
            faults.append(Fault("bad_time", self.station, column="time", details=details))
        elif (np.diff(self.time_s) <= 0).any():
            j = int(np.flatnonzero(np.diff(self.time_s) <= 0)[0])
            details = {"given": f"{self.time_s[j + 1]:.0f} s", "allowed": f"#{j + 1}"}
            faults.append(Fault("duplicate", self.station, line=j + 2, column="time", details=details))
        return faults

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which samples have a value."""
        return np.isfinite(self.value_mg_l)


def _seconds(given: datetime | str | float) -> float | None:
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given.strip())
        except ValueError:
            return None
    if isinstance(given, datetime):
        return given.timestamp() if given.tzinfo is not None else None
    return float(given) if math.isfinite(given) else None
