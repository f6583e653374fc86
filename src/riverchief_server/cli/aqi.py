"""``riverchief aqi FILE``: the AQI of each day or hour of a sheet, its level and its primary pollutants."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

from riverchief.sheet.times import find_zone
from riverchief.standard.air.sheet_grades import GradedAirSheet, grade_air_sheet
from riverchief.standard.sheet import read_grid, read_samples
from riverchief_server.cli import language
from riverchief_server.cli.tables import add_output_arguments, add_sheet_arguments, read_input, stated_units, write_rows

COLUMNS = ("place", "time", "aqi", "level", "primary", "edition")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief aqi``."""
    parser.add_argument("file", metavar="FILE", help="CSV, CSV.GZ or XLSX, long or wide; - is standard input")
    parser.add_argument("--edition", choices=["auto", "2012", "2026"], default="auto", help="HJ 633; auto is by date")
    parser.add_argument("--report", choices=["auto", "day", "hour"], default="auto", help="daily or hourly values")
    parser.add_argument("--missing", choices=["withhold", "ignore"], default="withhold", help="a pollutant is missing")
    parser.add_argument("--year", type=int, help="the year of times that have none")
    parser.add_argument("--timezone", help="the zone of times that have none (default Beijing): UTC, +08:00")
    parser.add_argument("--explain", action="store_true", help="add the evidence: a sentence, in JSON every index")
    add_sheet_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Grade the sheet and write the answer."""
    content, name = read_input(arguments.file)
    graded = grade_air_sheet(
        read_samples(
            read_grid(content, name, sheet=arguments.sheet),
            stated_units(arguments.unit),
            leave_out=arguments.leave_out,
            now=dt.datetime.now(dt.UTC),
        ),
        edition=arguments.edition,
        report=arguments.report,
        year=arguments.year,
        timezone=find_zone(arguments.timezone) if arguments.timezone else None,
        missing=arguments.missing,
    )
    for note in graded.notes:
        print(note.text(language()), file=sys.stderr)
    rows = _rows(graded, arguments.format == "json", arguments.explain)
    sentences = None
    columns: tuple[str, ...] = COLUMNS
    if arguments.explain and arguments.format == "csv":
        columns = (*COLUMNS, "explanation")
    if arguments.explain and arguments.format == "table":
        sentences = [graded.judgement(n).explain(language()) for n in range(len(graded))]
    write_rows(rows, columns, arguments.format, arguments.output, sentences)
    return 0


def _rows(graded: GradedAirSheet, is_json: bool, explain: bool) -> Iterator[dict[str, Any]]:
    nothing = None if is_json else ""
    for n, line in enumerate(graded):
        row: dict[str, Any] = {
            "place": line.place,
            "time": line.time,
            "aqi": nothing if line.aqi is None else line.aqi,
            "level": nothing if line.level is None else line.level,
            "primary": list(line.primary) if is_json else "+".join(line.primary),
            "edition": line.edition,
        }
        if explain:
            judged = graded.judgement(n)
            row["explanation"] = judged.explain(language())
            if is_json:
                row["judgement"] = judged.as_dict()
        yield row
