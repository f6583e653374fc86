"""What the door has to know of a datastream before it lets an observation in."""

from __future__ import annotations

import time
from typing import NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.read.session import fetch

REMEMBERED_S = 60.0


class Stream(NamedTuple):
    """One datastream: its series, whether the county's register keeps it, and at which of our places it measures."""

    series: int
    is_of_register: bool
    place: int | None = None


_remembered: dict[int, tuple[float, Stream]] = {}


def stream_of(identity: Identity) -> Stream:
    """The datastream called ``identity``. Raises ``sta_no_such_link``."""
    if isinstance(identity, int):
        known = _remembered.get(identity)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        if abs(identity) < 2**31:
            sql = (
                "SELECT d.id, d.series_id, t.place_id FROM sta_datastream AS d JOIN sta_thing AS t "
                "ON t.id = d.thing_id WHERE d.id = %s"
            )
            rows = fetch(sql, [identity])
            if rows:
                stream = Stream(rows[0][0], rows[0][1] is not None, rows[0][2])
                _remembered[identity] = (time.monotonic() + REMEMBERED_S, stream)
                return stream
    raise BadInput([Fault("sta_no_such_link", details={"given": f"Datastream({identity})"})])


def remembered_stream(identity: Identity | None) -> Stream | None:
    """The datastream called ``identity``, where it is known without looking it up."""
    known = _remembered.get(identity) if isinstance(identity, int) else None
    return known[1] if known is not None and known[0] > time.monotonic() else None


def forget_streams() -> None:
    """Ask again: a datastream has changed."""
    _remembered.clear()
