"""Times as sheets write them. The law judges in Beijing time; a time without a zone is taken for it only where a caller
asks (:func:`beijing`), and a time without a year is never guessed."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo

from riverchief.errors import BadInput, Fault

BEIJING = dt.timezone(dt.timedelta(hours=8))

_DATE = r"(?:(?P<year>\d{4})\s*[-/.年]\s*)?(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日]?"
_HOUR_MINUTE = r"(?P<hour>\d{1,2})\s*(?:[:：时点]\s*(?P<minute>\d{1,2})?)?"
_SECOND = r"(?:[:：分]\s*(?P<second>\d{1,2})(?:\.\d+)?)?"
_CLOCK = rf"(?:[T\s]*{_HOUR_MINUTE}\s*{_SECOND}[分秒]?)?"
_ZONE = r"\s*(?P<zone>Z|UTC|[-+]\d{2}:?\d{2})?"
_PATTERN = re.compile(rf"^{_DATE}{_CLOCK}{_ZONE}$", re.IGNORECASE)
_COMPACT = re.compile(r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})?)?$")


def has_year(text: str) -> bool | None:
    """Whether ``text`` is a time with a year; ``None`` where it is no time that this module reads."""
    found = _PATTERN.match(text.strip()) or _COMPACT.match(text.strip())
    return None if found is None else found["year"] is not None


def read_time(text: str, *, year: int | None = None, timezone: dt.tzinfo | None = None) -> dt.datetime:
    """The moment that ``text`` names; with a zone only if it has one or ``timezone`` is given.

    Raises :class:`~riverchief.errors.BadInput` (``bad_time``) for what is no time, or has no year and none is given.
    """
    found = _PATTERN.match(text.strip()) or _COMPACT.match(text.strip())
    if found is None:
        raise BadInput([Fault("bad_time", details={"given": text, "allowed": "2026-03-01 08:00"})])
    parts = found.groupdict()
    if parts["year"] is None and year is None:
        raise BadInput([Fault("bad_time", details={"given": text, "allowed": "2026-03-01 08:00, --year 2026"})])
    try:
        day = dt.datetime(int(parts["year"] or year or 0), int(parts["month"]), int(parts["day"]))  # noqa: DTZ001
        # 24:00 closes the day, as Chinese bulletins write it
        clock = dt.timedelta(
            hours=int(parts["hour"] or 0), minutes=int(parts["minute"] or 0), seconds=int(parts.get("second") or 0)
        )
        if clock > dt.timedelta(days=1) or int(parts["minute"] or 0) > 59:
            raise ValueError(text)
    except ValueError as wrong:
        raise BadInput([Fault("bad_time", details={"given": text, "allowed": "2026-03-01 08:00"})]) from wrong
    zone = _zone(parts.get("zone")) or timezone
    return (day + clock).replace(tzinfo=zone)


def read_timezone(text: str) -> dt.tzinfo:
    """A zone from ``+08:00``, ``UTC`` or ``Asia/Shanghai``. Raises :class:`~riverchief.errors.BadInput`."""
    fixed = _zone(text)
    if fixed:
        return fixed
    try:
        return zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as unknown:
        allowed = "+08:00, UTC, Asia/Shanghai"
        raise BadInput([Fault("bad_time", details={"given": text, "allowed": allowed})]) from unknown


def beijing(moment: dt.datetime) -> dt.datetime:
    """``moment`` on the clock of Beijing, without zone; one that has no zone is taken to be Beijing time already."""
    return moment if moment.tzinfo is None else moment.astimezone(BEIJING).replace(tzinfo=None)


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC"):
        return dt.UTC
    found = re.match(r"^([-+])(\d{2}):?(\d{2})$", text)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return dt.timezone(dt.timedelta(minutes=-minutes if found[1] == "-" else minutes))
