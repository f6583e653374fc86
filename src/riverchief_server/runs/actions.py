"""Changes of runs: asked, taken up, told how far, done, failed, cancelled. Each is one guarded step of the row.

Several processes may look for work: a run is taken up by changing it from the state it was seen in, so only one
succeeds. One whose worker died (kill -9, power) is taken up again from its stored inputs, at most ``MOST_ATTEMPTS``
times: a run that kills its worker must not do so for ever.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from riverchief import __version__
from riverchief.errors import BadInput, Conflict, Fault
from riverchief_server.parties.models import Account
from riverchief_server.runs.kinds import Stopped
from riverchief_server.runs.models import CANCELLED, DONE, FAILED, RUNNING, WAITING, Result, Run
from riverchief_server.runs.permissions import may_ask, may_stop, need
from riverchief_server.runs.queries import fingerprint

#: A worker that has not been heard of for so long is taken for dead.
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
MOST_WAITING = 6

#: Set when this process has asked for a run: the worker beside it need not wait for its next look.
asked = threading.Event()
_PROCESS = secrets.token_hex(4)


@dataclass(frozen=True)
class NewRun:
    """A question. ``uuid`` is the asker's own: asking twice asks once."""

    uuid: UUID
    kind: str
    inputs: Mapping[str, Any]
    seed: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)
    repeats: Run | None = None


def ask(new: NewRun, by: Account | None, now: datetime) -> tuple[Run, bool]:
    """Put a run in the queue; the same ``uuid`` again gives the run that is there and ``False``.

    Raises ``not_allowed``, ``duplicate`` where somebody else used the ``uuid``, and ``too_many_runs``.
    """
    need(by, by is None or may_ask(by))
    with transaction.atomic():
        if by is not None:
            Account.objects.select_for_update().get(pk=by.pk)  # two requests at once count each other
        there = Run.objects.filter(uuid=new.uuid).first()
        if there is not None:
            if there.asked_by_id != (by.pk if by else None) or there.kind != new.kind:
                raise BadInput([Fault("duplicate", column="uuid", details={"given": str(new.uuid), "allowed": "uuid"})])
            return there, False
        if by is not None and Run.objects.filter(asked_by=by, state__in=[WAITING, RUNNING]).count() >= MOST_WAITING:
            raise BadInput([Fault("too_many_runs", details={"allowed": str(MOST_WAITING)})])
        run = Run(
            uuid=new.uuid,
            kind=new.kind,
            inputs=dict(new.inputs),
            seed=new.seed,
            fingerprint=fingerprint([new.kind, new.inputs, new.seed]),
            summary=dict(new.summary),
            asked_by=by,
            asked_at=now,
            repeats=new.repeats,
        )
        run.save()
    transaction.on_commit(asked.set)
    return run, True


def repeat(run: Run, uuid: UUID, by: Account | None, now: datetime) -> tuple[Run, bool]:
    """Ask the same again, with the stored inputs and seed: the answer must be the same to the last digit."""
    stored = Run.objects.get(pk=run.pk)
    return ask(NewRun(uuid, stored.kind, stored.inputs, stored.seed, stored.summary, stored), by, now)


def cancel(run: Run, by: Account | None, now: datetime) -> Run:
    """Stop it; cancelled again it stays cancelled. Raises ``not_allowed``, and ``run_over`` where it has ended."""
    need(by, by is None or may_stop(by, run))
    changed = Run.objects.filter(pk=run.pk, state__in=[WAITING, RUNNING]).update(state=CANCELLED, ended_at=now)
    run.refresh_from_db(fields=["state", "ended_at", "progress"])
    if not changed and run.state != CANCELLED:
        raise Conflict(Fault("run_over"))
    return run


def new_worker() -> str:
    """A name for whoever computes, from which others on this machine can tell whether it still lives."""
    return f"{socket.gethostname()[:60]} {os.getpid()} {_PROCESS} {secrets.token_hex(4)}"


def take_up(worker: str, now: datetime) -> Run | None:
    """The next run, now this worker's; ``None`` where nothing waits."""
    orphans = [
        run
        for run in Run.objects.filter(state=RUNNING).defer("inputs").order_by("asked_at", "id")
        if run.seen_at is None or now - run.seen_at > LEASE or _is_dead(run.worker)
    ]
    waiting = Run.objects.filter(state=WAITING).defer("inputs").order_by("asked_at", "id")[:8]
    for run in (*orphans, *waiting):
        as_seen = Run.objects.filter(pk=run.pk, state=run.state, attempts=run.attempts)
        if run.attempts >= MOST_ATTEMPTS:
            fault = {"kind": "run_interrupted", "details": {"count": str(run.attempts)}}
            as_seen.update(state=FAILED, failure=[fault], ended_at=now)
        elif as_seen.update(
            state=RUNNING,
            worker=worker,
            attempts=run.attempts + 1,
            version=__version__,
            progress=0.0,
            began_at=now,
            seen_at=now,
        ):
            return Run.objects.get(pk=run.pk)
    return None


def tell(run: Run, worker: str, progress: float, now: datetime) -> None:
    """Say how far it is and that the worker lives; raises :class:`Stopped` where the run is no longer this worker's."""
    if not _own(run, worker).update(progress=min(max(progress, 0.0), 1.0), seen_at=now):
        raise Stopped


def finish(run: Run, worker: str, content: Mapping[str, Any], now: datetime) -> bool:
    """Write the answer, once; ``False`` where the run is no longer this worker's, whose answer is then dropped.

    What the answer says under ``summary`` joins the run's own: lists show it without reading the answer.
    """
    try:
        with transaction.atomic():
            told = {**run.summary, **content.get("summary", {})}
            if not _own(run, worker).update(state=DONE, progress=1.0, summary=told, ended_at=now, seen_at=now):
                return False
            Result.objects.create(run=run, content=dict(content), sha256=fingerprint(content), made_at=now)
    except IntegrityError:
        return False
    return True


def fail(run: Run, worker: str, faults: Iterable[Fault], now: datetime) -> bool:
    """Write why there is no answer."""
    told = [
        {name: value for name, value in vars(fault).items() if value not in (None, {})}
        | {"details": dict(fault.details)}
        for fault in faults
    ]
    return bool(_own(run, worker).update(state=FAILED, failure=told, ended_at=now, seen_at=now))


def _own(run: Run, worker: str):  # type: ignore[no-untyped-def]
    return Run.objects.filter(pk=run.pk, state=RUNNING, worker=worker)


def _is_dead(worker: str) -> bool:
    """Whether ``worker``'s process ran on this machine and is gone; False where nobody can tell."""
    host, pid, process = [*worker.split(), "", "", ""][:3]
    if os.name != "posix" or host != socket.gethostname()[:60] or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return process != _PROCESS
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
