"""``riverchief grade FILE``: the class of each sample of a sheet, with what decides it and what was left out."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief.parameter import find_parameter
from riverchief.sheet.times import find_zone, has_year, read_moment
from riverchief.standard import CLASSES, NOT_JUDGED
from riverchief.standard.rounding import show_multiple
from riverchief.standard.sheet import read_grid, read_samples
from riverchief.standard.sheet.samples import Samples
from riverchief.standard.surface_water.pollutants import Pollutant, main_pollutants, pollutants_text
from riverchief.standard.surface_water.sheet_grades import GradedSheet, grade_sheet
from riverchief.table import read_table
from riverchief_server.cli import language
from riverchief_server.cli.tables import add_output_arguments, add_sheet_arguments, read_input, stated_units, write_rows

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
    add_sheet_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Grade the sheet and write the answer."""
    content, name = read_input(arguments.file)
    samples = read_samples(
        read_grid(content, name, sheet=arguments.sheet),
        stated_units(arguments.unit),
        leave_out=arguments.leave_out,
        now=dt.datetime.now(dt.UTC),
    )
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
    if arguments.format == "json":
        write_rows(_json_rows(graded, arguments.explain), COLUMNS, "json", arguments.output)
        return 0
    sentences = [graded.judgement(n).explain(language()) for n in range(len(graded))] if arguments.explain else None
    if arguments.format == "csv":
        rows = _rows(graded)
        if sentences:
            rows = ({**row, "explanation": text} for row, text in zip(rows, sentences, strict=True))
        columns = (*COLUMNS, "explanation") if sentences else COLUMNS
        write_rows(rows, columns, "csv", arguments.output)
        return 0
    words = {row["column"]: row[language()] for row in read_table(__package__ or "", "grade_columns.csv")}
    write_rows(
        _shown_rows(graded, language()),
        tuple(words),
        "table",
        arguments.output,
        sentences,
        headings=list(words.values()),
    )
    return 0


def _rows(graded: GradedSheet) -> Iterator[dict[str, Any]]:
    """Rows for machines: codes, and the columns that never change."""
    for line in graded:
        yield {
            "place": line.place,
            "time": line.time,
            "class": line.water_class or "",
            "limiting": "+".join(line.limiting),
            "over_limit": "+".join(f"{item}:{show_multiple(multiple)}" for item, multiple in line.over_limit.items()),
            "excluded": "+".join(dict.fromkeys(item for item, _ in line.excluded if item)),
            "edition": line.edition,
        }


def _shown_rows(graded: GradedSheet, tongue: str) -> Iterator[dict[str, Any]]:
    """Rows for people, in their language: the class as it is printed, items by name, coverage, main pollutants."""
    joint = "、" if tongue == "zh" else ", "
    for n, line in enumerate(graded):
        judged = graded.judgement(n)
        known = CLASSES.get(judged.at_best or "", NOT_JUDGED).numeral
        not_better = (f"不优于{known}" if tongue == "zh" else f"no better than {known}") if judged.at_best else "—"
        left = dict.fromkeys(_name(item, tongue) for item, _ in line.excluded if item)
        yield {
            "place": line.place,
            "time": line.time,
            "class": CLASSES[line.water_class].numeral if line.water_class else not_better,
            "coverage": f"{judged.judged}/{judged.expected}",
            "limiting": joint.join(_name(item, tongue) for item in line.limiting),
            "pollutants": pollutants_text(main_pollutants(judged), tongue),
            "over_limit": joint.join(
                f"{_name(item, tongue)}({show_multiple(multiple)})" for item, multiple in line.over_limit.items()
            ),
            "excluded": joint.join(left),
        }


def _name(item: str, tongue: str) -> str:
    """The name of a parameter; a column that nobody knows keeps its own."""
    try:
        return find_parameter(item).name(tongue)
    except BadInput:
        return item


def _json_rows(graded: GradedSheet, explain: bool) -> Iterator[dict[str, Any]]:
    for n, line in enumerate(graded):
        judged = graded.judgement(n)
        row: dict[str, Any] = {
            "place": line.place,
            "time": line.time,
            "class": line.water_class or "",
            "at_best": judged.at_best or "",
            "water": judged.water,
            "judged": judged.judged,
            "of": judged.expected,
            "limiting": list(line.limiting),
            "main_pollutants": [_pollutant(found) for found in main_pollutants(judged)],
            "over_limit": {item: float(show_multiple(multiple)) for item, multiple in line.over_limit.items()},
            "excluded": [{"item": item, "reason": reason} for item, reason in line.excluded],
            "edition": line.edition,
        }
        if explain:
            row["explanation"] = judged.explain(language())
            row["judgement"] = judged.as_dict()
        yield row


def _pollutant(found: Pollutant) -> dict[str, Any]:
    """A main pollutant with its multiple of the class III limit, ``null`` where there is none (pH, oxygen)."""
    multiple = None if found.multiple is None else float(show_multiple(found.multiple))
    return {"item": found.item, "name": found.name(language()), "class": found.water_class, "multiple": multiple}


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
