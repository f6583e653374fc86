"""``riverchief import``: whole files come in, or nothing does, with every fault named."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from riverchief_server.cli.tables import add_sheet_arguments, stated_units

KINDS = ("places", "network", "stations", "parties", "readings")
HELP = {
    "places": "regions, county outlines, and what lies on the rivers",
    "network": "reaches as GeoJSON",
    "stations": "the same as places",
    "parties": "units and responsibilities",
    "readings": "values in any known layout",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    kinds = "; ".join(f"{kind}: {text}" for kind, text in HELP.items())
    parser.add_argument("kind", choices=KINDS, help=kinds)
    parser.add_argument("files", nargs="+", metavar="FILE", help="CSV, XLSX or GeoJSON; - is standard input")
    parser.add_argument("--year", type=int, help="the year of readings whose times have none")
    parser.add_argument("--timezone", help="the zone of readings whose times have none, such as Asia/Shanghai")
    add_sheet_arguments(parser)
    parser.add_argument("--keep-good", action="store_true", help="readings: keep the good rows of a file with faults")


def run(arguments: argparse.Namespace) -> int:
    """Import the files in the order given; all of them or none."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    from riverchief_server.cli.importing import import_files
    from riverchief_server.observations.actions import FileOptions

    contents = [(name, sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()) for name in arguments.files]
    for line in import_files(
        "places" if arguments.kind == "stations" else arguments.kind,
        contents,
        datetime.now(UTC),
        options=FileOptions(
            year=arguments.year,
            timezone=arguments.timezone,
            units=stated_units(arguments.unit),
            leave_out=tuple(arguments.leave_out),
            sheet=arguments.sheet,
        ),
        keep_good=arguments.keep_good,
    ):
        print(line)
    return 0
