"""The water over time: now, this month, this year, and the same part of the year before, with what it rests on."""

from datetime import datetime

from ninja import Schema

from riverchief_server.api.desk.words import WaterClass


class PeriodItem(Schema):
    """An item that decides the class or is over the target: its multiple, where it has one, and both in words."""

    item: str
    name: str
    over_limit: float | None
    text: str


class PeriodRow(Schema):
    """One section in one period, ``start <= t < end`` (``now``: both are the time of the sample).

    ``judged`` of the ``of`` items of the standard were judged; ``pollutants`` are the main ones with their multiples of
    the class III limit. ``have`` of the ``expected`` days (of a year: months) that have begun hold samples, ``needed``
    is what the rule asks for at least; ``caveat`` says what is unverified, and the sentence says it too.
    """

    key: str
    label: str
    start: datetime
    end: datetime
    water_class: WaterClass | None
    numeral: str
    colour: str
    wording: str
    sentence: str
    meets_target: bool | None
    limiting: list[PeriodItem]
    pollutants: str
    judged: int
    of: int
    samples: int
    have: int
    expected: int
    needed: int
    coverage: str
    before_class: WaterClass | None
    before_numeral: str
    change: str
    caveat: str


class Periods(Schema):
    """A section over time, a sentence first."""

    sentence: str
    rows: list[PeriodRow]


class ShareRow(Schema):
    """Several sections in one period: how many are class I–III and how many meet their target, as shares in words.

    ``unjudged`` are the sections without a verdict, those without any sample among them. ``pollutants`` are the main
    ones of the river by the share of its sections, or with fewer than five sections those of each section. ``change``
    compares only the ``compared`` sections that have a class in both years.
    """

    key: str
    label: str
    status: str
    judged: int
    unjudged: int
    coverage: str
    pollutants: str
    good_share: str
    target_rate: str
    before_judged: int
    before_good_share: str
    compared: int
    change: str
    caveat: str


class WatersPeriods(Schema):
    """A river or the county over time; ``code`` is empty for the county."""

    code: str
    name: str
    sentence: str
    rows: list[ShareRow]
