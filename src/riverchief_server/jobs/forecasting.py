"""The night's forecasts: in a thread of its own, once a day after the hour that the settings name.

Missing the hour is harmless: the first look afterwards makes it up. A process that dies leaves its part to the next.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import close_old_connections

from riverchief_server.forecasts.nights import work_off
from riverchief_server.runs.actions import new_worker
from riverchief_server.settings.options import option

log = logging.getLogger(__name__)

LOOK_EVERY_S = 120.0


def forecast_if_due(now: datetime, worker: str) -> int:
    """Do what is left of tonight once its hour has come; return how many parameters were forecast."""
    local = now.astimezone(ZoneInfo(option("timezone")))
    if local.strftime("%H:%M") < option("forecast_at"):
        return 0
    return work_off(local.date(), worker, now)


def run_for_ever(stop: threading.Event) -> None:
    """Look until ``stop`` is set. What fails is logged, and tried again at the next look."""
    worker = new_worker()
    while not stop.wait(LOOK_EVERY_S):
        try:
            if done := forecast_if_due(datetime.now(UTC), worker):
                log.info("forecast %d parameters", done)
        except Exception:
            log.exception("tonight's forecast failed; it will be tried again in %s s", LOOK_EVERY_S)
        finally:
            close_old_connections()


def beside(stop: threading.Event) -> threading.Thread | None:
    """Start :func:`run_for_ever` in a thread of this process, where the settings want forecasts."""
    if not option("forecast_at"):
        return None
    thread = threading.Thread(target=run_for_ever, args=(stop,), name="forecasting", daemon=True)
    thread.start()
    return thread
