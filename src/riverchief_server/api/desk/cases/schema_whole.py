"""One case, whole."""

from ninja import Schema

from riverchief_server.api.desk.cases.schema import Action, CaseBrief, Transition
from riverchief_server.api.desk.judgements.schema import Judgement
from riverchief_server.api.desk.waters.schema import BankChiefs


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
    episode: int | None
    version: int
