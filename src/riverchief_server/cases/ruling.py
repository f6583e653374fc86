"""Changes of the calendar and the deadlines: added and never overwritten; every open case follows at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from riverchief.case.deadline import DeadlineRule, due_of
from riverchief.case.machine import all_states
from riverchief.errors import BadInput, Fault, unknown_name
from riverchief_server.cases.clock import clocks, note_day, own_rule, settle_clocks, wait_of
from riverchief_server.cases.models import Case, DeadlineRow
from riverchief_server.cases.queries import OPEN_STATES, category_words, words
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Region

LOOKED_AT = 2000


@dataclass(frozen=True)
class NewRule:
    """A row of the county's own as it is asked for."""

    state: str
    category: str
    severity: str
    jurisdiction: str
    begins: date
    amount: float
    unit: str
    reason: str


@dataclass(frozen=True)
class Move:
    """An open case whose due time a new row would move."""

    case: Case
    before: datetime | None
    after: datetime | None


@transaction.atomic
def add_rule(new: NewRule, by: Account, now: datetime) -> DeadlineRow:
    """Add a row; raises :class:`~riverchief.errors.BadInput` naming every cell that means nothing."""
    _check(new)
    row = DeadlineRow.objects.create(**vars(new), noted_at=now, noted_by=by)
    settle_clocks()
    return row


@transaction.atomic
def add_day(day: date, kind: str, name: str, reason: str, by: Account, now: datetime) -> None:
    """Say what ``day`` is; every due time follows."""
    note_day(day, kind, name, reason, by, now)
    settle_clocks()


def moved_by(new: NewRule) -> tuple[list[Move], int]:
    """The open cases in the state of ``new`` that it would move, and how many were looked at (2000 at most)."""
    _check(new)
    own = clocks()
    changed = replace(own, rules=(*own.rules, _rule(new)))
    cases = list(Case.objects.filter(state=new.state)[:LOOKED_AT])
    moves = []
    for case in cases:
        wait = wait_of(case)
        since = wait.clock_since
        before = due_of(wait, own.rule_for(case, case.state, since), own.calendar)
        after = due_of(wait, changed.rule_for(case, case.state, since), own.calendar)
        if before != after:
            moves.append(Move(case, before.at if before else None, after.at if after else None))
    return moves, len(cases)


def _rule(new: NewRule) -> DeadlineRule:
    cells = (new.state, new.category, new.severity, new.jurisdiction, new.begins, new.amount, new.unit, new.reason)
    return own_rule(cells)


def _check(new: NewRule) -> None:
    faults = []
    if new.state not in OPEN_STATES:
        allowed = "、".join(all_states()[code].name_zh for code in OPEN_STATES)
        faults.append(Fault("not_one_of", column="state", details={"given": new.state, "allowed": allowed}))
    if new.category and new.category not in category_words():
        faults.append(unknown_name("unknown_category", new.category, list(category_words()), column="category"))
    severities = words("severities.csv", "severity")
    if new.severity and new.severity not in severities:
        details = {"given": new.severity, "allowed": ", ".join(severities)}
        faults.append(Fault("not_one_of", column="severity", details=details))
    if new.jurisdiction and not Region.objects.filter(code__startswith=new.jurisdiction).exists():
        known = list(Region.objects.values_list("code", flat=True))
        faults.append(unknown_name("unknown_region", new.jurisdiction, known, column="jurisdiction"))
    if new.unit != "work_hours" and new.amount != int(new.amount):
        details = {"given": f"{new.amount:g}", "allowed": "1, 2, 3"}
        faults.append(Fault("bad_number", column="amount", details=details))
    if faults:
        raise BadInput(faults)
