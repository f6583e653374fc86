"""``riverchief trace``: which outfall a pollution came from, when, how much, how sure, and what to sample next."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief.observation.reading import Reading
from riverchief.parameter import find_parameter
from riverchief.place import Location, Network
from riverchief.place.listed import read_listed, read_place
from riverchief.place.reading import RiverFile, read_network
from riverchief.sheet.times import find_zone, read_moment
from riverchief.telemetry.csv import read_readings
from riverchief.tracing import (
    Candidate,
    NextSample,
    StationSamples,
    Trace,
    rain_of,
    read_sites,
    samples_of,
    trace,
)
from riverchief.tracing.advice import LEAST_SHARE, advise
from riverchief.tracing.assumptions import assumptions_of
from riverchief.tracing.register import FLOW, RAIN
from riverchief_server.cli import language
from riverchief_server.cli.river import AskedRiver, add_river_arguments, read_quantity
from riverchief_server.cli.tables import read_input, write_rows

MOST_ADVICE = 3
MOST_ROWS = 10
ANSWERED = ("one", "several", "outside")
WORDS = {
    "zh": {
        "candidate": "候选",
        "probability": "概率",
        "released": "开始排放（90% 范围）",
        "kg": "排放量 kg（90% 范围）",
        "alike": "难以区分",
        "next": "下一个样：{site}，{time}（可消除 {share} 的不确定性，预计 {level} mg/L）",
        "nothing": "今后 {hours:g} 小时内再采水样已不能区分它们：请到候选现场核查",
        "river": "（未登记）{reach} 河段",
    },
    "en": {
        "candidate": "candidate",
        "probability": "probability",
        "released": "release began (90 % range)",
        "kg": "released kg (90 % range)",
        "alike": "cannot be told from",
        "next": "next sample: {site}, {time} (settles {share} of what is not known; expect {level} mg/L)",
        "nothing": "no sample of the next {hours:g} h will tell them apart: the water has passed, go and look on site",
        "river": "(on no list) reach {reach}",
    },
}
FOOT = """READINGS: CSV or XLSX, wide or long, of all stations, clean ones too; several files are taken together.
Stations are placed by --places, by --station, or by columns reach and chainage_m of READINGS. Candidates are the rows
of --places whose kind is outfall (with subkind, permit, past_cases) and --candidate; without any, every reach is one.
Exit 0: a source was found; 1: the data cannot tell, or nothing was released; 2: bad usage or input."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The river, what was measured where, who may have done it, and how to say it."""
    parser.epilog = FOOT
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("network", metavar="NETWORK", help="GeoJSON or CSV of the reaches, also gzipped; - is stdin")
    parser.add_argument("readings", metavar="READINGS", nargs="+", help="CSV or XLSX of what the stations measured")
    seen = parser.add_argument_group("what was measured")
    seen.add_argument("--parameter", metavar="P", help="which, where READINGS hold several: NH3N, 氨氮 …")
    seen.add_argument(
        "--timezone", metavar="ZONE", help="of times without one: Asia/Shanghai, +08:00; also to show them"
    )
    seen.add_argument("--year", type=int, help="the year of times that have none")
    seen.add_argument("--since", metavar="ISO8601", help="only readings from then on")
    seen.add_argument("--until", metavar="ISO8601", help="only readings up to then")
    seen.add_argument(
        "--rain",
        metavar="FILE",
        action="append",
        default=[],
        help="CSV or XLSX of rain in mm (RAIN, 降水量), any stations",
    )
    places = parser.add_argument_group("the places")
    places.add_argument(
        "--places", metavar="FILE", action="append", default=[], help="CSV or XLSX: id, kind, reach, chainage_m …"
    )
    places.add_argument("--station", metavar="ID=REACH:M", action="append", default=[], help="where one station stands")
    places.add_argument("--candidate", metavar="ID=REACH:M", action="append", default=[], help="one more candidate")
    places.add_argument("--any-reach", action="store_true", help="suspect every reach, whatever is registered")
    add_river_arguments(parser)
    prior = parser.add_argument_group("what is taken for granted")
    prior.add_argument("--noise", metavar="E", help="relative error of a reading, default 0.1")
    prior.add_argument(
        "--lookback", metavar="H", help="how long before the first sample a release may begin, default 72"
    )
    prior.add_argument("--sources", type=int, default=4, metavar="N", help="at most so many, default 4")
    answer = parser.add_argument_group("the answer")
    answer.add_argument(
        "--next", type=float, default=24.0, metavar="H", help="advise on samples of the next H hours; 0: no"
    )
    answer.add_argument("--seed", type=int, default=0, metavar="N", help="makes the draws repeatable")
    answer.add_argument("--format", choices=("table", "csv", "json"), default="table")
    answer.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of standard output")


