"""Episodes, and the traces that look for their source."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.episodes.schema import CaseAt, CaseOpened, Episode, EpisodeList, Trace, TraceAsk
from riverchief_server.api.desk.episodes.show import show_episode, show_episodes
from riverchief_server.api.desk.episodes.show_trace import show_trace
from riverchief_server.api.desk.spills.schema import RunAgain
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.cases.models import Episode as Row
from riverchief_server.cases.tracing import open_case_at, trace_of_episode
from riverchief_server.runs.actions import ask, cancel, repeat
from riverchief_server.runs.permissions import ASK
from riverchief_server.runs.queries import find_run
from riverchief_server.runs.traces import KIND

router = Router()
SHOWN_AT_MOST = 100


@router.get("/episodes", response=EpisodeList)
def get_episodes(request: HttpRequest, section: str = "", limit: int = 30) -> EpisodeList:
    """The episodes, the newest first; of one section by its code."""
    account = require(request, "see")
    found = Row.objects.select_related("place", "case")
    if section:
        found = found.filter(place__code=section)
    rows = list(found[: min(max(1, limit), SHOWN_AT_MOST)])
    return show_episodes(rows, account, datetime.now(UTC), language_of(request))


@router.get("/episodes/{number}", response=Episode)
def get_episode(request: HttpRequest, number: int) -> Episode:
    """One episode with its traces."""
    account = require(request, "see")
    return show_episode(_episode(number), account, datetime.now(UTC), language_of(request))


@router.post("/episodes/{number}/trace", response={200: Trace, 201: Trace})
def post_trace(request: HttpRequest, number: int, given: TraceAsk) -> Status[Trace]:
    """Ask where an episode came from. Sent again with the same ``uuid`` it is the same run (200)."""
    account, now = require(request, ASK), datetime.now(UTC)
    run, is_new = ask(trace_of_episode(_episode(number), given.parameter, given.uuid, now), account, now)
    return Status(201 if is_new else 200, show_trace(run, account, now, language_of(request)))


@router.get("/traces/{uuid}", response=Trace)
def get_trace(request: HttpRequest, uuid: UUID) -> Trace:
    """One trace, whole: how far it is, and what came out."""
    account = require(request, "see")
    return show_trace(find_run(KIND, uuid, account), account, datetime.now(UTC), language_of(request))


@router.post("/traces/{uuid}/cancel", response=Trace)
def post_trace_cancel(request: HttpRequest, uuid: UUID) -> Trace:
    """Stop it: 403 for who may not, 409 where it has ended."""
    account, now = require(request, "see"), datetime.now(UTC)
    return show_trace(cancel(find_run(KIND, uuid, account), account, now), account, now, language_of(request))


@router.post("/traces/{uuid}/repeat", response={200: Trace, 201: Trace})
def post_trace_repeat(request: HttpRequest, uuid: UUID, given: RunAgain) -> Status[Trace]:
    """Compute the same again from the stored inputs and seed: the answer must be the same to the last digit."""
    account, now = require(request, ASK), datetime.now(UTC)
    run, is_new = repeat(find_run(KIND, uuid, account), given.uuid, account, now)
    return Status(201 if is_new else 200, show_trace(run, account, now, language_of(request)))


@router.post("/traces/{uuid}/case", response={200: CaseOpened, 201: CaseOpened})
def post_trace_case(request: HttpRequest, uuid: UUID, given: CaseAt) -> Status[CaseOpened]:
    """Open a case at a candidate, with the trace as its evidence."""
    account, now = require(request, "report"), datetime.now(UTC)
    case, is_new = open_case_at(find_run(KIND, uuid, account), given.candidate, given.uuid, account, now)
    return Status(201 if is_new else 200, CaseOpened(number=case.number, href=f"/desk/cases/{case.number}"))


def _episode(number: int) -> Row:
    row = Row.objects.select_related("place", "case").filter(pk=number).first()
    if row is None:
        raise BadInput([Fault("not_found", details={"given": str(number)})])
    return row
