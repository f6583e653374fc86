"""Readings as a hydrological station would report them in SL 651: for simulators and for passing data on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from riverchief.errors import BadInput
from riverchief.observation.reading import Reading
from riverchief.telemetry.sent import Sent
from riverchief.telemetry.sl651.encode import Item, bcd, report
from riverchief.telemetry.sl651.report import all_elements
from riverchief.telemetry.sl651.values import CHINA
from riverchief.units import converter


def reports(
    readings: Iterable[Reading],
    *,
    station: str,
    password: str,
    centre: int = 1,
    kind: str = "H",
    function: str = "32",
    first_serial: int = 1,
    delay_s: float = 5.0,
    utc_offset_s: int = CHINA,
) -> list[Sent]:
    """One report for each time of ``readings``, sent ``delay_s`` [s] after it; a missing value is sent as missing.

    Left out are parameters that SL 651 has no element for and values that do not fit theirs. Times are sent to the
    minute, which is all that the protocol has.
    """
    by_time: dict[datetime, list[Item]] = {}
    for reading in readings:
        item = _item(reading)
        if item is not None:
            by_time.setdefault(reading.time, []).append(item)
    zone = timedelta(seconds=utc_offset_s)
    sent: list[Sent] = []
    for place, time in enumerate(sorted(by_time)):
        at = time + timedelta(seconds=delay_s)
        frame = report(
            function,
            station=station,
            centre=centre,
            serial=(first_serial + place - 1) % 0xFFFF + 1,
            sent_at=(at + zone).replace(tzinfo=None),
            observed_at=(time + zone).replace(tzinfo=None),
            kind=kind,
            items=by_time[time],
            password=password,
        )
        sent.append(Sent(at, frame))
    return sent


def _item(reading: Reading) -> Item | None:
    code = _element_of().get((reading.parameter, reading.statistic, reading.period_s))
    if code is None:
        return None
    element = all_elements()[code]
    scale = converter(reading.unit, element.unit or reading.unit)
    value = reading.value if reading.value is None or scale is None else scale(reading.value)
    definition = element.definition or 0
    try:
        bcd(value, definition >> 3, definition & 7)
    except BadInput:
        return None
    return Item(code, value)


@cache
def _element_of() -> dict[tuple[str, str, int], str]:
    found: dict[tuple[str, str, int], str] = {}
    for element in all_elements().values():
        if element.parameter and element.definition and element.code < "F0":
            found.setdefault((element.parameter, element.statistic, element.period_s), element.code)
    return found
