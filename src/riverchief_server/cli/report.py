"""``riverchief report month``: the monthly report of surface water, of a sheet or of the server's own records."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief.standard.classes import CLASSES
from riverchief.standard.month_report import Group, MonthReport, SectionLine, month_report, sections_of, tables_of
from riverchief.standard.month_report.months import read_month
from riverchief.standard.rounding import show_multiple
from riverchief.standard.sheet import read_grid, read_samples
from riverchief_server.cli import language
from riverchief_server.cli.tables import add_sheet_arguments, read_input, stated_units, text_table

FORMATS = ("table", "csv", "json", "docx", "xlsx")
COLUMNS = (
    "month",
    "section",
    "river",
    "target",
    "class",
    "status",
    "pollutants",
    "over_target",
    "meets_target",
    "class_last_year",
    "change_year",
    "class_last_month",
    "change_month",
    "class_so_far",
    "judged",
    "of",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    month = kinds.add_parser("month", help="the monthly report (水质月报)")
    month.add_argument("file", nargs="?", metavar="FILE", help="a sheet of samples; - is standard input")
    month.add_argument("--from-server", action="store_true", help="of the county's own records instead of a sheet")
    month.add_argument("--month", required=True, metavar="YYYY-MM", help="the month, such as 2026-10")
    month.add_argument("--format", choices=FORMATS, default="table", help="table (default), csv, json, docx or xlsx")
    month.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of standard output")
    month.add_argument("--county", default="", help="whose report it is, for the title")
    month.add_argument("--water", choices=["river", "lake"], help="kind of water, where the sheet does not say")
    month.add_argument("--target", default="III", help="target of sections whose target the sheet does not say")
    month.add_argument("--year", type=int, help="the year of times that have none")
    month.add_argument("--missing", choices=["withhold", "ignore"], default="withhold", help="a core item is missing")
    add_sheet_arguments(month)


def run(arguments: argparse.Namespace) -> int:
    """Make the report and write it."""
    month = read_month(arguments.month)
    if bool(arguments.file) == arguments.from_server:
        raise BadInput([Fault("one_of_two", details={"given": "FILE", "allowed": "--from-server"})])
    if arguments.format in ("docx", "xlsx") and not arguments.output:
        raise BadInput([Fault("needs_output", column="--format", details={"given": arguments.format})])
    report, county = _of_the_server(month) if arguments.from_server else (_of_a_sheet(arguments, month), "")
    county = arguments.county or county
    if arguments.format in ("docx", "xlsx"):
        from riverchief_server.documents.month_report import as_docx, as_xlsx

        text = tables_of(report, county, language())
        Path(arguments.output).write_bytes((as_docx if arguments.format == "docx" else as_xlsx)(text, language()))
        return 0
    shown = {"table": _shown, "csv": _csv, "json": _json}[arguments.format](report, county)
    if arguments.output and arguments.output != "-":
        Path(arguments.output).write_text(shown, encoding="utf-8", newline="")
    else:
        sys.stdout.write(shown)
    return 0


def _of_a_sheet(arguments: argparse.Namespace, month: str) -> MonthReport:
    content, name = read_input(arguments.file)
    samples = read_samples(
        read_grid(content, name, sheet=arguments.sheet),
        stated_units(arguments.unit),
        leave_out=arguments.leave_out,
        now=datetime.now(UTC),
    )
    for note in samples.notes:
        print(note.text(language()), file=sys.stderr)
    sections = sections_of(
        samples,
        month,
        water=arguments.water,
        target=arguments.target,
        year=arguments.year,
        missing=arguments.missing,
    )
    return month_report(sections, month)


def _of_the_server(month: str) -> tuple[MonthReport, str]:
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    from riverchief_server.places.queries import county
    from riverchief_server.standards.month_report import report_of

    home = county()
    return report_of(month), home.name if home else ""


def _shown(report: MonthReport, county: str) -> str:
    text = tables_of(report, county, language())
    pieces = [text.title, "", text.sentence, ""]
    for table in text.tables:
        pieces += [table.heading, text_table([list(row) for row in table.rows], table.columns)]
    return "\n".join([*pieces, *text.notes]) + "\n"


def _csv(report: MonthReport, county: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in report.lines:
        row = _row(report.month, line)
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return "+".join(f"{item}:{multiple}" if multiple is not None else item for item, multiple in value.items())
    return {None: "", True: "yes", False: "no"}.get(value, value) if value is None or isinstance(value, bool) else value


def _json(report: MonthReport, county: str) -> str:
    whole = report.whole
    told = {
        "month": report.month,
        "county": county,
        "sentence": tables_of(report, county, language()).sentence,
        "sections": [_row(report.month, line) for line in report.lines],
        "whole": _group(whole),
        "rivers": [_group(group) for group in report.rivers],
        "controls": [_group(group) for group in report.controls],
        "zones": [_group(group) for group in report.zones],
        "notes": list(tables_of(report, county, language()).notes),
    }
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _row(month: str, line: SectionLine) -> dict[str, Any]:
    judgement = line.judgement
    return {
        "month": month,
        "section": line.section.name,
        "river": line.section.river,
        "target": line.section.target,
        "class": line.water_class,
        "at_best": judgement.at_best if judgement else None,
        "status": CLASSES[line.water_class].status(language()) if line.water_class else None,
        "pollutants": {one.item: _number(one.multiple) for one in line.pollutants},
        "over_target": {item: _number(multiple) for item, multiple in line.over_target.items()},
        "meets_target": line.meets_target,
        "class_last_year": line.last_year.water_class if line.last_year else None,
        "change_year": line.change_year.direction if line.change_year else None,
        "class_last_month": line.last_month.water_class if line.last_month else None,
        "change_month": line.change_month.direction if line.change_month else None,
        "class_so_far": line.so_far.water_class if line.so_far else None,
        "class_quarter": line.quarter.water_class if line.quarter else None,
        "judged": judgement.judged if judgement else 0,
        "of": judgement.expected if judgement else 0,
        "absent": line.absent or None,
    }


def _group(group: Group) -> dict[str, Any]:
    shares, rate = group.now.shares, group.rate
    return {
        "name": group.name,
        "sections": len(group.lines),
        "judged": shares.judged,
        "counts": dict(shares.counts),
        "good_share": shares.good,
        "inferior_share": shares.inferior,
        "status": group.now.status(language()) or None,
        "method": group.now.method,
        "pollutants": [one.item for one in group.now.pollutants],
        "meeting": rate.meeting,
        "failing": [line.section.name for line in group.failing],
        "unknown": rate.unknown,
        "target_rate": rate.rate,
        "change_year": group.change_year.direction if group.change_year else None,
        "change_month": group.change_month.direction if group.change_month else None,
    }


def _number(multiple: float | None) -> float | None:
    """A multiple as the law prints it."""
    return None if multiple is None else float(show_multiple(multiple) or 0.0)
