"""Commands down: what people asked for, sent to the station that is connected, and what it answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from riverchief.telemetry.hj212 import encode
from riverchief.telemetry.hj212.message import Message
from riverchief.telemetry.sl651 import encode as sl651_encode
from riverchief.telemetry.sl651.frame import Frame
from riverchief_server.observations.inbox.instruments import Known, known_of
from riverchief_server.observations.models import Order
from riverchief_server.observations.orders import HISTORY

GIVEN_UP_AFTER = timedelta(days=2)


class Ready(NamedTuple):
    """An order that waits to be sent."""

    pk: int
    instrument: Known
    command: str
    arguments: dict[str, str]


def ready() -> list[Ready]:
    """Orders that have not been sent, oldest first; those nobody was there for in two days are given up."""
    now = datetime.now(UTC)
    waiting = Order.objects.filter(sent_at=None, answered_at=None)
    waiting.filter(asked_at__lt=now - GIVEN_UP_AFTER).update(answered_at=now, answer="not connected: given up")
    rows = waiting.select_related("instrument__place")[:1000]
    return [Ready(row.pk, known_of(row.instrument), row.command, row.arguments) for row in rows]


def sent(pk: int, number: str) -> None:
    """The order ``pk`` has left with the request number ``number``."""
    Order.objects.filter(pk=pk).update(sent_at=datetime.now(UTC), number=number)


def not_sent(pk: int) -> None:
    """The order ``pk`` could not leave after all: it waits on."""
    Order.objects.filter(pk=pk).update(sent_at=None, number="")


def answered(instrument: int, number: str, answer: str, *, is_final: bool) -> None:
    """The instrument answered the request ``number``."""
    # the last word may overtake the first on its way here
    rows = Order.objects.filter(instrument=instrument, number=number, answered_at=None)
    rows.update(answer=answer[:200], **({"answered_at": datetime.now(UTC)} if is_final else {}))


def hj212_command(order: Ready, number: str) -> Callable[[Message], bytes]:
    """What makes the frame of ``order``, given the station's last message."""

    def make(last: Message) -> bytes:
        now = datetime.now(UTC).astimezone(order.instrument.zone)
        if order.command == "set-clock":
            arguments = {"SystemTime": f"{now:%Y%m%d%H%M%S}"}
            return encode.command("1012", last.mn, st=last.st, qn=number, pw=last.pw, arguments=arguments)
        begin, end = (datetime.fromisoformat(order.arguments[name]) for name in ("begin", "end"))
        cn = HISTORY[order.arguments["of"]]
        return encode.fetch_history(cn, last.mn, begin, end, st=last.st, qn=number, pw=last.pw)

    return make


def sl651_command(order: Ready) -> Callable[[Frame], bytes]:
    """The same for SL 651: 4A sets the clock, 38 asks for a period (of the water level, element 39, by the hour)."""

    def make(last: Frame) -> bytes:
        now = datetime.now(UTC).astimezone(order.instrument.zone)
        who = {"station": last.station, "centre": last.centre, "password": last.password}
        if order.command == "set-clock":
            return sl651_encode.query("4A", now=now, **who)  # type: ignore[arg-type]
        begin, end = (datetime.fromisoformat(order.arguments[name]) for name in ("begin", "end"))
        arguments = sl651_encode.history_arguments(begin, end, 5, "39")
        return sl651_encode.query("38", now=now, arguments=arguments, **who)  # type: ignore[arg-type]

    return make


def answer_of(message: Message) -> tuple[str, bool]:
    """What a 9011 or 9012 says, in words, and whether it is the last word."""
    name = "QnRtn" if message.cn == "9011" else "ExeRtn"
    written = message.field(name) or ""
    words = encode.all_returns().get((name, int(written) if written.isdecimal() else -1), ("", ""))
    refused = message.cn == "9011" and written != "1"
    return f"{name}={written} {words[0]} {words[1]}".strip(), refused or message.cn == "9012"
