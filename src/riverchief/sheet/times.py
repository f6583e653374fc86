"""Times as people write them: with or without year, zone, seconds; Chinese, ISO, compact or as Excel counts days."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from riverchief.errors import BadInput, Fault
from riverchief.sheet.page import Cell
from riverchief.sheet.words import plain

CLOCK = (
    r"(?P<hour>\d{1,2})\s*[:时点]?\s*(?P<minute>\d{1,2})?\s*[:分]?\s*(?P<second>\d{1,2})?"
    r"(?:\.(?P<fraction>\d{1,9}))?\s*[秒分]?"
)
ZONE = r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?"
FORMS = [
    re.compile(
        r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*(?:日\s*|(?=[T\s+Z-])|$)(?:[T\s]*"
        + CLOCK
        + ")?"
        + ZONE
    ),
    re.compile(
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:[T ]?(?P<hour>\d\d)(?P<minute>\d\d)?(?P<second>\d\d)?)?" + ZONE
    ),
    re.compile(
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<fraction>\d{3})"
    ),
    re.compile(r"(?P<year>\d{4})\s*[-/年]\s*(?P<month>\d{1,2})\s*月?"),
    re.compile(
        r"(?P<month>\d{1,2})\s*[-/月]\s*(?P<day>\d{1,2})\s*(?:日\s*|(?=[T\s])|$)(?:[T\s]*" + CLOCK + ")?" + ZONE
    ),
]
SLASHED = re.compile(r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<year>\d{4})(?:[T\s]+" + CLOCK + ")?" + ZONE)
CLOCK_ALONE = re.compile(CLOCK)
ALLOWED = "2021-04-01 04:00"
FURTHEST_AHEAD = timedelta(hours=1)  # a reading from further ahead would stay "the latest" until that day came
_EARLIEST = timezone(timedelta(hours=14))
_USUAL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?", re.ASCII)
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's days have no zone
EXCEL_DAYS = (20_000.0, 80_000.0)  # 1954 to 2119: outside it a number is not a date


class NoTime(Exception):
    """Why a time could not be read; ``kind`` is a row of faults.csv."""

    def __init__(self, kind: str):
        self.kind = kind
        super().__init__(kind)


def read_time(
    cell: Cell, *, clock: Cell = None, year: int | None, zone: tzinfo | None, day_first: bool | None = None
) -> datetime:
    """The moment that ``cell`` (with ``clock``, where the time of day stands in a column of its own) says, in UTC.

    A zone written in the cell wins over ``zone``; 24:00 is midnight of the next day; a time that a change of clocks
    repeats is its first occurrence (see :func:`occurrences`). Raises :class:`NoTime`: ``bad_time``, ``needs_year``,
    ``needs_timezone``, ``needs_day_first`` or ``no_such_local_time``.
    """
    return in_utc(read_local(cell, clock=clock, year=year, day_first=day_first), zone)


def read_local(cell: Cell, *, clock: Cell = None, year: int | None = None, day_first: bool | None = None) -> datetime:
    """The time that ``cell`` and ``clock`` say, without zone where they name none. Raises :class:`NoTime`."""
    local = _local(cell, year, day_first)
    if clock is not None and plain(clock):
        local = local.replace(hour=0, minute=0, second=0, microsecond=0) + _time_of_day(clock)
    return local


def in_utc(local: datetime, zone: tzinfo | None) -> datetime:
    """``local`` in UTC, by its own zone or by ``zone``. Raises :class:`NoTime`: ``needs_timezone``,
    ``no_such_local_time``."""
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    if zone is None:
        raise NoTime("needs_timezone")
    return occurrences(local, zone)[0]


def occurrences(local: datetime, zone: tzinfo) -> tuple[datetime, datetime | None]:
    """The moment at which clocks in ``zone`` show ``local`` (without zone), and the later one where they show it
    twice, as when they are put back from summer time; both in UTC. Raises :class:`NoTime` (``no_such_local_time``)
    where they were put forward over it."""
    if isinstance(zone, timezone):
        return (local - zone.utcoffset(local)).replace(tzinfo=UTC), None
    first = local.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    second = local.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    if first < second:
        raise NoTime("no_such_local_time")
    later = (local - second).replace(tzinfo=UTC) if first > second else None
    return (local - first).replace(tzinfo=UTC), later


def is_future(moment: datetime, now: datetime) -> bool:
    """Whether ``moment`` lies further ahead of ``now`` than clocks go wrong; one without zone only where it does so in
    every zone."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_EARLIEST)
    return moment > now + FURTHEST_AHEAD


