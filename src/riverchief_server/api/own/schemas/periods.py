"""The water over time: now, this month, this year, and the same part of the year before, with what it rests on."""

from ninja import Schema

from riverchief_server.api.own.schemas.words import WaterClass


class PeriodRow(Schema):
    """One section in one period; ``coverage`` says how much of it has samples, ``caveat`` what is unverified."""

    key: str
    label: str
    water_class: WaterClass | None
    numeral: str
    sentence: str
    meets_target: bool | None
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
    """Several sections in one period: how many are class I–III and how many meet their target, as shares in words."""

    key: str
    label: str
    status: str
    judged: int
    unjudged: int
    good_share: str
    target_rate: str
    before_good_share: str
    change: str
    caveat: str


class WatersPeriods(Schema):
    """A river or the county over time; ``code`` is empty for the county."""

    code: str
    name: str
    sentence: str
    rows: list[ShareRow]
