"""A real mosquitto on a free port of this machine, and clients at it."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def mosquitto(folder: Path, *lines: str, port: int | None = None) -> Iterator[str]:
    """A broker with more ``lines`` in its configuration; its URL."""
    if MOSQUITTO is None:
        pytest.skip("MOSQUITTO MISSING: apt-get install mosquitto; nothing was proved about MQTT")
    port = port or free_port()
    config = folder / f"mosquitto-{port}.conf"
    who = ("user root",) if os.getuid() == 0 else ()  # else it may not read a folder of ours
    config.write_text("\n".join((f"listener {port} 127.0.0.1", *who, *(lines or ("allow_anonymous true",)))) + "\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


class Client:
    """Somebody at a broker who remembers what was told to them."""

    def __init__(self, url: str, name: str, *, user: str = "", password: str = "", version: int = mqtt.MQTTv5):
        self.told: list[tuple[str, Any]] = []
        self._version = version
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=version)
        if user:
            self._client.username_pw_set(user, password)
        self._client.on_message = lambda *given: self._heard(given[2])
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", int(url.rpartition(":")[2]))
        self._client.loop_start()

    def subscribe(self, *topics: str) -> "Client":
        """Subscribe and wait until the broker says so."""
        for topic in topics:
            self._subscribed.clear()
            self._client.subscribe(topic, qos=1)
            assert self._subscribed.wait(10)
        return self

    def publish(self, topic: str, body: Any, *, token: str = "", answer_to: str = "", mark: bytes = b"") -> None:
        """Publish with QoS 1 and wait until the broker has it."""
        payload = body if isinstance(body, bytes) else orjson.dumps(body)
        given = {}
        if self._version == mqtt.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)
            if token:
                properties.UserProperty = ("authorization", f"Bearer {token}")
            if answer_to:
                properties.ResponseTopic = answer_to
            if mark:
                properties.CorrelationData = mark
            given["properties"] = properties
        info = self._client.publish(topic, payload, qos=1, **given)
        info.wait_for_publish(10)
        assert info.is_published()

    def on(self, topic: str) -> list[Any]:
        """What was told on ``topic``."""
        return [said for heard, said in self.told if heard == topic]

    def wait(self, condition: Callable[[], Any], within_s: float = 15.0) -> bool:
        """Whether ``condition`` came true in time."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.05)
        return False

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _heard(self, message: mqtt.MQTTMessage) -> None:
        try:
            said = orjson.loads(message.payload)
        except ValueError:
            said = message.payload
        self.told.append((message.topic, said))
