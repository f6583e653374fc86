"""Overdue cases as the API says them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet, prefetch_related_objects

from riverchief.case.deadline import working_time
from riverchief.case.machine import all_states
from riverchief.party.jurisdiction import who_answers
from riverchief.place.bank import Bank
from riverchief_server.api.desk.cases.show import show_brief
from riverchief_server.api.desk.overdue.schema import Overdue, OverdueCase, OverdueUnit
from riverchief_server.api.words import local, say, time_text
from riverchief_server.cases.clock import Clocks, clocks, standing
from riverchief_server.cases.listing import Load, load_of, plain, reached_now, seen_open, waiting_for
from riverchief_server.cases.models import Case, Transition
from riverchief_server.parties.models import Account, Responsibility, Unit
from riverchief_server.parties.queries import duties_on

SHOWN = 100


def show_overdue(account: Account, now: datetime, language: str, unit: str = "", limit: int = SHOWN) -> Overdue:
    """What is overdue among the open cases ``account`` may see, of one unit where given; the longest first."""
    own = clocks()
    at = reached_now(now, own)
    seen = seen_open(account)
    load = load_of(seen, at)
    late = seen.filter(at.overdue)
    units = _units(late, seen)
    chosen = late.filter(assignee__code=unit) if unit else late
    listed = list(chosen.order_by("clock_since", "pk")[: min(max(1, limit), SHOWN)])
    prefetch_related_objects(listed, "episodes__place")
    return Overdue(
        sentence=_sentence(load, units, language),
        total=load.overdue,
        open=load.open,
        no_deadline=load.no_deadline,
        units=units,
        cases=_cases(listed, account, now, language, own),
    )


def _sentence(load: Load, units: Sequence[OverdueUnit], language: str) -> str:
    if not load.open:
        return say("overdue_nothing_open", language)
    key = "overdue_some" if load.overdue else "overdue_none"
    text = say(
        key, language, overdue=load.overdue, open=load.open, units=len(units), timed=load.open - load.no_deadline
    )
    return text + (say("some_timeless", language, n=load.no_deadline) if load.no_deadline else "")


def _units(late: QuerySet[Case], seen: QuerySet[Case]) -> list[OverdueUnit]:
    open_by = dict(plain(seen).values_list("assignee").annotate(n=Count("pk")))
    rows = plain(late).values("assignee").annotate(n=Count("pk"), since=Min("clock_since")).order_by("-n")
    names = Unit.objects.in_bulk([row["assignee"] for row in rows if row["assignee"]])
    found = []
    for row in rows:
        unit = names.get(row["assignee"])
        found.append(
            OverdueUnit(
                code=unit.code if unit else "",
                name=unit.name if unit else "",
                phone=unit.phone if unit else "",
                overdue=row["n"],
                open=open_by.get(row["assignee"], 0),
                worst_since=row["since"],
            )
        )
    return found


def _cases(cases: Sequence[Case], account: Account, now: datetime, language: str, own: Clocks) -> list[OverdueCase]:
    mine, said = waiting_for(account, cases), _supervisions(cases)
    chiefs = _chiefs(cases, now)
    office = Unit.objects.filter(kind="office").first()
    shown = []
    for case in cases:
        stands = standing(case, now, own)
        if stands.due is None:
            continue
        waits_for = all_states()[case.state].waits_for
        unit = case.assignee if waits_for == "assignee" else office
        chief = chiefs.get(case.pk) if waits_for == "assignee" else None
        spent = working_time(own.calendar, stands.due.at, now)
        supervision = said.get(case.pk)
        shown.append(
            OverdueCase(
                brief=show_brief(case, account, now, language, own, mine),
                unit=unit.name if unit else "",
                unit_code=unit.code if unit else "",
                holder=chief.holder if chief else "",
                phone=(chief.phone if chief else "") or (unit.phone if unit else ""),
                since=stands.due.at,
                late_text=_late_text(spent, own, language),
                supervision=_supervision(supervision, now, language) if supervision else "",
                may_supervise="supervise" in account.the_role.may,
            )
        )
    return sorted(shown, key=lambda one: one.since)


def _late_text(spent: timedelta, own: Clocks, language: str) -> str:
    """How late in working time: whole working days, below one day in hours."""
    days = int(spent / timedelta(microseconds=own.calendar.day_length))
    if days < 1:
        return say("late_hours", language, n=max(1, round(spent / timedelta(hours=1))))
    return say("late_days", language, n=days)


def _supervisions(cases: Sequence[Case]) -> Mapping[int, Transition]:
    """The last supervision of each of ``cases`` that has one."""
    rows = Transition.objects.filter(
        case__in=[case.pk for case in cases if case.supervised_at], is_change=False, details__act="supervise"
    )
    return {row.case_id: row for row in rows.order_by("order")}


def _supervision(entry: Transition, now: datetime, language: str) -> str:
    when = time_text(entry.at_server, now, language)
    return say("supervised_by", language, by=entry.actor_name, when=when, reason=entry.reason)


def _chiefs(cases: Sequence[Case], now: datetime) -> Mapping[int, Responsibility]:
    """The person of the unit it was sent to who answers for the place of each case, where one does."""
    pairs = duties_on(local(now).date())
    rows = {id(duty): row for duty, row in pairs}
    duties = [duty for duty, _ in pairs]
    found = {}
    for case in cases:
        if case.reach is None:
            continue
        answering = who_answers(duties, case.reach.code, Bank(case.bank), local(now).date())
        of_unit = [duty for duty in answering if case.assignee and duty.unit == case.assignee.code]
        if of_unit:
            found[case.pk] = rows[id(of_unit[0])]
    return found
