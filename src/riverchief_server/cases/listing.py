"""Many cases at once: counted, ranked and paged in the database by comparisons, without a due time that is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case as Choose
from django.db.models import Count, Exists, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from riverchief.case.machine import all_states, states_that
from riverchief_server.cases.clock import Clocks, clocks, reached
from riverchief_server.cases.models import Case, Episode, Transition
from riverchief_server.cases.queries import DOING, OPEN_STATES, visible_to
from riverchief_server.parties.models import Account


@dataclass(frozen=True)
class Load:
    """How many cases are open, overdue, due soon, and without any deadline; ``worst`` is the number of the worst."""

    open: int = 0
    overdue: int = 0
    due_soon: int = 0
    no_deadline: int = 0
    worst: str | None = None

    @property
    def level(self) -> str:
        """The level of the worst of them."""
        if not self.open:
            return "none"
        return "overdue" if self.overdue else "due_soon" if self.due_soon else "open"


@dataclass(frozen=True)
class Reached:
    """The conditions "is overdue" and "80 % of its time is gone" at one moment, worked out once for several lists."""

    overdue: Q
    soon: Q
    timeless: Q


def reached_now(now: datetime, own: Clocks | None = None) -> Reached:
    """Both conditions at ``now``, and that of an open case for which no deadline is laid down."""
    own = own or clocks()
    return Reached(reached(now, 0, own), reached(now, 80, own), Q(state__in=OPEN_STATES, allowed="", decided_at=None))


def load_of(cases: QuerySet[Case], at: Reached) -> Load:
    """The load of ``cases``."""
    return Load(**plain(cases).filter(state__in=OPEN_STATES).aggregate(**_sums(at)))


def load_by(cases: QuerySet[Case], field: str, at: Reached) -> Mapping[int | None, Load]:
    """The load of ``cases`` for each value of ``field``, such as ``reach_id``."""
    numbers = {
        "any": Min("number"),
        "late": Min("number", filter=at.overdue),
        "soon": Min("number", filter=at.soon),
    }
    rows = plain(cases).filter(state__in=OPEN_STATES).values(field).annotate(**_sums(at), **numbers)
    return {
        row[field]: Load(
            row["open"],
            row["overdue"],
            row["due_soon"],
            row["no_deadline"],
            row["late"] or row["soon"] or row["any"],
        )
        for row in rows.order_by()
    }


def inbox(account: Account) -> QuerySet[Case]:
    """The cases whose next step ``account`` may take now: its turn, not its own work, and not held up by the water."""
    turns = {code: state.waits_for for code, state in all_states().items() if state.is_open}
    of_role = [code for code, turn in turns.items() if turn == account.role]
    own = Q(state__in=of_role)
    if account.unit_id is not None:
        own |= Q(state__in=[code for code, turn in turns.items() if turn == "assignee"], assignee=account.unit_id)
    found = visible_to(account).filter(own)
    if any(code in of_role for code in DOING):
        found = found.exclude(Exists(_done_by(account)))
    still_over = Episode.objects.filter(case=OuterRef("pk"), ended_at=None)
    return found.exclude(Q(state="verified") & Exists(still_over))


def waiting_for(account: Account, cases: Collection[Case]) -> set[int]:
    """The keys of those of ``cases`` that wait for ``account``."""
    return set(plain(inbox(account)).filter(pk__in=[case.pk for case in cases]).values_list("pk", flat=True))


def most_urgent_first(cases: QuerySet[Case], at: Reached) -> QuerySet[Case]:
    """Overdue before due soon before the rest; of those alike whoever has waited longest."""
    rank = Choose(
        When(at.overdue, then=Value(0)), When(at.soon, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    return cases.annotate(rank=rank).order_by("rank", "clock_since", "pk")


def plain(cases: QuerySet[Case]) -> QuerySet[Case]:
    """``cases`` without their neighbours, for counting."""
    return cases.select_related(None).order_by()


def seen_open(account: Account) -> QuerySet[Case]:
    """The open cases that ``account`` may see."""
    return visible_to(account).filter(state__in=OPEN_STATES)


def _sums(at: Reached) -> dict[str, Count]:
    return {
        "open": Count("pk"),
        "overdue": Count("pk", filter=at.overdue),
        "due_soon": Count("pk", filter=at.soon & ~at.overdue),
        "no_deadline": Count("pk", filter=at.timeless),
    }


def _done_by(account: Account) -> QuerySet[Transition]:
    """The steps by which ``account`` or its unit did the work since the case was last re-opened."""
    of_case = Transition.objects.filter(case=OuterRef("case"), is_change=True, to_state__in=states_that("new_leg"))
    reopened = of_case.order_by().values("case").annotate(last=Max("order")).values("last")
    by = Q(actor=account.pk) | (Q(actor_unit=account.unit_id) if account.unit_id else Q(pk__in=[]))
    return Transition.objects.filter(
        by,
        case=OuterRef("pk"),
        is_change=True,
        to_state__in=DOING,
        order__gt=Coalesce(Subquery(reopened), 0),
    ).order_by()
