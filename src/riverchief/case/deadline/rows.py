"""A sheet of deadlines: each row with its calendar, start, pauses, amount and unit; the due time of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from riverchief.case.deadline.calendar import WorkingCalendar
from riverchief.case.deadline.count import LENGTHS, UNITS, Pause, due_at, due_day
from riverchief.case.deadline.declared import read_calendar
from riverchief.errors import BadInput, Fault

COLUMNS = ("id", "calendar", "start", "amount", "unit")
TIME_ALLOWED = "2026-11-24, 2026-11-24T08:15:00, 2026-11-24T00:15:00Z"
MOST_UNITS = 10_000_000


@dataclass(frozen=True)
class DueRow:
    """The answer to one row; ``due`` is written as the row's start was: with its zone, without one, or as a day."""

    id: str
    due: str
    unknown_years: tuple[int, ...]


def due_rows(text: str, source: str) -> list[DueRow]:
    """The due time of each row of a CSV with the columns ``id, calendar, start, pauses, amount, unit``.

    Other columns are let be; ``pauses`` may be absent. Raises :class:`~riverchief.errors.BadInput` with every fault.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    given = reader.fieldnames or []
    missing = [column for column in COLUMNS if column not in given]
    if missing:
        allowed = {"allowed": ", ".join(given) or "—"}
        raise BadInput([Fault("missing_column", source, 1, details={"given": name, **allowed}) for name in missing])
    found, faults = [], []
    for row in reader:
        line = reader.line_num
        try:
            found.append(_due_row({name: (cell or "").strip() for name, cell in row.items() if name}))
        except BadInput as refused:
            faults += [Fault(f.kind, source, line, f.column, f.details) for f in refused.faults]
    if faults:
        raise BadInput(faults)
    return found


def _due_row(row: Mapping[str, str]) -> DueRow:
    faults: list[Fault] = []
    calendar = None
    try:
        calendar = read_calendar(row["calendar"])
    except BadInput as refused:
        faults += [Fault(f.kind, column="calendar", details=f.details) for f in refused.faults]
    start = _moment(row["start"], "start", faults)
    pauses = [_pause(text, faults) for text in row.get("pauses", "").split(";") if text.strip()]
    amount, unit = _amount(row["amount"], row["unit"], faults), row["unit"]
    if unit not in UNITS:
        faults.append(Fault("not_one_of", column="unit", details={"given": unit, "allowed": ", ".join(UNITS)}))
    if faults or calendar is None or start is None:
        raise BadInput(faults)
    if not isinstance(start, datetime):
        return _due_of_day(row["id"], calendar, start, amount, unit, pauses)
    zoned = start if calendar.zone is None or start.tzinfo else start.replace(tzinfo=calendar.zone)
    closed = []
    for begins, ends in pauses:
        if not (isinstance(begins, datetime) and isinstance(ends, datetime)):
            raise BadInput([_bad_time(f"{begins}/{ends}", "pauses")])
        closed.append(Pause(_alike(begins, zoned), _alike(ends, zoned)))
    due = due_at(calendar, zoned, amount, unit, closed)
    return DueRow(row["id"], _written(due.at, start), due.unknown_years)


def _due_of_day(
    name: str,
    calendar: WorkingCalendar,
    start: date,
    amount: float,
    unit: str,
    pauses: list[tuple[date | None, date | None]],
) -> DueRow:
    if unit in LENGTHS:
        raise BadInput([_bad_time(start.isoformat(), "start")])
    days = [(begins, ends) for begins, ends in pauses if begins is not None and ends is not None]
    if any(isinstance(side, datetime) for pair in days for side in pair):
        raise BadInput([_bad_time(f"{days[0][0]}/{days[0][1]}", "pauses")])
    due = due_day(calendar, start, int(amount), unit, days)
    return DueRow(name, due.at.isoformat(), due.unknown_years)


def _moment(text: str, column: str, faults: list[Fault]) -> datetime | date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        faults.append(_bad_time(text, column))
        return None


def _pause(text: str, faults: list[Fault]) -> tuple[date | None, date | None]:
    begins, _slash, ends = text.strip().partition("/")
    first, last = _moment(begins, "pauses", faults), _moment(ends, "pauses", faults)
    if first is not None and last is not None and type(first) is type(last) and str(last) < str(first):
        faults.append(Fault("ends_before_begins", column="pauses", details={"given": ends, "allowed": begins}))
    return first, last


def _amount(text: str, unit: str, faults: list[Fault]) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = float("nan")
    if not abs(amount) <= MOST_UNITS or (unit not in LENGTHS and amount != int(amount)):
        allowed = "-1000, 0, 8" if unit not in LENGTHS else "-60, 0, 1.5"
        faults.append(Fault("bad_number", column="amount", details={"given": text, "allowed": allowed}))
        return 0.0
    return amount


def _bad_time(text: str, column: str) -> Fault:
    return Fault("bad_time", column=column, details={"given": text, "allowed": TIME_ALLOWED})


def _alike(moment: datetime, start: datetime) -> datetime:
    """``moment`` with a zone where ``start`` has one, without where it has none."""
    if (moment.tzinfo is None) == (start.tzinfo is None):
        return moment
    return moment.replace(tzinfo=start.tzinfo)


def _written(due: datetime, start: datetime) -> str:
    if start.tzinfo is None:
        return due.replace(tzinfo=None).isoformat()
    text = due.astimezone(start.tzinfo).isoformat()
    return text.replace("+00:00", "Z") if start.tzinfo is UTC else text
