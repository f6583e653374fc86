"""Drinking-water sources in one month: which comply, on how much of what is due, and how many of them."""

from ninja import Schema


class SourceRow(Schema):
    """One source in one month: ``complies`` is ``None`` where it can't be judged or was not sampled.

    ``measured`` of the ``of`` items of its programme were; ``months_complying`` of the ``months_judged`` months of the
    year so far do.
    """

    id: str
    name: str
    kind: str
    level: str
    people: int | None
    complies: bool | None
    verdict: str
    over: str
    missing: str
    judged: int
    measured: int
    of: int
    months_complying: int
    months_judged: int
    sentence: str


class SourceGroup(Schema):
    """County or township sources together: 水源达标率 by count over the year so far, with what is asked for."""

    level: str
    name: str
    sources: int
    complying: int
    judged: int
    rate: str
    wanted: str
    meets: bool | None


class Sources(Schema):
    """All sources of the county in ``month``, a sentence first."""

    month: str
    sentence: str
    groups: list[SourceGroup]
    rows: list[SourceRow]
