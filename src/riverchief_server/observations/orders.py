"""Asking an instrument for something: set the clock, send a period again. The gateway sends it and notes the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from riverchief.errors import BadInput, Fault
from riverchief.telemetry.protocol import HISTORY, SET_CLOCK, protocols
from riverchief_server.observations.models import Instrument, Order
from riverchief_server.places.models import Place

COMMANDS = (SET_CLOCK, HISTORY)
HISTORY_OF = ("real-time", "minute", "hour", "day")
#: A logger holds a month or two, and answers what it is asked in one breath.
LONGEST_HISTORY = timedelta(days=62)
SHOWN_AT_MOST = 20


def ask(
    instrument: Instrument, command: str, now: datetime, by: str, *, begin: str = "", end: str = "", of: str = "hour"
) -> Order:
    """Ask for a command; it leaves when the instrument is connected. What already waits is not asked for twice.

    ``set-clock`` needs nothing more; ``history`` sends again what lies between ``begin`` and ``end`` (ISO, the
    station's own zone) ``of`` each ``minute``, ``hour`` or ``day``. Raises :class:`~riverchief.errors.BadInput` with
    every fault: an instrument that cannot be spoken to, an unknown command, times that are none, a period that ends
    before it begins or is longer than two months.
    """
    faults = []
    if not can_be_asked(instrument.protocol):
        allowed = ", ".join(name for name in protocols() if can_be_asked(name))
        details = {"given": instrument.protocol, "allowed": allowed}
        faults.append(Fault("not_one_of", column="protocol", details=details))
    if command not in COMMANDS:
        faults.append(Fault("not_one_of", details={"given": command, "allowed": ", ".join(COMMANDS)}))
    arguments: dict[str, str] = {}
    if command == HISTORY:
        faults += _period(begin, end, of, arguments)
    if faults:
        raise BadInput(faults)
    waiting = Order.objects.filter(instrument=instrument, command=command, sent_at=None, answered_at=None)
    for order in waiting:
        if order.arguments == arguments:
            return order
    return Order.objects.create(
        instrument=instrument, command=command, arguments=arguments, asked_at=now, asked_by=by[:120]
    )


def can_be_asked(protocol: str) -> bool:
    """Whether instruments of ``protocol`` can be given orders: a broker's source and a file have no ear."""
    row = protocols().get(protocol)
    return row is not None and bool(row.does.orders)


def _period(begin: str, end: str, of: str, arguments: dict[str, str]) -> list[Fault]:
    """Writes what is asked for into ``arguments``; returns what is wrong with it."""
    faults = []
    if of not in HISTORY_OF:
        faults.append(Fault("not_one_of", details={"given": of, "allowed": ", ".join(HISTORY_OF)}))
    times = []
    for name, given in (("begin", begin), ("end", end)):
        try:
            times.append(datetime.fromisoformat(given).replace(tzinfo=None))
        except ValueError:
            faults.append(Fault("bad_time", column=name, details={"given": given, "allowed": "2026-11-24T08:00"}))
    if len(times) == 2 and not times[0] < times[1] <= times[0] + LONGEST_HISTORY:
        given = f"{times[0]:%Y-%m-%d %H:%M} – {times[1]:%Y-%m-%d %H:%M}"
        allowed = f"0 < t <= {LONGEST_HISTORY.days} d"
        faults.append(Fault("out_of_range", column="end", details={"given": given, "allowed": allowed}))
    arguments |= {name: time.isoformat() for name, time in zip(("begin", "end"), times, strict=False)} | {"of": of}
    return faults


def orders_of(place: Place) -> list[Order]:
    """What was asked of the instruments of ``place``, the newest first."""
    rows = Order.objects.filter(instrument__place=place).select_related("instrument")
    return list(rows.order_by("-asked_at", "-id")[:SHOWN_AT_MOST])
