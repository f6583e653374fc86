"""CreateObservations (18-088 §14.2): many observations as columns, with a reply that says what became of each row.

A row that can't be taken does not stop the others, but its place in the reply says why; where no row could be stored
the whole is refused. The same request twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riverchief.errors import BadInput, Fault, NotAllowed, RiverchiefError, unknown_name
from riverchief.sheet.times import is_future
from riverchief_server.observations.store import from_ms
from riverchief_server.observations.store.rows import FIRST_MS, LAST_MS
from riverchief_server.sensorthings.odata.times import read_time
from riverchief_server.sensorthings.vocabulary import entity_of
from riverchief_server.sensorthings.write.arrivals import UNTOLD, Arrivals
from riverchief_server.sensorthings.write.body import identity_in, read_draft
from riverchief_server.sensorthings.write.observation import GREATEST, arrival_of
from riverchief_server.sensorthings.write.streams import Stream, stream_of
from riverchief_server.sensorthings.write.tables import row_of

COMPONENTS = (
    "phenomenonTime",
    "result",
    "resultTime",
    "resultQuality",
    "validTime",
    "parameters",
    "FeatureOfInterest/id",
)
PLAIN = {"phenomenonTime", "result", "resultTime"}
MOST_ROWS = 200_000


@dataclass
class Group:
    """One datastream's rows: what is to be stored, and by row either the time it is stored under or a refusal."""

    stream: Stream
    arrivals: list[Arrivals] = field(default_factory=list)
    times: list[int | None] = field(default_factory=list)
    refusals: dict[int, RiverchiefError] = field(default_factory=dict)


def read_groups(given: Any, now: int, may_measure: Callable[[int | None], None]) -> list[Group]:
    """The groups of a body; ``may_measure`` raises for a place at which the asker may not.

    Raises :class:`~riverchief.errors.BadInput` for a body that is none.
    """
    if not isinstance(given, list) or not given:
        raise BadInput([Fault("not_understood", details={"allowed": '[{"Datastream", "components", "dataArray"}]'})])
    if sum(len(group.get("dataArray") or ()) for group in given if isinstance(group, dict)) > MOST_ROWS:
        raise BadInput([Fault("sta_too_much", details={"given": "dataArray", "allowed": str(MOST_ROWS)})])
    return [_group(group, now, may_measure) for group in given]


def links_of(group: Group, root: str, language: str) -> list[str]:
    """The reply for each row: the address of its observation, or ``error`` and why."""
    begin = f"{root}/Observations('{group.stream.series}-"
    said = [f"{begin}{t}')" if t is not None else "" for t in group.times]
    for position, refused in group.refusals.items():
        said[position] = f"error: {refused.text(language)}"
    return said


def _group(given: Any, now: int, may_measure: Callable[[int | None], None]) -> Group:
    if not isinstance(given, dict) or not isinstance(given.get("dataArray"), list):
        raise BadInput([Fault("not_understood", column="dataArray", details={"allowed": "[[…], …]"})])
    rows = given["dataArray"]
    identity = identity_in(given.get("Datastream"))
    try:
        stream = stream_of("—" if identity is None else identity)
        may_measure(stream.place)
    except (BadInput, NotAllowed) as refused:
        # the rows of another datastream are not to be lost for this one
        nowhere = Group(Stream(0, False), times=[None] * len(rows))
        nowhere.refusals = dict.fromkeys(range(len(rows)), refused)
        return nowhere
    components = _components(given.get("components"))
    group = Group(stream, times=[None] * len(rows))
    if set(components) <= PLAIN and _by_columns(group, components, rows, now):
        return group
    _row_by_row(group, components, rows, now)
    return group


def _components(given: Any) -> list[str]:
    if not isinstance(given, list) or "result" not in given:
        raise BadInput([Fault("missing_value", column="components", details={"given": "result", "allowed": "result"})])
    for name in given:
        if name not in COMPONENTS:
            raise BadInput([unknown_name("sta_unknown_member", str(name), list(COMPONENTS), column="components")])
    return given


