"""MQTT: which topic and payload mean which reading. Data kept per source; the client that connects lives in the
server.
"""

from riverchief.telemetry.mqtt.payload import read_message
from riverchief.telemetry.mqtt.route import Field, Route, route_from

__all__ = ["Field", "Route", "read_message", "route_from"]
