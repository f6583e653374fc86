"""The clocks of cases: the county's calendar and rows of deadlines, how a case stands, and which of many are late.

No due time is kept. A case's row keeps what its history says about its clock (since when, paused when, a day that was
decided) and how much time is allowed, so that lists of many cases are filtered by comparisons in SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q

from riverchief.case.deadline import (
    DeadlineRule,
    Event,
    Pause,
    SpecialDay,
    Standing,
    Wait,
    WorkingCalendar,
    find_rule,
    last_start_reaching,
    read_calendar,
    shipped_calendar,
    shipped_rules,
    standing_of,
    waits_of,
    years_of,
)
from riverchief.case.deadline.wait import PUT_RIGHT, UNTIL_A_DAY
from riverchief.case.machine import all_states
from riverchief_server.cases.models import CalendarDay, Case, DeadlineRow, Transition
from riverchief_server.settings.options import option

#: A case without a region, such as one reported without a place, is judged by the rows that hold everywhere.
NOWHERE = ""


@dataclass(frozen=True)
class Clocks:
    """The calendar and the rows of deadlines as they are now; ``version`` changes with either."""

    calendar: WorkingCalendar
    rules: tuple[DeadlineRule, ...]
    version: str

    def rule_for(self, case: Case, state: str, since: datetime) -> DeadlineRule | None:
        """The row that holds for ``case`` in ``state`` where its clock began at ``since``."""
        region = case.region_id or NOWHERE
        return find_rule(self.rules, state, case.categories, case.severity, region, self.calendar.local_day(since))


def clocks() -> Clocks:
    """The county's calendar and deadlines; read again whenever a row was added."""
    days = tuple(CalendarDay.objects.order_by("id").values_list("day", "kind", "name"))
    rows = DeadlineRow.objects.order_by("id").values_list(*ROW_FIELDS)
    return _clocks(days, tuple(rows), option("office_hours"))


def wait_of(case: Case) -> Wait:
    """The wait that ``case`` is in, as its row says."""
    decided = case.suspended_until if case.state in UNTIL_A_DAY else case.due_at if case.decided_at else None
    pauses = tuple(Pause(datetime.fromisoformat(begins), datetime.fromisoformat(ends)) for begins, ends in case.pauses)
    since = case.clock_since or case.opened_at
    return Wait(case.state, 1, since, since, None, decided, case.decided_at, pauses)


def standing(case: Case, now: datetime, own: Clocks | None = None) -> Standing:
    """How ``case`` stands at ``now``; a finished one, or one for whose state nothing is laid down, has no due time."""
    if not all_states()[case.state].is_open:
        return Standing(None)
    own = own or clocks()
    return standing_of(wait_of(case), allowed_by(case, own), own.calendar, now)


def allowed_by(case: Case, own: Clocks) -> DeadlineRule | None:
    """The row behind ``allowed`` of a case's row."""
    return own.rule_for(case, case.state, case.clock_since or case.opened_at)


def level_of(case: Case, now: datetime, own: Clocks | None = None) -> str:
    """How the case stands: none (finished), no_deadline, open, due_soon (80 % of its time is gone) or overdue."""
    if not all_states()[case.state].is_open:
        return "none"
    stands = standing(case, now, own)
    if stands.due is None:
        return "no_deadline"
    return "overdue" if stands.is_overdue else "due_soon" if stands.percent else "open"


def all_waits(case: Case, own: Clocks) -> list[Wait]:
    """Every wait of the case's history, each leg with its own clocks."""
    return waits_of(events_of(case.transitions.all()), lambda state, since: own.rule_for(case, state, since))


def events_of(entries: Iterable[Transition]) -> list[Event]:
    """The steps of a history (in order) as the domain sees them; what changed no state is left out."""
    return [
        Event(entry.at_server, entry.to_state, _moment(entry, "due_at"), _moment(entry, "until"))
        for entry in entries
        if entry.is_change
    ]


def set_clock(case: Case, own: Clocks, newest: Event | None = None) -> None:
    """Write on the case's row what its history (and ``newest``, which is not in it yet) says about its clock."""
    events = events_of(case.transitions.order_by("order")) + ([newest] if newest else [])
    if not events:
        return
    wait = waits_of(events, lambda state, since: own.rule_for(case, state, since))[-1]
    rule = own.rule_for(case, wait.state, wait.clock_since)
    case.clock_since = wait.clock_since
    case.decided_at = wait.decided_at
    case.pauses = [[pause.begins.isoformat(), pause.ends.isoformat()] for pause in wait.pauses]
    case.has_pauses = bool(wait.pauses)
    case.allowed = key_of(rule)
    case.clock_version = own.version


