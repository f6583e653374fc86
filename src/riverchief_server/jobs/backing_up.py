"""The daily backup: in a thread of its own, where the setting ``backup_folder`` names a folder.

Missing a time is harmless: the first look afterwards makes it up. Two processes that look at once make one backup.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from riverchief.errors import RiverchiefError
from riverchief_server.backup import back_up
from riverchief_server.backup.keeping import backups_in, is_due, let_go, name_at
from riverchief_server.observations.inbox.journal import InUse, locked
from riverchief_server.settings.options import option

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0


def back_up_if_due(now: datetime) -> Path | None:
    """Make the daily backup if its time has come, copy it to the second place, let go of what the rule does not keep.

    Returns the new file, or ``None`` where it was not due or another process is at it.
    """
    folder = Path(option("backup_folder"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        lock = locked(folder / ".writer.lock")
    except InUse:
        return None
    try:
        newest = max(backups_in(folder), default=None)
        if not is_due(now.astimezone(ZoneInfo(option("timezone"))), option("backup_at"), newest):
            return None
        file = folder / name_at(now)
        made = back_up(file, settings.HOME, settings.DATABASES["default"], now)
        log.info("backed up %d files, %.1f MB, into %s", len(made.files), made.size / 1e6, file)
        if option("backup_second_folder"):
            _copy(file, Path(option("backup_second_folder")))
        let_go(folder, option("backup_keep"))
        return file
    finally:
        os.close(lock)


def run_for_ever(stop: threading.Event) -> None:
    """Look until ``stop`` is set. What fails is logged, and tried again at the next look."""
    while not stop.wait(LOOK_EVERY_S):
        try:
            back_up_if_due(datetime.now(UTC))
        except RiverchiefError as refused:
            log.error("no backup was made: %s", refused)
        except Exception:
            log.exception("no backup was made; it will be tried again in %s s", LOOK_EVERY_S)


def beside(stop: threading.Event) -> threading.Thread | None:
    """Start :func:`run_for_ever` in a thread of this process, where the settings want backups."""
    if not option("backup_folder"):
        return None
    thread = threading.Thread(target=run_for_ever, args=(stop,), name="backing up", daemon=True)
    thread.start()
    return thread


def _copy(file: Path, folder: Path) -> None:
    """Copy ``file`` to the second place, whole or not at all; a place that is away costs the copy, not the backup."""
    part = folder / (file.name + ".part")
    try:
        shutil.copyfile(file, part)
        with part.open("rb") as copied:
            os.fsync(copied.fileno())
        part.chmod(0o600)
        os.replace(part, folder / file.name)
        let_go(folder, option("backup_keep"))
    except OSError:
        log.exception("the backup %s could not be copied to %s", file.name, folder)
        part.unlink(missing_ok=True)
