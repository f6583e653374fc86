"""What was written and not yet looked at: each series with the earliest time that changed, kept with the change itself.

The clock takes the list, does its work and settles what it took. A series that is written again meanwhile has another
``turn`` by then and stays on the list, so nothing that arrives while the clock works is missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from django.db import connections
from numpy.typing import NDArray

from riverchief_server.observations.store.engine import DEFAULT


class Touched(NamedTuple):
    """A series and the earliest time [ms since 1970 UTC] at which it changed since it was last settled."""

    series: int
    since: int
    turn: int


def touch(series: NDArray[np.integer], t: NDArray[np.integer], *, using: str = DEFAULT) -> None:
    """Note that ``series`` [n] changed at the times ``t`` [n, ms]; call it in the transaction that changes them."""
    numbers, first = np.unique(series, return_inverse=True)
    since = np.full(numbers.size, np.iinfo(np.int64).max)
    np.minimum.at(since, first, t)
    # in order of the series, so that two writers never wait for each other
    rows = list(zip(numbers.tolist(), since.tolist(), strict=True))
    with connections[using].cursor() as cursor:
        cursor.executemany(
            "INSERT INTO reading_touched (series, since, turn) VALUES (%s, %s, 1) ON CONFLICT (series) DO UPDATE SET "
            "since = CASE WHEN excluded.since < reading_touched.since THEN excluded.since "
            "ELSE reading_touched.since END, turn = reading_touched.turn + 1",
            rows,
        )


def touched(*, using: str = DEFAULT) -> list[Touched]:
    """Every series that has changed and is not settled, in order."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT series, since, turn FROM reading_touched ORDER BY series")
        return [Touched(*row) for row in cursor.fetchall()]


def settle(looked_at: Iterable[Touched], *, using: str = DEFAULT) -> None:
    """Take what was looked at off the list, but for what has changed again since."""
    with connections[using].cursor() as cursor:
        cursor.executemany(
            "DELETE FROM reading_touched WHERE series = %s AND turn = %s",
            [(one.series, one.turn) for one in looked_at],
        )
