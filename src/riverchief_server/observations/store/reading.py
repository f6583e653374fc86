"""What the store answers. Latest means latest *measured*, found by seeking the end of each series, never by a scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connections
from numpy.typing import NDArray

from riverchief_server.observations.store.engine import DEFAULT, Engine, engine_of
from riverchief_server.observations.store.rows import DTYPES, EVER, Columns, StoredReading, joined, to_rows
from riverchief_server.observations.store.writing import source_names

CORE = ("series", "t", "v", "flag")
EVERYTHING = tuple(DTYPES)


def read(
    series: int,
    start: int = -EVER,
    end: int = EVER,
    *,
    as_of: int | None = None,
    limit: int | None = None,
    newest_first: bool = False,
    only: Sequence[str] = EVERYTHING,
    using: str = DEFAULT,
) -> Columns:
    """The readings of ``series`` with ``start <= t < end`` [ms], in order of time.

    ``as_of`` [ms] gives what was in force then; ``limit`` the first so many, or the last with ``newest_first`` (then
    the newest comes first): a page of a long series costs as much as it holds. ``only`` names the columns wanted
    (the others are zero): three columns come twice as fast as all.
    """
    engine = engine_of(using)
    if newest_first and limit is not None and as_of is None:
        for begin in engine.beginnings():
            if start < begin < end:
                found = _read(engine, series, begin, end, None, limit, newest_first, only)
                if found.size == limit:
                    return found
    return _read(engine, series, start, end, as_of, limit, newest_first, only)


def _read(
    engine: Engine,
    series: int,
    start: int,
    end: int,
    as_of: int | None,
    limit: int | None,
    newest_first: bool,
    only: Sequence[str],
) -> Columns:
    where = "series = %s AND t >= %s AND t < %s"
    given: list[Any] = [series, start, end]
    table = "reading"
    if as_of is not None:
        table, given = _as_of(where, given, as_of)
        where = "newest = 1"
    order = "ORDER BY t DESC" if newest_first else "ORDER BY t"
    if limit is not None:
        order += " LIMIT %s"
        given.append(limit)
    sql = f"SELECT {_selected(engine, only)} FROM {table} WHERE {where} {order}"
    return _fetch(engine, sql, given, only)


def read_many(
    series: Sequence[int] | NDArray[np.integer],
    start: int = -EVER,
    end: int = EVER,
    *,
    only: Sequence[str] = EVERYTHING,
    using: str = DEFAULT,
) -> Columns:
    """The readings of several series with ``start <= t < end`` [ms] in one statement, sorted by (series, t)."""
    engine = engine_of(using)
    names = tuple(dict.fromkeys(("series", "t", *only)))
    sql = (
        f"SELECT {_selected(engine, names, 'reading.')} FROM {engine.wanted} CROSS JOIN reading "
        "WHERE reading.series = wanted.series AND reading.t >= %s AND reading.t < %s"
    )
    distinct = np.unique(np.asarray(series, np.int32))
    found = _fetch(engine, sql, [engine.ids(distinct), start, end], names)
    return found.take(np.lexsort((found.t, found.series)))


def latest_columns(
    series: Sequence[int] | NDArray[np.integer],
    before: int | None = None,
    *,
    only: Sequence[str] = EVERYTHING,
    using: str = DEFAULT,
) -> Columns:
    """The newest reading of each of ``series`` (measured before ``before`` [ms]), those that have one, in any order."""
    engine = engine_of(using)
    names = tuple(dict.fromkeys(("series", *only)))
    sql = LATEST[connections[using].vendor].format(wanted=engine.wanted, selected=_selected(engine, names, "newest."))
    until = EVER if before is None else before
    missing = np.unique(np.asarray(series, np.int32))
    parts = []
    for begin in engine.beginnings():
        if begin < until:
            parts.append(_fetch(engine, sql, [engine.ids(missing), begin, until], names))
            missing = np.setdiff1d(missing, parts[-1].series, assume_unique=True)
        if not missing.size:
            break
    return joined(parts)


LATEST = {
    "sqlite": "SELECT {selected} FROM {wanted} CROSS JOIN reading AS newest ON newest.series = wanted.series "
    "AND newest.t = (SELECT max(t) FROM reading WHERE reading.series = wanted.series AND t >= %s AND t < %s)",
    "postgresql": "SELECT {selected} FROM {wanted} CROSS JOIN LATERAL (SELECT * FROM reading "
    "WHERE reading.series = wanted.series AND t >= %s AND t < %s ORDER BY t DESC LIMIT 1) AS newest",
}


def between(
    series: int, start: int, end: int, *, as_of: int | None = None, using: str = DEFAULT
) -> list[StoredReading]:
    """The readings of ``series`` with ``start <= t < end`` as rows, in order of time (of :func:`read`)."""
    return _rows(read(series, start, end, as_of=as_of, using=using), using)


def between_many(
    series: Sequence[int], start: int, end: int, *, using: str = DEFAULT
) -> dict[int, list[StoredReading]]:
    """The readings of several series with ``start <= t < end``, each in order of time; every series has a list."""
    found: dict[int, list[StoredReading]] = {one: [] for one in series}
    for row in _rows(read_many(series, start, end, using=using), using):
        found[row.series].append(row)
    return found


def latest(series: Sequence[int], before: int | None = None, *, using: str = DEFAULT) -> dict[int, StoredReading]:
    """The newest reading of each of ``series`` (measured before ``before``, where given), in one statement."""
    return {row.series: row for row in _rows(latest_columns(series, before, using=using), using)}


def span(series: Sequence[int], *, using: str = DEFAULT) -> tuple[int, int] | None:
    """The first and the last measured time over ``series``; ``None`` where there is no reading."""
    engine = engine_of(using)
    sql = (
        "SELECT (SELECT min(t) FROM reading WHERE reading.series = wanted.series) AS first, "
        f"(SELECT max(t) FROM reading WHERE reading.series = wanted.series) AS last FROM {engine.wanted}"
    )
    ends = f"SELECT first, last FROM ({sql}) AS ends WHERE first IS NOT NULL"
    first, last = engine.fetch(ends, [engine.ids(series)], [np.int64, np.int64])
    return (int(first.min()), int(last.max())) if len(first) else None


def versions(series: int, t: int, *, using: str = DEFAULT) -> list[StoredReading]:
    """Every earlier version of one reading, oldest first; the one in force is not among them."""
    engine = engine_of(using)
    sql = f"SELECT {_selected(engine, EVERYTHING)} FROM reading_version WHERE series = %s AND t = %s ORDER BY revision"
    return _rows(_fetch(engine, sql, [series, t], EVERYTHING), using)


def count(series: Sequence[int] | None = None, start: int = -EVER, end: int = EVER, *, using: str = DEFAULT) -> int:
    """How many readings are in force: all, or those of ``series`` with ``start <= t < end``."""
    engine = engine_of(using)
    if series is None:
        return int(engine.fetch("SELECT count(*) FROM reading", [], [np.int64])[0][0])
    return int(count_each(series, start, end, using=using).sum())


def count_each(
    series: Sequence[int], start: int = -EVER, end: int = EVER, *, using: str = DEFAULT
) -> NDArray[np.int64]:
    """How many readings each of ``series`` has with ``start <= t < end``, in the order given."""
    engine = engine_of(using)
    sql = (
        "SELECT wanted.series, (SELECT count(*) FROM reading WHERE reading.series = wanted.series "
        f"AND t >= %s AND t < %s) AS n FROM {engine.wanted}"
    )
    found, counted = engine.fetch(sql, [start, end, engine.ids(series)], [np.int64, np.int64])
    by_series = dict(zip(found.tolist(), counted.tolist(), strict=True))
    return np.array([by_series[int(one)] for one in series], np.int64)


def _selected(engine: Engine, names: Sequence[str], prefix: str = "") -> str:
    absent = {"v": engine.absent, "bound": engine.absent, "message": "0", "since": "0"}
    return ", ".join(
        f"coalesce({prefix}{name}, {absent[name]}) AS {name}" if name in absent else f"{prefix}{name}" for name in names
    )


def _fetch(engine: Engine, sql: str, given: list[Any], names: Sequence[str]) -> Columns:
    found = dict(zip(names, engine.fetch(sql, given, [DTYPES[name] for name in names]), strict=True))
    size = len(next(iter(found.values())))
    return Columns(
        *(
            found[name] if name in found else np.broadcast_to(np.zeros((), dtype), (size,))
            for name, dtype in DTYPES.items()
        )
    )


def _as_of(where: str, given: list[Any], as_of: int) -> tuple[str, list[Any]]:
    """The readings in force at ``as_of`` as a FROM item: of each key the last version that had begun by then."""
    begun = f"{where} AND coalesce(since, arrived) <= %s"
    both = " UNION ALL ".join(
        f"SELECT {', '.join(DTYPES)} FROM {table} WHERE {begun}" for table in ("reading", "reading_version")
    )
    ranked = (
        f"SELECT *, row_number() OVER (PARTITION BY series, t ORDER BY revision DESC) AS newest FROM ({both}) AS every"
    )
    return f"({ranked}) AS known", [*given, as_of, *given, as_of]


def _rows(found: Columns, using: str) -> list[StoredReading]:
    return to_rows(found, source_names(using=using) if found.flag_by.any() else {0: ""})
