"""What changes the store: keeping readings and flagging them. Nothing is ever overwritten without being kept beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from django.db import connections, transaction
from numpy.typing import NDArray

from riverchief_server.observations.store.engine import DEFAULT, engine_of
from riverchief_server.observations.store.news import announce
from riverchief_server.observations.store.rows import (
    EVER,
    Columns,
    PutReport,
    StoredReading,
    check,
    columns,
    from_rows,
    months_of,
)
from riverchief_server.observations.store.touched import touch


def put(rows: Iterable[StoredReading], *, using: str = DEFAULT) -> PutReport:
    """Keep ``rows``; idempotent: the same row twice is one row, and another value of one key is a new version of it.

    A row is the same as the one in force when value, limit and the flag that was *sent* are: a resent reading does not
    undo what a check said about it. Raises :class:`~riverchief.errors.BadInput` (nothing is kept then) for a time
    outside 1800 to 2300, an infinite value or an unknown flag.
    """
    listed = list(rows)
    with transaction.atomic(using=using):
        numbers = source_numbers({row.flag_by for row in listed}, using=using)
        return put_columns(from_rows(listed, numbers), using=using)


def put_columns(batch: Columns, *, using: str = DEFAULT) -> PutReport:
    """Keep ``batch``, in any order; the fast form of :func:`put`, with the same promises.

    Durable when it returns, unless it is called inside a transaction: then when that is committed.
    """
    check(batch)
    report = PutReport(0, 0, 0)
    if not batch.size:
        return report
    engine = engine_of(using)
    with transaction.atomic(using=using, savepoint=False):
        engine.prepare(batch)
        for part in _distinct(batch):
            new, changed = engine.put(part)
            report = report.plus(PutReport(new, part.size - new - changed, changed))
        if report.new or report.changed:
            touch(batch.series, batch.t, int(batch.arrived.max()), using=using)
            announce(batch.series, batch.t, using=using)
    return report


def reflag(
    series: NDArray[np.integer] | int,
    t: NDArray[np.integer],
    flag: NDArray[np.integer],
    flag_by: NDArray[np.integer] | int,
    now: int,
    *,
    using: str = DEFAULT,
) -> int:
    """Give readings another flag, set by ``flag_by`` (:func:`source_numbers`) at ``now`` [ms]; how many changed.

    The value stays; the version with the former flag is kept beside it. Keys that are not there are passed over.
    """
    size = len(t)
    keys = columns(series, t, np.zeros(size), arrived=now, flag=flag, flag_by=flag_by)
    if not size:
        return 0
    with transaction.atomic(using=using, savepoint=False):
        changed = engine_of(using).reflag(keys, now)
        if changed:
            touch(keys.series, keys.t, now, using=using)
            announce(keys.series, keys.t, using=using)
    return changed


def forget(series: int, start: int = -EVER, end: int = EVER, *, now: int, using: str = DEFAULT) -> int:
    """Delete the readings of ``series`` with ``start <= t < end`` and their versions; how many were in force.

    Only for series whose owner may delete them: a measurement of the county's own is flagged and never deleted.
    """
    with transaction.atomic(using=using, savepoint=False), connections[using].cursor() as cursor:
        cursor.execute("DELETE FROM reading_version WHERE series = %s AND t >= %s AND t < %s", [series, start, end])
        cursor.execute(
            "SELECT min(t), max(t) FROM reading WHERE series = %s AND t >= %s AND t < %s", [series, start, end]
        )
        first, last = cursor.fetchone()
        if first is None:
            return 0
        cursor.execute("DELETE FROM reading WHERE series = %s AND t >= %s AND t < %s", [series, start, end])
        gone = int(cursor.rowcount)
        touch(np.array([series]), np.array([first], np.int64), now, using=using)
        months = months_of(np.array([first, last], np.int64)).tolist()
        cursor.execute(
            "UPDATE sealed_month SET changed = %s WHERE changed IS NULL AND month BETWEEN %s AND %s", [now, *months]
        )
        return gone


def source_numbers(names: Iterable[str], *, using: str = DEFAULT) -> dict[str, int]:
    """The number of each of ``names`` (checks or persons that set flags); a new name gets one."""
    wanted = set(names)
    if wanted <= {""}:
        return dict.fromkeys(wanted, 0)
    with connections[using].cursor() as cursor:
        found = _known(cursor)
        for name in sorted(wanted - set(found)):
            cursor.execute("INSERT INTO flag_source (name) VALUES (%s) ON CONFLICT (name) DO NOTHING", [name])
        if not wanted <= set(found):
            found = _known(cursor)
    return {name: found[name] for name in wanted}


def source_names(*, using: str = DEFAULT) -> dict[int, str]:
    """The name behind each number of ``flag_by``."""
    with connections[using].cursor() as cursor:
        return {number: name for name, number in _known(cursor).items()}


def _known(cursor: object) -> dict[str, int]:
    cursor.execute("SELECT name, number FROM flag_source")  # type: ignore[attr-defined]
    return dict(cursor.fetchall())  # type: ignore[attr-defined]


def _distinct(batch: Columns) -> Iterator[Columns]:
    """``batch`` sorted, in parts without a repeated key: a key's second row comes in the second part."""
    if batch.size == 1:
        yield batch
        return
    order = np.lexsort((batch.t, batch.series))  # stable: rows of one key stay in the order they were given
    ordered = batch.take(order)
    again = (ordered.series[1:] == ordered.series[:-1]) & (ordered.t[1:] == ordered.t[:-1])
    if not again.any():
        yield ordered
        return
    begins = np.flatnonzero(np.concatenate(([True], ~again)))
    rank = np.arange(ordered.size) - np.repeat(begins, np.diff(np.append(begins, ordered.size)))
    for turn in range(int(rank.max()) + 1):
        yield ordered.take(rank == turn)
