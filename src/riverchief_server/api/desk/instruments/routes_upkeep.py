"""The log of calibration and maintenance of a station: who may ``import`` data may also say what was done to the
instruments; whoever may ``see`` reads it (also with ``GET /stations/{code}/health``)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.instruments.schema import NewUpkeep, Upkeep, UpkeepKind, Withdrawal
from riverchief_server.api.desk.instruments.show_upkeep import show_kinds, show_upkeep
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.observations import upkeep
from riverchief_server.observations.models import Upkeep as UpkeepRow
from riverchief_server.places.queries import find_place

router = Router()


@router.get("/upkeep-kinds", response=list[UpkeepKind])
def get_upkeep_kinds(request: HttpRequest) -> list[UpkeepKind]:
    """The kinds of work, in the reader's language, in the order of a list to choose from."""
    require(request, "see")
    return show_kinds(language_of(request))


@router.post("/stations/{code}/upkeep", response={200: Upkeep, 201: Upkeep})
def post_upkeep(request: HttpRequest, code: str, given: NewUpkeep) -> Status[Upkeep]:
    """Enter what was done at a station (right ``import``). 201, or 200 where this ``uuid`` was entered before; 400 with
    every fault and the field it is in (``column``)."""
    account = require(request, "import")
    new = upkeep.NewUpkeep(
        uuid=given.uuid,
        place=find_place(code),
        kind=given.kind,
        began_at=given.began_at,
        ended_at=given.ended_at,
        parameter=given.parameter,
        done_by=given.done_by,
        note=given.note,
    )
    row, is_new = upkeep.enter(new, account.shown_name, datetime.now(UTC))
    return Status(201 if is_new else 200, show_upkeep(row, language_of(request)))


@router.post("/stations/{code}/upkeep/{uuid}/withdraw", response=Upkeep)
def post_withdrawal(request: HttpRequest, code: str, uuid: UUID, given: Withdrawal) -> Upkeep:
    """Say that an entry was wrong (right ``import``); it stays in the log, struck out, with the reason."""
    account = require(request, "import")
    row = UpkeepRow.objects.filter(place=find_place(code), uuid=uuid).first()
    if row is None:
        raise BadInput([Fault("not_found", details={"given": str(uuid)})])
    done = upkeep.withdraw(row, given.because, account.shown_name, datetime.now(UTC))
    return show_upkeep(done, language_of(request))
