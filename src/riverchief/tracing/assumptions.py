"""What a trace takes for granted, and how far each of it may be off: the priors, in one place and in plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.place import Location, Network
from riverchief.transport import Doubt

HOUR_S = 3600.0
#: field, least, greatest
_RANGES = (
    ("velocity", 0.0, 1.0),
    ("local_velocity", 0.0, 1.0),
    ("correlation_m", 1.0, 1e7),
    ("dispersion", 0.0, 2.0),
    ("discharge", 0.0, 1.0),
    ("noise", 0.0, 1.0),
    ("model", 0.0, 1.0),
    ("lookback_s", 0.0, 400 * 86400.0),
    ("degrees_of_freedom", 2.0, 1e6),
    ("wild", 0.0, 0.2),
    ("shortest_s", 1.0, 100 * 86400.0),
    ("longest_s", 1.0, 100 * 86400.0),
    ("least_mass_kg", 1e-9, 1e12),
    ("greatest_mass_kg", 1e-9, 1e12),
    ("listed", 0.01, 1.0),
    ("flow", 0.0, 2.0),
)


@dataclass(frozen=True)
class Assumptions:
    """Standard errors are of the natural logarithm [-]: 0.15 is ±15 %.

    ``velocity`` one factor for all rivers, ``local_velocity`` a factor that changes along the way and is forgotten over
    ``correlation_m`` [m]; ``dispersion``; ``discharge`` at each station. ``noise`` relative error of a reading,
    ``floor_mg_l`` its absolute error [mg/L], None to take the scatter of each series; ``model`` what the curves
    themselves may be off, share of the added concentration. Releases last from ``shortest_s`` to ``longest_s`` [s], as
    likely at each factor; ``lookback_s`` how long before the first sample one may have begun [s].
    ``degrees_of_freedom`` of Student's t: the fewer the less a deviating reading counts; ``wild`` share of readings
    that may be anything [-]. Masses outside ``least_mass_kg`` … ``greatest_mass_kg`` [kg]
    are not thought of. ``listed`` probability that a source is on the list, where there is one; 1: nothing else is
    thought of. ``flow`` what all discharges of those days may be off by one factor: it widens the range of the mass.
    """

    velocity: float = 0.15
    local_velocity: float = 0.1
    correlation_m: float = 10_000.0
    dispersion: float = 0.4
    discharge: float = 0.1
    noise: float = 0.1
    floor_mg_l: float | None = None
    model: float = 0.03
    shortest_s: float = 0.25 * HOUR_S
    longest_s: float = 16 * HOUR_S
    lookback_s: float = 3 * 86400.0
    degrees_of_freedom: float = 8.0
    wild: float = 0.002
    least_mass_kg: float = 1e-3
    greatest_mass_kg: float = 1e6
    listed: float = 0.9
    flow: float = 0.3

    def __post_init__(self) -> None:
        faults = []
        for name, least, greatest in _RANGES:
            value = getattr(self, name)
            if not (math.isfinite(value) and least <= value <= greatest):
                details = {"given": f"{value:g}", "allowed": f"{least:g} … {greatest:g}"}
                faults.append(Fault("out_of_range", column=name, details=details))
        if self.floor_mg_l is not None and not (math.isfinite(self.floor_mg_l) and self.floor_mg_l > 0):
            details = {"given": f"{self.floor_mg_l:g}", "allowed": "> 0 mg/L"}
            faults.append(Fault("out_of_range", column="floor_mg_l", details=details))
        if self.shortest_s > self.longest_s:
            details = {"given": f"{self.shortest_s:g}", "allowed": f"<= {self.longest_s:g} s"}
            faults.append(Fault("out_of_range", column="shortest_s", details=details))
        if self.least_mass_kg >= self.greatest_mass_kg:
            details = {"given": f"{self.least_mass_kg:g}", "allowed": f"< {self.greatest_mass_kg:g} kg"}
            faults.append(Fault("out_of_range", column="least_mass_kg", details=details))
        if faults:
            raise BadInput(faults)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, as JSON keeps them; :meth:`from_dict` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Assumptions:
        """From the form of :meth:`as_dict`; raises ``BadInput`` (``unknown_column``) for a name that is none."""
        known = [part.name for part in fields(cls)]
        faults = [unknown_name("unknown_column", name, known) for name in given if name not in known]
        if faults:
            raise BadInput(faults)
        return cls(**given)


def assumptions_of(
    network: Network, doubt: Doubt, places: Sequence[Location], given: Mapping[str, float] | None = None
) -> Assumptions:
    """The defaults, with the errors of the river's own estimates (the median over the reaches above ``places``) and
    what was ``given`` by name in their place."""
    above = np.zeros(network.n, np.bool_)
    for place in places:
        for first, last in network.upstream_intervals(network.index_of(place.reach)):
            above[first : last + 1] = True
    found: dict[str, float] = {}
    if above.any():
        for name in ("velocity", "dispersion", "discharge"):
            spread = np.broadcast_to(np.asarray(getattr(doubt, name)), network.n)[above]
            found[name] = min(float(np.median(spread)), 1.0)
    return replace(Assumptions(), **found | dict(given or {}))
