"""What is kept of a spill, key by key: the question with all it depends on, and the answer; plain JSON, no NaN.

Concentrations in mg/L, masses in kg, times in s from the beginning of the spill, lengths in m.
"""

from __future__ import annotations

from typing import Any, TypedDict


class KeptSpill(TypedDict):
    """Where, how much, for how long."""

    reach: int | str
    chainage_m: float
    mass_kg: float
    duration_s: float


class KeptWatch(TypedDict):
    """A place downstream; ``limit_mg_l`` None: the standard has none for it."""

    id: str
    reach: int | str
    chainage_m: float
    kind: str
    name: str
    limit_mg_l: float | None


class KeptQuestion(TypedDict):
    """A question. ``reaches`` and ``branches``: the river as it was taken to be, as ``river_data`` writes it;
    ``elsewhere``: ids of places that the water does not come to; ``basis``: by which method how many reaches got a
    quantity."""

    spill: KeptSpill
    reaches: list[dict[str, Any]]
    branches: list[list[Any]]
    places: list[KeptWatch]
    elsewhere: list[str]
    background_mg_l: float
    members: int
    basis: list[list[Any]]


class KeptRange(TypedDict):
    """A quantity with its doubt."""

    median: float
    p05: float
    p95: float


class KeptPassage(TypedDict):
    """What a place will see; ``resolved`` False: too near to tell when."""

    id: str
    kind: str
    name: str
    limit_mg_l: float | None
    distance_m: float
    arrival_s: KeptRange
    peak_s: KeptRange
    peak_mg_l: KeptRange
    passage_s: KeptRange
    above_limit_s: KeptRange | None
    mass_kg: KeptRange
    probability_above: float | None
    resolved: bool


class KeptCurve(KeptPassage):
    """The same with the concentration over time."""

    curve_s: list[float]
    curve_mg_l: list[float]


class KeptFront(TypedDict):
    """The front: stretches of reaches (rows) over time (columns); ``time_s`` are the edges of the columns."""

    time_s: list[float]
    reach: list[str]
    from_m: list[float]
    to_m: list[float]
    mg_l: list[list[float]]


class KeptSummary(TypedDict):
    """What a list shows of an answer: the place that matters first."""

    leading: KeptPassage | None


class KeptAnswer(TypedDict):
    """An answer; ``places`` are the nearest first, ``front`` is None where nobody is reached."""

    summary: KeptSummary
    places: list[KeptCurve]
    unreached: list[str]
    front: KeptFront | None
