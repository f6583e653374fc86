"""Stations and sections: sentence, evidence, series."""

from datetime import datetime

from ninja import Schema

from riverchief_server.api.desk.cases.schema import CaseBrief
from riverchief_server.api.desk.judgements.schema import Judgement
from riverchief_server.api.desk.words import Choice, WaterClass


class LatestValue(Schema):
    """The newest reading of one parameter at a station."""

    parameter: str
    name: str
    value: float | None
    value_text: str
    unit: str
    at: datetime
    flag: str
    flag_name: str
    is_usable: bool
    water_class: WaterClass | None


class Neighbour(Schema):
    """The next station or section along the water."""

    id: str
    name: str
    kind: str
    distance_km: float
    travel_time_h: float | None
    water_class: WaterClass | None


class Station(Schema):
    """A station or section: sentence first, then the evidence and the way to its series."""

    id: str
    name: str
    kind: str
    kind_name: str
    river: str
    reach: str
    reach_name: str
    bank_name: str
    lon: float
    lat: float
    target_class: WaterClass | None
    source: str
    is_simulated: bool
    sentence: str
    staleness: str | None
    judgement: Judgement | None
    latest: list[LatestValue]
    upstream: list[Neighbour]
    downstream: list[Neighbour]
    open_cases: list[CaseBrief]


class Limit(Schema):
    """A limit line of a chart."""

    water_class: WaterClass
    value: float
    clause: str
    is_target: bool


class Mark(Schema):
    """A reading whose flag a reader must see; null where it may not be used."""

    time: int
    value: float | None
    flag: str


class Series(Schema):
    """One parameter at one station over a time, in parallel arrays; ``values`` holds null where nothing is known.

    ``breaks`` are the times at which the line stops, because readings are missing after them. Of ``total`` readings
    fewer are here where ``is_thinned``: the lowest and highest of each stretch; ``marks`` are the flagged ones.
    """

    station: str
    parameter: str
    name: str
    unit: str
    decimals: int
    times: list[int]
    values: list[float | None]
    flags: list[str]
    flag_names: dict[str, str]
    marks: list[Mark]
    breaks: list[int]
    total: int
    is_thinned: bool
    limits: list[Limit]
    direction: str | None
    source: str
    first: datetime | None
    last: datetime | None


class StationRow(Schema):
    """One row of the table every Chinese reader expects: the newest values of all stations."""

    id: str
    name: str
    kind_name: str
    river: str
    at: datetime | None
    water_class: WaterClass | None
    values: dict[str, str]
    is_stale: bool
    is_simulated: bool
    state: str


class StationTable(Schema):
    """The newest values of all stations; ``columns`` names the parameters in order."""

    columns: list[Choice]
    rows: list[StationRow]
