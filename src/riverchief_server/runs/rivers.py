"""The county's rivers as the engines take them: the network, its mean flows, and what the gauges say now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from riverchief.observation.flag import find_flag
from riverchief.place import Network
from riverchief.transport.condition_now import measured_share
from riverchief_server.observations import store
from riverchief_server.observations.models import Series
from riverchief_server.places.models import Reach
from riverchief_server.places.queries import whole_network
from riverchief_server.runs.queries import fingerprint

Floats = NDArray[np.float64]
COLUMNS = {"discharge": "flow_m3_s", "velocity": "velocity_m_s", "width": "width_m", "slope": "slope"}
#: A gauge that was silent longer says nothing of the flow now.
MEASURED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Rivers:
    """``network`` with codes as ids, ``reaches`` in its order, and ``mean`` quantity → values at mean flow."""

    network: Network
    reaches: Sequence[Reach]
    mean: dict[str, Floats]

    @property
    def sha256(self) -> str:
        """The version of the network: changes with any length, connection, flow, velocity or storage."""
        return fingerprint(
            [
                [reach.code, reach.down.code if reach.down else None, reach.length_m, reach.kind, reach.storage_m3]
                + [getattr(reach, column) for column in COLUMNS.values()]
                for reach in sorted(self.reaches, key=lambda reach: reach.code)
            ]
        )


def rivers_of_county() -> Rivers:
    """The network as it is in the database now."""
    rows = list(Reach.objects.select_related("down"))
    network = whole_network(rows)
    reaches = [rows[row] for row in network.row_of_position]
    lake = network.kind > 0
    mean: dict[str, Floats] = {}
    for quantity, column in COLUMNS.items():
        values = [getattr(reach, column) for reach in reaches]
        mean[quantity] = np.array([np.nan if value is None else value for value in values], np.float64)
    mean["velocity"][lake] = np.nan  # a lake has a residence time
    return Rivers(network, reaches, mean)


def share_of_mean_flow(rivers: Rivers, before: datetime) -> float | None:
    """What the gauges measured last before a time, as a share of the mean flow [-]; None where none spoke that day."""
    position = {reach.pk: j for j, reach in enumerate(rivers.reaches)}
    gauges = list(Series.objects.filter(parameter="FLOW", statistic="instant").select_related("place"))
    newest = store.latest([series.pk for series in gauges], store.to_ms(before))
    measured, mean = [], []
    for series in gauges:
        row = newest.get(series.pk)
        if row is None or row.v is None or not find_flag(row.flag).usable or series.place.reach_id not in position:
            continue
        if before - store.from_ms(row.t) <= MEASURED_WITHIN:
            measured.append(row.v)
            mean.append(float(rivers.mean["discharge"][position[series.place.reach_id]]))
    return measured_share(measured, mean)
