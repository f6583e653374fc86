"""``riverchief deadline FILE``: when each row of a sheet of deadlines falls due, by its own working calendar."""

from __future__ import annotations

import argparse
import sys

from riverchief.case.deadline import due_rows
from riverchief.errors import BadInput, Fault
from riverchief_server.cli import language
from riverchief_server.cli.tables import add_output_arguments, read_input, write_rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief deadline``."""
    parser.add_argument(
        "file", metavar="FILE", help="CSV with id, calendar, start, pauses, amount, unit; - is standard input"
    )
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compute and write the due times; years without a table of holidays are named on standard error."""
    content, name = read_input(arguments.file)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput([Fault("unreadable", name, details={"given": "bytes", "allowed": "CSV, UTF-8"})]) from None
    found = due_rows(text, name)
    for row in found:
        if row.unknown_years:
            years = ", ".join(str(year) for year in row.unknown_years)
            note = Fault("calendar_year_unknown", name, details={"given": years, "allowed": row.id})
            print(note.text(language()), file=sys.stderr)
    if arguments.format == "csv":
        rows = [{"id": row.id, "due": row.due} for row in found]
        write_rows(rows, ("id", "due"), "csv", arguments.output)
    else:
        full = [{"id": row.id, "due": row.due, "unknown_years": list(row.unknown_years)} for row in found]
        if arguments.format == "table":
            full = [{**row, "unknown_years": " ".join(map(str, row["unknown_years"]))} for row in full]
        write_rows(full, ("id", "due", "unknown_years"), arguments.format, arguments.output)
    return 0
