"""One look of the clock: judge what has changed, follow the episodes. Missing a look is harmless, looking twice too."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

from django.db import close_old_connections

from riverchief_server.cases.clock import settle_clocks
from riverchief_server.cases.episodes import follow_section
from riverchief_server.cases.escalation import escalate
from riverchief_server.cases.tracing_by_itself import trace_by_itself
from riverchief_server.cases.uploads import let_go_of_orphans
from riverchief_server.observations import store
from riverchief_server.observations.checking import check_written
from riverchief_server.observations.queries import judged_series_of, measuring_places
from riverchief_server.observations.retention import forget_strangers
from riverchief_server.places.models import Place
from riverchief_server.standards.actions import judge_section
from riverchief_server.standards.queries import has_other_target, judged_sections

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 3600.0


def look(now: datetime, *, everything: bool = False) -> int:
    """Judge what was written since the last look, open or feed cases; return how many verdicts are new.

    A section none of whose series was written costs nothing. One whose target has changed is judged from its beginning,
    and so is every section with ``everything``, which a new edition of a table asks for.
    """
    settle_clocks()
    # first what may be judged at all; the flags that this changes are written as well
    check_written(store.touched().since, now)
    looked_at = store.touched()
    made = 0
    for section in judged_sections():
        written = _written(section, looked_at)
        is_whole = everything or has_other_target(section)
        if written is None and not is_whole:
            continue
        since = None if is_whole or written is None else store.from_ms(written)
        made += len(judge_section(section, now, since))
        follow_section(section, now)
    store.settle(looked_at)
    escalate(now)
    return made


def run_for_ever(every_s: float, stop: threading.Event) -> None:
    """Look every ``every_s`` seconds until ``stop`` is set. A look that fails is logged in full and tried again."""
    swept = -SWEEP_EVERY_S
    while not stop.wait(every_s):
        began = time.monotonic()
        try:
            made = look(datetime.now(UTC))
            trace_by_itself(datetime.now(UTC))
            forget_strangers(datetime.now(UTC))
            if began - swept >= SWEEP_EVERY_S:
                let_go_of_orphans(datetime.now(UTC))
                swept = began
        except Exception:
            log.exception("the clock's look failed; it will look again in %s s", every_s)
        else:
            if made:
                log.info("the clock made %d verdicts in %.1f s", made, time.monotonic() - began)
        finally:
            close_old_connections()


def _written(section: Place, looked_at: store.Touched) -> int | None:
    """The earliest time [ms] at which a series that speaks for ``section`` was written; ``None`` where none was."""
    own = (looked_at.since.get(series.pk) for series in judged_series_of(measuring_places(section)))
    return min((since for since in own if since is not None), default=None)
