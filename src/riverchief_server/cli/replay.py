"""``riverchief replay``: refused messages are read again; what is understood now leaves the list."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "messages", nargs="*", type=int, metavar="ID", help="numbers of messages; else all refused ones"
    )
    parser.add_argument("--kind", help="only messages of this kind, such as hj212 or file")
    parser.add_argument("--station", help="only messages of the instruments of this station")
    parser.add_argument("--days", type=float, help="only messages of the last so many days")
    parser.add_argument("--list", action="store_true", help="only list them, with the reasons")


def run(arguments: argparse.Namespace) -> int:
    """Replay; 1 where some are still refused."""
    from riverchief_server.cli.start import migrate, set_up

    set_up()
    migrate()
    from riverchief_server.cli import language
    from riverchief_server.observations.inbox.parsing import replay
    from riverchief_server.observations.models import RawMessage

    now = datetime.now(UTC)
    found = RawMessage.objects.filter(state=RawMessage.State.REFUSED).exclude(kind="summary").order_by("pk")
    if arguments.messages:
        found = RawMessage.objects.filter(pk__in=arguments.messages).order_by("pk")
    if arguments.kind:
        found = found.filter(kind=arguments.kind)
    if arguments.station:
        found = found.filter(instrument__place__code=arguments.station)
    if arguments.days:
        found = found.filter(received_at__gte=now - timedelta(days=arguments.days))
    if arguments.list:
        for message in found.prefetch_related("refusals"):
            for refusal in message.refusals.all():
                why = refusal.why_zh if language() == "zh" else refusal.why_en
                print(f"{message.pk}\t{message.received_at:%Y-%m-%dT%H:%M:%SZ}\t{message.kind}\t{message.name}\t{why}")
        return 0
    done = replay(found, now)
    print(
        f"{done.messages} messages: {done.put.new} readings new, {done.put.same} known, {done.put.changed} corrected; "
        f"{done.refused} messages still refused"
    )
    return 1 if done.refused else 0
