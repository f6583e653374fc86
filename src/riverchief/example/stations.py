"""A station's day, made up and seeded, and the frames in which it would send it: HJ 212, SL 651 or MQTT.

No clock inside: the same station, day and seed give the same readings. What it imitates: probes that move with the
day and wander, analysers that give a value every four hours and hold it, a shower that swells and muddies the water,
a spill of ammonia, and the faults that real stations have: an hour of maintenance, a stuck probe, a spike, a silence.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.table import read_table
from riverchief.telemetry.protocol import protocols
from riverchief.telemetry.sent import Sent

CHINA = timezone(timedelta(hours=8))
SOURCE = "simulated 模拟"
SHOWER_H, SHOWER_LASTS_H = 15.0, 5.0
STUCK_FROM_H, STUCK_FOR_H = 1.0, 30.0
#: Parameter, its mean and how far it swings in a day.
OF_A_SAMPLE = (("PH", 7.9, 0.2), ("DO", 8.4, 0.6), ("NH3N", 0.09, 0.03), ("TP", 0.03, 0.01), ("WT", 14.0, 2.0))


class Spill(NamedTuple):
    """Ammonia that passes the station: a bell of height ``peak_mg_l`` [mg/L] and width ``spread_h`` [h] about ``at_h``
    [h after midnight in China]."""

    at_h: float
    peak_mg_l: float
    spread_h: float = 1.0


class Faults(NamedTuple):
    """What goes wrong, by index of the day's readings: none unless asked for."""

    maintenance: range = range(0)
    stuck: range = range(0)
    silence: range = range(0)
    spike: int | None = None


def day(
    station: str,
    of: date,
    seed: int = 1,
    *,
    step_minutes: int = 15,
    parameters: Sequence[str] | None = None,
    rain: float = 0.0,
    spill: Spill | None = None,
    faults: Faults | None = None,
    days: int = 1,
) -> list[Reading]:
    """The readings of ``station`` from midnight in China of the day ``of``, one each ``step_minutes`` and parameter.

    Parameters
    ----------
    parameters
        Codes out of ``station_day.csv``; those of a water-quality station unless given.
    rain
        How hard it rains in the afternoon [1]: 0 not at all, 1 a shower that makes the water four times as turbid.
    spill
        Ammonia that passes.
    faults
        What goes wrong, see :class:`Faults` and :func:`usual_faults`.
    days
        How many days follow each other without a seam.

    Order: by time, then by parameter. Flags: ``unchecked``, or ``maintenance``; a value that is silent is left out.
    """
    rows = {row["parameter"]: row for row in read_table("riverchief.example", "station_day.csv")}
    usual = [name for name, row in rows.items() if row["hydrology"] == "0" or name == "WT"]
    chosen = usual if parameters is None else parameters
    unknown = [name for name in chosen if name not in rows]
    if unknown:
        details = {"given": "、".join(unknown), "allowed": "、".join(rows)}
        raise BadInput([Fault("not_one_of", details=details)])
    wrong = faults or Faults()
    begin = datetime(of.year, of.month, of.day, tzinfo=CHINA).astimezone(UTC)
    count = days * 24 * 60 // step_minutes
    hours = np.arange(count) * step_minutes / 60.0
    values = {name: _values(rows[name], station, of, seed, hours, rain, spill, wrong) for name in chosen}
    readings: list[Reading] = []
    for place in range(count):
        if place in wrong.silence:
            continue
        flag = "maintenance" if place in wrong.maintenance else "unchecked"
        time = begin + timedelta(minutes=step_minutes * place)
        readings += [
            Reading(station, name, time, float(values[name][place]), find_parameter(name).unit, flag, source=SOURCE)
            for name in chosen
        ]
    return readings


def sample(station: str, at: datetime) -> list[Reading]:
    """What a clean mountain river reads at ``at``: the instant that simulated stations send under load."""
    turn = 2 * np.pi * (at.hour + at.minute / 60) / 24
    return [
        Reading(
            station, code, at, round(mean + swing * float(np.sin(turn)), 3), find_parameter(code).unit, source=SOURCE
        )
        for code, mean, swing in OF_A_SAMPLE
    ]


