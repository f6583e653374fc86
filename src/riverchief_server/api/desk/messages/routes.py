"""The raw inbox: listed, looked at, and read again after a mapping, a setup or a place was put right."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief.errors import BadInput, Fault
from riverchief_server.api.desk.messages.schema import (
    FactorMeaning,
    MessageContent,
    MessagePage,
    ReplayDone,
    ReplayWanted,
)
from riverchief_server.api.desk.messages.show import show_messages
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import require
from riverchief_server.observations.inbox.instruments import explain_factor
from riverchief_server.observations.inbox.listing import Wanted, page_of
from riverchief_server.observations.inbox.looking import look_at
from riverchief_server.observations.inbox.parsing import replay
from riverchief_server.observations.models import Instrument, RawMessage

router = Router()
#: So many messages are read in about a second, so that whoever waits sees it move and can stop it.
A_HANDFUL = 200


@router.get("/messages", response=MessagePage)
def get_messages(
    request: HttpRequest, state: str = "refused", station: str = "", kind: str = "", reason: str = "", before: str = ""
) -> MessagePage:
    """A page of the raw inbox (right ``import``): refused ones unless another ``state`` is asked for."""
    require(request, "import")
    return show_messages(Wanted(state, station, kind, reason), before, datetime.now(UTC), language_of(request))


@router.get("/messages/{number}", response=MessageContent)
def get_message(request: HttpRequest, number: str) -> MessageContent:
    """The bytes of one message, made safe to look at."""
    require(request, "import")
    row = _row(number)
    look = look_at(bytes(row.content))
    return MessageContent(
        id=row.pk, text=look.text, is_binary=look.is_binary, size=look.size, shown=look.shown, sha256=row.sha256
    )


@router.post("/replay", response=ReplayDone)
def post_replay_of_many(request: HttpRequest, wanted: ReplayWanted) -> ReplayDone:
    """Read a handful of refused messages again, the newest first; call again with ``next`` until it is empty."""
    require(request, "import")
    page = page_of(Wanted("refused", wanted.station, wanted.kind, wanted.reason), wanted.before, A_HANDFUL)
    return _read_again(page.rows, page.next)


@router.post("/messages/{number}/replay", response=ReplayDone)
def post_replay(request: HttpRequest, number: str) -> ReplayDone:
    """Read one message again, after its setup, mapping or place was put right."""
    require(request, "import")
    return _read_again([_row(number)], "")


@router.post("/instruments/{number}/factors", response=FactorMeaning)
def post_factor(request: HttpRequest, number: int, given: FactorMeaning) -> FactorMeaning:
    """Say what an instrument means by a factor code; what was refused for it can then be read again."""
    require(request, "import")
    row = Instrument.objects.filter(pk=number).first()
    if row is None:
        raise BadInput([Fault("not_found", details={"given": str(number)})])
    setup = explain_factor(row, given.code, given.parameter, given.unit).setup
    return FactorMeaning(code=given.code, parameter=setup["parameters"][given.code], unit=given.unit)


def _row(number: str) -> RawMessage:
    row = RawMessage.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if row is None:
        raise BadInput([Fault("not_found", details={"given": number[:40]})])
    return row


def _read_again(rows: list[RawMessage], after: str) -> ReplayDone:
    done = replay(rows, datetime.now(UTC))
    numbers = [row.pk for row in rows]
    left = RawMessage.objects.filter(pk__in=numbers, state=RawMessage.State.REFUSED).count()
    return ReplayDone(
        messages=len(rows),
        understood=len(rows) - left,
        new=done.put.new,
        same=done.put.same,
        changed=done.put.changed,
        refused=left,
        next=after,
    )
