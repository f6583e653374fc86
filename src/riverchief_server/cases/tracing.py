"""From an episode to its source: the trace to ask for, and the case that is opened where the source is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from riverchief.errors import BadInput, Fault, unknown_name
from riverchief.parameter import find_parameter
from riverchief_server.cases.actions import NewCase, note, open_case
from riverchief_server.cases.models import Case, Episode
from riverchief_server.cases.queries import words
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Place, Reach
from riverchief_server.runs.actions import NewRun
from riverchief_server.runs.models import DONE, Result, Run
from riverchief_server.runs.queries import runs_of
from riverchief_server.runs.traces import KIND, LONGEST, TraceAsked, is_traceable, told_of, trace_run

#: Cases so far back speak against an outfall (``candidate_odds.csv``).
REMEMBERED = timedelta(days=730)
SUSPECTED = "covert_discharge"
SOURCE = "trace"


def trace_of_episode(episode: Episode, parameter: str, uuid: UUID, now: datetime) -> NewRun:
    """The trace to ask for. Raises ``BadInput``: ``not_one_of`` for an item that cannot be traced, and as
    :func:`~riverchief_server.runs.traces.trace_run` does."""
    allowed = traceable_items(episode)
    chosen = find_parameter(parameter).code if parameter else next(iter(allowed), "")
    if chosen not in allowed:
        details = {"given": parameter or "—", "allowed": ", ".join(allowed) or "mg/L"}
        raise BadInput([Fault("not_one_of", column="parameter", details=details)])
    ended = min(episode.ended_at or episode.last_exceeding_at, episode.started_at + LONGEST)
    asked = TraceAsked(
        uuid,
        episode.place.code,
        chosen,
        episode.started_at,
        ended,
        cases_of_outfalls(now),
        {"episode": episode.pk},
    )
    return trace_run(asked, now)


def traceable_items(episode: Episode) -> list[str]:
    """The items of an episode that water carries along: concentrations, and not what is missing, such as oxygen."""
    return [item for item in episode.items if is_traceable(item)]


def traces_of(episode: Episode, account: Account) -> list[Run]:
    """The traces of an episode that ``account`` may read, the newest first."""
    return list(runs_of(KIND, account).filter(summary__episode=episode.pk))


def newest_answers(episodes: Collection[int], account: Account) -> dict[int, Run]:
    """The newest finished trace of each of ``episodes`` (keys) that has one and that ``account`` may read."""
    found: dict[int, Run] = {}
    for run in runs_of(KIND, account).filter(state=DONE, summary__episode__in=list(episodes)):
        found.setdefault(told_of(run)["episode"], run)
    return found


def cases_of_outfalls(now: datetime) -> Mapping[str, int]:
    """How many cases each outfall had of late, by its code."""
    recent = Case.objects.filter(place__kind="outfall", opened_at__gte=now - REMEMBERED)
    return Counter(recent.values_list("place__code", flat=True))


@transaction.atomic
def open_case_at(run: Run, candidate: str, uuid: UUID, by: Account, now: datetime) -> tuple[Case, bool]:
    """Open a case at a candidate of a finished trace, with the trace as evidence in its history; the same ``uuid``
    again gives the case that is there and ``False``.

    Raises ``BadInput``: ``not_found`` for a trace without answer, ``unknown_candidate``.
    """
    result = Result.objects.filter(run=run).first() if run.state == DONE else None
    if result is None:
        raise BadInput([Fault("not_found", details={"given": str(run.uuid)})])
    ranked = {one["id"]: one for one in result.content["candidates"]}
    if candidate not in ranked:
        raise BadInput([unknown_name("unknown_candidate", candidate, list(ranked), column="candidate")])
    chosen = ranked[candidate]
    outfall = Place.objects.select_related("reach").filter(code=candidate).first()
    reach = outfall.reach if outfall else Reach.objects.filter(code=chosen["location"]["reach"]).first()
    evidence = {
        "because": "traced",
        "run": str(run.uuid),
        "sha256": result.sha256,
        "episode": told_of(run)["episode"],
        "candidate": candidate,
        "name": chosen["name"] or (reach.name if reach else candidate),
        "parameter": told_of(run)["parameter"],
        "probability": chosen["probability"],
    }
    new = NewCase(
        uuid=uuid,
        title=traced_text("traced_title", evidence, "zh"),
        description=traced_text("traced", evidence, "zh"),
        source=SOURCE,
        categories=[SUSPECTED],
        reach=reach,
        bank=outfall.bank if outfall else chosen["location"]["bank"],
        place=outfall,
    )
    case, is_new = open_case(new, by, now)
    if is_new:
        note(case, traced_text("traced", evidence, "zh"), by, now, evidence)
    return case, is_new


def traced_text(key: str, evidence: Mapping[str, Any], language: str) -> str:
    """Row ``key`` of ``system_reasons.csv`` about a traced source, in ``language``."""
    row = words("system_reasons.csv", "reason")[key]
    spoken = "zh" if language.startswith("zh") else "en"
    return row[spoken].format(
        what=evidence["name"],
        count=evidence.get("count", 1),
        statement=evidence["statement"][spoken] if "statement" in evidence else "",
        parameter=find_parameter(evidence["parameter"]).name(language),
        probability=f"{100 * evidence['probability']:.0f} %",
    )
