"""The night's work: every parameter once a day, taken by whoever is there, again where somebody died over it."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from riverchief.forecast import Outlook, look_ahead, panel_of
from riverchief.forecast.panel import DAY_S, HOUR_S, Panel
from riverchief.observation.reading import Censored, Reading
from riverchief.observation.series import series_of as domain_series
from riverchief.parameter import find_parameter
from riverchief_server.forecasts.models import Forecast, Part
from riverchief_server.forecasts.watches import judge_watches, open_watches
from riverchief_server.observations import store
from riverchief_server.observations.queries import series_of
from riverchief_server.places.models import Place

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=30)
RECORD = timedelta(days=760)
HOURS_AHEAD, DAYS_AHEAD = 72, 7
HOURLY_LEADS_H = (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 30, 36, 42, 48, 54, 60, 66, 72)


def parameters_to_forecast() -> list[str]:
    """The parameters that stations measure and the law has a class for, in order of their code."""
    rows = series_of(Place.objects.filter(kind__in=["station", "section"]))
    return sorted({row.parameter for row in rows if find_parameter(row.parameter).medium == "water"})


def take_part(day: date, worker: str, now: datetime) -> Part | None:
    """The next part of the night of ``day`` that nobody has done; ``None`` where all is done or being done.

    Of two who ask at once one gets it: the row is made, or changed from the state that was seen, by one of them.
    """
    known = {part.parameter: part for part in Part.objects.filter(day=day)}
    for parameter in parameters_to_forecast():
        part = known.get(parameter)
        if part is None:
            try:
                with transaction.atomic():
                    return Part.objects.create(day=day, parameter=parameter, worker=worker, begun_at=now)
            except IntegrityError:
                continue
        if part.done_at is None and now - part.begun_at > PATIENCE:
            taken = Part.objects.filter(pk=part.pk, done_at=None, begun_at=part.begun_at, worker=part.worker)
            if taken.update(worker=worker, begun_at=now):
                part.worker, part.begun_at = worker, now
                return part
    return None


def do_part(part: Part, now: datetime) -> int:
    """Forecast one parameter at all its places, store it and open watches; return how many places got a forecast.

    All of it is stored together with the part being done, or nothing: who dies over it leaves no half.
    """
    outlooks = _outlooks(part.parameter, now)
    codes = {place.code: place for place in Place.objects.filter(code__in=[each.place for each in outlooks])}
    with transaction.atomic():
        mine = Part.objects.filter(pk=part.pk, done_at=None, worker=part.worker)
        if not mine.update(done_at=now, places=len(outlooks)):
            return 0  # somebody thought us dead and has done it
        for outlook in outlooks:
            forecast = Forecast.objects.create(
                place=codes[outlook.place],
                parameter=outlook.parameter,
                day=part.day,
                issued_at=now,
                origin_at=store.from_ms(round(outlook.origin_s * 1000)),
                step_s=round(outlook.step_s),
                unit=outlook.unit,
                lines=[_line(outlook, k) for k in range(len(outlook.lines))],
                horizon_h=outlook.horizon_h,
                lacks=list(outlook.lacks),
                left_out=outlook.left_out,
            )
            open_watches(forecast, outlook, now)
    return len(outlooks)


def work_off(day: date, worker: str, now: datetime) -> int:
    """Every part of the night that is to be had; return how many were done. A part that fails says so and stays."""
    done = 0
    judge_watches(now)
    while (part := take_part(day, worker, now)) is not None:
        try:
            do_part(part, now)
        except Exception as failed:
            log.exception("the forecast of %s failed", part.parameter)
            Part.objects.filter(pk=part.pk, worker=worker).update(failure=f"{type(failed).__name__}: {failed}"[:500])
        else:
            done += 1
    return done


def _outlooks(parameter: str, now: datetime) -> list[Outlook]:
    rows = series_of(Place.objects.filter(kind__in=["station", "section"]))
    places = {row.place_id for row in rows if row.parameter == parameter}
    readings: list[Reading] = []
    first, last = store.to_ms(now - RECORD), store.to_ms(now) + 1
    names = dict(Place.objects.filter(pk__in=places).values_list("pk", "code"))
    for row in rows:
        if row.place_id in places:
            for found in store.between(row.pk, first, last):
                censored = Censored(found.operator, found.bound) if found.operator else None
                readings.append(
                    Reading(
                        names[row.place_id],
                        row.parameter,
                        store.from_ms(found.t),
                        found.v,
                        find_parameter(row.parameter).unit,
                        found.flag,
                        censored,
                    )
                )
    series = domain_series(readings)
    if not any(each.parameter == parameter for each in series):
        return []
    panel = panel_of(series, parameter)
    return look_ahead(panel, _leads(panel))


def _leads(panel: Panel) -> tuple[int, ...]:
    if panel.step_s >= DAY_S:
        return tuple(range(1, DAYS_AHEAD + 1))
    step_h = panel.step_s / HOUR_S
    if step_h > 1:
        return tuple(range(1, round(HOURS_AHEAD / step_h) + 1))
    return HOURLY_LEADS_H


def _line(outlook: Outlook, k: int) -> dict[str, object]:
    line = outlook.lines[k]

    def plain(value: float) -> float | None:
        return None if value != value else float(f"{value:.6g}")

    return {
        "at": store.from_ms(round(line.time_s * 1000)).isoformat(),
        "lead_h": line.lead_h,
        "quantiles": [plain(each) for each in line.quantiles],
        "base": plain(line.base),
        "base_name": line.base_name,
        "is_used": line.is_used,
        "skill": plain(line.skill),
        "flips": plain(line.score.flips) if line.score else None,
    }
