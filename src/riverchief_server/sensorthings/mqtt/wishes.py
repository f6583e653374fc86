"""What subscribers asked for, as the broker's own log tells it: nothing else in MQTT says who subscribed to what.

mosquitto tells it with ``log_dest topic``, ``log_type subscribe`` and ``log_type unsubscribe``. With a broker that does
not, the topics that every entity has of itself are told nevertheless; only ``$select`` and longer ways are not.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable

from riverchief_server.sensorthings.models import Listened
from riverchief_server.sensorthings.mqtt.topics import Wish, read_wish

LOG_TOPICS = ("$SYS/broker/log/M/subscribe",)
# "1795507777: client name 1 v1.1/Datastreams(1)/Observations?$select=result"
LINE = re.compile(r"\d+: .* [012] (v1\.1/\S.*)")
MOST = 500
KEPT_S = 30 * 86_400


class Wishes:
    """The topics that somebody subscribed to within the last thirty days; kept in the database over restarts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, Wish] | None = None

    @staticmethod
    def is_log(topic: str) -> bool:
        """Whether a message is one of the broker's own."""
        return topic in LOG_TOPICS

    def hear(self, topic: str, payload: bytes) -> None:
        """One line of the broker's log."""
        match = LINE.fullmatch(payload.decode("utf-8", "replace").strip())
        wish = read_wish(match[1]) if match else None
        if wish is None:
            return
        self.all()
        with self._lock:
            assert self._found is not None
            if wish.topic not in self._found and len(self._found) >= MOST:
                return
            Listened.objects.update_or_create(topic=wish.topic, defaults={"heard_s": int(time.time())})
            self._found[wish.topic] = wish

    def all(self) -> list[Wish]:
        """Every wish, the newest included."""
        with self._lock:
            if self._found is None:
                Listened.objects.filter(heard_s__lt=int(time.time()) - KEPT_S).delete()
                self._found = dict(_read(Listened.objects.values_list("topic", flat=True)[:MOST]))
            return list(self._found.values())


def _read(topics: Iterable[str]) -> Iterable[tuple[str, Wish]]:
    for topic in topics:
        wish = read_wish(topic)
        if wish is not None:
            yield topic, wish
