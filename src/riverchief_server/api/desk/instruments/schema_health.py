"""How stations do, in words: the list of all of them, and one with its series, its days and what was asked of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema

from riverchief_server.api.desk.instruments.schema import Upkeep, UpkeepKind

HealthState = Literal["ok", "clock", "silent", "never", "disabled", "none"]


class HealthRow(Schema):
    """One station: the worst of its instruments. ``state`` ``none``: no instrument is registered, files only."""

    station: str
    name: str
    river: str
    state: HealthState
    state_name: str
    is_alarm: bool
    is_simulated: bool
    told: str
    last_measured_at: datetime | None
    last_seen_at: datetime | None
    completeness: str
    flagged: str
    clock: str
    refused: int


class HealthBoard(Schema):
    """All stations, the sentence first."""

    sentence: str
    needs_somebody: bool
    as_of: datetime
    rows: list[HealthRow]


class InstrumentHealth(HealthRow):
    """One instrument of a station, and whether it can be asked for something."""

    number: int
    protocol: str
    identity: str
    every: str
    silent_after: str
    listens: bool


class SeriesHealth(Schema):
    """The newest reading of one series, its flag, and which check or person set it (empty: the source itself)."""

    parameter: str
    name: str
    kind: str
    source: str
    value_text: str
    unit: str
    at: datetime
    flag: str
    flag_name: str
    flag_by: str
    is_usable: bool


class HealthDayTold(Schema):
    """One day of the county's calendar: shares as numbers for the bars, and the same in words."""

    start: datetime
    completeness: float
    share_flagged: float | None
    told: str


class OrderTold(Schema):
    """A command to an instrument: asked for, sent, answered."""

    id: int
    identity: str
    what: str
    asked_at: datetime
    asked_by: str
    state: Literal["waiting", "sent", "answered"]
    state_name: str
    answer: str


class HealthPage(Schema):
    """The health of one station. ``may_order``: whether the reader may send it commands and enter upkeep."""

    station: str
    name: str
    sentence: str
    needs_somebody: bool
    is_simulated: bool
    instruments: list[InstrumentHealth]
    series: list[SeriesHealth]
    days: list[HealthDayTold]
    orders: list[OrderTold]
    upkeep: list[Upkeep]
    upkeep_kinds: list[UpkeepKind]
    may_order: bool


class NewOrder(Schema):
    """A command: ``set-clock``, or ``history`` from ``begin`` to ``end`` (the station's own time) ``of`` each
    ``minute``, ``hour`` or ``day``."""

    command: str
    begin: str = ""
    end: str = ""
    of: str = "hour"
