"""Questions about patrols: when somebody last walked each reach."""

from __future__ import annotations

from datetime import datetime

from riverchief_server.patrols.models import Patrol


def last_patrols(at: datetime) -> dict[int, Patrol]:
    """The newest counted patrol of each reach that ended not after ``at``, by reach."""
    found: dict[int, Patrol] = {}
    for patrol in Patrol.objects.filter(counts=True, ended_at__lte=at).order_by("reach_id", "-ended_at"):
        found.setdefault(patrol.reach_id, patrol)
    return found
