"""Changes of notices: telling somebody, and marking what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from riverchief_server.notices.models import Notice
from riverchief_server.parties.models import Account


def tell(
    accounts: Iterable[Account], kind: str, cause: str, href: str, details: Mapping[str, Any], now: datetime
) -> int:
    """Tell ``accounts`` once of ``cause``; call it within the transaction of what happened. Returns how many are told.

    ``kind`` is a row of ``notices.csv``; ``details`` fill its words in the reader's language when it is read.
    """
    told = {account.pk: account for account in accounts if account.is_active}
    there = set(Notice.objects.filter(cause=cause, account__in=told).values_list("account_id", flat=True))
    new = [
        Notice(account=account, kind=kind, cause=cause, href=href, details=dict(details), made_at=now)
        for key, account in told.items()
        if key not in there
    ]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def mark_read(account: Account, now: datetime, only: Iterable[int] | None = None) -> int:
    """Mark the notices of ``account`` as read (``only`` those with these keys); return how many were not before."""
    unread = Notice.objects.filter(account=account, read_at=None)
    if only is not None:
        unread = unread.filter(pk__in=list(only))
    return unread.update(read_at=now)
