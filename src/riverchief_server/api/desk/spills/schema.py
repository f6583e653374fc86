"""Spills: what is asked, how far it is, what came out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema

from riverchief_server.api.desk.times import Moment
from riverchief_server.api.desk.words import Choice

RunState = Annotated[str, Field(json_schema_extra={"enum": ["waiting", "running", "done", "failed", "cancelled"]})]
Verdict = Annotated[str, Field(json_schema_extra={"enum": ["over", "may", "under", "none"]})]


class SpillForm(Schema):
    """What the form offers. ``why_not`` says why the asker may not have anything computed."""

    may_ask: bool
    why_not: str | None
    substances: list[Choice]
    units: list[Choice]
    flows: list[Choice]
    flow: str
    substance: str


class SpillPoint(Schema):
    """A point on a river in words."""

    reach: str
    reach_name: str
    chainage_m: float
    length_m: float
    lon: float
    lat: float
    text: str
    below: str


class SpillAsk(Schema):
    """A spill to compute. ``uuid`` is the asker's own: sending twice asks once. Without ``start`` it begins now."""

    uuid: UUID
    reach: str = Field(default="", max_length=64)
    chainage_m: float | None = None
    place: str = Field(default="", max_length=64)
    parameter: str = Field(default="", max_length=40)
    substance: str = Field(default="", max_length=40)
    amount: float
    unit: Literal["kg", "t", "g", "m3"] = "kg"
    content_mg_l: float | None = None
    duration_h: float = 0.0
    start: Moment | None = None
    flow: str = Field(default="measured", max_length=24)
    decay_per_d: float = 0.0
    background_mg_l: float = 0.0


class RunAgain(Schema):
    """The asker's own ``uuid`` for the run that repeats another."""

    uuid: UUID


class Ranged(Schema):
    """A value in words with its 90 % range in words; no range where its ends read as the value does."""

    text: str
    range: str


class SpillPlace(Schema):
    """What one place downstream will see; ``verdict``: over its limit, may be, under, or none where there is none."""

    id: str
    name: str
    kind: str
    kind_name: str
    href: str | None
    distance: str
    arrival: Ranged
    peak_at: Ranged
    peak: Ranged
    passage: Ranged
    above: Ranged | None
    limit: str
    verdict: Verdict
    verdict_name: str
    note: str


class Line(Schema):
    """A label and what it says."""

    label: str
    text: str


class Notice(Schema):
    """The text that warns one place, in both languages."""

    place: str
    name: str
    zh: str
    en: str


class SpillBrief(Schema):
    """A spill in one line."""

    id: UUID
    title: str
    state: RunState
    state_name: str
    sentence: str
    asked_by: str
    asked_text: str


class SpillList(Schema):
    """The spills computed so far, the newest first."""

    sentence: str
    spills: list[SpillBrief]


class Spill(Schema):
    """One spill, whole."""

    id: UUID
    title: str
    state: RunState
    state_name: str
    progress: float
    progress_text: str
    sentence: str
    question: list[Line]
    assumptions: list[str]
    places: list[SpillPlace]
    unreached: str
    notices: list[Notice]
    failure: str
    may_cancel: bool
    may_repeat: bool
    asked_by: str
    asked_text: str
    repeats: UUID | None
    repeats_text: str
    reach: str
    lon: float | None
    lat: float | None
    case_href: str | None
    again_href: str


class FrontLevel(Schema):
    """One level of the front on the map: 0 is not drawn."""

    level: int
    name: str


class SpillFront(Schema):
    """The front over time as GeoJSON: each stretch with one level (a digit) and one concentration for each step.

    ``times`` are the middles of the steps, ``labels`` the same in words, ``captions`` what is where then.
    """

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[dict[str, Any]]
    times: list[datetime]
    labels: list[str]
    captions: list[str]
    legend: list[FrontLevel]
    bounds: tuple[float, float, float, float] | None
    first: int
