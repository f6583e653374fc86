"""Commands down: what people asked for, sent to the station that is connected, and what it answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from riverchief.telemetry import protocol
from riverchief_server.observations.inbox.instruments import Known, known_of
from riverchief_server.observations.models import Order

GIVEN_UP_AFTER = timedelta(days=2)
PERIOD = ("begin", "end")


class Ready(NamedTuple):
    """An order that waits to be sent."""

    pk: int
    instrument: Known
    order: protocol.Order


def ready() -> list[Ready]:
    """Orders that have not been sent, oldest first; those nobody was there for in two days are given up."""
    now = datetime.now(UTC)
    waiting = Order.objects.filter(sent_at=None, answered_at=None)
    waiting.filter(asked_at__lt=now - GIVEN_UP_AFTER).update(answered_at=now, answer="not connected: given up")
    rows = waiting.select_related("instrument__place")[:1000]
    return [Ready(row.pk, known_of(row.instrument), _order(row)) for row in rows]


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


def _order(row: Order) -> protocol.Order:
    begin, end = (datetime.fromisoformat(row.arguments[name]) if name in row.arguments else None for name in PERIOD)
    return protocol.Order(row.command, begin, end, row.arguments.get("of", "hour"))
