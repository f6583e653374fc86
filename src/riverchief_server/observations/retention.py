"""How long each source's readings and raw messages stay in the database. What is let go of stays in the archive."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction

from riverchief.telemetry.protocol import protocols
from riverchief_server.observations import archive, store
from riverchief_server.observations.models import RawMessage, Retention, Series

#: What nobody's instrument said and was refused: looked at within a month or never, and never more than so many.
OF_A_FLOOD = "summary"  # the line that says how many more there were
OF_STRANGERS, MOST_OF_STRANGERS = timedelta(days=30), 10_000


class Gone(NamedTuple):
    """What was let go of."""

    readings: int
    messages: int


def let_go(now: datetime, folder: Path) -> Gone:
    """Delete what is older than its source's retention says; without a row for a source everything of it stays.

    Readings go only in whole months whose file in ``folder`` is there and up to date, with their earlier versions;
    refused and unparsed messages never go.
    """
    readings = messages = 0
    sealed = [one for one in archive.sealed_months() if one.changed is None and (folder / one.file).exists()]
    for rule in Retention.objects.all():
        if rule.readings_days is not None:
            before = store.to_ms(now - timedelta(days=rule.readings_days))
            months = [archive.edges_of(one.month) for one in sealed]
            series = list(Series.objects.filter(source=rule.source).values_list("pk", flat=True))
            readings += sum(_delete(series, start, end) for start, end in months if end <= before)
        if rule.raw_days is not None:
            old = RawMessage.objects.filter(
                kind=rule.source, state=RawMessage.State.PARSED, received_at__lt=now - timedelta(days=rule.raw_days)
            )
            messages += old.delete()[0]
    return Gone(readings, messages)


@transaction.atomic
def forget_strangers(now: datetime) -> int:
    """Delete refused messages of nobody's instrument that are older than a month, or more than ten thousand: how many.

    What a registered instrument or a person sent stays, whatever was wrong with it.
    """
    refused = RawMessage.objects.filter(
        state=RawMessage.State.REFUSED, instrument=None, kind__in=[*protocols(), OF_A_FLOOD]
    )
    gone = refused.filter(received_at__lt=now - OF_STRANGERS).delete()[1].get("observations.RawMessage", 0)
    newest = refused.order_by("-received_at").values_list("received_at", flat=True)
    edge = newest[MOST_OF_STRANGERS : MOST_OF_STRANGERS + 1]
    if edge:
        gone += refused.filter(received_at__lte=edge[0]).delete()[1].get("observations.RawMessage", 0)
    return int(gone)


@transaction.atomic
def _delete(series: list[int], start: int, end: int) -> int:
    gone = 0
    with connection.cursor() as cursor:
        for one in series:
            cursor.execute("DELETE FROM reading_version WHERE series = %s AND t >= %s AND t < %s", [one, start, end])
            cursor.execute("DELETE FROM reading WHERE series = %s AND t >= %s AND t < %s", [one, start, end])
            gone += cursor.rowcount
    return gone
