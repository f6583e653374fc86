"""``riverchief jobs``: only the clock (judge what is new, open and feed cases) and the computing of runs."""

from __future__ import annotations

import argparse
import threading
from datetime import UTC, datetime


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--once", action="store_true", help="look once, at everything, and stop")


def run(arguments: argparse.Namespace) -> int:
    """Look at the clock once or for ever."""
    from riverchief_server.cli.start import set_up

    set_up()
    from riverchief_server.jobs import backing_up, computing, forecasting
    from riverchief_server.jobs.clock import look, run_for_ever
    from riverchief_server.settings.options import option

    if arguments.once:
        print(f"{look(datetime.now(UTC), everything=True)} new verdicts, {computing.work_off()} runs")
    else:
        stop = threading.Event()
        computing.beside(stop)
        backing_up.beside(stop)
        forecasting.beside(stop)
        run_for_ever(float(option("clock_s")), stop)
    return 0
