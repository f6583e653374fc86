"""Who is told of a case: those whose turn it is, and the parts that an act or a rung of the ladder names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from riverchief.case.machine import all_states
from riverchief.party.region import contains
from riverchief.place.bank import Bank
from riverchief_server.cases.models import Case, Transition
from riverchief_server.notices.actions import tell
from riverchief_server.parties.models import Account
from riverchief_server.parties.queries import answering

SAME = "same"


def tell_whose_turn_it_is(case: Case, entry: Transition, now: datetime) -> int:
    """Tell everybody who may take the next step of ``case``, but for whoever has just moved it."""
    state = all_states()[case.state]
    if not state.is_open:
        return 0
    told = [account for account in accounts_of(case, [state.waits_for], now) if account.pk != entry.actor_id]
    return tell(told, "turn", f"step {entry.uuid}", href_of(case), details_of(case), now)


def tell_reporters(case: Case, entry: Transition, now: datetime) -> int:
    """Tell whoever reported ``case``, and whoever saw it too, how it ended: once, however often they said so."""
    if all_states()[case.state].is_open:
        return 0
    saw = case.transitions.filter(is_change=False, details__act=SAME, actor__isnull=False).values_list("actor")
    told = Account.objects.filter(Q(reported_cases=case) | Q(pk__in=saw)).distinct()
    told = told.exclude(pk=entry.actor_id) if entry.actor_id else told
    return tell(told, "solved", f"end {entry.uuid}", href_of(case), details_of(case), now)


def accounts_of(case: Case, parts: Iterable[str], now: datetime) -> list[Account]:
    """The accounts behind ``parts``: ``assignee``, ``reach_chief``, ``upper_chief`` or a role, each account once."""
    found: dict[int, Account] = {}
    for part in parts:
        for account in _accounts(case, part, now):
            found[account.pk] = account
    return list(found.values())


def href_of(case: Case) -> str:
    """Where the desk shows ``case``."""
    return f"/desk/cases/{case.number}"


def details_of(case: Case, **more: Any) -> Mapping[str, Any]:
    """What a notice about ``case`` is worded with."""
    return {"case": case.title, "number": case.number, "state": case.state, **more}


def _accounts(case: Case, part: str, now: datetime) -> Iterable[Account]:
    active = Account.objects.filter(is_active=True).select_related("unit")
    if part == "assignee":
        return active.filter(unit=case.assignee_id) if case.assignee_id else []
    if part in {"reach_chief", "upper_chief"}:
        return _chiefs(case, active, now, is_upper=part == "upper_chief")
    return [account for account in active.filter(role=part) if _looks_after(account, case)]


def _chiefs(case: Case, active: QuerySet[Account], now: datetime, *, is_upper: bool) -> QuerySet[Account]:
    """The accounts of the units that answer for the place: township and village, or the county above them."""
    duties = answering(case.reach, Bank(case.bank), now.date()) if case.reach else []
    units = {duty.unit_id for duty in duties if (duty.level == "county") == is_upper}
    roles = Q(role="county_chief") if is_upper else Q(role__in=["township_chief", "village_chief"])
    return active.filter(roles, unit__in=units)


def _looks_after(account: Account, case: Case) -> bool:
    region = account.region_id or (account.unit.region_id if account.unit else None)
    return region is not None and (case.region_id is None or contains(region, case.region_id))
