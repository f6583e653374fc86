"""One look of the clock: judge what is new, follow the episodes. Missing a look is harmless, looking twice too."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

from django.db import close_old_connections

from riverchief_server.cases.episodes import follow_section
from riverchief_server.standards.actions import judge_section
from riverchief_server.standards.queries import judged_sections

log = logging.getLogger(__name__)
LOOKS_BACK = timedelta(days=40)


def look(now: datetime, *, everything: bool = False) -> int:
    """Judge every section (its last weeks, or ``everything``), open or feed cases; return how many verdicts are new."""
    made = 0
    for section in judged_sections():
        made += len(judge_section(section, now, None if everything else now - LOOKS_BACK))
        follow_section(section, now)
    return made


def run_for_ever(every_s: float, stop: threading.Event) -> None:
    """Look every ``every_s`` seconds until ``stop`` is set. A look that fails is logged in full and tried again."""
    while not stop.wait(every_s):
        began = time.monotonic()
        try:
            made = look(datetime.now(UTC))
        except Exception:
            log.exception("the clock's look failed; it will look again in %s s", every_s)
        else:
            if made:
                log.info("the clock made %d verdicts in %.1f s", made, time.monotonic() - began)
        finally:
            close_old_connections()
