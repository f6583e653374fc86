"""``riverchief backup``: the county in one file, made while it runs; ``--check`` reads such a file and verifies it."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("out", metavar="OUT", help="the file to write, or a folder: then it is named by the time")
    parser.add_argument("--check", action="store_true", help="read OUT and verify all that is in it; write nothing")


def run(arguments: argparse.Namespace) -> int:
    """Write or verify, and say what is in it."""
    from riverchief_server.backup import Manifest, back_up, verify
    from riverchief_server.backup.keeping import name_at
    from riverchief_server.settings.database import database_settings
    from riverchief_server.settings.options import home, option

    out, now = Path(arguments.out), datetime.now(UTC)
    if arguments.check:
        made: Manifest = verify(out)
        print(f"{out}: whole; made {made.made_at:%Y-%m-%d %H:%M} UTC by version {made.program}", file=sys.stderr)
    else:
        out = out / name_at(now) if out.is_dir() else out
        made = back_up(out, home(), database_settings(option("database_url"), home()), now)
        print(
            f"{out}: holds the keys and personal data of the county; keep it where only you can read it",
            file=sys.stderr,
        )
    print(f"{out} {made.database} {len(made.files)} files {made.size} bytes {sum(made.rows.values())} rows")
    return 0
