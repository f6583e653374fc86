"""``riverchief archive``: seal past months as Parquet, so that questions about everything are quick and last."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from riverchief.errors import BadInput, Fault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--month", metavar="YYYY-MM", help="seal this month anew; else all past months that need it")
    parser.add_argument("-o", "--folder", help="where the files go (archive in the home folder)")
    parser.add_argument("--list", action="store_true", help="only say what is sealed")
    parser.add_argument("--retain", action="store_true", help="afterwards let go of what no source's retention keeps")


def run(arguments: argparse.Namespace) -> int:
    """Seal, and say what was sealed."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    from django.conf import settings

    from riverchief_server.observations import archive
    from riverchief_server.observations.models import Series
    from riverchief_server.observations.retention import let_go

    folder = Path(arguments.folder) if arguments.folder else settings.HOME / "archive"
    if arguments.list:
        for one in archive.sealed_months():
            print(f"{one.name}: {one.rows} readings in {one.file}" + (", changed since" if one.changed else ""))
        return 0
    now = datetime.now(UTC)
    series = list(Series.objects.order_by("pk").values_list("pk", flat=True))
    if arguments.month:
        try:
            months = [archive.read_month(arguments.month)]
        except ValueError:
            fault = Fault("bad_time", column="--month", details={"given": arguments.month, "allowed": "YYYY-MM"})
            raise BadInput([fault]) from None
    else:
        months = archive.months_to_seal(now, series)
    for month in months:
        sealed = archive.seal(month, folder, now, series)
        if sealed is not None:
            print(f"{sealed.name}: {sealed.rows} readings in {folder / sealed.file}")
    archive.write_manifest(folder)
    if arguments.retain:
        gone = let_go(now, folder)
        print(f"let go of {gone.readings} archived readings and {gone.messages} parsed messages")
    return 0
