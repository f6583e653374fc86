"""A verdict with everything it rests on."""

from datetime import datetime

from ninja import Schema

from riverchief_server.api.desk.words import WaterClass


class Evidence(Schema):
    """One item of a judgement, measured against its limit."""

    item: str
    name: str
    value: float
    value_text: str
    unit: str
    operator: str
    limit_text: str
    water_class: WaterClass | None
    clause: str
    over_limit: float | None
    sentence: str
    is_limiting: bool


class Excluded(Schema):
    """One value that was not judged, and why."""

    item: str
    name: str
    why: str


class LimitRow(Schema):
    """One row of the law's table; ``lit`` marks the class that the value falls in."""

    item: str
    name: str
    unit: str
    limits: list[str]
    value_text: str | None
    lit: WaterClass | None


class LimitTable(Schema):
    """The law's table as printed, with the judged rows lit."""

    title: str
    classes: list[str]
    rows: list[LimitRow]


class Judgement(Schema):
    """A class with everything it rests on."""

    at: datetime
    place: str
    place_name: str
    water_class: WaterClass | None
    numeral: str
    colour: str
    wording: str
    sentence: str
    standard: str
    edition: str
    verification: str
    limiting: list[str]
    evidence: list[Evidence]
    excluded: list[Excluded]
    table: LimitTable
