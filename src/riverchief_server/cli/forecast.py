"""``riverchief forecast FILE``: what comes next, with the skill it has shown; ``--evaluate`` for the past."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief.forecast import Outlook, Panel, issue, look_ahead, panel_of, score
from riverchief.forecast.air import air_outlook, air_panels
from riverchief.forecast.boosting import library
from riverchief.forecast.figure import draw_outlooks
from riverchief.forecast.panel import DAY_S, HOUR_S
from riverchief.forecast.rolling import first_fit
from riverchief.forecast.scores import LeadScore
from riverchief.forecast.weather import as_if_known, beside
from riverchief.forecast.weather_sheet import read_weather
from riverchief.observation.series import series_of
from riverchief.parameter import find_parameter
from riverchief.sheet.times import NoTime, find_zone, read_time
from riverchief.telemetry.csv import ReadResult, all_layouts, read_readings
from riverchief_server.cli import language
from riverchief_server.cli.forecast_options import lead_hours, read_upstream, stations_of
from riverchief_server.cli.tables import read_input, write_rows

FORECAST = ("time", "lead_h", "q05", "q25", "q50", "q75", "q95", "base", "skill")
EVALUATED = (
    "place",
    "parameter",
    "lead_h",
    "n",
    "used",
    "mae",
    "mae_persistence",
    "mae_climatology",
    "mae_damped",
    "mae_best_base",
    "crps",
    "coverage_90",
)
STANDARD_H = (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 144, 168)
FOOT = """FILE: CSV or XLSX, wide or long, of one or several stations; other parameters of a station are used as well.
--evaluate forecasts the past again from --since on, each time from what lay before the origin, and prints the errors of
the forecast and of the bases on the same cases; mae_best_base is the lowest of them, known only afterwards. A row
without cases enough has no figures. used is the share of forecasts that a model made; the others are the best base.
--covariates: weather by time; with a column "issued" it is taken as forecast then, without one as observed, known up to
the origin. --perfect-weather takes observed weather as if it had been forecast without error: an upper bound.
Exit 0: done; 1: not enough data for anything but the newest value; 2: bad usage or input."""
WORDS = {
    "zh": {
        "record": "{place}：数据不足，未能检验技巧，给出的是基准预报",
        "intervals": "{place}：已检验的误差太少，部分时效没有区间",
        "recent": "{place}：最新有效值为 {time}，早于本文件末尾",
        "horizon": "{place}：有技巧的最长时效 {hours:g} 小时",
        "none": "{place}：没有任何时效优于基准，给出的是基准预报",
        "left_out": "{place}：未采用的值：{reasons}",
        "perfect": "--perfect-weather：把实测气象当作无误差预报，只是上限",
        "no_boosting": "LightGBM 无法加载（Debian：apt install libgomp1）；只用线性模型和基准",
    },
    "en": {
        "record": "{place}: not enough data to try any model; the base is given",
        "intervals": "{place}: too few verified errors, some leads have no interval",
        "recent": "{place}: the newest usable value is of {time}, before the end of the file",
        "horizon": "{place}: skill up to {hours:g} h ahead",
        "none": "{place}: nothing beats the base at any lead; the base is given",
        "left_out": "{place}: values left out: {reasons}",
        "perfect": "--perfect-weather: observed weather as a forecast without error, an upper bound and nothing else",
        "no_boosting": "LightGBM cannot be loaded (Debian: apt install libgomp1); lines and bases only",
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief forecast``."""
    parser.epilog = FOOT
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", metavar="FILE", help="CSV or XLSX of readings, also gzipped; - is standard input")
    parser.add_argument("--parameter", action="append", metavar="P", help="which; several by commas; default: all")
    parser.add_argument("--place", action="append", metavar="ID", help="only these places (all are learned from)")
    parser.add_argument("--horizon", metavar="H", help="how far: 72h, 3d (default 3d; 7d of daily values)")
    parser.add_argument("--lead", "--leads", dest="leads", action="append", metavar="H", help="leads: 4h,1d,3d")
    parser.add_argument("--covariates", metavar="FILE", help="weather: CSV, XLSX or JSON with time, [issued], [place]")
    parser.add_argument("--perfect-weather", action="store_true", help="observed weather as forecast: an upper bound")
    parser.add_argument(
        "--upstream",
        action="append",
        default=[],
        metavar="UP>HERE=H",
        help="station UP lies H hours of travel upstream of HERE: WanYuan>XuanHan=18; H:0.4 if 40 %% of the water",
    )
    parser.add_argument("--evaluate", action="store_true", help="forecast the past again and print the errors")
    parser.add_argument("--since", metavar="DATE", help="the first origin of --evaluate (default: the last third)")
    read = parser.add_argument_group("the file")
    read.add_argument("--layout", choices=list(all_layouts()), help="how it is laid out; default: by its header")
    read.add_argument("--timezone", help="the zone of times that have none (default: left as it is)")
    read.add_argument("--year", type=int, help="the year of times that have none")
    read.add_argument("--station", help="the station of a file without such a column (default: its name)")
    parser.add_argument("--format", choices=("table", "csv", "json", "figure"), default="table")
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of standard output")


