"""Whoever computes the runs: beside the clock, in a thread of its own, one run after the other.

Requests only ask and read. The engines work in compiled code that lets other threads go on; what they have done so far
is written twice a second, and that is when they hear that nobody wants the answer any more.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

from django.db import close_old_connections

from riverchief.errors import BadInput, Fault, RiverchiefError
from riverchief_server.runs.actions import asked, fail, finish, new_worker, take_up, tell
from riverchief_server.runs.kinds import KINDS, Stopped
from riverchief_server.runs.models import Run

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
TELL_EVERY_S = 0.5


def work_off(worker: str | None = None) -> int:
    """Compute whatever waits; return how many runs were taken up."""
    name, taken = worker or new_worker(), 0
    while (run := take_up(name, datetime.now(UTC))) is not None:
        taken += 1
        compute(run, name)
    return taken


def compute(run: Run, worker: str) -> None:
    """Compute one run that ``worker`` has taken up, and write its answer or why there is none."""
    told = time.monotonic()

    def how_far(share: float) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY_S:
            told = time.monotonic()
            tell(run, worker, share, datetime.now(UTC))

    try:
        answer = KINDS[run.kind](run.inputs, run.seed, how_far)
    except Stopped:
        log.info("run %s was stopped", run.uuid)
    except BadInput as refused:
        fail(run, worker, refused.faults, datetime.now(UTC))
    except RiverchiefError as refused:
        fail(run, worker, [Fault("run_failed", details={"given": refused.text("en")})], datetime.now(UTC))
    except Exception:
        log.exception("run %s failed", run.uuid)
        fail(run, worker, [Fault("run_failed")], datetime.now(UTC))
    else:
        finish(run, worker, answer, datetime.now(UTC))


def run_for_ever(stop: threading.Event) -> None:
    """Compute until ``stop`` is set, at once when this process asks and within a second when another does."""
    worker = new_worker()
    while not stop.is_set():
        asked.wait(LOOK_EVERY_S)
        asked.clear()
        try:
            work_off(worker)
        except Exception:
            log.exception("looking for runs failed; it will look again in %s s", LOOK_EVERY_S)
            stop.wait(LOOK_EVERY_S)
        finally:
            close_old_connections()


def beside(stop: threading.Event) -> threading.Thread:
    """Start :func:`run_for_ever` in a thread of this process."""
    thread = threading.Thread(target=run_for_ever, args=(stop,), name="computing", daemon=True)
    thread.start()
    return thread
