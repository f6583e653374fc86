"""Observations that come in by the broker: the same handler and the same rights as over HTTP; nobody may by default.

A message of MQTT does not say who published it. So it has to carry a token itself (MQTT 5, user property
``authorization``), or it comes below a prefix under which the broker lets each user publish only below its own name.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import DatabaseError, InterfaceError, transaction

from riverchief.errors import BadInput, Fault
from riverchief_server.asked.who import NOBODY, Asker, asker_named, asker_of
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.inbox.keeping import insert, write_refusals
from riverchief_server.observations.models import RawMessage
from riverchief_server.sensorthings.exchange import Answer, Request, refusal
from riverchief_server.sensorthings.handler import Handler
from riverchief_server.sensorthings.mqtt.topics import ANSWERS, ERRORS, Incoming, read_incoming
from riverchief_server.sensorthings.odata.path import parse_path
from riverchief_server.settings.options import option

log = logging.getLogger(__name__)
LARGEST = 1_000_000
# Refused messages an hour that are kept to be looked at; the others are told on the topic of errors only.
KEPT_AN_HOUR = 200
AN_HOUR_S = 3600.0


@dataclass(frozen=True)
class Message:
    """One message as it came; ``said`` are its user properties, ``answer_to`` and ``mark`` say where an answer goes."""

    topic: str
    payload: bytes
    said: dict[str, str] = field(default_factory=dict)
    answer_to: str = ""
    mark: bytes | None = None


@dataclass(frozen=True)
class Reply:
    """What is to be published back: on ``topic``, with the mark of the message."""

    topic: str
    payload: bytes
    mark: bytes | None = None


class Intake:
    """Takes messages in. Thread-safe."""

    def __init__(self, handler: Handler, root: str, *, sender: str = "broker") -> None:
        self._handler, self._root, self._sender = handler, root, sender
        self._prefix, self._user_prefix = option("mqtt_create_prefix"), option("mqtt_user_prefix")
        self._since_s, self._kept = time.monotonic(), 0

    @property
    def subscriptions(self) -> list[str]:
        """What is to be subscribed to."""
        users = [f"{self._user_prefix}+/v1.1/#"] if self._user_prefix else []
        return [f"{self._prefix}v1.1/#", *users]

    def quick(self, message: Message) -> tuple[Future[None], Reply | None] | None:
        """The quick way of the handler, where it can be gone: the future is done when the observation is on disk."""
        try:
            request = self._request(message)
            found = self._handler.quick(request)
        except Exception:
            # the longer way says what is wrong
            return None
        return None if found is None else (found[0], _reply(message, found[1]))

    def take(self, message: Message) -> Reply | None:
        """Take ``message``: what it made is on disk when this returns, or its refusal is kept; then the reply.

        Raises what a database raises that is away: the message is not to be acknowledged then.
        """
        try:
            request = self._request(message)
            answer = self._handler.handle(request)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:
            answer = refusal(error, "en")
            self._keep(message, error)
            return _reply(message, answer) or Reply(ERRORS, _told(message, answer), message.mark)
        return _reply(message, answer)

    def _request(self, message: Message) -> Request:
        found = read_incoming(message.topic, self._prefix, self._user_prefix)
        if found is None or not _is_for_observations(found.path):
            allowed = f"{self._prefix}v1.1/Datastreams(1)/Observations"
            raise BadInput([Fault("sta_no_topic", details={"given": message.topic[:120], "allowed": allowed})])
        if len(message.payload) > LARGEST:
            details = {"given": str(len(message.payload)), "allowed": str(LARGEST)}
            raise BadInput([Fault("too_big", details=details)])
        headers = {"content-type": "application/json"}
        if found.user is None and "authorization" in message.said:
            headers["authorization"] = message.said["authorization"]
        asker = _asker(found, headers)
        return Request("POST", found.path, "", headers, message.payload, self._root, asker)

    def _keep(self, message: Message, error: Exception) -> None:
        """Keep what was refused with its reason, for the desk; never the token that came with it."""
        faults = getattr(error, "faults", None) or [getattr(error, "fault", None) or Fault("failed")]
        if time.monotonic() - self._since_s > AN_HOUR_S:
            self._since_s, self._kept = time.monotonic(), 0
        self._kept += 1
        if self._kept > KEPT_AN_HOUR:
            return
        now = datetime.now(UTC)
        raw = Raw("sensorthings", message.topic, self._sender, now, message.payload[:LARGEST])
        with transaction.atomic():
            numbers = insert([raw], [RawMessage.State.REFUSED.value])
            write_refusals([(numbers[0], faults[0])])


def _asker(found: Incoming, headers: dict[str, str]) -> Asker:
    if found.user is not None:
        return asker_named(found.user)
    return asker_of(headers) if "authorization" in headers else NOBODY


def _is_for_observations(path: str) -> bool:
    try:
        segments = parse_path(path)
    except BadInput:
        return False
    return bool(segments) and segments[-1].name == "Observations" and segments[-1].identity is None


def _reply(message: Message, answer: Answer) -> Reply | None:
    """The answer on the topic that the message names, where it names one that answers may be on."""
    if not message.answer_to.startswith(ANSWERS) or any(mark in message.answer_to for mark in "+#"):
        return None
    return Reply(message.answer_to, _told(message, answer), message.mark)


def _told(message: Message, answer: Answer) -> bytes:
    said: dict[str, Any] = {"topic": message.topic, "code": answer.status}
    if "location" in answer.headers:
        said["location"] = answer.headers["location"]
    if isinstance(answer.body, dict) and "message" in answer.body:
        said["message"] = answer.body["message"]
    return orjson.dumps(said)
