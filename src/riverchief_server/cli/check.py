"""``riverchief check FILE``: quality-control flags for every series of a file, with the test that set each."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief.observation.checks import Checked, check_readings, read_thresholds
from riverchief.observation.checks.merge import all_tests
from riverchief.observation.flag import find_flag
from riverchief.sheet.times import find_zone
from riverchief.telemetry.csv import ReadResult, all_layouts, read_readings
from riverchief_server.cli import language
from riverchief_server.cli.tables import add_sheet_arguments, read_input, stated_units

COLUMNS = ("time", "parameter", "value", "flag", "test", "station")
WORDS = {
    "zh": "{station} {name}：共 {count} 个值，间隔约 {interval}；{flags}",
    "en": "{station} {name}: {count} values, about every {interval}; {flags}",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief check``."""
    parser.add_argument("file", metavar="FILE", help="CSV or XLSX of readings, wide or long; - is standard input")
    parser.add_argument(
        "--layout", choices=list(all_layouts()), help="how the file is laid out; default: by its header"
    )
    parser.add_argument("--year", type=int, help="the year of times that have none")
    parser.add_argument("--timezone", help="the zone of times that have none (default: left as it is)")
    parser.add_argument("--station", help="the station of a file without such a column (default: its name)")
    add_sheet_arguments(parser)
    parser.add_argument("--thresholds", metavar="CSV", help="thresholds to lay over the shipped ones; same columns")
    parser.add_argument("--objections", action="store_true", help="only values that some test objects to")
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of standard output")


def run(arguments: argparse.Namespace) -> int:
    """Check every series and write one line a value; what the file held and was left out goes to standard error."""
    content, name = read_input(arguments.file)
    extra = []
    if arguments.thresholds:
        text = Path(arguments.thresholds).read_text(encoding="utf-8-sig")
        extra = read_thresholds(text, arguments.thresholds)
    result, zone = _read(content, name, arguments)
    if not result.readings:
        nothing = Fault("empty_file", name, details={"allowed": "station, time, parameter …"})
        raise BadInput([refusal.fault for refusal in result.refusals] or [nothing])
    for fault in (*result.notes, *(refusal.fault for refusal in result.refusals)):
        print(fault.at(name).text(language()), file=sys.stderr)
    checked = check_readings(result.readings, extra=extra)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in checked:
        writer.writerows(_rows(each, zone, arguments.objections))
        print(_summary(each), file=sys.stderr)
    if arguments.output and arguments.output != "-":
        Path(arguments.output).write_text(out.getvalue(), encoding="utf-8", newline="")
    else:
        sys.stdout.write(out.getvalue())
    return 0


def _rows(checked: Checked, zone: tzinfo | None, objections: bool) -> Iterator[list[str]]:
    series = checked.series
    for time_s, value, is_bound, flag, test, reading in zip(
        series.times_s.tolist(),
        series.values.tolist(),
        series.is_bound.tolist(),
        checked.flags,
        checked.tests,
        series.readings,
        strict=True,
    ):
        if objections and not test:
            continue
        bound = reading.censored.operator if is_bound and reading.censored else ""
        shown = "" if value != value else f"{bound}{value:.12g}"
        moment = datetime.fromtimestamp(time_s, UTC)
        moment = moment.replace(tzinfo=None) if zone is None else moment.astimezone(zone)
        yield [moment.isoformat(), series.parameter, shown, flag, test, series.station]


def _summary(checked: Checked) -> str:
    series, spoken = checked.series, language()
    counts: Counter[str] = Counter()
    for (flag, test), count in checked.counts().items():
        named = find_flag(flag).name(spoken)
        if test:
            row = all_tests()[test]
            named += f"（{row.name_zh}）" if spoken == "zh" else f" ({row.name_en})"
        counts[named] += count
    return WORDS[spoken].format(
        station=series.station,
        name=series.parameter,
        count=len(series),
        interval=f"{series.interval_s / 60:.4g} min" if series.interval_s else "—",
        flags="，".join(f"{named} {count}" for named, count in counts.most_common()),
    )


def _read(content: bytes, name: str, arguments: argparse.Namespace) -> tuple[ReadResult, tzinfo | None]:
    """The readings, and the zone to write their times in: None where the file has none, whose times are then its
    own.
    """
    options: dict[str, Any] = {
        "layout": arguments.layout,
        "year": arguments.year,
        "units": stated_units(arguments.unit),
        "leave_out": arguments.leave_out,
        "sheet": arguments.sheet,
        "now": datetime.now(UTC),
    }
    station = arguments.station or (Path(name).stem.split(".")[0] if arguments.file != "-" else "-")
    try:
        result = read_readings(content, timezone=arguments.timezone, station=station, **options)
    except BadInput as refused:
        if {fault.kind for fault in refused.faults} != {"needs_timezone"}:
            raise
        return read_readings(content, timezone="UTC", station=station, **options), None
    known = all_layouts().get(result.layout)
    return result, find_zone(arguments.timezone or (known.timezone if known else None) or "UTC")
