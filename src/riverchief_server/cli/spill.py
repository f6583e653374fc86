"""``riverchief spill``: when a spill reaches each place downstream, how high it rises and how long it stays."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.place import Location
from riverchief.place.listed import read_place
from riverchief.place.reading import RiverFile, read_network
from riverchief.sheet.times import read_moment
from riverchief.spill import Spill, SpillForecast, Watch, WatchForecast, forecast_spill, spill_front
from riverchief.spill.figure import draw_forecast
from riverchief.spill.notice import write_notice
from riverchief.spill.watches import class_limit, every_reach_below, read_watches
from riverchief.transport import way_from
from riverchief.transport.conditions import Conditions
from riverchief.transport.estimate import Method
from riverchief_server.cli import language
from riverchief_server.cli.river import AskedRiver, add_river_arguments, read_quantity
from riverchief_server.cli.tables import read_input, write_rows

MEASURES = ("arrival_s", "peak_s", "peak_mg_l", "passage_s", "above_limit_s")
FOOT = """Each of --velocity, --discharge … is a number for the whole river or the name of a column of NETWORK; columns
of the usual names (flow_m3_s, velocity_m_s, 流量 …) are found by themselves. What is missing is estimated, with its
error, and said on standard error: velocity by Manning (width, slope), Jobson (area) or regime; dispersion by Fischer or
Jobson; discharge only from --gauge by drainage area, never from nothing.
Times are seconds after the release began. arrival: first 1 % of the place's peak; passage: from there to the last 1 %.
Exit 0: done; 1: the spill reaches none of the places; 2: bad usage or input."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What was spilled where, what the river is like, whom to warn, and how to say it."""
    parser.epilog = FOOT
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("network", metavar="NETWORK", help="GeoJSON or CSV of the reaches, also gzipped; - is stdin")
    spill = parser.add_argument_group("the spill")
    spill.add_argument(
        "--at", required=True, metavar="REACH:CHAINAGE", help="where; chainage in m from the upstream end"
    )
    spill.add_argument("--mass", required=True, metavar="KG", help="how much, kg; or with a unit: 500g, 2.5t")
    spill.add_argument("--duration", metavar="H", default="0", help="even over so many hours; default at once")
    spill.add_argument("--time", metavar="ISO8601", help="when it began, with zone: 2026-05-04T08:30+08:00")
    spill.add_argument("--parameter", metavar="P", help="what: NH3N, 锰 … ; gives class limits and the notice its name")
    watch = parser.add_argument_group("whom to warn")
    watch.add_argument(
        "--places", metavar="FILE", help="CSV or XLSX: id, reach, chainage_m (or lon, lat), kind, limit_mg_l"
    )
    watch.add_argument(
        "--limit", metavar="X", help="mg/L that must not be exceeded, or a class I to V with --parameter"
    )
    watch.add_argument(
        "--background", metavar="MG_L", default="0", help="mg/L before the spill, added before the limit"
    )
    add_river_arguments(parser)
    answer = parser.add_argument_group("the answer")
    answer.add_argument("--members", type=int, default=200, metavar="N", help="random runs behind the ranges")
    answer.add_argument("--seed", type=int, default=0, metavar="N", help="makes them repeatable")
    answer.add_argument("--format", choices=("table", "csv", "json", "geojson", "figure"), default="table")
    answer.add_argument("--notice", choices=("zh", "en"), help="write the notice to the places instead (in json: too)")
    answer.add_argument("--notice-for", metavar="ID", help="only to this place; default: borders, else the last place")
    answer.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of standard output")


def run(arguments: argparse.Namespace) -> int:
    """Forecast and answer; 1 where no place is reached."""
    asked = _Asked(arguments)
    content, name = read_input(arguments.network)
    river = read_network(content, name, asked.river.columns)
    conditions = asked.river.conditions(river)
    location = read_place(river.network, arguments.at)
    spill = Spill(location, asked.mass_kg, asked.duration_s)
    reaches = _way(river, location)
    watches, others = _watches(river, arguments, asked, reaches)
    forecast = forecast_spill(
        river.network,
        spill,
        watches,
        conditions.physics,
        doubt=conditions.doubt,
        background_mg_l=asked.background,
        members=arguments.members,
        seed=arguments.seed,
    )
    basis = conditions.basis(reaches)
    _tell(river, forecast, basis, others)
    _answer(arguments, asked, river, conditions, forecast, basis)
    return 0 if forecast.places else 1


