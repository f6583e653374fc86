"""The raw inbox as the API says it, reasons in the reader's language."""

from __future__ import annotations

from datetime import datetime

from riverchief.telemetry.protocol import protocols
from riverchief_server.api.desk.messages.schema import Message, MessageGroup, MessagePage, RefusedPart
from riverchief_server.api.desk.words import Choice
from riverchief_server.api.words import say, time_text
from riverchief_server.observations.inbox.listing import VALUES_SHOWN, Group, Wanted, groups_of, kinds_there, page_of
from riverchief_server.observations.inbox.looking import first_line
from riverchief_server.observations.models import Instrument, RawMessage, Refusal

REASONS_SHOWN = 5
PAGE = 30
#: Faults that are put right by saying what a factor is and in which unit it comes.
UNEXPLAINED = {"unknown_factor", "needs_unit"}


def show_messages(wanted: Wanted, before: str, now: datetime, language: str) -> MessagePage:
    """One page of what is wanted, and all refused messages by reason."""
    page = page_of(wanted, before, PAGE)
    refused = Wanted("refused", wanted.station, wanted.kind)
    groups = groups_of(refused)
    total = refused.rows().count()
    newest = max((group.newest for group in groups), default=None)
    time = time_text(newest, now, language) if newest else ""
    stations = Instrument.objects.order_by("place__name").values_list("place__code", "place__name").distinct()
    return MessagePage(
        sentence=say("inbox_refused", language, n=total, reasons=len(groups), time=time)
        if total
        else say("inbox_none", language),
        total_refused=total,
        groups=[_group(group, language) for group in groups],
        kinds=[Choice(code=kind, name=kind_name(kind, language), group=None) for kind in kinds_there(wanted.state)],
        stations=[Choice(code=code, name=name, group=None) for code, name in stations],
        messages=[_message(row, language) for row in page.rows],
        next=page.next,
    )


def kind_name(kind: str, language: str) -> str:
    """The door through which a message came, in words."""
    row = protocols().get(kind)
    if row is not None:
        return row.zh if language.startswith("zh") else row.en
    return say(f"protocol_{kind}", language) if kind in DOORS else kind


#: The doors that are no protocol of stations.
DOORS = {"file", "http", "desk"}


def _message(row: RawMessage, language: str) -> Message:
    reasons = list(row.refusals.all())
    content = bytes(row.content)
    return Message(
        id=row.pk,
        state=row.state,  # type: ignore[arg-type]
        state_name=say(f"message_{row.state}", language),
        kind=row.kind,
        kind_name=kind_name(row.kind, language),
        name=row.name,
        sender=row.sender,
        received_at=row.received_at,
        station=row.instrument.place.code if row.instrument else None,
        station_name=row.instrument.place.name if row.instrument else say("message_of_nobody", language),
        size=len(content),
        beginning=first_line(content),
        reasons=[_reason(reason, language) for reason in reasons[:REASONS_SHOWN]],
        reasons_total=len(reasons),
        instrument=row.instrument.pk if row.instrument else None,
        unexplained=list(dict.fromkeys(reason.value for reason in reasons if reason.kind in UNEXPLAINED)),
    )


def _group(group: Group, language: str) -> MessageGroup:
    return MessageGroup(
        reason=group.reason,
        messages=group.messages,
        newest=group.newest,
        example=_why(group.example, language),
        values=group.values[:VALUES_SHOWN],
        more_values=len(group.values) > VALUES_SHOWN,
    )


def _reason(reason: Refusal, language: str) -> RefusedPart:
    return RefusedPart(
        kind=reason.kind, why=_why(reason, language), line=reason.line, column=reason.column, value=reason.value
    )


def _why(reason: Refusal, language: str) -> str:
    return reason.why_zh if language.startswith("zh") else reason.why_en
