"""Acts on a case that change no state: each is appended to its history, and those who must hear of it are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from riverchief.case.act import all_acts, faults_of_act
from riverchief.case.machine import all_states
from riverchief.errors import BadInput, NotAllowed, unknown_name
from riverchief_server.cases.actions import FORBIDDING, NewStep, append_entry
from riverchief_server.cases.models import Case, Transition
from riverchief_server.cases.queries import actor_of, case_facts
from riverchief_server.cases.telling import accounts_of, details_of, href_of
from riverchief_server.notices.actions import tell
from riverchief_server.parties.models import Account

SUPERVISE = "supervise"


@dataclass(frozen=True)
class NewAct:
    """An act as it is asked for; the same ``uuid`` again changes nothing."""

    uuid: UUID
    act: str
    reason: str
    attachments: tuple[UUID, ...] = ()
    lon: float | None = None
    lat: float | None = None
    at_device: datetime | None = None


@transaction.atomic
def do_act(case: Case, new: NewAct, by: Account, now: datetime) -> Case:
    """Append an act to the history of ``case`` and tell whom it concerns.

    Raises :class:`~riverchief.errors.BadInput` (``unknown_act``, ``step_needs``, ``case_is_finished``) and
    :class:`~riverchief.errors.NotAllowed` where it is not this person's to do.
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    if Transition.objects.filter(uuid=new.uuid).exists():
        return case
    if new.act not in all_acts():
        raise BadInput([unknown_name("unknown_act", new.act, list(all_acts()), column="act")])
    act = all_acts()[new.act]
    given = {"reason"} if new.reason.strip() else set()
    faults = faults_of_act(act, case_facts(case), actor_of(by), given, is_open=all_states()[case.state].is_open)
    if any(fault.kind in FORBIDDING for fault in faults):
        raise NotAllowed(faults[0])
    if faults:
        raise BadInput(faults)
    step = NewStep(
        uuid=new.uuid,
        to=case.state,
        version=case.version,
        reason=new.reason,
        attachments=new.attachments,
        lon=new.lon,
        lat=new.lat,
        at_device=new.at_device,
        details={"act": act.code},
    )
    if act.code == SUPERVISE:
        case.supervised_at = now
    entry = append_entry(case, step, by, now, "photo", is_change=False)
    details = details_of(case, by=by.shown_name, reason=entry.reason)
    kind = "supervised" if act.code == SUPERVISE else act.code
    told = [account for account in accounts_of(case, act.tells, now) if account.pk != by.pk]
    tell(told, kind, f"act {new.uuid}", href_of(case), details, now)
    return case
