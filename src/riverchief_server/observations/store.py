"""The store of readings: one narrow table keyed (series, time), the same on SQLite and PostgreSQL.

The row in force is in ``reading``; one that is corrected moves to ``reading_version`` first, so nothing is lost and
"as of" can be asked. Latest means latest *measured*, found by seeking the end of each key range.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection, transaction

CHUNK = 500


class StoredReading(NamedTuple):
    """One row: ``t``, ``arrived`` in ms since 1970 UTC, ``v`` canonical or ``None``, censored as (operator, bound)."""

    series: int
    t: int
    v: float | None
    flag: str
    operator: str = ""
    bound: float | None = None
    arrived: int = 0
    message: int | None = None


class PutReport(NamedTuple):
    """What became of the rows handed in: ``new`` keys, ``same`` as in force, ``changed`` (the old one kept beside)."""

    new: int
    same: int
    changed: int


_COLUMNS = ", ".join(StoredReading._fields)
_PLACES = ", ".join(["%s"] * len(StoredReading._fields))


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware time."""
    return round(moment.timestamp() * 1000)


def from_ms(t: int) -> datetime:
    """The aware UTC time of ``t`` milliseconds since 1970."""
    return datetime.fromtimestamp(t / 1000, tz=UTC)


def put(rows: Iterable[StoredReading]) -> PutReport:
    """Keep ``rows``; idempotent: the same row twice is one row. Of several rows with one key the last holds."""
    latest = {(row.series, row.t): row for row in rows}
    new = same = changed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        keys = list(latest)
        for start in range(0, len(keys), CHUNK):
            part = {key: latest[key] for key in keys[start : start + CHUNK]}
            in_force = _in_force(part)
            replaced = []
            written = []
            for key, row in part.items():
                old = in_force.get(key)
                if old is None:
                    new += 1
                elif (old.v, old.flag, old.operator, old.bound) == (row.v, row.flag, row.operator, row.bound):
                    same += 1
                    continue
                else:
                    changed += 1
                    replaced.append(old)
                written.append(row)
            if replaced:
                cursor.executemany(
                    f"INSERT INTO reading_version ({_COLUMNS}) VALUES ({_PLACES}) ON CONFLICT DO NOTHING",  # noqa: S608
                    replaced,
                )
            if written:
                cursor.executemany(
                    f"INSERT INTO reading ({_COLUMNS}) VALUES ({_PLACES}) ON CONFLICT (series, t) DO UPDATE SET "  # noqa: S608
                    "v = excluded.v, flag = excluded.flag, operator = excluded.operator, bound = excluded.bound, "
                    "arrived = excluded.arrived, message = excluded.message",
                    written,
                )
    return PutReport(new, same, changed)


def between(series: int, start: int, end: int) -> list[StoredReading]:
    """The readings of ``series`` with ``start <= t < end``, in order of time."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM reading WHERE series = %s AND t >= %s AND t < %s ORDER BY t",  # noqa: S608
            [series, start, end],
        )
        return [StoredReading(*row) for row in cursor.fetchall()]


def between_many(series: Sequence[int], start: int, end: int) -> dict[int, list[StoredReading]]:
    """The readings of several series with ``start <= t < end``, each in order of time; every series has a list."""
    return {one: between(one, start, end) for one in series}


def latest(series: Sequence[int], before: int | None = None) -> dict[int, StoredReading]:
    """The newest reading of each of ``series`` (measured before ``before``, where given); a seek each, never a scan."""
    found: dict[int, StoredReading] = {}
    limit = "AND t < %s" if before is not None else ""
    with connection.cursor() as cursor:
        for one in series:
            cursor.execute(
                f"SELECT {_COLUMNS} FROM reading WHERE series = %s {limit} ORDER BY t DESC LIMIT 1",  # noqa: S608
                [one] if before is None else [one, before],
            )
            row = cursor.fetchone()
            if row:
                found[one] = StoredReading(*row)
    return found


def span(series: Sequence[int]) -> tuple[int, int] | None:
    """The first and the last measured time over ``series``; ``None`` where there is no reading."""
    ends: list[int] = []
    with connection.cursor() as cursor:
        for one in series:
            cursor.execute("SELECT MIN(t), MAX(t) FROM reading WHERE series = %s", [one])
            ends.extend(end for end in cursor.fetchone() if end is not None)
    return (min(ends), max(ends)) if ends else None


def versions(series: int, t: int) -> list[StoredReading]:
    """Every earlier version of one reading, oldest first; the one in force is not among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM reading_version WHERE series = %s AND t = %s ORDER BY arrived",  # noqa: S608
            [series, t],
        )
        return [StoredReading(*row) for row in cursor.fetchall()]


def count() -> int:
    """How many readings are in force."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM reading")
        return int(cursor.fetchone()[0])


def _in_force(rows: Mapping[tuple[int, int], StoredReading]) -> dict[tuple[int, int], StoredReading]:
    keys = list(rows)
    pairs = ", ".join(["(%s, %s)"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM reading WHERE (series, t) IN (VALUES {pairs})",  # noqa: S608
            [part for key in keys for part in key],
        )
        return {(row[0], row[1]): StoredReading(*row) for row in cursor.fetchall()}
