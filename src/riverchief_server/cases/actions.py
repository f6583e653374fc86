"""Changes of cases: the one write path. Every change appends to the history; the case's row only follows it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from riverchief.case.deadline.wait import UNTIL_A_DAY
from riverchief.case.history import FIRST, chain_hash
from riverchief.case.likeness import distance_m, likeness_rules
from riverchief.case.machine import SYSTEM, all_states, faults_of_step, states_that
from riverchief.errors import BadInput, Conflict, Fault, NotAllowed, unknown_name
from riverchief.place.bank import Bank
from riverchief_server.cases.clock import clocks, set_clock
from riverchief_server.cases.likeness import come_back
from riverchief_server.cases.models import Attachment, Case, Transition
from riverchief_server.cases.queries import actor_of, case_facts, category_words, facts_of, words
from riverchief_server.cases.telling import tell_reporters, tell_whose_turn_it_is
from riverchief_server.parties.models import Account, Unit
from riverchief_server.parties.queries import answering
from riverchief_server.places.models import Place, Reach
from riverchief_server.places.queries import county

# Faults of a step that mean "not you", as against "not like this".
FORBIDDING = {"step_not_yours", "four_eyes"}


@dataclass(frozen=True)
class NewCase:
    """A problem as it is reported, by a person or by the judge of the water."""

    uuid: UUID
    title: str
    description: str
    source: str
    categories: Sequence[str] = ()
    severity: str = "ordinary"
    reach: Reach | None = None
    bank: str = "both"
    place: Place | None = None
    lon: float | None = None
    lat: float | None = None
    reporter_name: str = ""
    reporter_contact: str = ""
    attachments: Sequence[UUID] = ()
    at_device: datetime | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class NewStep:
    """A step as it is asked for. ``given`` keeps what the rules may need beside the reason and the photos."""

    uuid: UUID
    to: str
    version: int
    reason: str = ""
    unit: Unit | None = None
    due_at: datetime | None = None
    until: datetime | None = None
    target: Case | None = None
    title: str = ""
    severity: str = ""
    why_no_photo: str = ""
    categories: Sequence[str] | None = None
    attachments: Sequence[UUID] = ()
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    at_device: datetime | None = None
    on_behalf_of: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def open_case(new: NewCase, by: Account | None, now: datetime) -> tuple[Case, bool]:
    """Open a case; the same ``uuid`` again gives the case that is there and ``False``."""
    there = Case.objects.filter(uuid=new.uuid).first()
    if there is not None:
        return there, False
    _check_categories(new.categories)
    case = Case(
        number=_next_number(now),
        uuid=new.uuid,
        title=new.title.strip(),
        description=new.description.strip(),
        source=new.source,
        state="",
        severity=new.severity,
        categories=list(dict.fromkeys(new.categories)),
        reach=new.reach,
        bank=new.bank,
        place=new.place,
        lon=new.lon,
        lat=new.lat,
        reporter=by,
        reporter_name=new.reporter_name,
        reporter_contact=new.reporter_contact,
        tracking_code=secrets.token_hex(5).upper() if new.source == "public" else "",
        opened_at=now,
        occurred_at=new.occurred_at,
    )
    _locate(case, now)
    case.recurs = come_back(case, now)
    case.save()
    first = NewStep(
        uuid4(), "reported", 0, attachments=new.attachments, lon=new.lon, lat=new.lat, at_device=new.at_device
    )
    append_entry(case, first, by, now, "photo_before")
    return case, True


@transaction.atomic
def take_step(case: Case, step: NewStep, by: Account | None, now: datetime) -> Case:
    """Take one step of a case.

    The same ``uuid`` again changes nothing. Raises :class:`~riverchief.errors.Conflict` where the case moved on since
    ``step.version``, :class:`~riverchief.errors.NotAllowed` where the rules forbid it to this person, and
    :class:`~riverchief.errors.BadInput` where something the step needs is missing (all of it named).
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    if Transition.objects.filter(uuid=step.uuid).exists():
        return case
    if step.version != case.version:
        state = all_states()[case.state]
        raise Conflict(Fault("case_moved_on", details={"state": state.name_zh, "state_en": state.name_en}))
    faults = faults_of_step(case_facts(case), actor_of(by), step.to, _given(case, step))
    if any(fault.kind in FORBIDDING for fault in faults):
        raise NotAllowed(faults[0])
    if faults:
        raise BadInput(faults)
    if step.categories is not None:
        _check_categories(step.categories)
    if step.severity and step.severity not in words("severities.csv", "severity"):
        allowed = ", ".join(words("severities.csv", "severity"))
        raise BadInput([Fault("not_one_of", column="severity", details={"given": step.severity, "allowed": allowed})])
    _check_days(step, now)
    _follow(case, step, now)
    append_entry(case, step, by, now, "photo_after" if step.to in states_that("work_done") else "photo")
    return case


