"""What a station sends, and when: the other direction of every decoder."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Sent(NamedTuple):
    """One message as it goes over the line at ``at`` (UTC); ``topic`` is set for MQTT."""

    at: datetime
    payload: bytes
    topic: str = ""
