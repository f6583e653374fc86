"""An invented past for the demonstration: who works there, what was reported and done, who walked where.

The files say *how long ago*; here that becomes times before an ``end`` that the caller gives, so that a demonstration
started today looks as if the county had been at work until this morning. Nothing here opens a case: the server plays
the steps through its own door, where each has to be allowed. All people are role names; all pictures are drawings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from riverchief.errors import BadInput, unknown_name
from riverchief.example import chengkou
from riverchief.example.chengkou.discharge import CHINA, night_discharge


@dataclass(frozen=True)
class Person:
    """Somebody to log in as: ``role`` and ``unit`` (an id of parties.csv) decide what they may do."""

    username: str
    role: str
    unit: str
    name: str


@dataclass(frozen=True)
class PastStep:
    """One step of a case: ``by`` is a username; ``due``, ``until`` and the photo where the step needs them."""

    at: datetime
    by: str
    to: str
    unit: str | None
    due: datetime | None
    until: datetime | None
    categories: tuple[str, ...]
    reason: str
    photo: str | None


@dataclass(frozen=True)
class PastCase:
    """One report and what became of it. ``by`` is None for the public, ``reporter_name`` then says who."""

    id: str
    at: datetime
    by: str | None
    reporter_name: str
    source: str
    severity: str
    categories: tuple[str, ...]
    reach: str
    chainage_m: float
    bank: str
    title: str
    description: str
    photo: str | None
    steps: tuple[PastStep, ...]


@dataclass(frozen=True)
class PastPatrol:
    """Somebody walked a bank of a reach; ``why_not`` says why a patrol that is kept does not count."""

    reach: str
    bank: str
    holder: str
    began: datetime
    ended: datetime
    found: str
    counts: bool
    why_not: str


def people() -> tuple[Person, ...]:
    """Everybody who can be logged in as in the demonstration."""
    return tuple(Person(**row) for row in chengkou.rows_of("people.csv"))


def cases(end: datetime) -> tuple[PastCase, ...]:
    """The cases as they stand at ``end``, oldest first; raises :class:`~riverchief.errors.BadInput` for an ``end``
    without zone."""
    steps: dict[str, list[PastStep]] = {}
    for row in chengkou.rows_of("steps.csv"):
        at = _days_ago(end, row["days_ago"], row["at"])
        step = PastStep(
            at,
            row["by"],
            row["to"],
            row["unit"] or None,
            _days_after(at, row["due_days"]),
            _days_after(at, row["until_days"]),
            _codes(row["categories"]),
            row["reason"],
            row["photo"] or None,
        )
        steps.setdefault(row["case"], []).append(step)
    found = [
        PastCase(
            row["id"],
            _reported(end, row),
            row["by"] or None,
            row["reporter_name"],
            row["source"],
            row["severity"],
            _codes(row["categories"]),
            row["reach"],
            float(row["chainage_m"]),
            row["bank"],
            row["title"],
            row["description"],
            row["photo"] or None,
            tuple(steps.get(row["id"], ())),
        )
        for row in chengkou.rows_of("cases.csv")
    ]
    return tuple(sorted(found, key=lambda case: case.at))


def patrols(end: datetime) -> tuple[PastPatrol, ...]:
    """The patrols of the six weeks before ``end``, oldest first; raises as :func:`cases`."""
    found = []
    for row in chengkou.rows_of("patrols.csv"):
        began = _days_ago(end, row["days_ago"], row["at"])
        ended = began + timedelta(minutes=int(row["minutes"]))
        counts = row["counts"] == "true"
        found.append(
            PastPatrol(row["reach"], row["bank"], row["holder"], began, ended, row["found"], counts, row["why_not"])
        )
    return tuple(sorted(found, key=lambda patrol: patrol.began))


def photo_path(name: str) -> Path:
    """The JPEG drawing called ``name`` (such as ``"litter"``); raises :class:`~riverchief.errors.BadInput`
    (``unknown_file``)."""
    folder = chengkou.path_of("cases.csv").parent / "photos"
    known = sorted(path.stem for path in folder.glob("*.jpg"))
    if name not in known:
        raise BadInput([unknown_name("unknown_file", name, known)])
    return folder / f"{name}.jpg"


def _reported(end: datetime, row: dict[str, str]) -> datetime:
    """When a case was reported: so many days ago, or so many hours after the night discharge began."""
    if row["after_discharge_h"]:
        return night_discharge(end).start + timedelta(hours=float(row["after_discharge_h"]))
    return _days_ago(end, row["days_ago"], row["at"])


def _days_ago(end: datetime, days: str, at: str) -> datetime:
    """The time ``at`` (HH:MM in China) on the day ``days`` before the day of ``end`` in China."""
    night_discharge(end)  # refuses a time without zone
    day = end.astimezone(CHINA).date() - timedelta(days=int(days))
    return datetime.combine(day, time.fromisoformat(at), CHINA)


def _days_after(at: datetime, days: str) -> datetime | None:
    """Six in the evening, so many calendar days after ``at``."""
    return datetime.combine(at.date() + timedelta(days=int(days)), time(18), CHINA) if days else None


def _codes(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))