class _Asked:
    """The options as numbers; raises ``BadInput`` with everything wrong among them."""

    def __init__(self, arguments: argparse.Namespace):
        faults: list[Fault] = []
        self.river = AskedRiver(arguments, faults)
        self.mass_kg = read_quantity(arguments.mass, "mass", "kg", "mass", faults)
        self.duration_s = 3600 * read_quantity(arguments.duration, "duration", "-", "none", faults)
        self.background = read_quantity(arguments.background, "background", "mg/L", "concentration", faults)
        self.parameter: str | None = None
        self.limit: float | None = None
        self.start: dt.datetime | None = None
        try:
            self.parameter = find_parameter(arguments.parameter).code if arguments.parameter else None
        except BadInput as refused:
            faults += refused.faults
        if arguments.time is not None:
            self._read_time(arguments.time, faults)
        if arguments.limit is not None:
            self._read_limit(arguments.limit, faults)
        if faults:
            raise BadInput(faults)

    def _read_time(self, text: str, faults: list[Fault]) -> None:
        try:
            self.start = read_moment(text)
        except BadInput as refused:
            faults += refused.faults
            return
        if self.start.tzinfo is None:
            allowed = f"{text}+08:00"
            faults.append(Fault("bad_time", column="time", details={"given": text, "allowed": allowed}))

    def _read_limit(self, text: str, faults: list[Fault]) -> None:
        if text in ("I", "II", "III", "IV", "V"):
            if self.parameter is None:
                details = {"given": "--parameter", "allowed": "--limit III --parameter NH3N"}
                faults.append(Fault("missing_value", column="limit", details=details))
                return
            try:
                self.limit = class_limit(self.parameter, text)
            except BadInput as refused:
                faults += refused.faults
            return
        self.limit = read_quantity(text, "limit", "mg/L", "concentration", faults)


def _way(river: RiverFile, location: Location) -> Any:
    network, edges = river.network, river.network.secondary
    return way_from(
        network.down, network.index_of(location.reach), (edges.source, edges.target, edges.fraction)
    ).reaches


def _watches(
    river: RiverFile, arguments: argparse.Namespace, asked: _Asked, reaches: Any
) -> tuple[Sequence[Watch], int]:
    if arguments.places is None:
        return every_reach_below(river.network, reaches.tolist(), asked.limit), 0
    content, name = read_input(arguments.places)
    return read_watches(
        content,
        name,
        river.network,
        centrelines=river.centrelines,
        parameter=asked.parameter,
        limit_mg_l=asked.limit,
    )


def _tell(river: RiverFile, forecast: SpillForecast, basis: list[tuple[str, Method, int]], others: int) -> None:
    """What was assumed, on standard error."""
    for remark in river.remarks:
        print(remark.text(language()), file=sys.stderr)
    for quantity, method, count in basis:
        error = f"±{100 * method.log_sd:.0f} %" if method.log_sd < 0.3 else f"×÷ {math.exp(method.log_sd):.1f}"
        said = {"count": str(count), "given": method.name(language()), "allowed": error}
        print(Fault("estimated_by", column=quantity, details=said).text(language()), file=sys.stderr)
    if others:
        print(Fault("places_left_out", details={"count": str(others)}).text(language()), file=sys.stderr)
    if forecast.unreached:
        names = ", ".join(watch.id for watch in forecast.unreached[:10])
        details = {"count": str(len(forecast.unreached)), "given": names}
        print(Fault("places_unreached", details=details).text(language()), file=sys.stderr)
    unresolved = [place.watch.id for place in forecast.places if not place.resolved]
    if unresolved:
        print(Fault("too_near", details={"given": ", ".join(unresolved[:10])}).text(language()), file=sys.stderr)


