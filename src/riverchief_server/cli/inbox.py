"""``riverchief inbox``: what the gateway has acknowledged and not yet taken into the database."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

POLITENESS = 5  # answers to stations come first


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--folder", help="the journal's folder (journal in the home folder)")
    parser.add_argument(
        "--follow", action="store_true", help="go on until standard input ends, as the gateway has it beside itself"
    )


def run(arguments: argparse.Namespace) -> int:
    """Take what waits, once or until standard input ends."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    from riverchief_server.observations.inbox import journal
    from riverchief_server.observations.inbox.taking import Taker
    from riverchief_server.settings.options import journal_folder

    folder = Path(arguments.folder) if arguments.folder else journal_folder()
    taker = Taker(folder)
    if not arguments.follow:
        migrate()
        try:
            lock = journal.locked(folder / "reader.lock")
        except journal.InUse:
            print(f"a gateway takes from {folder} just now: there is nothing to do", file=sys.stderr)
            return 1
        done = taker.run_once(datetime.now(UTC))
        os.close(lock)
        print(f"{done.messages} messages taken: {done.readings} readings, {done.refused} messages refused")
        return 0
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the gateway, which then closes our input
    os.nice(POLITENESS)
    stop, wake = threading.Event(), threading.Event()
    threading.Thread(target=_listen, args=(stop, wake), name="wake", daemon=True).start()
    taker.run_for_ever(stop, wake)
    return 0


def _listen(stop: threading.Event, wake: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        wake.set()
    stop.set()
    wake.set()
