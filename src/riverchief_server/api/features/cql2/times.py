"""Times as RFC 3339 writes them, to and from ms since 1970 UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from riverchief.errors import BadInput, Fault

# A plus sign that was not escaped arrives as a blank.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+\- ])(\d\d):(\d\d))")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000
ALLOWED = "2026-11-24T08:15:00+08:00, 2026-11-24T00:15:00Z, 2026-11-24"


def read_time(text: str) -> int:
    """A time with its zone, in ms since 1970 UTC. Raises ``bad_time``."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise bad_time(text)
    day, hour, minute, second, part, _, sign, zone_hours, zone_minutes = found.groups()
    try:
        offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        # 23:59:60 is a leap second, which no clock of ours has
        whole = date.fromisoformat(day)
        moment = datetime(whole.year, whole.month, whole.day, int(hour), int(minute), min(int(second), 59), tzinfo=zone)
        since = moment - _EPOCH
    except (ValueError, OverflowError):
        raise bad_time(text) from None
    if int(second) > 60:
        raise bad_time(text)
    ms = (since.days * 86_400 + since.seconds) * 1000 + int((part or "0")[:3].ljust(3, "0"))
    return _within(ms, text)


def read_day(text: str) -> int:
    """The midnight in UTC of a date, in ms since 1970. Raises ``bad_time``."""
    if _DAY.fullmatch(text) is None:
        raise bad_time(text)
    try:
        return (date.fromisoformat(text) - date(1970, 1, 1)).days * DAY_MS
    except ValueError:
        raise bad_time(text) from None


def read_span(text: str) -> tuple[int, int]:
    """The first and last ms that a time or a whole day means."""
    if _DAY.fullmatch(text):
        begin = read_day(text)
        return begin, begin + DAY_MS - 1
    at = read_time(text)
    return at, at


def moment_of(ms: int) -> datetime:
    """``ms`` as a moment in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def write_time(moment: datetime) -> str:
    """A moment in UTC; the fraction of a second, in ms, only where there is one."""
    said = moment.astimezone(UTC).replace(tzinfo=None)
    return said.isoformat(timespec="milliseconds" if said.microsecond // 1000 else "seconds") + "Z"


def bad_time(text: str) -> BadInput:
    """The refusal of a time."""
    return BadInput([Fault("bad_time", details={"given": text[:80], "allowed": ALLOWED})])


def _within(ms: int, text: str) -> int:
    """``ms`` where it lies in the years 1 to 9999 in UTC too."""
    try:
        moment_of(ms)
    except OverflowError:
        raise bad_time(text) from None
    return ms
