"""An episode that is work is traced without being asked, again when it has gone on, and its case says what came out."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from riverchief.case.episode import episode_rules
from riverchief.errors import RiverchiefError
from riverchief.tracing.trace import SURE
from riverchief_server.cases.actions import note
from riverchief_server.cases.models import Case, Episode
from riverchief_server.cases.queries import OPEN_STATES
from riverchief_server.cases.tracing import trace_of_episode, traceable_items, traced_text
from riverchief_server.runs.actions import ask
from riverchief_server.runs.models import DONE, RUNNING, WAITING, Result, Run
from riverchief_server.runs.traces import KIND, told_of

log = logging.getLogger(__name__)

#: The items of one episode that are traced by themselves, the first that exceeded first; and how many such runs wait.
MOST_ITEMS, MOST_WAITING = 2, 2
#: A trace is computed again when the episode has gone on for so long, and once more when it has ended.
AGAIN_AFTER = timedelta(hours=8)
#: Questions that were refused (no samples yet, no outfall above) are not put together again by this process.
_refused: set[UUID] = set()


def trace_by_itself(now: datetime) -> int:
    """Ask for the traces that are due, the newest episodes first, and tell cases what earlier ones found; return how
    many were asked for. Looking twice asks once."""
    tell_cases(now)
    since = now - timedelta(days=episode_rules()["opens_case_within"])
    waiting = Run.objects.filter(kind=KIND, asked_by=None, state__in=[WAITING, RUNNING]).count()
    asked = 0
    episodes = Episode.objects.filter(last_exceeding_at__gte=since).select_related("place").order_by("-started_at")
    for episode in episodes:
        for item in traceable_items(episode)[:MOST_ITEMS]:
            if waiting + asked >= MOST_WAITING:
                return asked
            uuid = _uuid_of(episode, item)
            if uuid in _refused or Run.objects.filter(uuid=uuid).exists():
                continue
            try:
                ask(trace_of_episode(episode, item, uuid, now), None, now)
            except RiverchiefError as refused:
                log.info("episode %s is not traced for %s: %s", episode.pk, item, refused.text("en"))
                _refused.add(uuid)
            else:
                asked += 1
    return asked


def tell_cases(now: datetime) -> int:
    """Append to the case of each episode what a trace that nobody asked for has found; return how many were told."""
    told = 0
    ready = Run.objects.filter(kind=KIND, asked_by=None, state=DONE, repeats=None).exclude(summary__has_key="told")
    for run in ready.defer("inputs").order_by("ended_at", "id"):
        with transaction.atomic():
            case = Case.objects.filter(episodes=told_of(run)["episode"], state__in=OPEN_STATES).first()
            if case is not None:
                evidence = _evidence(run)
                note(case, traced_text(str(evidence["because"]), evidence, "zh"), None, now, evidence)
                told += 1
            Run.objects.filter(pk=run.pk).update(summary={**run.summary, "told": case is not None})
    return told


def _uuid_of(episode: Episode, item: str) -> UUID:
    """The same question is the same run: how long the episode has lasted in steps of :data:`AGAIN_AFTER`, and whether
    it has ended."""
    lasted = (episode.last_exceeding_at - episode.started_at) // AGAIN_AFTER
    state = "ended" if episode.ended_at else str(lasted)
    return uuid5(
        NAMESPACE_URL, f"riverchief:trace:{episode.place.code}:{episode.started_at.isoformat()}:{item}:{state}"
    )


def _evidence(run: Run) -> dict[str, Any]:
    """What stands in the case's history: who it may have been, or why nobody is named."""
    result = Result.objects.get(run=run)
    told = told_of(run)
    named = told["best"] if told["hypotheses"]["release"] >= SURE and not told["is_open"] else None
    return {
        "because": "traced_itself" if named else "traced_nobody",
        "run": str(run.uuid),
        "sha256": result.sha256,
        "episode": told["episode"],
        "parameter": told["parameter"],
        "name": (named["name"] or named["id"].removeprefix("reach:")) if named else "",
        "probability": named["probability"] if named else 0.0,
        "count": len(told["set90"]),
        "statement": result.content["statement"],
    }
