"""Entities as they come from their tables and as they are shown; observations have a room of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from riverchief_server.observations.store.engine import engine_of
from riverchief_server.sensorthings.odata.path import Identity
from riverchief_server.sensorthings.odata.query import Query
from riverchief_server.sensorthings.odata.times import write_period, write_time
from riverchief_server.sensorthings.read.session import Session
from riverchief_server.sensorthings.vocabulary import IDENTITY, Entity, Property, unknown_member

JSON_KINDS = {"object", "any", "geometry"}


@dataclass
class Row:
    """One entity: what it has, and what is shown inside it by relation."""

    identity: Identity
    values: dict[str, Any]
    inside: dict[str, Any] = field(default_factory=dict)


def stored_of(entity: Entity, query: Query) -> list[Property]:
    """The properties that have to be read for what ``query`` shows."""
    return [known for known in entity.properties.values() if not known.computed and shows_any(query, (known.name,))]


def columns_of(entity: Entity, alias: str, query: Query) -> list[str]:
    """The columns of ``entity`` that :func:`read_rows` reads, its id first."""
    extra = [f"{alias}.lag_ms"] if entity.name == "Datastream" else []
    return [f"{alias}.id", *(known.sql.format(a=alias) for known in stored_of(entity, query)), *extra]


def read_rows(entity: Entity, found: Iterable[Sequence[Any]], query: Query) -> list[Row]:
    """Rows of :func:`columns_of` as entities."""
    stored = stored_of(entity, query)
    rows, lags = [], {}
    for record in found:
        values: dict[str, Any] = {}
        for known, value in zip(stored, record[1:], strict=False):
            if value is None:
                continue
            if known.kind in JSON_KINDS:
                text = value if isinstance(value, str) else orjson.dumps(value).decode()
                if text != "null":
                    values[known.name] = orjson.Fragment(text)
            elif known.kind == "time":
                values[known.name] = write_time(value)
            else:
                values[known.name] = value
        row = Row(record[0], values)
        rows.append(row)
        if entity.name == "Datastream":
            lags[record[0]] = record[len(stored) + 1]
    if entity.name == "Datastream" and rows and shows_any(query, ("phenomenonTime", "resultTime")):
        _add_periods(rows, lags)
    return rows


def shows_any(query: Query, names: Sequence[str]) -> bool:
    """Whether one of ``names`` is asked for; everything is where nothing is selected."""
    return not query.select or "*" in query.select or any(name.split("/")[0] in names for name in query.select)


def check_select(entity: Entity, query: Query) -> None:
    """Raises ``sta_unknown_member`` for a name in ``$select`` or ``$expand`` that ``entity`` does not have."""
    for name in query.select:
        if name not in (*IDENTITY, "@iot.selfLink", "*") and name.split("/")[0] not in entity.names():
            raise unknown_member(entity, name)
    for name in query.expand:
        if name not in entity.relations:
            raise unknown_member(entity, name)


def show(entity: Entity, row: Row, query: Query, session: Session) -> dict[str, Any]:
    """``row`` as JSON says it: what has no value is left out."""
    select = () if "*" in query.select else query.select
    link = session.link(entity, row.identity)
    said: dict[str, Any] = {}
    if not select or any(name in select for name in IDENTITY):
        said["@iot.id"] = row.identity
    if not select or "@iot.selfLink" in select:
        said["@iot.selfLink"] = link
    chosen = {name.split("/")[0] for name in select}
    for name in entity.properties:
        if (not select or name in chosen) and name in row.values:
            said[name] = row.values[name]
    for name in entity.relations:
        if name in row.inside:
            said.update(row.inside[name])
        elif not select or name in chosen:
            said[f"{name}@iot.navigationLink"] = f"{link}/{name}"
    return said


def ends_of(series: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The first and last measured time of each of ``series`` that has a reading; both are sought, not scanned."""
    engine = engine_of()
    inner = (
        "SELECT wanted.series AS series, (SELECT min(t) FROM reading WHERE reading.series = wanted.series) AS first, "
        f"(SELECT max(t) FROM reading WHERE reading.series = wanted.series) AS last FROM {engine.wanted}"
    )
    sql = f"SELECT series, first, last FROM ({inner}) AS ends WHERE first IS NOT NULL"
    numbers, first, last = engine.fetch(sql, [engine.ids(series)], [np.int64, np.int64, np.int64])
    return dict(zip(numbers.tolist(), zip(first.tolist(), last.tolist(), strict=True), strict=True))


def _add_periods(rows: Sequence[Row], lags: dict[int, int | None]) -> None:
    ends = ends_of([int(row.identity) for row in rows])
    for row in rows:
        if row.identity in ends:
            begin, end = ends[int(row.identity)]
            row.values["phenomenonTime"] = write_period(begin, end)
            lag = lags[int(row.identity)]
            if lag is not None:
                row.values["resultTime"] = write_period(begin + lag, end + lag)
