"""The raw inbox: what arrived, what was refused and why, and what became of it when it was read again."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema

from riverchief_server.api.desk.words import Choice

MessageState = Literal["refused", "received", "parsed"]


class RefusedPart(Schema):
    """One reason why something of a message was not taken."""

    kind: str
    why: str
    line: int | None
    column: str
    value: str


class Message(Schema):
    """A message as it lies in the inbox. ``reasons`` are the first few of ``reasons_total``; ``unexplained`` are factor
    codes of which somebody has yet to say what ``instrument`` means by them."""

    id: int
    state: MessageState
    state_name: str
    kind: str
    kind_name: str
    name: str
    sender: str
    received_at: datetime
    station: str | None
    station_name: str
    size: int
    beginning: str
    reasons: list[RefusedPart]
    reasons_total: int
    instrument: int | None
    unexplained: list[str]


class MessageGroup(Schema):
    """Refused messages with the same kind of fault."""

    reason: str
    messages: int
    newest: datetime
    example: str
    values: list[str]
    more_values: bool


class MessagePage(Schema):
    """Some messages, the sentence first; ``next`` is where the following page begins (empty: there is none)."""

    sentence: str
    total_refused: int
    groups: list[MessageGroup]
    kinds: list[Choice]
    stations: list[Choice]
    messages: list[Message]
    next: str


class MessageContent(Schema):
    """The bytes of a message for a person to look at: text, or a dump where they are none; passwords are stars."""

    id: int
    text: str
    is_binary: bool
    size: int
    shown: int
    sha256: str


class ReplayWanted(Schema):
    """Which refused messages to read again: of one reason, station or door; ``before`` goes on where the last call
    stopped."""

    reason: str = ""
    station: str = ""
    kind: str = ""
    before: str = ""


class ReplayDone(Schema):
    """What became of one handful; ``next`` is empty when all have been read."""

    messages: int
    understood: int
    new: int
    same: int
    changed: int
    refused: int
    next: str


class FactorMeaning(Schema):
    """What an instrument means by a factor code, and in which unit it sends it."""

    code: str
    parameter: str
    unit: str