def read_moment(
    text: Cell, *, year: int | None = None, zone: tzinfo | None = None, day_first: bool | None = None
) -> datetime:
    """The time that ``text`` says, in its own zone, else in ``zone``, else without one.

    Raises :class:`~riverchief.errors.BadInput`: ``bad_time``, ``needs_year``, ``needs_day_first``.
    """
    try:
        local = read_local(text, year=year, day_first=day_first)
    except NoTime as wrong:
        raise BadInput([time_fault(wrong.kind, plain(text))]) from None
    return local if local.tzinfo is not None or zone is None else local.replace(tzinfo=zone)


def time_fault(kind: str, given: str) -> Fault:
    """The fault of a time: the same words at every door."""
    return Fault(kind, details={"given": given, "allowed": ALLOWED})


def has_year(text: str) -> bool | None:
    """Whether ``text`` is a time with a year; None where it is no time."""
    try:
        read_local(text)
    except NoTime as wrong:
        return {"needs_year": False, "needs_day_first": True}.get(wrong.kind)
    return True


def find_zone(name: str | tzinfo) -> tzinfo:
    """The time zone called ``name``: an IANA name (``Asia/Shanghai``), ``UTC`` or an offset (``+08:00``).

    Raises :class:`~riverchief.errors.BadInput` (``bad_timezone``).
    """
    if isinstance(name, tzinfo):
        return name
    if offset := re.fullmatch(r"(?:UTC)?([+-])(\d{1,2}):?(\d{2})?", name.strip()):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes <= 16 * 60:
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    elif name.strip().upper() in ("UTC", "Z"):
        return UTC
    else:
        try:
            return ZoneInfo(name.strip())
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise BadInput([Fault("bad_timezone", details={"given": name})])


def _local(cell: Cell, year: int | None, day_first: bool | None) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    text = plain(cell)
    if _USUAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # 24:00, or no time at all: the slow way tells
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and EXCEL_DAYS[0] <= float(text) <= EXCEL_DAYS[1]:
        return EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86400))
    for form in FORMS:
        if found := form.fullmatch(text):
            return _built(found.groupdict(), year)
    if found := SLASHED.fullmatch(text):
        if day_first is None:
            raise NoTime("needs_day_first")
        parts: dict[str, str | None] = dict(found.groupdict())
        first, second = found["a"], found["b"]
        parts["day"], parts["month"] = (first, second) if day_first else (second, first)
        return _built(parts, year)
    raise NoTime("bad_time")


def _built(parts: dict[str, str | None], year: int | None) -> datetime:
    written = parts.get("year")
    if written is None and year is None:
        raise NoTime("needs_year")
    hour = int(parts.get("hour") or 0)
    try:
        moment = datetime(  # noqa: DTZ001 - the zone, if any, is added below
            int(written) if written is not None else year or 0,
            int(parts.get("month") or 1),
            int(parts.get("day") or 1),
            0 if hour == 24 else hour,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            int(((parts.get("fraction") or "") + "000000")[:6]),
        )
        if hour == 24:
            if (moment.minute, moment.second, moment.microsecond) != (0, 0, 0):
                raise NoTime("bad_time")
            moment += timedelta(days=1)
        zone = parts.get("zone")
        return moment if zone is None else moment.replace(tzinfo=find_zone(zone))
    except (ValueError, OverflowError, BadInput) as wrong:
        raise NoTime("bad_time") from wrong


def _time_of_day(clock: Cell) -> timedelta:
    if isinstance(clock, datetime):
        clock = clock.time()
    if isinstance(clock, time):
        return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
    text = plain(clock)
    if re.fullmatch(r"0?\.\d+", text):  # Excel's share of a day
        return timedelta(seconds=round(float(text) * 86400))
    found = CLOCK_ALONE.fullmatch(text)
    if found is None:
        raise NoTime("bad_time")
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise NoTime("bad_time")
    return timedelta(hours=hour, minutes=minute, seconds=second)
