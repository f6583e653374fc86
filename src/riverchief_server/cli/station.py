"""``riverchief station``: register what sends for a station, see how it does, send it a command."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

from riverchief.telemetry.protocol import protocols


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    does = parser.add_subparsers(dest="does", required=True, metavar="DOES")
    add = does.add_parser("add", help="register an instrument, or change the one with this identity")
    add.add_argument("station", help="the station's id, as imported with: riverchief import stations")
    add.add_argument("--protocol", required=True, help=", ".join([*protocols(), "file or http"]))
    add.add_argument("--identity", required=True, help="MN, station address, user or folder name")
    add.add_argument("--no-password", action="store_true", help="take its word for who it is (a closed network)")
    add.add_argument("--setup", default="{}", metavar="JSON", help='such as {"units": {"w20111": "ug/L"}}')
    add.add_argument("--interval-s", type=int, default=3600, help="seconds between two samples")
    add.add_argument("--silent-after-s", type=int, help="seconds without a sample until the alarm (3 intervals)")
    remove = does.add_parser("disable", help="listen to an instrument no more")
    remove.add_argument("identity")
    remove.add_argument("--protocol", required=True)
    listed = does.add_parser("list", help="every instrument: when it was last heard, how it does")
    listed.add_argument("--format", choices=("text", "json"), default="text")
    clock = does.add_parser("set-clock", help="set the clock of an instrument when it is next connected")
    clock.add_argument("identity")
    history = does.add_parser("fetch", help="have an instrument send a period again")
    history.add_argument("identity")
    history.add_argument("--from", dest="begin", required=True, metavar="TIME", help="the station's own time")
    history.add_argument("--to", dest="end", required=True, metavar="TIME")
    history.add_argument("--of", default="hour", help="real-time, minute, hour or day data")


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    work = {"add": _add, "disable": _disable, "list": _list, "set-clock": _order, "fetch": _order}[arguments.does]
    return work(arguments)


def _add(arguments: argparse.Namespace) -> int:
    from riverchief.errors import BadInput, Fault, unknown_name
    from riverchief_server.observations.inbox.instruments import register
    from riverchief_server.places.models import Place

    place = Place.objects.filter(code=arguments.station).first()
    if place is None:
        codes = list(Place.objects.values_list("code", flat=True))
        raise BadInput([unknown_name("unknown_station", arguments.station, codes)])
    try:
        setup = json.loads(arguments.setup)
    except json.JSONDecodeError as broken:
        fault = Fault("not_understood", column="--setup", details={"allowed": f"JSON: {broken}"})
        raise BadInput([fault]) from None
    password = None
    if not arguments.no_password:
        password = getpass.getpass() if sys.stdin.isatty() else os.environ.get("RIVERCHIEF_PASSWORD", "")
        if not password:
            raise BadInput([Fault("missing_value", details={"given": "password", "allowed": "RIVERCHIEF_PASSWORD"})])
    row = register(
        place,
        arguments.protocol,
        arguments.identity,
        password,
        setup=setup,
        interval_s=arguments.interval_s,
        silent_after_s=arguments.silent_after_s or 3 * arguments.interval_s,
        is_enabled=True,
    )
    print(f"{row.protocol} {row.identity} sends for {place.code} ({place.name})")
    return 0


def _disable(arguments: argparse.Namespace) -> int:
    from riverchief_server.observations.models import Instrument

    changed = Instrument.objects.filter(protocol=arguments.protocol, identity=arguments.identity).update(
        is_enabled=False
    )
    print(f"{changed} disabled")
    return 0 if changed else 1


def _list(arguments: argparse.Namespace) -> int:
    from riverchief_server.observations.health import health_of_all

    rows = health_of_all(datetime.now(UTC))
    if arguments.format == "json":
        print(json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        seen = f"{row.last_seen_at:%Y-%m-%d %H:%M:%S}Z" if row.last_seen_at else "never"
        measured = f"{row.last_measured_at:%Y-%m-%d %H:%M}Z" if row.last_measured_at else "never"
        print(f"{row.station}\t{row.protocol} {row.identity}\t{row.state}\theard {seen}\tmeasured {measured}")
    return 0


def _order(arguments: argparse.Namespace) -> int:
    from riverchief.errors import BadInput, unknown_name
    from riverchief_server.observations.models import Instrument
    from riverchief_server.observations.orders import ask

    row = Instrument.objects.filter(identity=arguments.identity).first()
    if row is None:
        known = list(Instrument.objects.values_list("identity", flat=True))
        raise BadInput([unknown_name("unknown_instrument", arguments.identity, known)])
    more: dict[str, Any] = {}
    if arguments.does == "fetch":
        more = {"begin": arguments.begin, "end": arguments.end, "of": arguments.of}
    command = "set-clock" if arguments.does == "set-clock" else "history"
    order = ask(row, command, datetime.now(UTC), "command line", **more)
    print(f"order {order.pk}: {command} to {row.identity}; it leaves when the instrument is connected")
    return 0
