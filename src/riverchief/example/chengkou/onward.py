"""How the simulated stations go on after the feed of :mod:`.simulation`: from their last values, for frames sent live.

No clock inside: the same last values, moment and discharge give the same readings. A value stays at its own level,
moves with the day, trembles, and follows the water of the night discharge as that passes; no storm, no fault.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np

from riverchief.example import chengkou
from riverchief.example.chengkou.discharge import CHINA, Discharge, added_mg_l
from riverchief.example.chengkou.simulation import LEAST_NH3N_MG_L, SOURCE
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.table import read_table

#: How far a parameter swings in a day and at what hour in China it is highest; oxygen by its share of saturation.
DAILY = {"WT": (0.9, 16.0), "PH": (0.08, 15.0)}
DO_MG_L, DO_PEAK_H = 9.0, 15.0
#: What a gram of the discharge does to a parameter that it is not measured as (see ``simulation._station``).
FOLLOWS = {"EC": ("NH3N", 14.0), "TURB": ("CODMN", 2.5), "DO": ("CODMN", -0.13), "PH": ("NH3N", -0.02)}
#: How far one reading trembles about its level: a share of it, and for these the size itself.
TREMBLES, TREMBLES_BY = 0.01, {"WT": 0.03, "PH": 0.01, "DO": 0.03}


def go_on(last: Iterable[Reading], at: datetime, discharge: Discharge | None = None) -> list[Reading]:
    """What a station reads at ``at``, given the last reading of each of its parameters; one without a value is left
    out. ``discharge`` is the one whose water is still on its way: without it each value keeps what it had of it.
    """
    return [_next(one, at, discharge) for one in last if one.value is not None]


def _next(last: Reading, at: datetime, discharge: Discharge | None) -> Reading:
    known = find_parameter(last.parameter)
    assert last.value is not None
    value = last.value + _swing(last.station, known.code, at) - _swing(last.station, known.code, last.time)
    if discharge is not None:
        of, share = FOLLOWS.get(known.code, (known.code, 1.0))
        if of in discharge.mass_kg:
            since = np.array([(moment - discharge.start).total_seconds() for moment in (last.time, at)])
            before, now = added_mg_l(discharge, of, last.station, since)
            value += share * float(now - before)
    dice = np.random.default_rng(zlib.crc32(f"{last.station}/{known.code}/{at.timestamp():.0f}".encode()))
    value += dice.normal(0.0, TREMBLES_BY.get(known.code, TREMBLES * abs(value)))
    least = LEAST_NH3N_MG_L if known.code == "NH3N" else 0.0
    moment = at.astimezone(UTC)
    return Reading(
        last.station, known.code, moment, round(max(value, least), known.decimals), known.unit, source=SOURCE
    )


def _swing(station: str, parameter: str, at: datetime) -> float:
    """The day's wave of ``parameter`` at ``at`` [its unit]."""
    local = at.astimezone(CHINA)
    hour = local.hour + local.minute / 60
    if parameter == "DO":
        size, peak = DO_MG_L * _oxygen_swing(station), DO_PEAK_H
    else:
        size, peak = DAILY.get(parameter, (0.0, 0.0))
    return size * float(np.cos(2 * np.pi * (hour - peak) / 24.0))


def _oxygen_swing(station: str) -> float:
    rows = read_table(chengkou.__name__, "simulated_stations.csv")
    return next((float(row["oxygen_swing"]) for row in rows if row["station"] == station), 0.0)
