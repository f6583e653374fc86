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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riverchief_server.gateway.run import Plan

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--host", help="address to listen on (setting: gateway_host)")
    parser.add_argument("--hj212-port", type=int, help="TCP port for HJ 212, 0 for any (setting: hj212_port)")
    parser.add_argument("--sl651-port", type=int, help="TCP and UDP port for SL 651 (setting: sl651_port)")
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
        "hj212_port": arguments.hj212_port,
        "sl651_port": arguments.sl651_port,
        "mqtt_url": arguments.mqtt,
        "folder": Path(arguments.folder) if arguments.folder else None,
    }
    plan = replace(plan, **{name: value for name, value in given.items() if value is not None})

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
    return replace(
        plan,
        hj212_port=_free_or_any(plan.host, plan.hj212_port, socket.SOCK_STREAM),
        sl651_port=_free_or_any(plan.host, plan.sl651_port, socket.SOCK_STREAM, socket.SOCK_DGRAM),
    )


def _free_or_any(host: str, port: int | None, *kinds: socket.SocketKind) -> int | None:
    for kind in kinds if port else ():
        with socket.socket(type=kind) as tried:
            if kind == socket.SOCK_STREAM:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, port))
            except OSError:
                return 0
    return port


def beside(
    then: Callable[[dict[str, int]], Callable[[], None]] | None = None, *, any_port: bool = False
) -> Callable[[], None]:
    """Run the gateway in a thread of its own, as ``riverchief up`` does; returns what stops it.

    ``then`` is called with the ports once it listens, and returns what is to be stopped before it. A port that is taken
    is said and does not stop the pages; with ``any_port`` a free one is taken instead.
    """
    import uvloop

    from riverchief_server.gateway.run import plan_of_settings, serve

    ends: list[Callable[[], None]] = []
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()

    def work() -> None:
        asyncio.set_event_loop(loop)
        plan = on_free_ports(plan_of_settings()) if any_port else plan_of_settings()

        def on_ready(ports: dict[str, int]) -> None:
            print(ready(plan.host, ports), file=sys.stderr, flush=True)
            if then is not None:
                ends.append(then(ports))

        try:
            loop.run_until_complete(serve(plan, stop, on_ready))
        except OSError as failed:
            log.warning("stations are not listened to: %s (settings hj212_port, sl651_port, gateway_host)", failed)
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
