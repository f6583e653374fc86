"""Escalation: which open cases have climbed a rung of the ladder, and who has been told of it.

A rung is computed from the clock each time; only that somebody was told of it is kept, once for each wait and rung. A
missed look tells later, two looks at once tell no more than one, and outside office hours nothing climbs.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from riverchief.case.deadline import ladder
from riverchief_server.cases.clock import Clocks, clocks, reached, standing
from riverchief_server.cases.models import Case
from riverchief_server.cases.telling import accounts_of, details_of, href_of
from riverchief_server.notices.actions import tell

AT_ONCE = 500


def escalate(now: datetime, own: Clocks | None = None) -> int:
    """Tell of every rung that an open case has reached; return how many notices were written."""
    own = own or clocks()
    if not own.calendar.is_open(now):
        return 0
    lowest = ladder()[0].percent
    cases = Case.objects.filter(reached(now, lowest, own)).select_related("assignee", "suggested_unit", "reach")
    return sum(_tell_rung(case, now, own) for case in cases.iterator(chunk_size=AT_ONCE))


@transaction.atomic
def _tell_rung(case: Case, now: datetime, own: Clocks) -> int:
    """Tell of the rung that ``case`` is on; those below it are passed over, for their time has gone."""
    stands = standing(case, now, own)
    rung = next((rung for rung in reversed(ladder()) if rung.percent <= stands.percent), None)
    key = f"{rung.percent if rung else 0} {case.clock_since.isoformat() if case.clock_since else ''} {case.state}"
    if rung is None or stands.due is None or case.told_rung == key:
        return 0
    Case.objects.filter(pk=case.pk).update(told_rung=key)
    owner = case.assignee or case.suggested_unit
    details = details_of(case, due=stands.due.at.isoformat(), owner=owner.name if owner else "")
    cause = f"rung {case.pk} {key}"
    told = accounts_of(case, rung.tells, now)
    return tell(told, rung.level, cause, href_of(case), details, now)
