"""What was written and is still to be told to those who subscribed, kept with the change itself.

One entry a write says from when to when each series was written. It is taken off only when all were told, so whoever
dies in between tells it again; entries of others are never waited for, and whoever writes later has a later entry. The
log is filled only where the settings say that somebody is to be told.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from django.db import connections
from numpy.typing import NDArray

from riverchief_server.observations.store.engine import DEFAULT
from riverchief_server.settings.options import is_on

ENTRY = np.dtype([("series", "<i4"), ("first", "<i8"), ("last", "<i8")])
MOST_KEPT = 100_000
TRIMMED_EVERY = 1000


class News(NamedTuple):
    """One write: its number in the log, when it was made [ms since 1970 UTC], and the span of times by series."""

    number: int
    at: int
    spans: NDArray[np.void]


@cache
def are_told() -> bool:
    """Whether anybody may be told: measurements are open, or the broker keeps readers apart. Settings do not change
    while a process lives."""
    return is_on("sensorthings_mqtt") and (is_on("open_data") or is_on("mqtt_guarded"))


def announce(series: NDArray[np.integer], t: NDArray[np.integer], *, using: str = DEFAULT) -> None:
    """Note that ``series`` [n] were written at the times ``t`` [n, ms]; in the transaction that writes them."""
    if not are_told():
        return
    with connections[using].cursor() as cursor:
        cursor.execute(
            "INSERT INTO reading_news (at, what) VALUES (%s, %s) RETURNING id",
            [round(time.time() * 1000), _spans(series, t).tobytes()],
        )
        number = cursor.fetchone()[0]
        if number % TRIMMED_EVERY == 0:
            # nobody has taken anything off for long: who subscribes now does not want to hear of last month
            cursor.execute("DELETE FROM reading_news WHERE id <= %s", [number - MOST_KEPT])


def news(most: int = 200, *, using: str = DEFAULT) -> list[News]:
    """The oldest ``most`` entries."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT id, at, what FROM reading_news ORDER BY id LIMIT %s", [most])
        return [News(number, at, np.frombuffer(bytes(what), ENTRY)) for number, at, what in cursor.fetchall()]


def told(entries: Sequence[News], *, using: str = DEFAULT) -> None:
    """Take ``entries`` off the log."""
    with connections[using].cursor() as cursor:
        cursor.executemany("DELETE FROM reading_news WHERE id = %s", [(entry.number,) for entry in entries])


def _spans(series: NDArray[np.integer], t: NDArray[np.integer]) -> NDArray[np.void]:
    """Each series once with its first and its last time."""
    numbers, position = np.unique(series, return_inverse=True)
    made = np.empty(numbers.size, ENTRY)
    made["series"] = numbers
    made["first"], made["last"] = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    np.minimum.at(made["first"], position, t)
    np.maximum.at(made["last"], position, t)
    return made
