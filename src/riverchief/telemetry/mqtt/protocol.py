"""MQTT as the house sees it: no line of its own, for a broker stands between; what is said is read by routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from riverchief.observation.reading import Reading
from riverchief.telemetry import protocol
from riverchief.telemetry.mqtt.payload import read_message
from riverchief.telemetry.mqtt.route import Route, route_from
from riverchief.telemetry.mqtt.speak import TOPIC, publications
from riverchief.telemetry.protocol import Decoded, Example, Protocol
from riverchief.telemetry.refused import Refused
from riverchief.telemetry.sent import Sent


class Decoder(protocol.Decoder):
    """The messages of one source, by the ``routes`` of its setup."""

    def __init__(self, station: str, setup: Mapping[str, Any]):
        super().__init__(station, setup)
        self._routes = routes_of(station, setup)

    def decode(self, name: str, content: bytes, arrived_at: datetime) -> Decoded:
        return read_message(name, content, self._routes, arrived_at)

    def join(self, contents: Sequence[bytes], arrived_at: datetime, missing: tuple[int, ...] = ()) -> Decoded:
        return Decoded([], [Refused("bad_part", contents[0], {"given": "mqtt"}, len(contents[0]))])


def routes_of(station: str, setup: Mapping[str, Any]) -> list[Route]:
    """The routes of a source, as its setup names them; raises :class:`~riverchief.errors.BadInput`."""
    return [route_from({"station": station, **mapping}) for mapping in setup.get("routes", ())]


def speak(readings: Sequence[Reading], address: str, password: str) -> list[Sent]:
    """``readings`` as they are published under the topic ``address``."""
    return publications(readings, address or TOPIC)


PROTOCOL = Protocol(
    decoder=Decoder,
    speak=speak,
    examples=(
        Example(
            b'{"time": "2021-03-01T11:11:00+08:00", "value": 7.9}',
            {"PH": 7.9},
            "river/PH",
            {"routes": [{"topic": "river/{parameter}"}]},
        ),
    ),
)
