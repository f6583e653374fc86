"""Which backups of a folder stay: the newest of each of the last days, weeks and months, by the setting's rule."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from riverchief.errors import BadInput, Fault

NAME = re.compile(r"riverchief-(\d{8}T\d{6})Z\.zip")
RULE = re.compile(r"(\d{1,4})([dwm])")
FORM = "%Y%m%dT%H%M%S"


def name_at(now: datetime) -> str:
    """What a backup made at ``now`` is called."""
    return f"riverchief-{now.astimezone(UTC):{FORM}}Z.zip"


def backups_in(folder: Path) -> dict[datetime, Path]:
    """Our own backups in ``folder``, oldest first; whatever else lies there is not looked at."""
    found = {
        datetime.strptime(match[1], FORM).replace(tzinfo=UTC): path
        for path in folder.glob("riverchief-*.zip")
        if (match := NAME.fullmatch(path.name))
    }
    return dict(sorted(found.items()))


def read_rule(rule: str) -> dict[str, int]:
    """``7d 4w 12m`` as the number of days, weeks and months; raises :class:`~riverchief.errors.BadInput` for other."""
    parts = [RULE.fullmatch(part) for part in rule.split()]
    if not parts or not all(parts):
        details = {"given": rule, "allowed": "7d 4w 12m"}
        raise BadInput([Fault("bad_rule", column="backup_keep", details=details)])
    return {part[2]: int(part[1]) for part in parts if part}


def to_keep(times: Iterable[datetime], rule: str) -> set[datetime]:
    """Which of ``times`` stay: the newest one in each of the last n days, weeks and months that have one, and always
    the newest of all."""
    newest_first = sorted(times, reverse=True)
    keep = set(newest_first[:1])
    for unit, count in read_rule(rule).items():
        spans: dict[tuple[int, ...], datetime] = {}
        for moment in newest_first:
            spans.setdefault(_span(moment, unit), moment)
        keep.update(list(spans.values())[:count])
    return keep


def let_go(folder: Path, rule: str) -> list[Path]:
    """Delete the backups of ``folder`` that the rule does not keep; which they were."""
    there = backups_in(folder)
    keep = to_keep(there, rule)
    gone = [path for moment, path in there.items() if moment not in keep]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def is_due(now: datetime, at: str, newest: datetime | None) -> bool:
    """Whether the daily backup at the hour ``at`` (``02:30``, in the zone of ``now``) is still to be made."""
    hour, minute = (int(part) for part in at.split(":"))
    last = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if last > now:
        last -= timedelta(days=1)
    return newest is None or newest < last


def _span(moment: datetime, unit: str) -> tuple[int, ...]:
    if unit == "w":
        return moment.isocalendar()[:2]
    return (moment.year, moment.month) if unit == "m" else (moment.year, moment.month, moment.day)
