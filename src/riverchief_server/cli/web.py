"""``riverchief up`` and ``riverchief web``: serve the pages and the API; ``up`` also migrates and runs the clock."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable

import uvicorn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--host", help="address to listen on (setting: host)")
    parser.add_argument("--port", type=int, help="port to listen on (setting: port)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted, with the clock and whoever computes beside it."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    return serve(arguments.host, arguments.port, with_clock=True, with_gateway=True)


def serve(
    host: str | None,
    port: int | None,
    *,
    with_clock: bool,
    with_gateway: bool = False,
    stations: Callable[[dict[str, int]], Callable[[], None]] | None = None,
) -> int:
    """Serve until interrupted; 0 after a clean stop, 1 where the port could not be had.

    ``stations`` begins those that live beside the gateway, given its ports, and returns what ends them.
    """
    from riverchief_server.cli.gateway import beside
    from riverchief_server.jobs import backing_up, computing, forecasting
    from riverchief_server.jobs.clock import run_for_ever
    from riverchief_server.settings.options import option

    config = uvicorn.Config(
        "riverchief_server.asgi:application",
        host=host or option("host"),
        port=port or int(option("port")),
        lifespan="off",
        log_level="warning",
        access_log=False,
        # Whoever may say for whom they ask escapes every lock and limit, so nobody may unless the county says so.
        proxy_headers=bool(option("trusted_proxies")),
        forwarded_allow_ips=option("trusted_proxies"),
        # One process: the clock's judgements and SQLite's single writer need no more, and uvloop sets TCP_NODELAY.
        loop="uvloop",
        http="httptools",
    )
    stop = threading.Event()
    if with_clock:
        threading.Thread(target=run_for_ever, args=(float(option("clock_s")), stop), name="clock", daemon=True).start()
        computing.beside(stop)
        backing_up.beside(stop)
        forecasting.beside(stop)
    end_gateway = beside(stations, any_port=stations is not None) if with_gateway else None
    end_sensorthings = _sensorthings_at_the_broker()
    server = _Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        if end_gateway is not None:
            end_gateway()
        end_sensorthings()
    return 0 if server.started else 1


def _sensorthings_at_the_broker() -> Callable[[], None]:
    """Begin what SensorThings does at the MQTT broker, where the settings want it; returns what ends it."""
    from riverchief_server.settings.options import is_on, option

    if not (is_on("sensorthings_mqtt") and option("mqtt_url")):
        return lambda: None
    from riverchief_server.asgi import sensorthings
    from riverchief_server.sensorthings.exchange import public_root
    from riverchief_server.sensorthings.mqtt.at_broker import AtBroker

    service = AtBroker(sensorthings.handler, option("mqtt_url"), public_root())
    service.start()
    return service.close


class _Server(uvicorn.Server):
    """Says where it can be found, once it can be."""

    async def startup(self, sockets: list | None = None) -> None:  # type: ignore[type-arg]
        await super().startup(sockets)
        if self.started:
            print(f"Riverchief is ready: http://{self.config.host}:{self.config.port}/", file=sys.stderr, flush=True)
