"""Fetches what a plan says: by seeking in the store, page by page, however many readings there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from riverchief_server.observations import store
from riverchief_server.observations.store import EVER, Columns
from riverchief_server.observations.store.engine import engine_of
from riverchief_server.observations.store.rows import DTYPES
from riverchief_server.sensorthings.read.order import bad_token, behind
from riverchief_server.sensorthings.read.plan import ALIAS, Plan
from riverchief_server.sensorthings.read.session import fetch

SHOWN = ("series", "t", "v", "flag", "operator", "bound", "flag_by")
FIRST_WINDOW_MS = 3_600_000
NONE = Columns(*(np.empty(0, dtype) for dtype in DTYPES.values()))


def read_readings(plan: Plan, size: int, skip: int, place: Sequence[Any] | None) -> Columns:
    """The first ``size`` readings of ``plan`` behind ``place`` and ``skip`` more, in its order."""
    if plan.series == () or plan.start >= plan.end:
        return NONE
    wanted = size + skip
    if plan.order == "other":
        found = _by_statement(plan, wanted, place)
    elif plan.order == "time" and (plan.series is None or len(plan.series) > 1):
        found = _by_windows(plan, wanted, place)
    elif plan.series is not None and len(plan.series) == 1:
        found = _of_one_series(plan, wanted, place)
    elif plan.start > -EVER or plan.end < EVER:
        found = _series_by_series(plan, wanted, place)
    else:
        found = _by_statement(plan, wanted, place)
    return found.take(slice(skip, wanted))


def place_of(plan: Plan, last: Columns) -> list[Any]:
    """The place of the last reading of a page."""
    series, t = int(last.series[-1]), int(last.t[-1])
    if plan.order != "other":
        return [series, t]
    keys = ", ".join(term.value.text for term in plan.terms)
    given = [p for term in plan.terms for p in term.value.parameters]
    sql = f"SELECT {keys} FROM reading AS {ALIAS} WHERE {ALIAS}.series = %s AND {ALIAS}.t = %s"
    return list(fetch(sql, [*given, series, t])[0])


def count_readings(plan: Plan) -> int:
    """How many readings ``plan`` has in all."""
    if plan.series == () or plan.start >= plan.end:
        return 0
    if not plan.rest:
        if plan.series is None and plan.start == -EVER and plan.end == EVER:
            return store.count()
        return store.count(all_series(plan), plan.start, plan.end)
    where, given = _where(plan, plan.start, plan.end)
    return int(_fetch(f"SELECT count(*) FROM reading AS {ALIAS} WHERE {where}", given, [np.int64])[0][0])


def all_series(plan: Plan) -> tuple[int, ...]:
    """The series of ``plan`` in order, all that there are where it names none."""
    if plan.series is not None:
        return plan.series
    return tuple(row[0] for row in fetch("SELECT id FROM sta_datastream ORDER BY id", ()))


def _key_of(place: Sequence[Any]) -> tuple[int, int]:
    if len(place) != 2 or not all(isinstance(one, int) for one in place):
        raise bad_token()
    return place[0], place[1]


def _of_one_series(plan: Plan, size: int, place: Sequence[Any] | None) -> Columns:
    assert plan.series is not None
    start, end = plan.start, plan.end
    if place is not None:
        t = _key_of(place)[1]
        start, end = (start, min(end, t)) if plan.descending else (max(start, t + 1), end)
    if start >= end:
        return NONE
    if not plan.rest:
        return store.read(plan.series[0], start, end, limit=size, newest_first=plan.descending, only=SHOWN)
    where, given = _where(plan, start, end)
    way = "DESC" if plan.descending else "ASC"
    return _columns(f"FROM reading AS {ALIAS} WHERE {where} ORDER BY {ALIAS}.t {way} LIMIT %s", [*given, size])


def _series_by_series(plan: Plan, size: int, place: Sequence[Any] | None) -> Columns:
    """In order of series: a time range is sought in one after the other until the page is full."""
    series = sorted(all_series(plan), reverse=plan.descending)
    first = None
    if place is not None:
        first = _key_of(place)[0]
        series = [one for one in series if (one <= first if plan.descending else one >= first)]
    parts, have = [], 0
    for one in series:
        inside = place if one == first else None
        alone = Plan((one,), plan.start, plan.end, plan.rest, "id", plan.descending, ())
        found = _of_one_series(alone, size - have, inside)
        parts.append(found)
        have += found.size
        if have >= size:
            break
    return store.joined(parts) if parts else NONE


def _by_windows(plan: Plan, size: int, place: Sequence[Any] | None) -> Columns:
    """In order of time over many series: ever longer windows from the end, each sought in every series."""
    series = np.asarray(all_series(plan), np.int32)
    start, end = plan.start, plan.end
    if place is not None:
        _, t = _key_of(place)
        start, end = (start, min(end, t + 1)) if plan.descending else (max(start, t), end)
    edges = _edges(series, start, end)
    if edges is None:
        return NONE
    first, last = edges
    width = FIRST_WINDOW_MS
    while True:
        begin, finish = (
            (max(last + 1 - width, first), last + 1) if plan.descending else (first, min(first + width, last + 1))
        )
        found = _window(plan, series, begin, finish)
        found = _sorted_by_time(found, plan.descending)
        if place is not None:
            found = found.take(_behind_in_time(found, *_key_of(place), plan.descending))
        if found.size >= size or (begin <= first and finish > last):
            return found.take(slice(0, size))
        width *= 4


def _behind_in_time(found: Columns, series: int, t: int, descending: bool) -> NDArray[np.bool_]:
    later: NDArray[np.bool_] = (found.t < t if descending else found.t > t) | ((found.t == t) & (found.series > series))
    return later


def _sorted_by_time(found: Columns, descending: bool) -> Columns:
    return found.take(np.lexsort((found.series, -found.t if descending else found.t)))


def _edges(series: NDArray[np.int32], start: int, end: int) -> tuple[int, int] | None:
    """The first and last time of any of ``series`` within ``start <= t < end``."""
    engine = engine_of()
    sql = (
        "SELECT first, last FROM ("
        "SELECT (SELECT min(t) FROM reading WHERE series = wanted.series AND t >= %s) AS first, "
        f"(SELECT max(t) FROM reading WHERE series = wanted.series AND t < %s) AS last FROM {engine.wanted}) AS ends "
        "WHERE first IS NOT NULL AND last IS NOT NULL AND last >= first"
    )
    first, last = engine.fetch(sql, [start, end, engine.ids(series)], [np.int64, np.int64])
    return (int(first.min()), int(last.max())) if len(first) else None


def _window(plan: Plan, series: NDArray[np.int32], start: int, end: int) -> Columns:
    if not plan.rest:
        return store.read_many(series, start, end, only=SHOWN)
    engine = engine_of()
    conditions = " AND ".join(condition.text for condition in plan.rest)
    given = [p for condition in plan.rest for p in condition.parameters]
    tail = (
        f"FROM {engine.wanted} CROSS JOIN reading AS {ALIAS} WHERE {ALIAS}.series = wanted.series "
        f"AND {ALIAS}.t >= %s AND {ALIAS}.t < %s AND {conditions}"
    )
    return _columns(tail, [engine.ids(series), start, end, *given])


def _by_statement(plan: Plan, size: int, place: Sequence[Any] | None) -> Columns:
    where, given = _where(plan, plan.start, plan.end)
    if plan.order == "id":
        way, sign = ("DESC", "<") if plan.descending else ("ASC", ">")
        order, keys = f"{ALIAS}.series {way}, {ALIAS}.t {way}", []
        if place is not None:
            where += f" AND ({ALIAS}.series, {ALIAS}.t) {sign} (%s, %s)"
            given += _key_of(place)
    else:
        order = ", ".join(term.sql for term in plan.terms)
        keys = [p for term in plan.terms for p in term.parameters]
        if place is not None:
            condition = behind(plan.terms, place)
            where += f" AND {condition.text}"
            given += condition.parameters
    return _columns(f"FROM reading AS {ALIAS} WHERE {where} ORDER BY {order} LIMIT %s", [*given, *keys, size])


def _where(plan: Plan, start: int, end: int) -> tuple[str, list[Any]]:
    parts: list[str] = []
    given: list[Any] = []
    if plan.series is not None and len(plan.series) == 1:
        parts.append(f"{ALIAS}.series = %s")
        given.append(plan.series[0])
    elif plan.series is not None:
        engine = engine_of()
        parts.append(f"{ALIAS}.series IN (SELECT wanted.series FROM {engine.wanted})")
        given.append(engine.ids(plan.series))
    for sign, bound, none in ((">=", start, -EVER), ("<", end, EVER)):
        if bound != none:
            parts.append(f"{ALIAS}.t {sign} %s")
            given.append(bound)
    for condition in plan.rest:
        parts.append(condition.text)
        given += condition.parameters
    return " AND ".join(parts) or "1 = 1", given


def _columns(tail: str, given: Sequence[Any]) -> Columns:
    absent = engine_of().absent
    selected = ", ".join(
        f"coalesce({ALIAS}.{name}, {absent}) AS {name}" if name in ("v", "bound") else f"{ALIAS}.{name} AS {name}"
        for name in SHOWN
    )
    found = dict(zip(SHOWN, _fetch(f"SELECT {selected} {tail}", given, [DTYPES[name] for name in SHOWN]), strict=True))
    size = len(found["t"])
    return Columns(*(found.get(name, np.zeros(size, dtype)) for name, dtype in DTYPES.items()))


def _fetch(sql: str, given: Sequence[Any], dtypes: Sequence[type[np.generic]]) -> list[Any]:
    if connection.vendor == "sqlite":
        # the store hands statements to sqlite3 as they are, where a percent sign is not doubled
        sql = sql.replace("%%", "%")
    return engine_of().fetch(sql, given, dtypes)