def run(arguments: argparse.Namespace) -> int:
    """Trace and answer; 1 where the data cannot tell or nothing was released."""
    asked = _Asked(arguments)
    content, name = read_input(arguments.network)
    river = read_network(content, name, asked.river.columns)
    conditions = asked.river.conditions(river)
    readings, samples, candidates, sites = _measured(river, arguments, asked)
    found = trace(
        river.network,
        conditions.physics,
        candidates,
        samples,
        assumptions=assumptions_of(river.network, conditions.doubt, [one.location for one in samples], asked.assumed),
        seed=arguments.seed,
        most_sources=arguments.sources,
        rain=rain_of([*_rain(arguments), *readings]),
    )
    advice = advise(found, sites, arguments.next, seed=arguments.seed)
    for remark in river.remarks:
        print(remark.text(language()), file=sys.stderr)
    for note in found.notes:
        print(note.text(language()), file=sys.stderr)
    _answer(arguments, asked, found, advice)
    return 0 if found.verdict in ANSWERED else 1


class _Asked:
    """The options as values; raises ``BadInput`` with everything wrong among them."""

    def __init__(self, arguments: argparse.Namespace):
        faults: list[Fault] = []
        self.river = AskedRiver(arguments, faults)
        self.parameter: str | None = None
        self.zone: dt.tzinfo = dt.UTC
        self.times: dict[str, dt.datetime] = {}
        self.assumed: dict[str, float] = {}
        try:
            self.parameter = find_parameter(arguments.parameter).code if arguments.parameter else None
        except BadInput as refused:
            faults += refused.faults
        try:
            self.zone = find_zone(arguments.timezone) if arguments.timezone else dt.UTC
        except BadInput as refused:
            faults += refused.faults
        for name in ("since", "until"):
            self._read_time(name, getattr(arguments, name), bool(arguments.timezone), faults)
        if arguments.noise is not None:
            self.assumed["noise"] = read_quantity(arguments.noise, "noise", "-", "none", faults)
        if arguments.lookback is not None:
            self.assumed["lookback_s"] = 3600.0 * read_quantity(arguments.lookback, "lookback", "-", "none", faults)
        if faults:
            raise BadInput(faults)

    def _read_time(self, name: str, text: str | None, has_zone: bool, faults: list[Fault]) -> None:
        if text is None:
            return
        try:
            time = read_moment(text)
        except BadInput as refused:
            faults += refused.faults
            return
        if time.tzinfo is None and not has_zone:
            faults.append(Fault("bad_time", column=name, details={"given": text, "allowed": f"{text}+08:00"}))
            return
        self.times[name] = time if time.tzinfo is not None else time.replace(tzinfo=self.zone)


def _measured(
    river: RiverFile, arguments: argparse.Namespace, asked: _Asked
) -> tuple[list[Reading], list[StationSamples], list[Candidate], dict[str, Location]]:
    """All readings, the samples among them, candidates, and every place where one could sample next."""
    network, faults = river.network, list[Fault]()
    readings: list[Reading] = []
    placed: dict[str, Location] = {}
    for file in arguments.readings:
        content, name = read_input(file)
        try:
            result = read_readings(
                content, timezone=arguments.timezone, year=arguments.year, now=dt.datetime.now(dt.UTC)
            )
            placed |= _placed_by(content, name, river)
        except BadInput as refused:
            faults += [fault if fault.source else fault.at(name) for fault in refused.faults]
            continue
        for fault in (*result.notes, *(refusal.fault for refusal in result.refusals)):
            print(fault.at(name).text(language()), file=sys.stderr)
        readings += result.readings
    if faults:
        raise BadInput(faults)
    parameter = asked.parameter or _the_only(readings)
    candidates: list[Candidate] = []
    for file in arguments.places:
        content, name = read_input(file)
        try:
            listed = read_sites(content, name, network, centrelines=river.centrelines, parameter=parameter)
        except BadInput as refused:
            faults += refused.faults
            continue
        placed |= listed.stations
        candidates += listed.candidates
    placed |= _named(network, "station", arguments.station, faults)
    more = _named(network, "candidate", arguments.candidate, faults)
    candidates += [Candidate(name, place) for name, place in more.items()]
    if faults:
        raise BadInput(faults)
    samples = samples_of(readings, parameter, placed, since=asked.times.get("since"), until=asked.times.get("until"))
    return readings, samples, [] if arguments.any_reach else candidates, placed


def _rain(arguments: argparse.Namespace) -> list[Reading]:
    """What the files of ``--rain`` hold."""
    found: list[Reading] = []
    for file in arguments.rain:
        content, name = read_input(file)
        try:
            result = read_readings(content, timezone=arguments.timezone, year=arguments.year, station="rain")
        except BadInput as refused:
            raise BadInput(
                [Fault(f.kind, f.source or name, f.line, f.column, f.details) for f in refused.faults]
            ) from None
        if not any(one.parameter == RAIN for one in result.readings):
            raise BadInput([Fault("missing_column", name, column=RAIN, details={"allowed": "time, RAIN (mm)"})])
        found += result.readings
    return found


