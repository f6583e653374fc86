"""Messages as rows of the raw inbox, many at a time and without an object a message."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.db import connection

from riverchief.errors import Fault
from riverchief_server.observations.inbox.journal import LONGEST, Raw
from riverchief_server.observations.models import RawMessage, Refusal

ROWS_A_STATEMENT = 400
TABLE = RawMessage._meta.db_table
NAMES = "id, kind, name, sender, received_at, content, sha256, state, summary, instrument_id"
MARKS = ", ".join(["%s"] * len(NAMES.split(", ")))


def insert(messages: Sequence[Raw], states: Sequence[str]) -> list[int]:
    """Keep ``messages``, each in its state, inside the caller's transaction; their numbers, in order."""
    if not messages:
        return []
    numbers = _next_numbers(len(messages))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} ({NAMES}) VALUES ({MARKS})",  # noqa: S608 - of our own names
            [_values(*row) for row in zip(numbers, messages, states, strict=True)],
        )
    return numbers


def _next_numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [TABLE, count]
            )
            return [int(row[0]) for row in cursor.fetchall()]
        # The transaction is IMMEDIATE, so nobody else takes a number meanwhile; AUTOINCREMENT never gives one again.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [TABLE])
        found = cursor.fetchone()
        first = (int(found[0]) if found else 0) + 1
        return list(range(first, first + count))


def _values(number: int, raw: Raw, state: str) -> tuple[Any, ...]:
    return (
        number,
        raw.kind,
        plain(raw.name)[: LONGEST["name"]],
        plain(raw.sender)[: LONGEST["sender"]],
        connection.ops.adapt_datetimefield_value(raw.received_at.astimezone(UTC)),
        raw.content,
        hashlib.sha256(raw.content).hexdigest(),
        state,
        "{}",
        raw.instrument,
    )


def write_refusals(refused: Sequence[tuple[int, Fault]]) -> None:
    """Write down why the messages with these numbers were refused, each with one of its faults."""
    rows = [refusal_of(number, fault) for number, fault in refused]
    Refusal.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT)


def refusal_of(message: int, fault: Fault) -> Refusal:
    """``fault`` of the message numbered ``message`` as a row that is not saved yet."""
    return Refusal(
        message_id=message,
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