def _answer(
    arguments: argparse.Namespace,
    asked: _Asked,
    river: RiverFile,
    conditions: Conditions,
    forecast: SpillForecast,
    basis: list[tuple[str, Method, int]],
) -> None:
    notices = "\n".join(_notices(arguments, asked, forecast, basis)) if arguments.notice else None
    if arguments.format == "json":
        answer = _json(asked, forecast, basis)
        if notices is not None:
            answer["notice"] = notices
        _write(json.dumps(answer, ensure_ascii=False, allow_nan=False) + "\n", arguments.output)
    elif notices is not None:
        _write(notices, arguments.output)
    elif arguments.format == "figure":
        _write(draw_forecast(forecast, language(), start=asked.start), arguments.output)
    elif arguments.format == "geojson":
        text = json.dumps(_geojson(asked, river, conditions, forecast), ensure_ascii=False, allow_nan=False)
        _write(text + "\n", arguments.output)
    else:
        rows = list(_rows(asked, forecast) if arguments.format == "table" else _csv_rows(forecast))
        columns = list(rows[0]) if rows else ["place"]
        write_rows(rows, columns, arguments.format, arguments.output)


def _notices(
    arguments: argparse.Namespace, asked: _Asked, forecast: SpillForecast, basis: list[tuple[str, Method, int]]
) -> list[str]:
    places = {place.watch.id: place for place in forecast.places}
    if arguments.notice_for is not None:
        if arguments.notice_for not in places:
            details = {"given": arguments.notice_for, "allowed": ", ".join(places) or "—"}
            raise BadInput([Fault("not_one_of", column="notice-for", details=details)])
        chosen = [places[arguments.notice_for]]
    else:
        chosen = [place for place in places.values() if place.watch.kind == "border"] or list(places.values())[-1:]
    return [
        write_notice(forecast, place, arguments.notice, start=asked.start, parameter=asked.parameter, basis=basis)
        for place in chosen
    ]


def _json(asked: _Asked, forecast: SpillForecast, basis: list[tuple[str, Method, int]]) -> dict[str, Any]:
    spill = forecast.spill
    return {
        "spill": {
            "reach": str(spill.location.reach),
            "chainage_m": spill.location.chainage_m,
            "mass_kg": spill.mass_kg,
            "duration_s": spill.duration_s,
            "time": asked.start.isoformat() if asked.start else None,
            "parameter": asked.parameter,
        },
        "places": [_place(asked, place) for place in forecast.places],
        "unreached": [watch.id for watch in forecast.unreached],
        "basis": [
            {"quantity": quantity, "method": method.code, "reaches": count, "error": method.log_sd}
            for quantity, method, count in basis
        ],
        "members": forecast.members,
        "seed": forecast.seed,
    }


def _place(asked: _Asked, place: WatchForecast) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": place.watch.id,
        "kind": place.watch.kind,
        "name": place.watch.name,
        "reach": str(place.watch.location.reach),
        "chainage_m": place.watch.location.chainage_m,
        "distance_m": round(place.distance_m, 1),
        "limit_mg_l": place.watch.limit_mg_l,
    }
    for measure in (*MEASURES, "mass_kg"):
        value = getattr(place, measure)
        found[measure] = None if value is None else {name: _rounded(v) for name, v in value._asdict().items()}
    found["probability_above"] = place.probability_above
    found["resolved"] = place.resolved
    if asked.start is not None:
        found["arrival_time"] = (asked.start + dt.timedelta(seconds=round(place.arrival_s.median))).isoformat()
        found["peak_time"] = (asked.start + dt.timedelta(seconds=round(place.peak_s.median))).isoformat()
    return found