def run(arguments: argparse.Namespace) -> int:
    """Forecast, or forecast the past again."""
    spoken = WORDS[language()]
    content, name = read_input(arguments.file)
    result, zone = _read(content, name, arguments)
    for fault in (*result.notes, *(refusal.fault for refusal in result.refusals)):
        print(fault.at(name).text(language()), file=sys.stderr)
    series = series_of(result.readings)
    if not series:
        nothing = Fault("empty_file", name, details={"allowed": "station, time, parameter …"})
        raise BadInput([refusal.fault for refusal in result.refusals] or [nothing])
    if library() is None:
        print(spoken["no_boosting"], file=sys.stderr)
    known = sorted({each.parameter for each in series if (each.values == each.values).any()})
    asked = [part.strip() for given in arguments.parameter or [] for part in given.split(",")] or known
    upstream = read_upstream(arguments.upstream, stations_of(series))
    places = arguments.place or []
    stations_of(series, places)
    if arguments.evaluate and arguments.format == "figure":
        raise BadInput([Fault("not_one_of", "--format", details={"given": "figure", "allowed": "table、csv、json"})])
    scores: list[LeadScore] = []
    outlooks: list[Outlook] = []
    panels: list[Panel] = []
    for parameter in asked:
        air = air_panels(series, offset_s=_offset_s(zone)) if find_parameter(parameter).code == "AQI" else {}
        panel = air["AQI"] if air else panel_of(series, parameter)
        leads = panel.lead_steps(_leads_h(arguments, panel))
        if arguments.covariates:
            panel = _with_weather(panel, leads, arguments, zone)
        if arguments.evaluate:
            scores += score(issue(panel, leads, _since(panel, arguments.since, zone), upstream=upstream))
        else:
            panels.append(panel)
            if air:
                for outlook, days in air_outlook({**air, "AQI": panel}, leads, offset_s=_offset_s(zone)):
                    outlooks.append(outlook)
                    for day in days:
                        print(day.text(outlook.place, language()), file=sys.stderr)
            else:
                outlooks += look_ahead(panel, leads, upstream)
    if arguments.perfect_weather:
        print(spoken["perfect"], file=sys.stderr)
    if arguments.evaluate:
        rows = _evaluated(scores, places, arguments.format == "json")
        write_rows(list(rows), EVALUATED, arguments.format, arguments.output)
        return 0 if any(each.n for each in scores) else 1
    chosen = [each for each in outlooks if not places or each.place in places]
    _remark(chosen, zone)
    if arguments.format == "figure":
        _write(draw_outlooks(chosen, panels, language()), arguments.output)
    else:
        many = len({each.place for each in chosen}) > 1, len({each.parameter for each in chosen}) > 1
        columns = (*(("place",) if many[0] else ()), *(("parameter",) if many[1] else ()), *FORECAST)
        rows = _forecast(chosen, zone, arguments.format)
        write_rows(list(rows), columns, arguments.format, arguments.output)
    return 1 if chosen and all("record" in each.lacks for each in chosen) else 0


def _leads_h(arguments: argparse.Namespace, panel: Panel) -> list[float]:
    if arguments.leads:
        return lead_hours(",".join(arguments.leads))
    daily = panel.step_s >= DAY_S
    horizon = lead_hours(arguments.horizon)[0] if arguments.horizon else 168.0 if daily else 72.0
    step_h = panel.step_s / HOUR_S
    horizon = max(step_h, horizon)
    standard = [*STANDARD_H, *range(192, int(horizon) + 1, 24)]
    found = [float(each) for each in standard if each <= horizon and abs(each / step_h - round(each / step_h)) < 1e-9]
    return found or [step_h * round(horizon / step_h)]


