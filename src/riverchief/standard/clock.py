"""The clock of the law: Beijing time."""

from __future__ import annotations

import datetime as dt

BEIJING = dt.timezone(dt.timedelta(hours=8))


def beijing(moment: dt.datetime) -> dt.datetime:
    """``moment`` on the clock of Beijing, without zone; one that has no zone is taken to be Beijing time already."""
    return moment if moment.tzinfo is None else moment.astimezone(BEIJING).replace(tzinfo=None)