def _geojson(asked: _Asked, river: RiverFile, conditions: Conditions, forecast: SpillForecast) -> dict[str, Any]:
    """Places as points, and the reaches below as lines with when the front gets to their feet and how high it is."""
    if river.centrelines is None:
        details = {"given": "geometry", "allowed": ", ".join(river.rows.columns)}
        raise BadInput([Fault("missing_column", river.rows.source, column="geometry", details=details)])
    network = river.network
    features = []
    for place in forecast.places:
        at = place.watch.location
        lon, lat = river.centrelines.point_at(network.index_of(at.reach), at.chainage_m)
        shape = None
        if math.isfinite(lon[0]):
            shape = {"type": "Point", "coordinates": [round(float(lon[0]), 6), round(float(lat[0]), 6)]}
        features.append({"type": "Feature", "geometry": shape, "properties": _place(asked, place)})
    if forecast.places:
        until = max(place.arrival_s.p95 + place.passage_s.p95 for place in forecast.places)
        front = spill_front(network, forecast.spill, conditions.physics, np.linspace(0.0, until, 401))
        height = front.mg_l.max(axis=0)
        for j, reach in enumerate(front.reaches.tolist()):
            line = river.centrelines.lines[reach]
            if line is None or shapely.is_empty(line) or not height[j] > 0:
                continue
            first = int(np.argmax(front.mg_l[:, j] >= 0.01 * height[j]))
            features.append(
                {
                    "type": "Feature",
                    "geometry": json.loads(shapely.to_geojson(line)),
                    "properties": {
                        "id": str(network.ids[reach]),
                        "kind": "reach",
                        "arrival_s": _rounded(float(front.time_s[first])),
                        "peak_s": _rounded(float(front.time_s[int(np.argmax(front.mg_l[:, j]))])),
                        "peak_mg_l": _rounded(float(height[j])),
                    },
                }
            )
    return {"type": "FeatureCollection", "features": features}


def _rows(asked: _Asked, forecast: SpillForecast) -> Iterator[dict[str, str]]:
    """For people: hours, or times where the start is known; each median with its 90 % range."""
    for place in forecast.places:
        row = {
            "place": f"{place.watch.id} {place.watch.name}".strip(),
            "km": f"{place.distance_m / 1000:.1f}",
            "arrival": _when(asked, place.arrival_s),
            "peak": _when(asked, place.peak_s),
            "mg/L": _spread(place.peak_mg_l, 1.0),
            "passage_h": _spread(place.passage_s, 3600.0),
        }
        if any(other.watch.limit_mg_l is not None for other in forecast.places):
            known = place.above_limit_s is not None
            row["above_limit_h"] = _spread(place.above_limit_s, 3600.0) if place.above_limit_s else "—"
            row["probability"] = f"{100 * (place.probability_above or 0):.0f} %" if known else "—"
        yield row


def _csv_rows(forecast: SpillForecast) -> Iterator[dict[str, Any]]:
    for place in forecast.places:
        row: dict[str, Any] = {"id": place.watch.id, "kind": place.watch.kind, "name": place.watch.name}
        row["distance_m"] = round(place.distance_m, 1)
        for measure in MEASURES:
            value = getattr(place, measure)
            for name in ("median", "p05", "p95"):
                column = measure if name == "median" else f"{measure}_{name}"
                row[column] = "" if value is None else _rounded(getattr(value, name))
        row["probability_above"] = "" if place.probability_above is None else place.probability_above
        yield row


def _when(asked: _Asked, found: Any) -> str:
    if asked.start is None:
        return f"{_spread(found, 3600.0)} h"
    times = [asked.start + dt.timedelta(seconds=round(value)) for value in (found.median, found.p05, found.p95)]
    return f"{times[0]:%m-%d %H:%M} ({times[1]:%m-%d %H:%M} – {times[2]:%m-%d %H:%M})"


def _spread(found: Any, unit: float) -> str:
    return f"{found.median / unit:.3g} ({found.p05 / unit:.3g}–{found.p95 / unit:.3g})"


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _write(text: str, output: str | None) -> None:
    if output and output != "-":
        Path(output).write_text(text, encoding="utf-8", newline="")
    else:
        sys.stdout.write(text)
