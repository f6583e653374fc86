"""Forecasts: a sentence, lines with quantiles, base and skill; watches with their record."""

from datetime import datetime

from ninja import Schema


class ForecastLine(Schema):
    """One time ahead. ``quantiles`` at 0.05, 0.25, 0.5, 0.75, 0.95, null where too few errors are known; ``skill`` of
    the same lead in the last year against the best base, null where it was not tried."""

    at: datetime
    lead_h: float
    quantiles: list[float | None]
    base: float | None
    base_name: str
    is_used: bool
    skill: float | None


class Forecast(Schema):
    """The newest forecast of one parameter."""

    station: str
    parameter: str
    name: str
    unit: str
    issued_at: datetime
    origin_at: datetime
    sentence: str
    horizon_h: float | None
    lacks: list[str]
    limit: float | None
    limit_is_floor: bool
    lines: list[ForecastLine]


class Watch(Schema):
    """A warning that a section will probably leave its target."""

    station: str
    name: str
    parameter: str
    sentence: str
    expected_at: datetime
    chance: float


class WatchRecord(Schema):
    """How earlier watches came out."""

    right: int
    wrong: int
    unknown: int
    open: int


class Watches(Schema):
    """The open watches and what earlier ones were worth."""

    sentence: str
    record: WatchRecord
    watches: list[Watch]
