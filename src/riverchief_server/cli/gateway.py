"""``riverchief gateway``: listen to stations, without pages and clock."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from riverchief.errors import BadInput, Fault
from riverchief.telemetry.protocol import TCP_UDP, listening, protocols

if TYPE_CHECKING:
    from riverchief_server.gateway.run import Plan

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--host", help="address to listen on (setting: gateway_host)")
    for row in listening():
        what = f"{row.transport.upper()} port for a {row.en}, 0 for any (setting: {row.name}_port)"
        parser.add_argument(f"--{row.name}-port", type=int, help=what)
    parser.add_argument("--mqtt", metavar="URL", help="broker to subscribe to (setting: mqtt_url)")
    parser.add_argument("--folder", help="drop folder (setting: drop_folder)")


def run(arguments: argparse.Namespace) -> int:
    """Listen until interrupted; what has been acknowledged is on disk whenever it ends."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    import uvloop

    from riverchief_server.gateway.run import plan_of_settings, serve

    plan = plan_of_settings()
    given = {
        "host": arguments.host,
        "mqtt_url": arguments.mqtt,
        "folder": Path(arguments.folder) if arguments.folder else None,
    }
    ports = {row.name: getattr(arguments, f"{row.name}_port") for row in listening()}
    ports = {name: port for name, port in ports.items() if port is not None}
    given["port_of"] = {**plan.port_of, **ports}
    plan = replace(plan, **{name: value for name, value in given.items() if value is not None})
    check_ports(plan)

    async def until_told() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(plan, stop, lambda ports: print(ready(plan.host, ports), file=sys.stderr, flush=True))

    uvloop.run(until_told())
    return 0


def ready(host: str, ports: dict[str, int]) -> str:
    """The line that says where the gateway listens."""
    return "The gateway listens: " + (", ".join(f"{name} {host}:{port}" for name, port in ports.items()) or "no port")


def on_free_ports(plan: Plan) -> Plan:
    """``plan`` with any free port in place of each that somebody else listens on."""
    taken = {one.protocol for one in taken_ports(plan)}
    return replace(plan, port_of={name: 0 if name in taken else port for name, port in plan.port_of.items()})


class Taken(NamedTuple):
    """A port that cannot be listened on, and what the machine says of it."""

    protocol: str
    port: int
    why: str


def taken_ports(plan: Plan) -> list[Taken]:
    """The ports of ``plan`` that somebody else listens on, or that we may not have."""
    found = []
    for name, port in plan.port_of.items():
        both = protocols()[name].transport == TCP_UDP
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM) if both else (socket.SOCK_STREAM,)
        why = next(filter(None, (_refusal(plan.host, port, kind) for kind in kinds)), "") if port else ""
        if port and why:
            found.append(Taken(name, port, why))
    return found


def check_ports(plan: Plan) -> None:
    """Raise :class:`~riverchief.errors.BadInput` (``port_taken``) for every port of ``plan`` that cannot be had."""
    faults = [
        Fault("port_taken", details={"given": f"{plan.host}:{one.port}", "allowed": f"{one.protocol}_port"})
        for one in taken_ports(plan)
    ]
    if faults:
        raise BadInput(faults)


def _refusal(host: str, port: int, kind: socket.SocketKind) -> str:
    with socket.socket(type=kind) as tried:
        if kind == socket.SOCK_STREAM:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as failed:
            return str(failed)
    return ""


def beside(
    then: Callable[[dict[str, int]], Callable[[], None]] | None = None, *, any_port: bool = False
) -> Callable[[], None]:
    """Run the gateway in a thread of its own, as ``riverchief up`` does; returns what stops it.

    ``then`` is called with the ports once it listens, and returns what is to be stopped before it. Raises
    :class:`~riverchief.errors.BadInput` where a port is taken; with ``any_port`` a free one is taken instead.
    """
    import uvloop

    from riverchief_server.gateway.run import plan_of_settings, serve

    plan = on_free_ports(plan_of_settings()) if any_port else plan_of_settings()
    check_ports(plan)
    ends: list[Callable[[], None]] = []
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()

    def work() -> None:
        asyncio.set_event_loop(loop)

        def on_ready(ports: dict[str, int]) -> None:
            print(ready(plan.host, ports), file=sys.stderr, flush=True)
            if then is not None:
                ends.append(then(ports))

        try:
            loop.run_until_complete(serve(plan, stop, on_ready))
        except Exception:
            log.exception("the gateway has ended")

    thread = threading.Thread(target=work, name="gateway", daemon=True)
    thread.start()

    def end() -> None:
        for stop_first in ends:
            stop_first()
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
            thread.join(15.0)

    return end
