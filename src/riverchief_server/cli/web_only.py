"""``riverchief web``: only the pages and the API."""

from __future__ import annotations

import argparse

from riverchief_server.cli.web import add_arguments as add_arguments
from riverchief_server.cli.web import serve


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted, without the clock."""
    from riverchief_server.cli.start import set_up

    set_up()
    return serve(arguments.host, arguments.port, with_clock=False)