@transaction.atomic
def note(case: Case, reason: str, by: Account | None, now: datetime, details: Mapping[str, Any] | None = None) -> None:
    """Append a fact that changes no state, such as "the section exceeds again"."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    step = NewStep(uuid4(), case.state, case.version, reason=reason, details=details or {})
    append_entry(case, step, by, now, "photo", is_change=False)


def _check_days(step: NewStep, now: datetime) -> None:
    """A day that is decided lies ahead."""
    faults = [
        Fault("deadline_in_past", column=name, details={"given": day.isoformat(), "allowed": now.isoformat()})
        for name, day in (("due_at", step.due_at), ("until", step.until))
        if day is not None and day < now
    ]
    if faults:
        raise BadInput(faults)


def _follow(case: Case, step: NewStep, now: datetime) -> None:
    """Bring the case's row to where the step leads."""
    if step.to in states_that("sent_back"):
        case.times_returned += 1
    states = all_states()
    if case.state in states_that("work_done") and states[step.to].process_step < states[case.state].process_step:
        case.times_refused += 1
    if step.unit is not None:
        case.assignee = step.unit
    if step.to in states_that("new_day") or step.due_at is not None:
        case.due_at = step.due_at
    case.suspended_until = step.until if step.to in UNTIL_A_DAY else None
    if step.target is not None:
        case.merged_into = step.target
    if step.categories is not None:
        case.categories = list(dict.fromkeys(step.categories))
    if step.title.strip():
        case.title = step.title.strip()
    if step.severity:
        case.severity = step.severity
    case.closed_at = now if not states[step.to].is_open else None


def append_entry(
    case: Case, step: NewStep, by: Account | None, now: datetime, photo_kind: str, *, is_change: bool = True
) -> Transition:
    """Append to the history of ``case``, bind the photos, set the clock, and tell whose turn it is."""
    last = case.transitions.order_by("-order").first()
    photos = _attachments(step.attachments, case, by)
    details: dict[str, Any] = {
        "unit": step.unit.code if step.unit else None,
        "due_at": step.due_at.isoformat() if step.due_at else None,
        "until": step.until.isoformat() if step.until else None,
        "target": step.target.number if step.target else None,
        "title": step.title.strip() or None,
        "severity": step.severity or None,
        "why_no_photo": step.why_no_photo.strip() or None,
        **step.details,
    }
    entry = Transition(
        uuid=step.uuid,
        case=case,
        order=last.order + 1 if last else 1,
        from_state=case.state,
        to_state=step.to,
        is_change=is_change,
        actor=by,
        actor_name=by.shown_name if by else "",
        actor_role=by.role if by else SYSTEM,
        actor_unit=by.unit if by else None,
        on_behalf_of=step.on_behalf_of,
        at_server=now,
        at_device=step.at_device,
        lon=step.lon,
        lat=step.lat,
        accuracy_m=step.accuracy_m,
        reason=step.reason.strip(),
        details={name: value for name, value in details.items() if value is not None},
    )
    entry.hash = chain_hash(last.hash if last else FIRST, facts_of(entry, [photo.sha256 for photo in photos]))
    entry.save()
    for photo in photos:
        photo.case, photo.transition = case, entry
        photo.kind = photo_kind if photo.kind == "photo" else photo.kind
        photo.save(update_fields=["case", "transition", "kind"])
    case.state = step.to
    case.version = entry.order
    if is_change:
        set_clock(case, clocks())
    case.save()
    if is_change:
        tell_whose_turn_it_is(case, entry, now)
        tell_reporters(case, entry, now)
    return entry


