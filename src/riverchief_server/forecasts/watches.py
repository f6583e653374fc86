"""Watches: a section that will probably leave its target one to three days ahead; later counted as right or wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from riverchief.forecast import Outlook
from riverchief.observation.flag import find_flag
from riverchief.standard.surface_water.limits import limits_for
from riverchief_server.forecasts.models import OPEN, RIGHT, UNKNOWN, WRONG, Forecast, Watch
from riverchief_server.observations import store
from riverchief_server.observations.queries import series_of
from riverchief_server.places.models import Place
from riverchief_server.standards.queries import section_of

LIKELY = 0.5
FROM_H, TO_H = 24.0, 72.0
AFTERWARDS = timedelta(hours=24)  # a crossing so long after the time expected still makes a watch right


def target_limit(place: Place, parameter: str) -> tuple[float, bool] | None:
    """The limit of the target class of the section that ``place`` belongs to, and whether it is a lower one.

    ``None`` where the section has no target, or the parameter no limit with one end (pH has two).
    """
    section = section_of(place)
    limits = limits_for(section.reach.water).get(parameter)
    if not section.class_target or limits is None or limits.direction not in ("max", "min"):
        return None
    if section.class_target not in limits:
        return None
    return limits[section.class_target], limits.direction == "min"


def open_watches(forecast: Forecast, outlook: Outlook, now: datetime) -> Watch | None:
    """Open a watch where a crossing between one and three days ahead is likely, it is not there already, and no watch
    of the same place and parameter is open."""
    limit = target_limit(forecast.place, forecast.parameter)
    if limit is None or Watch.objects.filter(place=forecast.place, parameter=forecast.parameter, outcome=OPEN).exists():
        return None
    value, is_floor = limit
    if _crossed(forecast.place, forecast.parameter, forecast.origin_at, now, value, is_floor):
        return None
    best, expected = 0.0, None
    for line in outlook.lines:
        if not FROM_H <= line.lead_h <= TO_H:
            continue
        above = line.chance_above(value)
        chance = 1.0 - above if is_floor else above
        if chance > best:  # never true of NaN: without an interval nothing is likely
            best, expected = chance, store.from_ms(round(line.time_s * 1000))
    if best < LIKELY or expected is None or expected <= now:
        return None
    return Watch.objects.create(
        forecast=forecast,
        place=forecast.place,
        parameter=forecast.parameter,
        opened_at=now,
        expected_at=expected,
        limit=value,
        is_floor=is_floor,
        chance=best,
    )


def judge_watches(now: datetime) -> int:
    """Close the open watches of which it is known by ``now`` whether they were right; return how many."""
    closed = 0
    for watch in Watch.objects.filter(outcome=OPEN).select_related("place"):
        until = watch.expected_at + AFTERWARDS
        crossed = _crossed(watch.place, watch.parameter, watch.opened_at, min(now, until), watch.limit, watch.is_floor)
        if not crossed and now < until:
            continue
        watch.outcome = RIGHT if crossed else UNKNOWN if crossed is None else WRONG
        watch.judged_at = now
        watch.save(update_fields=["outcome", "judged_at"])
        closed += 1
    return closed


def record_of(place: Place | None = None) -> dict[str, int]:
    """How many watches were right, wrong, not to be judged, and are open; of ``place`` or of all."""
    rows = Watch.objects.all() if place is None else Watch.objects.filter(place=place)
    outcomes = list(rows.values_list("outcome", flat=True))
    named = {RIGHT: "right", WRONG: "wrong", UNKNOWN: "unknown", OPEN: "open"}
    return {name: outcomes.count(outcome) for outcome, name in named.items()}


def _crossed(place: Place, parameter: str, start: datetime, end: datetime, limit: float, is_floor: bool) -> bool | None:
    """Whether a usable value from ``start`` to ``end`` lies beyond ``limit``; ``None`` where there is none."""
    values = [
        reading.v
        for row in series_of([place])
        if row.parameter == parameter
        for reading in store.between(row.pk, store.to_ms(start), store.to_ms(end) + 1)
        if reading.v is not None and find_flag(reading.flag).usable
    ]
    if not values:
        return None
    return min(values) < limit if is_floor else max(values) > limit
