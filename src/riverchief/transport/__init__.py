"""How water carries things: one physics and three solvers that must agree where their assumptions overlap.

- ``cumulants`` and ``kernel``: travel time, spread and survival of all reaches to a place in one pass; for screening
  and for tracing sources.
- ``response``: exact transfer functions with advection, dispersion, dead zones, decay, lakes and dilution in steady
  flow; for spills.
"""

from riverchief.transport.cumulants import (
    Cumulants,
    Downstream,
    Upstream,
    backward_cumulants,
    forward_cumulants,
    reach_cumulants,
)
from riverchief.transport.kernel import kernel, kernel_cdf
from riverchief.transport.physics import Physics
from riverchief.transport.response import Response, responses
from riverchief.transport.spill import (
    Doubt,
    Front,
    Range,
    Spill,
    SpillForecast,
    Watch,
    WatchForecast,
    forecast_spill,
    spill_front,
)
from riverchief.transport.way import Way, as_edges, way_from

__all__ = [
    "Cumulants",
    "Doubt",
    "Downstream",
    "Front",
    "Physics",
    "Range",
    "Response",
    "Spill",
    "SpillForecast",
    "Upstream",
    "Watch",
    "WatchForecast",
    "Way",
    "as_edges",
    "backward_cumulants",
    "forecast_spill",
    "forward_cumulants",
    "kernel",
    "kernel_cdf",
    "reach_cumulants",
    "responses",
    "spill_front",
    "way_from",
]
