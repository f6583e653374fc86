"""Readings as a gateway would publish them over MQTT, and the route by which they are read again."""

from __future__ import annotations

import json
from collections.abc import Iterable

from riverchief.observation.reading import Reading
from riverchief.telemetry.mqtt.route import Route, route_from
from riverchief.telemetry.sent import Sent

TOPIC = "riverchief/{station}/{parameter}"


def publications(readings: Iterable[Reading], topic: str = TOPIC) -> list[Sent]:
    """One message for each reading, at its own time: ``{"time", "value", "unit", "flag"}``; :func:`route` reads
    them.
    """
    return [
        Sent(
            reading.time,
            json.dumps(
                {
                    "time": reading.time.isoformat(),
                    "value": reading.value,
                    "unit": reading.unit,
                    "flag": reading.flag,
                }
            ).encode(),
            topic.format(station=reading.station, parameter=reading.parameter),
        )
        for reading in sorted(readings, key=lambda reading: reading.time)
    ]


def route(name: str = "mqtt", topic: str = TOPIC) -> Route:
    """The route that reads what :func:`publications` says."""
    return route_from({"name": name, "topic": topic, "paths": {"flag": "flag"}})
