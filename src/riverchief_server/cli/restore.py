"""``riverchief restore``: put a backup back, into the empty home folder that ``RIVERCHIEF_HOME`` names."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("file", metavar="FILE", help="what riverchief backup wrote")


def run(arguments: argparse.Namespace) -> int:
    """Restore, bring the database to this version's form, and say what is there."""
    from riverchief_server.backup import restore
    from riverchief_server.settings.database import database_settings
    from riverchief_server.settings.options import home, journal_folder, option

    # Django's settings make a key in the home folder, so they must wait until the backup's own is there.
    folder = home()
    made = restore(Path(arguments.file), folder, database_settings(option("database_url"), folder))

    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    from riverchief_server.observations.inbox.journal import begin_after
    from riverchief_server.observations.models import JournalPosition

    for read_to in JournalPosition.objects.values_list("segment", flat=True):
        begin_after(journal_folder(), read_to)
    print(f"{folder}: {len(made.files)} files, {sum(made.rows.values())} rows as of {made.made_at:%Y-%m-%d %H:%M} UTC")
    return 0