def settle_clocks(own: Clocks | None = None) -> int:
    """Bring the rows of open cases up to the calendar and deadlines as they are now; return how many were behind."""
    own = own or clocks()
    open_states = [code for code, state in all_states().items() if state.is_open]
    behind = list(
        Case.objects.filter(state__in=open_states).exclude(clock_version=own.version).prefetch_related("transitions")
    )
    for case in behind:
        set_clock(case, own)
    Case.objects.bulk_update(
        behind, ["clock_since", "decided_at", "pauses", "has_pauses", "allowed", "clock_version"], batch_size=500
    )
    return len(behind)


def key_of(rule: DeadlineRule | None) -> str:
    """How much time a row allows, as a case's row keeps it."""
    return f"{rule.amount:g} {rule.unit}" if rule else ""


def reached(now: datetime, percent: int, own: Clocks | None = None) -> Q:
    """The condition that an open case has reached ``percent`` of its time (0: is overdue), for one comparison a row.

    Cases that were paused, or for which a day was decided, are looked at one by one where their time could be up.
    """
    own = own or clocks()
    open_states = [code for code, state in all_states().items() if state.is_open]
    condition = Q(pk__in=[])
    for key, rule in {key_of(rule): rule for rule in own.rules}.items():
        border = last_start_reaching(rule, own.calendar, now, percent)
        condition |= Q(allowed=key, clock_since__lt=border)
    plain = Q(state__in=open_states, has_pauses=False, decided_at=None) & condition
    decided = Case.objects.filter(state__in=open_states, decided_at__isnull=False)
    others = Case.objects.filter(state__in=open_states, has_pauses=True, decided_at=None)
    if percent == 0:
        # A decided day that was never paused is itself the due time.
        plain |= Q(state__in=UNTIL_A_DAY, suspended_until__lt=now)
        plain |= Q(state__in=PUT_RIGHT, has_pauses=False, decided_at__isnull=False, due_at__lt=now)
        decided = decided.filter(has_pauses=True, state__in=PUT_RIGHT, due_at__lt=now)
    looked_at = [*decided.only(*CLOCK_FIELDS), *others.only(*CLOCK_FIELDS)]
    late = [case.pk for case in looked_at if _is_reached(standing(case, now, own), percent)]
    return plain | Q(pk__in=late)


CLOCK_FIELDS = (
    "state", "severity", "categories", "region_id", "opened_at", "due_at", "suspended_until", "clock_since",
    "decided_at", "pauses",
)  # fmt: skip


ROW_FIELDS = ("state", "category", "severity", "jurisdiction", "begins", "amount", "unit", "reason")


def note_day(day: date, kind: str, name: str, reason: str, by: Any, now: datetime) -> CalendarDay:
    """Say that ``day`` is a ``holiday``, a ``makeup`` day or ``ordinary``; what was said before is kept."""
    return CalendarDay.objects.create(day=day, kind=kind, name=name, reason=reason, noted_at=now, noted_by=by)


def _is_reached(stands: Standing, percent: int) -> bool:
    return stands.is_overdue if percent == 0 else stands.percent >= percent


def _moment(entry: Transition, name: str) -> datetime | None:
    given = entry.details.get(name)
    return datetime.fromisoformat(given) if given else None


@lru_cache(maxsize=8)
def _clocks(days: tuple[tuple[Any, ...], ...], rows: tuple[tuple[Any, ...], ...], hours: str) -> Clocks:
    base = read_calendar(hours or shipped_calendar())
    special = dict(base.special)
    for day, kind, name in days:
        if kind == "ordinary":
            special.pop(day, None)
        else:
            special[day] = SpecialDay(kind == "makeup", name, name)
    known = None if base.known_years is None else base.known_years | years_of(special)
    rules = shipped_rules() + tuple(own_rule(row) for row in rows)
    facts = repr((hours, days, [tuple(vars(rule).items()) for rule in rules]))
    version = hashlib.sha256(facts.encode()).hexdigest()[:12]
    return Clocks(replace(base, special=special, known_years=known), rules, version)


def own_rule(cells: tuple[Any, ...]) -> DeadlineRule:
    """A row of the county's own as the domain sees it; where its clock starts and stands still is its state's."""
    state, category, severity, jurisdiction, begins, amount, unit, reason = cells
    since, still = _counts_from(state), _stands_still_in(state)
    return DeadlineRule(state, category, severity, jurisdiction, begins, amount, unit, since, still, reason)


def _counts_from(state: str) -> str:
    return next((rule.counts_from for rule in shipped_rules() if rule.state == state), "entered")


def _stands_still_in(state: str) -> frozenset[str]:
    return next((rule.stands_still_in for rule in shipped_rules() if rule.state == state), frozenset())