def _named(network: Network, column: str, given: Sequence[str], faults: list[Fault]) -> dict[str, Location]:
    """``ID=REACH:CHAINAGE`` options."""
    found = {}
    for text in given:
        name, equals, place = text.partition("=")
        if not equals:
            faults.append(Fault("not_one_of", column=column, details={"given": text, "allowed": "S1=R3:1250"}))
            continue
        try:
            found[name] = read_place(network, place)
        except BadInput as refused:
            faults += [fault.at(column=column) for fault in refused.faults]
    return found


def _placed_by(content: bytes, name: str, river: RiverFile) -> dict[str, Location]:
    """Where READINGS themselves place their stations; nothing where they have no such columns."""
    try:
        rows, _ = read_listed(content, name, river.network)
    except BadInput as refused:
        if {fault.kind for fault in refused.faults} == {"missing_column"}:
            return {}
        raise
    return {row.cells["id"]: row.location for row in rows}


def _the_only(readings: Sequence[Reading]) -> str:
    counts = Counter(reading.parameter for reading in readings if reading.parameter not in (RAIN, FLOW))
    if len(counts) != 1:
        details = {"given": "--parameter", "allowed": ", ".join(sorted(counts)) or "NH3N"}
        raise BadInput([Fault("missing_value", column="parameter", details=details)])
    return next(iter(counts))


def _answer(arguments: argparse.Namespace, asked: _Asked, found: Trace, advice: Sequence[NextSample]) -> None:
    if arguments.format == "json":
        answer = found.as_dict() | {"next_samples": [one.as_dict() for one in advice[:MOST_ADVICE]]}
        text = json.dumps(answer, ensure_ascii=False, allow_nan=False) + "\n"
        if arguments.output and arguments.output != "-":
            Path(arguments.output).write_text(text, encoding="utf-8", newline="")
        else:
            sys.stdout.write(text)
        return
    if arguments.format == "csv":
        columns = ["id", "probability", "time", "time_from", "time_to", "mass_kg", "mass_from", "mass_to", "in_set90"]
        write_rows([_plain(one, found) for one in found.as_dict()["candidates"]], columns, "csv", arguments.output)
        return
    words = WORDS[language()]
    print(found.statement.text(language()), file=sys.stderr)
    shown = [one for one in found.candidates if one.id in found.set90 or one.probability >= 0.01][:MOST_ROWS]
    rows = []
    for one in shown:
        listed = one.candidate.kind != "reach"
        name = f"{one.id} {one.candidate.name}".strip() if listed else words["river"].format(reach=one.location.reach)
        rows.append(
            {
                words["candidate"]: name,
                words["probability"]: f"{100 * one.probability:.0f} %",
                words["released"]: f"{_clock(one.time_s.median, asked.zone)} "
                f"({_clock(one.time_s.p05, asked.zone)} – {_clock(one.time_s.p95, asked.zone)})",
                words["kg"]: f"{_kg(one.mass_kg.median)} ({_kg(one.mass_kg.p05)}–{_kg(one.mass_kg.p95)})",
                words["alike"]: ", ".join(one.alike) or "—",
            }
        )
    columns = [words[key] for key in ("candidate", "probability", "released", "kg", "alike")]
    if rows:
        write_rows(rows, columns, "table", arguments.output)
    if advice:
        print(_next(advice[0], asked, arguments.next), file=sys.stderr)


def _next(best: NextSample, asked: _Asked, hours: float) -> str:
    words = WORDS[language()]
    if not best.share >= LEAST_SHARE:
        return words["nothing"].format(hours=hours)
    expected = best.expected_mg_l
    return words["next"].format(
        site=best.site,
        time=_clock(best.time_s, asked.zone),
        share=f"{100 * best.share:.0f} %",
        level=f"{expected.p05:.2g}–{expected.p95:.2g}",
    )


def _plain(one: dict[str, Any], found: Trace) -> dict[str, Any]:
    return {
        "id": one["id"],
        "probability": one["probability"],
        "time": one["time"],
        "time_from": one["time_range"][0],
        "time_to": one["time_range"][1],
        "mass_kg": one["mass_kg"],
        "mass_from": one["mass_range"][0],
        "mass_to": one["mass_range"][1],
        "in_set90": one["id"] in found.set90,
    }


def _clock(time_s: float, zone: dt.tzinfo) -> str:
    if not math.isfinite(time_s):
        return "—"
    return f"{dt.datetime.fromtimestamp(time_s, zone):%m-%d %H:%M}"


def _kg(mass: float) -> str:
    return f"{mass:.3g}" if mass < 1000 else f"{mass:.0f}"