def usual_faults(seed: int = 1, readings_a_day: int = 96) -> Faults:
    """One of each fault at places that ``seed`` chooses: maintenance of an hour, a probe stuck for thirty hours (give
    the day a successor), half an hour of silence, a spike of the conductivity."""
    dice = np.random.default_rng([seed, 9])
    hour = readings_a_day // 24
    maintenance = int(dice.integers(9 * hour, 16 * hour))
    silence = int(dice.integers(17 * hour, 22 * hour))
    stuck = int(STUCK_FROM_H * hour)
    return Faults(
        range(maintenance, maintenance + hour),
        range(stuck, stuck + int(STUCK_FOR_H * hour)),
        range(silence, silence + max(1, hour // 2)),
        int(dice.integers(2 * hour, 8 * hour)),
    )


def frames(readings: Sequence[Reading], protocol: str, *, address: str, password: str = "") -> list[Sent]:
    """``readings`` as a station of ``protocol`` says them, in order of sending.

    ``address`` is the MN, the ten digits of SL 651, or the topic's template. Raises
    :class:`~riverchief.errors.BadInput` (``not_one_of``) for a protocol that cannot be spoken.
    """
    speakers = {name: row.does.speak for name, row in protocols().items()}
    speak = speakers.get(protocol)
    if speak is None:
        allowed = "、".join(name for name, can in speakers.items() if can is not None)
        raise BadInput([Fault("not_one_of", details={"given": protocol, "allowed": allowed})])
    return sorted(speak(readings, address, password), key=lambda sent: sent.at)


def garbled(sent: Sequence[Sent], seed: int = 1, share: float = 0.01) -> list[Sent]:
    """``sent`` over a bad line: a ``share`` [1] of the messages have lost, gained or changed a byte."""
    dice = np.random.default_rng([seed, 13])
    spoiled: list[Sent] = []
    for each in sent:
        raw = bytearray(each.payload)
        if dice.random() < share and raw:
            place, how = int(dice.integers(len(raw))), int(dice.integers(3))
            if how == 0:
                raw[place] ^= 1 << int(dice.integers(8))
            elif how == 1:
                del raw[place]
            else:
                raw.insert(place, int(dice.integers(256)))
        spoiled.append(each._replace(payload=bytes(raw)))
    return spoiled


def _values(
    row: dict[str, str],
    station: str,
    of: date,
    seed: int,
    hours: NDArray[np.float64],
    rain: float,
    spill: Spill | None,
    faults: Faults,
) -> NDArray[np.float64]:
    """The day of one parameter: base, the day's wave, a slow walk, noise, rain, spill, and what goes wrong."""
    name, parameter = row["parameter"], find_parameter(row["parameter"])
    dice = np.random.default_rng([seed, zlib.crc32(f"{station}/{name}".encode()), of.toordinal()])
    number = {
        key: float(row[key]) for key in ("base", "daily", "peak_hour", "wander", "noise", "rain_share", "every_h")
    }
    walk = np.cumsum(dice.normal(0.0, 1.0, hours.size)) / np.sqrt(max(1, hours.size))
    wave = np.cos(2 * np.pi * (hours - number["peak_hour"]) / 24.0)
    values = number["base"] + number["daily"] * wave + number["wander"] * walk
    values += dice.normal(0.0, number["noise"], hours.size)
    since = np.maximum(hours - SHOWER_H, 0.0)
    wet = rain * (1.0 - np.exp(-since / 1.5)) * np.exp(-since / SHOWER_LASTS_H)
    values *= 1.0 + number["rain_share"] * wet
    if spill is not None and name == "NH3N":
        values += spill.peak_mg_l * np.exp(-0.5 * ((hours - spill.at_h) / spill.spread_h) ** 2)
    if number["every_h"]:
        step = max(1, round(number["every_h"] / (hours[1] - hours[0])) if hours.size > 1 else 1)
        values = values[(np.arange(hours.size) // step) * step]  # an analyser holds its value until the next
    if name == "DO" and len(faults.stuck):
        inside = [place for place in faults.stuck if place < hours.size]
        values[inside] = values[inside[0]]
    if name == "EC" and faults.spike is not None and faults.spike < hours.size:
        values[faults.spike] *= 4.0
    shown: NDArray[np.float64] = np.maximum(np.round(values, parameter.decimals + 1), 0.0)
    return shown