def _given(case: Case, step: NewStep) -> set[str]:
    """Which needs of ``needs.csv`` a step brings along."""
    photos = list(Attachment.objects.filter(uuid__in=step.attachments))
    kinds = {photo.kind for photo in photos}
    given = {
        "reason": bool(step.reason.strip()),
        "photo_after": bool(kinds & {"photo", "photo_after"}),
        "photo_spot": bool(step.why_no_photo.strip()) or any(_is_on_the_spot(photo, case, step) for photo in photos),
        "photo_before": bool(kinds & {"photo", "photo_before"}),
        "unit": step.unit is not None,
        "due_at": step.due_at is not None,
        "until": step.until is not None,
        "target": step.target is not None and step.target.pk != case.pk,
        "categories": bool(case.categories if step.categories is None else step.categories),
    }
    return {need for need, is_there in given.items() if is_there}


def _is_on_the_spot(photo: Attachment, case: Case, step: NewStep) -> bool:
    """Whether a photo says where it was taken, and that is the place of the case (where that is known)."""
    lon, lat = (photo.lon, photo.lat) if photo.lon is not None else (step.lon, step.lat)
    if lon is None or lat is None:
        return False
    if case.lon is None or case.lat is None:
        return True
    return distance_m(lon, lat, case.lon, case.lat) <= likeness_rules()["photo_within"]


def _attachments(uuids: Sequence[UUID], case: Case, by: Account | None) -> list[Attachment]:
    """The uploads named by ``uuids``: they must be there, be the actor's own, and not belong elsewhere."""
    found = list(Attachment.objects.filter(uuid__in=uuids))
    known = {
        photo.uuid for photo in found if photo.transition_id is None and photo.uploaded_by_id == (by.pk if by else None)
    }
    faults = [Fault("unknown_attachment", details={"given": str(uuid)}) for uuid in uuids if uuid not in known]
    if faults:
        raise BadInput(faults)
    return sorted(found, key=lambda photo: photo.pk)


def _locate(case: Case, now: datetime) -> None:
    """Fill in region, point and the unit that answers, from the reach and bank."""
    if case.reach is None:
        return
    by_bank = {"left": case.reach.left_region_id, "right": case.reach.right_region_id}
    case.region_id = by_bank.get(case.bank) or case.reach.region_id
    if case.lon is None and case.place is not None:
        case.lon, case.lat = case.place.lon, case.place.lat
    if case.lon is None:
        case.lon, case.lat = case.reach.line[len(case.reach.line) // 2]
    duties = [duty for duty in answering(case.reach, Bank(case.bank), now.date()) if duty.level == "township"]
    own = [duty for duty in duties if duty.unit.region_id == case.region_id] or duties
    case.suggested_unit = own[0].unit if own else None


def _next_number(now: datetime) -> str:
    """``500229-2026-0001``: county, year, running number; the county's row is locked so that none is given twice."""
    home = county()
    if home is not None:
        type(home).objects.select_for_update().get(pk=home.pk)
    prefix = f"{home.code[:6] if home else '000000'}-{now.year}-"
    last = Case.objects.filter(number__startswith=prefix).order_by("-number").values_list("number", flat=True).first()
    return f"{prefix}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"


def _check_categories(codes: Sequence[str]) -> None:
    known = category_words()
    faults = [unknown_name("unknown_category", code, list(known)) for code in codes if code not in known]
    if faults:
        raise BadInput(faults)
