"""What the desk's API says and hears, word for word; the browser's types are generated from these.

Texts are already in the reader's language (the request's ``Accept-Language``): the server decides, the browser shows.
Times are ISO 8601 with zone, except series, which are seconds since 1970 UTC. Identifiers are the users' own codes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

WaterClass = Literal["I", "II", "III", "IV", "V", ">V"]
Bank = Literal["left", "right", "both"]
WorkLevel = Literal["none", "open", "due_soon", "overdue"]
FreshnessLevel = Literal["fresh", "ageing", "stale", "never"]


class Account(Schema):
    """Who is asking, and what they may do."""

    username: str
    name: str
    role: str
    role_name: str
    unit: str | None
    region_code: str | None
    region_name: str | None
    may: list[str]


class DemoRole(Schema):
    """One of the demonstration's people, to log in as with one click."""

    username: str
    name: str
    role_name: str
    what: str


class Choice(Schema):
    """A code and its words, for a list to choose from."""

    code: str
    name: str
    group: str | None = None


class Session(Schema):
    """Everything a page needs to know before it draws itself."""

    account: Account | None
    demo: bool
    demo_roles: list[DemoRole]
    county_code: str
    county_name: str
    schematic: bool
    language: Literal["zh", "en"]
    timezone: str
    version: str
    categories: list[Choice]
    units: list[Choice]
    classes: list[ClassWords]


class ClassWords(Schema):
    """How one water class is written and coloured, everywhere."""

    water_class: WaterClass | None
    numeral: str
    name: str
    colour: str


class Login(Schema):
    """What the login form sends."""

    username: str = Field(max_length=150)
    password: str = Field(max_length=200)


class DemoLogin(Schema):
    """Which of the demonstration's people to become."""

    username: str = Field(max_length=150)


class Fault(Schema):
    """One thing that was wrong with a request."""

    kind: str
    place: str
    text: str


class Refusal(Schema):
    """Why a request was refused; ``faults`` names everything that was wrong."""

    text: str
    faults: list[Fault]


class GeoFeature(Schema):
    """A GeoJSON feature."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


class GeoCollection(Schema):
    """A GeoJSON feature collection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[GeoFeature]


class Map(Schema):
    """The one map, without what changes: outline, reaches, places.

    Reach properties: name, river, river_code, strahler, flow_m3_s, kind (river/lake), label (lon, lat).
    Place properties: kind (section/station/outfall/intake/source), kind_name, name, reach, bank, target_class.
    """

    county_name: str
    schematic: bool
    bounds: tuple[float, float, float, float]
    outline: dict[str, Any] | None
    reaches: GeoCollection
    places: GeoCollection


class ReachWork(Schema):
    """The worst open problem of a reach."""

    level: WorkLevel
    open_cases: int
    worst: str | None


class ReachWater(Schema):
    """The water class that holds for a reach: that of the nearest section or station down- or upstream on its river."""

    water_class: WaterClass | None
    place: str | None
    at: datetime | None
    is_stale: bool


class ReachFreshness(Schema):
    """How long ago somebody last walked a reach."""

    level: FreshnessLevel
    days: int | None


class LegendEntry(Schema):
    """One line of a lens's legend: a level, its words, and how many reaches have it."""

    level: str
    name: str
    reaches: int


class Lens(Schema):
    """One lens of the map: a sentence first, then its legend."""

    sentence: str
    legend: list[LegendEntry]


class Lenses(Schema):
    """What the three lenses show at one time, keyed by reach."""

    at: datetime
    work: dict[str, ReachWork]
    water: dict[str, ReachWater]
    freshness: dict[str, ReachFreshness]
    place_water: dict[str, ReachWater]
    work_lens: Lens
    water_lens: Lens
    freshness_lens: Lens
    earliest: datetime | None


class Figure(Schema):
    """One number of the ten-second line."""

    key: str
    label: str
    value: str
    href: str
    is_alarm: bool


class Summary(Schema):
    """The county in ten seconds."""

    sentence: str
    figures: list[Figure]


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


