"""What was written and not yet looked at: each series with the earliest time that changed, kept with the change itself.

A log of one row a write and not a row a series: a write then costs the same however many series it holds, and two
writers of one series never wait for each other here. The clock takes what the log holds, does its work and settles the
entries it took. What is written meanwhile has an entry of its own, so nothing that arrives while the clock works is
missed. Where no clock runs, every thousandth write makes one entry of all.

A sealed month that is written to is marked in the same breath, after the write: who seals a month waits for those who
are writing (on PostgreSQL by a lock on the table that each of them holds by then), so either it sees their readings or
they see that it has begun. Whatever the clock says: a month sealed too early, by one that ran ahead, is marked too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from django.db import connections, transaction
from numpy.typing import NDArray

from riverchief_server.observations.store.engine import DEFAULT, engine_of
from riverchief_server.observations.store.rows import months_of

ENTRY = np.dtype([("series", "<i4"), ("since", "<i8")])
MERGED_EVERY = 1000
SETTLED_AT_ONCE = 500


class Touched(NamedTuple):
    """What the log holds: the earliest time [ms since 1970 UTC] that changed, by series; and the numbers of the entries
    that say so, for :func:`settle`."""

    since: dict[int, int]
    entries: tuple[int, ...]


def touch(series: NDArray[np.integer], t: NDArray[np.integer], now: int | None = None, *, using: str = DEFAULT) -> None:
    """Note that ``series`` [n] changed at the times ``t`` [n, ms], for the clock to look at.

    With ``now`` [ms] readings have changed, and sealed months that hold them are marked as changed then. Call it in the
    transaction that changes them, after the change.
    """
    note = "INSERT INTO reading_touched (what) VALUES (%s) RETURNING id"
    entry = _earliest(series, t).tobytes()
    run = engine_of(using).run
    if now is None:
        number = run(note, [entry])[0][0]
    else:
        months = months_of(t.astype(np.int64, copy=False))
        touched_months = (np.unique(months) if months.size > 1 else months).tolist()
        places = ", ".join(["%s"] * len(touched_months))
        mark = f"UPDATE sealed_month SET changed = %s WHERE changed IS NULL AND month IN ({places})"
        if connections[using].vendor == "postgresql":
            # one way to the server and back instead of two
            number = run(f"WITH marked AS ({mark}) {note}", [now, *touched_months, entry])[0][0]
        else:
            run(mark, [now, *touched_months])
            number = run(note, [entry])[0][0]
    if number % MERGED_EVERY == 0:
        _merge(using)


def touched(*, using: str = DEFAULT) -> Touched:
    """Every series that has changed and is not settled."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT id, what FROM reading_touched")
        rows = cursor.fetchall()
    entry = _joined(what for _, what in rows)
    since = dict(zip(entry["series"].tolist(), entry["since"].tolist(), strict=True))
    return Touched(since, tuple(number for number, _ in rows))


def settle(looked_at: Touched, *, using: str = DEFAULT) -> None:
    """Take what was looked at off the log; what was written since stays on it."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for k in range(0, len(looked_at.entries), SETTLED_AT_ONCE):
            some = looked_at.entries[k : k + SETTLED_AT_ONCE]
            cursor.execute(f"DELETE FROM reading_touched WHERE id IN ({', '.join(['%s'] * len(some))})", some)


def _merge(using: str) -> None:
    """Make one entry of all, but for those that somebody else is just taking off."""
    free = " FOR UPDATE SKIP LOCKED" if connections[using].vendor == "postgresql" else ""
    with connections[using].cursor() as cursor:
        cursor.execute(f"DELETE FROM reading_touched WHERE id IN (SELECT id FROM reading_touched{free}) RETURNING what")
        merged = _joined(row[0] for row in cursor.fetchall())
        cursor.execute("INSERT INTO reading_touched (what) VALUES (%s)", [merged.tobytes()])


def _joined(entries: Iterable[bytes]) -> NDArray[np.void]:
    every = np.frombuffer(b"".join(entries), ENTRY)
    return _earliest(every["series"], every["since"])


def _earliest(series: NDArray[np.integer], t: NDArray[np.integer]) -> NDArray[np.void]:
    """Each series once, in order, with its earliest time."""
    if series.size == 1:
        return np.array([(series[0], t[0])], ENTRY)
    order = np.lexsort((t, series))
    ordered = series[order]
    first = np.ones(ordered.size, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    made = np.empty(int(first.sum()), ENTRY)
    made["series"], made["since"] = ordered[first], t[order[first]]
    return made
