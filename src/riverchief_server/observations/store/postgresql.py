"""The store on PostgreSQL: the same table in monthly partitions; whole columns go over the wire in binary.

A batch of a thousand readings none of which is there comes by COPY, four times as fast as rows inserted one by one;
any other as arrays in one upsert.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from django.db import transaction
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

from riverchief_server.observations.store.copy_format import copy_bytes
from riverchief_server.observations.store.rows import EVER, Columns, months_of

WANTED = "unnest(%s::int4[]) AS wanted(series)"
ABSENT = "'Infinity'::float8"
WRITTEN = {
    "series": "int4",
    "t": "int8",
    "v": "float8",
    "flag": "int2",
    "operator": "int2",
    "bound": "float8",
    "arrived": "int8",
    "message": "int8",
    "flag_by": "int4",
    "sent": "int2",
}
UPSERT = f"""
WITH kept AS (
    INSERT INTO reading ({", ".join(WRITTEN)})
    SELECT series, t, nullif(v, 'NaN'), flag, operator, nullif(bound, 'NaN'), arrived, nullif(message, 0), flag_by, sent
    FROM unnest({", ".join(f"%s::{kind}[]" for kind in WRITTEN.values())}) AS given({", ".join(WRITTEN)})
    ON CONFLICT (series, t) DO UPDATE SET
        v = excluded.v, flag = excluded.flag, operator = excluded.operator, bound = excluded.bound,
        arrived = excluded.arrived, message = excluded.message, flag_by = excluded.flag_by, sent = excluded.sent,
        revision = reading.revision + 1,
        since = nullif(greatest(excluded.arrived, coalesce(reading.since, reading.arrived) + 1), excluded.arrived)
    WHERE reading.v IS DISTINCT FROM excluded.v OR reading.sent <> excluded.sent
        OR reading.operator <> excluded.operator OR reading.bound IS DISTINCT FROM excluded.bound
    RETURNING revision
)
SELECT count(*) FILTER (WHERE revision = 0), count(*) FILTER (WHERE revision > 0) FROM kept
"""
COPY_FROM = 1000
COPY = f"COPY reading ({', '.join(WRITTEN)}) FROM STDIN (FORMAT BINARY)"
# whether any of the series has a reading between its first and its last time of the batch
IS_ANY_THERE = """
SELECT EXISTS (
    SELECT FROM unnest(%s::int4[], %s::int8[], %s::int8[]) AS given(series, first, last)
    CROSS JOIN LATERAL (
        SELECT FROM reading WHERE reading.series = given.series AND t >= first AND t <= last LIMIT 1
    ) AS found
)
"""
REFLAG = """
UPDATE reading SET flag = given.flag, flag_by = given.flag_by, revision = revision + 1,
    since = greatest(%s, coalesce(since, arrived) + 1)
FROM unnest(%s::int4[], %s::int8[], %s::int2[], %s::int4[]) AS given(series, t, flag, flag_by)
WHERE reading.series = given.series AND reading.t = given.t
    AND (reading.flag <> given.flag OR reading.flag_by <> given.flag_by)
