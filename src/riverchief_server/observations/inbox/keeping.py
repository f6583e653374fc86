"""Raw messages into the database, many in one statement, without an object a message."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from riverchief.errors import Fault
from riverchief_server.observations.models import RawMessage, Refusal

ROWS_A_STATEMENT = 400
TABLE = RawMessage._meta.db_table
NAMES = "kind, name, sender, received_at, content, sha256, state, summary, instrument_id"
ROW = "(" + ", ".join(["%s"] * len(NAMES.split(", "))) + ")"
LONGEST = {"name": 255, "sender": 120}


class Raw(NamedTuple):
    """Bytes as they arrived: ``instrument`` is the number of who sent them (None: nobody we know). With ``fault`` they
    are refused from the first and only kept to be looked at."""

    kind: str
    name: str
    sender: str
    received_at: datetime
    content: bytes
    instrument: int | None = None
    fault: Fault | None = None


def keep(messages: Sequence[Raw]) -> None:
    """Keep ``messages``; when this returns they are on disk."""
    with transaction.atomic():
        fine = [raw for raw in messages if raw.fault is None]
        for start in range(0, len(fine), ROWS_A_STATEMENT):
            part = fine[start : start + ROWS_A_STATEMENT]
            rows = ", ".join([ROW] * len(part))
            with connection.cursor() as cursor:
                cursor.execute(
                    f"INSERT INTO {TABLE} ({NAMES}) VALUES {rows}",  # noqa: S608 - of our own names
                    [value for raw in part for value in _values(raw)],
                )
        _keep_refused([raw for raw in messages if raw.fault is not None])


def _values(raw: Raw) -> tuple[Any, ...]:
    return (
        raw.kind,
        plain(raw.name)[: LONGEST["name"]],
        plain(raw.sender)[: LONGEST["sender"]],
        connection.ops.adapt_datetimefield_value(raw.received_at.astimezone(UTC)),
        raw.content,
        hashlib.sha256(raw.content).hexdigest(),
        RawMessage.State.RECEIVED.value,
        "{}",
        raw.instrument,
    )


def _keep_refused(refused: Sequence[Raw]) -> None:
    made = RawMessage.objects.bulk_create(
        [
            RawMessage(
                kind=raw.kind,
                name=plain(raw.name)[: LONGEST["name"]],
                sender=plain(raw.sender)[: LONGEST["sender"]],
                received_at=raw.received_at,
                content=raw.content,
                sha256=hashlib.sha256(raw.content).hexdigest(),
                state=RawMessage.State.REFUSED,
                summary={"refused": 1},
                instrument_id=raw.instrument,
            )
            for raw in refused
        ],
        batch_size=ROWS_A_STATEMENT,
    )
    Refusal.objects.bulk_create(
        [refusal_of(message, raw.fault) for message, raw in zip(made, refused, strict=True) if raw.fault],
        batch_size=ROWS_A_STATEMENT,
    )


def refusal_of(message: RawMessage, fault: Fault) -> Refusal:
    """``fault`` of ``message`` as a row that is not saved yet."""
    return Refusal(
        message=message,
        line=fault.line,
        column=plain(fault.column or "")[:120],
        value=plain(fault.details.get("given", ""))[:200],
        kind=fault.kind,
        why_zh=plain(fault.text("zh"))[:400],
        why_en=plain(fault.text("en"))[:400],
    )


def plain(text: str) -> str:
    """``text`` as any database takes it: hostile bytes decode to NUL and to halves of characters."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
