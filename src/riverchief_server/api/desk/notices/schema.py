"""Notices: what was told, when, and whether it was read."""

from datetime import datetime

from ninja import Schema


class NoticeTold(Schema):
    """One thing told to the asker."""

    id: int
    kind: str
    text: str
    href: str
    at: datetime
    is_read: bool
    is_urgent: bool


class NoticeList(Schema):
    """The newest notices; ``unread`` counts all that were not read, also those not listed."""

    sentence: str
    unread: int
    notices: list[NoticeTold]


class NoticesRead(Schema):
    """Which notices were read; none named: all of them."""

    ids: list[int] | None = None
