"""MQTT through paho: subscribed by the routes of the registered sources; a message is acknowledged to the broker only
once it is durable here."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as mqtt

from riverchief.errors import BadInput, Fault
from riverchief.telemetry.mqtt import Route
from riverchief.telemetry.mqtt.protocol import routes_of
from riverchief_server.gateway.door import RENEW_S, Door
from riverchief_server.observations.inbox.instruments import Known
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.settings.broker import address_of, client_of

log = logging.getLogger(__name__)
LARGEST = 1_000_000
IN_FLIGHT = 200
NO_ROUTE = "no_route"


class Broker:
    """One broker. A message belongs to the source whose route its topic fits; the source's routes are its setup's."""

    def __init__(self, url: str, door: Door, loop: asyncio.AbstractEventLoop):
        self._door, self._loop = door, loop
        self._at = address_of(url)
        # A fixed name and a session that stays: what is published while we are away waits at the broker.
        self._client = client_of(url, client_id="riverchief-gateway", clean_session=False, manual_ack=True)
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.on_connect = self._connected
        self._client.on_message = self._arrived
        self._sources: list[tuple[Known, list[Route]]] = []
        self._subscribed: set[str] = set()
        self._is_connected = False

    async def run_for_ever(self) -> None:
        """Stay connected; subscribe to what the registered sources need, looked at anew every few seconds."""
        self._client.connect_async(self._at.host, self._at.port, keepalive=60)
        self._client.loop_start()
        while True:
            self._renew()
            await asyncio.sleep(RENEW_S)

    def close(self) -> None:
        """Leave the broker; it keeps what comes."""
        self._client.disconnect()
        self._client.loop_stop()

    def _renew(self) -> None:
        sources = []
        for known in self._door.of_protocol("mqtt"):
            try:
                sources.append((known, routes_of(known.station, known.setup)))
            except BadInput as refused:
                log.warning("the routes of %s cannot be used: %s", known.identity, refused.text("en"))
        self._sources = sources
        wanted = {route.subscription for _, routes in sources for route in routes}
        if self._is_connected:
            for topic in sorted(wanted - self._subscribed):
                self._client.subscribe(topic, qos=1)
            for topic in sorted(self._subscribed - wanted):
                self._client.unsubscribe(topic)
            self._subscribed = wanted

    def _connected(self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        # in paho's thread
        def now() -> None:
            self._is_connected, self._subscribed = not reason.is_failure, set()
            if reason.is_failure:
                log.warning("the broker refused us: %s", reason)
            self._renew()

        self._loop.call_soon_threadsafe(now)

    def _arrived(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        # in paho's thread
        self._loop.call_soon_threadsafe(self._take, message.topic, bytes(message.payload), message.mid, message.qos)

    def _take(self, topic: str, payload: bytes, mid: int, qos: int) -> None:
        def acknowledge() -> None:
            self._client.ack(mid, qos)

        address = f"{self._at.host}:{self._at.port}"
        known = next((one for one, routes in self._sources if any(route.matches(topic) for route in routes)), None)
        if known is None or len(payload) > LARGEST:
            fault = Fault(NO_ROUTE, details={"given": topic}) if known is None else Fault("too_big")
            self._door.refuse("mqtt", payload[:1000], fault, address, known, topic)
            acknowledge()
            return
        self._door.saw(known, address)
        self._door.journal.keep(Raw("mqtt", topic, address, datetime.now(UTC), payload, known.pk), acknowledge)
