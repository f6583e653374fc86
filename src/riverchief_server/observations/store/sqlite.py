"""The store on SQLite: a table without row ids, so that a series lies together on disk in order of time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riverchief_server.observations.store.rows import EVER, Columns

# A column that is the same in a whole batch is written into the statement: half the values need no binding then.
INLINE_FROM = 256
# Rows a statement, in a large batch: a third less work than a statement a row. 50 rows of 10 stay below 999 variables.
ROWS_A_STATEMENT = 50
WANTED = "(SELECT value AS series FROM json_each(%s)) AS wanted"
ABSENT = "9e999"
WRITTEN = ("series", "t", "v", "flag", "operator", "bound", "arrived", "message", "flag_by", "sent")
UPSERT = """
ON CONFLICT (series, t) DO UPDATE SET
    v = excluded.v, flag = excluded.flag, operator = excluded.operator, bound = excluded.bound,
    arrived = excluded.arrived, message = excluded.message, flag_by = excluded.flag_by, sent = excluded.sent,
    revision = reading.revision + 1,
    since = nullif(max(excluded.arrived, coalesce(reading.since, reading.arrived) + 1), excluded.arrived)
WHERE reading.v IS NOT excluded.v OR reading.sent <> excluded.sent OR reading.operator <> excluded.operator
    OR reading.bound IS NOT excluded.bound
"""
REFLAG = """
UPDATE reading SET flag = ?, flag_by = ?, since = max(?, coalesce(since, arrived) + 1), revision = revision + 1
WHERE series = ? AND t = ? AND (flag <> ? OR flag_by <> ?)
"""


class SqliteEngine:
    """Runs the store's statements on one connection of Django's."""

    wanted, absent = WANTED, ABSENT

    def __init__(self, connection: Any):
        self._connection = connection

    @property
    def _raw(self) -> sqlite3.Connection:
        self._connection.ensure_connection()
        return self._connection.connection  # type: ignore[no-any-return]

    def ids(self, series: Sequence[int] | NDArray[np.integer]) -> Any:
        """``series`` as the parameter that ``wanted`` takes."""
        return json.dumps(np.asarray(series).tolist())

    def fetch(self, sql: str, parameters: Sequence[Any], dtypes: Sequence[type[np.generic]]) -> list[NDArray[Any]]:
        """The columns of a query that yields numbers only (a missing one as ``absent``)."""
        with self._connection.wrap_database_errors:
            rows = self._raw.execute(sql.replace("%s", "?"), parameters).fetchall()
        width = len(dtypes)
        # float64 holds every whole number below 2**53: times, messages and series are smaller
        flat = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * width).reshape(len(rows), width)
        return [
            np.where(np.isinf(flat[:, k]), np.nan, flat[:, k]) if dtype is np.float64 else flat[:, k].astype(dtype)
            for k, dtype in enumerate(dtypes)
        ]

    def run(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of one statement."""
        with self._connection.wrap_database_errors:
            return self._raw.execute(sql.replace("%s", "?"), parameters).fetchall()

    def beginnings(self) -> list[int]:
        """Everything lies in one tree: its end is found at once."""
        return [-EVER]

    def put(self, batch: Columns) -> tuple[int, int]:
        """Keep ``batch``, whose keys are distinct and sorted; how many rows are new and how many changed."""
        constant = {}
        rows = 1
        if batch.size >= INLINE_FROM:
            rows = ROWS_A_STATEMENT
            constant = {name: text for name in WRITTEN[3:] if (text := _constant(getattr(batch, name))) is not None}
        bound = [name for name in WRITTEN if name not in constant]
        width = len(bound)
        flat: list[Any] = [None] * (batch.size * width)
        for k, name in enumerate(bound):
            flat[k::width] = getattr(batch, name).tolist()
        whole = batch.size // rows * rows
        raw = self._raw
        before = raw.total_changes
        kept = 0
        for begin, end, step in ((0, whole, rows), (whole, batch.size, 1)):
            if begin < end:
                with self._connection.wrap_database_errors:
                    kept += raw.executemany(
                        _insert(tuple(constant.items()), step),
                        (flat[k * width : (k + step) * width] for k in range(begin, end, step)),
                    ).rowcount
        # The trigger that keeps the old version counts in total_changes and not in rowcount.
        changed = raw.total_changes - before - kept
        return kept - changed, changed

    def reflag(self, keys: Columns, now: int) -> int:
        """Give the readings of ``keys`` their ``flag`` and ``flag_by`` from ``now`` on; how many were other before."""
        values: Iterator[tuple[Any, ...]] = zip(
            keys.flag.tolist(),
            keys.flag_by.tolist(),
            repeat(now),
            keys.series.tolist(),
            keys.t.tolist(),
            keys.flag.tolist(),
            keys.flag_by.tolist(),
        )
        with self._connection.wrap_database_errors:
            return self._raw.executemany(REFLAG, values).rowcount

    def prepare(self, batch: Columns) -> None:
        """Nothing has to be made before rows come."""


@lru_cache(maxsize=64)
def _insert(constant: tuple[tuple[str, str], ...], rows: int) -> str:
    """The statement that keeps ``rows`` rows whose ``constant`` columns are all the same."""
    said = dict(constant)
    marks = ", ".join(said.get(name, "nullif(?, 0)" if name == "message" else "?") for name in WRITTEN)
    return f"INSERT INTO reading ({', '.join(WRITTEN)}) VALUES {', '.join([f'({marks})'] * rows)} {UPSERT}"


def _constant(column: NDArray[Any]) -> str | None:
    """The one value of a column as SQL, ``None`` where it has several."""
    first = column[0]
    if column.dtype == np.float64:
        return "NULL" if np.isnan(column).all() else None
    if (column != first).any():
        return None
    return str(int(first)) if first or column.dtype != np.int64 else "NULL"
