"""The gateway as a whole: listeners, journal, parser, orders; started and stopped together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, Fault
from riverchief.telemetry.protocol import TCP_UDP, Reply, Row, listening, protocols
from riverchief_server.gateway import orders
from riverchief_server.gateway.broker import Broker
from riverchief_server.gateway.connection import Crowd
from riverchief_server.gateway.door import Door, Network
from riverchief_server.gateway.folder import Folder
from riverchief_server.gateway.journal import Journal
from riverchief_server.gateway.station import StationConnection, StationDatagrams
from riverchief_server.gateway.taking import InProcess, InThread, Taking
from riverchief_server.observations.inbox.instruments import Known

log = logging.getLogger(__name__)
SWEEP_S, ORDERS_S = 5.0, 1.0
STRANGER_IDLE_S = 60.0


@dataclass(frozen=True)
class Plan:
    """What the gateway listens to. ``port_of`` a protocol: None is not opened, 0 takes any free one."""

    host: str = "127.0.0.1"
    port_of: Mapping[str, int | None] = field(default_factory=dict)
    mqtt_url: str = ""
    folder: Path | None = None
    journal: Path = Path("journal")
    inbox_process: bool = False
    most_connections: int = 5000
    strangers_of_a_host: int = 200
    allowed: tuple[Network, ...] = ()
    idle_s: float = 7200.0


class Gateway:
    """Runs in an event loop. ``async with Gateway(plan): ...``; :attr:`ports` says where it listens."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.ports: dict[str, int] = {}
        self._servers: list[asyncio.Server] = []
        self._transports: list[asyncio.BaseTransport] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._number = 0

    async def __aenter__(self) -> Gateway:
        loop = asyncio.get_running_loop()
        plan = self.plan
        self.journal = Journal(loop, plan.journal, self._wake)
        self.door = Door(loop, self.journal, plan.allowed)
        self.crowd = Crowd(self.door, plan.most_connections, plan.strangers_of_a_host)
        await self.door.renew()
        self._taking: Taking = (InProcess if plan.inbox_process else InThread)(plan.journal)
        for name, port in plan.port_of.items():
            if port is not None:
                await self._listen(protocols()[name], port)
        for name, work in (
            ("instruments", self.door.renew_for_ever),
            ("sweep", self._sweep_for_ever),
            ("orders", self._send_orders_for_ever),
        ):
            self._tasks.append(loop.create_task(work(), name=name))
        self._broker = Broker(plan.mqtt_url, self.door, loop) if plan.mqtt_url else None
        if self._broker is not None:
            self._tasks.append(loop.create_task(self._broker.run_for_ever(), name="mqtt"))
        if plan.folder is not None:
            self._tasks.append(loop.create_task(Folder(plan.folder, self.door).run_for_ever(), name="folder"))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for transport in self._transports:
            transport.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._broker is not None:
            self._broker.close()
        self.door.close()
        await self.journal.close()
        for connection in list(self.crowd.connections):
            connection.close()
        await asyncio.get_running_loop().run_in_executor(None, self._taking.end)

    def _wake(self) -> None:
        self._taking.wake()

    async def _listen(self, row: Row, port: int) -> None:
        def make() -> asyncio.Protocol:
            return StationConnection(row, self.door, self.crowd, self._answered)

        loop, host = asyncio.get_running_loop(), self.plan.host
        server = await loop.create_server(make, host, port, backlog=1024)
        self._servers.append(server)
        self.ports[row.name] = server.sockets[0].getsockname()[1]
        if row.transport == TCP_UDP:
            where = host, self.ports[row.name]
            transport, _ = await loop.create_datagram_endpoint(
                lambda: StationDatagrams(row, self.door), local_addr=where
            )
            self._transports.append(transport)

    async def _sweep_for_ever(self) -> None:
        """Hang up on those that say nothing, and at once on those that never showed who they are."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            now = loop.time()
            for connection in list(self.crowd.connections):
                # one that waits for the disk is not to blame for its silence
                late = now - connection.heard_s > self.plan.idle_s
                stranger = not connection.is_known and now - connection.opened_s > STRANGER_IDLE_S
                if late or stranger:
                    connection.close()
                elif isinstance(connection, StationConnection):
                    connection.nudge(now)

    async def _send_orders_for_ever(self) -> None:
        """Send what people asked for; see also, every second, that the inbox is taken from."""
        while True:
            await asyncio.sleep(ORDERS_S)
            self._taking.look_after()
            try:
                for order in await self._in_thread(orders.ready):
                    connection = self._connection_of(order.instrument)
                    if connection is None:
                        continue
                    # written before it is sent: the answer may be quicker than the database
                    number = self._next_number(order.instrument)
                    await self._in_thread(orders.sent, order.pk, number)
                    if not connection.send_order(order.instrument.identity, order.order, number):
                        await self._in_thread(orders.not_sent, order.pk)
            except Exception as failed:
                log.warning("orders could not be sent (%s); trying again", str(failed).strip())

    def _connection_of(self, known: Known) -> StationConnection | None:
        for connection in self.crowd.connections:
            if (
                isinstance(connection, StationConnection)
                and connection.protocol == known.protocol
                and connection.speaks_for(known.identity)
            ):
                return connection
        return None

    def _next_number(self, known: Known) -> str:
        """The number of a request: the time to the millisecond, never the same twice."""
        now = datetime.now(UTC).astimezone(known.zone)
        number = int(f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}")
        self._number = max(number, self._number + 1)
        return str(self._number)

    def _answered(self, known: Known, reply: Reply) -> None:
        noted = self._in_thread(lambda: orders.answered(known.pk, reply.number, reply.words, is_final=reply.is_final))
        asyncio.ensure_future(noted).add_done_callback(_log_failure)

    async def _in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.door.thread, work, *given)


def _log_failure(task: asyncio.Future[Any]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.warning("an answer could not be written down: %s", task.exception())


def networks(listed: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list such as ``10.0.0.0/8, 192.168.1.7``.

    Raises :class:`~riverchief.errors.BadInput` (``not_one_of``) with each that is none.
    """
    names = [name.strip() for name in listed.split(",") if name.strip()]
    found, faults = [], []
    for name in names:
        try:
            found.append(ip_network(name, strict=False))
        except ValueError:
            details = {"given": name, "allowed": "10.0.0.0/8, 192.168.1.7"}
            faults.append(Fault("not_one_of", column="gateway_allow", details=details))
    if faults:
        raise BadInput(faults)
    return tuple(found)


def plan_of_settings() -> Plan:
    """What the settings say."""
    from riverchief_server.settings.options import is_on, journal_folder, option

    def port(name: str) -> int | None:
        return int(option(name)) if option(name) else None

    return Plan(
        host=option("gateway_host"),
        port_of={row.name: port(f"{row.name}_port") for row in listening()},
        mqtt_url=option("mqtt_url"),
        folder=Path(option("drop_folder")) if option("drop_folder") else None,
        journal=journal_folder(),
        strangers_of_a_host=int(option("gateway_strangers")),
        allowed=networks(option("gateway_allow")),
        inbox_process=is_on("inbox_process"),
    )


async def serve(plan: Plan, stop: asyncio.Event, on_ready: Callable[[dict[str, int]], None]) -> None:
    """Run until ``stop`` is set."""
    async with Gateway(plan) as gateway:
        on_ready(gateway.ports)
        await stop.wait()
