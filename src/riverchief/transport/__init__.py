"""How water carries things: one physics and three solvers that must agree where their assumptions overlap.

- ``cumulants`` and ``kernel``: travel time, spread and survival of all reaches to a place in one pass; for screening
  and for tracing sources.
"""

from riverchief.transport.cumulants import (
    Cumulants,
    Downstream,
    Upstream,
    as_edges,
    backward_cumulants,
    forward_cumulants,
    reach_cumulants,
)
from riverchief.transport.kernel import kernel, kernel_cdf
from riverchief.transport.physics import Physics

__all__ = [
    "Cumulants",
    "Downstream",
    "Physics",
    "Upstream",
    "as_edges",
    "backward_cumulants",
    "forward_cumulants",
    "kernel",
    "kernel_cdf",
    "reach_cumulants",
]
