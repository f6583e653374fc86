"""Rivers and reaches: who answers, what flows, what is wrong."""

from ninja import Schema

from riverchief_server.api.desk.cases.schema import CaseBrief
from riverchief_server.api.desk.map.schema import ReachFreshness, ReachWater, ReachWork
from riverchief_server.api.desk.people.schema import BankChiefs
from riverchief_server.api.desk.words import WaterClass


class ReachName(Schema):
    """A neighbouring reach."""

    id: str
    name: str


class ReachPlace(Schema):
    """Something that lies on a reach."""

    id: str
    kind: str
    kind_name: str
    name: str
    bank_name: str
    chainage_km: float


class Reach(Schema):
    """One reach: who, water, cases, last patrol, up- and downstream."""

    id: str
    name: str
    river: str
    river_code: str
    kind: str
    length_km: float
    flow_m3_s: float | None
    upstream_length_km: float
    distance_to_border_km: float
    schematic: bool
    banks: list[BankChiefs]
    water: ReachWater
    work: ReachWork
    freshness: ReachFreshness
    last_patrol: str
    upstream: list[ReachName]
    downstream: list[ReachName]
    places: list[ReachPlace]
    cases: list[CaseBrief]


class River(Schema):
    """A river of the county, for the list of rivers."""

    code: str
    name: str
    length_km: float
    reaches: list[ReachName]
    sentence: str
    water_class: WaterClass | None
    open_cases: int
