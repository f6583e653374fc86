"""Instruments: how each does, what was refused, what was done at a station."""

from datetime import datetime
from uuid import UUID

from ninja import Schema

from riverchief_server.api.desk.times import Moment


class Health(Schema):
    """How one instrument does; shares are of the last seven days, null where nothing can be said."""

    station: str
    name: str
    protocol: str
    identity: str
    state: str
    is_alarm: bool
    is_simulated: bool
    interval_s: int
    silent_after_s: int
    last_seen_at: datetime | None
    last_measured_at: datetime | None
    silent_since: datetime | None
    clock_offset_s: float | None
    completeness: float | None
    share_flagged: float | None
    refused: int


class HealthDay(Schema):
    """One day of a station: which share of the samples it owed came, and which share of those is doubted."""

    start: datetime
    completeness: float
    share_flagged: float | None


class UpkeepKind(Schema):
    """A kind of work at a station; ``takes_out``: what is measured meanwhile is not the river's water."""

    code: str
    name: str
    what: str
    takes_out: bool


class NewUpkeep(Schema):
    """What was done at a station. ``uuid`` is made by the sender: the same one twice is one entry. Times carry their
    zone; ``ended_at`` is empty while the work goes on, ``parameter`` where it touched the whole station, ``done_by``
    where the asker did it."""

    uuid: UUID
    kind: str
    began_at: Moment
    ended_at: Moment | None = None
    parameter: str = ""
    done_by: str = ""
    note: str = ""


class Withdrawal(Schema):
    """Why an entry was wrong."""

    because: str


class Upkeep(Schema):
    """A calibration, cleaning, check or other work at a station; withdrawn where somebody says so."""

    uuid: UUID
    kind: str
    name: str
    began_at: datetime
    ended_at: datetime | None
    parameter: str
    done_by: str
    note: str
    entered_at: datetime | None
    entered_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_because: str


class StationHealth(Schema):
    """The health page of one station."""

    instruments: list[Health]
    days: list[HealthDay]
    upkeep: list[Upkeep]
    may_enter_upkeep: bool
