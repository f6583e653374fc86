"""Cases like a new one: open ones that may be the same problem, and one signed off that may have come back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from riverchief.case.likeness import are_of_one_kind, distance_m, is_near, likeness_rules
from riverchief_server.cases.models import Case
from riverchief_server.cases.queries import OPEN_STATES
from riverchief_server.places.models import Reach

AT_MOST = 5


@dataclass(frozen=True)
class Alike:
    """A case like the one asked about, and how far from it [m]."""

    case: Case
    metres: float


def similar_open(
    cases: QuerySet[Case], reach: Reach, lon: float, lat: float, categories: Collection[str]
) -> list[Alike]:
    """The open ones of ``cases`` on ``reach``, of the same kind and within 250 m; the nearest first, five at most."""
    return _alike(cases.filter(state__in=OPEN_STATES), reach, lon, lat, categories)[:AT_MOST]


def come_back(case: Case, now: datetime) -> Case | None:
    """The case signed off within 90 days of which ``case`` is likely the return; the last one signed off."""
    if case.reach is None or case.lon is None or case.lat is None:
        return None
    since = now - timedelta(days=likeness_rules()["recurrence_within"])
    closed = Case.objects.filter(state="closed", closed_at__gte=since).exclude(pk=case.pk)
    found = _alike(closed, case.reach, case.lon, case.lat, case.categories)
    return max((one.case for one in found), key=lambda old: old.closed_at or since, default=None)


def _alike(cases: QuerySet[Case], reach: Reach, lon: float, lat: float, categories: Collection[str]) -> list[Alike]:
    near = Q(lon__isnull=False, lat__isnull=False)
    found = []
    for case in cases.filter(near, reach=reach):
        metres = distance_m(lon, lat, case.lon or 0.0, case.lat or 0.0)
        if is_near(metres) and are_of_one_kind(categories, case.categories):
            found.append(Alike(case, metres))
    return sorted(found, key=lambda one: one.metres)
