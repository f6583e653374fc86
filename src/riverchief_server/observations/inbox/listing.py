"""What lies in the raw inbox, in pages that stay stable while messages arrive, and grouped by what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from riverchief.errors import BadInput, Fault
from riverchief_server.observations.models import RawMessage, Refusal

STATES = ("refused", "received", "parsed")
VALUES_SHOWN = 6


@dataclass(frozen=True)
class Wanted:
    """Which messages: in one ``state``, perhaps of one ``station`` (its code), one ``kind`` of door, refused for one
    ``reason`` (a kind of fault). Raises :class:`~riverchief.errors.BadInput` for a state that is none."""

    state: str = "refused"
    station: str = ""
    kind: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise BadInput([Fault("not_one_of", details={"given": self.state[:40], "allowed": ", ".join(STATES)})])

    def rows(self) -> QuerySet[RawMessage]:
        """The messages, in no order."""
        rows = RawMessage.objects.filter(state=self.state)
        if self.station:
            rows = rows.filter(instrument__place__code=self.station)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.reason:
            rows = rows.filter(pk__in=Refusal.objects.filter(kind=self.reason).values("message"))
        return rows


class Page(NamedTuple):
    """Some messages, the newest first, and where the next page begins (empty: there is none)."""

    rows: list[RawMessage]
    next: str


class Group(NamedTuple):
    """Refused messages with one kind of fault: how many, the newest of them, and the first few values given."""

    reason: str
    messages: int
    newest: datetime
    example: Refusal
    values: list[str]


def page_of(wanted: Wanted, before: str, size: int) -> Page:
    """``size`` messages older than the place ``before`` (as :class:`Page` gave it; empty: from the newest).

    The place is a time and a number, so that a page never skips or repeats, whatever arrives meanwhile. Refused
    messages are found by their own index; the others in the order in which they came.
    """
    rows = _older(wanted.rows(), wanted.state, before)
    order = ("-received_at", "-id") if wanted.state == "refused" else ("-id",)
    found = list(rows.order_by(*order).select_related("instrument__place").prefetch_related("refusals")[: size + 1])
    more = len(found) > size
    return Page(found[:size], _place(found[size - 1]) if more else "")


def groups_of(wanted: Wanted) -> list[Group]:
    """The refused messages that are ``wanted``, by the kind of their faults, those with most messages first."""
    faults = Refusal.objects.filter(message__in=wanted.rows())
    counted = (
        faults.values("kind")
        .annotate(messages=Count("message", distinct=True), newest=Max("message__received_at"), last=Max("pk"))
        .order_by("-messages", "kind")
    )
    examples = Refusal.objects.in_bulk([row["last"] for row in counted])
    return [
        Group(row["kind"], row["messages"], row["newest"], examples[row["last"]], _values(faults, row["kind"]))
        for row in counted
    ]


def _values(faults: QuerySet[Refusal], kind: str) -> list[str]:
    found = faults.filter(kind=kind).exclude(value="").values_list("value", flat=True).order_by("value").distinct()
    return list(found[: VALUES_SHOWN + 1])


def _older(rows: QuerySet[RawMessage], state: str, before: str) -> QuerySet[RawMessage]:
    if not before:
        return rows
    time, _, number = before.rpartition("_")
    try:
        at, pk = datetime.fromisoformat(time), int(number)
        if at.tzinfo is None or pk > 2**62:
            raise ValueError
    except ValueError:
        raise BadInput(
            [Fault("bad_time", column="before", details={"given": before[:60], "allowed": "next"})]
        ) from None
    if state != "refused":
        return rows.filter(pk__lt=pk)
    return rows.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=pk))


def _place(row: RawMessage) -> str:
    return f"{row.received_at.isoformat()}_{row.pk}"


def kinds_there(state: str) -> Sequence[str]:
    """The doors through which messages in ``state`` came, for a filter."""
    return list(RawMessage.objects.filter(state=state).order_by("kind").values_list("kind", flat=True).distinct())
