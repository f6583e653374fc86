"""Observations as the standard shows them: readings of the store with what is particular about some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from riverchief_server.observations.store import Columns, source_names
from riverchief_server.observations.store.rows import OPERATORS
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.odata.times import write_period, write_time, write_times
from riverchief_server.sensorthings.quality import show_quality
from riverchief_server.sensorthings.read.order import read_token, write_token
from riverchief_server.sensorthings.read.page import page_size
from riverchief_server.sensorthings.read.plan import make_plan
from riverchief_server.sensorthings.read.readings import count_readings, place_of, read_readings
from riverchief_server.sensorthings.read.rows import check_select
from riverchief_server.sensorthings.read.session import Session, fetch
from riverchief_server.sensorthings.sql.sentence import Sql
from riverchief_server.sensorthings.vocabulary import IDENTITY, entity_of

MEMBERS = ("phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters")
COMPONENTS = ("id", "phenomenonTime", "result", "resultTime", "resultQuality")


class Particular(NamedTuple):
    """What one observation has of its own; texts are JSON."""

    phenomenon_end: int | None
    result_time: int | None
    valid_begin: int | None
    valid_end: int | None
    result: str | None
    quality: str | None
    parameters: str | None
    feature: int | None


@dataclass
class ObservationPage:
    """A page of readings, the count (where asked) and the place behind the last (where there are more)."""

    readings: Columns
    count: int | None = None
    token: str | None = None


def read_observations(
    series: Sequence[int] | None, scope: Sequence[Sql], query: Query, session: Session
) -> ObservationPage:
    """The page that ``query`` asks for, within ``series`` (``None``: all) and the conditions ``scope``."""
    check_select(entity_of("Observation"), query)
    plan = make_plan(series, scope, query, session)
    count = count_readings(plan) if query.count else None
    size = page_size(query)
    place = read_token(query.skiptoken) if query.skiptoken else None
    found = read_readings(plan, size + 1, query.skip, place) if size else read_readings(plan, 0, 0, None)
    if found.size <= size:
        return ObservationPage(found, count)
    shown = found.take(slice(0, size))
    return ObservationPage(shown, count, write_token(place_of(plan, shown)))


def show_observations(found: Columns, query: Query, session: Session) -> list[dict[str, Any]]:
    """``found`` as JSON says it; without what is shown inside."""
    if not found.size:
        return []
    select = () if "*" in query.select else tuple(name.split("/")[0] for name in query.select)
    members = value_columns(found, [name for name in MEMBERS if not select or name in select])
    names = list(members)
    rows: list[dict[str, Any]] = [
        dict(zip(names, values, strict=True)) for values in zip(*members.values(), strict=True)
    ]
    if not names:
        rows = [{} for _ in range(found.size)]
    relations = [name for name in entity_of("Observation").relations if not select or name in select]
    relations = [name for name in relations if name not in query.expand]
    shows_id = not select or any(name in query.select for name in IDENTITY)
    shows_link = not select or "@iot.selfLink" in query.select
    if select and not (shows_id or shows_link or relations):
        return [_without_nothing(row) for row in rows] if _has_nothing(names) else rows
    shown = []
    begin = f"{session.root}/Observations("
    for series, t, row in zip(found.series.tolist(), found.t.tolist(), rows, strict=True):
        link = f"{begin}'{series}-{t}')"
        said: dict[str, Any] = {}
        if shows_id:
            said["@iot.id"] = f"{series}-{t}"
        if shows_link:
            said["@iot.selfLink"] = link
        for name, value in row.items():
            if value is not None or name == "result":
                said[name] = value
        for name in relations:
            said[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        shown.append(said)
    return shown


def value_columns(found: Columns, names: Sequence[str]) -> dict[str, list[Any]]:
    """The values of the properties ``names`` for each reading; ``None`` where there is none."""
    particulars = particulars_of(found)
    lags = _lags(found) if "resultTime" in names else {}
    columns: dict[str, list[Any]] = {}
    for name in names:
        if name == "phenomenonTime":
            columns[name] = write_times(found.t)
        elif name == "result":
            columns[name] = [value if value == value else None for value in found.v.tolist()]
        elif name == "resultTime":
            columns[name] = _result_times(found, lags)
        elif name == "resultQuality":
            columns[name] = _qualities(found)
        else:
            columns[name] = [None] * found.size
    for position, one in particulars.items():
        said = _show_particular(one, int(found.t[position]))
        for name in names:
            if name in said:
                columns[name][position] = said[name]
    return {
        name: values for name, values in columns.items() if name in COMPONENTS or any(v is not None for v in values)
    }


def particulars_of(found: Columns) -> dict[int, Particular]:
    """What is particular, by the position of the reading in ``found``."""
    if not found.size or not fetch("SELECT 1 FROM sta_particular LIMIT 1", ()):
        return {}
    series = sorted(set(found.series.tolist()))
    marks = ", ".join(["%s"] * len(series))
    rows = fetch(
        "SELECT series, t, phenomenon_end, result_time, valid_begin, valid_end, CAST(result AS text), "
        "CAST(quality AS text), CAST(parameters AS text), feature_id FROM sta_particular "
        f"WHERE series IN ({marks}) AND t BETWEEN %s AND %s",
        [*series, int(found.t.min()), int(found.t.max())],
    )
    if not rows:
        return {}
    positions = {key: k for k, key in enumerate(zip(found.series.tolist(), found.t.tolist(), strict=True))}
    return {positions[row[:2]]: Particular(*row[2:]) for row in rows if row[:2] in positions}


def _show_particular(one: Particular, t: int) -> dict[str, Any]:
    said: dict[str, Any] = {"resultTime": None if one.result_time is None else write_time(one.result_time)}
    if one.phenomenon_end is not None:
        said["phenomenonTime"] = write_period(t, one.phenomenon_end)
    if one.valid_begin is not None and one.valid_end is not None:
        said["validTime"] = write_period(one.valid_begin, one.valid_end)
    for name, text in (("result", one.result), ("resultQuality", one.quality), ("parameters", one.parameters)):
        if text is not None and text != "null":
            said[name] = orjson.Fragment(text)
    return said


def _lags(found: Columns) -> dict[int, int | None]:
    series = sorted(set(found.series.tolist()))
    marks = ", ".join(["%s"] * len(series))
    return dict(fetch(f"SELECT id, lag_ms FROM sta_datastream WHERE id IN ({marks})", series))


def _result_times(found: Columns, lags: dict[int, int | None]) -> list[str | None]:
    distinct = set(lags.values())
    if distinct == {0}:
        return list(write_times(found.t))
    if distinct <= {None}:
        return [None] * found.size
    pairs = zip(found.series.tolist(), found.t.tolist(), strict=True)
    return [None if (lag := lags.get(series)) is None else write_time(t + lag) for series, t in pairs]


def _qualities(found: Columns) -> list[dict[str, Any]]:
    names = source_names() if found.flag_by.any() else {0: ""}
    said = []
    for flag, by, operator, bound in zip(
        found.flag.tolist(), found.flag_by.tolist(), found.operator.tolist(), found.bound.tolist(), strict=True
    ):
        limit = bound if bound == bound else None
        said.append(_quality(flag, names[by], OPERATORS[operator], limit if operator else None))
    return said


@lru_cache(maxsize=4096)
def _quality(flag: int, by: str, operator: str, bound: float | None) -> dict[str, Any]:
    return show_quality(flag, by, operator, bound)


def _has_nothing(names: Sequence[str]) -> bool:
    return any(name != "phenomenonTime" and name != "result" for name in names)


def _without_nothing(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None or name == "result"}