def _offset_s(zone: tzinfo | None) -> float:
    """How far [s] the zone of the times lies east of UTC; 0 where they have none and are taken as they are."""
    offset = datetime.fromtimestamp(0, UTC).astimezone(zone or UTC).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _since(panel: Panel, written: str | None, zone: tzinfo | None) -> int:
    if written is None:
        return max(first_fit(panel), panel.steps * 2 // 3)
    try:
        moment = read_time(written, year=None, zone=zone or UTC)
    except NoTime as wrong:
        details = {"given": written, "allowed": "2023-01-01"}
        raise BadInput([Fault(wrong.kind, "--since", details=details)]) from wrong
    return max(0, panel.step_at(moment.timestamp()))


def _with_weather(panel: Panel, leads: Sequence[int], arguments: argparse.Namespace, zone: tzinfo | None) -> Panel:
    weather = read_weather(*read_input(arguments.covariates), zone or UTC)
    if arguments.perfect_weather and not weather.is_forecast:
        return as_if_known(panel, weather, leads)
    return beside(panel, weather, leads)


def _evaluated(scores: Sequence[LeadScore], places: Sequence[str], is_json: bool) -> Iterator[dict[str, Any]]:
    for each in scores:
        if places and each.place not in places:
            continue
        figures = {
            "used": each.used,
            "mae": each.mae,
            **{f"mae_{base}": each.mae_of.get(base, math.nan) for base in ("persistence", "climatology", "damped")},
            "mae_best_base": each.mae_best_base,
            "crps": each.crps,
            "coverage_90": each.coverage_90,
        }
        row: dict[str, Any] = {"place": each.place, "parameter": each.parameter, "lead_h": _plain(each.lead_h)}
        row["n"] = each.n
        row |= {name: _figure(value, is_json) for name, value in figures.items()}
        if is_json:
            row |= {"mae_of": each.mae_of, "best_base": each.best_base, "flips": _figure(each.flips, True)}
        yield row


def _forecast(outlooks: Sequence[Outlook], zone: tzinfo | None, format: str) -> Iterator[dict[str, Any]]:
    is_json = format == "json"
    for outlook in outlooks:
        for line in outlook.lines:
            row: dict[str, Any] = {"place": outlook.place, "parameter": outlook.parameter}
            row |= {"time": _moment(line.time_s, zone), "lead_h": _plain(line.lead_h)}
            for label, value in zip(FORECAST[2:7], line.quantiles, strict=True):
                row[label] = _figure(value, is_json)
            row["base"] = _figure(line.base, is_json)
            row["skill"] = _figure(line.skill, is_json)
            if format == "table":
                row["base"] = f"{row['base']} {line.base_name}" + ("" if line.is_used else " =")
            if is_json:
                row |= {"unit": outlook.unit, "base_name": line.base_name, "used": line.is_used}
                row |= {"skill_horizon_h": outlook.horizon_h, "lacks": list(outlook.lacks)}
            yield row


def _remark(outlooks: Sequence[Outlook], zone: tzinfo | None) -> None:
    spoken = WORDS[language()]
    for each in outlooks:
        place = f"{each.place} {find_parameter(each.parameter).name(language())}"
        for lack in each.lacks:
            print(spoken[lack].format(place=place, time=_moment(each.origin_s, zone)), file=sys.stderr)
        if each.left_out:
            reasons = ", ".join(f"{reason} {count}" for reason, count in each.left_out.items())
            print(spoken["left_out"].format(place=place, reasons=reasons), file=sys.stderr)
        if "record" not in each.lacks:
            kind = "none" if each.horizon_h is None else "horizon"
            print(spoken[kind].format(place=place, hours=each.horizon_h or 0), file=sys.stderr)


def _moment(time_s: float, zone: tzinfo | None) -> str:
    moment = datetime.fromtimestamp(time_s, UTC)
    return (moment.replace(tzinfo=None) if zone is None else moment.astimezone(zone)).isoformat()


def _plain(hours: float) -> float | int:
    return int(hours) if hours == int(hours) else hours


def _figure(value: float, is_json: bool) -> Any:
    if math.isnan(value):
        return None if is_json else ""
    return float(f"{value:.6g}") if is_json else f"{value:.6g}"


def _write(text: str, output: str | None) -> None:
    if output and output != "-":
        Path(output).write_text(text, encoding="utf-8", newline="")
    else:
        sys.stdout.write(text)


def _read(content: bytes, name: str, arguments: argparse.Namespace) -> tuple[ReadResult, tzinfo | None]:
    """The readings, and the zone to write times in: None where the file has none, whose times are then its own."""
    options = {"layout": arguments.layout, "year": arguments.year}
    station = arguments.station or (Path(name).stem.split(".")[0] if arguments.file != "-" else "-")
    try:
        result = read_readings(content, timezone=arguments.timezone, station=station, **options)
    except BadInput as refused:
        if {fault.kind for fault in refused.faults} != {"needs_timezone"}:
            raise
        return read_readings(content, timezone="UTC", station=station, **options), None
    known = all_layouts().get(result.layout)
    return result, find_zone(arguments.timezone or (known.timezone if known else None) or "UTC")