"""
# Months of these years have a partition each; the few readings of earlier or later times have one on either side.
PARTITIONED = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
FIRST_MS, LAST_MS = (round(moment.timestamp() * 1000) for moment in PARTITIONED)
BEGINNINGS_S = 60.0
LOCK = 4_240_629  # any number that nothing else takes an advisory lock on
# dtype of numpy, OID of the element, of the array, name of the type
KINDS = ((">i2", 21, 1005, "int2"), (">i4", 23, 1007, "int4"), (">i8", 20, 1016, "int8"), (">f8", 701, 1022, "float8"))


class _Array:
    """An array on its way out; a class a type, so that psycopg finds the dumper."""

    def __init__(self, values: NDArray[Any]):
        self.values = values


def _dumper(dtype: str, element: int, array: int) -> tuple[type[_Array], type[Dumper]]:
    width = np.dtype(dtype).itemsize
    layout = np.dtype([("length", ">i4"), ("value", dtype)])

    class ThisArray(_Array):
        pass

    class ThisDumper(Dumper):
        format = Format.BINARY
        oid = array

        def dump(self, obj: _Array) -> Buffer:
            filled = np.empty(len(obj.values), layout)
            filled["length"], filled["value"] = width, obj.values
            return struct.pack(">iiiii", 1, 0, element, len(filled), 1) + filled.tobytes()

    return ThisArray, ThisDumper


def _loader(dtype: str) -> type[Loader]:
    layout = np.dtype([("length", ">i4"), ("value", dtype)])

    class ThisLoader(Loader):
        format = Format.BINARY

        def load(self, data: Buffer) -> NDArray[Any]:
            values: NDArray[Any] = np.frombuffer(bytes(data)[20:], layout)["value"]
            return values

    return ThisLoader


_ARRAYS: dict[str, tuple[type[_Array], type[Dumper]]] = {
    name: _dumper(dtype, element, array) for dtype, element, array, name in KINDS
}
_LOADERS = {array: _loader(dtype) for dtype, _, array, _ in KINDS}
_AGGREGATED = {np.int16: "int2", np.int32: "int4", np.int64: "int8", np.float64: "float8"}


class PostgresqlEngine:
    """Runs the store's statements on one connection of Django's."""

    wanted, absent = WANTED, ABSENT

    def __init__(self, connection: Any):
        self._connection = connection
        self._months: set[tuple[str, int]] = set()
        self._taught: Any = None
        self._beginnings: tuple[float, list[int]] = (0.0, [])

    @contextmanager
    def _cursor(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor that binds on the server, in binary, and knows arrays; Django's own writes text into the query."""
        self._connection.ensure_connection()
        raw = self._connection.connection
        if raw is not self._taught:
            # once a connection: Django asks for text and never meets these
            for cls, dumper in _ARRAYS.values():
                raw.adapters.register_dumper(cls, dumper)
            for oid, loader in _LOADERS.items():
                raw.adapters.register_loader(oid, loader)
            self._taught = raw
        with self._connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
            cursor.format = Format.BINARY
            yield cursor

    def ids(self, series: Sequence[int] | NDArray[np.integer]) -> Any:
        """``series`` as the parameter that ``wanted`` takes."""
        return _array("int4", np.asarray(series, np.int32))

    def fetch(self, sql: str, parameters: Sequence[Any], dtypes: Sequence[type[np.generic]]) -> list[NDArray[Any]]:
        """The columns of a query that yields numbers only (a missing one as ``absent``).

        The server gathers each column into one array, so that no row becomes an object here.
        """
        names = [f"c{k}" for k in range(len(dtypes))]
        gathered = ", ".join(
            f"array_agg({name}::{_AGGREGATED[dtype]})" for name, dtype in zip(names, dtypes, strict=True)
        )
        with self._cursor() as cursor:
            query = f"SELECT {gathered} FROM ({sql}) AS found({', '.join(names)})"
            row = cursor.execute(query, parameters, prepare=True).fetchone()
        if row is None or row[0] is None:
            return [np.empty(0, dtype) for dtype in dtypes]
        found = [column.astype(dtype) for column, dtype in zip(row, dtypes, strict=True)]
        for column, dtype in zip(found, dtypes, strict=True):
            if dtype is np.float64:
                column[np.isinf(column)] = np.nan
        return found

    def run(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of one statement; the server keeps its plan."""
        with self._cursor() as cursor:
            cursor.execute(sql, parameters, prepare=True)
            return cursor.fetchall() if cursor.description else []

    def beginnings(self) -> list[int]:
        """The first times of the newest partition but one, but seven, but thirty-one: a seek goes through all that it
        is not kept from, a hundred and twenty after ten years. They are asked for now and then; an old answer is good
        too, since nothing that is newer is left out."""
        until, found = self._beginnings
        if time.monotonic() > until:
            with self._cursor() as cursor:
                cursor.execute(
                    "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid "
                    "WHERE i.inhparent = 'reading'::regclass AND c.relname LIKE 'reading\\_y%'",
                    prepare=True,
                )
                months = sorted((int(name[9:13]), int(name[14:16])) for (name,) in cursor.fetchall())
            firsts = [round(datetime(*month, 1, tzinfo=UTC).timestamp() * 1000) for month in reversed(months)]
            found = [*(firsts[k] for k in (1, 7, 31) if k < len(firsts)), -EVER]
            self._beginnings = time.monotonic() + BEGINNINGS_S, found
        return found

    def put(self, batch: Columns) -> tuple[int, int]:
        """Keep ``batch``, whose keys are distinct and sorted; how many rows are new and how many changed."""
        if batch.size >= COPY_FROM and self._copy(batch):
            return batch.size, 0
        given = [_array(kind, getattr(batch, name)) for name, kind in WRITTEN.items()]
        with self._cursor() as cursor:
            row = cursor.execute(UPSERT, given, prepare=True).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def _copy(self, batch: Columns) -> bool:
        """Keep ``batch`` by COPY, if none of it is there; whether it is kept."""
        firsts = np.flatnonzero(np.concatenate(([True], batch.series[1:] != batch.series[:-1])))
        lasts = np.append(firsts[1:], batch.size) - 1
        ends = [_array("int4", batch.series[firsts]), *(_array("int8", batch.t[at]) for at in (firsts, lasts))]
        with self._cursor() as cursor:
            if _first(cursor.execute(IS_ANY_THERE, ends, prepare=True)):
                return False
            cursor.execute("SAVEPOINT reading_copy")
            try:
                with cursor.copy(COPY) as copy:
                    copy.write(copy_bytes(batch, WRITTEN))
            except psycopg.errors.UniqueViolation:
                # another writer kept one of them in the meantime
                cursor.execute("ROLLBACK TO SAVEPOINT reading_copy")
                return False
            cursor.execute("RELEASE SAVEPOINT reading_copy")
        return True

    def reflag(self, keys: Columns, now: int) -> int:
        """Give the readings of ``keys`` their ``flag`` and ``flag_by`` from ``now`` on; how many were other before."""
        given = [_array(WRITTEN[name], getattr(keys, name)) for name in ("series", "t", "flag", "flag_by")]
        with self._cursor() as cursor:
            return cursor.execute(REFLAG, [now, *given]).rowcount

    def prepare(self, batch: Columns) -> None:
        """Make the partitions that ``batch`` needs and that are not there.

        A table is attached and not created as a partition, since that does not stop those who read and write.
        """
        inside = batch.t[(batch.t >= FIRST_MS) & (batch.t < LAST_MS)]
        months = np.unique(months_of(inside)).tolist()
        database = str(self._connection.settings_dict["NAME"])
        missing = [month for month in months if (database, month) not in self._months]
        if not missing:
            return
        with self._cursor() as cursor:
            for month in missing:
                _attach(cursor, month)
        # Only what is committed is there for good.
        transaction.on_commit(
            lambda: self._months.update((database, month) for month in missing), using=self._connection.alias
        )


def _array(kind: str, values: NDArray[Any]) -> _Array:
    return _ARRAYS[kind][0](values)


def _attach(cursor: psycopg.Cursor[Any], month: int) -> None:
    """Make and attach the partition of ``month`` (months since 1970) unless it is there."""
    year, number = 1970 + month // 12, month % 12 + 1
    name = f"reading_y{year}m{number:02d}"
    # Asked of the table and not by to_regclass: that answers from a cache, which the lock does not renew.
    there = (
        "SELECT EXISTS (SELECT FROM pg_class AS other JOIN pg_class AS parent USING (relnamespace) "
        "WHERE other.relname = %s AND parent.oid = 'reading'::regclass)"
    )
    if _first(cursor.execute(there, [name])):
        return
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if _first(cursor.execute(there, [name])):
        return
    begins, ends = (
        round(datetime(y, m, 1, tzinfo=UTC).timestamp() * 1000)
        for y, m in ((year, number), (year + number // 12, number % 12 + 1))
    )
    cursor.execute(f"CREATE TABLE {name} (LIKE reading INCLUDING ALL)")
    cursor.execute(f"ALTER TABLE reading ATTACH PARTITION {name} FOR VALUES FROM ({begins}) TO ({ends})")


def _first(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    return row[0] if row else None
