"""Deadlines: the calendar's special days, the rows of the table, and what a new row would move."""

from datetime import date, datetime
from typing import Literal

from ninja import Field, Schema

from riverchief_server.api.desk.words import Choice

Unit = Literal["work_hours", "work_days", "calendar_days"]


class SpecialDay(Schema):
    """A day that is not as its weekday; ``by`` is empty for those of the notices that ship."""

    day: date
    works: bool
    name: str
    reason: str
    by: str


class DeadlineSaid(Schema):
    """A row of the table in words; empty cells hold for all. ``is_own`` rows are the county's."""

    state_name: str
    category: str
    severity: str
    region: str
    begins: date | None
    length: str
    reason: str
    is_own: bool


class Deadlines(Schema):
    """The calendar and the table as they are now; ``unknown`` years ahead are counted Monday to Friday."""

    sentence: str
    hours: str
    years: list[int]
    days: list[SpecialDay]
    rows: list[DeadlineSaid]
    states: list[Choice]
    may_change: bool


class NewDay(Schema):
    """A day, said to be a holiday, a make-up day, or as its weekday; the newest word holds."""

    day: date
    kind: Literal["holiday", "makeup", "ordinary"]
    name: str = Field(default="", max_length=40)
    reason: str = Field(min_length=2, max_length=200)


class NewDeadline(Schema):
    """A row of the county's own for clocks that begin on ``begins`` or later; empty fields hold for all."""

    state: str = Field(max_length=24)
    category: str = Field(default="", max_length=40)
    severity: str = Field(default="", max_length=12)
    jurisdiction: str = Field(default="", max_length=12)
    begins: date
    amount: float = Field(gt=0, le=1000)
    unit: Unit
    reason: str = Field(min_length=2, max_length=200)


class Moved(Schema):
    """An open case that a new row would move."""

    number: str
    title: str
    before: datetime | None
    after: datetime | None


class DeadlinePreview(Schema):
    """What a new row would move among the open cases in its state, the first twenty by name."""

    sentence: str
    moved: int
    looked_at: int
    cases: list[Moved]
