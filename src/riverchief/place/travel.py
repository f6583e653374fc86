"""How long water takes along the network when the mean velocity of each reach is known: prefix sums of length /
velocity.

Spreading, storage and decay are the business of ``riverchief.transport``; this is the clock of a mean particle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riverchief.errors import BadInput, Fault
from riverchief.place import sweep
from riverchief.place.location import Location
from riverchief.place.network import Network
from riverchief.place.pieces import pieces_upstream
from riverchief.place.trace import downstream_ways, upstream_ways

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Travel times on one network: through each reach (``through_s`` [s]) and below its downstream end (``below_s``
    [s]).

    Between reaches, times run from downstream end to downstream end. With side branches the quickest way counts.
    """

    network: Network
    through_s: Floats
    below_s: Floats

    @classmethod
    def of(cls, network: Network, velocity_m_s: ArrayLike) -> TravelTimes:
        """From the mean velocity [m/s], one for all or one per reach in post-order, each finite and greater than 0.

        Raises ``BadInput`` (``out_of_range``) with one fault per reach: a river without a velocity has no travel time.
        """
        velocity = np.broadcast_to(np.asarray(velocity_m_s, np.float64), (network.n,))
        bad = np.flatnonzero(~(np.isfinite(velocity) & (velocity > 0)))
        if bad.size:
            raise BadInput(
                Fault(
                    "out_of_range",
                    column="velocity_m_s",
                    details={"given": f"{network.ids[i]}: {velocity[i]:g}", "allowed": "> 0 m/s"},
                )
                for i in bad.tolist()
            )
        through = network.length_m / velocity  # m / (m/s) -> s
        return cls(network, through, sweep.sum_below(network.down, through))

    def time_s(self, a: Location, b: Location) -> float:
        """Time from ``a`` down to ``b`` [s]; NaN where water of ``a`` does not reach ``b``."""
        network = self.network
        i, j = network.index_of(a.reach), network.index_of(b.reach)
        rest_i = self.through_s[i] * (1 - a.chainage_m / network.length_m[i])
        rest_j = self.through_s[j] * (1 - b.chainage_m / network.length_m[j])
        if i == j:
            return float(rest_i - rest_j) if a.chainage_m <= b.chainage_m else float("nan")
        return pieces_upstream(network, j, self.through_s, self.below_s).way(i, self.below_s) + float(rest_i - rest_j)

    def upstream(self, i: int, within_s: float = np.inf) -> tuple[Ints, Floats]:
        """Positions upstream of reach ``i`` whose water arrives within ``within_s`` [s], and the times."""
        return upstream_ways(self.network, i, within_s, self.through_s, self.below_s)

    def downstream(self, i: int, within_s: float = np.inf) -> tuple[Ints, Floats]:
        """Positions that water of reach ``i`` reaches within ``within_s`` [s], and the times."""
        return downstream_ways(self.network, i, within_s, self.through_s, self.below_s)
