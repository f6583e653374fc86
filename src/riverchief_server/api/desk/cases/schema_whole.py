"""One case, whole."""

from datetime import datetime

from ninja import Schema

from riverchief_server.api.desk.cases.schema import ActChoice, Action, CaseBrief, Transition
from riverchief_server.api.desk.judgements.schema import Judgement
from riverchief_server.api.desk.waters.schema import BankChiefs


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