class Series(Schema):
    """One parameter at one station over a time, in parallel arrays; ``values`` holds null where nothing is known."""

    station: str
    parameter: str
    name: str
    unit: str
    decimals: int
    times: list[int]
    values: list[float | None]
    flags: list[str]
    flag_names: dict[str, str]
    limits: list[Limit]
    direction: Literal["max", "min", "range"] | None
    source: str
    first: datetime | None
    last: datetime | None


class Chief(Schema):
    """Somebody who answers for a bank of a reach today."""

    level: str
    level_name: str
    post: str
    holder: str
    unit: str
    phone: str
    since: str


class BankChiefs(Schema):
    """Who answers for one bank, level by level; ``gaps`` names levels where nobody does."""

    bank: Bank
    bank_name: str
    region: str | None
    chiefs: list[Chief]
    gaps: list[str]


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


class CaseBrief(Schema):
    """A case in one line."""

    number: str
    title: str
    state: str
    state_name: str
    severity: str
    severity_name: str
    categories: list[str]
    reach: str | None
    reach_name: str
    bank_name: str
    owner: str
    source: str
    source_name: str
    opened_at: datetime
    due_at: datetime | None
    due_text: str
    level: WorkLevel
    waits_for_me: bool
    next_step: str


class Attachment(Schema):
    """A photo or file of a case."""

    id: UUID
    url: str
    media_type: str
    kind: str
    kind_name: str
    taken_at: datetime | None
    by: str


class Transition(Schema):
    """One fact of a case's history. Histories are appended, never edited."""

    order: int
    from_state: str | None
    from_name: str
    to_state: str
    to_name: str
    is_change: bool
    actor: str
    actor_role: str
    on_behalf_of: str | None
    at: datetime
    at_device: datetime | None
    reason: str
    distance_m: float | None
    attachments: list[Attachment]
    hash: str


class Requirement(Schema):
    """What a step needs: kind is reason, photo_before, photo_after, unit, due_at, until, target or categories."""

    kind: str
    label: str
    help: str


class Action(Schema):
    """A step the asker may or may not take now; ``why_not`` says who may."""

    to: str
    label: str
    is_primary: bool
    is_allowed: bool
    why_not: str | None
    requires: list[Requirement]


class Case(Schema):
    """A case, whole: what, where, whose, until when, what is next, and its history."""

    brief: CaseBrief
    description: str
    lon: float | None
    lat: float | None
    reporter: str
    region: str
    responsible: list[BankChiefs]
    actions: list[Action]
    history: list[Transition]
    is_history_intact: bool
    judgement: Judgement | None
    episode_text: str | None
    station: str | None
    version: int


class CaseList(Schema):
    """Cases that the asker may see; ``sentence`` says how many and what is late."""

    sentence: str
    total: int
    cases: list[CaseBrief]


class Report(Schema):
    """A new problem, as a person reports it. ``uuid`` is the reporter's own: sending twice reports once."""

    uuid: UUID
    title: str = Field(min_length=2, max_length=120)
    description: str = Field(default="", max_length=4000)
    categories: list[str] = Field(default_factory=list, max_length=8)
    reach: str | None = Field(default=None, max_length=64)
    bank: Bank = "both"
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    severity: Literal["minor", "ordinary", "major"] = "ordinary"
    attachments: list[UUID] = Field(default_factory=list, max_length=12)
    at_device: datetime | None = None


class Step(Schema):
    """One step of a case. ``version`` is the case's version the actor saw; ``uuid`` makes sending twice harmless."""

    uuid: UUID
    to: str = Field(max_length=40)
    version: int
    reason: str = Field(default="", max_length=4000)
    unit: str | None = Field(default=None, max_length=64)
    due_at: datetime | None = None
    until: datetime | None = None
    target: str | None = Field(default=None, max_length=64)
    categories: list[str] | None = None
    attachments: list[UUID] = Field(default_factory=list, max_length=12)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    accuracy_m: float | None = None
    at_device: datetime | None = None


class Found(Schema):
    """One hit of the search."""

    kind: str
    kind_name: str
    id: str
    name: str
    where: str


for model in (Session, Station, Reach):
    model.model_rebuild()
