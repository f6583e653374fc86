"""Questions about cases: who may see which, whose turn it is, and the facts the rules ask for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from riverchief.case.history import first_broken
from riverchief.case.machine import SYSTEM, Actor, CaseFacts, all_states, states_that
from riverchief.table import read_table
from riverchief_server.cases.models import Case, Transition
from riverchief_server.parties.models import Account
from riverchief_server.parties.queries import scope_prefix

DOING = states_that("work_done")
OPEN_STATES = tuple(code for code, state in all_states().items() if state.is_open)


def actor_of(account: Account | None) -> Actor:
    """The account as the rules see it; ``None`` is the system."""
    if account is None:
        return Actor("", SYSTEM)
    return Actor(account.username, account.role, account.unit.code if account.unit else None)


def case_facts(case: Case) -> CaseFacts:
    """The case as the rules see it. Whoever did the work since it was last reopened may not verify it."""
    steps = list(case.transitions.select_related("actor", "actor_unit").filter(is_change=True))
    since = max((step.order for step in steps if step.to_state in states_that("new_leg")), default=0)
    done = [step for step in steps if step.to_state in DOING and step.order > since]
    return CaseFacts(
        state=case.state,
        assignee_unit=case.assignee.code if case.assignee else None,
        reporter=case.reporter.username if case.reporter else None,
        done_by=frozenset(step.actor.username for step in done if step.actor),
        done_by_units=frozenset(step.actor_unit.code for step in done if step.actor_unit),
        episode_is_over=not case.episodes.filter(ended_at=None).exists(),
        steps_taken=tuple(step.to_state for step in steps),
    )


def visible_to(account: Account) -> QuerySet[Case]:
    """The cases that ``account`` may see: those of its region, or only its own unit's; default is none."""
    if "see" not in account.the_role.may:
        return Case.objects.none()
    own = Q(reporter=account)
    if account.unit is not None:
        own |= Q(assignee=account.unit)
    prefix = scope_prefix(account)
    sees_region = account.the_role.scope == "region" or (account.unit is not None and account.unit.kind != "department")
    if sees_region:
        own |= Q(region__code__startswith=prefix)
    if account.the_role.scope == "region" and len(prefix) <= 6:
        own |= Q(region=None)
    return Case.objects.filter(own).select_related("reach", "assignee", "suggested_unit", "reporter", "region", "place")


def broken_entry(case: Case) -> int | None:
    """The position of the first entry of the history that was tampered with; ``None`` where none was."""
    entries: list[Transition] = list(case.transitions.prefetch_related("attachments"))
    return first_broken((entry.hash, facts_of(entry, [p.sha256 for p in entry.attachments.all()])) for entry in entries)


def facts_of(entry: Transition, photos: Sequence[str]) -> dict[str, Any]:
    """What the hash of an entry is taken over."""
    return {
        "uuid": str(entry.uuid),
        "case": entry.case.number,
        "order": entry.order,
        "from": entry.from_state,
        "to": entry.to_state,
        "is_change": entry.is_change,
        "actor": entry.actor_name,
        "role": entry.actor_role,
        "on_behalf_of": entry.on_behalf_of,
        "at": round(entry.at_server.timestamp() * 1000),
        "at_device": round(entry.at_device.timestamp() * 1000) if entry.at_device else None,
        "lon": entry.lon,
        "lat": entry.lat,
        "reason": entry.reason,
        "details": [f"{name}={entry.details[name]}" for name in sorted(entry.details)],
        "photos": sorted(photos),
    }


@cache
def category_words() -> dict[str, dict[str, str]]:
    """The categories of problems by code: family, Chinese, English."""
    return {row["code"]: row for row in read_table("riverchief.case", "categories.csv")}


@cache
def words(table: str, key: str) -> dict[str, dict[str, str]]:
    """A small table of the case room by its key column, such as ``words("severities.csv", "severity")``."""
    return {row[key]: row for row in read_table("riverchief.case", table)}
