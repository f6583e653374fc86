"""The one night discharge of the demonstration: a farm empties its slurry lagoon into a brook while nobody looks.

Invented, and known exactly, so that whoever traces it can be told whether they were right. What each station sees of
it is computed by :func:`riverchief.transport.responses` in steady low flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.example import chengkou
from riverchief.example.chengkou.rivers import network, physics
from riverchief.transport import responses, way_from

Floats = NDArray[np.float64]

CHINA = timezone(timedelta(hours=8))
DAY_S = 86_400.0
OUTFALL = "P-022"
BEGINS = time(20, 30)
DURATION_S = 8 * 3600.0
#: 500 m³ of slurry with 1,400 mg/L ammonia nitrogen, 3,400 mg/L permanganate index and 100 mg/L phosphorus.
MASS_KG: Mapping[str, float] = {"NH3N": 700.0, "CODMN": 1700.0, "TP": 50.0}
#: First-order losses on the way [1/s], of the usual size for a cool mountain river.
DECAY_PER_S: Mapping[str, float] = {"NH3N": 0.25 / DAY_S, "CODMN": 0.20 / DAY_S, "TP": 0.05 / DAY_S}
#: Water is low when it happens: share of the mean flow.
LOW_FLOW_SHARE = 0.75


@dataclass(frozen=True)
class Discharge:
    """What was let out where and when: the truth behind the simulated episode.

    ``chainage_m`` [m] from the upstream end of ``reach``; ``mass_kg`` [kg] of each parameter, let out evenly.
    """

    outfall: str
    reach: str
    chainage_m: float
    start: datetime
    duration_s: float = DURATION_S
    mass_kg: Mapping[str, float] = field(default_factory=lambda: MASS_KG)


def night_discharge(end: datetime) -> Discharge:
    """The discharge that a feed ending at ``end`` shows: it began at 20:30 in China, 36 to 60 hours before ``end``.

    Raises :class:`~riverchief.errors.BadInput` (``needs_timezone``) for a time without zone.
    """
    if end.tzinfo is None:
        raise BadInput([Fault("needs_timezone", column="end", details={"given": end.isoformat()})])
    latest = (end - timedelta(hours=36)).astimezone(CHINA)
    start = datetime.combine(latest.date(), BEGINS, CHINA)
    if start > latest:
        start -= timedelta(days=1)
    place = _places()[OUTFALL]
    return Discharge(OUTFALL, place["reach"], float(place["chainage_m"]), start)


def added_mg_l(discharge: Discharge, parameter: str, station: str, after_s: Floats) -> Floats:
    """What the discharge adds to ``parameter`` at ``station`` [mg/L] at times after it began [s]; 0 where its water
    does not come."""
    water = physics(LOW_FLOW_SHARE, DECAY_PER_S[parameter])
    rivers, place = network(), _places()[station]
    source, here = rivers.index_of(discharge.reach), rivers.index_of(place["reach"])
    way = way_from(rivers.down, source)
    position = way.position(here)
    if position < 0:
        return np.zeros_like(after_s)
    [response] = responses(
        way,
        water,
        [position],
        [float(place["chainage_m"]) / rivers.length_m[here]],
        source_share=discharge.chainage_m / float(rivers.length_m[source]),
        duration_s=discharge.duration_s,
    )
    if response is None:
        return np.zeros_like(after_s)
    grams = 1000.0 * discharge.mass_kg[parameter]
    added: Floats = np.maximum(
        grams * response.at(after_s) / water.discharge_m3_s[here], 0.0
    )  # g · 1/s / (m³/s) → g/m³
    return added


def _places() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in chengkou.rows_of("places.csv")}
