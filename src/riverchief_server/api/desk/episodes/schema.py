"""Episodes and their traces: what was exceeded, who it may have been, what to sample next."""

from typing import Annotated
from uuid import UUID

from ninja import Field, Schema

from riverchief_server.api.desk.spills.schema import Line, Ranged, RunState
from riverchief_server.api.desk.words import Choice

PointKind = Annotated[str, Field(json_schema_extra={"enum": ["measured", "below", "above"]})]


class EpisodeBrief(Schema):
    """An episode in one line. ``traced`` is what its newest finished trace says."""

    id: int
    section: str
    section_name: str
    title: str
    sentence: str
    is_over: bool
    case: str | None
    traced: str


class EpisodeList(Schema):
    """The episodes, the newest first."""

    sentence: str
    episodes: list[EpisodeBrief]


class TraceBrief(Schema):
    """A trace in one line."""

    id: UUID
    parameter: str
    parameter_name: str
    state: RunState
    state_name: str
    sentence: str
    asked_by: str
    asked_text: str


class Episode(Schema):
    """One episode and its traces. ``items`` can be traced; ``why_not`` says why the asker may not."""

    brief: EpisodeBrief
    items: list[Choice]
    may_trace: bool
    why_not: str | None
    traces: list[TraceBrief]


class TraceAsk(Schema):
    """A trace to compute. ``uuid`` is the asker's own: sending twice asks once."""

    uuid: UUID
    parameter: str = Field(default="", max_length=40)


class Travel(Schema):
    """How long the water takes to a station."""

    station: str
    text: str


class TraceCandidate(Schema):
    """One possible source; ``in_set`` marks those that hold nine tenths of the probability."""

    id: str
    name: str
    kind_name: str
    reach: str
    reach_name: str
    lon: float | None
    lat: float | None
    probability: float
    probability_text: str
    in_set: bool
    began: Ranged
    mass: Ranged
    lasted: Ranged
    travel: list[Travel]
    alike: list[str]
    case: str | None


class TracePoint(Schema):
    """One sample, ``t`` in seconds since 1970 UTC."""

    t: float
    value: float
    kind: PointKind


class TraceCurve(Schema):
    """What a station measured and what the explanation says it should have: median and 90 % band."""

    station: str
    name: str
    unit: str
    sentence: str
    points: list[TracePoint]
    t: list[float]
    median: list[float | None]
    low: list[float | None]
    high: list[float | None]


class TraceSample(Schema):
    """A sample worth taking."""

    name: str
    lon: float | None
    lat: float | None
    when: str
    gain: str
    expected: str


class Trace(Schema):
    """One trace, whole."""

    brief: TraceBrief
    episode: int
    progress: float
    progress_text: str
    verdict: str
    notes: list[str]
    question: list[Line]
    candidates: list[TraceCandidate]
    curves: list[TraceCurve]
    next_samples: list[TraceSample]
    next_sentence: str
    failure: str
    may_cancel: bool
    may_repeat: bool
    may_open_case: bool
    repeats_text: str
    basis: str


class CaseAt(Schema):
    """Open a case at a candidate; ``uuid`` is the asker's own: sending twice opens one."""

    uuid: UUID
    candidate: str = Field(max_length=80)


class CaseOpened(Schema):
    """The case that is there now."""

    number: str
    href: str
