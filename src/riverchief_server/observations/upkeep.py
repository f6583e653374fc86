"""The log of calibration and maintenance: entries are added and withdrawn, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from riverchief.errors import BadInput, Fault
from riverchief.observation.upkeep import find_upkeep_kind
from riverchief.parameter import find_parameter
from riverchief_server.observations.models import Upkeep
from riverchief_server.places.models import Place

NEEDS_A_NOTE = "other"
AHEAD = timedelta(minutes=5)  # a phone's clock may be a little fast
SHOWN_AT_MOST = 200


@dataclass(frozen=True)
class NewUpkeep:
    """What was done at ``place``: ``kind`` is a code of ``upkeep.csv``; ``ended_at`` ``None`` while it goes on;
    ``parameter`` empty where it touched the whole station. ``uuid`` is made by the sender."""

    uuid: UUID
    place: Place
    kind: str
    began_at: datetime
    ended_at: datetime | None = None
    parameter: str = ""
    done_by: str = ""
    note: str = ""


@transaction.atomic
def enter(new: NewUpkeep, by: str, now: datetime) -> tuple[Upkeep, bool]:
    """Add ``new`` to the log, and whether it was not there before: the same ``uuid`` twice is one entry.

    Raises :class:`~riverchief.errors.BadInput` with everything that is wrong: an unknown kind or parameter, a time
    without zone or in the future, an end before its beginning, a note that is missing where the kind says nothing.
    """
    faults = _faults(new, now)
    if faults:
        raise BadInput(faults)
    return Upkeep.objects.get_or_create(
        uuid=new.uuid,
        defaults={
            "place": new.place,
            "kind": new.kind,
            "began_at": new.began_at,
            "ended_at": new.ended_at,
            "parameter": find_parameter(new.parameter).code if new.parameter else "",
            "done_by": (new.done_by or by)[:120],
            "note": new.note,
            "entered_at": now,
            "entered_by": by[:120],
        },
    )


@transaction.atomic
def withdraw(entry: Upkeep, because: str, by: str, now: datetime) -> Upkeep:
    """Say that ``entry`` was wrong and why; it stays readable. Withdrawn twice, the first word stands.

    Raises :class:`~riverchief.errors.BadInput` (``missing_value``, ``out_of_range``) for a reason that is empty or
    longer than 400 characters.
    """
    reason = because.strip()
    if not reason:
        raise BadInput([Fault("missing_value", column="because", details={"given": "because", "allowed": "1 – 400"})])
    if len(reason) > 400:
        raise BadInput([_too_long("because", reason, 400)])
    Upkeep.objects.filter(pk=entry.pk, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by=by[:120], withdrawn_because=reason
    )
    entry.refresh_from_db()
    return entry


def upkeep_of(place: Place) -> list[Upkeep]:
    """What was done at ``place``, the newest first, withdrawn entries included; the newest 200."""
    return list(place.upkeep.all()[:SHOWN_AT_MOST])


def _faults(new: NewUpkeep, now: datetime) -> list[Fault]:
    faults: list[Fault] = []
    for check, given in ((find_upkeep_kind, new.kind), (find_parameter, new.parameter)):
        try:
            if given or check is find_upkeep_kind:
                check(given)
        except BadInput as refused:
            faults += refused.faults
    for name, moment in (("began_at", new.began_at), ("ended_at", new.ended_at)):
        if moment is None:
            continue
        if moment.tzinfo is None:
            details = {"given": moment.isoformat(), "allowed": "2026-11-24T08:00+08:00"}
            faults.append(Fault("bad_time", column=name, details=details))
        elif moment > now + AHEAD:
            details = {"given": moment.isoformat(), "allowed": f"– {now.isoformat(timespec='minutes')}"}
            faults.append(Fault("out_of_range", column=name, details=details))
    zoned = new.began_at.tzinfo is not None and new.ended_at is not None and new.ended_at.tzinfo is not None
    if zoned and new.ended_at is not None and new.ended_at < new.began_at:
        details = {"given": new.ended_at.isoformat(), "allowed": f"{new.began_at.isoformat()} –"}
        faults.append(Fault("out_of_range", column="ended_at", details=details))
    if new.kind == NEEDS_A_NOTE and not new.note.strip():
        faults.append(Fault("missing_value", column="note", details={"given": "note", "allowed": "1 – 1000"}))
    if len(new.note) > 1000:
        faults.append(_too_long("note", new.note, 1000))
    if len(new.done_by) > 120:
        faults.append(_too_long("done_by", new.done_by, 120))
    return faults


def _too_long(name: str, given: str, most: int) -> Fault:
    return Fault(
        "out_of_range", column=name, details={"given": f"{given[:20]}… ({len(given)})", "allowed": f"≤ {most}"}
    )
