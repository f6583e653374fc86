"""How the MQTT broker of the settings is reached: address, name, password and TLS out of one URL."""

from __future__ import annotations

import ssl
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


class Address(NamedTuple):
    """Where a broker is, without a secret in it."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def address_of(url: str) -> Address:
    """``mqtt://user:password@host:1883`` without its user and password."""
    parts = urlsplit(url)
    scheme = parts.scheme or "mqtt"
    return Address(scheme, parts.hostname or "127.0.0.1", parts.port or (8883 if scheme == "mqtts" else 1883))


def client_of(url: str, **options: Any) -> mqtt.Client:
    """A client of paho's that knows user, password and TLS of ``url``; ``options`` are those of its constructor."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, **options)
    parts = urlsplit(url)
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "mqtts":
        client.tls_set_context(ssl.create_default_context())
    client.reconnect_delay_set(1, 60)
    return client
