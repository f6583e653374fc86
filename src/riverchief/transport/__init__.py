"""How water carries things: one physics and three solvers that must agree where their assumptions overlap.

- ``cumulants`` and ``kernel``: travel time, spread and survival of all reaches to a place in one pass; for screening
  and for tracing sources.
- ``muskingum`` and ``hydraulics``: the flow they stand on, and estimates that carry their error and source.
- ``simulate``: finite volumes for changing flow and several substances that react; mass closes to rounding.
- ``tracer``: velocity, dispersion and dead zones from a tracer test.
- ``response``: exact transfer functions with advection, dispersion, dead zones, decay, lakes and dilution in steady
  flow; for spills, and for tracing once more exactly.
"""

from riverchief.transport.cumulants import (
    Cumulants,
    Downstream,
    Upstream,
    backward_cumulants,
    forward_cumulants,
    reach_cumulants,
)
from riverchief.transport.doubt import Doubt, Range
from riverchief.transport.flow import Flow
from riverchief.transport.grid import Grid, plan_grid
from riverchief.transport.kernel import kernel, kernel_cdf
from riverchief.transport.kinetics import Kinetics
from riverchief.transport.physics import Physics
from riverchief.transport.response import Response, responses
from riverchief.transport.simulate import Balance, Release, Simulation, simulate
from riverchief.transport.surroundings import Surroundings
from riverchief.transport.way import Way, as_edges, way_from

__all__ = [
    "Balance",
    "Cumulants",
    "Doubt",
    "Downstream",
    "Flow",
    "Grid",
    "Kinetics",
    "Physics",
    "Range",
    "Release",
    "Response",
    "Simulation",
    "Surroundings",
    "Upstream",
    "Way",
    "as_edges",
    "backward_cumulants",
    "forward_cumulants",
    "kernel",
    "kernel_cdf",
    "plan_grid",
    "reach_cumulants",
    "responses",
    "simulate",
    "way_from",
]
