"""When a case is due and how it stands: the room where the working calendar and the escalation ladder will live.

Today a case carries one date, set when it is dispatched; a day is a calendar day. A missed look at the clock is
harmless, because the level is worked out from the dates each time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

DUE_SOON = timedelta(days=2)


def work_level(is_open: bool, due_at: datetime | None, now: datetime) -> str:
    """``none`` for a finished case, else ``open``, ``due_soon`` (two days left) or ``overdue``."""
    if not is_open:
        return "none"
    if due_at is None or due_at - now > DUE_SOON:
        return "open"
    return "overdue" if due_at < now else "due_soon"
