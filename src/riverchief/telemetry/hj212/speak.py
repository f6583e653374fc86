"""Readings as a station would upload them: for simulators, and for passing data on to a platform that takes HJ 212."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from riverchief.observation.flag import find_flag
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.telemetry.hj212.encode import Group, encode, qn_of, upload
from riverchief.telemetry.hj212.message import Message
from riverchief.telemetry.hj212.values import CHINA, all_factors, all_suffixes
from riverchief.telemetry.sent import Sent
from riverchief.units import converter

MORE_DIGITS = 2  # than the parameter prints: what is passed on should not be rounded once more


def uploads(
    readings: Iterable[Reading],
    *,
    mn: str,
    pw: str,
    st: str = "21",
    cn: str = "2011",
    version: str = "2017",
    units: Mapping[str, str] | None = None,
    delay_s: float = 5.0,
    utc_offset_s: int = CHINA,
) -> list[Sent]:
    """One message for each time of ``readings``, split where it is too long, sent ``delay_s`` [s] after that time.

    Parameters that HJ 212 has no code for are left out, and so are readings without a value: the protocol can say
    neither "missing" nor "below 0.01" (such a value is sent as its limit). ``units`` says in which unit a factor is
    sent where that is not what stations of ``st`` usually send.
    """
    by_time: dict[datetime, list[Group]] = {}
    for reading in readings:
        group = _group(reading, st, units or {})
        if group is not None:
            by_time.setdefault(reading.time, []).append(group)
    zone = timedelta(seconds=utc_offset_s)
    sent: list[Sent] = []
    for time in sorted(by_time):
        at = time + timedelta(seconds=delay_s)
        frames = upload(
            cn,
            mn=mn,
            st=st,
            time=(time + zone).replace(tzinfo=None),
            groups=by_time[time],
            qn=qn_of((at + zone).replace(tzinfo=None)),
            pw=pw,
            version=version,
        )
        sent += [Sent(at, frame) for frame in frames]
    return sent


def heartbeats(
    begin: datetime,
    end: datetime,
    *,
    mn: str,
    pw: str,
    st: str = "21",
    every_s: float = 300.0,
    utc_offset_s: int = CHINA,
) -> list[Sent]:
    """A heart-beat (9015) every ``every_s`` [s] from ``begin`` up to ``end``."""
    zone = timedelta(seconds=utc_offset_s)
    count = int((end - begin).total_seconds() // every_s)
    times = [begin.astimezone(UTC) + timedelta(seconds=every_s * place) for place in range(count + 1)]
    return [
        Sent(at, encode(Message(mn, "9015", st, qn_of((at + zone).replace(tzinfo=None)), pw, 9)))
        for at in times
        if at < end
    ]


def _group(reading: Reading, st: str, units: Mapping[str, str]) -> Group | None:
    code = _code_of().get(reading.parameter)
    ending = _ending_of().get(reading.statistic)
    value = reading.value
    if value is None and reading.censored is not None:
        value = reading.censored.limit
    if code is None or ending is None or value is None:
        return None
    parameter, factor = find_parameter(reading.parameter), all_factors().get(code)
    usual = factor.usual_unit(st) if factor is not None else ""
    unit = reading.unit if reading.statistic == "sum" else units.get(code) or usual or parameter.unit
    scale = converter(reading.unit, unit)
    shown = value if scale is None else scale(value)
    digits = parameter.decimals + MORE_DIGITS + (3 if scale is not None else 0)
    return Group(code, {ending: f"{shown:.{digits}f}"}, find_flag(reading.flag).hj212 or "N")


@cache
def _code_of() -> dict[str, str]:
    """Our parameters to factor codes: the table's own mapping first, then the code that the parameter itself has."""
    found: dict[str, str] = {}
    for code, factor in all_factors().items():
        if factor.parameter and code == factor.code:
            own = find_parameter(factor.parameter).hj_code
            if code == own or factor.parameter not in found:
                found[factor.parameter] = code
    return found


@cache
def _ending_of() -> dict[str, str]:
    return {statistic: ending for ending, statistic in all_suffixes().items()}
