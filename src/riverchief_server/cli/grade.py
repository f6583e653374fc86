"""``riverchief grade FILE``: the class of each sample of a sheet, with what decides it and what was left out."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

from riverchief.errors import Fault
from riverchief.sheet.times import find_zone, has_year, read_moment
from riverchief.standard.rounding import show_multiple
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.sheet.samples import Samples
from riverchief.standard.surface_water.sheet_grades import GradedSheet, grade_sheet
from riverchief_server.cli import language
from riverchief_server.cli.tables import add_output_arguments, add_unit_argument, read_input, stated_units, write_rows

COLUMNS = ("place", "time", "class", "limiting", "over_limit", "excluded", "edition")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief grade``."""
    parser.add_argument("file", metavar="FILE", help="CSV, CSV.GZ or XLSX, long or wide; - is standard input")
    parser.add_argument("--standard", choices=["gb3838-2002"], default="gb3838-2002", help="the only one in force")
    parser.add_argument(
        "--water", choices=["river", "lake"], help="kind of water; default: the sheet's column, or river"
    )
    parser.add_argument("--target", default="III", help="the class the place must meet; multiples refer to it")
    parser.add_argument("--censored", default="half", help="below the detection limit: half (default), limit, refuse")
    parser.add_argument("--missing", choices=["withhold", "ignore"], default="withhold", help="a core item is missing")
    parser.add_argument("--oxygen", choices=["either", "concentration"], default="either", help="class I by saturation")
    parser.add_argument("--year", type=int, help="the year of times that have none")
    parser.add_argument("--timezone", help="the zone of times that have none: +08:00, Asia/Shanghai")
    parser.add_argument("--explain", action="store_true", help="add the evidence: a sentence, in JSON every item")
    add_unit_argument(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Grade the sheet and write the answer."""
    content, name = read_input(arguments.file)
    samples = read_samples(read_grid(content, name), stated_units(arguments.unit))
    graded = grade_sheet(
        samples,
        water=arguments.water,
        target=arguments.target,
        missing=arguments.missing,
        oxygen=arguments.oxygen,
        censored=arguments.censored,
    )
    notes = [*graded.notes, *_complete_times(samples, arguments.year, arguments.timezone)]
    for note in notes:
        print(note.text(language()), file=sys.stderr)
    rows = _json_rows(graded, arguments.explain) if arguments.format == "json" else _rows(graded)
    sentences = None
    columns: tuple[str, ...] = COLUMNS
    if arguments.explain and arguments.format != "json":
        sentences = [graded.judgement(n).explain(language()) for n in range(len(graded))]
        if arguments.format == "csv":
            columns = (*COLUMNS, "explanation")
            rows = ({**row, "explanation": text} for row, text in zip(rows, sentences, strict=True))
    write_rows(rows, columns, arguments.format, arguments.output, sentences)
    return 0


def _rows(graded: GradedSheet) -> Iterator[dict[str, Any]]:
    for line in graded:
        yield {
            "place": line.place,
            "time": line.time,
            "class": line.water_class or "",
            "limiting": "+".join(line.limiting),
            "over_limit": "+".join(f"{item}:{show_multiple(multiple)}" for item, multiple in line.over_limit.items()),
            "excluded": "+".join(dict.fromkeys(item for item, _ in line.excluded)),
            "edition": line.edition,
        }


def _json_rows(graded: GradedSheet, explain: bool) -> Iterator[dict[str, Any]]:
    for n, line in enumerate(graded):
        row: dict[str, Any] = {
            "place": line.place,
            "time": line.time,
            "class": line.water_class or "",
            "limiting": list(line.limiting),
            "over_limit": {item: float(show_multiple(multiple)) for item, multiple in line.over_limit.items()},
            "excluded": [{"item": item, "reason": reason} for item, reason in line.excluded],
            "edition": line.edition,
        }
        if explain:
            judged = graded.judgement(n)
            row["explanation"] = judged.explain(language())
            row["judgement"] = judged.as_dict()
        yield row


def _complete_times(samples: Samples, year: int | None, timezone: str | None) -> list[Fault]:
    """Complete the times in place where ``year`` or ``timezone`` is given; note the first that has no year."""
    if year is not None or timezone is not None:
        zone = find_zone(timezone) if timezone else None
        samples.times[:] = [_completed(text, year, zone) for text in samples.times]
    for n, text in enumerate(samples.times):
        if has_year(text) is False:
            return [Fault("time_without_year", samples.source, samples.lines[n], None, {"given": text})]
    return []


def _completed(text: str, year: int | None, zone: dt.tzinfo | None) -> str:
    if has_year(text) is None or (has_year(text) is False and year is None):
        return text
    moment = read_moment(text, year=year, zone=zone)
    return moment.isoformat(sep=" ", timespec="minutes")