def _by_columns(group: Group, components: Sequence[str], rows: Sequence[Any], now: int) -> bool:
    """Take the rows as columns where they are all well; ``False`` where one is not, and each has to be looked at."""
    width = len(components)
    if not rows or any(type(row) is not list or len(row) != width for row in rows):
        return False
    columns = dict(zip(components, zip(*rows, strict=True), strict=True))
    results = columns["result"]
    if not all(type(one) is float or type(one) is int for one in results):
        return False
    try:
        v = np.array(results, np.float64)
    except OverflowError:
        return False
    told = _times(columns["resultTime"]) if "resultTime" in columns else None
    if "resultTime" in columns and told is None:
        return False
    t = _times(columns["phenomenonTime"]) if "phenomenonTime" in columns else told
    if t is None or not (np.abs(v) < GREATEST).all() or t.min() < FIRST_MS or t.max() >= LAST_MS:
        return False
    if len(np.unique(t)) != len(t):
        return False
    if group.stream.is_of_register and is_future(from_ms(int(t.max())), from_ms(now)):
        return False
    group.times = t.tolist()
    told = np.full(len(t), UNTOLD) if told is None else told
    group.arrivals = [Arrivals(group.stream.series, t, v, told, now)]
    return True


def _times(texts: Sequence[Any]) -> NDArray[np.int64] | None:
    """Many times at once, where all are written alike: ``2026-11-24T00:15:00Z`` (or with one and the same offset)."""
    first = texts[0]
    if type(first) is not str or len(first) not in (20, 25) or first[10:11] != "T":
        return None
    zone = first[19:]
    if any(type(text) is not str or len(text) != len(first) or not text.endswith(zone) for text in texts):
        return None
    try:
        offset = read_time(f"1970-01-01T00:00:00{zone}")
        moments = np.array([text[:19] for text in texts], "datetime64[s]")
    except (BadInput, ValueError):
        return None
    return moments.astype(np.int64) * 1000 + offset


def _row_by_row(group: Group, components: Sequence[str], rows: Sequence[Any], now: int) -> None:
    entity = entity_of("Observation")
    taken: dict[int, int] = {}
    for position, row in enumerate(rows):
        try:
            if not isinstance(row, list) or len(row) != len(components):
                count = len(row) if isinstance(row, list) else 0
                raise BadInput([Fault("uneven_row", details={"given": str(count), "allowed": str(len(components))})])
            said = dict(zip(components, row, strict=True))
            feature = said.pop("FeatureOfInterest/id", None)
            link = None
            if feature is not None:
                link = int(row_of("FeatureOfInterest", identity_in({"@iot.id": feature}) or 0, as_link=True).pk)
            draft = read_draft(entity, said, linked=frozenset({"Datastream"}))
            arrival = arrival_of(group.stream, draft.values, link, now)
            t = int(arrival.t[0])
            if t in taken:
                details = {"given": str(said.get("phenomenonTime")), "allowed": str(taken[t] + 1)}
                raise BadInput([Fault("duplicate", details=details)])
        except BadInput as refused:
            group.refusals[position] = refused
            continue
        taken[t] = position
        group.times[position] = t
        group.arrivals.append(arrival)
    group.arrivals = _together(group.arrivals)


def _together(single: Sequence[Arrivals]) -> list[Arrivals]:
    """Arrivals of one observation each as one of all."""
    if len(single) < 2:
        return list(single)
    first = single[0]
    return [
        Arrivals(
            first.series,
            np.concatenate([one.t for one in single]),
            np.concatenate([one.v for one in single]),
            np.concatenate([one.result_time for one in single]),
            first.arrived,
            flag=np.array([one.flag for one in single], np.int16),
            operator=np.array([one.operator for one in single], np.int16),
            bound=np.concatenate([np.atleast_1d(np.asarray(one.bound, np.float64)) for one in single]),
            special={k: one.special[0] for k, one in enumerate(single) if one.special},
        )
    ]
