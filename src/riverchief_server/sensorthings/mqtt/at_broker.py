"""The client at the broker: subscribes to what comes in, publishes what is new, and never acknowledges too early.

A message is acknowledged to the broker when its observation is on disk, or its refusal is; while the database is away
it is not, and the broker keeps what follows. MQTT 5, so that a message can carry a token and name where its answer
goes, and so that what we publish does not come back to us.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import paho.mqtt.client as mqtt
from django.db import DatabaseError, InterfaceError, connection
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from riverchief_server.observations.store.news import are_told, news, told
from riverchief_server.sensorthings.handler import Handler, session_at
from riverchief_server.sensorthings.mqtt.incoming import Intake, Message, Reply
from riverchief_server.sensorthings.mqtt.outgoing import Changed, Telling, tell_entity, tell_readings, written
from riverchief_server.sensorthings.mqtt.wishes import LOG_TOPICS, Wishes
from riverchief_server.settings.broker import address_of, client_of

log = logging.getLogger(__name__)
NAME = "riverchief-sensorthings"
IN_FLIGHT = 500
KEPT_BY_THE_BROKER_S = 7 * 86_400
LOOK_EVERY_S = 0.25
LONGEST_PAUSE_S = 5.0
PATIENCE_S = 30.0


class AtBroker:
    """The face at one broker; one a county. :meth:`start`, later :meth:`close`."""

    def __init__(self, handler: Handler, url: str, root: str) -> None:
        self._handler, self._root, self._at = handler, root, address_of(url)
        self._intake = Intake(handler, root, sender=str(self._at))
        self._wishes, self._changed = Wishes(), Changed()
        self._stop = threading.Event()
        # set once the broker knows what is subscribed to
        self.listens = threading.Event()
        # one thread is enough for what has to be looked up; what needs no look-up does not come here
        self._workers = ThreadPoolExecutor(2, thread_name_prefix="sensorthings mqtt")
        self._news = threading.Thread(target=self._tell_for_ever, name="sensorthings news", daemon=True)
        self._client = client_of(url, client_id=NAME, protocol=mqtt.MQTTv5, manual_ack=True)
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.on_connect = self._connected
        self._client.on_message = self._arrived
        self._client.on_subscribe = lambda *_: self.listens.set()

    def start(self) -> None:
        """Connect, now or as soon as the broker is there."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = KEPT_BY_THE_BROKER_S
        properties.ReceiveMaximum = IN_FLIGHT
        self._client.connect_async(self._at.host, self._at.port, keepalive=60, clean_start=False, properties=properties)
        self._client.loop_start()
        if are_told():
            self._changed.listen()
        self._news.start()

    def close(self) -> None:
        """Leave; what comes meanwhile waits at the broker."""
        self._stop.set()
        self._changed.close()
        self._client.disconnect()
        self._client.loop_stop()
        self._workers.shutdown(wait=True, cancel_futures=True)
        if self._news.is_alive():
            self._news.join(PATIENCE_S)

    def _connected(self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            log.warning("the broker %s refused SensorThings: %s", self._at, reason)
            return
        options = SubscribeOptions(qos=1, noLocal=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        topics = [*self._intake.subscriptions, *(LOG_TOPICS if are_told() else ())]
        client.subscribe([(topic, options) for topic in topics])

    def _arrived(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if self._wishes.is_log(message.topic):
            self._workers.submit(self._wishes.hear, message.topic, bytes(message.payload))
            self._client.ack(message.mid, message.qos)
            return
        mid, qos, one = message.mid, message.qos, _read(message)
        quick = self._intake.quick(one)
        if quick is None:
            self._workers.submit(self._take, one, mid, qos)
            return
        future, reply = quick

        def done(_: Any) -> None:
            if future.exception() is not None:
                # the longer way tells what is wrong, or waits for the database
                self._workers.submit(self._take, one, mid, qos)
                return
            self._answer(reply)
            self._client.ack(mid, qos)

        future.add_done_callback(done)

    def _take(self, message: Message, mid: int, qos: int) -> None:
        pause_s = LOOK_EVERY_S
        while not self._stop.is_set():
            try:
                reply = self._intake.take(message)
            except (DatabaseError, InterfaceError) as away:
                log.warning("an observation could not be kept (%s); trying again", str(away).strip())
                connection.close()
                self._stop.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                continue
            except Exception:
                log.exception("an observation could not be taken in; it is not acknowledged")
                return
            self._answer(reply)
            self._client.ack(mid, qos)
            return

    def _answer(self, reply: Reply | None) -> None:
        if reply is None:
            return
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if reply.mark is not None:
            properties.CorrelationData = reply.mark
        self._client.publish(reply.topic, reply.payload, qos=1, properties=properties)

    def _tell_for_ever(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                while self._tell_some() and not self._stop.is_set():
                    pass
            except (DatabaseError, InterfaceError) as away:
                log.warning("news could not be read (%s); trying again", str(away).strip())
                connection.close()
                self._stop.wait(LONGEST_PAUSE_S)
            except TimeoutError as late:
                log.warning("%s; trying again", late)
            except Exception:
                log.exception("news could not be told; trying again")
                self._stop.wait(LONGEST_PAUSE_S)
        connection.close()

    def _tell_some(self) -> bool:
        """Tell what is new, and whether there may be more. An entry is taken off when the broker has all of it."""
        entries = news()
        if not are_told():
            told(entries)
            return bool(entries)
        if not self._client.is_connected():
            return False
        self._handler.mirror.follow()
        session, wishes = session_at(self._root), self._wishes.all()
        changed = self._changed.take()
        try:
            while changed:
                self._publish(tell_entity(*changed[-1], wishes, session))
                changed.pop()
        finally:
            self._changed.again(changed)
        found = written(entries)
        if found is not None:
            self._publish(tell_readings(found, wishes, session))
            told(entries)
        return bool(entries)

    def _publish(self, telling: Sequence[Telling]) -> None:
        sent = [self._client.publish(one.topic, one.payload, qos=1) for one in telling]
        until = time.monotonic() + PATIENCE_S
        for info in sent:
            while not info.is_published():
                info.wait_for_publish(LOOK_EVERY_S)
                if self._stop.is_set() or time.monotonic() > until:
                    raise TimeoutError(f"the broker {self._at} has not taken all news")


def _read(message: mqtt.MQTTMessage) -> Message:
    properties = message.properties
    said = dict(getattr(properties, "UserProperty", ()) or ())
    return Message(
        message.topic,
        bytes(message.payload),
        {name.lower(): value for name, value in said.items()},
        getattr(properties, "ResponseTopic", "") or "",
        getattr(properties, "CorrelationData", None),
    )
