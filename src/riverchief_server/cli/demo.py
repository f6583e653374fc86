"""``riverchief demo``: the demonstration county in a home of its own, served on this machine only."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

MARK = "demonstration"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--port", type=int, help="port to listen on (setting: port)")
    parser.add_argument("--reset", action="store_true", help="begin again with a fresh county")
    parser.add_argument("--no-serve", action="store_true", help="only load the county")
    parser.add_argument("--still", action="store_true", help="its stations send nothing: it stays as it was loaded")
    parser.add_argument(
        "--where", action="store_true", help="print its folder: other commands reach it with RIVERCHIEF_HOME"
    )


def run(arguments: argparse.Namespace) -> int:
    """Load the county if it is not there, and serve it."""
    from riverchief_server.settings.options import home, journal_folder, option

    # called by somebody who has set RIVERCHIEF_HOME to the demonstration's own folder, it is the same one
    folder = home() if (home() / MARK).exists() else home() / "demo"
    if arguments.where:
        print(folder)
        return 0
    os.environ["RIVERCHIEF_HOME"] = str(folder)
    os.environ["RIVERCHIEF_DEMO"] = "true"
    os.environ.setdefault("RIVERCHIEF_INBOX_PROCESS", "false")  # a handful of stations: one process is enough
    # what is shown is public or made up: the open interfaces can be tried without a token
    os.environ.setdefault("RIVERCHIEF_OPEN_DATA", "true")
    option.cache_clear()
    mark = home() / MARK
    mark.touch()
    if arguments.reset:
        for name in ("riverchief.sqlite3", "riverchief.sqlite3-wal", "riverchief.sqlite3-shm"):
            (home() / name).unlink(missing_ok=True)
        shutil.rmtree(journal_folder(), ignore_errors=True)
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    from riverchief_server.cli.demo_county import is_loaded, load
    from riverchief_server.cli.web import serve

    if not is_loaded():
        print("Loading the demonstration county (Chengkou, schematic) ...", file=sys.stderr, flush=True)
        began = time.monotonic()
        now = datetime.now(UTC)
        load(now)
        mark.write_text(now.isoformat(), encoding="utf-8")
        print(f"... loaded in {time.monotonic() - began:.0f} s.", file=sys.stderr, flush=True)
    if arguments.no_serve:
        return 0

    def stations(ports: dict[str, int]) -> Callable[[], None]:
        from riverchief_server.cli.demo_stations import beside

        written = mark.read_text(encoding="utf-8")
        return beside(ports, datetime.fromisoformat(written) if written else None)

    return serve(
        None, arguments.port, with_clock=True, with_gateway=True, stations=_none if arguments.still else stations
    )


def _none(ports: dict[str, int]) -> Callable[[], None]:
    return lambda: None
