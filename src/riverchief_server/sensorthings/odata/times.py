"""Times in the forms of ISO 8601 that the standard uses, to and from ms since 1970 UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault
from riverchief_server.sensorthings.odata.expression import Day, Period

# A plus sign that was not escaped arrives as a blank.
TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:(Z|z)|([+\- ])(\d\d):?(\d\d))?"
)
CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?")
DURATION = re.compile(r"([+-])?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
ALLOWED = "2026-11-24T08:15:00+08:00, 2026-11-24T00:15:00Z, begin/end"
DAY_MS = 86_400_000
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 and 9999


def read_time(text: str) -> int:
    """``text`` in ms since 1970 UTC; a time without a zone is in UTC. Raises ``bad_time``."""
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise bad_time(text)
    year, month, day, hour, minute, second, part, _, sign, zone_hours, zone_minutes = found.groups()
    try:
        if sign is None:
            zone: timezone = UTC
        else:
            offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
            zone = timezone(-offset if sign == "-" else offset)
        if (hour, int(minute), int(second or 0)) == ("24", 0, 0):
            moment = datetime(int(year), int(month), int(day), tzinfo=zone) + timedelta(days=1)
        else:
            moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)
        whole = round(moment.timestamp()) * 1000
    except (ValueError, OverflowError):
        raise bad_time(text) from None
    return whole + int((part or "0")[:3].ljust(3, "0"))


def read_period(text: str) -> int | Period:
    """A time or a period ``begin/end``. Raises ``bad_time`` also where it ends before it begins."""
    begin, slash, end = text.partition("/")
    if not slash:
        return read_time(text)
    found = Period(read_time(begin), read_time(end))
    if found.end < found.begin:
        raise bad_time(text)
    return found


def read_date(text: str) -> Day:
    """A date in days since 1970."""
    try:
        return Day((date.fromisoformat(text) - date(1970, 1, 1)).days)
    except ValueError:
        raise bad_time(text) from None


def read_clock(text: str) -> int:
    """A time of day in ms since midnight."""
    found = CLOCK.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise bad_time(text)
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    return seconds * 1000 + int((found[4] or "0")[:3].ljust(3, "0"))


def read_duration(text: str) -> int:
    """An ISO duration of days and smaller, in ms."""
    found = DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()[1:]):
        raise bad_time(text)
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    try:
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError):
        raise bad_time(text) from None
    ms = round(length.total_seconds() * 1000)
    return -ms if found[1] == "-" else ms


def write_time(t: int) -> str:
    """``t`` as UTC; the fraction of a second only where there is one."""
    moment = datetime.fromtimestamp(t // 1000, tz=UTC)
    part = t % 1000
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{part:03d}Z" if part else f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def write_times(t: NDArray[np.int64]) -> list[str]:
    """The same for many times at once."""
    if not len(t):
        return []
    moments = t.astype("datetime64[ms]").astype("datetime64[s]")
    texts: list[str] = np.datetime_as_string(moments, unit="s", timezone="UTC").tolist()
    parts = t % 1000
    for k in np.flatnonzero(parts).tolist():
        texts[k] = f"{texts[k][:-1]}.{parts[k]:03d}Z"
    return texts


def write_period(begin: int, end: int) -> str:
    """A period as ``begin/end``."""
    return f"{write_time(begin)}/{write_time(end)}"


def bad_time(text: str) -> BadInput:
    """The refusal of a time."""
    return BadInput([Fault("bad_time", details={"given": text[:80], "allowed": ALLOWED})])
