"""Notices as the API says them: the words of ``notices.csv`` in the reader's language."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from riverchief.case.machine import all_states
from riverchief.table import read_table
from riverchief_server.api.desk.notices.schema import NoticeList, NoticeTold
from riverchief_server.api.words import name_of, say, time_text
from riverchief_server.notices.models import Notice as NoticeRow
from riverchief_server.parties.models import Account

SHOWN = 100


def show_notices(account: Account, now: datetime, language: str) -> NoticeList:
    """The newest notices of ``account``."""
    rows = NoticeRow.objects.filter(account=account)
    unread = rows.filter(read_at=None).count()
    sentence = say("notices_unread" if unread else "notices_none", language, n=unread)
    return NoticeList(sentence=sentence, unread=unread, notices=[_notice(row, now, language) for row in rows[:SHOWN]])


def notice_text(row: NoticeRow, now: datetime, language: str) -> str:
    """What a notice says, in ``language``."""
    words = dict(row.details)
    if "state" in words:
        words["state"] = all_states()[words["state"]].name(language)
    if "due" in words:
        words["due"] = time_text(datetime.fromisoformat(words["due"]), now, language)
    return name_of(notice_kinds()[row.kind], language).format(**words)


@cache
def notice_kinds() -> dict[str, dict[str, str]]:
    """The kinds of notices by code."""
    return {row["kind"]: row for row in read_table("riverchief_server.notices", "notices.csv")}


def _notice(row: NoticeRow, now: datetime, language: str) -> NoticeTold:
    return NoticeTold(
        id=row.pk,
        kind=row.kind,
        text=notice_text(row, now, language),
        href=row.href,
        at=row.made_at,
        is_read=row.read_at is not None,
        is_urgent=notice_kinds()[row.kind]["is_urgent"] == "1",
    )
