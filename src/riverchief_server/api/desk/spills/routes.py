"""Spills: what the form offers, ask, read, cancel, repeat, and the front over time for the map."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.spills.schema import (
    RunAgain,
    Spill,
    SpillAsk,
    SpillForm,
    SpillFront,
    SpillList,
    SpillPoint,
)
from riverchief_server.api.desk.spills.show import OTHER, point_text, show_form, show_list, show_spill
from riverchief_server.api.desk.spills.show_front import show_front
from riverchief_server.api.desk.times import in_the_county
from riverchief_server.api.words import say
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.places.actions import point_on_line
from riverchief_server.places.lines import share_on_line
from riverchief_server.places.queries import find_reach
from riverchief_server.runs.actions import ask, cancel, repeat
from riverchief_server.runs.permissions import ASK
from riverchief_server.runs.queries import find_run, runs_of
from riverchief_server.runs.rivers import rivers_of_county
from riverchief_server.runs.spills import KIND, SpillAsked, answer_of, spill_run, watches_below

router = Router()
SHOWN_AT_MOST = 100
NAMED_BELOW = 4


@router.get("/spills", response=SpillList)
def get_spills(request: HttpRequest, limit: int = 20) -> SpillList:
    """The spills computed so far, the newest first."""
    account = require(request, "see")
    found = runs_of(KIND, account)
    page = list(found[: min(max(1, limit), SHOWN_AT_MOST)])
    return show_list(page, found.count(), datetime.now(UTC), language_of(request))


@router.post("/spills", response={200: Spill, 201: Spill})
def post_spill(request: HttpRequest, given: SpillAsk) -> Status[Spill]:
    """Ask for a spill to be computed. Sent again with the same ``uuid`` it is the same run (200)."""
    account, now = require(request, ASK), datetime.now(UTC)
    start = in_the_county(given.start) or now.replace(second=0, microsecond=0)
    parameter = "" if given.parameter == OTHER else given.parameter
    asked = SpillAsked(**given.dict(exclude={"start", "parameter"}), start=start, parameter=parameter)
    run, is_new = ask(spill_run(asked, now), account, now)
    return Status(201 if is_new else 200, show_spill(run, account, now, language_of(request)))


@router.get("/spills/form", response=SpillForm)
def get_spill_form(request: HttpRequest) -> SpillForm:
    """What the form offers, and whether the asker may use it."""
    return show_form(require(request, "see"), language_of(request))


@router.get("/spills/point", response=SpillPoint)
def get_spill_point(
    request: HttpRequest,
    reach: str,
    lon: float | None = None,
    lat: float | None = None,
    chainage_m: float | None = None,
) -> SpillPoint:
    """The point of a reach nearest to a touch on the map (else at a chainage, else its middle), and who is below it."""
    require(request, "see")
    language = language_of(request)
    row = find_reach(reach)
    share = 0.5
    if lon is not None and lat is not None:
        share = share_on_line(row.line, lon, lat)
    elif chainage_m is not None:
        share = min(max(chainage_m / row.length_m, 0.0), 1.0)
    at = round(share * row.length_m)
    watches, _ = watches_below(rivers_of_county(), row, at, "")
    names = say("list_comma", language).join(watch.name for watch in watches[:NAMED_BELOW])
    key = "spill_below_more" if len(watches) > NAMED_BELOW else "spill_below"
    where = point_on_line(row.line, share)
    return SpillPoint(
        reach=row.code,
        reach_name=row.name,
        chainage_m=at,
        length_m=row.length_m,
        lon=where[0],
        lat=where[1],
        text=point_text(row, at, language),
        below=say(key, language, names=names, n=len(watches)),
    )


@router.get("/spills/{uuid}", response=Spill)
def get_spill(request: HttpRequest, uuid: UUID) -> Spill:
    """One spill, whole: how far it is, and what came out."""
    account = require(request, "see")
    return show_spill(find_run(KIND, uuid, account), account, datetime.now(UTC), language_of(request))


@router.post("/spills/{uuid}/cancel", response=Spill)
def post_cancel(request: HttpRequest, uuid: UUID) -> Spill:
    """Stop it: 403 for who may not, 409 where it has ended."""
    account, now = require(request, "see"), datetime.now(UTC)
    run = cancel(find_run(KIND, uuid, account), account, now)
    return show_spill(run, account, now, language_of(request))


@router.post("/spills/{uuid}/repeat", response={200: Spill, 201: Spill})
def post_repeat(request: HttpRequest, uuid: UUID, given: RunAgain) -> Status[Spill]:
    """Compute the same again from the stored inputs and seed: the answer must be the same to the last digit."""
    account, now = require(request, ASK), datetime.now(UTC)
    run, is_new = repeat(find_run(KIND, uuid, account), given.uuid, account, now)
    return Status(201 if is_new else 200, show_spill(run, account, now, language_of(request)))


@router.get("/spills/{uuid}/front", response=SpillFront)
def get_spill_front(request: HttpRequest, uuid: UUID) -> SpillFront:
    """The front over time: GeoJSON of stretches, each with a level and a concentration for each step."""
    run = find_run(KIND, uuid, require(request, "see"))
    answer = answer_of(run)
    if answer is None:
        raise BadInput([Fault("not_found", details={"given": f"{uuid}/front"})])
    return show_front(run, answer, datetime.now(UTC), language_of(request))
