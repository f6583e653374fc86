"""The waits of a case: each state it was in is a wait with its own clock, and re-opening begins a new leg."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from riverchief.case.deadline.count import Pause
from riverchief.case.deadline.rules import DeadlineRule
from riverchief.case.machine import states_that

#: The states whose entry ends a leg and begins the next.
NEW_LEG = states_that("new_leg")
#: The states that last until a day somebody approved; in them other clocks stand still, whatever their rows say.
UNTIL_A_DAY = states_that("until_a_day")
#: The states for which a day is decided, at dispatch or by an extension.
PUT_RIGHT = states_that("put_right")


@dataclass(frozen=True)
class Event:
    """One step of a history: when which state was entered, and the day that was decided with it, if one was."""

    at: datetime
    state: str
    due_at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Wait:
    """The stay of a case in one state. ``clock_since`` is when its clock began, which may be before it was entered.

    ``decided_due`` is a day that a person set (at dispatch, by an extension, by a suspension), ``decided_at`` when;
    ``pauses`` are the times since then in which the clock stood still; ``left_at`` is ``None`` for the last one.
    """

    state: str
    leg: int
    entered_at: datetime
    clock_since: datetime
    left_at: datetime | None = None
    decided_due: datetime | None = None
    decided_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()


def waits_of(events: Sequence[Event], rule_of: Callable[[str, datetime], DeadlineRule | None]) -> list[Wait]:
    """The waits in ``events`` (in order of time); ``rule_of`` gives the row for a state whose clock began then.

    A day that was decided holds for the state that the case is put right in, from its decision to the end of the leg.
    """
    found: list[Wait] = []
    leg = 1
    for position, event in enumerate(events):
        if event.state in NEW_LEG:
            leg += 1
        left_at = events[position + 1].at if position + 1 < len(events) else None
        before = _of_leg(events[: position + 1])
        rule = rule_of(event.state, event.at)
        since = _clock_since(before, rule)
        decided_at, decided = _decided(before)
        stands_still_in = (rule.stands_still_in if rule else frozenset()) | UNTIL_A_DAY
        pauses = _pauses(before, decided_at or since, stands_still_in)
        found.append(Wait(event.state, leg, event.at, since, left_at, decided, decided_at, pauses))
    return found


def _of_leg(events: Sequence[Event]) -> Sequence[Event]:
    start = max((n for n, event in enumerate(events) if event.state in NEW_LEG), default=0)
    return events[start:]


def _clock_since(events: Sequence[Event], rule: DeadlineRule | None) -> datetime:
    entered = events[-1].at
    if rule is None or rule.counts_from == "entered":
        return entered
    return next((event.at for event in reversed(events) if event.state == rule.counts_from), entered)


def _decided(events: Sequence[Event]) -> tuple[datetime | None, datetime | None]:
    """When a day was decided that holds for the last state of ``events``, and which."""
    last = events[-1]
    if last.state in UNTIL_A_DAY:
        return (last.at, last.until) if last.until else (None, None)
    if last.state not in PUT_RIGHT:
        return None, None
    made = next((event for event in reversed(events) if event.due_at is not None), None)
    return (made.at, made.due_at) if made else (None, None)


def _pauses(events: Sequence[Event], since: datetime, states: frozenset[str]) -> tuple[Pause, ...]:
    stays = itertools.pairwise(events)
    return tuple(
        Pause(max(stay.at, since), after.at) for stay, after in stays if stay.state in states and after.at > since
    )
