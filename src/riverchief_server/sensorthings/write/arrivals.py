"""Observations on their way into the store: readings as columns, and beside them what is particular about some.

Most observations of a datastream are alike: their result is there as long after the phenomenon, and they are of the
same feature. That is settled by the first one and kept with the datastream, so that millions of them cost a row in
the store and nothing else. Only one that differs gets a row of particulars.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from riverchief_server.observations import store
from riverchief_server.observations.arrival import take_in
from riverchief_server.observations.store.engine import engine_of
from riverchief_server.sensorthings.models import Datastream, Feature, Location
from riverchief_server.sensorthings.write.body import GEOJSON_TYPES

# No result time was told.
UNTOLD = -(2**62)
PARTS = (
    "phenomenon_end",
    "result_time",
    "valid_begin",
    "valid_end",
    "result",
    "quality",
    "parameters",
    "feature_id",
)
REMEMBERED_S = 60.0
JSON_PARTS = ("result", "quality", "parameters")


@dataclass
class Arrivals:
    """Observations of one datastream with distinct times.

    ``t`` and ``result_time`` [ms since 1970 UTC, or :data:`UNTOLD`] int64, ``v`` float64 (NaN: none), ``flag`` and
    ``operator`` numbers of the store, ``bound`` float64. ``special`` has more of :data:`PARTS` by position.
    """

    series: int
    t: NDArray[np.int64]
    v: NDArray[np.float64]
    result_time: NDArray[np.int64]
    arrived: int
    flag: NDArray[np.int16] | int = 1
    operator: NDArray[np.int16] | int = 0
    bound: NDArray[np.float64] | float = np.nan
    special: dict[int, dict[str, Any]] = field(default_factory=dict)

    def columns(self) -> store.Columns:
        """The readings, for the store."""
        return store.columns(
            self.series, self.t, self.v, arrived=self.arrived, flag=self.flag, operator=self.operator, bound=self.bound
        )


class Habit(NamedTuple):
    """What the observations of a datastream have in common; ``own_feature`` is the one a new observation is of."""

    lag_ms: int | None
    feature: int | None
    own_feature: int | None


def keep(batches: Sequence[Arrivals]) -> store.PutReport:
    """Write ``batches``; to be called inside a transaction. The same twice is one; another value is a new version."""
    habits: dict[int, Habit] = {}
    for batch in batches:
        if batch.series not in habits:
            habits[batch.series] = habit_of(batch)
    report = take_in(store.joined([batch.columns() for batch in batches]))
    _keep_particulars(batches, habits)
    return report


_habits: dict[int, tuple[float, Habit]] = {}


def habit_of(batch: Arrivals) -> Habit:
    """The habit of the datastream of ``batch``, settled by its first observation where it is not yet."""
    known = _habits.get(batch.series)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lag_ms, feature_id, is_settled, thing_id, series_id FROM sta_datastream WHERE id = %s",
            [batch.series],
        )
        lag, feature, is_settled, thing, register = cursor.fetchone()
    own, is_new = (feature, False) if register is not None else auto_feature(thing)
    habit = Habit(lag, feature, own)
    if is_settled:
        # what this transaction made is not there for others until it is committed
        if not is_new:
            _habits[batch.series] = (time.monotonic() + REMEMBERED_S, habit)
        return habit
    first = int(batch.result_time[0])
    lag = None if first == UNTOLD else first - int(batch.t[0])
    feature = batch.special.get(0, {}).get("feature_id", own)
    Datastream.objects.filter(pk=batch.series).update(lag_ms=lag, feature=feature, is_settled=True)
    return Habit(lag, feature, own)


def forget_habits() -> None:
    """Ask again: an entity has changed."""
    _habits.clear()


def auto_feature(thing: int) -> tuple[int | None, bool]:
    """The feature of interest that the location of ``thing`` makes (18-088 §10.2.2.3), and whether it was made now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.feature_id FROM sta_location AS l JOIN sta_thing_location AS k ON k.location_id = l.id "
            "WHERE k.thing_id = %s AND l.encoding_type IN (%s, %s) ORDER BY l.id",
            [thing, *GEOJSON_TYPES],
        )
        rows = cursor.fetchall()
    made = next((feature for _, feature in rows if feature is not None), None)
    if made is not None or not rows:
        return made, False
    location = Location.objects.select_for_update().get(pk=rows[0][0])
    if location.feature_id is None:
        location.feature = Feature.objects.create(
            name=location.name,
            description=location.description,
            encoding_type=location.encoding_type,
            geometry=location.geometry,
        )
        location.save(update_fields=["feature"])
    return location.feature_id, True


def _keep_particulars(batches: Sequence[Arrivals], habits: Mapping[int, Habit]) -> None:
    """Write what is particular about some of ``batches``, and take away what no longer is; the last one counts."""
    rows: dict[tuple[int, int], tuple[Any, ...]] = {}
    for batch in batches:
        if rows:
            for t in batch.t.tolist():
                rows.pop((batch.series, t), None)
        rows |= {(row[0], row[1]): row for row in _particulars(batch, habits[batch.series])}
    engine = engine_of()
    has_some = "EXISTS (SELECT 1 FROM sta_particular AS p WHERE p.series = wanted.series)"
    asked = f"SELECT series FROM {engine.wanted} WHERE {has_some}"
    there = {row[0] for row in engine.run(asked, [engine.ids(sorted(habits))])}
    if not there and not rows:
        return
    gone = [(b.series, t) for b in batches if b.series in there for t in b.t.tolist() if (b.series, t) not in rows]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM sta_particular WHERE series = %s AND t = %s", gone)
        names = ", ".join(("series", "t", *PARTS))
        marks = ", ".join(["%s"] * (2 + len(PARTS)))
        update = ", ".join(f"{name} = excluded.{name}" for name in PARTS)
        cursor.executemany(
            f"INSERT INTO sta_particular ({names}) VALUES ({marks}) ON CONFLICT (series, t) DO UPDATE SET {update}",
            list(rows.values()),
        )


def _particulars(batch: Arrivals, habit: Habit) -> list[tuple[Any, ...]]:
    """The rows of particulars that ``batch`` needs."""
    is_plain = len(batch.t) == 1 and not batch.special and habit.own_feature == habit.feature
    if is_plain and batch.result_time[0] - batch.t[0] == habit.lag_ms:
        return []
    usual = np.full(len(batch.t), UNTOLD) if habit.lag_ms is None else batch.t + habit.lag_ms
    other = batch.result_time != usual
    if habit.own_feature != habit.feature:
        other |= True
    positions = sorted({*np.flatnonzero(other).tolist(), *batch.special})
    rows = []
    for k in positions:
        told = int(batch.result_time[k])
        parts: dict[str, Any] = {"result_time": None if told == UNTOLD else told, "feature_id": habit.own_feature}
        parts |= batch.special.get(k, {})
        if not _is_usual(parts, int(usual[k]), habit):
            rows.append((batch.series, int(batch.t[k]), *(_said(name, parts.get(name)) for name in PARTS)))
    return rows


def _said(name: str, value: Any) -> Any:
    return orjson.dumps(value).decode() if name in JSON_PARTS and value is not None else value


def _is_usual(parts: dict[str, Any], usual: int, habit: Habit) -> bool:
    """Whether nothing in ``parts`` differs from what the datastream says of all."""
    told = parts["result_time"]
    same_time = told == (None if usual == UNTOLD else usual)
    same_feature = parts["feature_id"] == habit.feature
    others = any(parts.get(name) is not None for name in PARTS if name not in ("result_time", "feature_id"))
    return same_time and same_feature and not others
