"""Forecasts and watches as the API says them."""

from __future__ import annotations

from datetime import datetime

from riverchief.parameter import find_parameter
from riverchief_server.api.desk.forecasts.schema import Forecast, ForecastLine, Watch, Watches, WatchRecord
from riverchief_server.api.words import say, time_text, value_text
from riverchief_server.forecasts.models import Forecast as ForecastRow
from riverchief_server.forecasts.models import Watch as WatchRow
from riverchief_server.forecasts.queries import open_watches_of
from riverchief_server.forecasts.watches import record_of, target_limit


def show_forecast(row: ForecastRow, language: str) -> Forecast:
    """One forecast with its sentence."""
    limit = target_limit(row.place, row.parameter)
    return Forecast(
        station=row.place.code,
        parameter=row.parameter,
        name=find_parameter(row.parameter).name(language),
        unit=row.unit,
        issued_at=row.issued_at,
        origin_at=row.origin_at,
        sentence=_sentence(row, language),
        horizon_h=row.horizon_h,
        lacks=row.lacks,
        limit=limit[0] if limit else None,
        limit_is_floor=bool(limit and limit[1]),
        lines=[ForecastLine(**{name: line[name] for name in ForecastLine.model_fields}) for line in row.lines],
    )


def show_watches(now: datetime, language: str) -> Watches:
    """The open watches and the record."""
    record = record_of()
    watches = [_watch(row, now, language) for row in open_watches_of()]
    key = "watches_some" if watches else "watches_none"
    return Watches(
        sentence=say(key, language, open=len(watches), right=record["right"], wrong=record["wrong"]),
        record=WatchRecord(**record),
        watches=watches,
    )


def _sentence(row: ForecastRow, language: str) -> str:
    """What is expected a day ahead (or at the farthest lead before), and how far that can be trusted."""
    line = next((each for each in row.lines if each["lead_h"] >= 24), row.lines[-1])
    low, middle, high = line["quantiles"][0], line["quantiles"][2], line["quantiles"][4]
    if middle is None:
        return say("forecast_nothing", language)
    unit = "" if row.unit == "-" else row.unit
    key = "forecast_range" if low is not None and high is not None else "forecast_middle"
    said = say(
        key,
        language,
        hours=f"{line['lead_h']:g}",
        value=value_text(row.parameter, middle),
        low="" if low is None else value_text(row.parameter, low),
        high="" if high is None else value_text(row.parameter, high),
        unit=unit,
    )
    if "record" in row.lacks:
        return said + say("forecast_untried", language)
    if row.horizon_h is None:
        return said + say("forecast_no_skill", language)
    return said + say("forecast_skill", language, hours=f"{row.horizon_h:g}")


def _watch(row: WatchRow, now: datetime, language: str) -> Watch:
    name = find_parameter(row.parameter).name(language)
    key = "watch_below" if row.is_floor else "watch_above"
    return Watch(
        station=row.place.code,
        name=row.place.name,
        parameter=row.parameter,
        sentence=say(
            key,
            language,
            place=row.place.name,
            parameter=name,
            at=time_text(row.expected_at, now, language),
            limit=value_text(row.parameter, row.limit),
            unit=row.forecast.unit,
            chance=f"{row.chance:.0%}",
        ),
        expected_at=row.expected_at,
        chance=row.chance,
    )
