"""A place on a river: reach, chainage from its upstream end, bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riverchief.errors import BadInput, Fault
from riverchief.place.bank import Bank
from riverchief.place.network import Network


@dataclass(frozen=True)
class Location:
    """A place on the river. ``reach`` is the reach's own id, ``chainage_m`` counts from its upstream end [m].

    A location by itself only knows that its chainage is a number and not negative; :func:`locate` checks it on a
    network. Raises ``BadInput`` (``out_of_range``).
    """

    reach: int | str
    chainage_m: float
    bank: Bank = Bank.BOTH

    def __post_init__(self) -> None:
        if not (np.isfinite(self.chainage_m) and self.chainage_m >= 0):
            raise BadInput([Fault("out_of_range", column="chainage_m", details=_range(self.chainage_m, "≥ 0 m"))])


def locate(network: Network, reach: int | str, chainage_m: float, bank: Bank | str = Bank.BOTH) -> Location:
    """The location, checked on ``network``; a chainage up to 1 mm beyond the end is the end.

    Raises ``BadInput``: ``unknown_reach``, ``unknown_bank``, ``out_of_range`` for a chainage outside the reach; all
    that apply.
    """
    faults: list[Fault] = []
    end = np.inf
    try:
        end = float(network.length_m[network.index_of(reach)])
    except BadInput as refused:
        faults += refused.faults
    if isinstance(bank, str):
        try:
            bank = Bank.parse(bank)
        except BadInput as refused:
            faults += refused.faults
    if not 0 <= chainage_m <= end + 1e-3:
        faults.append(Fault("out_of_range", column="chainage_m", details=_range(chainage_m, f"0–{end:g} m")))
    if faults or isinstance(bank, str):
        raise BadInput(faults)
    return Location(reach, min(float(chainage_m), end), bank)


def river_distance_m(network: Network, a: Location, b: Location) -> float:
    """Way along the river from ``a`` down to ``b`` [m]; NaN where water of ``a`` does not reach ``b``.

    With side branches, the shortest way the water can take. Raises ``BadInput`` (``unknown_reach``).
    """
    i, j = network.index_of(a.reach), network.index_of(b.reach)
    if i == j:
        return b.chainage_m - a.chainage_m if b.chainage_m >= a.chainage_m else float("nan")
    between_ends = network.distance_m(i, j)
    # downstream end of a's reach -> downstream end of b's reach, plus the rest of a's reach, less the rest of b's
    return between_ends + float(network.length_m[i]) - a.chainage_m - (float(network.length_m[j]) - b.chainage_m)


def _range(given: float, allowed: str) -> dict[str, str]:
    return {"given": f"{given:g}", "allowed": allowed}
