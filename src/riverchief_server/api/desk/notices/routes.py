"""Notices: read, and marked as read."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Router

from riverchief_server.api.desk.notices.schema import NoticeList, NoticesRead
from riverchief_server.api.desk.notices.show import show_notices
from riverchief_server.asked.language import language_of
from riverchief_server.asked.who import account_of
from riverchief_server.notices.actions import mark_read

router = Router()


@router.get("/notices", response=NoticeList)
def get_notices(request: HttpRequest) -> NoticeList:
    """What the asker has been told, the newest first."""
    return show_notices(account_of(request), datetime.now(UTC), language_of(request))


@router.post("/notices/read", response=NoticeList)
def post_notices_read(request: HttpRequest, given: NoticesRead) -> NoticeList:
    """Mark notices of the asker's own as read."""
    account, now = account_of(request), datetime.now(UTC)
    mark_read(account, now, given.ids)
    return show_notices(account, now, language_of(request))
