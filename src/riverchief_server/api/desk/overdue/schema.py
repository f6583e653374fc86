"""Overdue: by unit, and case by case with owner, days and telephone."""

from datetime import datetime

from ninja import Schema

from riverchief_server.api.desk.cases.schema import CaseBrief


class OverdueUnit(Schema):
    """A unit with overdue cases; ``code`` is empty for those that wait for the office's own next step."""

    code: str
    name: str
    phone: str
    overdue: int
    open: int
    worst_since: datetime | None


class OverdueCase(Schema):
    """One overdue case: whose it is, how to reach them, since when, and what was said to them already."""

    brief: CaseBrief
    unit: str
    unit_code: str
    holder: str
    phone: str
    since: datetime
    late_text: str
    supervision: str
    may_supervise: bool


class Overdue(Schema):
    """What is overdue among the cases the asker may see, the longest first. ``no_deadline`` counts open ones without
    any deadline: of those nobody can say that they are in time."""

    sentence: str
    total: int
    open: int
    no_deadline: int
    units: list[OverdueUnit]
    cases: list[OverdueCase]
