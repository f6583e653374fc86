"""What a station's readings are checked by, and what persons said of periods."""

from datetime import datetime

from ninja import Schema

from riverchief_server.api.desk.times import Moment
from riverchief_server.api.desk.words import Choice


class Threshold(Schema):
    """One threshold of a parameter: what holds (null: the check is not made), what is shipped, and whether the
    station's own word holds."""

    name: str
    label: str
    unit: str
    value: float | None
    shipped: float | None
    is_own: bool


class ParameterChecks(Schema):
    """The thresholds of one parameter of the station, and who set its own, when and why (empty: nobody)."""

    parameter: str
    name: str
    thresholds: list[Threshold]
    set_by: str
    set_at: datetime | None
    because: str


class PeriodFlagged(Schema):
    """What a person said of a period; ``flag_name`` is empty where earlier words were taken back."""

    id: int
    parameter: str
    parameter_name: str
    begin: datetime
    end: datetime
    flag: str
    flag_name: str
    because: str
    flagged_by: str
    flagged_at: datetime


class CheckPage(Schema):
    """How the readings of one station are checked. ``kind`` is what was said of the station, empty: by the distance of
    its samples."""

    station: str
    kind: str
    kinds: list[Choice]
    parameters: list[ParameterChecks]
    flags: list[Choice]
    periods: list[PeriodFlagged]
    may_change: bool


class NewThresholds(Schema):
    """Thresholds of one parameter: columns of ``thresholds.csv`` with a number, or ``none`` to switch off. What is not
    named is as shipped."""

    parameter: str
    sets: dict[str, float | str]
    because: str


class NewKind(Schema):
    """The kind of the station (empty: by the distance of its samples), and why."""

    kind: str
    because: str


class NewPeriod(Schema):
    """A flag for every reading from ``begin`` up to ``end`` (``parameter`` empty: of the station); an empty ``flag``
    takes back what was said before."""

    parameter: str = ""
    begin: Moment
    end: Moment
    flag: str
    because: str
