"""Cases: briefly, whole, and what is sent to move them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from riverchief_server.api.desk.judgements.schema import Judgement
from riverchief_server.api.desk.people.schema import BankChiefs
from riverchief_server.api.desk.times import Moment
from riverchief_server.api.desk.words import Bank, WorkLevel


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
    occurred_at: datetime | None
    due_at: datetime | None
    due_text: str
    level: WorkLevel
    rung: int
    rung_name: str
    is_supervised: bool
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
    act: str | None
    actor: str
    actor_role: str
    on_behalf_of: str | None
    at: datetime
    at_device: datetime | None
    reason: str
    distance_m: float | None
    attachments: list[Attachment]
    evidence_href: str | None
    hash: str


class Requirement(Schema):
    """What a step needs or may bring: kind is a row of ``needs.csv``; ``suggested`` is what a form begins with."""

    kind: str
    label: str
    help: str
    is_required: bool
    suggested: str


class Action(Schema):
    """A step the asker may or may not take now; ``why_not`` says who may."""

    to: str
    label: str
    is_primary: bool
    is_allowed: bool
    why_not: str | None
    requires: list[Requirement]


class ActChoice(Schema):
    """An act the asker may do on a case without changing its state, such as supervising it."""

    act: str
    label: str
    is_allowed: bool
    why_not: str | None


class Act(Schema):
    """An act on a case; ``uuid`` makes sending twice harmless."""

    uuid: UUID
    act: str = Field(max_length=40)
    reason: str = Field(default="", max_length=4000)
    attachments: list[UUID] = Field(default_factory=list, max_length=12)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    at_device: datetime | None = None


class SimilarCase(Schema):
    """An open case that may be the same problem: how far away, and a picture of it."""

    brief: CaseBrief
    metres: int
    photo: str | None


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
    at_device: Moment | None = None


class Step(Schema):
    """One step of a case. ``version`` is the case's version the actor saw; ``uuid`` makes sending twice harmless."""

    uuid: UUID
    to: str = Field(max_length=40)
    version: int
    reason: str = Field(default="", max_length=4000)
    unit: str | None = Field(default=None, max_length=64)
    due_at: Moment | None = None
    until: Moment | None = None
    target: str | None = Field(default=None, max_length=64)
    categories: list[str] | None = None
    title: str = Field(default="", max_length=120)
    severity: Literal["", "minor", "ordinary", "major"] = ""
    why_no_photo: str = Field(default="", max_length=400)
    attachments: list[UUID] = Field(default_factory=list, max_length=12)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    accuracy_m: float | None = None
    at_device: Moment | None = None


class Clock(Schema):
    """One wait of a case: which state, in which leg, from when to when, until when it should have lasted, and why."""

    leg: int
    state_name: str
    entered_at: datetime
    left_at: datetime | None
    due_at: datetime | None
    is_late: bool
    is_now: bool
    text: str
    sum: str


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
    acts: list[ActChoice]
    history: list[Transition]
    deadline: str
    clocks: list[Clock]
    recurs: str | None
    recurrences: list[str]
    is_history_intact: bool
    judgement: Judgement | None
    episode_text: str | None
    station: str | None
    episode: int | None
    version: int
